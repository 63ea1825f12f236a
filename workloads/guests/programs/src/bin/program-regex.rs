//! `program-regex ROUNDS < TEXT`: looks for ten patterns in a text, as a tool
//! that indexes a book would.
//!
//! Prints for each pattern how many matches there are, how many bytes they
//! hold, and the SHA-256 of a line `START END` for each group of each match
//! (`-` for a group that took no part). A last pattern is replaced, and the
//! text that comes out is digested. All of it is done ROUNDS times.

use std::fmt::Write as _;
use std::process::ExitCode;

use assay_guests_programs::{Failure, finish, number, say, sha256, stdin};
use regex::bytes::{Regex, RegexBuilder};

/// Name and pattern. Only what every leftmost-first engine with groups agrees
/// on: ASCII classes, no look-around, no references back.
const PATTERNS: [(&str, &str); 10] = [
    ("words", r"[A-Za-z]+"),
    (
        "colours",
        r"(?i)\b(?:red|orange|yellow|green|blue|indigo|violet|purple)\b",
    ),
    ("italics", r"_([^_\n]+)_"),
    (
        "headings",
        r"(?m)^(?:_)?(PROP|DEFIN|AX|LEM|Exper|Obs|Qu)[A-Za-z]*\.(?:_)? ?([IVXLC]+|[0-9]+)\b.*$",
    ),
    (
        "measures",
        r"\b([0-9]+)(?:-([0-9]+)/([0-9]+))? ?(Inch(?:es)?|Foot|Feet|Degr(?:ees)?|Parts?|Lines?)\b",
    ),
    ("pairs", r"\b([A-Z][a-z]+) (?:of|and|or) ([A-Z][a-z]+)\b"),
    (
        "sentences",
        r"([^.;:?!]*)\b(Prism|Lens|Glass)(?:es|s)?\b([^.;:?!]*)[.;:?!]",
    ),
    (
        "figures",
        r"\[Illustration: (?:FIG|Fig)\. ([0-9]+)\.?\]|_Fig\._ ([0-9]+)",
    ),
    ("doubles", r"\b[a-z]*(?:aa|ee|ll|oo|ss|tt)[a-z]*\b"),
    ("long", r"\b[A-Za-z]{14,}\b"),
];
/// What is replaced, and with what.
const REPLACED: (&str, &str) = (r"\b([A-Za-z]+)(ed|ing)\b", "<${2}:${1}>");

fn main() -> ExitCode {
    finish("program-regex", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    // A pattern of the caller's own, instead of the ten.
    let own = std::env::args().nth(2);
    let text = stdin()?;
    let mut said = String::new();
    for _ in 0..rounds {
        said.clear();
        if let Some(pattern) = &own {
            search("own", pattern, &text, &mut said)?;
            continue;
        }
        for (name, pattern) in PATTERNS {
            search(name, pattern, &text, &mut said)?;
        }
        let after = compile(REPLACED.0)?.replace_all(&text, REPLACED.1.as_bytes());
        said += &format!("replaced {} {}\n", after.len(), sha256(&after));
    }
    say(&said)
}

fn compile(pattern: &str) -> Result<Regex, Failure> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .build()
        .map_err(Failure::input("the pattern"))
}

fn search(name: &str, pattern: &str, text: &[u8], said: &mut String) -> Result<(), Failure> {
    let regex = compile(pattern)?;
    let (mut matches, mut bytes, mut spans) = (0_usize, 0_usize, String::new());
    for found in regex.captures_iter(text) {
        matches += 1;
        bytes += found.get(0).map_or(0, |whole| whole.len());
        for group in found.iter() {
            // Writing into a String cannot fail: its `fmt::Write` has no error path.
            let _ = match group {
                Some(group) => writeln!(spans, "{} {}", group.start(), group.end()),
                None => writeln!(spans, "-"),
            };
        }
    }
    *said += &format!("{name} {matches} {bytes} {}\n", sha256(spans.as_bytes()));
    Ok(())
}
