//! The system calls that a container may make: what Docker and containerd allow
//! a container without capabilities, unless they are told otherwise.
//!
//! The list is theirs, because a profile of our own would measure our taste
//! (<https://docs.docker.com/engine/security/seccomp/>). It follows the default
//! profile of moby as Docker Engine 25.0.0 has it, that is after
//! <https://github.com/moby/moby/pull/46762> of 2 November 2023, which took out
//! io_uring, as containerd did. It is written here by purpose. What they allow to
//! holders of a capability is left out, since these containers hold none. System
//! calls of 32-bit programs are in it: they make the filter longer for everybody, and
//! a filter that is loaded at each start is not free.
//!
//! Up to version 0.2.3 of <https://github.com/moby/profiles> (May 2026) nothing was
//! taken out of that list. Fifteen calls came in: `cachestat`, `fchmodat2`,
//! `futex_requeue`, `futex_wait`, `futex_wake`, `map_shadow_stack` (2024), `listmount`,
//! `mseal`, `riscv_hwprobe`, `statmount`, `uretprobe`, and `getxattrat`, `listxattrat`,
//! `removexattrat`, `setxattrat` (2025); and sockets of `AF_ALG` are refused.
//!
//! Everything else fails with EPERM, and `clone3` with ENOSYS, so that C
//! libraries fall back to `clone`, whose flags a filter can see.

use oci_spec::OciSpecError;
use oci_spec::runtime::{
    Arch, LinuxSeccomp, LinuxSeccompAction, LinuxSeccompArg, LinuxSeccompArgBuilder,
    LinuxSeccompBuilder, LinuxSeccompOperator, LinuxSyscall, LinuxSyscallBuilder,
};

const FILES: &str = "\
    access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 \
    faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchown fchown32 \
    fchownat fcntl fcntl64 fdatasync flock fstat fstat64 fstatat64 fstatfs fstatfs64 fsync \
    ftruncate ftruncate64 futimesat getcwd getdents getdents64 ioctl lchown lchown32 link linkat \
    _llseek lseek lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open \
    openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink \
    readlinkat readv rename renameat renameat2 rmdir sendfile sendfile64 splice stat stat64 \
    statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 \
    umask unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev";
const ATTRIBUTES: &str = "\
    fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr \
    lremovexattr lsetxattr removexattr setxattr";
const WAITING: &str = "\
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait \
    epoll_wait_old eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 \
    inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup \
    io_submit _newselect pipe pipe2 poll ppoll ppoll_time64 pselect6 pselect6_time64 select";
const MEMORY: &str = "\
    brk madvise membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 \
    mprotect mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect \
    process_mrelease remap_file_pages";
const PROCESSES: &str = "\
    execve execveat exit exit_group fork getcpu getpgid getpgrp getpid getppid getpriority \
    getrlimit get_robust_list getrusage getsid get_thread_area gettid ioprio_get ioprio_set kill \
    pidfd_open pidfd_send_signal prctl prlimit64 process_vm_readv process_vm_writev ptrace rseq \
    sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min \
    sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity \
    sched_setattr sched_setparam sched_setscheduler sched_yield setpgid setpriority setrlimit \
    set_robust_list setsid set_thread_area set_tid_address sysinfo times ugetrlimit uname vfork \
    wait4 waitid waitpid";
const SIGNALS: &str = "\
    pause restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn \
    rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack signalfd \
    signalfd4 sigprocmask sigreturn tgkill tkill";
const LOCKS_AND_QUEUES: &str = "\
    futex futex_time64 futex_waitv ipc mq_getsetattr mq_notify mq_open mq_timedreceive \
    mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd \
    semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget";
const SOCKETS: &str = "\
    accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg \
    recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair";
const CLOCKS: &str = "\
    adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime \
    clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep \
    setitimer time timer_create timer_delete timerfd_create timerfd_gettime timerfd_gettime64 \
    timerfd_settime timerfd_settime64 timer_getoverrun timer_gettime timer_gettime64 timer_settime \
    timer_settime64";
const IDENTITY: &str = "\
    capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 \
    getrandom getresgid getresgid32 getresuid getresuid32 getuid getuid32 landlock_add_rule \
    landlock_create_ruleset landlock_restrict_self seccomp setfsgid setfsgid32 setfsuid setfsuid32 \
    setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid \
    setresuid32 setreuid setreuid32 setuid setuid32";

const GROUPS: [&str; 10] = [
    FILES,
    ATTRIBUTES,
    WAITING,
    MEMORY,
    PROCESSES,
    SIGNALS,
    LOCKS_AND_QUEUES,
    SOCKETS,
    CLOCKS,
    IDENTITY,
];

/// What one architecture has beyond the others, and its 32-bit relatives, whose
/// programs the kernel runs too.
struct Machine {
    own: &'static [&'static str],
    arches: &'static [Arch],
    /// Which argument of `clone` holds the flags.
    clone_flags: usize,
}

const MACHINE: Machine = if cfg!(target_arch = "x86_64") {
    Machine {
        own: &["arch_prctl", "modify_ldt"],
        arches: &[Arch::ScmpArchX86_64, Arch::ScmpArchX86, Arch::ScmpArchX32],
        clone_flags: 0,
    }
} else if cfg!(target_arch = "aarch64") {
    Machine {
        own: &[
            "arm_fadvise64_64",
            "arm_sync_file_range",
            "breakpoint",
            "cacheflush",
            "set_tls",
            "sync_file_range2",
        ],
        arches: &[Arch::ScmpArchAarch64, Arch::ScmpArchArm],
        clone_flags: 0,
    }
} else if cfg!(target_arch = "s390x") {
    Machine {
        own: &[
            "s390_pci_mmio_read",
            "s390_pci_mmio_write",
            "s390_runtime_instr",
        ],
        arches: &[Arch::ScmpArchS390x, Arch::ScmpArchS390],
        clone_flags: 1,
    }
} else {
    // The runtime's own architecture, which it adds by itself.
    Machine {
        own: &["riscv_flush_icache"],
        arches: &[],
        clone_flags: 0,
    }
};

/// Flags of `clone` that make a namespace: cgroup, uts, ipc, user, pid, network
/// and mount (`linux/sched.h`).
const NAMESPACE_FLAGS: u64 = 0x7E02_0000;
/// `AF_VSOCK`: sockets between a virtual machine and its host, which no
/// namespace confines.
const AF_VSOCK: u64 = 40;
/// Execution domains that change nothing but what `uname` says or whether
/// addresses are random: `PER_LINUX`, `PER_LINUX32`, `UNAME26` with each, and
/// the question which one it is.
const PERSONALITIES: [u64; 5] = [0, 8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF];
const EPERM: u32 = 1;
const ENOSYS: u32 = 38;

/// The default profile of this architecture.
///
/// # Errors
/// Never with what is written here.
pub fn default_profile() -> Result<LinuxSeccomp, OciSpecError> {
    let mut names: Vec<String> = GROUPS
        .iter()
        .flat_map(|group| group.split_whitespace())
        .map(str::to_owned)
        .collect();
    names.extend(MACHINE.own.iter().map(|&name| name.to_owned()));
    let mut syscalls = vec![allow(names, None)?];
    let vsock = argument(0, AF_VSOCK, None, LinuxSeccompOperator::ScmpCmpNe)?;
    syscalls.push(allow(vec!["socket".to_owned()], Some(vsock))?);
    for persona in PERSONALITIES {
        let equal = argument(0, persona, None, LinuxSeccompOperator::ScmpCmpEq)?;
        syscalls.push(allow(vec!["personality".to_owned()], Some(equal))?);
    }
    let none = argument(
        MACHINE.clone_flags,
        NAMESPACE_FLAGS,
        Some(0),
        LinuxSeccompOperator::ScmpCmpMaskedEq,
    )?;
    syscalls.push(allow(vec!["clone".to_owned()], Some(none))?);
    syscalls.push(
        LinuxSyscallBuilder::default()
            .names(vec!["clone3".to_owned()])
            .action(LinuxSeccompAction::ScmpActErrno)
            .errno_ret(ENOSYS)
            .build()?,
    );
    LinuxSeccompBuilder::default()
        .default_action(LinuxSeccompAction::ScmpActErrno)
        .default_errno_ret(EPERM)
        .architectures(MACHINE.arches.to_vec())
        .syscalls(syscalls)
        .build()
}

fn allow(
    names: Vec<String>,
    condition: Option<LinuxSeccompArg>,
) -> Result<LinuxSyscall, OciSpecError> {
    let rule = LinuxSyscallBuilder::default()
        .names(names)
        .action(LinuxSeccompAction::ScmpActAllow);
    match condition {
        Some(condition) => rule.args(vec![condition]).build(),
        None => rule.build(),
    }
}

fn argument(
    index: usize,
    value: u64,
    second: Option<u64>,
    operator: LinuxSeccompOperator,
) -> Result<LinuxSeccompArg, OciSpecError> {
    let argument = LinuxSeccompArgBuilder::default()
        .index(index)
        .value(value)
        .op(operator);
    match second {
        Some(second) => argument.value_two(second).build(),
        None => argument.build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn unconditional() -> Vec<&'static str> {
        let groups = GROUPS.iter().flat_map(|group| group.split_whitespace());
        groups.collect()
    }

    /// The default profile of Podman, of github.com/containers/common: the one that
    /// distributions install as a file. dockerd has its own built in.
    const INSTALLED: &str = "/usr/share/containers/seccomp.json";

    /// What moby allows and Podman does not, in the versions 0.50.1 to 0.64.0.
    const NOT_OF_PODMAN: [&str; 4] = [
        "futex_waitv",
        "io_pgetevents",
        "io_pgetevents_time64",
        "vmsplice",
    ];

    /// What Podman allows and moby does not, in some of these versions: it lets the
    /// kernel refuse what takes a capability.
    const OF_PODMAN_ALONE: [&str; 31] = [
        "clone",
        "clone3",
        "fanotify_init",
        "fchmodat2",
        "fsconfig",
        "fsmount",
        "fsopen",
        "fspick",
        "get_mempolicy",
        "keyctl",
        "mbind",
        "mount",
        "mount_setattr",
        "move_mount",
        "open_tree",
        "pidfd_getfd",
        "pivot_root",
        "readdir",
        "reboot",
        "set_mempolicy",
        "setns",
        "sigaction",
        "signal",
        "sigpending",
        "sigsuspend",
        "syscall",
        "syslog",
        "timerfd",
        "umount",
        "umount2",
        "unshare",
    ];

    /// The calls that a profile in the form of Docker allows whatever their arguments
    /// and the capabilities of the container are, on every machine.
    fn allowed_to_all(profile: &serde_json::Value) -> BTreeSet<&str> {
        let rules = profile["syscalls"].as_array().unwrap().iter();
        let is_empty = |value: &serde_json::Value| match value {
            serde_json::Value::Null => true,
            serde_json::Value::Array(items) => items.is_empty(),
            serde_json::Value::Object(items) => items.is_empty(),
            _ => false,
        };
        let unconditional = rules.filter(|rule| {
            rule["action"] == "SCMP_ACT_ALLOW"
                && ["args", "includes", "excludes"]
                    .iter()
                    .all(|key| is_empty(&rule[key]))
        });
        let names = unconditional.flat_map(|rule| rule["names"].as_array().unwrap());
        names.map(|name| name.as_str().unwrap()).collect()
    }

    /// Which known differences from the installed profile have changed: what it no
    /// longer allows, and what it allows now.
    fn changed(profile: &serde_json::Value) -> (Vec<&str>, Vec<&str>) {
        let theirs = allowed_to_all(profile);
        let ours = unconditional();
        let gone = ours.iter().filter(|name| !theirs.contains(**name));
        let gone = gone.filter(|name| !NOT_OF_PODMAN.contains(name));
        let new = theirs.iter().filter(|name| !ours.contains(name));
        let new = new.filter(|name| !OF_PODMAN_ALONE.contains(name));
        (gone.copied().collect(), new.copied().collect())
    }

    #[test]
    fn the_installed_profile_takes_nothing_out_and_what_it_adds_is_told() {
        let text = match std::fs::read(INSTALLED) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("skipped, there is no profile to compare with: {INSTALLED}: {error}");
                return;
            }
        };
        let profile = serde_json::from_slice(&text).unwrap();
        let (gone, new) = changed(&profile);
        eprintln!("allowed by {INSTALLED} since 0.64.0, and not here: {new:?}");
        assert_eq!(gone, [""; 0], "no longer allowed by {INSTALLED}, and here");
    }

    #[test]
    fn a_call_that_was_taken_out_or_came_in_is_found() {
        let mut names = unconditional();
        names.retain(|name| *name != "tee" && !NOT_OF_PODMAN.contains(name));
        names.extend(["mount", "cachestat"]);
        let profile = serde_json::json!({ "syscalls": [
            { "action": "SCMP_ACT_ALLOW", "names": names, "args": [], "includes": {} },
            { "action": "SCMP_ACT_ALLOW", "names": ["tee"], "includes": { "caps": ["CAP_X"] } },
            { "action": "SCMP_ACT_ERRNO", "names": ["bdflush"] },
        ]});
        assert_eq!(changed(&profile), (vec!["tee"], vec!["cachestat"]));
    }

    #[test]
    fn no_call_is_listed_twice() {
        let names = unconditional();
        let unique: BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        assert!(names.len() > 330, "{}", names.len());
    }

    #[test]
    fn what_leads_out_of_a_container_is_not_allowed() {
        let names = unconditional();
        for forbidden in [
            "mount",
            "umount2",
            "move_mount",
            "open_tree",
            "pivot_root",
            "chroot",
            "unshare",
            "setns",
            "bpf",
            "perf_event_open",
            "open_by_handle_at",
            "init_module",
            "kexec_load",
            "reboot",
            "swapon",
            "keyctl",
            "add_key",
            "request_key",
            "userfaultfd",
            "io_uring_setup",
            "clone",
            "clone3",
            "personality",
            "socket",
        ] {
            assert!(!names.contains(&forbidden), "{forbidden}");
        }
    }

    #[test]
    fn a_namespace_cannot_be_made_by_clone() {
        let profile = serde_json::to_value(default_profile().unwrap()).unwrap();
        assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
        let rules = profile["syscalls"].as_array().unwrap();
        let of = |name: &str| {
            let mut rules = rules.iter().filter(move |rule| rule["names"][0] == name);
            rules.next().unwrap().clone()
        };
        assert_eq!(of("clone")["args"][0]["op"], "SCMP_CMP_MASKED_EQ");
        assert_eq!(of("clone")["args"][0]["value"], NAMESPACE_FLAGS);
        assert_eq!(of("clone3")["errnoRet"], ENOSYS);
        assert_eq!(of("socket")["args"][0]["value"], AF_VSOCK);
    }
}
