//! Choosing cases by name or glob.

use assay_model::CaseId;

use crate::catalog::{Catalog, Selected};
use crate::nearest::hint;

/// Why nothing was chosen. The two differ in their exit code: a name that does
/// not exist is a mistake in the command, a glob without a match is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A literal name that no workload and no case has.
    #[error("unknown workload '{name}': {hint}")]
    UnknownName {
        /// The name.
        name: String,
        /// The nearest known name, or all of them.
        hint: String,
    },
    /// A glob that matches nothing.
    #[error("no workload matches '{glob}'; `assay list` shows them all")]
    NoMatch {
        /// The glob.
        glob: String,
    },
}

impl Catalog {
    /// The cases that any of `patterns` names, in the order of the catalog and
    /// each once; all of them if there is no pattern.
    ///
    /// A pattern is a workload (`cli/exit`: all of its cases), a case
    /// (`cli/exit#trap`), or a glob over cases, in which `*` stands for any
    /// characters (also `/` and `#`) and `?` for one.
    ///
    /// # Errors
    /// A literal name that does not exist, or a glob that matches nothing.
    pub fn select<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Vec<Selected<'_>>, SelectError> {
        for pattern in patterns.iter().map(AsRef::as_ref) {
            if self
                .cases()
                .any(|selected| matches(pattern, &selected.case.id))
            {
                continue;
            }
            if is_glob(pattern) {
                return Err(SelectError::NoMatch {
                    glob: pattern.to_owned(),
                });
            }
            let known: Vec<&str> = self
                .workloads()
                .iter()
                .map(|workload| workload.id.as_str())
                .chain(
                    self.cases()
                        .filter(|s| s.case.id.case().is_some())
                        .map(|s| s.case.id.as_str()),
                )
                .collect();
            return Err(SelectError::UnknownName {
                name: pattern.to_owned(),
                hint: hint(pattern, known.iter().copied()),
            });
        }
        let chosen =
            |id: &CaseId| patterns.is_empty() || patterns.iter().any(|p| matches(p.as_ref(), id));
        Ok(self
            .cases()
            .filter(|selected| chosen(&selected.case.id))
            .collect())
    }
}

/// Whether a pattern is a glob and not a literal name.
#[must_use]
pub fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// Whether a name matches a glob, in which `*` stands for any characters (also
/// separators) and `?` for one. Names are ASCII.
#[must_use]
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    glob(pattern.as_bytes(), name.as_bytes())
}

fn matches(pattern: &str, id: &CaseId) -> bool {
    if is_glob(pattern) {
        glob_matches(pattern, id.as_str())
    } else {
        pattern == id.as_str() || pattern == id.workload()
    }
}

/// Whether `text` matches; ids are ASCII, so bytes are characters. Remembers
/// the last `*` only, which is enough: an earlier one never has to give back
/// what a later one can take.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((star_p, star_t)) => {
                    star = Some((star_p, star_t + 1));
                    p = star_p + 1;
                    t = star_t + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("*", "cli/exit#trap", true),
            ("cli/*", "cli/exit#trap", true),
            ("*#trap", "cli/exit#trap", true),
            ("*/h*o", "http/hello", true),
            ("?li/hello", "cli/hello", true),
            ("http/*", "cli/hello", false),
            ("*hell", "cli/hello", false),
            ("cli/hello?", "cli/hello", false),
            ("*l*l*o**", "cli/hello", true),
        ] {
            assert_eq!(
                glob(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }
}
