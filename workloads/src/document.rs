//! TOML tables that know their place: every value can be traced to a line, and
//! a table refuses keys it does not have.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{DefinitionError, Problem};
use crate::nearest::hint;

/// One file: its name and its text.
#[derive(Debug)]
pub(crate) struct Document {
    file: PathBuf,
    text: String,
}

impl Document {
    pub(crate) fn new(file: PathBuf, text: String) -> Self {
        Self { file, text }
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1, of a byte offset.
    fn line(&self, offset: usize) -> usize {
        let before = self
            .text
            .as_bytes()
            .get(..offset)
            .unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn error(&self, span: &Range<usize>, problem: Problem) -> DefinitionError {
        DefinitionError {
            file: self.file.clone(),
            line: self.line(span.start),
            problem,
        }
    }

    pub(crate) fn parse(&self) -> Result<Spanned<DeTable<'_>>, DefinitionError> {
        DeTable::parse(&self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            self.error(&span, Problem::Syntax(error.message().to_owned()))
        })
    }
}

/// A table of a [`Document`], opened with the keys it may have.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    document: &'a Document,
    map: &'a DeTable<'a>,
    span: Range<usize>,
    name: String,
}

impl<'a> Table<'a> {
    /// The whole document as a table.
    pub(crate) fn root(
        document: &'a Document,
        parsed: &'a Spanned<DeTable<'a>>,
        name: &str,
        keys: &[&str],
    ) -> Result<Self, DefinitionError> {
        // The root's span is the whole file; its errors belong to line 1.
        Self {
            document,
            map: parsed.get_ref(),
            span: 0..0,
            name: name.to_owned(),
        }
        .checked(keys)
    }

    fn checked(self, keys: &[&str]) -> Result<Self, DefinitionError> {
        for key in self.map.keys() {
            let text: &str = key.get_ref();
            if !keys.contains(&text) {
                let problem = Problem::UnknownKey {
                    key: text.to_owned(),
                    table: self.name.clone(),
                    hint: hint(text, keys.iter().copied()),
                };
                return Err(self.document.error(&key.span(), problem));
            }
        }
        Ok(self)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `file:line` of the table, for messages about something else.
    pub(crate) fn place(&self) -> String {
        format!(
            "{}:{}",
            self.document.file.display(),
            self.document.line(self.span.start)
        )
    }

    /// An error about the table as a whole.
    pub(crate) fn error(&self, problem: impl Into<Problem>) -> DefinitionError {
        self.document.error(&self.span, problem.into())
    }

    /// An error about the value of `key`, or about the table if it has none.
    pub(crate) fn error_at(&self, key: &str, problem: impl Into<Problem>) -> DefinitionError {
        let span = self.get(key).map_or(self.span.clone(), Spanned::span);
        self.document.error(&span, problem.into())
    }

    pub(crate) fn bad(&self, key: &str, why: impl Into<String>) -> DefinitionError {
        self.error_at(
            key,
            Problem::BadValue {
                key: key.to_owned(),
                why: why.into(),
            },
        )
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.map
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The line of the value of `key`, or of the table if it has none.
    pub(crate) fn line_of(&self, key: &str) -> usize {
        let span = self.get(key).map_or(self.span.clone(), Spanned::span);
        self.document.line(span.start)
    }

    /// The keys in the order of the alphabet.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.map.keys().map(|key| &**key.get_ref())
    }

    fn wrong_type(&self, key: &str, expected: &'static str) -> DefinitionError {
        let found = self
            .get(key)
            .map_or("absent", |value| type_name(value.get_ref()));
        self.error_at(
            key,
            Problem::WrongType {
                key: key.to_owned(),
                expected,
                found,
            },
        )
    }

    fn missing(&self, key: &'static str) -> DefinitionError {
        self.error(Problem::MissingKey {
            key,
            table: self.name.clone(),
        })
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&'a str>, DefinitionError> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type(key, "a string")),
        }
    }

    pub(crate) fn required_text(&self, key: &'static str) -> Result<&'a str, DefinitionError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn number(&self, key: &str) -> Result<Option<u64>, DefinitionError> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Integer(number)) => u64::from_str_radix(number.as_str(), number.radix())
                .map(Some)
                .map_err(|_| self.wrong_type(key, "a whole number from 0 to 2^64 - 1")),
            Some(_) => Err(self.wrong_type(key, "a whole number")),
        }
    }

    pub(crate) fn required_number(&self, key: &'static str) -> Result<u64, DefinitionError> {
        self.number(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn boolean(&self, key: &str) -> Result<Option<bool>, DefinitionError> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Boolean(value)) => Ok(Some(*value)),
            Some(_) => Err(self.wrong_type(key, "true or false")),
        }
    }

    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&'a str>, DefinitionError> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let wrong = || self.wrong_type(key, "an array of strings");
        let DeValue::Array(array) = value.get_ref() else {
            return Err(wrong());
        };
        array
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::String(text) => Ok(&**text),
                _ => Err(wrong()),
            })
            .collect()
    }

    /// A name, or a list of names.
    pub(crate) fn names(&self, key: &str) -> Result<Vec<&'a str>, DefinitionError> {
        match self.get(key).map(Spanned::get_ref) {
            Some(DeValue::String(text)) => Ok(vec![&**text]),
            _ => self.texts(key),
        }
    }

    /// A table whose keys are free: an environment, headers, paths.
    pub(crate) fn free_table(&self, key: &str) -> Result<Option<Table<'a>>, DefinitionError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let DeValue::Table(map) = value.get_ref() else {
            return Err(self.wrong_type(key, "a table"));
        };
        Ok(Some(Table {
            document: self.document,
            map,
            span: value.span(),
            name: format!("{}.{key}", self.name),
        }))
    }

    pub(crate) fn table(
        &self,
        key: &str,
        keys: &[&str],
    ) -> Result<Option<Table<'a>>, DefinitionError> {
        self.free_table(key)?
            .map(|table| table.checked(keys))
            .transpose()
    }

    pub(crate) fn required_table(
        &self,
        key: &'static str,
        keys: &[&str],
    ) -> Result<Table<'a>, DefinitionError> {
        self.table(key, keys)?.ok_or_else(|| self.missing(key))
    }

    /// The tables of an array of tables, `[[key]]`.
    pub(crate) fn tables(
        &self,
        key: &str,
        keys: &[&str],
    ) -> Result<Vec<Table<'a>>, DefinitionError> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let wrong = || self.wrong_type(key, "an array of tables");
        let DeValue::Array(array) = value.get_ref() else {
            return Err(wrong());
        };
        let several = array.len() > 1;
        let mut tables = Vec::with_capacity(array.len());
        for (index, item) in array.iter().enumerate() {
            let DeValue::Table(map) = item.get_ref() else {
                return Err(wrong());
            };
            let position = if several {
                format!("[{index}]")
            } else {
                String::new()
            };
            let table = Table {
                document: self.document,
                map,
                span: item.span(),
                name: format!("{}.{key}{position}", self.name),
            };
            tables.push(table.checked(keys)?);
        }
        Ok(tables)
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
