//! Why a density run came no further: at a wall, which has a name, or because
//! something broke, which says nothing of any wall.

use assay_observe::host::mem_available;
use std::fmt;

/// What kept a density run from the number asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A limit of the machine, of the kernel, of the arm, or a wrong answer; it
    /// begins with its name.
    Wall(String),
    /// Something failed that is no limit, or that nobody knows as one.
    Broken(String),
}

/// Memory that is left to the rest of the machine, in bytes: processes behind
/// this wall are killed by the kernel, and not only those of the run.
const RESERVE: u64 = 2 << 30;

/// Walls by what kernels and runtimes say at them. A fork is refused with EAGAIN
/// (fork(2)), which Go's and Rust's libraries put into words of their own.
const WALLS: [(&str, &[&str]); 7] = [
    ("address space", &["mmap failed to reserve"]),
    (
        "memory",
        &["annot allocate memory", "ut of memory", "OOM", "oom-kill"],
    ),
    (
        "pids",
        &[
            "esource temporarily unavailable",
            "failed to create new OS thread",
            "pids.max",
        ],
    ),
    ("fds", &["oo many open files"]),
    (
        "network",
        &[
            "no available IPv4 addresses",
            "exchange full",
            "ddress already in use",
        ],
    ),
    ("disk", &["o space left on device"]),
    ("time", &["deadline", "timed out"]),
];

/// Names that a worker gives its walls itself.
const NAMED: [&str; 3] = ["memory: ", "memory maps: ", "wrong answer: "];

/// What a pool of Wasmtime says when it holds as many as it was made for.
const POOL: &str = "maximum concurrent";

impl Stop {
    /// What an instance that could not be started says of it.
    #[must_use]
    pub fn of(why: String) -> Stop {
        if NAMED.iter().any(|name| why.starts_with(name)) {
            return Stop::Wall(why);
        }
        if why.contains(POOL) {
            return Stop::Wall(format!("pool: {why}"));
        }
        let says = |words: &[&str]| words.iter().any(|words| why.contains(words));
        match WALLS.iter().find(|(_, words)| says(words)) {
            Some((name, _)) => Stop::Wall(format!("{name}: {why}")),
            None => Stop::Broken(why),
        }
    }

    /// Whether the next process would leave the machine too little memory.
    #[must_use]
    pub fn ahead() -> Option<Stop> {
        let available = mem_available().ok()?.0;
        (available < RESERVE).then(|| {
            Stop::Wall(format!(
                "memory: MemAvailable is {available} bytes, {RESERVE} are left to the machine"
            ))
        })
    }
}

/// As the note of a record says it.
impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Wall(wall) => write!(f, "wall: {wall}"),
            Stop::Broken(why) => write!(f, "failed: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_have_names_and_a_failure_is_none() {
        for (said, expected) in [
            ("memory maps: 65,000 of 65,530", "wall: memory maps: 65,000"),
            ("wrong answer: \"\"", "wall: wrong answer: "),
            (
                "runc run: fork/exec: resource temporarily unavailable",
                "wall: pids: runc",
            ),
            (
                "clone: Resource temporarily unavailable (os error 11)",
                "wall: pids: clone",
            ),
            ("open /dev/ptmx: too many open files", "wall: fds: open"),
            ("mmap: Cannot allocate memory", "wall: memory: mmap"),
            (
                "engine: mmap failed to reserve 0x1000 bytes: Cannot allocate memory",
                "wall: address space: engine",
            ),
            ("write: no space left on device", "wall: disk: write"),
            (
                "engine: maximum concurrent component limit of 10 reached",
                "wall: pool: ",
            ),
            (
                "cannot reach a Docker daemon at unix:///x",
                "failed: cannot reach",
            ),
        ] {
            let told = Stop::of(said.to_owned()).to_string();
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
