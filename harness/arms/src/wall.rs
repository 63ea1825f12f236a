//! Which wall a density run is at: by what is left on the machine, and by what
//! kernels and runtimes say.

use assay_model::{Stop, Wall};
use assay_observe::host::mem_available;
use assay_wire::{memory_wall, worker};

/// Walls by what kernels and runtimes say at them. A fork is refused with EAGAIN
/// (fork(2)), which Go's and Rust's libraries put into words of their own. A pool
/// of Wasmtime has its own for holding as many as it was made for.
const WORDS: [(Wall, &[&str]); 8] = [
    (Wall::Pool, &["maximum concurrent"]),
    (Wall::AddressSpace, &["mmap failed to reserve"]),
    (
        Wall::Memory,
        &["annot allocate memory", "ut of memory", "OOM", "oom-kill"],
    ),
    (
        Wall::Pids,
        &[
            "esource temporarily unavailable",
            "failed to create new OS thread",
            "pids.max",
        ],
    ),
    (Wall::Fds, &["oo many open files"]),
    (
        Wall::Network,
        &[
            "no available IPv4 addresses",
            "exchange full",
            "ddress already in use",
        ],
    ),
    (Wall::Disk, &["o space left on device"]),
    (Wall::Time, &["deadline", "timed out"]),
];

/// What an instance that could not be started says of it.
pub(crate) fn said(why: String) -> Stop {
    let says = |words: &[&str]| words.iter().any(|words| why.contains(words));
    match WORDS.iter().find(|(_, words)| says(words)) {
        Some((wall, _)) => Stop::at(*wall, why),
        None => Stop::Failed(why),
    }
}

/// What a worker says of it.
pub(crate) fn told(stop: worker::Stop) -> Stop {
    match stop {
        worker::Stop::Memory(why) => Stop::at(Wall::Memory, why),
        worker::Stop::MemoryMaps(why) => Stop::at(Wall::MemoryMaps, why),
        worker::Stop::WrongAnswer(why) => Stop::at(Wall::WrongAnswer, why),
        worker::Stop::Engine(why) => said(format!("engine: {why}")),
    }
}

/// Whether the next process would leave the machine too little memory.
pub(crate) fn ahead() -> Option<Stop> {
    let wall = memory_wall(mem_available().ok()?.0)?;
    Some(Stop::at(Wall::Memory, wall))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_known_by_their_words_and_a_failure_is_none() {
        for (words, expected) in [
            (
                "runc run: fork/exec: resource temporarily unavailable",
                Wall::Pids,
            ),
            (
                "clone: Resource temporarily unavailable (os error 11)",
                Wall::Pids,
            ),
            ("open /dev/ptmx: too many open files", Wall::Fds),
            ("mmap: Cannot allocate memory", Wall::Memory),
            ("write: no space left on device", Wall::Disk),
        ] {
            assert_eq!(said(words.to_owned()), Stop::at(expected, words));
        }
        let why = "cannot reach a Docker daemon at unix:///x".to_owned();
        assert_eq!(said(why.clone()), Stop::Failed(why));
    }

    #[test]
    fn a_worker_names_what_it_foresees_and_its_engine_has_words() {
        let told = |stop: fn(String) -> worker::Stop, why: &str| told(stop(why.to_owned()));
        assert_eq!(
            told(worker::Stop::MemoryMaps, "65,000 of 65,530"),
            Stop::at(Wall::MemoryMaps, "65,000 of 65,530")
        );
        assert_eq!(
            told(worker::Stop::WrongAnswer, "too many open files").wall(),
            Some(Wall::WrongAnswer)
        );
        for (words, wall) in [
            (
                "mmap failed to reserve 0x1000 bytes: Cannot allocate memory",
                Some(Wall::AddressSpace),
            ),
            (
                "maximum concurrent component limit of 10 reached",
                Some(Wall::Pool),
            ),
            ("unknown import", None),
        ] {
            assert_eq!(told(worker::Stop::Engine, words).wall(), wall, "{words}");
        }
    }
}
