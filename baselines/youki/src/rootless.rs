//! Containers without privileges.
//!
//! A user namespace gives every capability but those over cgroups: their
//! directories belong to root unless someone delegated one. libcontainer
//! passes over the refusal on cgroup v2 (the container then stays in the
//! cgroup of its caller), but on v1 it fails. So where v1 is in charge, a
//! private user and mount namespace is entered first, in which a read-only
//! cgroup2 hierarchy covers `/sys/fs/cgroup`. Either way a container without
//! privileges has **no cgroup of its own**: no limits, no accounting.

use std::fs;

use libcontainer::error::LibcontainerError;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{AccessFlags, access, getegid, geteuid};
use rustix::fs::statfs;

use crate::error::{Error, os};

/// `CGROUP2_SUPER_MAGIC` of linux/magic.h.
const CGROUP2_MAGIC: u64 = 0x6367_7270;
const CGROUP_ROOT: &str = "/sys/fs/cgroup";

/// Makes libcontainer work for a caller without privileges; nothing for root.
pub fn prepare() -> Result<(), Error> {
    if privileged() || cgroups_are_refused_gently() {
        return Ok(());
    }
    let (uid, gid) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|errno| os(user_namespace_hint())(errno))?;
    // The caller keeps its ids, so the mapping in the bundle stays true for the
    // namespace of the container, which is made inside this one.
    let write = |file: &str, text: String| {
        fs::write(format!("/proc/self/{file}"), text).map_err(os(format!(
            "cannot write /proc/self/{file} of a new user namespace"
        )))
    };
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("{uid} {uid} 1"))?;
    write("gid_map", format!("{gid} {gid} 1"))?;
    let hint = switched_off().map_or_else(String::new, |switch| format!(" ({switch})"));
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWCGROUP).map_err(os(format!(
        "cannot make a private mount and cgroup namespace{hint}"
    )))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(
        Some("cgroup2"),
        CGROUP_ROOT,
        Some("cgroup2"),
        flags,
        None::<&str>,
    )
    .map_err(os(format!(
        "cannot cover /sys/fs/cgroup with a cgroup2 hierarchy, which a container without privileges needs here{hint}"
    )))?;
    // Only this mount, not the hierarchy: whoever is root of the machine under
    // another name (`unshare --map-root-user` as root) could create cgroups
    // here, and all containers of one bundle would share one and die together.
    mount(
        None::<&str>,
        CGROUP_ROOT,
        None::<&str>,
        flags | MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY,
        None::<&str>,
    )
    .map_err(os("cannot make the cover of /sys/fs/cgroup read-only"))
}

/// Root of the machine, and not only of some user namespace: the first
/// namespace maps all 2^32 - 1 ids (user_namespaces(7)).
fn privileged() -> bool {
    geteuid().is_root()
        && fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| map.contains("4294967295"))
}

/// Whether libcontainer passes over the missing cgroup by itself: v2 is in
/// charge, and this user cannot write to it.
fn cgroups_are_refused_gently() -> bool {
    statfs(CGROUP_ROOT).is_ok_and(|stat| stat.f_type as u64 == CGROUP2_MAGIC)
        && access(CGROUP_ROOT, AccessFlags::W_OK).is_err()
}

/// Why a container could not be created, where the machine tells; empty where
/// it does not. Tries the refused step once more, so call it last: it may leave
/// this process in other namespaces.
pub fn diagnose(error: &LibcontainerError) -> String {
    let text = crate::error::with_causes(error);
    if !privileged() {
        return match unshare(CloneFlags::CLONE_NEWUSER) {
            Err(_) => user_namespace_hint(),
            Ok(()) => switched_off().unwrap_or_default(),
        };
    }
    let namespaces = [
        (CloneFlags::CLONE_NEWNS, "mount"),
        (CloneFlags::CLONE_NEWPID, "pid"),
        (CloneFlags::CLONE_NEWIPC, "ipc"),
        (CloneFlags::CLONE_NEWUTS, "uts"),
    ];
    for (flag, name) in namespaces {
        if let Err(errno) = unshare(flag) {
            return format!(
                "the kernel refuses a new {name} namespace ({errno}): run where CAP_SYS_ADMIN is not taken away (docker: --privileged), see /proc/sys/user/max_{}_namespaces",
                if name == "mount" { "mnt" } else { name }
            );
        }
    }
    let refused = ["os error 30", "os error 13", "os error 1)"]; // EROFS, EACCES, EPERM
    if text.contains("cgroup") && refused.iter().any(|errno| text.contains(errno)) {
        return "cgroups cannot be made here: mount /sys/fs/cgroup read-write".to_owned();
    }
    String::new()
}

/// What forbids user namespaces, as far as the kernel's switches tell.
fn user_namespace_hint() -> String {
    let refused = "the kernel refuses a user namespace to this user";
    match switched_off() {
        Some(switch) => format!("{refused}: {switch}"),
        None => format!(
            "{refused}: a security policy such as seccomp forbids it; run as root or outside that sandbox"
        ),
    }
}

/// The switch that forbids user namespaces or makes them useless, with the
/// remedy.
fn switched_off() -> Option<String> {
    let switches = [
        (
            "/proc/sys/user/max_user_namespaces",
            "0",
            "a number above 0",
        ),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "1"),
        // Here the namespace is granted, but without any capability in it.
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "0, or give this program an AppArmor profile with `userns`",
        ),
    ];
    switches.into_iter().find_map(|(path, off, remedy)| {
        let value = fs::read_to_string(path).ok()?;
        (value.trim() == off)
            .then(|| format!("{path} is {off}; set it to {remedy}, or run as root"))
    })
}
