//! `program-markdown ROUNDS < FILE.md`: renders CommonMark to HTML ROUNDS times.
//!
//! Prints how many bytes of HTML there are, their SHA-256, how many elements
//! of some kinds begin in them, and the first line.

use std::process::ExitCode;

use assay_guests_programs::{Failure, finish, number, say, sha256, stdin};
use pulldown_cmark::{Parser, html};

const COUNTED: [&str; 8] = [
    "<h1>", "<h2>", "<h3>", "<p>", "<li>", "<a ", "<code>", "<pre>",
];

fn main() -> ExitCode {
    finish("program-markdown", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    let text = String::from_utf8(stdin()?).map_err(Failure::input("stdin"))?;
    let mut page = String::new();
    for _ in 0..rounds {
        page.clear();
        html::push_html(&mut page, Parser::new(&text));
    }
    let mut said = format!("html {} {}\n", page.len(), sha256(page.as_bytes()));
    for element in COUNTED {
        said += &format!("{} {element}\n", page.matches(element).count());
    }
    said += &format!("first: {}\n", page.lines().next().unwrap_or_default());
    say(&said)
}
