//! What can go wrong, and what to do about it.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};

/// Everything that ends a verb.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The daemon could not be asked.
    #[error("cannot reach a containerd at {socket}: {}; is it running, and may this user write to its socket?", said(.source), socket = .socket.display())]
    Unreachable {
        /// Where.
        socket: PathBuf,
        /// Why.
        source: tonic::transport::Error,
    },
    /// A name that cannot be sent.
    #[error("`{0}` is not a valid name for a namespace or a lease: use letters, digits, - and _")]
    BadName(String),
    /// The daemon answered with an error, or went away.
    #[error("containerd could not {doing} {what}: {}", .source.message())]
    Refused {
        /// The step.
        doing: &'static str,
        /// Of what.
        what: String,
        /// What it said.
        source: Box<tonic::Status>,
    },
    /// A task that has no process.
    #[error("container {0} has no process: it has ended, or was never started")]
    NoProcess(String),
    /// A status that no process of Linux ends with.
    #[error("containerd says that container {id} ended with status {status}")]
    Status {
        /// The container.
        id: String,
        /// What it said.
        status: u32,
    },
    /// What was unpacked is not what the image says.
    #[error(
        "layer {layer} of image {image} was unpacked as {found}, its configuration says {wanted}: build the image again"
    )]
    Layer {
        /// The image.
        image: String,
        /// Digest of the layer.
        layer: String,
        /// The configuration's `diff_id`.
        wanted: String,
        /// What containerd unpacked.
        found: String,
    },
    /// A file, or a stream of this process.
    #[error("{what}: {source}")]
    Io {
        /// Which.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file that does not hold what it should.
    #[error("{path} is not {what}: {source}", path = .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// Where it is wrong.
        source: serde_json::Error,
    },
    /// An image without what an image must have.
    #[error("{path}: the image has no {what}", path = .path.display())]
    Incomplete {
        /// The layout.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
    },
}

/// The words of an error and of its causes.
fn said(error: &tonic::transport::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        line = format!("{line}: {inner}");
        cause = inner.source();
    }
    line
}

/// Says which file or stream failed.
pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
    let what = what.into();
    move |source| Error::Io { what, source }
}

/// Says which file failed.
pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Error {
    io(path.display().to_string())
}

/// Says which file holds something else.
pub fn json(path: &Path, what: &'static str) -> impl FnOnce(serde_json::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Json { path, what, source }
}
