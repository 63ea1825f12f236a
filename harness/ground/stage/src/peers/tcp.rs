//! A tcp peer: one connection after the other, by script.

use super::report::Report;
use crate::limit::{FIRST_GRACE, GRACE, Limit, Waited};
use crate::script::{Amount, Count, PeerStep, Side};
use rustix::event::PollFlags;
use rustix::net::sockopt::set_socket_linger;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

const PIECE: usize = 64 * 1024;

/// Follows the script. The listener lives as long as the caller keeps it, so
/// a guest that connects once more than the script says is not refused by
/// chance: it always succeeds, and is never served.
pub(super) fn run(listener: &TcpListener, steps: &[PeerStep], limit: &Limit) -> Report {
    let mut report = Report::default();
    let mut connection = None;
    for (index, step) in steps.iter().enumerate() {
        if let Err(what) = take(step, listener, &mut connection, &mut report.received, limit) {
            report.problem = Some(format!("step {} ({step}): {what}", index + 1));
            break;
        }
    }
    if let Some(connection) = connection {
        // Closed with something unread, it would be reset, and the guest could
        // lose what it was sent.
        let _ = connection.shutdown(Shutdown::Write);
        drain(&connection, &mut report.received, limit);
    }
    hold(limit);
    report
}

fn take(
    step: &PeerStep,
    listener: &TcpListener,
    connection: &mut Option<TcpStream>,
    received: &mut Vec<u8>,
    limit: &Limit,
) -> Result<(), String> {
    if let PeerStep::Pause(time) = step {
        return limit.pause(*time).map_err(|error| error.to_string());
    }
    if matches!(step, PeerStep::Accept) {
        *connection = None;
        *connection = Some(accept(listener, limit)?);
        return Ok(());
    }
    // `check` has seen to it that there is one; a guest's end leaves it open.
    let Some(open) = connection.as_mut() else {
        return Err("there is no connection".to_owned());
    };
    match step {
        PeerStep::Receive(Amount::Bytes(count)) => receive(open, *count, received, limit),
        PeerStep::Receive(Amount::End) => receive_to_end(open, received, limit),
        PeerStep::Send(bytes) => send(open, bytes, limit),
        PeerStep::Shutdown(side) => open
            .shutdown(match side {
                Side::Read => Shutdown::Read,
                Side::Write => Shutdown::Write,
                Side::Both => Shutdown::Both,
            })
            .map_err(|error| error.to_string()),
        PeerStep::Reset => {
            let set = set_socket_linger(&*open, Some(Duration::ZERO));
            *connection = None;
            set.map_err(|errno| errno.to_string())
        }
        PeerStep::Close => {
            *connection = None;
            Ok(())
        }
        PeerStep::Accept | PeerStep::Pause(_) | PeerStep::ReceiveDatagram => Ok(()),
    }
}

/// Waits for the next connection.
pub(super) fn accept(listener: &TcpListener, limit: &Limit) -> Result<TcpStream, String> {
    loop {
        match limit.ready(listener, PollFlags::IN, FIRST_GRACE) {
            Ok(Waited::Ready) => {}
            Ok(waited) => return Err(format!("nobody connected: {}", waited.why())),
            Err(error) => return Err(error.to_string()),
        }
        match listener.accept() {
            Ok((stream, _)) => return prepared(stream).map_err(|error| error.to_string()),
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Non-blocking, and without Nagle's delay, which would put pieces together.
pub(super) fn prepared(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Errors after which one tries again: nothing there, or nobody any more.
pub(super) fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted
    )
}

/// What one attempt to read gave.
pub(super) enum ReadOutcome {
    Bytes(usize),
    End,
    Nothing(Waited),
}

/// Reads what is there into `buffer`, waiting for something.
pub(super) fn read_some(
    mut stream: &TcpStream,
    buffer: &mut [u8],
    limit: &Limit,
    grace: Duration,
) -> io::Result<ReadOutcome> {
    loop {
        match limit.ready(stream, PollFlags::IN, grace)? {
            Waited::Ready => {}
            waited => return Ok(ReadOutcome::Nothing(waited)),
        }
        match stream.read(buffer) {
            Ok(0) => return Ok(ReadOutcome::End),
            Ok(count) => return Ok(ReadOutcome::Bytes(count)),
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn receive(
    stream: &TcpStream,
    count: u64,
    received: &mut Vec<u8>,
    limit: &Limit,
) -> Result<(), String> {
    let mut buffer = vec![0; PIECE];
    let mut left = count;
    while left > 0 {
        // Not a byte more than asked: the next step may be a reset.
        let room = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        let had = Count(count - left);
        match read_some(stream, &mut buffer[..room], limit, GRACE) {
            Ok(ReadOutcome::Bytes(read)) => {
                received.extend_from_slice(&buffer[..read]);
                left -= read as u64;
            }
            Ok(ReadOutcome::End) => return Err(format!("the guest ended its side after {had}")),
            Ok(ReadOutcome::Nothing(waited)) => {
                return Err(format!("{had} came: {}", waited.why()));
            }
            Err(error) => return Err(format!("after {had}: {error}")),
        }
    }
    Ok(())
}

fn receive_to_end(stream: &TcpStream, received: &mut Vec<u8>, limit: &Limit) -> Result<(), String> {
    let before = received.len();
    let mut buffer = vec![0; PIECE];
    loop {
        let had = Count((received.len() - before) as u64);
        match read_some(stream, &mut buffer, limit, GRACE) {
            Ok(ReadOutcome::Bytes(read)) => received.extend_from_slice(&buffer[..read]),
            Ok(ReadOutcome::End) => return Ok(()),
            Ok(ReadOutcome::Nothing(waited)) => {
                return Err(format!("no end after {had}: {}", waited.why()));
            }
            Err(error) => return Err(format!("after {had}: {error}")),
        }
    }
}

/// Everything until the end, a reset or a limit: for what nobody asked for.
fn drain(stream: &TcpStream, received: &mut Vec<u8>, limit: &Limit) {
    let mut buffer = vec![0; PIECE];
    while let Ok(ReadOutcome::Bytes(read)) = read_some(stream, &mut buffer, limit, GRACE) {
        received.extend_from_slice(&buffer[..read]);
    }
}

/// Sends all of it.
pub(super) fn send(mut stream: &TcpStream, bytes: &[u8], limit: &Limit) -> Result<(), String> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match stream.write(rest) {
            Ok(count) => rest = &rest[count..],
            Err(error) if is_nothing(&error) => {
                let had = Count((bytes.len() - rest.len()) as u64);
                match limit.ready(stream, PollFlags::OUT, GRACE) {
                    Ok(Waited::Ready) => {}
                    Ok(waited) => {
                        return Err(format!("the guest took {had}: {}", waited.why()));
                    }
                    Err(error) => return Err(error.to_string()),
                }
            }
            Err(error) => {
                let had = Count((bytes.len() - rest.len()) as u64);
                return Err(format!("after {had}: {error}"));
            }
        }
    }
    Ok(())
}

/// Keeps the thread, and with it the listener, until the guest has ended: a
/// guest that connects meanwhile is not refused.
fn hold(limit: &Limit) {
    // The pause ends with the guest or at the deadline.
    let _ = limit.pause(Duration::MAX);
}
