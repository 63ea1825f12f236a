//! Store and WASI context created, component instantiated, all of it dropped:
//! wall nanoseconds per instance in a resident engine.

fn main() {
    let operation = assay_wire::worker::Operation::Instantiate;
    assay_benches::engine_benches("instantiate", operation, &["cli/hello"]);
}
