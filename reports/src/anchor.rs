//! Ids of rows, so that a verdict can point at the figures it rests on.

use std::fmt::Display;

/// A link to a row of a data table of the report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowRef {
    /// The id of the row, without `#`.
    pub anchor: String,
    /// What the link says.
    pub label: String,
}

/// The id of the row that holds `what` of a workload on an arm, for example
/// `row-cold_start,cli/hello,native`.
///
/// Only characters that may stand in a URL fragment as they are (RFC 3986
/// §3.5), and different inputs give different ids: the parts hold neither
/// commas nor colons.
#[must_use]
pub fn row(what: impl Display, workload: impl Display, arm: impl Display) -> String {
    format!("row-{what},{workload},{arm}").replace('#', ":")
}

/// The id of the row of a case's component, with its size and SHA-256.
#[must_use]
pub fn component(case: impl Display) -> String {
    row("component", case, "pinned")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fragments() {
        let id = row("cold_start", "cli/exit#trap", "native~aa");
        assert_eq!(id, "row-cold_start,cli/exit:trap,native~aa");
        assert!(!id.contains(['#', ' ', '"', '%']));
    }
}
