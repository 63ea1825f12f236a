//! The rows of a record's CSV files.

use crate::id::{ArmId, CaseId, RunId};
use crate::metric::{Metric, Unit};
use crate::state::State;
use serde::{Deserialize, Serialize, Serializer};

/// One measured value of one launch: a row of `samples.csv`. Raw, never
/// dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The run.
    pub run_id: RunId,
    /// Architecture the program ran for, as Rust names it: `x86_64`.
    pub arch: String,
    /// Whether an emulator ran it; such timings are never charted or gated.
    pub emulated: bool,
    /// The case.
    pub workload: CaseId,
    /// The arm.
    pub arm: ArmId,
    /// What was measured.
    pub metric: Metric,
    /// The unit of `value`.
    #[serde(with = "unit_name")]
    pub unit: Unit,
    /// The value.
    #[serde(serialize_with = "shortest")]
    pub value: f64,
    /// The block of the plan; 0-based, warm-up blocks first.
    pub block: u32,
    /// Position of the launch within the whole measure, 0-based. Stamps of one
    /// launch share `block` and `seq`.
    pub seq: u32,
    /// Whether it belongs to a warm-up block, which is kept but not analysed.
    pub warmup: bool,
    /// False when the stamps of the launch are out of order or its outcome was
    /// wrong: kept, shown, not analysed.
    pub valid: bool,
    /// On the summary rows of a density run, its [`crate::Stop`]; else the reason
    /// of an invalid row, or the point of a memory reading.
    pub note: String,
}

/// One cell of the conformance grid: a row of `outcomes.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeRow {
    /// The run.
    pub run_id: RunId,
    /// Architecture.
    pub arch: String,
    /// Whether an emulator ran it.
    pub emulated: bool,
    /// The case.
    pub workload: CaseId,
    /// The arm.
    pub arm: ArmId,
    /// What verification says.
    pub state: State,
    /// SHA-256 of the canonical outcome; empty where there was none.
    pub digest: String,
    /// SHA-256 of the expected canonical outcome.
    pub expected: String,
    /// The first difference, or the reason of any other state.
    pub detail: String,
}

/// Whole numbers without a trailing `.0`, so that the CSV reads as counted.
fn shortest<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    // 2^53: up to here every whole f64 is exact.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}

mod unit_name {
    use super::Unit;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(unit.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unit, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "ns" => Ok(Unit::Ns),
            "bytes" => Ok(Unit::Bytes),
            "count" => Ok(Unit::Count),
            other => Err(serde::de::Error::custom(format!(
                "'{other}' is not a unit (ns, bytes, count)"
            ))),
        }
    }
}
