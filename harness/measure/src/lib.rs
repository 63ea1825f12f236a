//! The readers of arms: conformance, cold start, footprint and density.
//!
//! Each takes its part of a [`assay_model::Plan`], asks arms for the lifecycle
//! it needs and hands rows to a [`Recorder`]. None knows which arms exist.

mod cell_result;
mod charged;
mod cold_start;
mod density;
mod footprint;
mod pace;
mod parts;
mod planner;
mod recorder;
mod run_case;
mod staged;
mod verify;

pub use cold_start::cold_start;
pub use density::density;
pub use footprint::footprint;
pub use planner::{Selection, plan};
pub use recorder::{Cancelled, MeasureError, Origin, Progress, Recorder};
pub use run_case::run_case;
pub use staged::Staged;
pub use verify::{Verdicts, verify};

use assay_arms::{Absent, Arm, ArmError, Lab, Prepared};
use assay_model::{ArmId, CaseId};
use assay_wire::launcher::HttpRequest;
use assay_workloads::{Case, Catalog, Message, Request, Workload};

/// The arms of a run, by id.
pub struct Arms<'a>(pub &'a [Box<dyn Arm>]);

impl Arms<'_> {
    /// The arm of a cell; an A/A twin is the same arm under another name.
    fn of(&self, id: &ArmId) -> Result<&dyn Arm, MeasureError> {
        let base = id.base();
        let arm = self.0.iter().find(|arm| *arm.id() == base);
        arm.map(AsRef::as_ref)
            .ok_or_else(|| MeasureError::UnknownArm(id.clone()))
    }

    /// A workload made ready, or why it is not.
    fn prepare(
        &self,
        lab: &mut Lab,
        arm: &ArmId,
        workload: &Workload,
    ) -> Result<Result<Box<dyn Prepared>, ArmError>, MeasureError> {
        let arm = self.of(arm)?;
        if let Some(reason) = &workload.beyond {
            return Ok(Err(Absent(reason.clone()).into()));
        }
        Ok(arm.prepare(lab, workload))
    }
}

/// What a server is asked where time or memory is taken: the first request of
/// its case, which has no peculiar client.
fn first_request<'r>(mut requests: impl Iterator<Item = &'r Request>) -> Option<HttpRequest> {
    match &requests.next()?.message {
        Message::Composed(composed) => Some(assay_arms::request(composed)),
        Message::Raw(_) => None,
    }
}

/// The definition behind a case's id.
fn definition<'c>(
    catalog: &'c Catalog,
    id: &CaseId,
) -> Result<(&'c Workload, &'c Case), MeasureError> {
    catalog
        .case(id.as_str())
        .map(|selected| (selected.workload, selected.case))
        .ok_or_else(|| MeasureError::UnknownCase(id.clone()))
}
