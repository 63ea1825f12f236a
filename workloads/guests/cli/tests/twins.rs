//! The native twins against the definitions. An expectation that the twin does
//! not meet is wrong before any engine is asked.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use assay_model::ExitClass;
use assay_model::outcome::Observed;
use assay_workloads::{Action, Case, Catalog, Command, Twin, Workload, scan};

fn program(bin: &str) -> &'static str {
    match bin {
        "cli-args" => env!("CARGO_BIN_EXE_cli-args"),
        "cli-args-env" => env!("CARGO_BIN_EXE_cli-args-env"),
        "cli-copy" => env!("CARGO_BIN_EXE_cli-copy"),
        "cli-cwd" => env!("CARGO_BIN_EXE_cli-cwd"),
        "cli-env" => env!("CARGO_BIN_EXE_cli-env"),
        "cli-exit" => env!("CARGO_BIN_EXE_cli-exit"),
        "cli-files" => env!("CARGO_BIN_EXE_cli-files"),
        "cli-flood" => env!("CARGO_BIN_EXE_cli-flood"),
        "cli-hello" => env!("CARGO_BIN_EXE_cli-hello"),
        "cli-hold" => env!("CARGO_BIN_EXE_cli-hold"),
        "cli-interleave" => env!("CARGO_BIN_EXE_cli-interleave"),
        "cli-leave" => env!("CARGO_BIN_EXE_cli-leave"),
        "cli-sha256" => env!("CARGO_BIN_EXE_cli-sha256"),
        "cli-stdin-echo" => env!("CARGO_BIN_EXE_cli-stdin-echo"),
        "cli-stdin-lines" => env!("CARGO_BIN_EXE_cli-stdin-lines"),
        "cli-stdin-take" => env!("CARGO_BIN_EXE_cli-stdin-take"),
        "clock-sleep" => env!("CARGO_BIN_EXE_clock-sleep"),
        "control-address" => env!("CARGO_BIN_EXE_control-address"),
        "control-map-order" => env!("CARGO_BIN_EXE_control-map-order"),
        "control-random" => env!("CARGO_BIN_EXE_control-random"),
        "control-wall-clock" => env!("CARGO_BIN_EXE_control-wall-clock"),
        "control-wrong-file" => env!("CARGO_BIN_EXE_control-wrong-file"),
        other => panic!("no twin is called '{other}'"),
    }
}

/// The class of a twin's end. The test profile unwinds where the measured one
/// aborts, and then std ends the process with 101 instead of SIGABRT.
fn class(status: ExitStatus) -> ExitClass {
    match (status.code(), status.signal()) {
        (Some(0), _) => ExitClass::Ok,
        (Some(101), _) | (None, Some(_)) => ExitClass::Trap,
        _ => ExitClass::Err,
    }
}

fn run(bin: &str, command: &Command, directory: &Path) -> Observed {
    if let Some(files) = &command.directory {
        files.write_to(directory).unwrap();
    }
    let mut child = std::process::Command::new(program(bin))
        .args(&command.args)
        .env_clear()
        .envs(&command.env)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = command.stdin.clone();
    // In a thread: a program may write before it has read everything.
    let feeder = std::thread::spawn(move || {
        // A guest that does not read its stdin closes it; that is no failure.
        let _ = stdin.write_all(input.bytes());
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Observed {
        exit: Some(class(output.status)),
        stdout: output.stdout,
        stderr: output.stderr,
        tree: command.directory.as_ref().map(|_| scan(directory).unwrap()),
        ..Observed::default()
    }
}

fn check(bin: &str, case: &Case) -> Result<(), String> {
    let Action::Command(command) = &case.action else {
        return Err("is not a command".into());
    };
    let directory = tempfile::tempdir().unwrap();
    let observed = run(bin, command, directory.path());
    match case.expected().difference(&case.outcome(&observed)) {
        None => Ok(()),
        Some(difference) => Err(difference.to_string()),
    }
}

/// Whether somebody has to play along: write, read and close while the program
/// runs. That is the harness's, which runs these twins as its native arm; here
/// a program is given all its input at once.
fn has_steps(case: &Case) -> bool {
    matches!(&case.action, Action::Command(command) if !command.steps.is_empty())
}

/// The program of this package that is the twin of `workload`, if it is one.
fn twin(workload: &Workload) -> Option<&str> {
    match &workload.twin {
        Twin::Cargo { package, bin } if package == env!("CARGO_PKG_NAME") => Some(bin),
        _ => None,
    }
}

#[test]
fn every_command_twin_does_what_its_definition_says() {
    let catalog = Catalog::load(Catalog::default_directory()).unwrap();
    let selected = catalog.select(&["cli/*", "clock/*"]).unwrap();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for s in &selected {
        let Some(bin) = twin(s.workload) else {
            continue;
        };
        if has_steps(s.case) {
            continue;
        }
        checked += 1;
        if let Err(why) = check(bin, s.case) {
            wrong.push(format!("{}: {why}", s.case.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(checked, 37);
}

#[test]
fn every_control_is_caught() {
    let catalog = Catalog::load(Catalog::default_directory()).unwrap();
    let mut missed = Vec::new();
    for s in catalog.select(&["control/*"]).unwrap() {
        if let Some(bin) = twin(s.workload)
            && check(bin, s.case).is_ok()
        {
            missed.push(s.case.id.to_string());
        }
    }
    assert!(missed.is_empty(), "passed: {}", missed.join(", "));
}

#[test]
fn a_wrong_argument_is_found() {
    // The comparison itself must be able to fail.
    let catalog = Catalog::load(Catalog::default_directory()).unwrap();
    let mut case = catalog.case("cli/sha256").unwrap().case.clone();
    let Action::Command(command) = &mut case.action else {
        panic!("is a command")
    };
    command.args = vec!["255".into()];
    assert!(
        check("cli-sha256", &case)
            .unwrap_err()
            .contains("first difference")
    );
}

#[test]
fn hello_ends_its_line_with_the_nonce() {
    let output = std::process::Command::new(program("cli-hello"))
        .arg("n-42")
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"hello from a component n-42\n");
}

#[test]
fn twins_say_what_is_missing() {
    let output = std::process::Command::new(program("cli-hold"))
        .arg("n")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("argument 2 is missing: the working set in bytes"),
        "{text}"
    );
}
