//! Cases of `wasi:http/proxy`.

use std::path::Path;
use std::time::Duration;

use assay_model::HttpOutcome;

use super::{refuse, source, values};
use crate::content::Content;
use crate::document::Table;
use crate::error::{DefinitionError, Problem};
use crate::exchange::{
    Composed, Exchange, ExpectedAnswer, ExpectedEnd, ExpectedResponse, Message, Request,
};
use crate::world::World;

const REQUEST_KEYS: [&str; 12] = [
    "method",
    "path",
    "headers",
    "body",
    "chunk",
    "trailers",
    "raw",
    "together",
    "pause_ms",
    "read_pause_ms",
    "leave",
    "expect",
];
const EXPECT_KEYS: [&str; 7] = [
    "source", "status", "headers", "body", "trailers", "gone", "aborted",
];

/// The value of `body` for an answer that the host makes, not the program:
/// its content is not part of the outcome.
const OF_THE_HOST: &str = "of-the-host";

/// The value of `body` that stands for the body of the request.
const SAME_AS_REQUEST: &str = "same-as-request";

pub(super) fn parse(
    table: &Table<'_>,
    world: World,
    fixtures: &Path,
) -> Result<Vec<Exchange>, DefinitionError> {
    refuse(
        table,
        &["args", "env", "stdin", "tree", "step", "expect", "preopens"],
        world,
    )?;
    let requests = table.tables("request", &REQUEST_KEYS)?;
    if requests.is_empty() {
        return Err(table.error(Problem::MissingKey {
            key: "request",
            table: table.name().to_owned(),
        }));
    }
    requests
        .iter()
        .map(|table| {
            let request = request(table, fixtures)?;
            let expect = expectation(table, &request, fixtures)?;
            Ok(Exchange { request, expect })
        })
        .collect()
}

fn request(table: &Table<'_>, fixtures: &Path) -> Result<Request, DefinitionError> {
    let message = match values::content(table, "raw", fixtures)? {
        None => Message::Composed(composed(table, fixtures)?),
        Some(raw) => {
            let beside = ["method", "path", "headers", "body", "trailers"];
            if let Some(key) = beside.iter().find(|key| table.has(key)) {
                return Err(table.bad(
                    key,
                    "cannot be combined with raw, which is the whole request",
                ));
            }
            Message::Raw(raw)
        }
    };
    let together = table.number("together")?.unwrap_or(1);
    let together = usize::try_from(together)
        .ok()
        .filter(|copies| (1..=1000).contains(copies))
        .ok_or_else(|| table.bad("together", "must be from 1 to 1,000"))?;
    let millis = |key| {
        let pause = table.number(key)?.unwrap_or_default();
        Ok::<_, DefinitionError>(Duration::from_millis(pause))
    };
    let leave = table
        .table("leave", &["after_bytes"])?
        .map(|leave| leave.required_number("after_bytes"))
        .transpose()?;
    let piece = table
        .number("chunk")?
        .and_then(|chunk| usize::try_from(chunk).ok());
    Ok(Request {
        message,
        piece,
        together,
        pause: millis("pause_ms")?,
        read_pause: millis("read_pause_ms")?,
        leave_after: leave,
    })
}

fn composed(table: &Table<'_>, fixtures: &Path) -> Result<Composed, DefinitionError> {
    let method = table.required_text("method")?;
    if method.is_empty() || !method.chars().all(|c| c.is_ascii_uppercase() || c == '-') {
        return Err(table.bad("method", "a method must be an upper-case word"));
    }
    let path = table.required_text("path")?;
    // A path, or the two other forms that some methods have (RFC 9112, 3.2).
    let form = path.starts_with('/') || path == "*" || path.starts_with("http://");
    if !form || !path.chars().all(|c| c.is_ascii_graphic()) {
        return Err(table.bad(
            "path",
            "a path must begin with '/' and contain no space or control character",
        ));
    }
    let headers = values::fields(table, "headers")?;
    if let Some((name, _)) = headers
        .iter()
        .find(|(name, _)| is_of_the_host(name) || name == "host")
    {
        return Err(table.bad(
            "headers",
            format!("'{name}' belongs to the client that sends the request"),
        ));
    }
    let body = values::content(table, "body", fixtures)?;
    let chunk = table.number("chunk")?;
    let trailers = values::fields(table, "trailers")?;
    if chunk.is_some() && body.is_none() {
        return Err(table.bad("chunk", "the request has no body to send in chunks"));
    }
    if chunk.is_none() && !trailers.is_empty() {
        return Err(table.bad("trailers", "trailers need a body that is sent in chunks"));
    }
    let chunk = chunk
        .map(|chunk| usize::try_from(chunk).ok().filter(|chunk| *chunk > 0))
        .map(|chunk| chunk.ok_or_else(|| table.bad("chunk", "a chunk must have at least one byte")))
        .transpose()?;
    Ok(Composed {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body,
        chunk,
        trailers,
    })
}

fn expectation(
    request_table: &Table<'_>,
    request: &Request,
    fixtures: &Path,
) -> Result<ExpectedAnswer, DefinitionError> {
    let table = request_table.required_table("expect", &EXPECT_KEYS)?;
    let source = source(&table)?;
    let ends = [
        ("gone", ExpectedEnd::Gone),
        ("aborted", ExpectedEnd::Aborted),
    ];
    for (key, end) in ends {
        if !table.has(key) {
            continue;
        }
        let alone = table.keys().all(|other| other == key || other == "source");
        if !alone || table.boolean(key)? != Some(true) {
            return Err(table.bad(
                key,
                format!("{key} = true must be the only expectation: there is no complete answer to compare"),
            ));
        }
        if request.leave_after.is_none() && end == ExpectedEnd::Gone {
            return Err(table.bad(key, "the client does not leave: the request has no 'leave'"));
        }
        return Ok(ExpectedAnswer { source, end });
    }
    if table
        .text("body")
        .is_ok_and(|word| word == Some(OF_THE_HOST))
    {
        if let Some(key) = ["headers", "trailers"].iter().find(|key| table.has(key)) {
            return Err(table.bad(key, "only the status of an answer of the host is compared"));
        }
        let status = status(&table)?;
        return Ok(ExpectedAnswer {
            source,
            end: ExpectedEnd::OfTheHost(status),
        });
    }
    Ok(ExpectedAnswer {
        source,
        end: ExpectedEnd::Complete(response(&table, request, fixtures)?),
    })
}

fn status(table: &Table<'_>) -> Result<u16, DefinitionError> {
    let status = table.required_number("status")?;
    u16::try_from(status)
        .ok()
        .filter(|status| (100..600).contains(status))
        .ok_or_else(|| table.bad("status", "a status code must be from 100 to 599"))
}

fn response(
    table: &Table<'_>,
    request: &Request,
    fixtures: &Path,
) -> Result<ExpectedResponse, DefinitionError> {
    let status = status(table)?;
    let fields = |key: &'static str| {
        let fields = values::fields(table, key)?;
        match fields.iter().find(|(name, _)| is_of_the_host(name)) {
            None => Ok(fields),
            Some((name, _)) => Err(table.bad(
                key,
                format!(
                    "'{name}' belongs to the host and is not compared, so it cannot be expected"
                ),
            )),
        }
    };
    Ok(ExpectedResponse {
        status,
        headers: fields("headers")?,
        body: body(table, request, fixtures)?,
        trailers: fields("trailers")?,
    })
}

fn body(table: &Table<'_>, request: &Request, fixtures: &Path) -> Result<Content, DefinitionError> {
    // A string here is the one special value; anything else is content.
    if let Ok(Some(word)) = table.text("body") {
        return if word == SAME_AS_REQUEST {
            Ok(request.body().cloned().unwrap_or_default())
        } else {
            Err(table.bad(
                "body",
                format!(
                    "must be content such as {{ text = \"…\" }}, \"{SAME_AS_REQUEST}\" or \"{OF_THE_HOST}\""
                ),
            ))
        };
    }
    values::content(table, "body", fixtures)?.ok_or_else(|| {
        table.error(Problem::MissingKey {
            key: "body",
            table: table.name().to_owned(),
        })
    })
}

/// Whether the normal form drops this field.
fn is_of_the_host(name: &str) -> bool {
    HttpOutcome::new(200, [(name.to_owned(), Vec::new())], Vec::new(), [])
        .headers
        .is_empty()
}
