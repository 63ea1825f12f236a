//! A udp peer: receives datagrams and answers the last sender.

use super::report::Report;
use crate::limit::{FIRST_GRACE, GRACE, IDLE_GRACE, Limit, Waited};
use crate::script::PeerStep;
use rustix::event::PollFlags;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// More than the largest datagram, so none is cut.
const LARGEST: usize = 64 * 1024;

/// Follows the script, then receives what else comes until the guest has ended.
pub(super) fn run(socket: &UdpSocket, steps: &[PeerStep], limit: &Limit) -> Report {
    let mut report = Report::default();
    let mut sender = None;
    for (index, step) in steps.iter().enumerate() {
        if let Err(what) = take(step, socket, &mut sender, &mut report.received, limit) {
            report.problem = Some(format!("step {} ({step}): {what}", index + 1));
            break;
        }
    }
    while let Ok(Ok(_)) = receive(socket, &mut report.received, limit, IDLE_GRACE) {}
    report
}

fn take(
    step: &PeerStep,
    socket: &UdpSocket,
    sender: &mut Option<SocketAddr>,
    received: &mut Vec<u8>,
    limit: &Limit,
) -> Result<(), String> {
    let done = match (step, *sender) {
        (PeerStep::Pause(time), _) => limit.pause(*time),
        (PeerStep::ReceiveDatagram, _) => match receive(socket, received, limit, FIRST_GRACE) {
            Ok(Ok(from)) => {
                *sender = Some(from);
                Ok(())
            }
            Ok(Err(waited)) => return Err(format!("none came: {}", waited.why())),
            Err(error) => Err(error),
        },
        (PeerStep::Send(bytes), Some(to)) => answer(socket, bytes, to, limit),
        // `check` let no other step through.
        _ => return Err("a udp peer cannot do this here".to_owned()),
    };
    done.map_err(|error| error.to_string())
}

/// Appends the next datagram as `LENGTH:BYTES,` and returns who sent it.
fn receive(
    socket: &UdpSocket,
    received: &mut Vec<u8>,
    limit: &Limit,
    grace: Duration,
) -> io::Result<Result<SocketAddr, Waited>> {
    let mut buffer = vec![0; LARGEST];
    loop {
        match limit.ready(socket, PollFlags::IN, grace)? {
            Waited::Ready => {}
            waited => return Ok(Err(waited)),
        }
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => {
                received.extend_from_slice(format!("{length}:").as_bytes());
                received.extend_from_slice(&buffer[..length]);
                received.push(b',');
                return Ok(Ok(from));
            }
            Err(error) if passes(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn answer(socket: &UdpSocket, bytes: &[u8], to: SocketAddr, limit: &Limit) -> io::Result<()> {
    loop {
        match socket.send_to(bytes, to) {
            Ok(_) => return Ok(()),
            Err(error) if passes(&error) => match limit.ready(socket, PollFlags::OUT, GRACE)? {
                Waited::Ready => {}
                waited => return Err(io::Error::new(io::ErrorKind::TimedOut, waited.why())),
            },
            Err(error) => return Err(error),
        }
    }
}

/// Nothing there, or the report that an earlier answer found nobody.
fn passes(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused
    )
}
