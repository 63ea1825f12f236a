//! What the harness asks of `assay-worker`.

use crate::grants::{Attached, Grants};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The word that makes `assay-worker` a fresh process around one component
/// instead of a resident engine. No engine config has this name.
pub const RUN: &str = "run";

/// A component that the worker has loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Loaded(pub u32);

/// A request to the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Tells what engine this is. Answered with [`Reply::Described`].
    Describe,
    /// Compiles a component ahead of time. Answered with [`Reply::Compiled`].
    Compile {
        /// The component.
        wasm: PathBuf,
        /// Where the machine code goes; replaced atomically.
        cwasm: PathBuf,
        /// The world it targets.
        world: World,
        /// Whether NaNs are made canonical, as in every named config. Only a
        /// negative control is compiled without.
        canonical_nans: bool,
        /// Another machine than the worker's, by its target triple.
        target: Option<String>,
    },
    /// Loads machine code this suite compiled itself. Answered with
    /// [`Reply::Loaded`].
    Load {
        /// The machine code.
        cwasm: PathBuf,
        /// The world it targets.
        world: World,
        /// Interfaces that are not linked (see [`Grants::withheld`]).
        withheld: Vec<String>,
    },
    /// Runs a command in a fresh instance. Answered with any number of
    /// [`Reply::Stdout`] and [`Reply::Stderr`], then [`Reply::Exited`], then
    /// [`Reply::Gone`].
    Run {
        /// The component.
        component: Loaded,
        /// What it is given.
        input: Input,
    },
    /// Serves a handler on a loopback port, an instance per request. Answered
    /// with [`Reply::Serving`].
    Serve {
        /// The component.
        component: Loaded,
        /// What each of its instances may reach.
        grants: Grants,
    },
    /// Tells which functions of the host were called since the last time, if
    /// the worker was started to trace them. Answered with [`Reply::Traced`].
    Trace,
    /// Tells the stamps of the last request served. Answered with
    /// [`Reply::Stamped`].
    LastRequest,
    /// Closes the listening socket. Answered with [`Reply::Done`].
    StopServing,
    /// Adds live instances: each has run once, has proven it, and is kept.
    /// Answered with [`Reply::Held`].
    Hold {
        /// The component.
        component: Loaded,
        /// How many live instances there shall be in all.
        until: u64,
        /// What each is given; `{nonce}` in an argument becomes a nonce of its
        /// own. Its pipes are not used.
        input: Input,
        /// What it must have written.
        proof: Proof,
    },
    /// Drops all held instances. Answered with [`Reply::Done`].
    Drop,
    /// Repeats an operation for a benchmark front end. Answered with
    /// [`Reply::Took`].
    Repeat {
        /// The component.
        component: Loaded,
        /// What is repeated.
        operation: Operation,
        /// How often.
        times: u64,
    },
}

/// How a held instance shows that it has run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Its nonce stands in its stdout.
    Nonce,
    /// Its stdout is exactly this.
    Stdout(Vec<u8>),
}

/// A world that the suite knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum World {
    /// `wasi:cli/command@0.2`.
    Command,
    /// `wasi:http/proxy@0.2`.
    Proxy,
    /// `wasi:cli/command@0.3`.
    AsyncCommand,
    /// `wasi:http/service@0.3`.
    AsyncService,
}

impl World {
    /// Whether it is of WASI 0.3, for which a worker has an engine of its own.
    #[must_use]
    pub fn is_async(self) -> bool {
        matches!(self, World::AsyncCommand | World::AsyncService)
    }
}

/// What [`Request::Repeat`] repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Create store and WASI context, instantiate, drop.
    Instantiate,
    /// The same, and call `wasi:cli/run` with output thrown away.
    Call,
    /// Deserialise the machine code, mapped from its file.
    Load,
}

/// What a command is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Input {
    /// Arguments, with the program's name first.
    pub args: Vec<String>,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// Standard input.
    pub stdin: Vec<u8>,
    /// What it may reach.
    pub grants: Grants,
    /// Pipes in place of `stdin` and of the replies that carry output.
    pub attached: Option<Attached>,
}

/// An answer of the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The engine's own description of its settings.
    Described(Vec<(String, String)>),
    /// Machine code was written.
    Compiled {
        /// Wall time of the compilation, in nanoseconds.
        nanos: u64,
        /// Its size.
        bytes: u64,
    },
    /// A component is ready.
    Loaded(Loaded),
    /// Bytes the guest wrote to stdout.
    Stdout(Vec<u8>),
    /// Bytes the guest wrote to stderr.
    Stderr(Vec<u8>),
    /// The guest has ended; its store still exists.
    Exited {
        /// How.
        exit: GuestExit,
        /// Instants of the launch.
        stamps: Stamps,
    },
    /// The store is dropped.
    Gone,
    /// The handler is served here.
    Serving(std::net::SocketAddr),
    /// Instants of the last request.
    Stamped(Option<Stamps>),
    /// Instances are alive.
    Held {
        /// How many in all.
        live: u64,
        /// What kept it from reaching the number asked for.
        stop: Option<Stop>,
    },
    /// Functions of the host that were called, `interface#function` each.
    Traced(Vec<String>),
    /// It was done.
    Done,
    /// Wall time of all repetitions, in nanoseconds.
    Took(u64),
    /// It could not be done; the text says what failed.
    Failed(String),
}

/// Why a worker holds no further instance, with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// The machine has no memory to spare.
    Memory(String),
    /// The process may soon have no further memory map.
    MemoryMaps(String),
    /// An instance did not say what it had to.
    WrongAnswer(String),
    /// The engine failed, in its own words.
    Engine(String),
}

/// How a guest ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GuestExit {
    /// `run` returned ok.
    Ok,
    /// `run` returned err.
    Err,
    /// It trapped; the engine's message.
    Trap(String),
    /// The host failed, not the guest.
    Host(String),
}

/// Instants of one launch in a resident engine, nanoseconds of
/// `CLOCK_MONOTONIC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stamps {
    /// Before the store is created.
    pub t0: u64,
    /// Instance-pre ready, store and WASI context not yet created.
    pub t4: u64,
    /// Instantiated.
    pub t5: u64,
    /// First guest byte in the stdout sink.
    pub sink: Option<u64>,
}
