//! Interface coverage, as the template wants it.

use crate::analyse::Analysis;

/// One interface.
pub(super) struct InterfaceView {
    pub id: String,
    pub interface: String,
    pub called: usize,
    pub all: usize,
    pub cases: u64,
    pub uncalled: String,
    pub functions: Vec<(String, u64)>,
}

/// The section.
pub(super) struct CoverageView {
    pub called: usize,
    pub all: usize,
    pub interfaces: Vec<InterfaceView>,
}

impl CoverageView {
    pub(super) fn of(analysis: &Analysis<'_>) -> Self {
        let interfaces: Vec<InterfaceView> = analysis
            .coverage
            .iter()
            .map(|row| InterfaceView {
                id: row.anchor(),
                interface: row.interface.clone(),
                called: row.called(),
                all: row.functions.len(),
                cases: row.cases(),
                uncalled: row.uncalled().join(", "),
                functions: row
                    .functions
                    .iter()
                    .map(|f| (f.function.clone(), f.cases))
                    .collect(),
            })
            .collect();
        Self {
            called: interfaces.iter().map(|i| i.called).sum(),
            all: interfaces.iter().map(|i| i.all).sum(),
            interfaces,
        }
    }
}
