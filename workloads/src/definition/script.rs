//! Peers of the harness, and the steps it takes beside a running command.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::Duration;

use assay_stage::script::{
    Amount, CannedResponse, Family, Output, Peer, PeerKind, PeerStep, Side, Step, Stream, Trickle,
    Until,
};

use super::{known, one_of, values};
use crate::document::Table;
use crate::error::DefinitionError;

pub(super) const PEER_KEYS: [&str; 6] =
    ["name", "kind", "address", "steps", "response", "received"];
const PEER_STEPS: [&str; 7] = [
    "accept", "receive", "send", "shutdown", "reset", "close", "pause_ms",
];
const RESPONSE_KEYS: [&str; 7] = [
    "path",
    "status",
    "headers",
    "body",
    "delay_ms",
    "body_delay_ms",
    "trickle",
];
const STEPS: [&str; 11] = [
    "write", "read", "close", "pause_ms", "connect", "send", "receive", "shutdown", "reset",
    "signal", "wait",
];

const SIDES: [(&str, Side); 3] = [
    ("read", Side::Read),
    ("write", Side::Write),
    ("both", Side::Both),
];

#[derive(Clone, Copy)]
enum Kind {
    Tcp,
    Udp,
    Http,
    Full,
}

pub(super) fn peers(case: &Table<'_>, fixtures: &Path) -> Result<Vec<Peer>, DefinitionError> {
    let tables = case.tables("peer", &PEER_KEYS)?;
    tables.iter().map(|table| peer(table, fixtures)).collect()
}

fn peer(table: &Table<'_>, fixtures: &Path) -> Result<Peer, DefinitionError> {
    let name = table.required_text("name")?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(table.bad("name", "a peer name can have letters, digits and '-'"));
    }
    let kinds = [
        ("tcp", Kind::Tcp),
        ("udp", Kind::Udp),
        ("http", Kind::Http),
        ("full", Kind::Full),
    ];
    let kind = one_of(table, "kind", "kind of peer", kinds)?;
    let loopback = [
        ("127.0.0.1", IpAddr::V4(Ipv4Addr::LOCALHOST)),
        ("::1", IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    let address = match table.text("address")? {
        None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some(name) => known(table, "address", "loopback address", name, loopback)?,
    };
    let steps = || -> Result<Vec<PeerStep>, DefinitionError> {
        if table.has("response") {
            return Err(table.bad("response", "only a peer of kind http answers requests"));
        }
        let steps = table.tables("steps", &PEER_STEPS)?;
        steps.iter().map(|step| peer_step(step, fixtures)).collect()
    };
    let kind = match kind {
        Kind::Tcp => PeerKind::Tcp {
            address,
            steps: steps()?,
        },
        Kind::Udp => PeerKind::Udp {
            address,
            steps: steps()?,
        },
        Kind::Full if table.has("steps") || table.has("response") => {
            return Err(table.bad("kind", "a peer of kind full only listens"));
        }
        Kind::Full => PeerKind::Full { address },
        Kind::Http if table.has("steps") => {
            return Err(table.bad("steps", "a peer of kind http has responses instead"));
        }
        Kind::Http => PeerKind::Http {
            address,
            responses: table
                .tables("response", &RESPONSE_KEYS)?
                .iter()
                .map(|response| canned(response, fixtures))
                .collect::<Result<_, _>>()?,
        },
    };
    Ok(Peer {
        name: name.to_owned(),
        kind,
    })
}

/// The one key of a step, which says what it does.
fn only<'a>(table: &Table<'a>) -> Result<&'a str, DefinitionError> {
    let mut keys = table.keys();
    match (keys.next(), keys.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(table.bad(table.name(), "a step must do exactly one thing")),
    }
}

fn peer_step(table: &Table<'_>, fixtures: &Path) -> Result<PeerStep, DefinitionError> {
    Ok(match only(table)? {
        "accept" => yes(table, "accept", PeerStep::Accept)?,
        "receive"
            if table
                .text("receive")
                .is_ok_and(|word| word == Some("datagram")) =>
        {
            PeerStep::ReceiveDatagram
        }
        "receive" => PeerStep::Receive(amount(table, "receive")?),
        "send" => PeerStep::Send(bytes(table, "send", fixtures)?),
        "shutdown" => PeerStep::Shutdown(one_of(table, "shutdown", "side", SIDES)?),
        "reset" => yes(table, "reset", PeerStep::Reset)?,
        "close" => yes(table, "close", PeerStep::Close)?,
        _ => PeerStep::Pause(millis(table, "pause_ms")?),
    })
}

fn yes<T>(table: &Table<'_>, key: &str, value: T) -> Result<T, DefinitionError> {
    match table.boolean(key)? {
        Some(true) => Ok(value),
        _ => Err(table.bad(key, "must be true; otherwise leave out the step")),
    }
}

/// `"end"` or a number of bytes.
fn amount(table: &Table<'_>, key: &'static str) -> Result<Amount, DefinitionError> {
    match table.text(key) {
        Ok(Some("end")) => Ok(Amount::End),
        Ok(Some(_)) => Err(table.bad(key, "must be a number of bytes, or \"end\"")),
        _ => Ok(Amount::Bytes(table.required_number(key)?)),
    }
}

fn millis(table: &Table<'_>, key: &'static str) -> Result<Duration, DefinitionError> {
    Ok(Duration::from_millis(table.required_number(key)?))
}

fn bytes(table: &Table<'_>, key: &str, fixtures: &Path) -> Result<Vec<u8>, DefinitionError> {
    Ok(values::content(table, key, fixtures)?
        .unwrap_or_default()
        .bytes()
        .to_vec())
}

fn canned(table: &Table<'_>, fixtures: &Path) -> Result<CannedResponse, DefinitionError> {
    let status = table.required_number("status")?;
    let delay = |key| {
        let number = table.number(key)?;
        Ok(Duration::from_millis(number.unwrap_or_default()))
    };
    let trickle = table
        .table("trickle", &["bytes", "pause_ms"])?
        .map(|trickle| {
            Ok(Trickle {
                bytes: usize::try_from(trickle.required_number("bytes")?).unwrap_or(usize::MAX),
                pause: millis(&trickle, "pause_ms")?,
            })
        })
        .transpose()?;
    Ok(CannedResponse {
        path: table.required_text("path")?.to_owned(),
        status: u16::try_from(status)
            .map_err(|_| table.bad("status", "a status code must be from 100 to 599"))?,
        headers: values::fields(table, "headers")?,
        body: bytes(table, "body", fixtures)?,
        delay: delay("delay_ms")?,
        body_delay: delay("body_delay_ms")?,
        trickle,
    })
}

/// The steps of a command's case.
pub(super) fn steps(case: &Table<'_>, fixtures: &Path) -> Result<Vec<Step>, DefinitionError> {
    let tables = case.tables("step", &STEPS)?;
    tables.iter().map(|table| step(table, fixtures)).collect()
}

fn step(table: &Table<'_>, fixtures: &Path) -> Result<Step, DefinitionError> {
    let text = |table: &Table<'_>, key| table.required_text(key).map(str::to_owned);
    Ok(match only(table)? {
        "write" => Step::Write(bytes(table, "write", fixtures)?),
        "read" => {
            let read = table.required_table("read", &["from", "bytes", "until"])?;
            let outputs = [("stdout", Output::Stdout), ("stderr", Output::Stderr)];
            let until = match (read.number("bytes")?, read.text("until")?) {
                (Some(bytes), None) => Until::Bytes(bytes),
                (None, Some(text)) if !text.is_empty() => {
                    Until::Delimiter(text.as_bytes().to_vec())
                }
                _ => return Err(read.bad("read", "needs exactly one of bytes and until")),
            };
            Step::Read {
                from: one_of(&read, "from", "output", outputs)?,
                until,
            }
        }
        "close" => {
            let streams = [
                ("stdin", Stream::Stdin),
                ("stdout", Stream::Stdout),
                ("stderr", Stream::Stderr),
            ];
            Step::Close(one_of(table, "close", "stream", streams)?)
        }
        "pause_ms" => Step::Pause(millis(table, "pause_ms")?),
        "connect" => {
            let connect = table.required_table("connect", &["as", "to", "family"])?;
            let families = [("ipv4", Family::Ipv4), ("ipv6", Family::Ipv6)];
            Step::Connect {
                name: text(&connect, "as")?,
                to: text(&connect, "to")?,
                family: match connect.text("family")? {
                    None => Family::Ipv4,
                    Some(name) => known(&connect, "family", "address family", name, families)?,
                },
            }
        }
        "send" => {
            let send = table.required_table("send", &["on", "content"])?;
            Step::Send {
                on: text(&send, "on")?,
                content: bytes(&send, "content", fixtures)?,
            }
        }
        "receive" => {
            let receive = table.required_table("receive", &["on", "bytes"])?;
            Step::Receive {
                on: text(&receive, "on")?,
                amount: amount(&receive, "bytes")?,
            }
        }
        "shutdown" => {
            let shutdown = table.required_table("shutdown", &["on", "side"])?;
            Step::Shutdown {
                on: text(&shutdown, "on")?,
                side: one_of(&shutdown, "side", "side", SIDES)?,
            }
        }
        "reset" => Step::Reset(text(table, "reset")?),
        "signal" => Step::Signal(text(table, "signal")?),
        _ => match table.required_text("wait")? {
            "exit" => Step::WaitExit,
            _ => return Err(table.bad("wait", "must be \"exit\"")),
        },
    })
}
