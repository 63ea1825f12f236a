//! Arms whose unit is a process or a container: they differ in the command
//! line alone, which is their [`Recipe`].

use crate::arm::{Absent, Artifact, Grown, Hold, Life, Offer, Prepared, RunOnce, Serve};
use crate::error::ArmError;
use crate::given::{Given, grants};
use crate::http;
use crate::lab::Lab;
use crate::ladder::{Ended, Ladder, Launched};
use crate::stop::Stop;
use crate::sweep::Sweep;
use assay_build::{Program, without_obituary};
use assay_model::outcome::Observed;
use assay_model::{ExitClass, HttpOutcome, Metric, Nanos};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Command, Exit, Handle, HttpRequest, Launch, Ran};
use assay_workloads::{HoldLines, Setting, World};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

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

/// How long a program that is no workload case may take on a machine of its
/// own: instances of density runs, servers.
const DEADLINE: Duration = Duration::from_secs(30);

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
    fn run(&mut self, lab: &mut Lab, given: &Given) -> Result<Launched, ArmError> {
        if let Some(reason) = self.recipe.refuses(&given.setting) {
            return Ok(Launched::unsupported(reason));
        }
        let dir = given
            .directory
            .as_ref()
            .map(|files| lab.lay_out(files))
            .transpose()?;
        let line = Line {
            args: &given.args,
            env: &given.env,
            dir: dir.as_deref(),
            grants: &given.grants(dir.as_deref()),
        };
        let mut launch = self.recipe.command(lab, &line)?;
        launch.deadline_ms = millis(given.deadline);
        launch.stdin = Some(given.stdin.clone()).filter(|stdin| !stdin.is_empty());
        launch.attached = given.attached.clone();
        launch.tell_pid = given.tell_pid.clone();
        let sweep = Sweep::of(&launch);
        let mut ran = lab.launcher.run(launch)?;
        // A runtime that is killed cannot clean up, and its clean-up may not know how
        // far it came.
        if let (Exit::Signal(_), Some(sweep)) = (&ran.exit, sweep) {
            sweep.run(lab)?;
        }
        if let (Some(_), Exit::Signal(_)) = (lab.binaries.emulator(), &ran.exit) {
            without_obituary(&mut ran.stderr);
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

impl<R: Recipe> Serve for ProcessPrepared<R> {
    fn start(
        &mut self,
        lab: &mut Lab,
        setting: &Setting,
        first: Option<&HttpRequest>,
    ) -> Result<Launched, ArmError> {
        if let Some(reason) = self.recipe.refuses(setting) {
            return Ok(Launched::unsupported(reason));
        }
        let free = http::free_address().map_err(ArmError::file(Path::new("127.0.0.1:0")))?;
        let address = self.recipe.address(free);
        let mut launch = self.recipe.server(lab, address, &grants(setting))?;
        let deadline = lab.binaries.patience(DEADLINE);
        launch.deadline_ms = millis(deadline);
        let serving = match lab.launcher.serve(launch, address, first.cloned()) {
            Err(ArmError::Runtime(why)) => return Err(ArmError::Runtime(self.explained(why))),
            serving => serving?,
        };
        let pid = serving.pids.first().copied().unwrap_or_default();
        self.server = Some(Server {
            handle: serving.handle,
            pid,
            address,
            deadline,
        });
        let mut ladder = Ladder::new(serving.t0);
        ladder.note(Metric::STAMP_T7, serving.t7);
        ladder.note(Metric::STAMP_T8, serving.t8);
        let http = serving.response.map(http::outcome).into_iter().collect();
        Ok(Launched {
            ladder,
            ended: Ended::Outcome(Observed {
                http,
                ..Observed::default()
            }),
        })
    }

    fn address(&self) -> Result<SocketAddr, ArmError> {
        Ok(self.running()?.address)
    }

    fn exchange(&mut self, request: &HttpRequest) -> Result<HttpOutcome, ArmError> {
        let server = self.running()?;
        Ok(http::own_outcome(http::exchange(
            server.address,
            request,
            server.deadline,
        )?))
    }

    fn charge_set(&self) -> Result<Vec<u32>, ArmError> {
        self.recipe.charge_set(self.running()?.pid)
    }

    fn shared(&self) -> Vec<u32> {
        self.recipe.shared()
    }

    fn stop(&mut self, lab: &mut Lab) -> Result<Launched, ArmError> {
        let server = self.server.take().ok_or_else(not_running)?;
        let ran = lab.launcher.release(server.handle, server.deadline)?;
        let ended = match &ran.teardown_error {
            Some(error) => Ended::Crashed(format!("teardown failed: {error}")),
            None => Ended::Outcome(Observed::default()),
        };
        Ok(Launched {
            ladder: ladder(&ran),
            ended,
        })
    }
}

fn not_running() -> ArmError {
    ArmError::Runtime("no server is running".to_owned())
}

impl<R> ProcessPrepared<R> {
    fn running(&self) -> Result<&Server, ArmError> {
        self.server.as_ref().ok_or_else(not_running)
    }
}

impl<R: Recipe> Hold for ProcessPrepared<R> {
    fn in_process(&self) -> bool {
        false
    }

    fn grow(&mut self, lab: &mut Lab, until: u64, life: Life<'_>) -> Result<Grown, ArmError> {
        let Life::Nonce(working_set) = life else {
            let why = "a process that has ended is no live instance".to_owned();
            return Ok(Grown {
                live: 0,
                stop: Some(Stop::Broken(why)),
                first_responses: Vec::new(),
            });
        };
        let mut first_responses = Vec::new();
        while (self.held.len() as u64) < until {
            let nonce = format!("n{}", self.held.len());
            let lines = HoldLines::of(&nonce, working_set.0);
            let args = [nonce, working_set.0.to_string()];
            let mut launch = self.recipe.instance(lab, &args)?;
            launch.deadline_ms = millis(DEADLINE);
            let live = self.held.len() as u64;
            if let Some(stop) = Stop::ahead() {
                return Ok(Grown {
                    live,
                    stop: Some(stop),
                    first_responses,
                });
            }
            let stop = match lab.launcher.hold(launch) {
                Ok(holding) => {
                    let said = String::from_utf8_lossy(&holding.line).into_owned();
                    first_responses.push(Nanos(holding.t7.saturating_sub(holding.t0)));
                    let pid = holding.pids.first().copied().unwrap_or_default();
                    self.held.push(Instance {
                        handle: holding.handle,
                        pid,
                        bye: lines.bye,
                    });
                    let right = said == lines.ready.trim_end();
                    (!right).then(|| Stop::Wall(format!("wrong answer: {said:?}")))
                }
                Err(ArmError::Runtime(why)) => Some(Stop::of(self.explained(why))),
                Err(error) => return Err(error),
            };
            if stop.is_some() {
                return Ok(Grown {
                    live,
                    stop,
                    first_responses,
                });
            }
        }
        Ok(Grown {
            live: self.held.len() as u64,
            stop: None,
            first_responses,
        })
    }

    fn charge_set(&self) -> Result<Vec<u32>, ArmError> {
        let mut pids = Vec::with_capacity(self.held.len());
        for instance in &self.held {
            pids.extend(self.recipe.charge_set(instance.pid)?);
        }
        Ok(pids)
    }

    fn shared(&self) -> Vec<u32> {
        self.recipe.shared()
    }

    fn release(&mut self, lab: &mut Lab) -> Result<(), ArmError> {
        let mut first_wrong = None;
        for instance in self.held.drain(..) {
            // One that is stuck keeps none of the others alive.
            let ran = match lab.launcher.release(instance.handle, DEADLINE) {
                Ok(ran) => ran,
                Err(error) => {
                    first_wrong.get_or_insert(error.to_string());
                    continue;
                }
            };
            if !ran.stdout.ends_with(instance.bye.as_bytes()) {
                let said = String::from_utf8_lossy(&ran.stdout).into_owned();
                first_wrong.get_or_insert(format!("expected {:?}, got {said:?}", instance.bye));
            }
            if let Some(error) = ran.teardown_error {
                first_wrong.get_or_insert(error);
            }
        }
        match first_wrong {
            None => Ok(()),
            Some(why) => Err(ArmError::Runtime(format!(
                "a held instance was not alive: {why}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_map_to_the_classes_of_the_specification() {
        assert_eq!(class_of_status(0), Some(ExitClass::Ok));
        assert_eq!(class_of_status(1), Some(ExitClass::Err));
        assert_eq!(class_of_status(128 + 6), Some(ExitClass::Trap));
        assert_eq!(class_of_status(128 + 11), Some(ExitClass::Trap));
        assert_eq!(
            class_of_status(128 + 9),
            None,
            "SIGKILL is nobody's own fault"
        );
        assert_eq!(class_of_status(255), Some(ExitClass::Err));
    }
}
