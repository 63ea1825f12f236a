//! Compiles the C sources, the same files that the components are made of.

use std::env;

fn main() {
    // There is no twin to build for a Wasm target.
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        return;
    }
    for name in ["hello", "json_api"] {
        let file = format!("../../sources/c/{name}.c");
        println!("cargo::rerun-if-changed={file}");
        cc::Build::new()
            .file(file)
            .std("c11")
            .flag_if_supported("-Wall")
            .flag_if_supported("-Wextra")
            .compile(&format!("assay_{name}"));
    }
    println!("cargo::rerun-if-changed=../../sources/c/json_api.h");
}
