//! Files that are read by serde, with errors that know their place: every one
//! has a file and a line, and a wrong name is answered with the nearest one.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{DefinitionError, Problem};
use crate::nearest::hint;

/// The version of the format that this crate reads: of definitions, of the lock
/// and of `catalog.toml`.
const SCHEMA: u64 = 1;

/// What `[measure]` may come to ask for. It is refused by name, because a
/// request that nothing answers must not look granted.
const NOT_YET: [&str; 2] = ["throughput", "server"];

/// One file: its name and its text.
#[derive(Debug)]
pub(crate) struct Document {
    file: PathBuf,
    text: String,
    what: &'static str,
}

/// Something wrong that serde could not see, and where.
#[derive(Debug)]
pub(crate) struct Wrong {
    span: Range<usize>,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Value(String),
    Name {
        kind: &'static str,
        name: String,
        hint: String,
    },
    Missing(&'static str),
    NoSource,
    Duplicate {
        id: String,
        first: Range<usize>,
    },
}

impl Wrong {
    fn new(span: &Range<usize>, cause: Cause) -> Self {
        Self {
            span: span.clone(),
            cause,
        }
    }

    /// The value at `span` cannot be right.
    pub(crate) fn value(span: &Range<usize>, why: impl Into<String>) -> Self {
        Self::new(span, Cause::Value(why.into()))
    }

    /// Nothing has the name at `span`.
    pub(crate) fn name<'a>(
        kind: &'static str,
        name: &Spanned<String>,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let (span, name) = (name.span(), name.get_ref().clone());
        let hint = hint(&name, known);
        Self::new(&span, Cause::Name { kind, name, hint })
    }

    /// The table at `span` lacks a key.
    pub(crate) fn missing(span: &Range<usize>, key: &'static str) -> Self {
        Self::new(span, Cause::Missing(key))
    }

    /// The expectation at `span` does not say where it comes from.
    pub(crate) fn no_source(span: &Range<usize>) -> Self {
        Self::new(span, Cause::NoSource)
    }

    /// The id at `span` is that of what stands at `first`.
    pub(crate) fn duplicate(span: &Range<usize>, id: String, first: Range<usize>) -> Self {
        Self::new(span, Cause::Duplicate { id, first })
    }
}

impl Document {
    /// A file that messages call `what`: "the definition".
    pub(crate) fn new(file: PathBuf, text: String, what: &'static str) -> Self {
        Self { file, text, what }
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1, of a byte offset.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start);
        let before = before.unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn error(&self, span: &Range<usize>, problem: Problem) -> DefinitionError {
        DefinitionError {
            file: self.file.clone(),
            line: self.line(span),
            problem,
        }
    }

    /// Reads the whole file, whose `schema` is looked at first: a file of
    /// another version may have any keys.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, DefinitionError> {
        let table = self.parse()?;
        let mut entries = table.get_ref().iter();
        if let Some((_, value)) = entries.find(|(key, _)| key.get_ref() == "schema")
            && let DeValue::Integer(number) = value.get_ref()
            && let Ok(found) = u64::from_str_radix(number.as_str(), number.radix())
            && found != SCHEMA
        {
            let known = SCHEMA;
            return Err(self.error(&value.span(), Problem::Schema { found, known }));
        }
        T::deserialize(toml::Deserializer::from(table)).map_err(|error| self.explain(&error))
    }

    fn parse(&self) -> Result<Spanned<DeTable<'_>>, DefinitionError> {
        DeTable::parse(&self.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            self.error(&span, Problem::Syntax(error.message().to_owned()))
        })
    }

    /// An error of serde in the words of this crate.
    fn explain(&self, error: &toml::de::Error) -> DefinitionError {
        let span = error.span().unwrap_or_default();
        let location = self.locate(&span);
        let message = error.message();
        let problem = if let Some((name, known)) = refused(message) {
            if location.is_in("measure") && NOT_YET.contains(&name) {
                Problem::NotYet(name.to_owned())
            } else {
                let hint = hint(name, known.iter().copied());
                match location.is_key {
                    true => Problem::UnknownKey {
                        key: name.to_owned(),
                        table: location.table(),
                        hint,
                    },
                    false => Problem::UnknownName {
                        kind: location.key(),
                        name: name.to_owned(),
                        hint,
                    },
                }
            }
        } else if let Some(key) = message.strip_prefix("missing field `") {
            Problem::MissingKey {
                key: key.trim_end_matches('`').to_owned(),
                table: location.whole(),
            }
        } else {
            Problem::BadValue {
                key: location.key(),
                why: plain(message),
            }
        };
        self.error(&span, problem)
    }

    /// What was found wrong after reading, as an error of this file.
    pub(crate) fn wrong(&self, wrong: Wrong) -> DefinitionError {
        let Wrong { span, cause } = wrong;
        let location = self.locate(&span);
        let problem = match cause {
            Cause::Value(why) => Problem::BadValue {
                key: location.key(),
                why,
            },
            Cause::Name { kind, name, hint } => Problem::UnknownName {
                kind: kind.to_owned(),
                name,
                hint,
            },
            Cause::Missing(key) => Problem::MissingKey {
                key: key.to_owned(),
                table: location.whole(),
            },
            Cause::NoSource => Problem::MissingSource {
                table: location.whole(),
            },
            Cause::Duplicate { id, first } => Problem::DuplicateId {
                id,
                other: format!("{}:{}", self.file.display(), self.line(&first)),
            },
        };
        self.error(&span, problem)
    }

    /// What stands at `span`. The file is parsed again, as errors are rare.
    fn locate(&self, span: &Range<usize>) -> Location {
        let mut path = vec![self.what.to_owned()];
        let is_key = DeTable::parse(&self.text)
            .ok()
            .and_then(|table| find(table.get_ref(), span, &mut path));
        Location {
            path,
            is_key: is_key.unwrap_or(false),
        }
    }
}

/// A key or value of a document: the names above it, and its own.
struct Location {
    path: Vec<String>,
    is_key: bool,
}

impl Location {
    fn whole(&self) -> String {
        self.path.join(".")
    }

    /// The table that it stands in.
    fn table(&self) -> String {
        let parents = self.path.len().saturating_sub(1).max(1);
        self.path[..parents].join(".")
    }

    /// Its key, without the position in an array.
    fn key(&self) -> String {
        let last = self.path.last().map_or("", String::as_str);
        last.split('[').next().unwrap_or_default().to_owned()
    }

    /// Whether it belongs to this table of the file.
    fn is_in(&self, table: &str) -> bool {
        self.path.len() > 2 && self.path[1] == table
    }
}

/// Extends `path` to the key (true) or value (false) that has this span.
fn find(table: &DeTable<'_>, span: &Range<usize>, path: &mut Vec<String>) -> Option<bool> {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        let found = match key.span() == *span {
            true => Some(true),
            false => find_in(value, span, path),
        };
        if found.is_some() {
            return found;
        }
        path.pop();
    }
    None
}

fn find_in(
    value: &Spanned<DeValue<'_>>,
    span: &Range<usize>,
    path: &mut Vec<String>,
) -> Option<bool> {
    let inside = match value.get_ref() {
        DeValue::Table(table) => find(table, span, path),
        DeValue::Array(items) => {
            let name = path.pop().unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                path.push(match items.len() {
                    1 => name.clone(),
                    _ => format!("{name}[{index}]"),
                });
                let found = find_in(item, span, path);
                if found.is_some() {
                    return found;
                }
                path.pop();
            }
            path.push(name);
            None
        }
        _ => None,
    };
    inside.or_else(|| (value.span() == *span).then_some(false))
}

/// The name that was refused, and those that are known. Errors keep neither, so
/// they are taken from the words of `serde::de::Error::unknown_field` and
/// `unknown_variant`, and of toml where it comes first; tests notice if these
/// change.
fn refused(message: &str) -> Option<(&str, Vec<&str>)> {
    if let Some(rest) = message.strip_prefix("unexpected keys in table: ") {
        let (names, known) = rest.split_once(", available keys: ")?;
        return Some((names.split(", ").next()?, known.split(", ").collect()));
    }
    let rest = message
        .strip_prefix("unknown field `")
        .or_else(|| message.strip_prefix("unknown variant `"))?;
    let (name, known) = rest.split_once("`, ")?;
    Some((name, known.split('`').skip(1).step_by(2).collect()))
}

/// A message of serde or toml without the types of Rust, which say nothing to
/// the author of a file.
fn plain(message: &str) -> String {
    if message.starts_with("wanted exactly 1 element") {
        return "must have exactly one key".to_owned();
    }
    let Some((found, expected)) = message.split_once(", expected ") else {
        return message.trim_end().to_owned();
    };
    let expected = match expected {
        "u16" | "u64" | "usize" => "a whole number",
        "a nonzero u64" | "a nonzero usize" => "a whole number above 0",
        "a boolean" => "true or false",
        _ if expected.starts_with("struct ") => "a table",
        _ => expected,
    };
    format!("{found}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::refused;
    use serde::de::Error as _;
    use toml::de::Error;

    #[test]
    fn the_names_in_errors_of_serde_are_found() {
        for known in [&["a", "b-c", "d"][..], &["a", "b"], &["a"]] {
            let known: &'static [&'static str] = known.to_vec().leak();
            let field = Error::unknown_field("no", known);
            assert_eq!(refused(field.message()), Some(("no", known.to_vec())));
            let variant = Error::unknown_variant("no", known);
            assert_eq!(refused(variant.message()), Some(("no", known.to_vec())));
        }
        assert_eq!(refused("invalid type: a, expected `b`"), None);
    }
}
