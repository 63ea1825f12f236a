//! Connections that steps open to the guest.

use super::output::{Outputs, Range};
use super::wait::{NOT_BEFORE_THE_DEADLINE, wait_for};
use crate::script::{Count, Family, Side};
use rustix::event::PollFlags;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::io::Errno;
use rustix::net::{
    self, AddressFamily, RecvFlags, SendFlags, Shutdown, SocketFlags, SocketType, ipproto, sockopt,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

const PIECE: usize = 64 * 1024;
/// Between two attempts to connect to a guest that does not listen yet.
const AGAIN: Duration = Duration::from_millis(2);

/// The address that `PORT` or `ADDRESS:PORT` means.
pub(super) fn address(to: &str, family: Family) -> Result<SocketAddr, String> {
    let loopback = match family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    if let Ok(port) = to.parse::<u16>() {
        return Ok(SocketAddr::from((loopback, port)));
    }
    match to.parse::<SocketAddr>() {
        Ok(address) if address.is_ipv4() == loopback.is_ipv4() => Ok(address),
        Ok(_) => Err("the address is not of the family that was asked for".to_owned()),
        Err(_) => Err("neither a port nor an address with one".to_owned()),
    }
}

/// Connects, again and again until somebody listens.
pub(super) fn connect(
    address: SocketAddr,
    outputs: &mut Outputs,
    deadline: Instant,
) -> Result<OwnedFd, String> {
    loop {
        let failed = match attempt(address, outputs, deadline) {
            Ok(Ok(fd)) => return Ok(fd),
            Ok(Err(errno)) => errno,
            Err(what) => return Err(what),
        };
        if outputs.ended_by_guest() {
            return Err(format!("{failed}, and the guest ended"));
        }
        if Instant::now() >= deadline {
            return Err(format!("{failed}, {NOT_BEFORE_THE_DEADLINE}"));
        }
        outputs.pump_all(deadline.min(Instant::now() + AGAIN))?;
    }
}

/// One attempt. The inner error is one that a guest on its way up gives.
fn attempt(
    address: SocketAddr,
    outputs: &mut Outputs,
    deadline: Instant,
) -> Result<Result<OwnedFd, Errno>, String> {
    let text = |errno: Errno| errno.to_string();
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd =
        net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP)).map_err(text)?;
    sockopt::set_tcp_nodelay(&fd, true).map_err(text)?;
    let answer = match net::connect(&fd, &address) {
        Err(Errno::INPROGRESS | Errno::INTR) => {
            while !outputs.pump(Range::ALL, Some((fd.as_fd(), PollFlags::OUT)), deadline)? {
                if Instant::now() >= deadline {
                    return Ok(Err(Errno::TIMEDOUT));
                }
            }
            sockopt::socket_error(&fd).map_err(text)?
        }
        other => other,
    };
    match answer {
        // Nobody listens on a port of the ephemeral range, the kernel picks it
        // as the source, and TCP's simultaneous open (RFC 9293, 3.5) connects
        // the socket to itself. A reset leaves no TIME_WAIT on the port.
        Ok(()) if is_itself(&fd).map_err(text)? => {
            sockopt::set_socket_linger(&fd, Some(Duration::ZERO)).map_err(text)?;
            Ok(Err(Errno::CONNREFUSED))
        }
        Ok(()) => Ok(Ok(fd)),
        Err(errno @ (Errno::CONNREFUSED | Errno::CONNRESET | Errno::TIMEDOUT)) => Ok(Err(errno)),
        Err(errno) => Err(errno.to_string()),
    }
}

fn is_itself(fd: &OwnedFd) -> Result<bool, Errno> {
    Ok(net::getpeername(fd)? == Some(net::getsockname(fd)?))
}

/// What one attempt to read gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadOutcome {
    Bytes,
    Nothing,
    Ended,
    Broken,
}

/// A connection, and what it has received.
pub(super) struct Connection {
    fd: Option<OwnedFd>,
    ended: bool,
    pub(super) received: Vec<u8>,
}

impl Connection {
    pub(super) fn new(fd: OwnedFd) -> Connection {
        Connection {
            fd: Some(fd),
            ended: false,
            received: Vec::new(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.fd.is_some()
    }

    /// The descriptor; steps on a closed connection do not come this far.
    fn fd(&self) -> Result<&OwnedFd, String> {
        self.fd.as_ref().ok_or_else(|| "it is closed".to_owned())
    }

    pub(super) fn send(
        &mut self,
        bytes: &[u8],
        outputs: &mut Outputs,
        deadline: Instant,
    ) -> Result<(), String> {
        let fd = self.fd()?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let had = Count((bytes.len() - rest.len()) as u64);
            match net::send(fd, rest, SendFlags::NOSIGNAL) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if Instant::now() >= deadline {
                        return Err(format!("the guest took {had}: {NOT_BEFORE_THE_DEADLINE}"));
                    }
                    outputs.pump(Range::ALL, Some((fd.as_fd(), PollFlags::OUT)), deadline)?;
                }
                Err(errno) => return Err(format!("after {had}: {errno}")),
            }
        }
        Ok(())
    }

    pub(super) fn receive(
        &mut self,
        count: u64,
        outputs: &mut Outputs,
        deadline: Instant,
    ) -> Result<(), String> {
        let start = self.received.len();
        loop {
            let had = (self.received.len() - start) as u64;
            if had >= count {
                return Ok(());
            }
            let left = usize::try_from(count - had).unwrap_or(PIECE);
            match self.read(left)? {
                ReadOutcome::Ended => {
                    return Err(format!("the guest ended its side after {}", Count(had)));
                }
                ReadOutcome::Nothing => self.wait(had, outputs, deadline)?,
                _ => {}
            }
        }
    }

    pub(super) fn receive_to_end(
        &mut self,
        outputs: &mut Outputs,
        deadline: Instant,
    ) -> Result<(), String> {
        let start = self.received.len();
        loop {
            let had = (self.received.len() - start) as u64;
            match self.read(PIECE)? {
                ReadOutcome::Ended => return Ok(()),
                // A guest that never stops is stopped by the deadline.
                ReadOutcome::Bytes if Instant::now() < deadline => {}
                _ => self.wait(had, outputs, deadline)?,
            }
        }
    }

    fn wait(&self, had: u64, outputs: &mut Outputs, deadline: Instant) -> Result<(), String> {
        if Instant::now() >= deadline {
            return Err(format!("{} came: {NOT_BEFORE_THE_DEADLINE}", Count(had)));
        }
        let other = Some((self.fd()?.as_fd(), PollFlags::IN));
        outputs.pump(Range::ALL, other, deadline).map(drop)
    }

    /// Reads once, at most `most` bytes.
    fn read(&mut self, most: usize) -> Result<ReadOutcome, String> {
        if self.ended {
            return Ok(ReadOutcome::Ended);
        }
        let mut piece = [0; PIECE];
        let room = &mut piece[..most.min(PIECE)];
        match net::recv(self.fd()?, room, RecvFlags::empty()) {
            Ok((_, 0)) => {
                self.ended = true;
                Ok(ReadOutcome::Ended)
            }
            Ok((count, _)) => {
                self.received.extend_from_slice(&piece[..count]);
                Ok(ReadOutcome::Bytes)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(ReadOutcome::Nothing),
            Err(errno) => Err(format!(
                "after {}: {errno}",
                Count(self.received.len() as u64)
            )),
        }
    }

    pub(super) fn shutdown(&mut self, side: Side) -> Result<(), String> {
        let how = match side {
            Side::Read => Shutdown::Read,
            Side::Write => Shutdown::Write,
            Side::Both => Shutdown::Both,
        };
        net::shutdown(self.fd()?, how).map_err(|errno| errno.to_string())
    }

    pub(super) fn reset(&mut self) -> Result<(), String> {
        let set = sockopt::set_socket_linger(self.fd()?, Some(Duration::ZERO));
        self.fd = None;
        set.map_err(|errno| errno.to_string())
    }

    /// Ends the writing side: as with its input, the guest is told that no more
    /// will come. What the guest thinks of it does not matter any more.
    pub(super) fn shut_down_writing(&mut self) {
        if let Some(fd) = &self.fd {
            let _ = net::shutdown(fd, Shutdown::Write);
        }
    }

    /// Reads what is there, without waiting.
    pub(super) fn read_available(&mut self) {
        while self.is_open() && matches!(self.read(PIECE), Ok(ReadOutcome::Bytes)) {}
    }

    /// Reads to the end.
    pub(super) fn drain(&mut self, until: Instant) -> ReadOutcome {
        while let Some(fd) = &self.fd {
            let ready = wait_for(&[(fd.as_fd(), PollFlags::IN)], until);
            let past = Instant::now() >= until;
            match self.read(PIECE) {
                Ok(ReadOutcome::Ended) => return ReadOutcome::Ended,
                Err(_) => return ReadOutcome::Broken,
                Ok(outcome) if past || ready.is_err() => return outcome,
                Ok(_) => {}
            }
        }
        ReadOutcome::Ended
    }
}
