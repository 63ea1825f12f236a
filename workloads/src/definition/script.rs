//! Peers of the harness, and the steps it takes beside a running command.

use std::path::Path;

use assay_stage::script::{
    CannedResponse, Family, Output, Peer, PeerKind, PeerStep, Side, Step, Stream, Trickle, Until,
};
use serde::Deserialize;
use toml::Spanned;

use super::content::RawContent;
use super::leaf::{Bytes, Fields, Loopback, Millis, PeerName, Received, Status, Yes};
use crate::document::Wrong;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPeer {
    name: PeerName,
    kind: Spanned<RawPeerKind>,
    address: Option<Loopback>,
    steps: Option<Spanned<Vec<RawPeerStep>>>,
    response: Option<Spanned<Vec<RawResponse>>>,
    received: Option<RawContent>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawPeerKind {
    Tcp,
    Udp,
    Http,
    Full,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawPeerStep {
    Accept(Yes),
    Receive(Received),
    Send(RawContent),
    Shutdown(Side),
    Reset(Yes),
    Close(Yes),
    PauseMs(Millis),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResponse {
    path: String,
    status: Status,
    headers: Option<Fields>,
    body: Option<RawContent>,
    delay_ms: Option<Millis>,
    body_delay_ms: Option<Millis>,
    trickle: Option<RawTrickle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTrickle {
    bytes: usize,
    pause_ms: Millis,
}

/// A peer, and what it should receive where that is part of the outcome.
pub(super) fn peer(raw: RawPeer, fixtures: &Path) -> Result<(Peer, Option<RawContent>), Wrong> {
    let address = raw.address.unwrap_or(Loopback::V4).address();
    let kind = match (raw.kind.get_ref(), raw.steps, raw.response) {
        (RawPeerKind::Tcp | RawPeerKind::Udp, _, Some(response)) => {
            let why = "only a peer of kind http answers requests";
            return Err(Wrong::value(&response.span(), why));
        }
        (RawPeerKind::Http, Some(steps), _) => {
            let why = "a peer of kind http has responses instead";
            return Err(Wrong::value(&steps.span(), why));
        }
        (RawPeerKind::Full, Some(_), _) | (RawPeerKind::Full, _, Some(_)) => {
            let why = "a full peer does nothing but listen";
            return Err(Wrong::value(&raw.kind.span(), why));
        }
        (RawPeerKind::Full, None, None) => PeerKind::Full { address },
        (RawPeerKind::Http, None, responses) => PeerKind::Http {
            address,
            responses: responses
                .map(Spanned::into_inner)
                .unwrap_or_default()
                .into_iter()
                .map(|response| canned(response, fixtures))
                .collect::<Result<_, _>>()?,
        },
        (kind, steps, None) => {
            let steps = steps
                .map(Spanned::into_inner)
                .unwrap_or_default()
                .into_iter()
                .map(|step| peer_step(step, fixtures))
                .collect::<Result<_, _>>()?;
            match kind {
                RawPeerKind::Udp => PeerKind::Udp { address, steps },
                _ => PeerKind::Tcp { address, steps },
            }
        }
    };
    let peer = Peer {
        name: raw.name.0,
        kind,
    };
    Ok((peer, raw.received))
}

fn peer_step(raw: RawPeerStep, fixtures: &Path) -> Result<PeerStep, Wrong> {
    Ok(match raw {
        RawPeerStep::Accept(Yes(())) => PeerStep::Accept,
        RawPeerStep::Receive(Received(None)) => PeerStep::ReceiveDatagram,
        RawPeerStep::Receive(Received(Some(amount))) => PeerStep::Receive(amount),
        RawPeerStep::Send(content) => PeerStep::Send(content.bytes(fixtures)?),
        RawPeerStep::Shutdown(side) => PeerStep::Shutdown(side),
        RawPeerStep::Reset(Yes(())) => PeerStep::Reset,
        RawPeerStep::Close(Yes(())) => PeerStep::Close,
        RawPeerStep::PauseMs(pause) => PeerStep::Pause(pause.0),
    })
}

fn canned(raw: RawResponse, fixtures: &Path) -> Result<CannedResponse, Wrong> {
    let wait = |millis: Option<Millis>| millis.map(|millis| millis.0).unwrap_or_default();
    Ok(CannedResponse {
        path: raw.path,
        status: raw.status.0,
        headers: raw.headers.map(|fields| fields.0).unwrap_or_default(),
        body: match raw.body {
            Some(body) => body.bytes(fixtures)?,
            None => Vec::new(),
        },
        delay: wait(raw.delay_ms),
        body_delay: wait(raw.body_delay_ms),
        trickle: raw.trickle.map(|trickle| Trickle {
            bytes: trickle.bytes,
            pause: trickle.pause_ms.0,
        }),
    })
}

/// A step of a command's case: one key, which says what is done.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RawStep {
    Write(RawContent),
    Read {
        from: Output,
        bytes: Option<u64>,
        until: Option<String>,
    },
    Close(Stream),
    PauseMs(Millis),
    Connect {
        #[serde(rename = "as")]
        name: String,
        to: String,
        family: Option<Family>,
    },
    Send {
        on: String,
        content: RawContent,
    },
    Receive {
        on: String,
        bytes: Bytes,
    },
    Shutdown {
        on: String,
        side: Side,
    },
    Reset(String),
    Signal(String),
    Wait(WaitFor),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WaitFor {
    Exit,
}

/// A step of a command's case.
pub(super) fn step(raw: Spanned<RawStep>, fixtures: &Path) -> Result<Step, Wrong> {
    let span = raw.span();
    Ok(match raw.into_inner() {
        RawStep::Write(content) => Step::Write(content.bytes(fixtures)?),
        RawStep::Read { from, bytes, until } => Step::Read {
            from,
            until: match (bytes, until) {
                (Some(bytes), None) => Until::Bytes(bytes),
                (None, Some(text)) if !text.is_empty() => Until::Delimiter(text.into_bytes()),
                _ => {
                    let why = "a read needs exactly one of bytes and until";
                    return Err(Wrong::value(&span, why));
                }
            },
        },
        RawStep::Close(stream) => Step::Close(stream),
        RawStep::PauseMs(pause) => Step::Pause(pause.0),
        RawStep::Connect { name, to, family } => Step::Connect {
            name,
            to,
            family: family.unwrap_or(Family::Ipv4),
        },
        RawStep::Send { on, content } => Step::Send {
            on,
            content: content.bytes(fixtures)?,
        },
        RawStep::Receive { on, bytes } => Step::Receive {
            on,
            amount: bytes.0,
        },
        RawStep::Shutdown { on, side } => Step::Shutdown { on, side },
        RawStep::Reset(name) => Step::Reset(name),
        RawStep::Signal(name) => Step::Signal(name),
        RawStep::Wait(WaitFor::Exit) => Step::WaitExit,
    })
}
