//! The Wasmtime arms: fresh processes around the runners, and resident engines
//! in a worker.

mod common;
mod engine;
mod fresh;
mod resident;

pub use crate::worker::Worker;
pub use fresh::{Fresh, aot, jit};
pub use resident::Resident;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::Arm;
    use assay_model::ArmKind;

    #[test]
    fn literal_ids_are_ids() {
        for arm in Resident::all(7) {
            assert_eq!(arm.facts().engine.as_str(), "wasmtime");
            assert_eq!(arm.facts().kind, ArmKind::WasmResident);
        }
        for arm in [aot(), jit()] {
            assert_eq!(arm.facts().engine.as_str(), "wasmtime");
            assert_eq!(arm.facts().kind, ArmKind::WasmProcess);
        }
    }
}
