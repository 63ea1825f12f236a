//! Compiled code mapped from its file, checked and dropped: wall nanoseconds
//! per component, for a small one and the largest command of the fixed set.

fn main() {
    let operation = assay_wire::worker::Operation::Load;
    assay_benches::engine_benches("load", operation, &["cli/hello", "cli/files"]);
}
