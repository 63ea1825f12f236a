//! The command line. Parsed by hand: start-up is measured, and a general
//! parser would cost more than the rest of `main`.

use std::ffi::OsString;
use std::path::PathBuf;

use nix::sys::signal::Signal;

/// What `--help` prints.
pub const USAGE: &str = "\
usage:
  assay-youki run    --root STATE --bundle DIR [--detach] [--pid-file FILE]
                     [--keep] [--init] ID
  assay-youki delete --root STATE [--force] ID
  assay-youki kill   --root STATE ID SIGNAL
  assay-youki state  --root STATE ID
  assay-youki --version | --help

run       create and start a container from an OCI bundle. In the foreground:
          wait for it, exit with its status (128 + N when signal N killed it;
          125 when it could not be started), and delete it.
--detach  return as soon as it is started; `delete` removes it
--keep    leave state and cgroup behind after a foreground run
--init    put a process between the kernel and the payload, as docker --init
          does: without it the payload is process 1 of its namespace, which
          the kernel shields from its own SIGABRT and SIGTERM
delete    remove a stopped container; --force kills it first

ASSAY_STAMP_FD=N in the environment of a foreground run: lines
`main|created|started|exited|deleted NANOSECONDS` (CLOCK_MONOTONIC) go to
file descriptor N.";

/// A container, by the directory its runtime keeps state in and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The state directory, shared by all containers of one caller.
    pub root: PathBuf,
    /// The container's id.
    pub id: String,
}

impl Target {
    /// Where this container's own state lies.
    pub fn dir(&self) -> PathBuf {
        self.root.join(&self.id)
    }
}

/// What `run` was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// Which container.
    pub target: Target,
    /// The OCI bundle: a directory with `config.json`.
    pub bundle: PathBuf,
    /// Return after the start.
    pub detach: bool,
    /// Do not delete after the end.
    pub keep: bool,
    /// Put a process between the kernel and the payload.
    pub init: bool,
    /// Where to write the pid of the container's process 1.
    pub pid_file: Option<PathBuf>,
}

/// One invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Print the usage.
    Help,
    /// Print the version.
    Version,
    /// Create and start a container.
    Run(RunOptions),
    /// Remove a container.
    Delete {
        /// Which container.
        target: Target,
        /// Kill it first.
        force: bool,
    },
    /// Send a signal to the container's process 1.
    Kill {
        /// Which container.
        target: Target,
        /// Which signal.
        signal: Signal,
    },
    /// Print what is known about a container.
    State {
        /// Which container.
        target: Target,
    },
}

/// What is wrong with a command line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Usage {
    /// No verb at all.
    #[error("no command given")]
    NoCommand,
    /// A verb that does not exist.
    #[error("unknown command `{0}`")]
    UnknownCommand(String),
    /// A flag that does not exist, or not for this verb.
    #[error("`{verb}` has no option `{flag}`")]
    UnknownFlag {
        /// The verb.
        verb: &'static str,
        /// The flag as given.
        flag: String,
    },
    /// A flag without its value.
    #[error("option `{0}` needs a value")]
    NoValue(&'static str),
    /// A flag or positional that must be there and is not.
    #[error("`{verb}` needs {what}")]
    Missing {
        /// The verb.
        verb: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// One positional too many.
    #[error("unexpected argument `{0}`")]
    Extra(String),
    /// Not valid UTF-8 where it must be.
    #[error("argument {0:?} is not valid UTF-8")]
    NotUtf8(OsString),
    /// Not a signal.
    #[error("`{0}` is not a valid signal: give a number or a name such as TERM or SIGTERM")]
    NoSignal(String),
}

/// Flags and positionals of one verb, before they are checked.
#[derive(Default)]
struct Raw {
    root: Option<PathBuf>,
    bundle: Option<PathBuf>,
    pid_file: Option<PathBuf>,
    detach: bool,
    keep: bool,
    init: bool,
    force: bool,
    rest: Vec<String>,
}

/// Reads the arguments that follow the program's name.
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, Usage> {
    let mut args = args;
    let first = text(args.next().ok_or(Usage::NoCommand)?)?;
    let verb = match first.as_str() {
        "--version" | "-V" => return Ok(Command::Version),
        "--help" | "-h" => return Ok(Command::Help),
        "run" => "run",
        "delete" => "delete",
        "kill" => "kill",
        "state" => "state",
        _ => return Err(Usage::UnknownCommand(first)),
    };
    let mut raw = Raw::default();
    while let Some(arg) = args.next() {
        let arg = text(arg)?;
        let mut value = |flag| -> Result<PathBuf, Usage> {
            Ok(args.next().ok_or(Usage::NoValue(flag))?.into())
        };
        match (verb, arg.as_str()) {
            (_, "--root") => raw.root = Some(value("--root")?),
            ("run", "--bundle") => raw.bundle = Some(value("--bundle")?),
            ("run", "--pid-file") => raw.pid_file = Some(value("--pid-file")?),
            ("run", "--detach") => raw.detach = true,
            ("run", "--keep") => raw.keep = true,
            ("run", "--init") => raw.init = true,
            ("delete", "--force") => raw.force = true,
            (_, flag) if flag.starts_with('-') => {
                return Err(Usage::UnknownFlag { verb, flag: arg });
            }
            _ => raw.rest.push(arg),
        }
    }
    raw.into_command(verb)
}

impl Raw {
    fn into_command(self, verb: &'static str) -> Result<Command, Usage> {
        let missing = |what| Usage::Missing { verb, what };
        let mut rest = self.rest.into_iter();
        let target = Target {
            root: self.root.ok_or(missing("--root STATE"))?,
            id: rest.next().ok_or(missing("a container ID"))?,
        };
        let command = match verb {
            "run" => Command::Run(RunOptions {
                target,
                bundle: self.bundle.ok_or(missing("--bundle DIR"))?,
                detach: self.detach,
                keep: self.keep,
                init: self.init,
                pid_file: self.pid_file,
            }),
            "delete" => Command::Delete {
                target,
                force: self.force,
            },
            "kill" => Command::Kill {
                target,
                signal: signal(rest.next().ok_or(missing("a SIGNAL"))?)?,
            },
            _ => Command::State { target },
        };
        match rest.next() {
            Some(extra) => Err(Usage::Extra(extra)),
            None => Ok(command),
        }
    }
}

fn text(arg: OsString) -> Result<String, Usage> {
    arg.into_string().map_err(Usage::NotUtf8)
}

fn signal(given: String) -> Result<Signal, Usage> {
    if let Ok(number) = given.parse::<i32>() {
        return Signal::try_from(number).map_err(|_| Usage::NoSignal(given));
    }
    let upper = given.to_ascii_uppercase();
    let name = match upper.strip_prefix("SIG") {
        Some(_) => upper,
        None => format!("SIG{upper}"),
    };
    name.parse().map_err(|_| Usage::NoSignal(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Usage> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn reads_a_full_run() {
        let line = "run --root /s --bundle /b --detach --keep --init --pid-file /p c1";
        let expected = Command::Run(RunOptions {
            target: Target {
                root: "/s".into(),
                id: "c1".into(),
            },
            bundle: "/b".into(),
            detach: true,
            keep: true,
            init: true,
            pid_file: Some("/p".into()),
        });
        assert_eq!(parsed(line), Ok(expected));
    }

    #[test]
    fn signals_have_three_spellings() {
        for spelling in ["15", "TERM", "sigterm"] {
            let Ok(Command::Kill { signal, .. }) = parsed(&format!("kill --root /s c {spelling}"))
            else {
                panic!("{spelling} was refused");
            };
            assert_eq!(signal, Signal::SIGTERM);
        }
        assert_eq!(
            parsed("kill --root /s c 99"),
            Err(Usage::NoSignal("99".into()))
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(parsed(""), Err(Usage::NoCommand));
        assert_eq!(
            parsed("start"),
            Err(Usage::UnknownCommand("start".to_owned()))
        );
        assert!(matches!(
            parsed("delete --root /s --keep c"),
            Err(Usage::UnknownFlag { verb: "delete", .. })
        ));
        assert_eq!(
            parsed("state --root /s c extra"),
            Err(Usage::Extra("extra".to_owned()))
        );
        assert_eq!(
            parsed("run --root /s c"),
            Err(Usage::Missing {
                verb: "run",
                what: "--bundle DIR"
            })
        );
        assert_eq!(parsed("run --root"), Err(Usage::NoValue("--root")));
    }
}
