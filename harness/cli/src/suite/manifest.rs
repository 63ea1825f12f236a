//! The JSON file of one program, in its two forms: flat keys, or a list of
//! operations. What it asks for and the harness cannot do is noted as the
//! reason why the program is not run; nothing is left out silently.

use assay_stage::script::{Output, Step, Until};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a program is given and should do. By default it is given nothing and
/// exits 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    /// Its arguments.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
    /// Directories beside its file.
    pub directories: Vec<Directory>,
    /// What is done beside it.
    pub steps: Vec<Step>,
    /// What it is asked.
    pub requests: Vec<Asked>,
    /// Its exit code.
    pub exit_code: i64,
    /// What it writes to stdout, if that is compared.
    pub stdout: Option<String>,
    /// What it writes to stderr, if that is compared.
    pub stderr: Option<String>,
    /// Whether it needs sockets.
    pub sockets: bool,
    /// Whether it needs outgoing HTTP.
    pub http: bool,
    /// Why it cannot be run here.
    pub beyond: Option<String>,
}

/// A directory that a program is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Relative to the program's file.
    pub host: String,
    /// Its name for the guest.
    pub guest: String,
}

/// A request and what should come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// Its fields.
    pub headers: BTreeMap<String, String>,
    /// Its content.
    pub body: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Fields that the answer has, among others.
    pub answer_headers: BTreeMap<String, String>,
    /// The content of the answer, if that is compared.
    pub answer_body: Option<String>,
}

type Unknown = BTreeMap<String, serde_json::Value>;

#[derive(Deserialize)]
struct Suite {
    name: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(flatten)]
    inputs: Inputs,
    #[serde(default)]
    exit_code: i64,
    stdout: Option<String>,
    stderr: Option<String>,
    operations: Option<Vec<Operation>>,
    #[serde(default)]
    proposals: Vec<String>,
    /// Which world it is run in is seen from its exports; one that is not
    /// known here has a reason of its own.
    world: Option<String>,
}

#[derive(Deserialize, Default)]
struct Inputs {
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    dirs: Vec<String>,
    root: Option<String>,
    #[serde(flatten)]
    unknown: Unknown,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Operation {
    Run(Inputs),
    Write {
        id: Option<String>,
        #[serde(default)]
        payload: String,
    },
    Read {
        id: Option<String>,
        #[serde(default)]
        payload: String,
    },
    Wait {
        #[serde(default)]
        exit_code: i64,
    },
    Request(Box<Sent>),
    Kill {},
    Connect {},
    Send {},
    Recv {},
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Sent {
    method: Option<String>,
    path: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    #[serde(default)]
    response: Response,
    #[serde(flatten)]
    unknown: Unknown,
}

#[derive(Deserialize, Default)]
struct Response {
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The name in a suite's `manifest.json`.
///
/// # Errors
/// When it has none.
pub fn suite_name(text: &str) -> Result<String, String> {
    let suite: Suite = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(suite.name)
}

impl Program {
    /// Reads the file of a program.
    ///
    /// # Errors
    /// When it is not JSON, or a known key has another type.
    pub fn parse(text: &str) -> Result<Program, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut program = Program::default();
        for proposal in &file.proposals {
            match proposal.as_str() {
                "sockets" => program.sockets = true,
                "http" => program.http = true,
                // The world of its component says so too.
                "http/service" => {}
                other => program.cannot(format!("it needs the proposal '{other}'")),
            }
        }
        match file.world.as_deref() {
            None | Some("wasi:cli/command" | "wasi:http/service" | "wasi:http/proxy") => {}
            Some(other) => program.cannot(format!("its world is '{other}'")),
        }
        let Some(operations) = file.operations else {
            program.take_inputs(file.inputs);
            program.exit_code = file.exit_code;
            program.stdout = file.stdout;
            program.stderr = file.stderr;
            return Ok(program);
        };
        let flat = !file.inputs.args.is_empty() || !file.inputs.env.is_empty();
        let flat = flat || !file.inputs.dirs.is_empty() || file.inputs.root.is_some();
        if flat || file.exit_code != 0 || file.stdout.is_some() || file.stderr.is_some() {
            return Err("it has both operations and flat keys; use one form".to_owned());
        }
        program.unknown(&file.inputs.unknown);
        program.operations(operations);
        Ok(program)
    }

    /// Notes the first reason not to run it.
    fn cannot(&mut self, why: String) {
        self.beyond.get_or_insert(why);
    }

    fn unknown(&mut self, keys: &Unknown) {
        // A list of functions that is documentation, and says nothing to do.
        if let Some(key) = keys.keys().find(|key| *key != "wasi_functions") {
            self.cannot(format!("its key '{key}' is not supported"));
        }
    }

    fn take_inputs(&mut self, inputs: Inputs) {
        self.unknown(&inputs.unknown);
        self.args = inputs.args;
        self.env = inputs.env;
        let same = |name: String| Directory {
            host: name.clone(),
            guest: name,
        };
        self.directories = inputs.dirs.into_iter().map(same).collect();
        if let Some(host) = inputs.root {
            let guest = "/".to_owned();
            self.directories.insert(0, Directory { host, guest });
        }
    }

    fn operations(&mut self, operations: Vec<Operation>) {
        let mut left = operations.into_iter();
        match left.next() {
            Some(Operation::Run(inputs)) => self.take_inputs(inputs),
            _ => self.cannot("its first operation is not 'run'".to_owned()),
        }
        let mut killed = false;
        for operation in left {
            match operation {
                Operation::Run(_) => self.cannot("it has more than one 'run' operation".to_owned()),
                Operation::Write { id, payload } => match id.as_deref() {
                    None | Some("stdin" | "write") => {
                        self.steps.push(Step::Write(payload.into_bytes()));
                    }
                    Some(id) => self.cannot(format!("it writes to '{id}', not to stdin")),
                },
                Operation::Read { id, payload } => self.read(id.as_deref(), &payload),
                // After the last step its stdin ends and its end is awaited. A
                // server is stopped, whatever it is stopped with.
                Operation::Wait { exit_code } => self.exit_code = exit_code,
                Operation::Request(sent) => self.request(*sent),
                Operation::Kill {} => killed = true,
                Operation::Connect {} | Operation::Send {} | Operation::Recv {} => {
                    self.cannot(
                        "the test connects to an address that the program prints (connect, send, \
                         recv)"
                            .to_owned(),
                    );
                }
                Operation::Other => {
                    self.cannot("one of its operations is not supported".to_owned())
                }
            }
        }
        if killed && self.requests.is_empty() {
            self.cannot(
                "the test ends it with a signal, which an in-process engine cannot do".to_owned(),
            );
        }
        if !self.steps.iter().any(|step| matches!(step, Step::Write(_))) {
            // Without anything to wait for it is read to the end at once.
            self.steps.clear();
        }
    }

    fn read(&mut self, id: Option<&str>, payload: &str) {
        let (from, expected) = match id {
            None | Some("stdout") => (Output::Stdout, &mut self.stdout),
            Some("stderr") => (Output::Stderr, &mut self.stderr),
            Some(id) => {
                return self.cannot(format!(
                    "it reads from '{id}', which is neither stdout nor stderr"
                ));
            }
        };
        expected.get_or_insert_default().push_str(payload);
        self.steps.push(Step::Read {
            from,
            until: Until::Bytes(payload.len() as u64),
        });
    }

    fn request(&mut self, sent: Sent) {
        self.unknown(&sent.unknown);
        self.unknown(&sent.response.unknown);
        self.requests.push(Asked {
            method: sent.method.unwrap_or_else(|| "GET".to_owned()),
            path: sent.path.unwrap_or_else(|| "/".to_owned()),
            headers: sent.headers,
            body: sent.body,
            status: sent.response.status.unwrap_or(200),
            answer_headers: sent.response.headers,
            answer_body: sent.response.body,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Program {
        Program::parse(text).unwrap()
    }

    fn reason(text: &str) -> String {
        parse(text).beyond.unwrap_or_default()
    }

    #[test]
    fn the_flat_form() {
        let program = parse(
            r#"{"args": ["a"], "env": {"K": "v"}, "dirs": ["d"], "exit_code": 33,
                "stdout": "out", "stderr": "", "wasi_functions": ["proc_exit"]}"#,
        );
        assert_eq!(program.args, ["a"]);
        assert_eq!(program.env["K"], "v");
        assert_eq!(program.directories[0].guest, "d");
        assert_eq!(program.exit_code, 33);
        assert_eq!(program.stdout.as_deref(), Some("out"));
        assert_eq!(program.stderr.as_deref(), Some(""));
        assert_eq!(program.beyond, None);
        assert_eq!(parse("{}"), Program::default());
        let root = parse(r#"{"root": "d"}"#);
        assert_eq!(root.directories[0].guest, "/");
    }

    #[test]
    fn operations_become_steps() {
        let program = parse(
            r#"{"proposals": ["sockets"], "operations": [
                {"type": "run", "args": ["x"], "env": {"K": "v"}, "dirs": ["d"]},
                {"type": "write", "id": "stdin", "payload": "ab"},
                {"type": "read", "id": "stdout", "payload": "ab"},
                {"type": "read", "id": "stdout", "payload": "c"},
                {"type": "wait", "exit_code": 1}]}"#,
        );
        assert_eq!(program.beyond, None);
        assert!(program.sockets && !program.http);
        assert_eq!((program.args.len(), program.directories.len()), (1, 1));
        assert_eq!(program.steps.len(), 3);
        assert_eq!(program.steps[0], Step::Write(b"ab".to_vec()));
        assert_eq!(program.stdout.as_deref(), Some("abc"));
        assert_eq!(program.exit_code, 1);
        let waits = parse(r#"{"operations": [{"type": "run"}, {"type": "wait"}]}"#);
        assert_eq!(waits, Program::default());
    }

    #[test]
    fn requests_compare_what_they_name() {
        let program = parse(
            r#"{"proposals": ["http", "http/service"], "operations": [
                {"type": "run"},
                {"type": "request", "method": "POST", "path": "/x", "body": "b",
                 "response": {"status": 404}},
                {"type": "request", "response": {"headers": {"A": "1"}, "body": ""}},
                {"type": "kill", "signal": "SIGINT"},
                {"type": "wait"}]}"#,
        );
        assert_eq!(program.beyond, None);
        let [first, second] = program.requests.as_slice() else {
            panic!("{program:?}")
        };
        assert_eq!((first.status, &first.answer_body), (404, &None));
        assert_eq!(first.body.as_deref(), Some("b"));
        assert_eq!((second.method.as_str(), second.status), ("GET", 200));
        assert_eq!(second.answer_body.as_deref(), Some(""));
    }

    #[test]
    fn what_is_not_known_has_a_reason() {
        assert!(reason(r#"{"protocol": {}}"#).contains("'protocol'"));
        assert!(reason(r#"{"proposals": ["threads"]}"#).contains("'threads'"));
        assert!(reason(r#"{"world": "wasi:nn/x"}"#).contains("wasi:nn/x"));
        let with = |rest: &str| {
            reason(&format!(
                r#"{{"servers": [], "operations": [{{"type": "run"}}{rest}]}}"#
            ))
        };
        assert!(with("").contains("'servers'"));
        let operations =
            |rest: &str| reason(&format!(r#"{{"operations": [{{"type": "run"}}{rest}]}}"#));
        assert!(operations(r#", {"type": "connect", "id": "s"}"#).contains("connect"));
        assert!(operations(r#", {"type": "kill"}, {"type": "wait"}"#).contains("signal"));
        assert!(operations(r#", {"type": "dance"}"#).contains("not supported"));
        assert!(operations(r#", {"type": "run"}"#).contains("more than one"));
        assert!(operations(r#", {"type": "request", "trailers": {}}"#).contains("'trailers'"));
        assert!(reason(r#"{"operations": []}"#).contains("first operation"));
    }

    #[test]
    fn a_file_that_is_wrong_is_refused() {
        assert!(Program::parse("{\"dirs\": [\"a\"],}").is_err());
        assert!(Program::parse(r#"{"args": "a"}"#).is_err());
        assert!(Program::parse(r#"{"args": ["a"], "operations": []}"#).is_err());
        assert!(suite_name(r#"{"version": "x"}"#).is_err());
        assert_eq!(suite_name(r#"{"name": "n"}"#), Ok("n".to_owned()));
    }
}
