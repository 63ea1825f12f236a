//! An http peer: canned answers by path.

use super::report::Report;
use super::request::{Incoming, Reader};
use super::tcp::{is_nothing, prepared, send};
use crate::limit::{IDLE_GRACE, Limit, Waited};
use crate::script::CannedResponse;
use rustix::event::PollFlags;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What all connections of a peer write down.
#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    problem: Option<String>,
}

/// Answers until the guest has ended, a thread for each connection.
pub(super) fn run(listener: &TcpListener, responses: &[CannedResponse], limit: &Limit) -> Report {
    let notes = Mutex::new(Notes::default());
    thread::scope(|scope| {
        while let Ok(Waited::Ready) = limit.ready(listener, PollFlags::IN, IDLE_GRACE) {
            let stream = match listener.accept().and_then(|(stream, _)| prepared(stream)) {
                Ok(stream) => stream,
                Err(error) if is_nothing(&error) => continue,
                Err(error) => {
                    note(&notes, |notes| notes.problem = Some(error.to_string()));
                    break;
                }
            };
            let notes = &notes;
            let spawned = thread::Builder::new()
                .spawn_scoped(scope, move || serve(&stream, responses, limit, notes));
            if let Err(error) = spawned {
                note(notes, |notes| notes.problem = Some(error.to_string()));
                break;
            }
        }
    });
    let mut notes = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    notes.lines.sort_unstable();
    let mut received = notes.lines.join("\n").into_bytes();
    if !received.is_empty() {
        received.push(b'\n');
    }
    Report {
        received,
        problem: notes.problem,
    }
}

fn note(notes: &Mutex<Notes>, change: impl FnOnce(&mut Notes)) {
    // Lines are whole however a thread ended.
    change(&mut notes.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, responses: &[CannedResponse], limit: &Limit, notes: &Mutex<Notes>) {
    let mut reader = Reader::new(stream, limit);
    loop {
        match reader.next() {
            Ok(Incoming::Request(request)) => {
                note(notes, |notes| notes.lines.push(request.line.clone()));
                if request.incomplete {
                    return;
                }
                let found = find(responses, &request.target);
                let sent = respond(stream, &request.method, found, limit);
                // The guest may have left: that is its right, and shows in
                // what it says of it.
                if sent.is_err() || request.close {
                    break;
                }
            }
            Ok(Incoming::End) => return,
            Err(problem) => {
                note(notes, |notes| notes.problem = Some(problem));
                return;
            }
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    reader.discard();
}

fn find<'a>(responses: &'a [CannedResponse], target: &str) -> Option<&'a CannedResponse> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let by = |wanted: &str| responses.iter().find(|response| response.path == wanted);
    by(target).or_else(|| by(path))
}

fn respond(
    stream: &TcpStream,
    method: &str,
    response: Option<&CannedResponse>,
    limit: &Limit,
) -> Result<(), String> {
    let Some(response) = response else {
        return send(
            stream,
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            limit,
        );
    };
    let pause = |time| limit.pause(time).map_err(|error| error.to_string());
    pause(response.delay)?;
    send(stream, &head(response), limit)?;
    // RFC 9110, 9.3.2, 15.2, 15.3.5 and 15.4.5: these have no content.
    if method == "HEAD" || matches!(response.status, 100..=199 | 204 | 304) {
        return Ok(());
    }
    pause(response.body_delay)?;
    let Some(trickle) = response.trickle else {
        return send(stream, &response.body, limit);
    };
    let mut pieces = response.body.chunks(trickle.bytes.max(1)).peekable();
    while let Some(piece) = pieces.next() {
        send(stream, piece, limit)?;
        if pieces.peek().is_some() {
            pause(trickle.pause)?;
        }
    }
    Ok(())
}

fn head(response: &CannedResponse) -> Vec<u8> {
    // No reason phrase: nothing may depend on it (RFC 9112, 4).
    let mut head = format!("HTTP/1.1 {} \r\n", response.status).into_bytes();
    let mut framed = matches!(response.status, 100..=199 | 204);
    for (name, value) in &response.headers {
        framed |= name.eq_ignore_ascii_case("content-length")
            || name.eq_ignore_ascii_case("transfer-encoding");
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    }
    if !framed {
        head.extend_from_slice(format!("content-length: {}\r\n", response.body.len()).as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}
