//! What a component is given, from the command line.

use super::arguments::ExecArgs;
use crate::exit::Failure;
use assay_model::{Digest, ExitClass, StderrPolicy};
use assay_workloads::{
    Action, Command, Content, Exchange, ExpectedAnswer, ExpectedEnd, ExpectedExit, ExpectedPart,
    FileTree, Preopen, Request, Setting, World,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a directory may hold, as every arm gets a copy.
const LIMIT: u64 = 1 << 30;

/// A case without an expectation, and what identifies its inputs.
pub struct Surroundings {
    /// What surrounds the component.
    pub setting: Setting,
    /// What is done with it.
    pub action: Action,
    /// The inputs, as a recorded outcome names them.
    pub inputs: Inputs,
}

/// Everything an outcome depends on, beside the component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Arguments.
    pub args: Vec<String>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// The hash of what it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Names of directories for the guest; with ` (read-only)` where it is.
    pub directories: Vec<String>,
    /// The hash of what is in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// Capabilities.
    pub grant: Vec<String>,
    /// Interfaces that are not linked.
    pub deny: Vec<String>,
    /// The wall clock, nanoseconds after 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<u64>,
    /// The seed of random numbers, as text: TOML's integers are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Method and path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<(String, String)>,
}

impl Surroundings {
    /// Reads directories and puts everything together.
    ///
    /// # Errors
    /// When a directory cannot be read, or something has no meaning in the
    /// world.
    pub fn of(args: &ExecArgs, world: World, stdin: Vec<u8>) -> Result<Surroundings, Failure> {
        let (files, preopens) = directories(args)?;
        let setting = Setting {
            preopens: files.is_some().then_some(preopens),
            granted: args.granted.iter().copied().collect(),
            denied: args.denied.iter().copied().collect(),
            wall_clock: args.clock,
            random_seed: args.seed,
            ..Setting::default()
        };
        let mut inputs = inputs(args, &setting, files.as_ref(), &stdin)?;
        let action = match world.is_command() {
            true => {
                if !args.request.is_empty() {
                    return Err(wrong(
                        "only a handler takes a request, and this is a command",
                        "--request",
                    ));
                }
                let env: BTreeMap<String, String> = args.env.iter().cloned().collect();
                Action::Command(Box::new(Command {
                    args: args.args.clone(),
                    env,
                    stdin: Content::from_bytes(stdin),
                    directory: files,
                    steps: Vec::new(),
                    expect: nothing(),
                }))
            }
            false => {
                const ONLY_A_REQUEST: &str = "only a command takes this, and this is a handler";
                let unusable = [
                    (!args.args.is_empty(), "arguments"),
                    (!args.env.is_empty(), "--env"),
                    (args.stdin.is_some(), "--stdin"),
                    (files.is_some(), "--dir"),
                ];
                if let Some((_, what)) = unusable.into_iter().find(|(is_given, _)| *is_given) {
                    return Err(wrong(ONLY_A_REQUEST, what));
                }
                let (method, path) = match args.request.as_slice() {
                    [method, path] => (method.clone(), path.clone()),
                    _ => ("GET".to_owned(), "/".to_owned()),
                };
                if !path.starts_with('/') {
                    return Err(wrong("a path must begin with '/'", "--request"));
                }
                inputs.request = Some((method.clone(), path.clone()));
                Action::Server(vec![Exchange {
                    request: Request::plain(&method, &path, Vec::new(), None),
                    expect: no_answer(),
                }])
            }
        };
        Ok(Surroundings {
            setting,
            action,
            inputs,
        })
    }
}

fn wrong(why: &str, what: &str) -> Failure {
    Failure::Usage(format!("{what}: {why}"))
}

/// The directories in one tree, side by side under their numbers, since two of
/// them may have the same name here.
fn directories(args: &ExecArgs) -> Result<(Option<FileTree>, Vec<Preopen>), Failure> {
    if args.directories.is_empty() {
        return Ok((None, Vec::new()));
    }
    let (mut files, mut preopens, mut left) = (FileTree::default(), Vec::new(), LIMIT);
    for (number, directory) in args.directories.iter().enumerate() {
        let path = number.to_string();
        let taken = files
            .take(&directory.host, &path, left)
            .map_err(|error| Failure::Usage(format!("--dir: {error}")))?;
        left = left.saturating_sub(taken);
        preopens.push(Preopen {
            path,
            at: directory.guest.clone(),
            write: directory.write,
        });
    }
    Ok((Some(files), preopens))
}

fn inputs(
    args: &ExecArgs,
    setting: &Setting,
    files: Option<&FileTree>,
    stdin: &[u8],
) -> Result<Inputs, Failure> {
    let directory = |preopen: &Preopen| match preopen.write {
        true => preopen.at.clone(),
        false => format!("{} (read-only)", preopen.at),
    };
    let files = files
        .map(|files| serde_json::to_vec(&files.outcome()))
        .transpose()
        .map_err(Failure::internal)?;
    Ok(Inputs {
        args: args.args.clone(),
        env: args.env.iter().cloned().collect(),
        stdin: (!stdin.is_empty()).then(|| Digest::of(stdin).to_string()),
        directories: setting.preopens.iter().flatten().map(directory).collect(),
        files: files.map(|files| Digest::of(&files).to_string()),
        grant: setting.granted.iter().map(ToString::to_string).collect(),
        deny: setting.denied.iter().map(ToString::to_string).collect(),
        clock: setting.wall_clock,
        seed: setting.random_seed.map(|seed| seed.to_string()),
        request: None,
    })
}

const UNKNOWN: &str = "none: outcomes are compared with each other";

/// The expectation of a run that has none; nobody looks at it.
fn nothing() -> ExpectedExit {
    ExpectedExit {
        source: UNKNOWN.to_owned(),
        exit: ExitClass::Ok,
        stdout: None,
        stderr: StderrPolicy::Ignore,
        tree: None,
        received: BTreeMap::new(),
    }
}

fn no_answer() -> ExpectedAnswer {
    ExpectedAnswer {
        source: UNKNOWN.to_owned(),
        end: ExpectedEnd::Partly(ExpectedPart {
            status: 200,
            headers: Vec::new(),
            body: None,
        }),
    }
}
