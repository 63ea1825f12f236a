//! Guest programs for wasi:cli and their native twins, from one source.
