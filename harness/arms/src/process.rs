//! Arms whose unit is a process or a container: they differ in the command
//! line alone, which is their [`Recipe`].

mod recipe;
mod stays;

pub use recipe::{Line, Recipe, plain};

use crate::arm::{Artifact, Hold, Offer, Prepared, RunOnce, Serve};
use crate::error::{Absent, ArmError};
use crate::input::ProgramInput;
use crate::lab::Lab;
use crate::ladder::{Ended, Ladder, Launched};
use crate::sweep::Sweep;
use assay_build::strip_emulator_message;
use assay_model::outcome::Observed;
use assay_model::{ExitClass, Metric, Nanos};
use assay_wire::launcher::{Exit, Handle, Ran};
use assay_workloads::World;
use std::net::SocketAddr;
use std::time::Duration;

/// A program on a process arm.
pub struct ProcessPrepared<R> {
    /// How it is started.
    pub recipe: R,
    /// Which lifecycles its world has.
    pub world: World,
    /// What preparing it took.
    pub build_cost: Option<Nanos>,
    /// What is shipped and installed.
    pub artifacts: Vec<Artifact>,
    server: Option<Server>,
    held: Vec<Instance>,
}

struct Server {
    handle: Handle,
    pid: u32,
    address: SocketAddr,
    deadline: Duration,
}

struct Instance {
    handle: Handle,
    pid: u32,
    bye: String,
}

impl<R: Recipe> ProcessPrepared<R> {
    /// The same with what preparing it took.
    #[must_use]
    pub fn prepared_in(self, took: Duration) -> ProcessPrepared<R> {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        ProcessPrepared {
            build_cost: Some(Nanos(nanos)),
            ..self
        }
    }

    /// A prepared program.
    pub fn new(recipe: R, world: World) -> ProcessPrepared<R> {
        ProcessPrepared {
            recipe,
            world,
            build_cost: None,
            artifacts: Vec::new(),
            server: None,
            held: Vec::new(),
        }
    }

    fn explained(&self, why: String) -> String {
        match self.recipe.complaint() {
            Some(complaint) => format!("{why}: {complaint}"),
            None => why,
        }
    }

    fn ended(&self, ran: Ran, tree: Option<assay_model::Tree>) -> Ended {
        let stderr = || {
            let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            self.recipe.complaint().unwrap_or(said)
        };
        let exit = match ran.exit {
            Exit::DeadlinePassed => return Ended::TimedOut,
            Exit::Unknown => return Ended::Crashed("its exit status was lost".to_owned()),
            Exit::Code(status) if self.recipe.is_crash(status) => {
                return Ended::Crashed(format!("exit status {status}: {}", stderr()));
            }
            Exit::Code(status) => match class_of_status(status) {
                Some(exit) => exit,
                None => return Ended::Crashed(format!("killed, status {status}: {}", stderr())),
            },
            Exit::Signal(signal) if is_fault(signal) => ExitClass::Trap,
            Exit::Signal(signal) => return Ended::Crashed(format!("ended by signal {signal}")),
        };
        if let Some(error) = ran.teardown_error {
            return Ended::Crashed(format!("teardown failed: {error}"));
        }
        Ended::Outcome(Observed {
            exit: Some(exit),
            stdout: ran.stdout,
            stderr: ran.stderr,
            tree,
            ..Observed::default()
        })
    }
}

/// A status above 128 is a signal, as shells and runtimes report it.
const SIGNAL_BASE: i32 = 128;
/// Linux has this many signals; a status beyond them is the program's own.
const LAST_SIGNAL: i32 = 64;

fn class_of_status(status: i32) -> Option<ExitClass> {
    match status {
        0 => Some(ExitClass::Ok),
        status if is_fault(status - SIGNAL_BASE) => Some(ExitClass::Trap),
        status if (SIGNAL_BASE + 1..=SIGNAL_BASE + LAST_SIGNAL).contains(&status) => None,
        _ => Some(ExitClass::Err),
    }
}

/// Signals by which a program ends itself: SIGILL, SIGTRAP, SIGABRT, SIGBUS,
/// SIGFPE, SIGSEGV, SIGSYS. The numbers are those of Linux on every
/// architecture of this suite.
fn is_fault(signal: i32) -> bool {
    matches!(signal, 4 | 5 | 6 | 7 | 8 | 11 | 31)
}

fn ladder(ran: &Ran) -> Ladder {
    let mut ladder = Ladder::new(ran.t0);
    ladder.note_own(&ran.stamps);
    ladder.note(Metric::STAMP_T7, ran.t7);
    ladder.note(Metric::STAMP_T9, ran.t9);
    ladder.note(Metric::STAMP_T10, ran.t10);
    ladder
}

impl<R: Recipe> Prepared for ProcessPrepared<R> {
    fn build_cost(&self) -> Option<Nanos> {
        self.build_cost
    }

    fn artifacts(&self) -> Vec<Artifact> {
        self.artifacts.clone()
    }

    fn run_once(&mut self) -> Offer<'_, dyn RunOnce + '_> {
        match self.world.is_command() {
            true => Ok(self),
            false => Err(Absent("a handler has no run of its own".to_owned())),
        }
    }

    fn serve(&mut self) -> Offer<'_, dyn Serve + '_> {
        match self.world.is_command() {
            false => Ok(self),
            true => Err(Absent("a command does not serve".to_owned())),
        }
    }

    fn hold(&mut self) -> Offer<'_, dyn Hold + '_> {
        match self.world.is_command() {
            true => Ok(self),
            false => Err(Absent("a handler is held by serving it".to_owned())),
        }
    }
}

impl<R: Recipe> RunOnce for ProcessPrepared<R> {
    fn run(&mut self, lab: &mut Lab, input: &ProgramInput) -> Result<Launched, ArmError> {
        if let Some(reason) = self.recipe.refuses(&input.setting) {
            return Err(Absent(reason).into());
        }
        let dir = input
            .directory
            .as_ref()
            .map(|files| lab.lay_out(files))
            .transpose()?;
        let line = Line {
            args: &input.args,
            env: &input.env,
            dir: dir.as_deref(),
            grants: &input.grants(dir.as_deref()),
        };
        let mut launch = self.recipe.command(lab, &line)?;
        launch.deadline_ms = millis(input.deadline);
        launch.stdin = Some(input.stdin.clone()).filter(|stdin| !stdin.is_empty());
        launch.attached = input.attached.clone();
        launch.tell_pid = input.tell_pid.clone();
        let sweep = Sweep::of(&launch);
        let mut ran = lab.launcher.run(launch)?;
        // A runtime that is killed cannot clean up, and its clean-up may not know how
        // far it came.
        if let (Exit::Signal(_), Some(sweep)) = (&ran.exit, sweep) {
            sweep.run(lab)?;
        }
        if let (Some(_), Exit::Signal(_)) = (lab.binaries.emulator(), &ran.exit) {
            strip_emulator_message(&mut ran.stderr);
        }
        let tree = dir.map(|dir| lab.collect(&dir)).transpose()?;
        Ok(Launched {
            ladder: ladder(&ran),
            ended: self.ended(ran, tree),
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
