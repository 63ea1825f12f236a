//! A small JSON API over a table of airports.
//!
//! - `GET /airports/{code}`: one airport
//! - `GET /states`: how many airports each state has
//! - `GET /states/{state}/airports?offset=N&limit=N`: some of them, by code
//! - `POST /searches`: those that a JSON document asks for
//!
//! Errors are problem documents (RFC 9457).

mod table;

use assay_guests_program_http_shell::{Reply, Request, decoded};
use matchit::{Params, Router};
use serde::{Deserialize, Serialize};

use table::{Airport, airports};

/// What a route does: its one method, and the function behind it.
#[derive(Clone, Copy)]
struct Route {
    method: &'static str,
    answer: fn(&Request, &Params<'_, '_>) -> Result<Reply, Problem>,
}

/// A problem document.
#[derive(Serialize)]
struct Problem {
    status: u16,
    title: &'static str,
    detail: String,
}

fn problem(status: u16, title: &'static str, detail: impl Into<String>) -> Problem {
    Problem {
        status,
        title,
        detail: detail.into(),
    }
}

const ROUTES: [(&str, Route); 4] = [
    (
        "/airports/{code}",
        Route {
            method: "GET",
            answer: one,
        },
    ),
    (
        "/states",
        Route {
            method: "GET",
            answer: states,
        },
    ),
    (
        "/states/{state}/airports",
        Route {
            method: "GET",
            answer: of_state,
        },
    ),
    (
        "/searches",
        Route {
            method: "POST",
            answer: search,
        },
    ),
];

/// Answers one request.
pub fn answer(request: &Request) -> Reply {
    match routed(request) {
        Ok(reply) => reply,
        Err(problem) => written(problem.status, "application/problem+json", &problem),
    }
}

fn routed(request: &Request) -> Result<Reply, Problem> {
    let mut router = Router::new();
    for (path, route) in ROUTES {
        router
            .insert(path, route)
            .map_err(|error| problem(500, "Internal Server Error", error.to_string()))?;
    }
    let found = router
        .at(&request.path)
        .map_err(|_| problem(404, "Not Found", format!("no resource at {}", request.path)))?;
    let route = found.value;
    if request.method != route.method {
        let refused = problem(
            405,
            "Method Not Allowed",
            format!("{} takes {}", request.path, route.method),
        );
        return Ok(written(405, "application/problem+json", &refused).with("allow", route.method));
    }
    (route.answer)(request, &found.params)
}

fn written<T: Serialize>(status: u16, content_type: &str, value: &T) -> Reply {
    match serde_json::to_vec(value) {
        Ok(body) => Reply::new(status, content_type, body),
        Err(error) => Reply::text(500, &error.to_string()),
    }
}

fn found<T: Serialize>(value: &T) -> Reply {
    written(200, "application/json", value)
}

/// The part of the path called `name`, decoded.
fn part(params: &Params<'_, '_>, name: &str) -> Result<String, Problem> {
    params.get(name).and_then(decoded).ok_or_else(|| {
        problem(
            400,
            "Bad Request",
            format!("the {name} is not percent-encoded UTF-8"),
        )
    })
}

fn one(_: &Request, params: &Params<'_, '_>) -> Result<Reply, Problem> {
    let code = part(params, "code")?;
    airports()
        .into_iter()
        .find(|airport| airport.code == code)
        .map(|airport| found(&airport))
        .ok_or_else(|| problem(404, "Not Found", format!("no airport {code:?}")))
}

fn states(_: &Request, _: &Params<'_, '_>) -> Result<Reply, Problem> {
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for airport in airports() {
        *counts.entry(airport.state).or_default() += 1;
    }
    Ok(found(&counts))
}

#[derive(Serialize)]
struct Page {
    total: usize,
    offset: usize,
    airports: Vec<Airport>,
}

fn page(mut all: Vec<Airport>, offset: usize, limit: usize) -> Page {
    all.sort_by(|one, other| one.code.cmp(&other.code));
    Page {
        total: all.len(),
        offset,
        airports: all.into_iter().skip(offset).take(limit).collect(),
    }
}

fn count(request: &Request, name: &str, usual: usize) -> Result<usize, Problem> {
    let Some(text) = request.parameter(name) else {
        return Ok(usual);
    };
    text.parse().map_err(|_| {
        problem(
            400,
            "Bad Request",
            format!("{name} is {text:?} and not a number"),
        )
    })
}

fn of_state(request: &Request, params: &Params<'_, '_>) -> Result<Reply, Problem> {
    let state = part(params, "state")?;
    let (offset, limit) = (count(request, "offset", 0)?, count(request, "limit", 10)?);
    let mut all = airports();
    all.retain(|airport| airport.state == state);
    if all.is_empty() {
        return Err(problem(404, "Not Found", format!("no state {state:?}")));
    }
    Ok(found(&page(all, offset, limit)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    name: String,
    north_of: Option<f64>,
    #[serde(default = "ten")]
    limit: usize,
}

fn ten() -> usize {
    10
}

fn search(request: &Request, _: &Params<'_, '_>) -> Result<Reply, Problem> {
    if request.content_type != "application/json" {
        let detail = "a search is application/json";
        return Err(problem(415, "Unsupported Media Type", detail));
    }
    let search: Search = serde_json::from_slice(&request.body).map_err(|error| {
        // What is no JSON, and what is JSON but no search (RFC 9110, 15.5.21).
        if error.is_data() {
            problem(422, "Unprocessable Content", error.to_string())
        } else {
            problem(400, "Bad Request", error.to_string())
        }
    })?;
    let mut all = airports();
    all.retain(|airport| {
        (search.states.is_empty() || search.states.contains(&airport.state))
            && airport.name.contains(&search.name)
            && search.north_of.is_none_or(|least| airport.latitude > least)
    });
    Ok(found(&page(all, 0, search.limit)))
}
