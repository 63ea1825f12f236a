//! `cold_start` in nanoseconds: from before the spawn to the read of the first
//! byte of stdout, for the same program as a native process, as a component in
//! a fresh process, and as a native process in a container.

fn main() {
    assay_benches::container_benches("container", "cli/hello");
}
