//! One process, seen from outside.

use crate::error::{ObserveError, WithoutMemory};
use crate::smaps::{self, Problem, ProcessMemory};
use crate::tree;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::SplitWhitespace;

/// Memory of a process, from `/proc/PID/smaps_rollup`, else from
/// `/proc/PID/smaps` (before Linux 4.14). Reading takes the kernel a walk over
/// the page tables: do not call it within a timed span.
///
/// # Errors
/// [`ObserveError::Gone`], [`ObserveError::Denied`] (ptrace(2) access is
/// needed), [`ObserveError::NoMemory`] for zombies and kernel threads.
pub fn memory(pid: u32) -> Result<ProcessMemory, ObserveError> {
    let rollup = file_of(pid, "smaps_rollup");
    match fs::read_to_string(&rollup) {
        Ok(text) if !text.is_empty() => parsed(pid, rollup, &text),
        // ESRCH for everything without an address space, gone or not.
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(without_memory(pid)
                .unwrap_or_else(|| ObserveError::of_process(pid, &rollup, error)))
        }
        _ => {
            let smaps = file_of(pid, "smaps");
            let text = read(pid, &smaps)?;
            if text.is_empty()
                && let Some(error) = without_memory(pid)
            {
                return Err(error);
            }
            parsed(pid, smaps, &text)
        }
    }
}

/// Memory of several processes: the charge set of an instance.
///
/// # Errors
/// As for [`memory`], of the first process that fails.
pub fn memory_of_all(pids: &[u32]) -> Result<ProcessMemory, ObserveError> {
    let mut sum: Option<ProcessMemory> = None;
    for &pid in pids {
        let one = memory(pid)?;
        sum = Some(sum.map_or(one, |sum| sum + one));
    }
    Ok(sum.unwrap_or_default())
}

/// Number of memory mappings: lines of `/proc/PID/maps`. The limit is
/// `vm.max_map_count`.
///
/// # Errors
/// As for [`memory`]; zombies and kernel threads have 0.
pub fn map_count(pid: u32) -> Result<u64, ObserveError> {
    let path = file_of(pid, "maps");
    let failed = |error| ObserveError::of_process(pid, &path, error);
    // Tens of thousands of mappings are megabytes of text: count as it comes.
    let mut file = File::open(&path).map_err(failed)?;
    let mut buffer = vec![0_u8; 64 << 10];
    let mut lines = 0;
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(lines),
            n => lines += buffer[..n].iter().filter(|&&b| b == b'\n').count() as u64,
        }
    }
}

/// Number of open file descriptors: entries of `/proc/PID/fd`. For the calling
/// process, the descriptor that is open for this count is not included.
///
/// # Errors
/// As for [`memory`].
pub fn fd_count(pid: u32) -> Result<u64, ObserveError> {
    let path = file_of(pid, "fd");
    let failed = |error| ObserveError::of_process(pid, &path, error);
    let mut count = 0;
    for entry in fs::read_dir(&path).map_err(failed)? {
        entry.map_err(failed)?;
        count += 1;
    }
    Ok(count - u64::from(pid == std::process::id()))
}

/// Number of threads: `Threads` of `/proc/PID/status`. A zombie has 1.
///
/// # Errors
/// As for [`memory`].
pub fn thread_count(pid: u32) -> Result<u64, ObserveError> {
    let path = file_of(pid, "status");
    let text = read(pid, &path)?;
    let value = tree::field(&text, "Threads").ok_or_else(|| ObserveError::Missing {
        pid: Some(pid),
        file: path.clone(),
        what: "Threads".into(),
    })?;
    value.parse().map_err(|_| malformed(pid, path, value))
}

/// The processes of this machine, sorted.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn all() -> Result<Vec<u32>, ObserveError> {
    let proc = Path::new("/proc");
    let entries = fs::read_dir(proc).map_err(|error| ObserveError::of_machine(proc, error))?;
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut pids: Vec<u32> = numbers.collect();
    pids.sort_unstable();
    Ok(pids)
}

/// The direct children of all threads of a process, sorted: field `ppid` of
/// every `/proc/PID/stat`. A snapshot that is not atomic; a child whose parent
/// has died belongs to the reaper and is not found.
///
/// # Errors
/// [`ObserveError::Gone`] when the process does not exist.
pub fn children(pid: u32) -> Result<Vec<u32>, ObserveError> {
    stat(pid)?;
    let pairs = parents()?;
    Ok(pairs
        .into_iter()
        .filter(|&(_, parent)| parent == pid)
        .map(|(child, _)| child)
        .collect())
}

/// Children, their children, and so on, sorted, without the process itself;
/// as [`children`], from one pass over `/proc`.
///
/// # Errors
/// As for [`children`].
pub fn descendants(pid: u32) -> Result<Vec<u32>, ObserveError> {
    stat(pid)?;
    let pairs = parents()?;
    let mut found = BTreeSet::from([pid]);
    loop {
        let before = found.len();
        let more: Vec<u32> = pairs
            .iter()
            .filter(|(_, parent)| found.contains(parent))
            .map(|&(child, _)| child)
            .collect();
        found.extend(more);
        if found.len() == before {
            found.remove(&pid);
            return Ok(found.into_iter().collect());
        }
    }
}

/// The arguments of a process, as it has set them: `/proc/PID/cmdline`. Empty
/// for zombies and kernel threads, and for an instant while a process executes
/// a new program (a spawn may return before that instant is over). Bytes that are not UTF-8 are replaced.
///
/// # Errors
/// As for [`memory`].
pub fn cmdline(pid: u32) -> Result<Vec<String>, ObserveError> {
    let path = file_of(pid, "cmdline");
    let bytes = fs::read(&path).map_err(|error| ObserveError::of_process(pid, &path, error))?;
    Ok(arguments(&bytes))
}

/// What a process calls itself, without folders: the end of its first argument.
/// `None` where there is none, or it has gone.
#[must_use]
pub fn program_name(pid: u32) -> Option<String> {
    let first = cmdline(pid).ok()?.into_iter().next()?;
    let name = first.rsplit('/').find(|part| !part.is_empty())?;
    Some(name.to_owned())
}

fn arguments(bytes: &[u8]) -> Vec<String> {
    if bytes.is_empty() {
        return Vec::new();
    }
    // Arguments end in NUL; a program that overwrites its title may leave the
    // last one off.
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    bytes
        .split(|&b| b == 0)
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect()
}

/// Process and parent of everything in `/proc`, sorted; what ends while we look is left out.
fn parents() -> Result<Vec<(u32, u32)>, ObserveError> {
    let parent = |pid| Some((pid, parse_stat(&stat(pid).ok()?)?.parent));
    Ok(all()?.into_iter().filter_map(parent).collect())
}

/// The first fields of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    state: char,
    parent: u32,
    kernel_thread: bool,
}

/// The text of `/proc/PID/stat`.
pub(crate) fn stat(pid: u32) -> Result<String, ObserveError> {
    read(pid, &file_of(pid, "stat"))
}

/// The fields of a `stat` from the third on. The name in parentheses may itself
/// hold parentheses and spaces: they begin behind the last one
/// (proc_pid_stat(5)).
pub(crate) fn stat_fields(text: &str) -> Option<SplitWhitespace<'_>> {
    Some(text.get(text.rfind(')')? + 1..)?.split_whitespace())
}

fn parse_stat(text: &str) -> Option<Stat> {
    /// `PF_KTHREAD` of include/linux/sched.h, in field 9, `flags`.
    const PF_KTHREAD: u32 = 0x0020_0000;
    let mut fields = stat_fields(text)?;
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let flags: u32 = fields.nth(4)?.parse().ok()?;
    Some(Stat {
        state,
        parent,
        kernel_thread: flags & PF_KTHREAD != 0,
    })
}

fn without_memory(pid: u32) -> Option<ObserveError> {
    let stat = parse_stat(&stat(pid).ok()?)?;
    let state = match stat {
        Stat {
            state: 'Z' | 'X', ..
        } => WithoutMemory::Zombie,
        Stat {
            kernel_thread: true,
            ..
        } => WithoutMemory::KernelThread,
        _ => return None,
    };
    Some(ObserveError::NoMemory { pid, state })
}

fn parsed(pid: u32, file: PathBuf, text: &str) -> Result<ProcessMemory, ObserveError> {
    smaps::parse(text).map_err(|problem| match problem {
        Problem::Missing(what) => ObserveError::Missing {
            pid: Some(pid),
            file,
            what: what.into(),
        },
        Problem::Line(line) => malformed(pid, file, &line),
    })
}

fn malformed(pid: u32, file: PathBuf, what: &str) -> ObserveError {
    ObserveError::Malformed {
        pid: Some(pid),
        file,
        what: what.to_owned(),
    }
}

fn read(pid: u32, path: &Path) -> Result<String, ObserveError> {
    let bytes = fs::read(path).map_err(|error| ObserveError::of_process(pid, path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn file_of(pid: u32, name: &str) -> PathBuf {
    Path::new("/proc").join(pid.to_string()).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let text = "77 (a) R 1 (b c) S 42 77 77 0 -1 4194560 100 0 0 0";
        let expected = Stat {
            state: 'S',
            parent: 42,
            kernel_thread: false,
        };
        assert_eq!(parse_stat(text), Some(expected));
        let kthreadd = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0";
        assert!(parse_stat(kthreadd).unwrap().kernel_thread);
        for bad in ["", "1 (x", "1 (x) S", "1 (x) S y 0 0 0 0 0"] {
            assert_eq!(parse_stat(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn arguments_are_split_at_their_ends() {
        assert_eq!(arguments(b""), Vec::<String>::new());
        assert_eq!(arguments(b"a\0"), ["a"]);
        assert_eq!(arguments(b"a\0\0b c\0"), ["a", "", "b c"]);
        assert_eq!(arguments(b"title"), ["title"]);
        assert_eq!(arguments(b"\xff\0"), ["\u{fffd}"]);
    }
}
