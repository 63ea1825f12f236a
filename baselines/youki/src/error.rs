//! What can go wrong, and what to do about it.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use libcontainer::error::LibcontainerError;

/// Everything that ends a verb of this program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `run` with an id that is in use.
    #[error("container `{id}` already exists in {root}: `delete --force` it or choose another id", root = .root.display())]
    Exists {
        /// The id.
        id: String,
        /// The state directory.
        root: PathBuf,
    },
    /// No such container.
    #[error("no container `{id}` in {root}", root = .root.display())]
    Unknown {
        /// The id.
        id: String,
        /// The state directory.
        root: PathBuf,
    },
    /// The id is not a name for a directory.
    #[error("`{0}` is not a valid container id: use letters, digits and _ + - .")]
    BadId(String),
    /// A bundle without a readable configuration.
    #[error("bundle {bundle} has no readable config.json", bundle = .bundle.display())]
    Bundle {
        /// The bundle directory.
        bundle: PathBuf,
        /// Why it could not be read.
        source: io::Error,
    },
    /// `delete` without `--force` on a live container.
    #[error("container `{0}` is still running: stop it, or use `delete --force`")]
    Running(String),
    /// `kill` on a container that is gone.
    #[error("container `{0}` is not running")]
    NotRunning(String),
    /// libcontainer gave up; `hint` names the cause where it is known.
    #[error("cannot {doing} container `{id}`{}{hint}", if .hint.is_empty() { "" } else { ": " })]
    Container {
        /// The step that failed.
        doing: &'static str,
        /// The id.
        id: String,
        /// The cause and the remedy, or nothing.
        hint: String,
        /// What the library said.
        source: Box<LibcontainerError>,
    },
    /// A container whose state cannot be read.
    #[error("the state of container `{id}` cannot be read: `delete --force` removes it")]
    State {
        /// The id.
        id: String,
        /// What the library said.
        source: Box<LibcontainerError>,
    },
    /// A system call that failed.
    #[error("{doing}")]
    Os {
        /// What was being done.
        doing: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// The answer could not be written.
    #[error("cannot write to stdout")]
    Answer(#[source] io::Error),
    /// The state could not be turned into JSON.
    #[error("cannot print the state as JSON")]
    Json(#[source] serde_json::Error),
}

/// Says what was being done when the kernel refused.
pub fn os<E: Into<io::Error>>(doing: impl Into<String>) -> impl FnOnce(E) -> Error {
    let doing = doing.into();
    |source| Error::Os {
        doing,
        source: source.into(),
    }
}

/// One line: the error and its causes, without the repetitions that
/// transparent wrappers produce.
pub fn with_causes(error: &dyn StdError) -> String {
    let mut line = error.to_string();
    let mut last = line.clone();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if text != last {
            line.push_str(": ");
            line.push_str(&text);
        }
        last = text;
        cause = inner.source();
    }
    line
}
