//! Values that several tables have: content, trees, fields.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::content::Content;
use crate::document::Table;
use crate::error::DefinitionError;
use crate::exchange::Field;
use crate::files::{FileNode, FileTree};

const CONTENT_KEYS: [&str; 4] = ["text", "hex", "file", "generate"];
const GENERATORS: [&str; 1] = ["chacha8"];

/// The content under `key`: `{ text = "…" }`, `{ hex = "…" }`,
/// `{ file = "…" }` or `{ generate = { … } }`.
pub(super) fn content(
    table: &Table<'_>,
    key: &str,
    fixtures: &Path,
) -> Result<Option<Content>, DefinitionError> {
    table
        .table(key, &CONTENT_KEYS)?
        .map(|value| content_of(&value, fixtures))
        .transpose()
}

/// The table of contents under `key`, by name.
pub(super) fn contents(
    table: &Table<'_>,
    key: &str,
    fixtures: &Path,
) -> Result<BTreeMap<String, Content>, DefinitionError> {
    let mut contents = BTreeMap::new();
    let Some(entries) = table.free_table(key)? else {
        return Ok(contents);
    };
    for name in entries.keys() {
        if let Some(content) = content(&entries, name, fixtures)? {
            contents.insert(name.to_owned(), content);
        }
    }
    Ok(contents)
}

fn content_of(value: &Table<'_>, fixtures: &Path) -> Result<Content, DefinitionError> {
    let given: Vec<&str> = CONTENT_KEYS
        .into_iter()
        .filter(|key| value.has(key))
        .collect();
    let [kind] = given.as_slice() else {
        return Err(value.bad(
            value.name(),
            "needs exactly one of text, hex, file and generate",
        ));
    };
    match *kind {
        "text" => Ok(Content::from_bytes(value.required_text("text")?)),
        "hex" => hex::decode(value.required_text("hex")?)
            .map(Content::from_bytes)
            .map_err(|error| value.bad("hex", error.to_string())),
        "file" => {
            let name = value.required_text("file")?;
            let path = fixtures.join(name);
            fs::read(&path).map(Content::from_bytes).map_err(|error| {
                value.bad("file", format!("cannot read {}: {error}", path.display()))
            })
        }
        _ => generated(value),
    }
}

fn generated(value: &Table<'_>) -> Result<Content, DefinitionError> {
    let recipe = value.required_table("generate", &["kind", "seed", "bytes"])?;
    super::one_of(
        &recipe,
        "kind",
        "generator",
        GENERATORS.map(|name| (name, ())),
    )?;
    let bytes = recipe.required_number("bytes")?;
    let bytes = usize::try_from(bytes)
        .map_err(|_| recipe.bad("bytes", "does not fit in this machine's memory"))?;
    Ok(Content::chacha8(recipe.required_number("seed")?, bytes))
}

/// The tree under `key`: paths to content, `{ symlink = "…" }` or
/// `{ directory = true }`.
pub(super) fn tree(
    table: &Table<'_>,
    key: &str,
    fixtures: &Path,
) -> Result<Option<FileTree>, DefinitionError> {
    let Some(entries) = table.free_table(key)? else {
        return Ok(None);
    };
    let mut tree = FileTree::default();
    for path in entries.keys() {
        let keys = ["text", "hex", "file", "generate", "symlink", "directory"];
        let Some(entry) = entries.table(path, &keys)? else {
            continue;
        };
        let node = if entry.has("symlink") || entry.has("directory") {
            if entry.keys().count() != 1 {
                return Err(entries.bad(path, "an entry must be a file, a symlink or a directory"));
            }
            match (entry.text("symlink")?, entry.boolean("directory")?) {
                (Some(target), _) => FileNode::Symlink(target.to_owned()),
                (None, Some(true)) => FileNode::Directory,
                _ => {
                    return Err(
                        entries.bad(path, "directory = false has no effect; leave out the entry")
                    );
                }
            }
        } else {
            FileNode::File(content_of(&entry, fixtures)?)
        };
        tree.insert(path, node)
            .map_err(|why| entries.bad(path, why))?;
    }
    Ok(Some(tree))
}

/// The table of strings under `key`, in the order of its keys.
pub(super) fn pairs(
    table: &Table<'_>,
    key: &str,
) -> Result<Vec<(String, String)>, DefinitionError> {
    let Some(entries) = table.free_table(key)? else {
        return Ok(Vec::new());
    };
    let mut pairs = Vec::new();
    for name in entries.keys() {
        if let Some(value) = entries.text(name)? {
            pairs.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(pairs)
}

/// The fields under `key`: names are lower-case tokens, a value is a string or
/// content, or an array of strings for a field that comes several times.
pub(super) fn fields(table: &Table<'_>, key: &str) -> Result<Vec<Field>, DefinitionError> {
    let Some(entries) = table.free_table(key)? else {
        return Ok(Vec::new());
    };
    let mut fields = Vec::new();
    for name in entries.keys() {
        let token =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            return Err(table.bad(
                key,
                format!("'{name}' is not a field name in lower case (RFC 9110, 5.1)"),
            ));
        }
        if let Ok(Some(text)) = entries.text(name) {
            fields.push((name.to_owned(), text.as_bytes().to_vec()));
        } else if let Ok(texts) = entries.texts(name) {
            fields.extend(
                texts
                    .into_iter()
                    .map(|text| (name.to_owned(), text.as_bytes().to_vec())),
            );
        } else if let Some(hex) = entries.table(name, &["hex"])? {
            let bytes = hex::decode(hex.required_text("hex")?)
                .map_err(|error| hex.bad("hex", error.to_string()))?;
            fields.push((name.to_owned(), bytes));
        }
    }
    Ok(fields)
}
