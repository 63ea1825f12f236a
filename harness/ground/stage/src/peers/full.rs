//! A peer that is there and never answers: its queue of connections is full,
//! so a further connect hears nothing, as from a host that drops packets.

use rustix::net::{self, AddressFamily, SocketFlags, SocketType, ipproto};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// The listener and what fills its queue, to be kept.
pub(super) struct Full {
    _listener: OwnedFd,
    _queued: Vec<TcpStream>,
}

/// Connections after which a queue that still takes more is given up. Linux
/// queues one more than the backlog asks for.
const MOST: usize = 8;

/// A connect on loopback that is not answered at once will not be.
const PATIENCE: Duration = Duration::from_millis(200);

/// Listens, and fills the queue.
pub(super) fn bind(address: IpAddr) -> io::Result<(SocketAddr, Full)> {
    let family = match address {
        IpAddr::V4(_) => AddressFamily::INET,
        IpAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC;
    let listener = net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    net::bind(&listener, &SocketAddr::new(address, 0))?;
    net::listen(&listener, 0)?;
    let at = SocketAddr::try_from(net::getsockname(&listener)?)
        .map_err(|_| io::Error::other("the listener has no address"))?;
    let mut queued = Vec::new();
    while queued.len() < MOST {
        match TcpStream::connect_timeout(&at, PATIENCE) {
            Ok(stream) => queued.push(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Ok((
                    at,
                    Full {
                        _listener: listener,
                        _queued: queued,
                    },
                ));
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "the queue of {at} still took connection {MOST}"
    )))
}
