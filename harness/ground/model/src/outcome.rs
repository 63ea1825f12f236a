//! What a run did that the outside can see, in a form that compares.

use crate::digest::Digest;
use crate::tree::Tree;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How a program ended, as far as every kind of isolation can tell.
/// wasi:cli/run 0.2 returns a `result`, so there is no finer exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitClass {
    /// `run` returned ok; a process exited with 0.
    Ok,
    /// `run` returned err; a process exited with another status.
    Err,
    /// A trap; a process was ended by its own fault (abort, illegal instruction).
    Trap,
}

impl ExitClass {
    /// The name in definitions and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ExitClass::Ok => "ok",
            ExitClass::Err => "err",
            ExitClass::Trap => "trap",
        }
    }
}

impl fmt::Display for ExitClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a case compares what is written to stderr.
#[derive(Debug, Clone)]
pub enum StderrPolicy {
    /// Byte for byte.
    Exact(Vec<u8>),
    /// Not part of the outcome, for example because a panic message carries a
    /// thread id.
    Ignore,
    /// Must match this regular expression.
    Pattern(regex::bytes::Regex),
}

/// What was seen of one run, before the policy of its case is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// How it ended; `None` for servers, which do not end by themselves.
    pub exit: Option<ExitClass>,
    /// All of stdout.
    pub stdout: Vec<u8>,
    /// All of stderr.
    pub stderr: Vec<u8>,
    /// What it left in its directory, if it had one.
    pub tree: Option<Tree>,
    /// Its answers, in the order of the requests.
    pub http: Vec<HttpOutcome>,
    /// What loopback servers of the harness received, by name.
    pub peers: BTreeMap<String, Vec<u8>>,
    /// What connections to it received, by name.
    pub received: BTreeMap<String, Vec<u8>>,
    /// What became of a file outside of everything it was given, if its case
    /// has one.
    pub canary: Option<Canary>,
}

/// The state of a file that a program was told of and not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Canary {
    /// As it was, and nothing beside it.
    Untouched,
    /// Changed, removed, or with something new beside it.
    Touched,
}

/// One HTTP answer in normal form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpOutcome {
    /// Status code.
    pub status: u16,
    /// Fields by lower-case name, values in order of arrival.
    pub headers: BTreeMap<String, Vec<Vec<u8>>>,
    /// The whole content.
    pub body: Vec<u8>,
    /// Trailer fields by lower-case name.
    pub trailers: BTreeMap<String, Vec<Vec<u8>>>,
    /// Whether it is a whole answer.
    pub end: AnswerEnd,
}

/// How an exchange ended. Without a whole answer nothing else of it is part of
/// the outcome: how much arrives before a connection breaks is chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AnswerEnd {
    /// With a whole answer.
    #[default]
    Complete,
    /// With an answer that the host makes for the program: its content is the
    /// host's own affair.
    OfTheHost,
    /// The client left before that, as its case demands.
    Gone,
    /// The server broke off.
    Aborted,
}

/// Fields that describe the connection or are added by the host, not by the
/// program: message framing and connection management (RFC 9112 §6, RFC 9110
/// §7.6.1) and the origin's clock (RFC 9110 §6.6.1).
const FIELDS_OF_THE_HOST: [&str; 6] = [
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "date",
    "trailer",
];

impl HttpOutcome {
    /// Normalises an answer: names to lower case, fields of the host removed.
    pub fn new<H, T>(status: u16, headers: H, body: Vec<u8>, trailers: T) -> HttpOutcome
    where
        H: IntoIterator<Item = (String, Vec<u8>)>,
        T: IntoIterator<Item = (String, Vec<u8>)>,
    {
        let normal = |fields: &mut dyn Iterator<Item = (String, Vec<u8>)>| {
            let mut map: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
            for (name, value) in fields {
                let name = name.to_ascii_lowercase();
                if !FIELDS_OF_THE_HOST.contains(&name.as_str()) {
                    map.entry(name).or_default().push(value);
                }
            }
            map
        };
        HttpOutcome {
            status,
            headers: normal(&mut headers.into_iter()),
            body,
            trailers: normal(&mut trailers.into_iter()),
            end: AnswerEnd::Complete,
        }
    }

    /// The host answered for the program.
    #[must_use]
    pub fn of_the_host(status: u16) -> HttpOutcome {
        HttpOutcome {
            status,
            end: AnswerEnd::OfTheHost,
            ..HttpOutcome::default()
        }
    }

    /// The client left.
    #[must_use]
    pub fn gone() -> HttpOutcome {
        HttpOutcome {
            end: AnswerEnd::Gone,
            ..HttpOutcome::default()
        }
    }

    /// The server broke off in its answer.
    #[must_use]
    pub fn aborted() -> HttpOutcome {
        HttpOutcome {
            end: AnswerEnd::Aborted,
            ..HttpOutcome::default()
        }
    }
}

/// An outcome in canonical form: equal bytes mean equal behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    canonical: Vec<u8>,
}

impl Observed {
    /// The canonical form under a case's policy for stderr.
    #[must_use]
    pub fn outcome(&self, policy: &StderrPolicy) -> Outcome {
        match policy {
            StderrPolicy::Ignore => self.canonical(Stderr::Ignored),
            StderrPolicy::Exact(_) => self.canonical(Stderr::Text(&self.stderr)),
            StderrPolicy::Pattern(pattern) if pattern.is_match(&self.stderr) => {
                self.canonical(Stderr::Matches(pattern.as_str()))
            }
            StderrPolicy::Pattern(_) => self.canonical(Stderr::Text(&self.stderr)),
        }
    }

    /// The canonical form that a case expects: `self` holds everything but
    /// stderr, whose expectation is the policy itself.
    #[must_use]
    pub fn expected(&self, policy: &StderrPolicy) -> Outcome {
        match policy {
            StderrPolicy::Ignore => self.canonical(Stderr::Ignored),
            StderrPolicy::Exact(text) => self.canonical(Stderr::Text(text)),
            StderrPolicy::Pattern(pattern) => self.canonical(Stderr::Matches(pattern.as_str())),
        }
    }

    fn canonical(&self, stderr: Stderr<'_>) -> Outcome {
        let mut out = b"assay-outcome 1\n".to_vec();
        if let Some(exit) = self.exit {
            line(&mut out, &format!("exit {exit}"));
            block(&mut out, "stdout", &self.stdout);
            match stderr {
                Stderr::Ignored => line(&mut out, "stderr ignored"),
                Stderr::Matches(pattern) => line(&mut out, &format!("stderr matches {pattern:?}")),
                Stderr::Text(text) => block(&mut out, "stderr", text),
            }
        }
        if let Some(tree) = &self.tree {
            line(&mut out, &format!("tree {}", tree.0.len()));
            tree.write_canonical(&mut out);
        }
        for (index, answer) in self.http.iter().enumerate() {
            match answer.end {
                AnswerEnd::Complete => line(&mut out, &format!("response {index}")),
                AnswerEnd::OfTheHost => {
                    line(&mut out, &format!("response {index} of the host"));
                    line(&mut out, &format!("status {}", answer.status));
                    continue;
                }
                AnswerEnd::Gone => {
                    line(&mut out, &format!("response {index} client gone"));
                    continue;
                }
                AnswerEnd::Aborted => {
                    line(&mut out, &format!("response {index} aborted"));
                    continue;
                }
            }
            line(&mut out, &format!("status {}", answer.status));
            fields(&mut out, "header", &answer.headers);
            block(&mut out, "body", &answer.body);
            fields(&mut out, "trailer", &answer.trailers);
        }
        for (name, bytes) in &self.peers {
            block(&mut out, &format!("peer {name}"), bytes);
        }
        for (name, bytes) in &self.received {
            block(&mut out, &format!("received {name}"), bytes);
        }
        match self.canary {
            None => {}
            Some(Canary::Untouched) => line(&mut out, "canary untouched"),
            Some(Canary::Touched) => line(&mut out, "canary touched"),
        }
        Outcome { canonical: out }
    }
}

enum Stderr<'a> {
    Ignored,
    Matches(&'a str),
    Text(&'a [u8]),
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// A length before the content keeps two outcomes apart whose content looks
/// like the next section's head.
fn block(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    line(out, &format!("{name} {}", content.len()));
    out.extend_from_slice(content);
    out.push(b'\n');
}

fn fields(out: &mut Vec<u8>, kind: &str, map: &BTreeMap<String, Vec<Vec<u8>>>) {
    for (name, values) in map {
        for value in values {
            block(out, &format!("{kind} {name}"), value);
        }
    }
}

impl Outcome {
    /// The canonical bytes.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// The SHA-256 of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical)
    }

    /// Where two outcomes part, or `None` when they are equal.
    #[must_use]
    pub fn difference(&self, actual: &Outcome) -> Option<Difference> {
        let (expected, actual) = (&self.canonical, &actual.canonical);
        if expected == actual {
            return None;
        }
        let offset = expected
            .iter()
            .zip(actual)
            .position(|(a, b)| a != b)
            .unwrap_or_else(|| expected.len().min(actual.len()));
        Some(Difference {
            offset,
            expected: excerpt(expected, offset),
            actual: excerpt(actual, offset),
        })
    }
}

/// The first byte at which the actual outcome parts from the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Offset into the canonical forms.
    pub offset: usize,
    /// What was expected around it, escaped.
    pub expected: String,
    /// What came instead, escaped.
    pub actual: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "first difference at byte {} of the canonical outcome: expected {}, got {}",
            self.offset, self.expected, self.actual
        )
    }
}

/// Bytes before the difference that an excerpt shows.
const BEFORE: usize = 32;
/// Bytes from the difference on that an excerpt shows.
const AFTER: usize = 48;

fn excerpt(bytes: &[u8], offset: usize) -> String {
    let start = offset.saturating_sub(BEFORE);
    let end = bytes.len().min(offset + AFTER);
    let before = bytes.get(start..offset).unwrap_or_default().escape_ascii();
    let after = bytes.get(offset..end).unwrap_or_default().escape_ascii();
    let cut = if start > 0 { "…" } else { "" };
    let rest = if end < bytes.len() { "…" } else { "" };
    format!("\"{cut}{before}⟦{after}⟧{rest}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(stdout: &str, stderr: &str) -> Observed {
        Observed {
            exit: Some(ExitClass::Ok),
            stdout: stdout.into(),
            stderr: stderr.into(),
            ..Observed::default()
        }
    }

    #[test]
    fn equal_behaviour_has_equal_digests() {
        let policy = StderrPolicy::Ignore;
        assert_eq!(
            hello("hi\n", "a").outcome(&policy).digest(),
            hello("hi\n", "b").expected(&policy).digest()
        );
        assert_ne!(
            hello("hi\n", "").outcome(&policy).digest(),
            hello("hi", "").outcome(&policy).digest()
        );
    }

    #[test]
    fn content_cannot_imitate_structure() {
        let policy = StderrPolicy::Exact(Vec::new());
        let plain = hello("a\nstderr 0\n", "");
        let crafted = hello("a", "");
        assert_ne!(plain.outcome(&policy), crafted.outcome(&policy));
    }

    #[test]
    fn stderr_patterns_are_enforced() {
        let policy = StderrPolicy::Pattern(regex::bytes::Regex::new("panicked at").unwrap());
        let expected = hello("", "").expected(&policy);
        assert_eq!(
            expected,
            hello("", "thread 7 panicked at x").outcome(&policy)
        );
        assert_ne!(expected, hello("", "fine").outcome(&policy));
    }

    #[test]
    fn the_first_differing_byte_is_named() {
        let policy = StderrPolicy::Ignore;
        let expected = hello("hello world\n", "").expected(&policy);
        let actual = hello("hello w0rld\n", "").outcome(&policy);
        let difference = expected.difference(&actual).unwrap();
        assert!(difference.expected.contains("hello w⟦orld"), "{difference}");
        assert!(difference.actual.contains("hello w⟦0rld"), "{difference}");
        assert_eq!(expected.difference(&expected), None);
    }

    #[test]
    fn hosts_may_frame_answers_as_they_like() {
        let of = |name: &str| HttpOutcome::new(200, [(name.to_owned(), b"x".to_vec())], vec![], []);
        assert_eq!(of("Content-Length"), of("transfer-encoding"));
        assert_ne!(of("Content-Type"), of("Content-Length"));
    }
}
