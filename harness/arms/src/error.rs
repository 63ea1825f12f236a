use assay_wire::WireError;
use std::path::{Path, PathBuf};

/// Why an arm cannot do something, by its nature: hold a workload, offer a
/// lifecycle, surround a program with a setting. It is no failure, and it is
/// said before anything is started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Absent(pub String);

/// Why an arm could not do what it offers. Always about the arm, never about
/// the program it runs.
#[derive(Debug, thiserror::Error)]
pub enum ArmError {
    /// It does not offer this, by its nature. The one case that is no failure.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// A process of the harness broke down.
    #[error("{process} did not answer: {source}")]
    Wire {
        /// Which one.
        process: &'static str,
        /// How.
        source: WireError,
    },
    /// A process of the harness answered something else than it was asked.
    #[error("{process} gave an unexpected answer: {answer}")]
    Unexpected {
        /// Which one.
        process: &'static str,
        /// What it said.
        answer: String,
    },
    /// The runtime under test failed.
    #[error("{0}")]
    Runtime(String),
    /// A file could not be handled.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Fixture files could not be laid out or read back.
    #[error(transparent)]
    Files(#[from] assay_workloads::FilesError),
    /// The pinned component could not be used.
    #[error(transparent)]
    Component(#[from] assay_workloads::ComponentError),
    /// An HTTP exchange failed.
    #[error("HTTP: {0}")]
    Http(#[from] assay_load::ExchangeError),
    /// A process could not be observed.
    #[error(transparent)]
    Observe(#[from] assay_observe::ObserveError),
}

impl ArmError {
    /// Names the file of an I/O error.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> ArmError {
        let path = path.to_owned();
        move |source| ArmError::File { path, source }
    }

    pub(crate) fn wire(process: &'static str) -> impl FnOnce(WireError) -> ArmError {
        move |source| ArmError::Wire { process, source }
    }
}
