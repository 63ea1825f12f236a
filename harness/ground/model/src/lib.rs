//! The nouns of the suite, as plain data.
//!
//! `catalog → plan → run → record → analyse → report`: each arrow is a type of
//! this crate, nothing flows backward, and nothing here knows the operating
//! system or an engine. The record's schema is documented in `SCHEMA.md`
//! beside this crate.

pub mod arm;
pub mod claim;
pub mod digest;
pub mod facts;
pub mod fingerprint;
pub mod id;
pub mod metric;
pub mod outcome;
pub mod plan;
pub mod purpose;
pub mod record;
pub mod sample;
pub mod selector;
pub mod state;
pub mod stop;
pub mod tree;
pub mod units;

pub use arm::{ArmReceipt, Availability};
pub use claim::{ClaimId, Verdict};
pub use digest::Digest;
pub use facts::{ArmClass, ArmFacts, ArmKind, InstanceUnit, Rank};
pub use id::{ArmId, CaseId, EngineName, IdError, RunId};
pub use metric::{Metric, Unit};
pub use outcome::{Difference, ExitClass, HttpOutcome, Outcome, StderrPolicy};
pub use plan::{Cell, ColdStartPlan, DensityPlan, LeftOut, Measure, MeasureSet, Plan, Profile};
pub use purpose::{Access, Compare, Per, Shows};
pub use record::{Manifest, Record, RecordError};
pub use sample::{OutcomeRow, Sample};
pub use selector::ArmSelector;
pub use state::State;
pub use stop::{Stop, Wall};
pub use tree::{Tree, TreeNode};
pub use units::{Bytes, Nanos, Ratio};
