//! Everything that can be wrong with a catalog, each with its place.

use std::path::PathBuf;

/// Why a catalog could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file or directory of the catalog could not be read.
    #[error("cannot read {}: {source}; is this a directory of workloads?", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `ASSAY_HOME` is set, and there is no catalog in it.
    #[error(
        "ASSAY_HOME is set, but {} is not a catalog of workloads; set ASSAY_HOME to the directory \
         of an installation, unset it, or name a catalog with --catalog DIR",
        directory.display()
    )]
    NotInHome {
        /// Where it should be.
        directory: PathBuf,
    },
    /// There is no catalog beside the program, and none where it was built.
    #[error(
        "no catalog of workloads was found in {tried}; name one with --catalog DIR, or set \
         ASSAY_HOME to the directory that contains 'workloads' (for a checkout, its root)"
    )]
    NotFound {
        /// The places, and what is wrong with them.
        tried: String,
    },
    /// The catalog belongs to another release.
    #[error(
        "the catalog in {} is for release {found}, but this is assay {known}; run assay {found}, \
         or name a catalog for {known} with --catalog DIR or ASSAY_HOME",
        directory.display()
    )]
    OtherRelease {
        /// The catalog.
        directory: PathBuf,
        /// Its release.
        found: String,
        /// The release of this program.
        known: &'static str,
    },
    /// There is not one definition in the directory.
    #[error("{} contains no definition (*.toml)", path.display())]
    Empty {
        /// The directory of definitions.
        path: PathBuf,
    },
    /// A definition or the lock says something wrong.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
}

/// Something wrong in one file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {problem}", file.display())]
pub struct DefinitionError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong in a definition or in the lock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is not TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// A key that this table does not have.
    #[error("unknown key '{key}' in {table}: {hint}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The table it stands in.
        table: String,
        /// The nearest known key, or all of them.
        hint: String,
    },
    /// A key that must be there.
    #[error("{table} needs the key '{key}'")]
    MissingKey {
        /// The key.
        key: String,
        /// The table it belongs in.
        table: String,
    },
    /// An expectation that does not say where it comes from.
    #[error(
        "{table} has no 'source': every expectation must say where it comes from \
         (a section of a specification, or how it was computed without the engine under test)"
    )]
    MissingSource {
        /// The table of the expectation.
        table: String,
    },
    /// A measurement that definitions may not ask for yet.
    #[error("nothing measures '{0}' yet, so a definition cannot ask for it")]
    NotYet(String),
    /// A name that nothing has: a world, a component, an arm and so on.
    #[error("unknown {kind} '{name}': {hint}")]
    UnknownName {
        /// What kind of thing is named.
        kind: String,
        /// The name.
        name: String,
        /// The nearest known name, or all of them.
        hint: String,
    },
    /// A value that cannot be right.
    #[error("'{key}': {why}")]
    BadValue {
        /// The key.
        key: String,
        /// Why not, and what would be.
        why: String,
    },
    /// An id that another definition or case already has.
    #[error("the id '{id}' is already used in {other}")]
    DuplicateId {
        /// The id.
        id: String,
        /// File and line of the first use.
        other: String,
    },
    /// A file of another version of the format.
    #[error(
        "schema {found} is not supported (supported: {known}); use the version of assay that it was written for"
    )]
    Schema {
        /// The version in the file.
        found: u64,
        /// The version that this crate reads.
        known: u64,
    },
}
