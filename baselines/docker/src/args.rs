//! The command line. Parsed by hand, because start-up is measured.

use std::path::PathBuf;

use bollard::ClientVersion;

/// What `--help` prints.
pub const USAGE: &str = "\
usage:
  assay-docker --host=unix://SOCKET [--api=MAJOR.MINOR] VERB
  assay-docker --version | --help

about                  what the daemon is, as JSON, with the version of the API
                       that both sides know (`Api`)
run --name=NAME FILE   create a container from FILE, the body of the request,
                       attach, start, and wait for its end: exits with its
                       status, or 125 when it could not be run
kill NAME              end its processes
rm NAME                remove it, alive or not; fine if there is none
pid NAME               the pid of its first process
import TAG ENTRYPOINT  make an image of the tar archive on stdin, started by the
                       words of ENTRYPOINT, a JSON array
rmi TAG                remove the image
subnet NETWORK         the first IPv4 subnet of a network, as ADDRESS/BITS

Without --api the daemon is asked for one first; `run` is measured, so name it.";

/// Where, and in which version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `unix://` and a path.
    pub host: String,
    /// The version of the API; negotiated if absent.
    pub api: Option<(usize, usize)>,
}

impl Endpoint {
    /// The version in bollard's words.
    pub fn version(&self) -> Option<ClientVersion> {
        let (major_version, minor_version) = self.api?;
        Some(ClientVersion {
            major_version,
            minor_version,
        })
    }
}

/// What is asked of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    About,
    Run { name: String, body: PathBuf },
    Kill { name: String },
    Remove { name: String },
    Pid { name: String },
    Import { tag: String, entrypoint: String },
    RemoveImage { tag: String },
    Subnet { network: String },
}

/// One invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    Help,
    Version,
    Ask(Endpoint, Verb),
}

/// Reads the words after the program's own name.
///
/// # Errors
/// What is wrong with them.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Invocation, String> {
    let mut words = words.peekable();
    let (mut host, mut api) = (None, None);
    while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
        match flag.split_once('=') {
            None if flag == "--help" => return Ok(Invocation::Help),
            None if flag == "--version" => return Ok(Invocation::Version),
            Some(("--host", value)) => host = Some(value.to_owned()),
            Some(("--api", value)) => api = Some(version(value)?),
            _ => return Err(format!("unknown flag `{flag}`")),
        }
    }
    let verb = words.next().ok_or("no verb given")?;
    let rest: Vec<String> = words.collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let verb = match (verb.as_str(), rest.as_slice()) {
        ("about", []) => Verb::About,
        ("run", [name, body]) => Verb::Run {
            name: named(name)?,
            body: body.into(),
        },
        ("kill", [name]) => Verb::Kill { name: text(name) },
        ("rm", [name]) => Verb::Remove { name: text(name) },
        ("pid", [name]) => Verb::Pid { name: text(name) },
        ("import", [tag, entrypoint]) => Verb::Import {
            tag: text(tag),
            entrypoint: text(entrypoint),
        },
        ("rmi", [tag]) => Verb::RemoveImage { tag: text(tag) },
        ("subnet", [network]) => Verb::Subnet {
            network: text(network),
        },
        _ => {
            return Err(format!(
                "`{verb}` is not a valid verb, or has other operands"
            ));
        }
    };
    let host = host.ok_or("no daemon named: --host=unix://SOCKET")?;
    Ok(Invocation::Ask(Endpoint { host, api }, verb))
}

fn text(word: &str) -> String {
    word.to_owned()
}

fn named(word: &str) -> Result<String, String> {
    let name = word.strip_prefix("--name=").map(text);
    name.ok_or_else(|| format!("`run` begins with --name=NAME, not with `{word}`"))
}

fn version(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('.');
    let numbers = parts.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    numbers.ok_or_else(|| format!("`{text}` is not a valid version of the API such as 1.41"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_run_has_an_endpoint_a_name_and_a_body() {
        let endpoint = Endpoint {
            host: "unix:///s".to_owned(),
            api: Some((1, 41)),
        };
        let verb = Verb::Run {
            name: "n".to_owned(),
            body: "/b".into(),
        };
        assert_eq!(
            parsed("--host=unix:///s --api=1.41 run --name=n /b"),
            Ok(Invocation::Ask(endpoint, verb))
        );
    }

    #[test]
    fn wrong_words_are_named() {
        for (line, part) in [
            ("", "no verb"),
            ("--host=unix:///s", "no verb"),
            ("about", "--host"),
            ("--host=unix:///s --api=one about", "`one`"),
            ("--host=unix:///s run n /b", "--name"),
            ("--host=unix:///s stop n", "`stop`"),
            ("--loud about", "`--loud`"),
        ] {
            let said = parsed(line).unwrap_err();
            assert!(said.contains(part), "{line}: {said}");
        }
    }
}
