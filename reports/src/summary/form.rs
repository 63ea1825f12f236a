//! How a summary is written.

/// The form of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for a terminal.
    Table,
    /// One JSON object; times in ns, sizes in bytes.
    Json,
    /// One CSV table; the column `kind` tells cells, claims and skipped arms
    /// apart.
    Csv,
    /// Markdown.
    Md,
}

/// Whether a table may hold terminal colours. The caller decides: a terminal
/// is there, and `NO_COLOR` is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Plain,
    /// ANSI escapes.
    Ansi,
}

impl From<bool> for Color {
    fn from(wanted: bool) -> Self {
        if wanted { Color::Ansi } else { Color::Plain }
    }
}

/// How much of it a table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// A screen: classes of arms, a line per claim, what is missing.
    Short,
    /// Every cell with a figure, every sentence of every claim.
    All,
}

/// How a summary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// In which format.
    pub format: Format,
    /// In colours or without; tables alone have any.
    pub color: Color,
    /// How much; the formats for programs and Markdown hold all.
    pub detail: Detail,
}
