//! What the harness asks of `assay-launcher`.
//!
//! Instants are nanoseconds of `CLOCK_MONOTONIC`, which all processes of a
//! machine share, so that stamps of the launcher and of a runner compare.

use crate::grants::Attached;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Names the descriptor to which a measured process writes its own stamps, a
/// line `NAME NANOSECONDS` each.
pub const STAMP_FD_VARIABLE: &str = "ASSAY_STAMP_FD";

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The executable, absolute.
    pub program: PathBuf,
    /// Its arguments, without the program's name.
    pub args: Vec<String>,
    /// Its whole environment: nothing is inherited.
    pub env: Vec<(String, String)>,
    /// Its working directory.
    pub cwd: PathBuf,
}

/// One launch of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// What is spawned; t0 is the instant before.
    pub command: Command,
    /// Fed through a pipe; `None` is `/dev/null`.
    pub stdin: Option<Vec<u8>>,
    /// Pipes of the harness in place of those of the launcher, which then
    /// neither feeds nor reads.
    pub attached: Option<Attached>,
    /// Where the pid of the spawned process is written, in decimal.
    pub tell_pid: Option<PathBuf>,
    /// Whether the program stamps its own phases (never the native twin).
    pub stamps: bool,
    /// After this many milliseconds the program is killed.
    pub deadline_ms: u64,
    /// Where a detaching runtime writes the pid of the process it leaves
    /// behind; that process is then the instance.
    pub pid_file: Option<PathBuf>,
    /// What ends a server or a program past its deadline where SIGKILL to the
    /// spawned process is not enough: a container's process is not its child.
    pub stop: Option<Command>,
    /// What removes the rest after the exit was seen: t10 is after it.
    pub teardown: Option<Command>,
    /// The name of the container that is started, for the harness: what a client
    /// that is killed leaves carries it.
    pub container: Option<String>,
}

/// A request to the launcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Runs a command to its end. Answered with [`Reply::Ran`].
    Run(Launch),
    /// Starts a server and sends it a first request. Answered with
    /// [`Reply::Serving`].
    Serve {
        /// The server.
        launch: Launch,
        /// Loopback address at which it will listen.
        address: std::net::SocketAddr,
        /// The first request; without one the server is ready when it accepts
        /// a connection.
        first: Option<HttpRequest>,
    },
    /// Starts an instance that stays; ready when it has written a line to
    /// stdout. Its stdin stays open. Answered with [`Reply::Holding`].
    Hold(Launch),
    /// Ends a server or an instance: an instance by the end of its stdin, a
    /// server by SIGKILL. Answered with [`Reply::Ran`].
    Release(Handle),
    /// Runs commands that remove what a runtime has left, each to its end. Where
    /// there is nothing to remove they fail, which is no news. Answered with
    /// [`Reply::Cleaned`].
    CleanUp(Vec<Command>),
}

/// A server or an instance that is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Handle(pub u32);

/// An HTTP/1.1 request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Fields, in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Content.
    pub body: Vec<u8>,
    /// Whether the content is sent in chunks of this size instead of with a
    /// content-length.
    pub chunk: Option<u32>,
}

/// An HTTP/1.1 response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Fields, in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Content.
    pub body: Vec<u8>,
    /// Trailer fields, in order.
    pub trailers: Vec<(String, Vec<u8>)>,
}

/// An answer of the launcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The program has ended.
    Ran(Ran),
    /// The server has answered its first request.
    Serving(Serving),
    /// The instance is alive.
    Holding(Holding),
    /// The commands have ended.
    Cleaned,
    /// It could not be done; the text says what failed.
    Failed(String),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// It exited with this status.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// It was alive at its deadline and was killed.
    DeadlinePassed,
    /// It ended, but the system gives its status to another process.
    Unknown,
}

/// A program that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// Before the spawn.
    pub t0: u64,
    /// The read of the first byte of stdout returned.
    pub t7: Option<u64>,
    /// Exit seen.
    pub t9: u64,
    /// Reaped, and removed by its teardown command.
    pub t10: u64,
    /// What the program stamped itself, by name.
    pub stamps: Vec<(String, u64)>,
    /// How it ended.
    pub exit: Exit,
    /// All of stdout.
    pub stdout: Vec<u8>,
    /// All of stderr.
    pub stderr: Vec<u8>,
    /// What went wrong in its teardown command.
    pub teardown_error: Option<String>,
}

/// A server that has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// For [`Request::Release`].
    pub handle: Handle,
    /// The processes charged to it.
    pub pids: Vec<u32>,
    /// Before the spawn.
    pub t0: u64,
    /// The connection was accepted.
    pub t7: u64,
    /// The response to the first request was complete.
    pub t8: Option<u64>,
    /// Attempts to connect until one was accepted.
    pub attempts: u64,
    /// The response to the first request.
    pub response: Option<HttpResponse>,
}

/// An instance that is alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// For [`Request::Release`].
    pub handle: Handle,
    /// The processes charged to it.
    pub pids: Vec<u32>,
    /// Before the spawn.
    pub t0: u64,
    /// The read of the first byte of stdout returned.
    pub t7: u64,
    /// Its first line, without the line feed.
    pub line: Vec<u8>,
}
