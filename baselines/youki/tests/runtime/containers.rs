//! Real containers, as root or in a user namespace, whichever the caller can.
//! Where neither is possible, every test that needs one prints the kernel's
//! reason and ends; `refusal.rs` then still checks the error.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use crate::common::{Case, eventually, need_namespaces, stderr, stdout};
use assay_baselines::bundle::{ContainerOptions, Limits, Mounts, Network, Privileges};
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;

fn is_root() -> bool {
    Privileges::of_caller().unwrap() == Privileges::Root
}

/// Starts a foreground run of the sleeping payload and waits until it speaks.
fn sleeping(case: &Case) -> Child {
    // A test run started in the background of a shell has SIGINT ignored, and
    // a disposition like that is handed on through exec, to the payload too.
    // SAFETY: needed because there is no safe way to reset a disposition. No
    // handler is installed, so nothing can run at an unsafe moment.
    unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }.unwrap();
    let mut child = case
        .run_command(&[])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    child
}

fn send(child: &Child, sent: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), sent).unwrap();
}

#[test]
fn output_and_status_pass_through() {
    need_namespaces!();
    for (args, code, text) in [
        (&["hello"][..], 0, "hello\n"),
        (&["exit", "0"], 0, ""),
        (&["exit", "1"], 1, ""),
        (&["exit", "42"], 42, ""),
    ] {
        let case = Case::new(args);
        let output = case.run(&[]);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert_eq!(stdout(&output), text);
        assert_eq!(stderr(&output), "");
        assert_eq!(case.leftovers(), Vec::<String>::new());
    }
}

#[test]
fn stdin_is_inherited() {
    need_namespaces!();
    let case = Case::new(&["echo"]);
    let mut command = case.run_command(&[]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = "line\n".repeat(100_000);
    let mut input = child.stdin.take().unwrap();
    let sent = text.clone();
    let writer = std::thread::spawn(move || input.write_all(sent.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.stdout, text.into_bytes());
}

/// pid_namespaces(7): process 1 is shielded from its own SIGABRT, so abort()
/// falls back on an instruction that faults. With an init it is an ordinary
/// process and dies of SIGABRT.
#[test]
fn abort_is_a_signal_and_with_an_init_the_right_one() {
    need_namespaces!();
    let case = Case::new(&["abort"]);
    let without = case.run(&[]).status.code().unwrap();
    assert!(without > 128, "{without} is no death by signal");
    assert_ne!(without, 128 + Signal::SIGKILL as i32);
    let with = case.run(&["--init"]).status.code();
    assert_eq!(with, Some(128 + Signal::SIGABRT as i32));
    assert_eq!(case.leftovers(), Vec::<String>::new());
}

#[test]
fn the_payload_gets_exactly_the_environment_and_three_descriptors() {
    need_namespaces!();
    let options = ContainerOptions {
        env: vec![("ONLY".to_owned(), "this".to_owned())],
        ..ContainerOptions::default()
    };
    let output = Case::with(&["env"], options).run(&[]);
    assert_eq!(stdout(&output), "ONLY=this\n");

    let case = Case::new(&["fds"]);
    let mut command = case.run_command(&[]);
    let inherited = std::fs::File::open("/dev/null").unwrap();
    let fd = std::os::fd::AsRawFd::as_raw_fd(&inherited);
    command.env("LISTEN_FDS", "9");
    // SAFETY: needed to hand a descriptor over; dup2 is async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            for target in 5..9 {
                nix::unistd::dup2(fd, target)?;
            }
            Ok(())
        });
    }
    let output = command.output().unwrap();
    assert_eq!(stdout(&output), "0 1 2\n", "{}", stderr(&output));
}

#[test]
fn the_container_is_locked_down() {
    need_namespaces!();
    let status = stdout(&Case::new(&["cat", "/proc/self/status"]).run(&[]));
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        let empty = format!("{set}:\t0000000000000000");
        assert!(status.contains(&empty), "{set} is not empty:\n{status}");
    }
    assert!(status.contains("NoNewPrivs:\t1"));
    assert!(status.contains("\nPid:\t1\n"));
    assert!(status.contains("SigBlk:\t0000000000000000"), "{status}");
    let write = stdout(&Case::new(&["write", "/file"]).run(&[]));
    assert_eq!(write, "ReadOnlyFilesystem\n");
    let host = stdout(&Case::new(&["cat", "/proc/sys/kernel/hostname"]).run(&[]));
    assert_eq!(host, "assay\n");
}

#[test]
fn a_work_directory_is_shared_with_the_host() {
    need_namespaces!();
    let shared = tempfile::tempdir().unwrap();
    let options = ContainerOptions {
        work: Some(shared.path().to_owned()),
        ..ContainerOptions::default()
    };
    let cwd = stdout(&Case::with(&["cwd"], options.clone()).run(&[]));
    assert_eq!(cwd, "/work\n");
    let wrote = stdout(&Case::with(&["write", "/work/file"], options).run(&[]));
    assert_eq!(wrote, "written\n");
    let text = std::fs::read_to_string(shared.path().join("file")).unwrap();
    assert_eq!(text, "written");
}

#[test]
fn variants_of_the_bundle_start() {
    need_namespaces!();
    let minimal = ContainerOptions {
        mounts: Mounts::Minimal,
        ..ContainerOptions::default()
    };
    let offline = ContainerOptions {
        network: Network::Empty,
        mounts: Mounts::Minimal,
        ..ContainerOptions::default()
    };
    for options in [minimal, offline] {
        let output = Case::with(&["hello"], options).run(&[]);
        assert_eq!(stdout(&output), "hello\n", "{}", stderr(&output));
    }
    let offline = ContainerOptions {
        network: Network::Empty,
        ..ContainerOptions::default()
    };
    let devices = stdout(&Case::with(&["cat", "/proc/self/net/dev"], offline).run(&[]));
    let names: Vec<&str> = devices
        .lines()
        .skip(2)
        .filter_map(|line| Some(line.split_once(':')?.0.trim()))
        .collect();
    assert!(names.contains(&"lo") && !names.iter().any(|name| name.starts_with("eth")));
}

#[test]
fn limits_reach_the_cgroup() {
    need_namespaces!();
    if !is_root() {
        eprintln!("SKIPPED: without root there is no cgroup to limit");
        return;
    }
    let options = ContainerOptions {
        limits: Limits {
            pids: Some(17),
            ..Limits::default()
        },
        ..ContainerOptions::default()
    };
    let unified = std::fs::read_to_string("/sys/fs/cgroup/cgroup.controllers");
    let (file, there) = match unified {
        Ok(list) => ("/sys/fs/cgroup/pids.max", list.contains("pids")),
        Err(_) => (
            "/sys/fs/cgroup/pids/pids.max",
            std::path::Path::new("/sys/fs/cgroup/pids").exists(),
        ),
    };
    if !there {
        eprintln!("SKIPPED: this kernel offers no pids controller");
        return;
    }
    let output = Case::with(&["cat", file], options).run(&[]);
    assert_eq!(stdout(&output), "17\n", "{}", stderr(&output));
}

#[test]
fn a_detached_container_lives_until_it_is_deleted() {
    need_namespaces!();
    let case = Case::new(&["sleep"]);
    let pid_file = case.dir.path().join("pid");
    let flags = ["--detach", "--pid-file", pid_file.to_str().unwrap()];
    // Its output must not be a pipe of ours: the container keeps it open.
    let mut run = case.run_command(&flags);
    let status = run.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert_eq!(status.unwrap().code(), Some(0));

    let again = case.run(&["--detach"]);
    assert_eq!(again.status.code(), Some(125));
    assert!(
        stderr(&again).contains("already exists"),
        "{}",
        stderr(&again)
    );

    let state = case.verb("state").arg(&case.id).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&state.stdout).unwrap();
    assert_eq!(json["status"], "running");
    let pid = std::fs::read_to_string(&pid_file).unwrap();
    assert_eq!(json["pid"].to_string(), pid);
    // `start` lets process 1 go on; it is the payload a moment later.
    eventually("the payload's exec", || {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
        line.starts_with("/app\0sleep\0")
    });

    let delete = case.verb("delete").arg(&case.id).output().unwrap();
    assert_eq!(delete.status.code(), Some(1));
    assert!(stderr(&delete).contains("still running"));

    let killed = case.verb("kill").args([&case.id, "KILL"]).status().unwrap();
    assert_eq!(killed.code(), Some(0));
    eventually("the end of the payload", || {
        let state = case.verb("state").arg(&case.id).output().unwrap();
        stdout(&state).contains("\"stopped\"")
    });
    let delete = case.verb("delete").arg(&case.id).status().unwrap();
    assert_eq!(delete.code(), Some(0));
    assert_eq!(case.leftovers(), Vec::<String>::new());

    let delete = case.verb("delete").arg(&case.id).output().unwrap();
    assert_eq!(delete.status.code(), Some(1));
    let expected = format!("no container `{}`", case.id);
    assert!(stderr(&delete).contains(&expected), "{}", stderr(&delete));
}

#[test]
fn force_kills_first() {
    need_namespaces!();
    let case = Case::new(&["sleep"]);
    let mut run = case.run_command(&["--detach"]);
    let status = run.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.unwrap().success());
    eventually("the payload's exec", || !case.processes().is_empty());
    let delete = case.verb("delete").args(["--force", &case.id]).status();
    assert_eq!(delete.unwrap().code(), Some(0));
    eventually("the end of everything", || case.leftovers().is_empty());
}

#[test]
fn an_interrupt_cleans_up() {
    need_namespaces!();
    for sent in [Signal::SIGINT, Signal::SIGTERM] {
        let case = Case::new(&["sleep"]);
        let mut child = sleeping(&case);
        send(&child, sent);
        // The payload has no handler, so the default action is carried out.
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(128 + sent as i32));
        assert_eq!(case.leftovers(), Vec::<String>::new());
    }
}

#[test]
fn a_killed_supervisor_takes_the_container_along() {
    need_namespaces!();
    let case = Case::new(&["sleep"]);
    let mut child = sleeping(&case);
    send(&child, Signal::SIGKILL);
    child.wait().unwrap();
    eventually("the end of the payload", || case.processes().is_empty());
    assert!(case.root().join(&case.id).exists(), "who cleaned up?");
    let delete = case.verb("delete").args(["--force", &case.id]).status();
    assert_eq!(delete.unwrap().code(), Some(0));
    assert_eq!(case.leftovers(), Vec::<String>::new());
}

/// A stale state whose pid now belongs to somebody else.
#[test]
fn a_reused_pid_is_not_killed() {
    need_namespaces!();
    let case = Case::new(&["hello"]);
    let output = case.run(&["--keep"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // Start times are in ticks of 10 ms; within one tick a pid is not reused.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let mut bystander = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    let file = case.root().join(&case.id).join("state.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut state: serde_json::Value = serde_json::from_str(&text).unwrap();
    state["pid"] = bystander.id().into();
    state["status"] = "running".into();
    std::fs::write(&file, state.to_string()).unwrap();

    let kill = case.verb("kill").args([&case.id, "KILL"]).output().unwrap();
    assert!(
        stderr(&kill).contains("is not running"),
        "{}",
        stderr(&kill)
    );
    let delete = case.verb("delete").args(["--force", &case.id]).output();
    assert!(delete.unwrap().status.success());
    assert_eq!(bystander.try_wait().unwrap(), None, "the bystander died");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert_eq!(case.leftovers(), Vec::<String>::new());
}

/// A supervisor that died while it wrote the state, the container alive.
#[test]
fn force_removes_a_container_whose_state_is_torn() {
    need_namespaces!();
    let case = Case::new(&["sleep"]);
    let mut run = case.run_command(&["--detach"]);
    let status = run.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.unwrap().success());
    let dir = case.root().join(&case.id);
    std::fs::write(dir.join("state.json"), "{\"ociVer").unwrap();
    let state = case.verb("state").arg(&case.id).output().unwrap();
    assert_eq!(state.status.code(), Some(1));
    assert!(
        stderr(&state).contains("cannot be read"),
        "{}",
        stderr(&state)
    );
    let delete = case.verb("delete").args(["--force", &case.id]).status();
    assert_eq!(delete.unwrap().code(), Some(0));
    if is_root() {
        eventually("the end of everything", || case.leftovers().is_empty());
        return;
    }
    // Without a cgroup nothing names the processes any more; end them here.
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&line).contains(&case.id) {
            let pid = entry.file_name().to_string_lossy().parse().unwrap();
            kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        }
    }
    assert!(!dir.exists());
}

#[test]
fn fifty_runs_leave_nothing() {
    need_namespaces!();
    let case = Case::new(&["hello"]);
    for _ in 0..50 {
        let output = case.run(&[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    assert_eq!(case.leftovers(), Vec::<String>::new());
}

#[test]
fn stamps_come_in_order() {
    need_namespaces!();
    let case = Case::new(&["hello"]);
    let file = case.dir.path().join("stamps");
    let sink = std::fs::File::create(&file).unwrap();
    let mut command = case.run_command(&[]);
    command.env("ASSAY_STAMP_FD", "7");
    let fd = std::os::fd::AsRawFd::as_raw_fd(&sink);
    // SAFETY: needed to hand a descriptor over; dup2 is async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            nix::unistd::dup2(fd, 7)?;
            Ok(())
        });
    }
    assert!(command.output().unwrap().status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    let (names, times): (Vec<&str>, Vec<u64>) = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, ns)| (name, ns.parse::<u64>().unwrap()))
        .unzip();
    assert_eq!(names, ["main", "created", "started", "exited", "deleted"]);
    assert!(times.is_sorted() && times[0] > 0, "{times:?}");
}

#[test]
fn a_missing_program_is_named() {
    need_namespaces!();
    let case = Case::new(&["hello"]);
    std::fs::remove_file(case.dir.path().join("rootfs/app")).unwrap();
    let output = case.run(&[]);
    assert_eq!(output.status.code(), Some(125));
    assert!(stderr(&output).contains("/app"), "{}", stderr(&output));
    assert_eq!(case.leftovers(), Vec::<String>::new());
}
