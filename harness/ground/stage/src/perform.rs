//! The steps of a case, carried out beside a running guest.

mod connection;
mod output;
mod wait;

use crate::pipes::Stdio;
use crate::script::{Amount, Count, Output, Step, Stream, Until};
use assay_model::Nanos;
use connection::{Connection, ReadOutcome};
use output::{Outputs, Range};
use rustix::event::PollFlags;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};
use wait::NOT_BEFORE_THE_DEADLINE;

/// How often somebody who waits for something else looks at the outputs.
const GLANCE: Duration = Duration::from_millis(10);
/// After the guest's outputs have ended: how long a connection may take to.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What steps need from whoever started the guest.
pub trait Control {
    /// Sends the guest a signal, named without `SIG`.
    ///
    /// # Errors
    /// Why it cannot be sent.
    fn signal(&mut self, name: &str) -> Result<(), String>;

    /// Waits for the end of the guest and says whether it came before `until`.
    ///
    /// # Errors
    /// Why it cannot be waited for.
    fn wait_exit(&mut self, until: Instant) -> Result<bool, String>;
}

/// What the steps brought to light.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Performed {
    /// All of the guest's standard output, with what steps read of it. After a
    /// step that closed it: what steps had read, as anything beyond that is a
    /// matter of timing.
    pub stdout: Vec<u8>,
    /// The same of its standard error.
    pub stderr: Vec<u8>,
    /// What each connection received, to its end or until a step closed it.
    pub received: BTreeMap<String, Vec<u8>>,
    /// When the first byte of standard output was read (`CLOCK_MONOTONIC`).
    /// Nothing is read during a pause, so one that comes first delays it.
    pub first_byte: Option<Nanos>,
    /// Why the steps were not carried out to the end: the position of the step,
    /// what it was to do, and what happened.
    pub problem: Option<String>,
}

/// Carries out `steps` in their order, then closes the guest's input, ends the
/// writing side of connections that are still open, and reads the outputs to
/// their ends. Returns at the deadline at the latest.
///
/// While a step writes or waits, the outputs are read, so that a guest that
/// writes much before it reads does not stand still; only in a pause nobody
/// reads. A step that reads an output takes no more of it than it asks for.
/// A write to a guest that has closed its input is not a problem: the guest had
/// enough. After a problem no further step is taken.
///
/// `stdio` must not be open elsewhere in this process. Like all of Rust's
/// standard library this expects SIGPIPE to be ignored.
#[must_use]
pub fn perform(
    steps: &[Step],
    stdio: Stdio,
    control: &mut dyn Control,
    deadline: Instant,
) -> Performed {
    let mut stage = match Stage::new(stdio, deadline) {
        Ok(stage) => stage,
        Err(errno) => {
            return Performed {
                problem: Some(format!("the guest's streams: {errno}")),
                ..Performed::default()
            };
        }
    };
    let mut problem = None;
    for (index, step) in steps.iter().enumerate() {
        if let Err(what) = stage.take(step, control) {
            problem = Some(format!("step {} ({step}): {what}", index + 1));
            break;
        }
    }
    let ended = stage.end();
    Performed {
        problem: problem.or_else(|| ended.err()),
        received: stage
            .connections
            .into_iter()
            .map(|(name, connection)| (name, connection.received))
            .collect(),
        first_byte: stage.outputs.first_byte,
        stdout: stage.outputs.stdout.bytes,
        stderr: stage.outputs.stderr.bytes,
    }
}

enum Stdin {
    Open(OwnedFd),
    /// The guest closed its end, or has ended.
    Enough,
    /// A step closed it.
    Closed,
    Absent,
}

struct Stage {
    stdin: Stdin,
    outputs: Outputs,
    connections: BTreeMap<String, Connection>,
    deadline: Instant,
}

impl Stage {
    fn new(stdio: Stdio, deadline: Instant) -> Result<Stage, Errno> {
        let stdin = match stdio.stdin {
            Some(fd) => {
                output::set_nonblocking(&fd)?;
                Stdin::Open(fd)
            }
            None => Stdin::Absent,
        };
        Ok(Stage {
            stdin,
            outputs: Outputs::new(stdio.stdout, stdio.stderr)?,
            connections: BTreeMap::new(),
            deadline,
        })
    }

    fn take(&mut self, step: &Step, control: &mut dyn Control) -> Result<(), String> {
        match step {
            Step::Write(bytes) => self.write(bytes),
            Step::Read { from, until } => self.read(*from, until),
            Step::Close(stream) => self.close(*stream),
            Step::Pause(time) => {
                thread::sleep((*time).min(self.left()));
                Ok(())
            }
            Step::Connect { name, to, family } => {
                if self.connections.contains_key(name) {
                    return Err("a connection of that name already exists".to_owned());
                }
                let address = connection::address(to, *family)?;
                let fd = connection::connect(address, &mut self.outputs, self.deadline)?;
                self.connections.insert(name.clone(), Connection::new(fd));
                Ok(())
            }
            Step::Send { on, content } => {
                let deadline = self.deadline;
                let (connection, outputs) = self.connection(on)?;
                connection.send(content, outputs, deadline)
            }
            Step::Receive { on, amount } => {
                let deadline = self.deadline;
                let (connection, outputs) = self.connection(on)?;
                match amount {
                    Amount::Bytes(count) => connection.receive(*count, outputs, deadline),
                    Amount::End => connection.receive_to_end(outputs, deadline),
                }
            }
            Step::Shutdown { on, side } => self.connection(on)?.0.shutdown(*side),
            Step::Reset(name) => self.connection(name)?.0.reset(),
            Step::Signal(name) => control.signal(name),
            Step::WaitExit => self.wait_exit(control),
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn connection(&mut self, name: &str) -> Result<(&mut Connection, &mut Outputs), String> {
        let known: Vec<String> = self.connections.keys().cloned().collect();
        match self.connections.get_mut(name) {
            Some(connection) if connection.is_open() => Ok((connection, &mut self.outputs)),
            Some(_) => Err(format!("'{name}' was closed by an earlier step")),
            None if known.is_empty() => Err("no connection; connect first".to_owned()),
            None => Err(format!(
                "no connection has the name '{name}'; known: {}",
                known.join(", ")
            )),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        let fd = match &self.stdin {
            Stdin::Open(fd) => fd,
            Stdin::Enough => return Ok(()),
            Stdin::Closed => return Err("stdin was closed by an earlier step".to_owned()),
            Stdin::Absent => return Err("the guest has no stdin".to_owned()),
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(fd, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if Instant::now() >= self.deadline {
                        let had = Count((bytes.len() - rest.len()) as u64);
                        return Err(format!("the guest took {had}: {NOT_BEFORE_THE_DEADLINE}"));
                    }
                    self.outputs.pump(
                        Range::ALL,
                        Some((fd.as_fd(), PollFlags::OUT)),
                        self.deadline,
                    )?;
                }
                Err(Errno::PIPE | Errno::CONNRESET) => {
                    self.stdin = Stdin::Enough;
                    return Ok(());
                }
                Err(errno) => return Err(errno.to_string()),
            }
        }
        Ok(())
    }

    fn read(&mut self, from: Output, until: &Until) -> Result<(), String> {
        let start = self.outputs.of(from).taken;
        loop {
            let capture = self.outputs.of(from);
            let had = Count((capture.bytes.len() - start) as u64);
            let more = match until {
                Until::Bytes(count) => {
                    let end = usize::try_from(*count)
                        .ok()
                        .and_then(|count| start.checked_add(count))
                        .ok_or("more bytes than this machine can address")?;
                    if capture.bytes.len() >= end {
                        capture.taken = end;
                        return Ok(());
                    }
                    end - capture.bytes.len()
                }
                Until::Delimiter(wanted) => {
                    if let Some(end) = position_behind(&capture.bytes, start, wanted) {
                        capture.taken = end;
                        return Ok(());
                    }
                    // What is behind the delimiter is for a later step, or for
                    // nobody: one byte at a time leaves it in the pipe.
                    1
                }
            };
            if capture.is_closed() {
                return Err(format!("{from} was closed by an earlier step"));
            }
            if capture.ended() {
                return Err(format!("{from} ended after {had}"));
            }
            if Instant::now() >= self.deadline {
                return Err(format!("{had} came: {NOT_BEFORE_THE_DEADLINE}"));
            }
            self.outputs
                .pump(Range::only(from, more), None, self.deadline)?;
        }
    }

    fn close(&mut self, stream: Stream) -> Result<(), String> {
        let twice = || Err(format!("{stream} was closed by an earlier step"));
        let output = match stream {
            Stream::Stdin => {
                if matches!(self.stdin, Stdin::Closed) {
                    return twice();
                }
                self.stdin = Stdin::Closed;
                return Ok(());
            }
            Stream::Stdout => Output::Stdout,
            Stream::Stderr => Output::Stderr,
        };
        if self.outputs.of(output).is_closed() {
            return twice();
        }
        self.outputs.of(output).close();
        Ok(())
    }

    fn wait_exit(&mut self, control: &mut dyn Control) -> Result<(), String> {
        loop {
            let now = Instant::now();
            let next_look = if self.outputs.ended() {
                self.deadline
            } else {
                self.deadline.min(now + GLANCE)
            };
            if control.wait_exit(next_look)? {
                return Ok(());
            }
            if Instant::now() >= self.deadline {
                return Err(format!("the guest runs: {NOT_BEFORE_THE_DEADLINE}"));
            }
            // Whatever there is now, without waiting for more; until the next look
            // if the other side came back early.
            let until = if Instant::now() < next_look {
                next_look
            } else {
                now
            };
            self.outputs.pump_all(until)?;
        }
    }

    /// Lets go of the guest and reads what is left.
    fn end(&mut self) -> Result<(), String> {
        self.stdin = Stdin::Closed;
        for connection in self.connections.values_mut() {
            connection.shut_down_writing();
        }
        while !self.outputs.ended() {
            if Instant::now() >= self.deadline {
                let open = self.outputs.open().join(" and ");
                return Err(format!(
                    "after the last step: the guest's {open} did not end before the deadline"
                ));
            }
            let until = self.deadline.min(Instant::now() + GLANCE);
            self.outputs.pump_all(until)?;
            for connection in self.connections.values_mut() {
                connection.read_available();
            }
        }
        // The guest is gone, so its connections end. A reset is an end too:
        // whoever cares has a step that receives.
        let until = self.deadline.min(Instant::now() + LAST_WORDS);
        for (name, connection) in &mut self.connections {
            if !matches!(
                connection.drain(until),
                ReadOutcome::Ended | ReadOutcome::Broken
            ) {
                return Err(format!(
                    "after the last step: the guest's outputs ended, connection '{name}' did not"
                ));
            }
        }
        Ok(())
    }
}

/// Where `wanted` ends, if it is in `bytes` behind `start`.
fn position_behind(bytes: &[u8], start: usize, wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() {
        return Some(start);
    }
    bytes[start..]
        .windows(wanted.len())
        .position(|window| window == wanted)
        .map(|at| start + at + wanted.len())
}
