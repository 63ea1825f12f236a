//! A case with somebody at its other end: peers that it talks to, steps that
//! are taken beside it.

use assay_arms::{ArmError, Ended, Lab, ProgramInput, RunOnce, attached};
use assay_model::outcome::{Canary, Observed};
use assay_stage::script::Step;
use assay_stage::{Control, Peers, Performed, Placeholders, free_ports, pipes, substitute};
use assay_workloads::{Case, Command, Setting};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long peers and steps may go on when the program has ended.
const GRACE: Duration = Duration::from_secs(5);

/// The peers of one case, up, with the addresses they were given.
pub(crate) struct Stage {
    peers: Peers,
    placeholders: Placeholders,
}

fn failed(what: &str) -> impl FnOnce(&dyn std::fmt::Display) -> ArmError {
    let what = what.to_owned();
    move |error| ArmError::Runtime(format!("{what}: {error}"))
}

impl Stage {
    /// Starts the peers of a case, and finds a port for each name that its
    /// texts ask for.
    ///
    /// # Errors
    /// When a socket cannot be had.
    pub(crate) fn set(
        setting: &Setting,
        texts: &[&str],
        deadline: Duration,
    ) -> Result<Stage, ArmError> {
        let peers = Peers::start(&setting.peers, Instant::now() + deadline + GRACE)
            .map_err(|error| failed("peers")(&error))?;
        let names: BTreeSet<&str> = texts.iter().flat_map(|text| ports_in(text)).collect();
        let ports = free_ports(names).map_err(|error| failed("free ports")(&error))?;
        let placeholders = Placeholders {
            ports,
            ..peers.as_placeholders()
        };
        Ok(Stage {
            peers,
            placeholders,
        })
    }

    /// A text with its placeholders filled in.
    ///
    /// # Errors
    /// When nothing has the name.
    pub(crate) fn fill(&self, text: &str) -> Result<String, ArmError> {
        substitute(text, &self.placeholders).map_err(|error| failed("placeholder")(&error))
    }

    /// Ends the peers: what they received becomes part of the outcome, and the
    /// text says which did not get through its script.
    pub(crate) fn clear(self, ended: Ended) -> (Ended, Vec<String>) {
        let finished = self.peers.finish_with_problems();
        match ended {
            Ended::Outcome(observed) => {
                let observed = Observed {
                    peers: finished.received,
                    ..observed
                };
                (Ended::Outcome(observed), finished.problems)
            }
            other => (other, finished.problems),
        }
    }
}

/// The names in `{port.NAME}`.
fn ports_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("{port.")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// What a case came to, and what did not go by the script.
#[derive(Debug)]
pub struct Staged {
    /// How the launch ended.
    pub ended: Ended,
    /// Why the steps were not taken to the end: the outcome came about in
    /// another way than the case describes.
    pub steps: Option<String>,
    /// Peers that did not get through their scripts. That nobody came to one
    /// may be what a case wants; it explains an outcome that differs.
    pub peers: Vec<String>,
}

impl Staged {
    /// Everything that explains an outcome.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().chain(&self.peers).map(String::as_str)
    }
}

/// Runs a command among its peers, with its steps.
pub(crate) fn command(
    lab: &mut Lab,
    run: &mut dyn RunOnce,
    case: &Case,
    command: &Command,
    deadline: Duration,
) -> Result<Staged, ArmError> {
    let mut input = ProgramInput::of_case(command, &case.setting, deadline);
    let canary = match case.setting.canary {
        true => Some(CanaryFile::set(lab)?),
        false => None,
    };
    if let Some(canary) = &canary {
        let values = input.env.iter_mut().map(|(_, value)| value);
        for text in input.args.iter_mut().chain(values) {
            *text = canary.named_in(text);
        }
    }
    let plain = case.setting.peers.is_empty() && command.steps.is_empty();
    let places = |step: &Step| match step {
        Step::Connect { to, .. } => Some(to.clone()),
        _ => None,
    };
    let places: Vec<String> = command.steps.iter().filter_map(places).collect();
    let mut texts: Vec<&str> = input.args.iter().map(String::as_str).collect();
    texts.extend(input.env.iter().map(|(_, value)| value.as_str()));
    texts.extend(places.iter().map(String::as_str));
    if plain && texts.iter().all(|text| !text.contains("{port.")) {
        let ended = run.run(lab, &input)?.ended;
        return Ok(Staged {
            ended: look_at(canary, ended),
            steps: None,
            peers: Vec::new(),
        });
    }
    // The program is stopped at its deadline by the arm, so peers and steps
    // are given somewhat longer.
    let stage = Stage::set(&case.setting, &texts, deadline)?;
    for text in &mut input.args {
        *text = stage.fill(text)?;
    }
    for (_, text) in &mut input.env {
        *text = stage.fill(text)?;
    }
    let (ended, problem) = match command.steps.is_empty() {
        true => (run.run(lab, &input)?.ended, None),
        false => {
            let steps = command
                .steps
                .iter()
                .map(|step| step.substituted(&stage.placeholders))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| failed("placeholder")(&error))?;
            with_steps(lab, run, input, steps)?
        }
    };
    let (ended, peers) = stage.clear(ended);
    Ok(Staged {
        ended: look_at(canary, ended),
        steps: problem,
        peers,
    })
}

fn look_at(canary: Option<CanaryFile>, ended: Ended) -> Ended {
    match (canary, ended) {
        (Some(canary), Ended::Outcome(observed)) => Ended::Outcome(Observed {
            canary: Some(canary.state()),
            ..observed
        }),
        (_, ended) => ended,
    }
}

/// The file outside of everything that a program was given: in scratch space,
/// beside the directory it works in.
struct CanaryFile {
    directory: PathBuf,
}

const CANARY_NAME: &str = "canary";
const CANARY_CONTENT: &[u8] = b"nobody was given this\n";

impl CanaryFile {
    fn set(lab: &mut Lab) -> Result<CanaryFile, ArmError> {
        let directory = lab.fresh_dir("outside")?;
        let file = directory.join(CANARY_NAME);
        std::fs::write(&file, CANARY_CONTENT).map_err(ArmError::file(&file))?;
        Ok(CanaryFile { directory })
    }

    /// `{canary}` becomes its absolute path, `{canary.relative}` the one from
    /// the directory that a process works in.
    fn named_in(&self, text: &str) -> String {
        let file = self.directory.join(CANARY_NAME);
        let name = self.directory.file_name().unwrap_or_default();
        let relative = format!("../{}/{CANARY_NAME}", name.to_string_lossy());
        text.replace("{canary.relative}", &relative)
            .replace("{canary}", &file.to_string_lossy())
    }

    fn state(&self) -> Canary {
        let alone = std::fs::read_dir(&self.directory)
            .map(|entries| entries.count() == 1)
            .unwrap_or(false);
        let whole = std::fs::read(self.directory.join(CANARY_NAME))
            .is_ok_and(|bytes| bytes == CANARY_CONTENT);
        match alone && whole {
            true => Canary::Untouched,
            false => Canary::Touched,
        }
    }
}

/// Runs a program on pipes of this process while the steps are taken.
fn with_steps(
    lab: &mut Lab,
    run: &mut dyn RunOnce,
    mut input: ProgramInput,
    steps: Vec<Step>,
) -> Result<(Ended, Option<String>), ArmError> {
    let broken = |error: std::io::Error| failed("pipes")(&error);
    let (ours, theirs) = pipes().map_err(broken)?;
    let (pid, pid_theirs) = std::io::pipe().map_err(broken)?;
    input.attached = Some(attached(theirs.paths()));
    input.tell_pid = Some(PathBuf::from(format!(
        "/proc/{}/fd/{}",
        std::process::id(),
        pid_theirs.as_raw_fd()
    )));
    let exit = Arc::new(Exit::default());
    let deadline = Instant::now() + input.deadline + GRACE;
    let mut control = Guest {
        pid: Some(BufReader::new(pid)),
        exit: Arc::clone(&exit),
    };
    let (launched, performed) = std::thread::scope(|scope| {
        let performing =
            scope.spawn(move || assay_stage::perform(&steps, ours, &mut control, deadline));
        let launched = run.run(lab, &input);
        // The guest is gone and so are its ends; with these the outputs end.
        drop((theirs, pid_theirs));
        exit.seen();
        let performed = performing.join();
        (launched, performed)
    });
    let performed: Performed = match performed {
        Ok(performed) => performed,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let ended = match launched?.ended {
        Ended::Outcome(observed) => Ended::Outcome(Observed {
            stdout: performed.stdout,
            stderr: performed.stderr,
            received: performed.received,
            ..observed
        }),
        other => other,
    };
    Ok((ended, performed.problem))
}

/// Tells the steps that the program has ended.
#[derive(Default)]
struct Exit {
    seen: Mutex<bool>,
    changed: Condvar,
}

impl Exit {
    fn seen(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

/// The program, as steps see it.
struct Guest {
    /// Where the launcher writes its pid; a resident engine never does.
    pid: Option<BufReader<std::io::PipeReader>>,
    exit: Arc<Exit>,
}

impl Control for Guest {
    fn signal(&mut self, name: &str) -> Result<(), String> {
        let mut line = String::new();
        let reader = self.pid.as_mut().ok_or("its pid is not known")?;
        reader
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        let pid = line
            .trim()
            .parse()
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        let pid = pid.ok_or("no pid was reported")?;
        let signal = match name {
            "TERM" => rustix::process::Signal::TERM,
            "INT" => rustix::process::Signal::INT,
            "HUP" => rustix::process::Signal::HUP,
            other => return Err(format!("signal '{other}' is not TERM, INT or HUP")),
        };
        rustix::process::kill_process(pid, signal).map_err(|error| error.to_string())
    }

    fn wait_exit(&mut self, until: Instant) -> Result<bool, String> {
        let seen = self
            .exit
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let left = until.saturating_duration_since(Instant::now());
        let (seen, _) = self
            .exit
            .changed
            .wait_timeout_while(seen, left, |seen| !*seen)
            .unwrap_or_else(PoisonError::into_inner);
        Ok(*seen)
    }
}
