//! `assay`: conformance and performance of WASI components, everywhere, next
//! to the same programs in containers.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay_cli::main()
}
