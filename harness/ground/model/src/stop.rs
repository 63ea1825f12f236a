//! Why a density run ended, as the note of its summary rows says.

use crate::facts::named;
use std::fmt;

/// What keeps a machine, a kernel or an arm from one more live instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wall {
    /// The machine has no memory to spare.
    Memory,
    /// No further range of addresses can be reserved.
    AddressSpace,
    /// A process may have no further memory map (`vm.max_map_count`).
    MemoryMaps,
    /// No further process or thread can be started.
    Pids,
    /// No further file can be opened.
    Fds,
    /// No address or port is left.
    Network,
    /// No room is left in a file system.
    Disk,
    /// The pool of an engine is full.
    Pool,
    /// First responses are late, and idle instances keep all processors busy.
    Cpu,
    /// First responses are late for another reason.
    P99,
    /// A start took longer than its deadline.
    Time,
    /// An instance did not say what it had to.
    WrongAnswer,
}

named!(Wall, {
    Memory = "memory",
    AddressSpace = "address-space",
    MemoryMaps = "memory-maps",
    Pids = "pids",
    Fds = "fds",
    Network = "network",
    Disk = "disk",
    Pool = "pool",
    Cpu = "cpu",
    P99 = "p99",
    Time = "time",
    WrongAnswer = "wrong-answer",
});

/// Why a density run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// As many instances as were declared are alive.
    Budget {
        /// How many.
        live: u64,
    },
    /// The time that was declared is over.
    OutOfTime {
        /// Live instances by then.
        live: u64,
        /// The declared time.
        seconds: u64,
    },
    /// It hit a wall: the number of live instances is a capacity.
    Wall {
        /// Which one.
        wall: Wall,
        /// What was seen of it.
        why: String,
    },
    /// Something failed that is no wall, or is not known as one.
    Failed(String),
}

impl Stop {
    /// At a wall.
    #[must_use]
    pub fn at(wall: Wall, why: impl Into<String>) -> Stop {
        Stop::Wall {
            wall,
            why: why.into(),
        }
    }

    /// What the note of a summary row says; `None` for any other note.
    #[must_use]
    pub fn of_note(note: &str) -> Option<Stop> {
        if let Some(rest) = note.strip_prefix("wall=") {
            let (code, why) = rest.split_once("; ")?;
            let wall = Wall::ALL.iter().find(|wall| wall.as_str() == code)?;
            return Some(Stop::at(*wall, why));
        }
        if let Some(why) = note.strip_prefix("failed: ") {
            return Some(Stop::Failed(why.to_owned()));
        }
        let (live, budget) = note.strip_prefix("≥ ")?.split_once(": declared budget")?;
        let live = live.parse().ok()?;
        if budget.is_empty() {
            return Some(Stop::Budget { live });
        }
        let seconds = budget.strip_prefix(" of ")?.strip_suffix(" s")?;
        let seconds = seconds.parse().ok()?;
        Some(Stop::OutOfTime { live, seconds })
    }

    /// Which wall was hit, if one was.
    #[must_use]
    pub fn wall(&self) -> Option<Wall> {
        match self {
            Stop::Wall { wall, .. } => Some(*wall),
            _ => None,
        }
    }

    /// Whether it was a budget that was declared before: then the number of live
    /// instances is a lower bound.
    #[must_use]
    pub fn is_budget(&self) -> bool {
        matches!(self, Stop::Budget { .. } | Stop::OutOfTime { .. })
    }
}

/// As the note of a record; [`Stop::of_note`] reads it.
impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Budget { live } => write!(f, "≥ {live}: declared budget"),
            Stop::OutOfTime { live, seconds } => {
                write!(f, "≥ {live}: declared budget of {seconds} s")
            }
            Stop::Wall { wall, why } => write!(f, "wall={wall}; {why}"),
            Stop::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stop_is_read_from_its_note() {
        let walls = Wall::ALL.iter().map(|wall| Stop::at(*wall, "a; b: c"));
        let others = [
            Stop::Budget { live: 1_000 },
            Stop::OutOfTime {
                live: 740,
                seconds: 600,
            },
            Stop::Failed("the daemon died; wall=memory; ".to_owned()),
        ];
        for stop in walls.chain(others) {
            assert_eq!(Stop::of_note(&stop.to_string()), Some(stop));
        }
    }

    #[test]
    fn other_notes_are_no_stops() {
        for note in [
            "",
            "idle",
            "wall=gravity; 9.81",
            "wall=memory",
            "≥ many: declared budget",
            "≥ 7: declared budget of ten s",
            "verification",
        ] {
            assert_eq!(Stop::of_note(note), None, "{note}");
        }
    }

    #[test]
    fn only_a_wall_is_a_capacity() {
        let wall = Stop::at(Wall::Fds, "too many open files");
        assert_eq!(wall.wall(), Some(Wall::Fds));
        assert!(!wall.is_budget());
        assert!(Stop::Budget { live: 1 }.is_budget());
        let failed = Stop::Failed("it broke".to_owned());
        assert_eq!((failed.wall(), failed.is_budget()), (None, false));
    }
}
