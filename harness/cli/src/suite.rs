//! `assay verify --suite`: programs of another suite, described by JSON
//! manifests in the form of WebAssembly/wasi-testsuite, as workloads in memory.

mod adapt;
mod manifest;

use crate::binary::{self, Contents};
use crate::exit::Failure;
use assay_model::{CaseId, ExitClass, StderrPolicy};
use assay_workloads::{
    Action, Capability, Catalog, Command, Content, Exchange, ExpectedAnswer, ExpectedEnd,
    ExpectedExit, ExpectedPart, FileTree, Preopen, Request, Setting, Workload, World,
};
use manifest::{Asked, Program};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the file that makes a directory a suite.
const MANIFEST: &str = "manifest.json";

/// The suites' own runner gives up after seconds; a busy machine needs more.
const DEADLINE: Duration = Duration::from_secs(30);

/// What the directories of one program may hold, as every run gets a copy.
const LIMIT: u64 = 1 << 28;

/// The programs of a suite: of the directory itself or, where it has no
/// manifest, of those directly below it that have one.
///
/// # Errors
/// When there is none, or a manifest is wrong.
pub fn catalog(directory: &Path) -> Result<Catalog, Failure> {
    let mut programs = BTreeMap::new();
    let mut name = String::new();
    if directory.join(MANIFEST).is_file() {
        name = suite(directory, "suite", &mut programs)?;
    } else {
        for below in entries(directory)? {
            if below.join(MANIFEST).is_file() {
                let part = word(&below.file_name().unwrap_or_default().to_string_lossy());
                name = suite(&below, &format!("suite/{part}"), &mut programs)?;
            }
        }
    }
    if programs.is_empty() {
        return Err(Failure::Usage(format!(
            "{} is not a suite: a suite is a directory with {MANIFEST} ({{\"name\": …}}) and \
             programs (*.wasm, *.wat), each with an optional JSON file of its own",
            directory.display()
        )));
    }
    Ok(Catalog::of(&name, programs.into_values().collect()))
}

type Programs = BTreeMap<String, (Workload, Vec<u8>)>;

/// Adds the programs of one directory; tells the suite's name.
fn suite(directory: &Path, prefix: &str, programs: &mut Programs) -> Result<String, Failure> {
    let file = directory.join(MANIFEST);
    let name = manifest::suite_name(&text(&file)?).map_err(|why| wrong(&file, &why))?;
    for path in entries(directory)? {
        let extension = path.extension().unwrap_or_default();
        if extension != "wasm" && extension != "wat" {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let id = format!("{prefix}/{}", word(&stem));
        let made = workload(&id, &path, &name)?;
        if let Some((other, _)) = programs.insert(id.clone(), made) {
            let other = other.file.display();
            return Err(wrong(
                &path,
                &format!("its id '{id}' is already used by {other}"),
            ));
        }
    }
    Ok(name)
}

fn wrong(file: &Path, why: &str) -> Failure {
    Failure::Usage(format!("{}: {why}", file.display()))
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| wrong(file, &error.to_string()))
}

/// What is in a directory, in the order of names.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| wrong(directory, &error.to_string());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// A name as ids have it.
fn word(name: &str) -> String {
    let allowed = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() || "-_.".contains(c) => c,
        _ => '-',
    };
    name.chars().map(allowed).collect()
}

/// A program as a workload with one case.
fn workload(id: &str, path: &Path, suite: &str) -> Result<(Workload, Vec<u8>), Failure> {
    let file = path.with_extension("json");
    let program = match file.is_file() {
        true => Program::parse(&text(&file)?).map_err(|why| wrong(&file, &why))?,
        false => Program::default(),
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(path, &error.to_string()))?;
    let wasm = binary::binary(&bytes).map_err(|why| wrong(path, &why))?;
    let id: CaseId = id
        .parse()
        .map_err(|error| wrong(path, &format!("its name is not a valid id: {error}")))?;
    let mut beyond = program.beyond.clone();
    let (world, wasm) = match ready(&wasm) {
        Ok(ready) => ready,
        Err(why) => {
            beyond.get_or_insert(why);
            (World::Command, wasm)
        }
    };
    let source = match file.is_file() {
        true => format!("{suite}: {}", name_of(&file)),
        false => format!(
            "{suite}: {} has no JSON file, so it must exit with 0",
            name_of(path)
        ),
    };
    let (setting, action) = match action(&program, world, path, source) {
        Ok(made) => made,
        Err(Refused::Beyond(why)) => {
            beyond.get_or_insert(why);
            let none = command(&Program::default(), None, String::new());
            (Setting::default(), none)
        }
        Err(Refused::Wrong(failure)) => return Err(failure),
    };
    let mut workload = Workload::ad_hoc(id.clone(), world, DEADLINE, path.to_owned()).with_case(
        id.clone(),
        setting,
        action,
    );
    // Programs of several directories may have the same name.
    workload.component = id.as_str().replace('/', "-");
    workload.analysis = format!("{} of {suite}, as it is.", name_of(path));
    workload.beyond = beyond;
    Ok((workload, wasm))
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A component and its world; preview 1 is adapted.
fn ready(wasm: &[u8]) -> Result<(World, Vec<u8>), String> {
    let (worlds, wasm) = match binary::contents(wasm)? {
        Contents::Component(worlds) => (worlds, wasm.to_vec()),
        Contents::Module(_) => (vec![World::Command], adapt::component(wasm)?),
    };
    match worlds.as_slice() {
        [world] => Ok((*world, wasm)),
        [] => Err("it exports no entry point of a supported world".to_owned()),
        _ => Err("it exports the entry points of several worlds".to_owned()),
    }
}

/// Why a program is no case.
enum Refused {
    /// The harness cannot express it.
    Beyond(String),
    /// The suite is wrong.
    Wrong(Failure),
}

fn action(
    program: &Program,
    world: World,
    path: &Path,
    source: String,
) -> Result<(Setting, Action), Refused> {
    let (files, preopens) = directories(program, path).map_err(Refused::Wrong)?;
    let mut setting = Setting {
        preopens: files.is_some().then_some(preopens),
        ..Setting::default()
    };
    if program.sockets {
        setting
            .granted
            .extend([Capability::Tcp, Capability::Udp, Capability::Dns]);
    }
    if program.http {
        setting.granted.insert(Capability::OutgoingHttp);
    }
    match (world.is_command(), program.requests.is_empty()) {
        (true, true) => Ok((setting, command(program, files, source))),
        (false, false) => {
            let given = !program.args.is_empty() || !program.env.is_empty();
            if given || files.is_some() || !program.steps.is_empty() {
                return Err(Refused::Beyond(
                    "it is a handler with arguments, environment, directories or streams; here, \
                     handlers get only requests"
                        .to_owned(),
                ));
            }
            let exchanges = program
                .requests
                .iter()
                .map(|asked| exchange(asked, &source));
            Ok((setting, Action::Server(exchanges.collect())))
        }
        (true, false) => Err(Refused::Beyond(
            "it is a command with HTTP requests, and a command would have to listen for them itself"
                .to_owned(),
        )),
        (false, true) => Err(Refused::Beyond(
            "it is a handler, but there is no request to send to it".to_owned(),
        )),
    }
}

/// The directories that a program is given, in one tree.
fn directories(
    program: &Program,
    path: &Path,
) -> Result<(Option<FileTree>, Vec<Preopen>), Failure> {
    if program.directories.is_empty() {
        return Ok((None, Vec::new()));
    }
    let beside = path.parent().unwrap_or(Path::new("."));
    let (mut files, mut preopens) = (FileTree::default(), Vec::new());
    for (number, directory) in program.directories.iter().enumerate() {
        let at = number.to_string();
        files
            .take(&beside.join(&directory.host), &at, LIMIT)
            .map_err(|error| wrong(path, &error.to_string()))?;
        preopens.push(Preopen {
            path: at,
            at: directory.guest.clone(),
            write: true,
        });
    }
    // What programs leave behind when they run in place, to be removed before.
    files.leave_out(|name| name.ends_with(".cleanup"));
    Ok((Some(files), preopens))
}

fn command(program: &Program, directory: Option<FileTree>, source: String) -> Action {
    let text = |text: &String| Content::from_bytes(text.as_str());
    Action::Command(Box::new(Command {
        args: program.args.clone(),
        env: program.env.clone(),
        stdin: Content::default(),
        directory,
        steps: program.steps.clone(),
        expect: ExpectedExit {
            source,
            // wasi:cli 0.2 and 0.3 have these two classes and no numbers.
            exit: match program.exit_code {
                0 => ExitClass::Ok,
                _ => ExitClass::Err,
            },
            stdout: program.stdout.as_ref().map(text),
            stderr: match &program.stderr {
                Some(text) => StderrPolicy::Exact(text.clone().into_bytes()),
                None => StderrPolicy::Ignore,
            },
            tree: None,
            received: BTreeMap::new(),
        },
    }))
}

fn exchange(asked: &Asked, source: &str) -> Exchange {
    let fields = |fields: &BTreeMap<String, String>| {
        let lower = fields.iter().map(|(name, value)| {
            let value = value.clone().into_bytes();
            (name.to_ascii_lowercase(), value)
        });
        lower.collect::<Vec<_>>()
    };
    let body = |text: &String| Content::from_bytes(text.as_str());
    Exchange {
        request: Request::plain(
            &asked.method,
            &asked.path,
            fields(&asked.headers),
            asked.body.as_ref().map(body),
        ),
        expect: ExpectedAnswer {
            source: source.to_owned(),
            end: ExpectedEnd::Partly(ExpectedPart {
                status: asked.status,
                headers: fields(&asked.answer_headers),
                body: asked.answer_body.as_ref().map(body),
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Writes its first argument's length to nothing: only its exit counts.
    const EXITS_0: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

    fn suite_of(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    const NAMED: (&str, &str) = (MANIFEST, r#"{"name": "mine"}"#);

    #[test]
    fn a_program_without_a_file_of_its_own_exits_0() {
        let dir = suite_of(&[NAMED, ("Plain_one.wat", EXITS_0)]);
        let catalog = catalog(dir.path()).unwrap();
        let selected = catalog.case("suite/plain_one").unwrap();
        assert_eq!(selected.workload.world, World::Command);
        assert_eq!(selected.workload.beyond, None);
        let Action::Command(command) = &selected.case.action else {
            panic!("it is a command")
        };
        assert_eq!(command.expect.exit, ExitClass::Ok);
        assert_eq!(command.expect.stdout, None);
        let component = catalog.component(selected.workload).unwrap();
        let kind = binary::contents(&component.wasm).unwrap();
        assert_eq!(kind, Contents::Component(vec![World::Command]));
    }

    #[test]
    fn directories_are_copied_without_what_was_left_behind() {
        let dir = suite_of(&[
            NAMED,
            ("a.wat", EXITS_0),
            (
                "a.json",
                r#"{"dirs": ["fs.dir"], "args": ["fs.dir"], "exit_code": 3}"#,
            ),
            ("fs.dir/sub/file", "x"),
            ("fs.dir/left.cleanup/file", "x"),
        ]);
        let catalog = catalog(dir.path()).unwrap();
        let case = catalog.case("suite/a").unwrap().case;
        let Action::Command(command) = &case.action else {
            panic!("it is a command")
        };
        assert_eq!(command.expect.exit, ExitClass::Err);
        let files = command.directory.as_ref().unwrap();
        let names: Vec<&str> = files.entries().map(|(path, _)| path).collect();
        assert_eq!(names, ["0", "0/sub", "0/sub/file"]);
        let preopens = case.setting.preopens.as_ref().unwrap();
        assert_eq!(
            (preopens[0].path.as_str(), preopens[0].at.as_str()),
            ("0", "fs.dir")
        );
    }

    #[test]
    fn what_cannot_be_expressed_is_said() {
        let threads = r#"(module (import "wasi" "thread-spawn" (func (param i32) (result i32)))
            (memory (export "memory") 1) (func (export "_start")))"#;
        let dir = suite_of(&[
            NAMED,
            ("threads.wat", threads),
            ("listens.wat", EXITS_0),
            (
                "listens.json",
                r#"{"operations": [{"type": "run"}, {"type": "connect", "id": "a"}]}"#,
            ),
            ("asked.wat", EXITS_0),
            (
                "asked.json",
                r#"{"operations": [{"type": "run"}, {"type": "request"}]}"#,
            ),
        ]);
        let catalog = catalog(dir.path()).unwrap();
        for (name, part) in [
            ("threads", "wasi"),
            ("listens", "connect"),
            ("asked", "HTTP"),
        ] {
            let workload = catalog.workload(&format!("suite/{name}")).unwrap();
            let why = workload.beyond.as_deref().unwrap_or_default();
            assert!(why.contains(part), "{name}: {why}");
        }
    }

    #[test]
    fn several_suites_are_read_side_by_side() {
        let dir = suite_of(&[
            ("p1/manifest.json", NAMED.1),
            ("p1/a.wat", EXITS_0),
            ("p3/manifest.json", NAMED.1),
            ("p3/a.wat", EXITS_0),
            ("other/a.wat", EXITS_0),
        ]);
        let catalog = catalog(dir.path()).unwrap();
        let ids: Vec<&str> = catalog.workloads().iter().map(|w| w.id.as_str()).collect();
        assert_eq!(ids, ["suite/p1/a", "suite/p3/a"]);
    }

    #[test]
    fn a_wrong_suite_is_usage_and_names_the_file() {
        let none = tempfile::tempdir().unwrap();
        assert_eq!(catalog(none.path()).unwrap_err().code(), 2);
        let dir = suite_of(&[NAMED, ("a.wat", EXITS_0), ("a.json", "{\"args\": 1}")]);
        let failure = catalog(dir.path()).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(failure.to_string().contains("a.json"), "{failure}");
        let dir = suite_of(&[
            NAMED,
            ("a.wat", EXITS_0),
            ("a.json", "{\"dirs\": [\"no\"]}"),
        ]);
        assert_eq!(catalog(dir.path()).unwrap_err().code(), 2);
    }
}
