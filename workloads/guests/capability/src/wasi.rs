//! The part that needs the interfaces.

mod environment;
mod files;
mod sockets;
mod system;

pub use environment::environment;

use std::fmt::Display;

use wasip2::cli::{stderr, stdin, stdout};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// How an order went, or `None` if there is no such order.
type Answer = Option<String>;

/// The stream on which a guest reports.
pub enum Report {
    /// The usual one.
    Stdout,
    /// Where stdout is what is tried.
    Stderr,
}

impl Report {
    fn stream(&self) -> OutputStream {
        match self {
            Report::Stdout => stdout::get_stdout(),
            Report::Stderr => stderr::get_stderr(),
        }
    }

    fn say(&self, text: &str) -> Result<(), ()> {
        write(&self.stream(), text.as_bytes()).map_err(drop)
    }
}

/// Carries out orders in turn, each `what` or `what=value`.
///
/// # Errors
/// When an order is none that `perform` knows, or a report cannot be written.
pub fn carry_out<'a>(
    report: &Report,
    orders: impl IntoIterator<Item = &'a str>,
    perform: impl Fn(&str, &str) -> Option<String>,
) -> Result<(), ()> {
    for order in orders {
        let (what, value) = order.split_once('=').unwrap_or((order, ""));
        // Values may be addresses, whose ports vary: they are not reported.
        report.say(&format!("{what}: "))?;
        let Some(answer) = perform(what, value) else {
            report.say("nothing that this program does\n")?;
            return Err(());
        };
        report.say(&format!("{answer}\n"))?;
    }
    Ok(())
}

/// Every order of `capability-probe`.
#[must_use]
pub fn probe(what: &str, value: &str) -> Option<String> {
    let (interface, function) = what.split_once('.')?;
    match interface {
        "filesystem" => files::perform(function, value),
        "tcp" | "udp" | "names" => sockets::perform(interface, function, value),
        _ => system::command(interface, function, value),
    }
}

/// Every order of `capability-handler` that is not a request: only interfaces
/// of the world wasi:http/proxy.
#[must_use]
pub fn handler(what: &str, value: &str) -> Option<String> {
    let (interface, function) = what.split_once('.')?;
    system::common(interface, function, value)
}

/// Everything on stdin, to its end.
#[must_use]
pub fn all_of_stdin() -> Vec<u8> {
    read(&stdin::get_stdin())
}

fn read(stream: &InputStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // An error other than the end loses bytes, and that is looked for.
    while let Ok(more) = stream.blocking_read(4096) {
        bytes.extend(more);
    }
    bytes
}

fn write(stream: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    // One call takes at most so many bytes.
    for part in bytes.chunks(4096) {
        stream.blocking_write_and_flush(part)?;
    }
    Ok(())
}

fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// `done`, or the name of an error.
fn done<T>(result: Result<T, impl Named>) -> String {
    shown(result, |_| "done")
}

/// What `show` makes of the value, or the name of an error.
fn shown<T, D: Display>(result: Result<T, impl Named>, show: impl FnOnce(T) -> D) -> String {
    match result {
        Ok(value) => show(value).to_string(),
        Err(error) => error.named().to_owned(),
    }
}

/// Errors by the names of the specification.
trait Named {
    fn named(&self) -> &'static str;
}

impl Named for wasip2::filesystem::types::ErrorCode {
    fn named(&self) -> &'static str {
        self.name()
    }
}

impl Named for wasip2::sockets::network::ErrorCode {
    fn named(&self) -> &'static str {
        self.name()
    }
}

impl Named for StreamError {
    fn named(&self) -> &'static str {
        match self {
            StreamError::LastOperationFailed(_) => "last-operation-failed",
            StreamError::Closed => "closed",
        }
    }
}
