//! Cases of `wasi:http/proxy`.

use std::path::Path;

use assay_model::HttpOutcome;

use super::{refuse, source, values};
use crate::content::Content;
use crate::document::Table;
use crate::error::{DefinitionError, Problem};
use crate::workload::{Exchange, ExpectedResponse, Request, World};

const REQUEST_KEYS: [&str; 6] = ["method", "path", "headers", "body", "chunk", "expect"];
const EXPECT_KEYS: [&str; 5] = ["source", "status", "headers", "body", "trailers"];

/// The value of `body` that stands for the body of the request.
const SAME_AS_REQUEST: &str = "same-as-request";

pub(super) fn parse(table: &Table<'_>, fixtures: &Path) -> Result<Vec<Exchange>, DefinitionError> {
    refuse(
        table,
        &["args", "env", "stdin", "tree", "expect"],
        World::Proxy,
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
            let expect = response(table, &request, fixtures)?;
            Ok(Exchange { request, expect })
        })
        .collect()
}

fn request(table: &Table<'_>, fixtures: &Path) -> Result<Request, DefinitionError> {
    let method = table.required_text("method")?;
    if method.is_empty() || !method.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(table.bad("method", "a method is a word in upper case"));
    }
    let path = table.required_text("path")?;
    if !path.starts_with('/') || !path.chars().all(|c| c.is_ascii_graphic()) {
        return Err(table.bad(
            "path",
            "a path begins with '/' and has no space or control character",
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
    if chunk.is_some() && body.is_none() {
        return Err(table.bad("chunk", "there is no body to send in chunks"));
    }
    let chunk = chunk
        .map(|chunk| usize::try_from(chunk).ok().filter(|chunk| *chunk > 0))
        .map(|chunk| chunk.ok_or_else(|| table.bad("chunk", "a chunk has at least one byte")))
        .transpose()?;
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body,
        chunk,
    })
}

fn response(
    request_table: &Table<'_>,
    request: &Request,
    fixtures: &Path,
) -> Result<ExpectedResponse, DefinitionError> {
    let table = request_table.required_table("expect", &EXPECT_KEYS)?;
    let status = table.required_number("status")?;
    let status = u16::try_from(status)
        .ok()
        .filter(|status| (100..600).contains(status))
        .ok_or_else(|| table.bad("status", "a status code is a number from 100 to 599"))?;
    let fields = |key: &'static str| {
        let fields = values::fields(&table, key)?;
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
        source: source(&table)?,
        status,
        headers: fields("headers")?,
        body: body(&table, request, fixtures)?,
        trailers: fields("trailers")?,
    })
}

fn body(table: &Table<'_>, request: &Request, fixtures: &Path) -> Result<Content, DefinitionError> {
    // A string here is the one special value; anything else is content.
    if let Ok(Some(word)) = table.text("body") {
        return if word == SAME_AS_REQUEST {
            Ok(request.body.clone().unwrap_or_default())
        } else {
            Err(table.bad(
                "body",
                format!("is content such as {{ text = \"…\" }}, or \"{SAME_AS_REQUEST}\""),
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
