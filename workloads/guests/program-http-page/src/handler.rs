//! `GET /airports?state=XX` answers with a page: a table of the airports of a
//! state of the USA, rendered from a template. Without a state, a page of links
//! to all of them. Every text on a page is escaped by the template engine.

use std::collections::BTreeMap;

use assay_guests_program_http_shell::{Reply, Request};
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, context};

const TABLE: &[u8] = include_bytes!("../../../fixtures/program/airports.csv");
const TEMPLATES: [(&str, &str); 3] = [
    ("layout", include_str!("templates/layout.html")),
    ("state", include_str!("templates/state.html")),
    ("states", include_str!("templates/states.html")),
];
const HTML: &str = "text/html; charset=utf-8";

/// Answers one request.
pub fn answer(request: &Request) -> Reply {
    if request.path != "/airports" {
        return Reply::text(404, "there is /airports");
    }
    if request.method != "GET" {
        return Reply::text(405, "ask with GET").with("allow", "GET");
    }
    page(request).unwrap_or_else(|error| Reply::text(500, &error.to_string()))
}

fn page(request: &Request) -> Result<Reply, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    let states = states();
    let Some(state) = request.parameter("state") else {
        let counts: Vec<Value> = states
            .iter()
            .map(|(name, airports)| context! { name, count => airports.len() })
            .collect();
        let html = environment
            .get_template("states")?
            .render(context! { title => "Airports by state", states => counts })?;
        return Ok(Reply::new(200, HTML, html));
    };
    let airports = states.get(&state);
    let html = environment.get_template("state")?.render(context! {
        title => format!("Airports in {state}"),
        state,
        airports => airports.cloned().unwrap_or_default(),
    })?;
    let status = if airports.is_some() { 200 } else { 404 };
    Ok(Reply::new(status, HTML, html))
}

/// The airports of each state, in the order of the table.
fn states() -> BTreeMap<String, Vec<Value>> {
    let mut states: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(TABLE);
    // The table is part of the program: each of its records is whole.
    for record in reader.records().flatten() {
        let airport = context! {
            code => &record[0],
            name => &record[1],
            city => &record[2],
            north => &record[5],
        };
        states
            .entry(record[3].to_owned())
            .or_default()
            .push(airport);
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_is_escaped() {
        let request = Request::at("GET", "/airports?state=%3Cscript%3E");
        let reply = answer(&request);
        assert_eq!(reply.status, 404);
        let html = String::from_utf8_lossy(&reply.body);
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert!(!html.contains("<script>"), "{html}");
    }
}
