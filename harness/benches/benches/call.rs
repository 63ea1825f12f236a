//! An instance made, `wasi:cli/run` called in it with its output thrown away,
//! and dropped: wall nanoseconds per call. A command cannot be entered twice
//! (wasi:cli 0.2), so there is no call without an instance.

fn main() {
    let operation = assay_wire::worker::Operation::Call;
    assay_benches::engine_benches("call", operation, &["cli/hello"]);
}
