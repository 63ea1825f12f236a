//! Which functions of the interfaces the verified cases call.

use assay_model::Manifest;
use assay_model::record::Covered;

use crate::anchor;

/// One interface with its functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceRow {
    /// `package/interface`.
    pub interface: String,
    /// Its functions by their own names, in the order of the record.
    pub functions: Vec<Covered>,
}

impl InterfaceRow {
    /// Functions that some case called.
    #[must_use]
    pub fn called(&self) -> usize {
        self.functions.iter().filter(|f| f.cases > 0).count()
    }

    /// Names of the functions that no case called.
    #[must_use]
    pub fn uncalled(&self) -> Vec<&str> {
        let uncalled = self.functions.iter().filter(|f| f.cases == 0);
        uncalled.map(|f| f.function.as_str()).collect()
    }

    /// Cases that call into the interface, at the least: those that call its
    /// most called function. The record counts per function, and one case may
    /// call several.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.functions.iter().map(|f| f.cases).max().unwrap_or(0)
    }

    /// The id of its row in the report.
    #[must_use]
    pub fn anchor(&self) -> String {
        anchor::row("coverage", &self.interface, "interface")
    }
}

pub(super) fn interfaces(manifest: &Manifest) -> Vec<InterfaceRow> {
    let mut rows: Vec<InterfaceRow> = Vec::new();
    for covered in &manifest.coverage {
        let (interface, function) = covered
            .function
            .split_once('#')
            .unwrap_or((&covered.function, ""));
        let function = Covered {
            function: function.to_owned(),
            cases: covered.cases,
        };
        match rows.iter_mut().find(|row| row.interface == interface) {
            Some(row) => row.functions.push(function),
            None => rows.push(InterfaceRow {
                interface: interface.to_owned(),
                functions: vec![function],
            }),
        }
    }
    rows
}
