//! Puts generated text into documents, between markers that stay:
//! `<!-- assay:NAME -->` and `<!-- /assay:NAME -->`, each on a line of its own.

/// Why a document was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// A marker is missing.
    #[error("missing line '{0}'")]
    Missing(String),
    /// The end stands before the beginning.
    #[error("'{0}' comes before its start marker")]
    Reversed(String),
}

/// The document with everything between the markers of `name` replaced.
///
/// # Errors
/// When a marker is missing or the two are in the wrong order.
pub fn splice(document: &str, name: &str, content: &str) -> Result<String, SpliceError> {
    let (begin, end) = (
        format!("<!-- assay:{name} -->"),
        format!("<!-- /assay:{name} -->"),
    );
    let lines: Vec<&str> = document.lines().collect();
    let find = |marker: &String| {
        let place = lines.iter().position(|line| line.trim() == marker);
        place.ok_or_else(|| SpliceError::Missing(marker.clone()))
    };
    let (from, to) = (find(&begin)?, find(&end)?);
    let (Some(before), Some(after)) = (lines.get(..=from), lines.get(to..)) else {
        return Err(SpliceError::Reversed(end));
    };
    if from > to {
        return Err(SpliceError::Reversed(end));
    }
    let parts = [
        before.join("\n"),
        content.trim_end().to_owned(),
        after.join("\n"),
    ];
    Ok(parts.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# a\n<!-- assay:table -->\nold\n<!-- /assay:table -->\nz\n";

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let once = splice(PAGE, "table", "new\n").unwrap();
        assert_eq!(
            once,
            "# a\n<!-- assay:table -->\nnew\n<!-- /assay:table -->\nz\n"
        );
        assert_eq!(splice(&once, "table", "new\n").unwrap(), once);
    }

    #[test]
    fn a_missing_marker_is_named() {
        let error = splice(PAGE, "chart", "").unwrap_err();
        assert!(error.to_string().contains("assay:chart"));
        let reversed = "<!-- /assay:x -->\n<!-- assay:x -->\n";
        assert!(matches!(
            splice(reversed, "x", ""),
            Err(SpliceError::Reversed(_))
        ));
    }
}
