//! Non-blocking connect and poll, the two system calls under everything here.

use crate::clock::{self, Nanos};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType, ipproto, sockopt};
use std::net::SocketAddr;
use std::time::Duration;

/// What became of one connection attempt.
pub(crate) enum Attempt {
    /// Connected at this instant.
    Connected(OwnedFd, Nanos),
    /// Not there (yet): the error of the attempt.
    Refused(Errno),
    /// Neither answered nor refused within the patience.
    Unanswered,
    /// Connected to ourselves; see [`is_self_connect`].
    SelfConnect,
}

/// One attempt, waiting at most `patience` for the answer. `TCP_NODELAY` is set
/// before connecting, so that no request is held back by Nagle's algorithm
/// (RFC 9293 §3.7.4). The socket stays non-blocking.
///
/// # Errors
/// When no socket can be made, or the kernel forbids the attempt.
pub(crate) fn attempt(addr: &SocketAddr, patience: Duration) -> Result<Attempt, Errno> {
    let family = match addr {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    sockopt::set_tcp_nodelay(&fd, true)?;
    let answer = match net::connect(&fd, addr) {
        // Linux reports a loopback connect as in progress although the
        // handshake is over when the call returns; poll then does not wait.
        Err(Errno::INPROGRESS | Errno::INTR) => {
            if !wait(&fd, PollFlags::OUT, clock::deadline_in(patience))? {
                return Ok(Attempt::Unanswered);
            }
            sockopt::socket_error(&fd)?
        }
        other => other,
    };
    let at = clock::now();
    match answer {
        Ok(()) if is_self_connect(&fd)? => {
            // Reset instead of close: a lingering TIME_WAIT on this port would
            // keep the server from binding it.
            sockopt::set_socket_linger(&fd, Some(Duration::ZERO))?;
            Ok(Attempt::SelfConnect)
        }
        Ok(()) => Ok(Attempt::Connected(fd, at)),
        Err(errno) if means_not_yet(errno) => Ok(Attempt::Refused(errno)),
        Err(errno) => Err(errno),
    }
}

/// Whether both ends of a connection are the same socket. While nobody listens
/// on a port of the ephemeral range, the kernel may pick that very port as the
/// source, and TCP's simultaneous open (RFC 9293 §3.5) connects the socket to
/// itself: a false "ready" that would also occupy the server's port.
fn is_self_connect(fd: &OwnedFd) -> Result<bool, Errno> {
    Ok(net::getpeername(fd)? == Some(net::getsockname(fd)?))
}

/// Errors that a server or network namespace on its way up produces.
fn means_not_yet(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::CONNREFUSED
            | Errno::CONNRESET
            | Errno::CONNABORTED
            | Errno::TIMEDOUT
            | Errno::HOSTUNREACH
            | Errno::HOSTDOWN
            | Errno::NETUNREACH
            | Errno::NETDOWN
            | Errno::ADDRNOTAVAIL
    )
}

/// Waits until `fd` is ready for one of `events` (or has an error or hang-up)
/// and says whether that was before the deadline.
///
/// # Errors
/// What `ppoll(2)` says, interruptions excepted.
pub(crate) fn wait(fd: impl AsFd, events: PollFlags, deadline: Nanos) -> Result<bool, Errno> {
    let mut fds = [PollFd::new(&fd, events)];
    loop {
        let left = Nanos(0).after(deadline.left()).timespec();
        match poll(&mut fds, Some(&left)) {
            Ok(0) if clock::now() >= deadline => return Ok(false),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(errno) => return Err(errno),
        }
    }
}
