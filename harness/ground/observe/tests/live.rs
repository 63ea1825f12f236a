//! The readers against the machine that runs the tests.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use assay_model::Bytes;
use assay_observe::{ObserveError, cgroup, fingerprint, host, process};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const MIB: u64 = 1 << 20;

fn own() -> u32 {
    std::process::id()
}

/// A child that is up and waits for its input to end.
fn waiting_child() -> Child {
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
    let mut echo = [0];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut echo)
        .unwrap();
    child
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// An own process for figures that other tests of this process would disturb.
/// It runs this very test again, alone, with the variable set.
fn alone(test: &str) -> bool {
    const ALONE: &str = "ASSAY_OBSERVE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--test-threads=1"])
        .env(ALONE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in its own process");
    false
}

#[test]
fn touched_memory_shows_in_pss_and_uss() {
    if !alone("touched_memory_shows_in_pss_and_uss") {
        return;
    }
    let before = process::memory(own()).unwrap();
    let mut block = vec![0_u8; 8 * MIB as usize];
    let untouched = process::memory(own()).unwrap();
    assert!(
        untouched.pss < before.pss + Bytes(MIB),
        "reserved is not used"
    );
    for page in block.chunks_mut(4096) {
        page[0] = 1;
    }
    let after = process::memory(own()).unwrap();
    std::hint::black_box(&block);
    for (name, now, then) in [
        ("pss", after.pss, before.pss),
        ("uss", after.uss, before.uss),
        ("rss", after.rss, before.rss),
        ("anon", after.anon.unwrap(), before.anon.unwrap()),
    ] {
        let grown = now - then;
        assert!(
            grown >= Bytes(8 * MIB) && grown < Bytes(9 * MIB),
            "{name} grew by {grown}"
        );
    }
    assert_eq!(after.shmem.unwrap(), before.shmem.unwrap());
}

#[test]
fn the_parts_of_pss_are_all_of_it() {
    let child = waiting_child();
    let memory = process::memory(child.id()).unwrap();
    let parts = memory.anon.unwrap() + memory.file.unwrap() + memory.shmem.unwrap();
    // Each is rounded down to KiB on its own.
    assert!(memory.pss - parts <= Bytes(3 * 1024), "{memory:?}");
    assert!(memory.uss <= memory.pss && memory.pss <= memory.rss);
    assert!(memory.uss > Bytes(0));
    let both = process::memory_of_all(&[child.id(), child.id()]).unwrap();
    // Of the figures, only this one does not depend on who else maps libc.
    assert_eq!(both.rss, memory.rss + memory.rss);
    end(child);
}

#[test]
fn a_process_that_ended_is_a_zombie_and_then_gone() {
    let mut child = waiting_child();
    let pid = child.id();
    drop(child.stdin.take());
    // Wait for the exit without reaping it.
    let id = rustix::process::Pid::from_child(&child);
    let options = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
    rustix::process::waitid(rustix::process::WaitId::Pid(id), options).unwrap();
    let zombie = process::memory(pid).unwrap_err();
    assert!(matches!(zombie, ObserveError::NoMemory { pid: p, .. } if p == pid));
    assert!(zombie.is_gone() && zombie.to_string().contains("zombie"));
    assert_eq!(process::cmdline(pid).unwrap(), Vec::<String>::new());
    child.wait().unwrap();
    for error in [
        process::memory(pid).unwrap_err(),
        process::map_count(pid).unwrap_err(),
        process::fd_count(pid).unwrap_err(),
        process::thread_count(pid).unwrap_err(),
        process::children(pid).unwrap_err(),
        process::cmdline(pid).unwrap_err(),
        cgroup::of_process(pid).unwrap_err(),
    ] {
        assert!(matches!(error, ObserveError::Gone { .. }), "{error}");
        assert!(error.to_string().contains(&pid.to_string()), "{error}");
    }
}

#[test]
fn a_kernel_thread_has_no_memory() {
    if process::cmdline(2).is_ok_and(|c| !c.is_empty()) || process::children(2).is_err() {
        eprintln!("skipped: process 2 is not kthreadd in this pid namespace");
        return;
    }
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root may look at a kernel thread");
        return;
    }
    let error = process::memory(2).unwrap_err();
    assert!(error.to_string().contains("kernel thread"), "{error}");
    assert!(!error.is_gone());
}

#[test]
fn a_process_of_somebody_else_is_denied() {
    // Root looks as nobody at its own child; everybody else looks at init.
    let root = rustix::process::geteuid().is_root();
    let child = waiting_child();
    let pid = if root { child.id() } else { 1 };
    // Credentials belong to a thread in the kernel: only this one changes.
    let seen = std::thread::spawn(move || {
        let nobody = rustix::process::Uid::from_raw(65534);
        if root {
            assert!(process::memory(pid).is_ok());
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        }
        process::memory(pid)
    });
    let error = seen.join().unwrap().unwrap_err();
    assert!(
        matches!(error, ObserveError::Denied { pid: Some(p), .. } if p == pid),
        "{error}"
    );
    end(child);
}

#[test]
fn counts_follow_what_happens() {
    if !alone("counts_follow_what_happens") {
        return;
    }
    let (fds, threads) = (
        process::fd_count(own()).unwrap(),
        process::thread_count(own()).unwrap(),
    );
    let files: Vec<File> = (0..5).map(|_| File::open("/dev/null").unwrap()).collect();
    assert_eq!(process::fd_count(own()).unwrap(), fds + 5);
    let listed = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    assert_eq!(listed, fds + 5 + 1, "a listing holds its own descriptor");
    drop(files);
    let (send, receive) = std::sync::mpsc::channel::<()>();
    let sleeper = std::thread::spawn(move || receive.recv());
    assert_eq!(process::thread_count(own()).unwrap(), threads + 1);
    drop(send);
    let _ = sleeper.join();

    let maps = process::map_count(own()).unwrap();
    let mut text = String::new();
    File::open("/proc/self/maps")
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(maps.abs_diff(text.lines().count() as u64) <= 2, "{maps}");
}

#[test]
fn families_and_arguments_are_seen() {
    // The shell holds a child of its own until its input ends.
    let mut shell = Command::new("sh")
        .args(["-c", "exec 3<&0; cat <&3 & wait", "a b"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = shell.id();
    assert!(process::children(own()).unwrap().contains(&pid));
    let mut grandchildren = Vec::new();
    for _ in 0..500 {
        grandchildren = process::children(pid).unwrap();
        if !grandchildren.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(grandchildren.len(), 1);
    assert_eq!(
        process::cmdline(pid).unwrap()[1..],
        ["-c", "exec 3<&0; cat <&3 & wait", "a b"]
    );
    assert_eq!(process::descendants(pid).unwrap(), grandchildren);
    let all = process::descendants(own()).unwrap();
    assert!(all.contains(&pid) && all.contains(&grandchildren[0]));
    assert!(!all.contains(&own()));
    drop(shell.stdin.take());
    shell.wait().unwrap();
}

#[test]
fn the_host_has_memory_and_limits() {
    let (total, available) = (host::mem_total().unwrap(), host::mem_available().unwrap());
    assert!(available > Bytes(0) && available < total);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap();
    let first = meminfo.lines().next().unwrap();
    let kib: u64 = first.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert_eq!(total, Bytes(kib * 1024), "sysinfo and the kernel agree");
    let limits = host::limits();
    assert!(limits.max_map_count.unwrap() >= 1000);
    assert!(limits.pid_max.unwrap() >= 300);
    let bits = limits.user_address_bits.unwrap();
    // A local variable lives on the stack below that address.
    let here = std::ptr::from_ref(&bits) as u64;
    assert!(
        bits <= 64 && here.checked_shr(bits).unwrap_or(0) == 0,
        "{bits} bits"
    );
    let soft = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    assert_eq!(limits.nofile_soft, soft);
}

#[test]
fn own_control_group_is_found_or_its_absence_named() {
    let layout = cgroup::detect().unwrap().layout();
    match cgroup::memory_of(own()) {
        Ok(memory) => {
            assert_ne!(layout, cgroup::Layout::None);
            assert!(memory.current > Bytes(0), "{memory:?}");
            assert!(memory.peak.is_none_or(|peak| peak >= Bytes(MIB)));
            assert!(memory.directory.is_dir());
        }
        // The root group of v2 has no figures, and a container may hide all.
        Err(error) => assert!(matches!(error, ObserveError::Missing { .. }), "{error}"),
    }
}

#[test]
fn the_fingerprint_agrees_with_the_machine() {
    let seen = fingerprint::collect(Path::new("/proc"));
    assert_eq!(seen.arch.as_deref(), Some(std::env::consts::ARCH));
    assert_eq!(seen.mem_total, Some(host::mem_total().unwrap()));
    let cpus = std::thread::available_parallelism().unwrap().get() as u32;
    // std also heeds a processor quota of the control group.
    assert!(seen.cpus_allowed.unwrap() >= cpus);
    assert!(seen.cpus_allowed.unwrap() <= seen.cpus_online.unwrap());
    assert_eq!(seen.filesystem.as_deref(), Some("0x00009fa0"), "procfs");
    assert_eq!(seen.root, Some(rustix::process::geteuid().is_root()));
    assert!(seen.kernel.as_deref().unwrap().starts_with("Linux "));
    assert!(seen.before.is_some() && seen.after.is_none());
    assert!(seen.page_size.unwrap().0.is_power_of_two());
    assert!(seen.emulated.is_some());
    assert_eq!(
        seen.emulated == Some(true),
        seen.emulation_evidence.is_some()
    );
}

#[test]
fn work_shows_between_two_samples() {
    let before = fingerprint::sample();
    let start = std::time::Instant::now();
    while start.elapsed() < std::time::Duration::from_millis(200) {
        std::hint::black_box(start);
    }
    let after = fingerprint::sample();
    let seen = after.disturbance_since(&before);
    assert!(seen.elapsed.unwrap().0 >= 200_000_000);
    assert!(seen.busy_share.unwrap() > 0.0, "{seen:?}");
    assert!(seen.steal_share.unwrap() <= 1.0);
}
