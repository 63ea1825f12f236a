//! What stands around a live container, read from outside.

use crate::support::{
    Here, containerd_namespaces, is_root, lab, leftovers, own_namespaces, status, ticks, turn,
    veths, working, workload,
};
use assay_arms::Life;
use assay_baselines::OciRuntime;
use assay_model::Bytes;
use assay_observe::cgroup;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

/// Memory and process limits of the control groups of a process, as the kernel
/// has them, in either version.
fn limits(pid: u32) -> (Option<String>, Option<String>) {
    let read = |controller: &str, files: &[&str]| {
        let (_, dir) = cgroup::directory_of(pid, controller).ok()?;
        let mut texts = files.iter().map(|file| fs::read_to_string(dir.join(file)));
        texts
            .find_map(Result::ok)
            .map(|text| text.trim().to_owned())
    };
    (
        read("memory", &["memory.max", "memory.limit_in_bytes"]),
        read("pids", &["pids.max"]),
    )
}

/// Whether this is the process that an engine keeps beside a container: it is
/// charged, and not confined.
fn is_shim(pid: u32) -> bool {
    let exe = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let exe = exe.display().to_string();
    exe.contains("containerd-shim") || exe.ends_with("/conmon")
}

/// Whether there is version 2 alone.
fn has_unified_control_groups() -> bool {
    fs::exists("/sys/fs/cgroup/cgroup.controllers").unwrap()
}

#[test]
fn a_container_is_confined_and_charged_and_leaves_nothing() {
    let _turn = turn();
    let mut lab = lab();
    let hold = workload(&lab, "cli/hold");
    for Here { arm, runtime } in working(&mut lab) {
        let id = arm.id().to_string();
        let mut prepared = arm.prepare(&mut lab, &hold).unwrap();
        let instances = prepared.hold().unwrap();
        let (bridged, links) = (id.ends_with("+bridge"), veths());
        let grown = instances
            .grow(&mut lab, 3, Life::Nonce(Bytes(1 << 20)))
            .unwrap();
        assert_eq!((grown.live, grown.stop), (3, None), "{id}");

        let charged = instances.charge_set().unwrap();
        let distinct: BTreeSet<_> = charged.iter().collect();
        assert_eq!(distinct.len(), charged.len(), "{id}: {charged:?}");
        // gVisor: sandbox and gofer, beside what holds the program's memory;
        // Daemons: program and shim, or conmon.
        let sandboxed = runtime.is_some_and(OciRuntime::is_sandbox);
        let least = match runtime {
            Some(_) if !sandboxed => 3,
            _ => 6,
        };
        assert!(charged.len() >= least, "{id}: {charged:?}");

        let mut namespaces = BTreeSet::new();
        let mut limited = 0;
        for &pid in charged.iter().filter(|&&pid| !is_shim(pid)) {
            let (memory, pids) = limits(pid);
            let both = memory.as_deref() == Some("1073741824") && pids.as_deref() == Some("1024");
            limited += u32::from(both);
            let own = own_namespaces(pid);
            namespaces.extend(own.clone());
            if sandboxed {
                continue;
            }
            let kinds: Vec<&str> = own
                .iter()
                .filter_map(|name| name.split(':').next())
                .collect();
            let mut expected = vec!["mnt", "pid", "ipc", "uts"];
            // Podman's API gives none of version 1, and its arm is labelled so.
            match id == "podman/api" && !has_unified_control_groups() {
                true => assert!(!kinds.contains(&"cgroup"), "{id}: {kinds:?}"),
                false => expected.push("cgroup"),
            }
            for kind in expected {
                assert!(
                    kinds.contains(&kind),
                    "{id}: {kind} is the caller's: {kinds:?}"
                );
            }
            assert_eq!(kinds.contains(&"net"), bridged, "{id}: {kinds:?}");
            assert_eq!(status(pid, "NoNewPrivs"), "1", "{id}");
            for set in ["CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"] {
                assert_eq!(status(pid, set), "0000000000000000", "{id} {set}");
            }
            let filter = match runtime.is_none_or(OciRuntime::filters) {
                true => "2",
                false => "0",
            };
            assert_eq!(status(pid, "Seccomp"), filter, "{id}");
        }
        assert!(
            !namespaces.is_empty(),
            "{id}: it has no namespace of its own"
        );
        assert!(
            limited >= 3 || !is_root(),
            "{id}: {limited} processes are limited"
        );

        let added = veths().difference(&links).count();
        assert_eq!(added, if bridged { 3 } else { 0 }, "{id}");

        let until = ticks();
        instances.release(&mut lab).unwrap();
        let left = leftovers(&lab, &namespaces, until);
        assert!(left.is_empty(), "{id} left: {left:#?}");
        // The kernel takes a network namespace apart after its last process.
        let patience = Instant::now() + Duration::from_secs(10);
        while veths() != links {
            assert!(Instant::now() < patience, "{id} left {:?}", veths());
            std::thread::sleep(Duration::from_millis(20));
        }
        // With the last of an image goes what the daemon kept of it.
        drop(prepared);
        assert_eq!(containerd_namespaces(), [""; 0], "{id}");
    }
}
