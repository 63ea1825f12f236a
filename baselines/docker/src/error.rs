//! What can go wrong, and what to do about it.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

/// Everything that ends a verb.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a socket of this machine.
    #[error(
        "`{0}` is not a valid unix socket: name the daemon as unix:///path, other addresses \
         are not supported"
    )]
    NotUnix(String),
    /// The daemon could not be asked.
    #[error("cannot reach a Docker daemon at {host}: {}; is it running, and may this user write to its socket?", said(.source))]
    Unreachable {
        /// Where.
        host: String,
        /// Why.
        source: bollard::errors::Error,
    },
    /// The daemon answered with an error, or went away.
    #[error("the daemon could not {doing} {what}: {}", said(.source))]
    Refused {
        /// The step.
        doing: &'static str,
        /// The container or image.
        what: String,
        /// What it said.
        source: bollard::errors::Error,
    },
    /// A container that has no process.
    #[error("container {0} has no process: it has ended, or was never started")]
    NoProcess(String),
    /// A network without IPv4.
    #[error("network {0} has no subnet of IPv4")]
    NoSubnet(String),
    /// The daemon did not say how the container ended.
    #[error("the daemon stopped answering before container {0} ended")]
    NoStatus(String),
    /// A file, or a stream of this process.
    #[error("{what}: {source}")]
    Io {
        /// Which.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The body of a request is not what the API takes.
    #[error("{path} is not the body of a request that creates a container: {source}", path = .path.display())]
    Body {
        /// The file.
        path: PathBuf,
        /// Where it is wrong.
        source: serde_json::Error,
    },
}

/// bollard's words and those of the cause, which it leaves out.
fn said(error: &bollard::errors::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = inner.source();
    }
    line
}

/// Says which file or stream failed.
pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
    let what = what.into();
    move |source| Error::Io { what, source }
}

/// Says what was asked when the daemon failed.
pub fn refused(
    doing: &'static str,
    what: &str,
) -> impl FnOnce(bollard::errors::Error) -> Error + use<> {
    let what = what.to_owned();
    move |source| Error::Refused {
        doing,
        what,
        source,
    }
}
