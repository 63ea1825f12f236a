//! An outcome on file, next to the component it is of.

use super::surroundings::Inputs;
use crate::exit::Failure;
use assay_model::outcome::{AnswerEnd, Observed};
use assay_model::{Digest, ExitClass, HttpOutcome, Outcome, StderrPolicy, Tree};
use assay_workloads::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SCHEMA: u32 = 1;

/// Where the outcome of a component is recorded.
pub fn path_for(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".expect.toml");
    PathBuf::from(name)
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    schema: u32,
    /// The SHA-256 of the component.
    pub component: String,
    world: String,
    /// The arms that agreed.
    arms: Vec<String>,
    /// The SHA-256 of the canonical outcome.
    outcome: String,
    /// What the outcome depends on beside the component; `given` in the file.
    #[serde(rename = "given")]
    pub inputs: Inputs,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Ended>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    exit: ExitClass,
    /// Why what it writes to stderr is not here.
    stderr: String,
    stdout: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<Tree>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    body: Bytes,
    headers: BTreeMap<String, Vec<Bytes>>,
    trailers: BTreeMap<String, Vec<Bytes>>,
}

/// Text where it is UTF-8, so that a person can read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Bytes {
    Text(String),
    Hex(String),
}

impl Bytes {
    fn of(bytes: &[u8]) -> Bytes {
        match std::str::from_utf8(bytes) {
            Ok(text) => Bytes::Text(text.to_owned()),
            Err(_) => Bytes::Hex(hex::encode(bytes)),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Bytes::Text(text) => Ok(text.clone().into_bytes()),
            Bytes::Hex(digits) => hex::decode(digits).map_err(|error| error.to_string()),
        }
    }
}

type Fields<T> = BTreeMap<String, Vec<T>>;

fn fields_of(fields: &Fields<Vec<u8>>) -> Fields<Bytes> {
    let values = |values: &Vec<Vec<u8>>| values.iter().map(|value| Bytes::of(value)).collect();
    let each = |(name, all): (&String, &Vec<Vec<u8>>)| (name.clone(), values(all));
    fields.iter().map(each).collect()
}

fn to_fields(fields: &Fields<Bytes>) -> Result<Fields<Vec<u8>>, String> {
    let mut all = BTreeMap::new();
    for (name, values) in fields {
        let values: Result<Vec<_>, _> = values.iter().map(Bytes::bytes).collect();
        all.insert(name.clone(), values?);
    }
    Ok(all)
}

impl Expectation {
    /// Takes down what was observed.
    ///
    /// # Errors
    /// When a server did not answer whole.
    pub fn new(
        component: Digest,
        world: World,
        arms: Vec<String>,
        inputs: Inputs,
        observed: &Observed,
    ) -> Result<Expectation, Failure> {
        let answer = match observed.http.first() {
            Some(answer) if answer.end != AnswerEnd::Complete => {
                let why = "not recorded: the server did not complete its answer";
                return Err(Failure::Outcome(why.to_owned()));
            }
            answer => answer.map(|answer| Answer {
                status: answer.status,
                body: Bytes::of(&answer.body),
                headers: fields_of(&answer.headers),
                trailers: fields_of(&answer.trailers),
            }),
        };
        let outcome = observed.outcome(&StderrPolicy::Ignore);
        Ok(Expectation {
            schema: SCHEMA,
            component: component.to_string(),
            world: world.to_string(),
            arms,
            outcome: outcome.digest().to_string(),
            inputs,
            command: observed.exit.map(|exit| Ended {
                exit,
                stderr: "not compared".to_owned(),
                stdout: Bytes::of(&observed.stdout),
                tree: observed.tree.clone(),
            }),
            answer,
        })
    }

    /// Writes the file, in one step.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
        let mut text = "# Outcome of this component, recorded by `assay exec --record`.\n\
             # A later run with the same inputs and grants is compared with it.\n"
            .to_owned();
        text += &toml::to_string_pretty(self).map_err(Failure::internal)?;
        let partial = path.with_extension(format!("toml.{}", std::process::id()));
        std::fs::write(&partial, text).map_err(failed)?;
        std::fs::rename(&partial, path).map_err(failed)
    }

    /// Reads the file, if it is there.
    ///
    /// # Errors
    /// When it is something else, or its parts do not have the hash that it
    /// names.
    pub fn read(path: &Path) -> Result<Option<Expectation>, Failure> {
        let wrong = |why: String| {
            let path = path.display();
            Failure::Usage(format!(
                "{path}: {why}\nremove the file, or record it again with --record"
            ))
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(error.to_string())),
        };
        let read: Expectation = toml::from_str(&text)
            .map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        if read.schema != SCHEMA {
            let found = read.schema;
            return Err(wrong(format!(
                "schema {found} is not supported (supported: {SCHEMA})"
            )));
        }
        let outcome = read.observed().map_err(wrong)?;
        let digest = outcome.outcome(&StderrPolicy::Ignore).digest();
        if digest.as_str() != read.outcome {
            let why = format!(
                "the recorded outcome has the SHA-256 {digest}, but the file says {}",
                read.outcome
            );
            return Err(wrong(why));
        }
        Ok(Some(read))
    }

    /// What was observed, but for stderr.
    fn observed(&self) -> Result<Observed, String> {
        let mut observed = Observed::default();
        if let Some(ended) = &self.command {
            observed.exit = Some(ended.exit);
            observed.stdout = ended.stdout.bytes()?;
            observed.tree.clone_from(&ended.tree);
        }
        if let Some(answer) = &self.answer {
            observed.http.push(HttpOutcome {
                status: answer.status,
                headers: to_fields(&answer.headers)?,
                body: answer.body.bytes()?,
                trailers: to_fields(&answer.trailers)?,
                end: AnswerEnd::Complete,
            });
        }
        Ok(observed)
    }

    /// The outcome in canonical form.
    pub fn outcome(&self) -> Outcome {
        // Reading the file has decoded all of it before.
        let observed = self.observed().unwrap_or_default();
        observed.outcome(&StderrPolicy::Ignore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        Inputs {
            args: vec!["a b".into()],
            env: [("K".to_owned(), "v".to_owned())].into(),
            stdin: None,
            directories: vec!["/".into()],
            files: Some(Digest::of(b"").to_string()),
            grant: vec!["tcp".into()],
            deny: vec![],
            clock: Some(1),
            seed: Some(u64::MAX.to_string()),
            request: Some(("GET".into(), "/".into())),
        }
    }

    fn recorded(observed: &Observed) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = path_for(&dir.path().join("x.wasm"));
        let arms = vec!["wasmtime/aot".to_owned()];
        Expectation::new(Digest::of(b"c"), World::Command, arms, inputs(), observed)
            .unwrap()
            .write(&path)
            .unwrap();
        (dir, path)
    }

    fn observed() -> Observed {
        let node = assay_model::TreeNode::file(b"x");
        Observed {
            exit: Some(ExitClass::Ok),
            stdout: b"line\n\xff\x00".to_vec(),
            stderr: b"not kept".to_vec(),
            tree: Some(Tree([("0/a \"b\".txt".to_owned(), node)].into())),
            http: vec![HttpOutcome::new(
                201,
                [
                    ("X-A".to_owned(), b"\xfe".to_vec()),
                    ("x-a".to_owned(), b"2".to_vec()),
                ],
                b"body".to_vec(),
                [],
            )],
            ..Observed::default()
        }
    }

    #[test]
    fn what_is_recorded_is_what_is_read() {
        let observed = observed();
        let (_dir, path) = recorded(&observed);
        let read = Expectation::read(&path).unwrap().unwrap();
        assert_eq!(read.inputs, inputs());
        assert_eq!(read.outcome(), observed.outcome(&StderrPolicy::Ignore));
        assert!(path.ends_with("x.wasm.expect.toml"));
    }

    #[test]
    fn a_file_that_was_changed_is_refused() {
        let (_dir, path) = recorded(&observed());
        let text = std::fs::read_to_string(&path).unwrap();
        for (from, to) in [
            ("status = 201", "status = 200"),
            ("schema = 1", "schema = 2"),
        ] {
            assert!(text.contains(from), "{text}");
            std::fs::write(&path, text.replace(from, to)).unwrap();
            let failure = Expectation::read(&path).unwrap_err();
            assert_eq!(failure.code(), 2);
        }
        std::fs::write(&path, "outcome").unwrap();
        assert!(Expectation::read(&path).is_err());
        std::fs::remove_file(&path).unwrap();
        assert!(Expectation::read(&path).unwrap().is_none());
    }
}
