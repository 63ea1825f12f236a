//! Criterion front-ends for cargo bench.
