//! The conformance grid as JUnit XML, for systems that show test results.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use assay_model::State;

use crate::ReportError;
use crate::analyse::{Analysis, CellState, GridCell};

/// One suite per workload and architecture, one case per arm. A planned cell
/// without a row is a failure; unsupported and skipped cells are skipped.
///
/// # Errors
/// When the XML cannot be encoded.
pub fn render(analysis: &Analysis<'_>) -> Result<String, ReportError> {
    let mut report = Report::new("assay");
    for row in &analysis.grid.rows {
        let emulated = if row.emulated { ", emulated" } else { "" };
        let mut suite = TestSuite::new(format!("{} ({}{emulated})", row.workload, row.arch));
        for cell in &row.cells {
            if let Some(status) = status(cell) {
                let mut case = TestCase::new(cell.arm.to_string(), status);
                case.set_classname(row.workload.to_string());
                suite.add_test_case(case);
            }
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| ReportError::Encode {
        format: "junit",
        message: error.to_string(),
    })
}

fn status(cell: &GridCell) -> Option<TestCaseStatus> {
    let fail = |kind, name: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(name).set_message(cell.detail.clone());
        status
    };
    Some(match cell.state {
        CellState::NotPlanned => return None,
        CellState::Missing => fail(NonSuccessKind::Failure, "missing"),
        CellState::Known(state) => match state {
            State::Pass => TestCaseStatus::success(),
            State::Fail | State::UnexpectedPass => fail(NonSuccessKind::Failure, state.as_str()),
            State::Crash | State::Timeout => fail(NonSuccessKind::Error, state.as_str()),
            State::Unsupported | State::Skipped | State::ExpectedFail => {
                let mut status = TestCaseStatus::skipped();
                status
                    .set_type(state.as_str())
                    .set_message(cell.detail.clone());
                status
            }
        },
    })
}
