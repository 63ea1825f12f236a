//! Loopback servers that follow a script.

mod full;
mod http;
mod report;
mod request;
mod tcp;
mod udp;

use crate::error::StageError;
use crate::limit::{Limit, Stop};
use crate::placeholder::Placeholders;
use crate::script::{Peer, PeerKind, PeerStep};
use report::Report;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Running peers. Each has a thread of its own; http peers have one more for
/// each connection.
///
/// Dropping them stops them, as [`finish`](Peers::finish) does.
#[derive(Debug)]
pub struct Peers {
    stop: Arc<Stop>,
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    name: String,
    address: SocketAddr,
    thread: JoinHandle<Report>,
}

/// What became of all peers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// What each received, as [`Peers::finish`] describes it.
    pub received: BTreeMap<String, Vec<u8>>,
    /// Why a peer did not get through its script, one sentence a peer. That is
    /// no part of what was received, and helps to explain it.
    pub problems: Vec<String>,
}

/// A socket that is bound, with what will be done on it.
enum Bound<'a> {
    Tcp(TcpListener, &'a [PeerStep]),
    Udp(UdpSocket, &'a [PeerStep]),
    Http(TcpListener, &'a [crate::script::CannedResponse]),
    Full(full::Full),
}

impl Peers {
    /// Binds every peer to a port of the kernel's choice and lets it follow its
    /// script. When this returns, all of them can be reached. No thread lives
    /// beyond `deadline`.
    ///
    /// # Errors
    /// When two peers have one name, a script makes no sense, or a socket or a
    /// thread cannot be had. Nothing is left running then.
    pub fn start(peers: &[Peer], deadline: Instant) -> Result<Peers, StageError> {
        for (index, peer) in peers.iter().enumerate() {
            if peers[..index].iter().any(|other| other.name == peer.name) {
                let name = peer.name.clone();
                return Err(StageError::DuplicatePeer { name });
            }
            check(peer)?;
        }
        let failed = |peer: Option<&Peer>, source| StageError::Start {
            peer: peer.map_or_else(String::new, |peer| peer.name.clone()),
            source,
        };
        let stop = Stop::new().map_err(|source| failed(peers.first(), source))?;
        let mut started = Peers {
            stop: Arc::new(stop),
            running: Vec::with_capacity(peers.len()),
        };
        let limit = Limit {
            stop: Arc::clone(&started.stop),
            deadline,
        };
        for peer in peers {
            let (address, bound) = bind(peer).map_err(|(address, source)| StageError::Bind {
                peer: peer.name.clone(),
                address,
                source,
            })?;
            let thread = spawn(&peer.name, bound, limit.clone())
                .map_err(|source| failed(Some(peer), source))?;
            started.running.push(Running {
                name: peer.name.clone(),
                address,
                thread,
            });
        }
        Ok(started)
    }

    /// The address of each peer by name: `127.0.0.1:PORT` or `[::1]:PORT`.
    #[must_use]
    pub fn placeholders(&self) -> BTreeMap<String, String> {
        self.running
            .iter()
            .map(|peer| (peer.name.clone(), peer.address.to_string()))
            .collect()
    }

    /// The same as [`Placeholders`], without ports.
    #[must_use]
    pub fn as_placeholders(&self) -> Placeholders {
        Placeholders {
            peers: self.placeholders(),
            ports: BTreeMap::new(),
        }
    }

    /// Ends all peers and returns what each received. To be called when the
    /// guest has ended: peers wait a moment for what is on its way, and not for
    /// what nobody can send any more. Never waits beyond the deadline.
    ///
    /// What a peer received is, for
    /// - tcp: the bytes of its connections, one after the other. When the
    ///   script ends with a connection open, the peer ends its own side and
    ///   receives what is left, so that everything that was sent is there.
    /// - udp: each datagram as `LENGTH:BYTES,`, because where one ends is part
    ///   of what was sent. Those after the script's end are there too.
    /// - http: a line for each request, see below. The lines are sorted: a
    ///   guest that sends several at once promises no order.
    ///
    /// ```text
    /// METHOD TARGET {name: "value", …} LENGTH sha256:HEX
    /// ```
    ///
    /// Names are in lower case and sorted, values in order and escaped. Left
    /// out are `host`, which has the port in it, and the fields that belong to
    /// the HTTP implementation and not to the program: `connection`, `date`,
    /// `keep-alive`, `content-length`, `transfer-encoding`, `trailer`. Trailers
    /// follow as ` trailers {…}`. A request without content has the length 0
    /// and no digest; one that breaks off ends in ` incomplete`, without a
    /// length, since how much arrived is chance.
    #[must_use]
    pub fn finish(self) -> BTreeMap<String, Vec<u8>> {
        self.finish_with_problems().received
    }

    /// As [`finish`](Peers::finish), and says which peers did not get through
    /// their scripts, with the position of the step and what was expected.
    #[must_use]
    pub fn finish_with_problems(mut self) -> Finished {
        let mut finished = Finished::default();
        // Without it the threads end at the deadline, which is late, not wrong.
        let told = self.stop.tell();
        for peer in self.running.drain(..) {
            let report = peer.thread.join().unwrap_or_else(|_| Report {
                received: Vec::new(),
                problem: Some("its thread panicked: a fault of the harness".to_owned()),
            });
            if let Some(problem) = report.problem {
                finished
                    .problems
                    .push(format!("peer '{}': {problem}", peer.name));
            }
            finished.received.insert(peer.name, report.received);
        }
        if let Err(error) = told {
            finished.problems.push(format!("peers not told: {error}"));
        }
        finished
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // As above: not told means late.
        let _ = self.stop.tell();
        for peer in self.running.drain(..) {
            let _ = peer.thread.join();
        }
    }
}

/// Whether each step can be taken where it stands.
fn check(peer: &Peer) -> Result<(), StageError> {
    let (address, steps, tcp) = match &peer.kind {
        PeerKind::Tcp { address, steps } => (address, steps.as_slice(), true),
        PeerKind::Udp { address, steps } => (address, steps.as_slice(), false),
        PeerKind::Http { address, .. } | PeerKind::Full { address } => {
            (address, [].as_slice(), true)
        }
    };
    if !address.is_loopback() {
        return Err(StageError::NotLoopback {
            peer: peer.name.clone(),
            address: *address,
        });
    }
    let mut open = false;
    for (index, step) in steps.iter().enumerate() {
        let why = match (tcp, step) {
            (_, PeerStep::Pause(_)) => None,
            (true, PeerStep::ReceiveDatagram) => {
                Some("a tcp peer receives a number of bytes, or to the end")
            }
            (true, PeerStep::Accept) => {
                open = true;
                None
            }
            (true, _) if !open => Some("there is no connection; accept one first"),
            (true, PeerStep::Reset | PeerStep::Close) => {
                open = false;
                None
            }
            (true, _) => None,
            (false, PeerStep::ReceiveDatagram) => {
                open = true;
                None
            }
            (false, PeerStep::Send(_)) if open => None,
            (false, PeerStep::Send(_)) => {
                Some("there is nobody to answer; receive a datagram first")
            }
            (false, _) => Some("a udp peer has no connections; it receives datagrams and sends"),
        };
        if let Some(why) = why {
            return Err(StageError::Script {
                peer: peer.name.clone(),
                position: index + 1,
                step: step.to_string(),
                why,
            });
        }
    }
    Ok(())
}

fn bind(peer: &Peer) -> Result<(SocketAddr, Bound<'_>), (IpAddr, io::Error)> {
    let listen = |address: &IpAddr| {
        let listener = TcpListener::bind((*address, 0))?;
        listener.set_nonblocking(true)?;
        Ok((listener.local_addr()?, listener))
    };
    let bound = match &peer.kind {
        PeerKind::Tcp { address, steps } => {
            listen(address).map(|(at, socket)| (at, Bound::Tcp(socket, steps)))
        }
        PeerKind::Http { address, responses } => {
            listen(address).map(|(at, socket)| (at, Bound::Http(socket, responses)))
        }
        PeerKind::Udp { address, steps } => UdpSocket::bind((*address, 0)).and_then(|socket| {
            socket.set_nonblocking(true)?;
            Ok((socket.local_addr()?, Bound::Udp(socket, steps)))
        }),
        PeerKind::Full { address } => {
            full::bind(*address).map(|(at, full)| (at, Bound::Full(full)))
        }
    };
    bound.map_err(|error| (peer.kind.address(), error))
}

fn spawn(name: &str, bound: Bound<'_>, limit: Limit) -> io::Result<JoinHandle<Report>> {
    let builder = thread::Builder::new().name(format!("peer {name}"));
    match bound {
        Bound::Tcp(listener, steps) => {
            let steps = steps.to_vec();
            builder.spawn(move || tcp::run(&listener, &steps, &limit))
        }
        Bound::Udp(socket, steps) => {
            let steps = steps.to_vec();
            builder.spawn(move || udp::run(&socket, &steps, &limit))
        }
        Bound::Http(listener, responses) => {
            let responses = responses.to_vec();
            builder.spawn(move || http::run(&listener, &responses, &limit))
        }
        Bound::Full(full) => builder.spawn(move || {
            // Nothing that it could do: it is there until the guest has ended.
            let _ = limit.pause(Duration::MAX);
            drop(full);
            Report::default()
        }),
    }
}

impl PeerKind {
    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        match self {
            PeerKind::Tcp { address, .. }
            | PeerKind::Udp { address, .. }
            | PeerKind::Full { address }
            | PeerKind::Http { address, .. } => *address,
        }
    }
}
