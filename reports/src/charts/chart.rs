//! What every chart is drawn as.

/// A drawn chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// A name for files and ids: `cold-start`.
    pub id: &'static str,
    /// The heading.
    pub title: String,
    /// What is shown, defined.
    pub subtitle: String,
    /// What to bear in mind: kinds that do not compare, rows left out.
    pub caption: String,
    /// The drawing: an `<svg>` element whose colours are CSS variables.
    pub svg: String,
    /// Width of the drawing's view box.
    pub width: u32,
    /// Height of the drawing's view box.
    pub height: u32,
}
