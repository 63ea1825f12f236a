//! The command line. Parsed by hand, because start-up is measured.

use std::path::PathBuf;

/// What `--help` prints.
pub const USAGE: &str = "\
usage:
  assay-containerd --socket=PATH [--namespace=NAME] [--snapshotter=NAME] VERB
  assay-containerd --version | --help

about                  version and revision of the daemon, and the snapshotters
                       that work there, as JSON
import IMAGE DIR       take in the OCI layout in DIR and unpack it; prints the
                       name of the snapshot that containers start from
forget IMAGE           remove the image, what nothing else holds, and the
                       namespace
run --name=ID FILE     make the container that FILE describes, and a task of it;
                       wait for its end: exits with its status, or 125 when it
                       could not be run
kill ID                end its processes
rm ID                  remove task, container, snapshot and lease, whichever of
                       them are there
pid ID                 the pid of its first process

FILE is JSON: `image` and `snapshot` as `import` was given and printed them,
`runtime`, `spec` (OCI), and `fifos`, a folder for the pipes of its streams.
The namespace is assay, the snapshotter overlayfs, unless others are named.";

/// The daemon to connect to, and the part of its store that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectOptions {
    pub socket: PathBuf,
    pub namespace: String,
    pub snapshotter: String,
}

/// What is asked of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    About,
    Import { image: String, layout: PathBuf },
    Forget { image: String },
    Run { id: String, file: PathBuf },
    Kill { id: String },
    Remove { id: String },
    Pid { id: String },
}

/// One invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    Help,
    Version,
    Ask(ConnectOptions, Verb),
}

/// Reads the words after the program's own name.
///
/// # Errors
/// What is wrong with them.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Invocation, String> {
    let mut words = words.peekable();
    let mut socket = None;
    let mut namespace = "assay".to_owned();
    let mut snapshotter = "overlayfs".to_owned();
    while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
        match flag.split_once('=') {
            None if flag == "--help" => return Ok(Invocation::Help),
            None if flag == "--version" => return Ok(Invocation::Version),
            Some(("--socket", value)) => socket = Some(PathBuf::from(value)),
            Some(("--namespace", value)) => value.clone_into(&mut namespace),
            Some(("--snapshotter", value)) => value.clone_into(&mut snapshotter),
            _ => return Err(format!("unknown flag `{flag}`")),
        }
    }
    let verb = words.next().ok_or("no verb given")?;
    let rest: Vec<String> = words.collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let text = |word: &str| word.to_owned();
    let verb = match (verb.as_str(), rest.as_slice()) {
        ("about", []) => Verb::About,
        ("import", [image, layout]) => Verb::Import {
            image: text(image),
            layout: layout.into(),
        },
        ("forget", [image]) => Verb::Forget { image: text(image) },
        ("run", [name, file]) => Verb::Run {
            id: named(name)?,
            file: file.into(),
        },
        ("kill", [id]) => Verb::Kill { id: text(id) },
        ("rm", [id]) => Verb::Remove { id: text(id) },
        ("pid", [id]) => Verb::Pid { id: text(id) },
        _ => {
            return Err(format!(
                "`{verb}` is not a valid verb, or has other operands"
            ));
        }
    };
    let socket = socket.ok_or("no daemon named: --socket=PATH")?;
    let options = ConnectOptions {
        socket,
        namespace,
        snapshotter,
    };
    Ok(Invocation::Ask(options, verb))
}

fn named(word: &str) -> Result<String, String> {
    let id = word.strip_prefix("--name=").map(str::to_owned);
    id.ok_or_else(|| format!("`run` begins with --name=ID, not with `{word}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_run_has_options_an_id_and_a_file() {
        let options = ConnectOptions {
            socket: "/s".into(),
            namespace: "n".to_owned(),
            snapshotter: "overlayfs".to_owned(),
        };
        let verb = Verb::Run {
            id: "i".to_owned(),
            file: "/f".into(),
        };
        assert_eq!(
            parsed("--socket=/s --namespace=n run --name=i /f"),
            Ok(Invocation::Ask(options, verb))
        );
    }

    #[test]
    fn wrong_words_are_named() {
        for (line, part) in [
            ("", "no verb"),
            ("about", "--socket"),
            ("--socket=/s run i /f", "--name"),
            ("--socket=/s stop i", "`stop`"),
            ("--loud about", "`--loud`"),
        ] {
            let said = parsed(line).unwrap_err();
            assert!(said.contains(part), "{line}: {said}");
        }
    }
}
