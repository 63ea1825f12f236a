//! The command line of `assay exec`.

use assay_workloads::{Capability, InterfaceGroup, World};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// Flags of `exec`.
#[derive(Debug, Clone, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ExecArgs {
    /// The component, in binary or text format
    pub file: PathBuf,
    /// Entry point to use, if the component exports both
    #[arg(long, value_enum)]
    pub world: Option<Side>,
    /// Arms to run it on; names or globs [default: all]
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub arms: Vec<String>,
    /// Grant access to a directory. Each arm gets a copy of its own: the files that
    /// the component leaves there are compared, and the original does not change
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro]", value_parser = Directory::parse)]
    pub directories: Vec<Directory>,
    /// Set an environment variable; the environment is empty otherwise
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
    /// Capabilities to grant: tcp, udp, dns, outgoing-http; sockets reach only
    /// the loopback interface
    #[arg(long = "grant", value_name = "CAPABILITY,…", value_delimiter = ',', value_parser = capability)]
    pub granted: Vec<Capability>,
    /// Groups of interfaces not to link, so that a call to one traps: wall-clock,
    /// monotonic-clock, random, environment, exit, stdin, stdout, stderr, terminal,
    /// filesystem, sockets
    #[arg(long = "deny", value_name = "GROUP,…", value_delimiter = ',', value_parser = group)]
    pub denied: Vec<InterfaceGroup>,
    /// Freeze its wall clock at this instant, such as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub clock: Option<u64>,
    /// Seed for its random numbers
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// File to use as its stdin; - is the stdin of assay [default: empty]
    #[arg(long, value_name = "FILE")]
    pub stdin: Option<PathBuf>,
    /// Stop the component after this time, such as 500ms, 10s or 2m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub deadline: Duration,
    /// Request to send, if the component is a handler [default: GET /]
    #[arg(long, value_names = ["METHOD", "PATH"], num_args = 2)]
    pub request: Vec<String>,
    /// Record the outcome in FILE.expect.toml, if all arms agree on it
    #[arg(long)]
    pub record: bool,
    /// Arguments for the component
    #[arg(last = true, value_name = "ARGUMENT")]
    pub args: Vec<String>,
}

const AFTER_HELP: &str = "\
The component's stdout, or the body of its answer, goes to stdout once. A table of
arms goes to stderr.

The component can use its streams, the clocks and random numbers, and whatever else is
granted here.

Outcomes are compared between arms. If FILE.expect.toml exists and was recorded with the
same inputs and grants, they are also compared with it. Stderr is not compared.

Exit codes: 0 if every arm that supports the component ended ok with the same outcome;
100 if outcomes differ, or if the component returned an error, trapped, answered with a
5xx status or missed the deadline; 2 if FILE is not a component.";

/// The two kinds of world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// A command, run once (wasi:cli/command)
    Cli,
    /// A handler, sent one request (wasi:http/proxy, wasi:http/service)
    Http,
}

impl Side {
    /// Whether a world is of this kind.
    pub fn is(self, world: World) -> bool {
        (self == Side::Cli) == world.is_command()
    }
}

/// A directory of this machine, as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The directory.
    pub host: PathBuf,
    /// Its name for the guest.
    pub guest: String,
    /// Whether anything in it may be changed.
    pub write: bool,
}

impl Directory {
    fn parse(text: &str) -> Result<Directory, String> {
        let (rest, write) = match text.strip_suffix(":ro") {
            Some(rest) => (rest, false),
            None => (text, true),
        };
        let (host, guest) = rest.split_once("::").unwrap_or((rest, rest));
        if host.is_empty() || guest.is_empty() {
            return Err(
                "expected a path on the host and, after ::, a path for the guest".to_owned(),
            );
        }
        Ok(Directory {
            host: host.into(),
            guest: guest.to_owned(),
            write,
        })
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn capability(text: &str) -> Result<Capability, String> {
    named(text, &Capability::ALL, Capability::as_str)
}

fn group(text: &str) -> Result<InterfaceGroup, String> {
    named(text, &InterfaceGroup::ALL, InterfaceGroup::as_str)
}

fn named<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|&one| name(one) == text);
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&one| name(one)).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn instant(text: &str) -> Result<u64, String> {
    let instant: Timestamp = text.parse().map_err(|error: jiff::Error| {
        format!("expected an instant such as 2026-01-02T03:04:05Z: {error}")
    })?;
    u64::try_from(instant.as_nanosecond())
        .map_err(|_| "the instant must be from 1970 to 2554".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    let at = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(at.unwrap_or(text.len()));
    let unit = match unit {
        "ms" => 1,
        "s" | "" => 1000,
        "m" => 60_000,
        _ => return Err("expected a whole number with ms, s or m, such as 500ms".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "expected a whole number with ms, s or m, such as 500ms".to_owned())?;
    match number.checked_mul(unit) {
        // What is waited for in all must fit a deadline of the operating system.
        Some(ms @ 1..=86_400_000) => Ok(Duration::from_millis(ms)),
        _ => Err("the time must be from 1ms to one day".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_have_a_name_for_the_guest() {
        let parse = |text| Directory::parse(text).map(|d| (d.host, d.guest, d.write));
        assert_eq!(parse("a"), Ok(("a".into(), "a".into(), true)));
        assert_eq!(parse("a:ro"), Ok(("a".into(), "a".into(), false)));
        assert_eq!(parse("/x/a::/:ro"), Ok(("/x/a".into(), "/".into(), false)));
        assert_eq!(parse("a::b"), Ok(("a".into(), "b".into(), true)));
        assert!(parse("").is_err() && parse("a::").is_err() && parse("::b").is_err());
    }

    #[test]
    fn times_have_units() {
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("3"), Ok(Duration::from_secs(3)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "s", "0s", "-1s", "1h", "99999999999999999999s"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_those_of_definitions() {
        assert_eq!(capability("outgoing-http"), Ok(Capability::OutgoingHttp));
        assert_eq!(group("wall-clock"), Ok(InterfaceGroup::WallClock));
        assert!(group("clock").unwrap_err().contains("wall-clock"));
        assert_eq!(instant("1970-01-01T00:00:01Z"), Ok(1_000_000_000));
        assert!(instant("1969-01-01T00:00:01Z").is_err());
        assert_eq!(variable("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert!(variable("=b").is_err() && variable("A").is_err());
    }
}
