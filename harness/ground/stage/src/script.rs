//! What peers and steps do, as plain data: no I/O.
//!
//! Loaders build these values, of which the plain names are read as they are,
//! and the rest of the crate carries them out. The
//! `Display` of a step is what errors call it.

use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// A loopback server of the harness.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// What placeholders and expectations call it.
    pub name: String,
    /// What it speaks, and what it does.
    pub kind: PeerKind,
}

/// What a peer speaks.
#[derive(Debug, Clone, PartialEq)]
pub enum PeerKind {
    /// One connection after the other, by script.
    Tcp {
        /// The loopback address it listens on.
        address: IpAddr,
        /// What it does, in this order.
        steps: Vec<PeerStep>,
    },
    /// Datagrams, by script.
    Udp {
        /// The loopback address it is bound to.
        address: IpAddr,
        /// What it does, in this order.
        steps: Vec<PeerStep>,
    },
    /// Listens and never takes a connection: connecting to it hears nothing.
    Full {
        /// The loopback address it listens on.
        address: IpAddr,
    },
    /// Canned answers by path; anything else is 404.
    Http {
        /// The loopback address it listens on.
        address: IpAddr,
        /// The answers.
        responses: Vec<CannedResponse>,
    },
}

/// One step of a tcp or udp peer.
#[derive(Debug, Clone, PartialEq)]
pub enum PeerStep {
    /// tcp: take the next connection. One that is still open is closed.
    Accept,
    /// tcp: receive from the connection.
    Receive(Amount),
    /// udp: receive one datagram.
    ReceiveDatagram,
    /// tcp: send on the connection. udp: answer the last sender.
    Send(Vec<u8>),
    /// tcp: end one side of the connection, or both.
    Shutdown(Side),
    /// tcp: close the connection with RST (`SO_LINGER` of zero).
    Reset,
    /// tcp: close the connection.
    Close,
    /// Do nothing for so long.
    Pause(Duration),
}

/// How much to receive from a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Exactly so many bytes.
    Bytes(u64),
    /// Everything until the other side ends.
    End,
}

/// The side of a connection that is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// No more is read.
    Read,
    /// No more is written: the other side sees the end.
    Write,
    /// Both.
    Both,
}

/// An answer of an http peer.
#[derive(Debug, Clone, PartialEq)]
pub struct CannedResponse {
    /// The request target it answers: compared whole, then without its query.
    pub path: String,
    /// The status code.
    pub status: u16,
    /// Header fields; `content-length` is added unless they frame the body.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The content.
    pub body: Vec<u8>,
    /// Silence before the status line.
    pub delay: Duration,
    /// Silence between head and content.
    pub body_delay: Duration,
    /// Send the content in small pieces.
    pub trickle: Option<Trickle>,
}

/// How a body trickles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trickle {
    /// Bytes of a piece; zero is taken as one.
    pub bytes: usize,
    /// Silence between two pieces.
    pub pause: Duration,
}

/// One step of a command's case, taken by the harness beside the guest.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Write to the guest's standard input.
    Write(Vec<u8>),
    /// Read from an output of the guest, and no further than asked.
    Read {
        /// Which one.
        from: Output,
        /// How far.
        until: Until,
    },
    /// Close the harness's end of a stream: the guest sees the end of its
    /// input, or a broken pipe.
    Close(Stream),
    /// Neither read nor write for so long.
    Pause(Duration),
    /// Connect to the guest, again and again until it listens.
    Connect {
        /// What later steps call the connection.
        name: String,
        /// `PORT` or `ADDRESS:PORT`, after placeholders are filled in.
        to: String,
        /// Which loopback address a bare port means.
        family: Family,
    },
    /// Send on a connection.
    Send {
        /// Its name.
        on: String,
        /// The bytes.
        content: Vec<u8>,
    },
    /// Receive from a connection.
    Receive {
        /// Its name.
        on: String,
        /// How much.
        amount: Amount,
    },
    /// End a side of a connection.
    Shutdown {
        /// Its name.
        on: String,
        /// Which side.
        side: Side,
    },
    /// Close a connection with RST.
    Reset(String),
    /// Send the guest a signal, named without `SIG`.
    Signal(String),
    /// Wait until the guest has ended.
    WaitExit,
}

/// An output of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How far to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// So many bytes.
    Bytes(u64),
    /// Up to these bytes and with them.
    Delimiter(Vec<u8>),
}

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// 127.0.0.1
    Ipv4,
    /// ::1
    Ipv6,
}

/// `1 byte`, `2 bytes`.
pub(crate) struct Count(pub(crate) u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 byte"),
            n => write!(f, "{n} bytes"),
        }
    }
}

fn length(bytes: &[u8]) -> Count {
    Count(bytes.len() as u64)
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Bytes(n) => Count(*n).fmt(f),
            Amount::End => f.write_str("everything to the end"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Read => "the reading side",
            Side::Write => "the writing side",
            Side::Both => "both sides",
        })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Output::Stdout => "stdout",
            Output::Stderr => "stderr",
        })
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Until::Bytes(n) => Count(*n).fmt(f),
            Until::Delimiter(bytes) => write!(f, "up to \"{}\"", bytes.escape_ascii()),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stream::Stdin => "stdin",
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        })
    }
}

impl fmt::Display for PeerStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PeerStep::Accept => f.write_str("accept a connection"),
            PeerStep::Receive(amount) => write!(f, "receive {amount}"),
            PeerStep::ReceiveDatagram => f.write_str("receive a datagram"),
            PeerStep::Send(bytes) => write!(f, "send {}", length(bytes)),
            PeerStep::Shutdown(side) => write!(f, "shut down {side}"),
            PeerStep::Reset => f.write_str("reset the connection"),
            PeerStep::Close => f.write_str("close the connection"),
            PeerStep::Pause(time) => write!(f, "pause for {} ms", time.as_millis()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Write(bytes) => write!(f, "write {} to stdin", length(bytes)),
            Step::Read { from, until } => write!(f, "read {until} from {from}"),
            Step::Close(stream) => write!(f, "close {stream}"),
            Step::Pause(time) => write!(f, "pause for {} ms", time.as_millis()),
            Step::Connect { name, to, .. } => write!(f, "connect '{name}' to {to}"),
            Step::Send { on, content } => write!(f, "send {} on '{on}'", length(content)),
            Step::Receive { on, amount } => write!(f, "receive {amount} on '{on}'"),
            Step::Shutdown { on, side } => write!(f, "shut down {side} of '{on}'"),
            Step::Reset(name) => write!(f, "reset '{name}'"),
            Step::Signal(name) => write!(f, "signal {name}"),
            Step::WaitExit => f.write_str("wait for the exit"),
        }
    }
}
