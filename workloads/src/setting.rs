//! What a case is given beyond its arguments: directories, capabilities,
//! clocks, and peers of the harness to talk to.

use assay_stage::script::Peer;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;

/// Everything around the program of one case. The default is what every
/// context has: streams, the machine's clocks, real random numbers, and the
/// case's files as one directory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Setting {
    /// Directories of the case's tree, in the order in which the guest is told
    /// of them. `None` is the whole tree at `/`, writable.
    pub preopens: Option<Vec<Preopen>>,
    /// What is allowed beyond the default.
    pub granted: BTreeSet<Capability>,
    /// What is not even linked.
    pub denied: BTreeSet<InterfaceGroup>,
    /// The wall clock stands still at this instant, in nanoseconds after
    /// 1970-01-01T00:00:00Z.
    pub wall_clock: Option<u64>,
    /// The monotonic clock starts at 0 and advances by so many nanoseconds
    /// whenever it is read.
    pub monotonic_step: Option<u64>,
    /// Random numbers are those of this seed.
    pub random_seed: Option<u64>,
    /// Loopback servers of the harness.
    pub peers: Vec<Peer>,
    /// Whether there is a file that the program is told of, was not given, and
    /// must leave as it is.
    pub canary: bool,
}

/// A directory of the tree that a component is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preopen {
    /// Where it is in the tree; empty for the tree's root.
    pub path: String,
    /// Its name for the guest.
    pub at: String,
    /// Whether anything in it may be changed.
    pub write: bool,
}

/// A capability that a case has to be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// TCP on loopback.
    Tcp,
    /// UDP on loopback.
    Udp,
    /// Looking up names.
    Dns,
    /// Outgoing HTTP requests.
    OutgoingHttp,
}

impl Capability {
    /// Every capability, in the order of the documentation.
    pub const ALL: [Capability; 4] = [
        Capability::Tcp,
        Capability::Udp,
        Capability::Dns,
        Capability::OutgoingHttp,
    ];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::Tcp => "tcp",
            Capability::Udp => "udp",
            Capability::Dns => "dns",
            Capability::OutgoingHttp => "outgoing-http",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Interfaces that are withheld together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterfaceGroup {
    /// The wall clock.
    WallClock,
    /// The monotonic clock, and with it every timer.
    MonotonicClock,
    /// Random numbers of all three kinds.
    Random,
    /// Environment, arguments and initial directory: one interface.
    Environment,
    /// Ending the program before `run` returns.
    Exit,
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Whether a stream is a terminal.
    Terminal,
    /// Directories and files.
    Filesystem,
    /// Networks, TCP, UDP and name lookup.
    Sockets,
}

impl InterfaceGroup {
    /// Every group, in the order of the documentation.
    pub const ALL: [InterfaceGroup; 11] = [
        InterfaceGroup::WallClock,
        InterfaceGroup::MonotonicClock,
        InterfaceGroup::Random,
        InterfaceGroup::Environment,
        InterfaceGroup::Exit,
        InterfaceGroup::Stdin,
        InterfaceGroup::Stdout,
        InterfaceGroup::Stderr,
        InterfaceGroup::Terminal,
        InterfaceGroup::Filesystem,
        InterfaceGroup::Sockets,
    ];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            InterfaceGroup::WallClock => "wall-clock",
            InterfaceGroup::MonotonicClock => "monotonic-clock",
            InterfaceGroup::Random => "random",
            InterfaceGroup::Environment => "environment",
            InterfaceGroup::Exit => "exit",
            InterfaceGroup::Stdin => "stdin",
            InterfaceGroup::Stdout => "stdout",
            InterfaceGroup::Stderr => "stderr",
            InterfaceGroup::Terminal => "terminal",
            InterfaceGroup::Filesystem => "filesystem",
            InterfaceGroup::Sockets => "sockets",
        }
    }

    /// The interfaces of WASI 0.2 that belong to it, without their version.
    #[must_use]
    pub fn interfaces(self) -> &'static [&'static str] {
        match self {
            InterfaceGroup::WallClock => &["wasi:clocks/wall-clock"],
            InterfaceGroup::MonotonicClock => &["wasi:clocks/monotonic-clock"],
            InterfaceGroup::Random => &[
                "wasi:random/random",
                "wasi:random/insecure",
                "wasi:random/insecure-seed",
            ],
            InterfaceGroup::Environment => &["wasi:cli/environment"],
            InterfaceGroup::Exit => &["wasi:cli/exit"],
            InterfaceGroup::Stdin => &["wasi:cli/stdin"],
            InterfaceGroup::Stdout => &["wasi:cli/stdout"],
            InterfaceGroup::Stderr => &["wasi:cli/stderr"],
            InterfaceGroup::Terminal => &[
                "wasi:cli/terminal-input",
                "wasi:cli/terminal-output",
                "wasi:cli/terminal-stdin",
                "wasi:cli/terminal-stdout",
                "wasi:cli/terminal-stderr",
            ],
            InterfaceGroup::Filesystem => &["wasi:filesystem/types", "wasi:filesystem/preopens"],
            InterfaceGroup::Sockets => &[
                "wasi:sockets/network",
                "wasi:sockets/instance-network",
                "wasi:sockets/tcp",
                "wasi:sockets/tcp-create-socket",
                "wasi:sockets/udp",
                "wasi:sockets/udp-create-socket",
                "wasi:sockets/ip-name-lookup",
            ],
        }
    }
}

impl fmt::Display for InterfaceGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Setting {
    /// What only a host of components can do: a process has the machine's
    /// clocks, its random numbers and its system calls, whatever it is given.
    #[must_use]
    pub fn beyond_a_process(&self) -> Option<&'static str> {
        if !self.denied.is_empty() {
            return Some("WASI interfaces cannot be withheld from a process");
        }
        if self.wall_clock.is_some() || self.monotonic_step.is_some() {
            return Some("a process always has the machine's clocks");
        }
        if self.random_seed.is_some() {
            return Some("a process always has the machine's random numbers");
        }
        if self.preopens.iter().flatten().any(|preopen| !preopen.write) {
            return Some("a process of this arm can always write to its own directory");
        }
        None
    }

    /// The names of the interfaces that are not linked.
    #[must_use]
    pub fn withheld(&self) -> Vec<String> {
        self.denied
            .iter()
            .flat_map(|group| group.interfaces())
            .map(|&name| name.to_owned())
            .collect()
    }
}
