//! How an arm starts a program: what tells one process arm from another.

use crate::error::ArmError;
use crate::lab::Lab;
use assay_build::Program;
use assay_wire::grants::Grants;
use assay_wire::launcher::{Command, Launch};
use assay_workloads::Setting;
use std::net::SocketAddr;
use std::path::Path;

/// A launch of a program in scratch space with nothing but its arguments; its
/// deadline is set by who asks for it.
#[must_use]
pub fn plain(lab: &Lab, program: &Program, args: Vec<String>) -> Launch {
    let (program, args) = program.line(args);
    Launch {
        command: Command {
            program,
            args,
            env: Vec::new(),
            cwd: lab.scratch().to_owned(),
        },
        stdin: None,
        attached: None,
        tell_pid: None,
        stamps: false,
        deadline_ms: 0,
        pid_file: None,
        stop: None,
        teardown: None,
        container: None,
    }
}

/// What a command is started with.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its arguments, without the program's name.
    pub args: &'a [String],
    /// Its whole environment.
    pub env: &'a [(String, String)],
    /// The directory that holds its files.
    pub dir: Option<&'a Path>,
    /// What a component may reach; native programs reach what they can.
    pub grants: &'a Grants,
}

impl<'a> Line<'a> {
    /// Arguments and what may be reached; neither environment nor files.
    #[must_use]
    pub fn bare(args: &'a [String], grants: &'a Grants) -> Line<'a> {
        Line {
            args,
            env: &[],
            dir: None,
            grants,
        }
    }
}

/// How an arm starts a program that was prepared.
pub trait Recipe {
    /// Why this arm cannot surround a program like that. By default it starts
    /// native programs, which have what every process of the machine has.
    fn refuses(&self, setting: &Setting) -> Option<String> {
        setting.beyond_a_process().map(str::to_owned)
    }

    /// The launch of a command.
    ///
    /// # Errors
    /// When it cannot be put together.
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError>;

    /// The address of the next server, by default this one, which is free on
    /// this machine's loopback. For what has an address of its own.
    fn address(&mut self, free: SocketAddr) -> SocketAddr {
        free
    }

    /// The launch of a server; `grants` are for arms that host components.
    ///
    /// # Errors
    /// When it cannot be put together.
    fn server(
        &mut self,
        lab: &mut Lab,
        address: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError>;

    /// The launch of an instance that stays; by default a command.
    ///
    /// # Errors
    /// When it cannot be put together.
    fn instance(&mut self, lab: &mut Lab, args: &[String]) -> Result<Launch, ArmError> {
        self.command(lab, &Line::bare(args, &Grants::default()))
    }

    /// The processes charged to an instance whose process is `pid`.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn charge_set(&self, pid: u32) -> Result<Vec<u32>, ArmError> {
        Ok(vec![pid])
    }

    /// Daemons that serve this instance and all others, which none is charged.
    fn shared(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Whether this status means that the runtime broke before the program
    /// could.
    fn is_crash(&self, _status: i32) -> bool {
        false
    }

    /// What the runtime wrote about its last launch in another place than its
    /// stderr.
    fn complaint(&self) -> Option<String> {
        None
    }
}
