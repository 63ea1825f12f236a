//! Builds that do not depend on each other, side by side.
//!
//! What a linker does has one thread, so one build alone leaves processors
//! idle at its end. All builds together run as many compilers as there are
//! processors: they share one job server (GNU make's protocol), of which every
//! running cargo holds a token, and the token of a cargo that has ended goes to
//! those that still run. Builds with one target folder would wait for each
//! other's lock, so they take turns.

use crate::cargo::CargoBuild;
use crate::error::BuildError;
use crate::profile::CHECKED;
use jobserver::Client;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Hears what is being built, and may end it.
pub trait Watch {
    /// A line for people.
    fn tell(&mut self, line: &str);

    /// Whether the user wants it to end.
    fn cancelled(&self) -> bool {
        false
    }
}

impl<F: FnMut(&str)> Watch for F {
    fn tell(&mut self, line: &str) {
        self(line);
    }
}

/// A build that waits for its turn.
pub(crate) struct Job {
    pub(crate) build: CargoBuild,
    pub(crate) command: Command,
    /// Whether it was built before: then there may be little to do.
    pub(crate) again: bool,
}

/// A build that runs.
struct Running {
    build: CargoBuild,
    child: Child,
    stderr: JoinHandle<bool>,
    started: Instant,
    again: bool,
    /// Its number.
    number: usize,
    told: bool,
}

/// How often running builds are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A build that takes no longer than this has nothing to do, and is not told.
const UP_TO_DATE: Duration = Duration::from_millis(1500);

/// Runs builds to their ends; `done` hears of each that succeeded.
///
/// # Errors
/// When one of them, or `done`, fails, or the user ends them: the others are
/// ended then.
pub(crate) fn run(
    jobs: Vec<Job>,
    watch: &mut dyn Watch,
    done: &mut dyn FnMut(&CargoBuild) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let mut queue = Queue::new(jobs).map_err(BuildError::NoCargo)?;
    let ended = queue.work(watch, done);
    if ended.is_err() {
        queue.end_all();
    }
    ended
}

struct Queue {
    waiting: Vec<Job>,
    running: Vec<Running>,
    server: Client,
    /// Tokens that running builds may hold, one each.
    slots: usize,
    processors: usize,
    total: usize,
    /// How much longer builds take here than their groups say.
    pace: f64,
}

impl Queue {
    fn new(jobs: Vec<Job>) -> std::io::Result<Queue> {
        let processors = processors();
        let server = Client::new(processors)?;
        let mut queue = Queue {
            total: jobs.len(),
            waiting: jobs,
            running: Vec::new(),
            server,
            slots: 0,
            processors,
            pace: 1.0,
        };
        for _ in 0..queue.folders().min(processors) {
            queue.server.acquire_raw()?;
            queue.slots += 1;
        }
        Ok(queue)
    }

    /// How many builds could run at once from now on.
    fn folders(&self) -> usize {
        let waiting = self.waiting.iter().map(|job| &job.build);
        let running = self.running.iter().map(|running| &running.build);
        let folders: std::collections::BTreeSet<_> =
            waiting.chain(running).map(|b| &b.target_dir).collect();
        folders.len()
    }

    fn work(
        &mut self,
        watch: &mut dyn Watch,
        done: &mut dyn FnMut(&CargoBuild) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        loop {
            if watch.cancelled() {
                return Err(BuildError::Interrupted);
            }
            self.start()?;
            if self.running.is_empty() {
                return Ok(());
            }
            std::thread::sleep(LOOK);
            self.tell(watch);
            while let Some((build, status, full)) = self.ended()? {
                // A Ctrl-C that reached cargo first is no failure of it.
                if !status.success() && watch.cancelled() {
                    return Err(BuildError::Interrupted);
                }
                outcome(&build, status, full)?;
                done(&build)?;
            }
        }
    }

    /// Starts what can be started, in order, and hands the tokens that no
    /// further build can hold to those that run.
    fn start(&mut self) -> Result<(), BuildError> {
        while self.running.len() < self.slots {
            let is_free = |job: &Job| {
                let folder = &job.build.target_dir;
                !self.running.iter().any(|r| r.build.target_dir == *folder)
            };
            let Some(next) = self.waiting.iter().position(is_free) else {
                break;
            };
            let Job {
                build,
                mut command,
                again,
            } = self.waiting.remove(next);
            self.server.configure(&mut command);
            if std::io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
                command.env("CARGO_TERM_COLOR", "always");
            }
            let mut child = command
                .stderr(Stdio::piped())
                .process_group(0)
                .spawn()
                .map_err(BuildError::NoCargo)?;
            let messages = child.stderr.take();
            self.running.push(Running {
                number: self.total - self.waiting.len(),
                build,
                child,
                stderr: std::thread::spawn(move || messages.is_some_and(pass_on)),
                started: Instant::now(),
                again,
                told: false,
            });
        }
        while self.slots > self.folders() {
            self.server.release_raw().map_err(BuildError::NoCargo)?;
            self.slots -= 1;
        }
        Ok(())
    }

    /// A build that has ended, if one has.
    fn ended(&mut self) -> Result<Option<(CargoBuild, ExitStatus, bool)>, BuildError> {
        for index in 0..self.running.len() {
            let child = &mut self.running[index].child;
            let Some(status) = child.try_wait().map_err(BuildError::NoCargo)? else {
                continue;
            };
            let ended = self.running.remove(index);
            let took = ended.started.elapsed();
            if ended.told && !ended.again {
                self.pace = took.as_secs_f64() / self.expected(&ended.build);
            }
            let full = ended.stderr.join().unwrap_or(false);
            return Ok(Some((ended.build, status, full)));
        }
        Ok(None)
    }

    /// Seconds that a build from nothing takes on a machine like the one that
    /// its group speaks of, beside those that run with it.
    fn expected(&self, build: &CargoBuild) -> f64 {
        let beside = self.running.len().clamp(1, self.processors);
        // More than four processors find no work in these few crates.
        let share = self.processors.min(4) as f64 / beside as f64;
        f64::from(build.group.seconds) / share.max(1.0)
    }

    fn tell(&mut self, watch: &mut dyn Watch) {
        for index in 0..self.running.len() {
            let running = &self.running[index];
            if running.told || running.started.elapsed() < UP_TO_DATE {
                continue;
            }
            let how_long = match running.again {
                true => String::new(),
                false => format!(", {}", about(self.expected(&running.build) * self.pace)),
            };
            let kind = match running.build.group.profile == CHECKED {
                true => "binaries",
                false => "measured binaries",
            };
            watch.tell(&format!(
                "building {kind} ({} of {}): {}{how_long}",
                running.number, self.total, running.build.group.what
            ));
            self.running[index].told = true;
        }
    }

    /// Ends what still runs: cargo, and the compilers that it has started.
    fn end_all(&mut self) {
        for running in &mut self.running {
            let pid = i32::try_from(running.child.id())
                .ok()
                .and_then(Pid::from_raw);
            let _ = pid.map(|pid| kill_process_group(pid, Signal::TERM));
            let _ = running.child.wait();
        }
        self.running.clear();
    }
}

/// Processors, or as many as cargo is told to use (The Cargo Book,
/// `build.jobs`).
fn processors() -> usize {
    let here = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let told = std::env::var("CARGO_BUILD_JOBS").ok();
    let told = told.and_then(|jobs| jobs.parse::<usize>().ok());
    told.filter(|&jobs| jobs > 0).unwrap_or(here)
}

/// Passes cargo's messages on; tells whether one of them is that a disk is full.
fn pass_on(messages: ChildStderr) -> bool {
    let mut messages = BufReader::new(messages);
    let mut line = Vec::new();
    let mut full = false;
    while messages.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        full |= is_full(&String::from_utf8_lossy(&line));
        let _ = std::io::stderr().write_all(&line);
        line.clear();
    }
    full
}

/// Whether a message of a compiler, linker or of cargo says that the disk is
/// full (`ENOSPC`) or the user's share of it is (`EDQUOT`).
fn is_full(line: &str) -> bool {
    let said = ["No space left on device", "Disk quota exceeded"];
    said.iter().any(|said| line.contains(said))
}

fn outcome(build: &CargoBuild, status: ExitStatus, full: bool) -> Result<(), BuildError> {
    let what = build.group.what.clone();
    match (status.success(), full) {
        (true, _) => Ok(()),
        (false, true) => Err(BuildError::DiskFull {
            what,
            dir: build.target_dir.clone(),
        }),
        (false, false) => Err(BuildError::Failed { what, status }),
    }
}

/// A length of time, for people.
fn about(seconds: f64) -> String {
    match (seconds / 60.0).round() {
        minutes if minutes < 1.0 => "less than a minute".to_owned(),
        minutes => format!("about {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Group, harness};
    use std::path::Path;

    fn job(what: &str, folder: &str, script: &str) -> Job {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null());
        let group = Group {
            what: what.to_owned(),
            ..harness()
        };
        Job {
            build: CargoBuild {
                target_dir: folder.into(),
                ..CargoBuild::here(group, Path::new("/t"))
            },
            command,
            again: false,
        }
    }

    fn run_all(jobs: Vec<Job>, watch: &mut dyn Watch) -> (Result<(), BuildError>, Vec<String>) {
        let mut done = Vec::new();
        let ended = run(jobs, watch, &mut |build| {
            done.push(build.group.what.clone());
            Ok(())
        });
        (ended, done)
    }

    #[test]
    fn builds_of_one_folder_take_turns_and_others_run_beside_them() {
        if processors() < 2 {
            eprintln!("SKIPPED: one processor runs one build at a time");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        let (ready, go) = (path("ready"), path("go"));
        // The first waits for the third, which only another folder lets start.
        let wait = |file: &str| format!("while [ ! -e {file} ]; do sleep 0.01; done");
        let jobs = vec![
            job("first", "/a", &format!("{}; touch {ready}", wait(&go))),
            job("second", "/a", &format!("[ -e {ready} ]")),
            job("third", "/b", &format!("touch {go}")),
        ];
        let (ended, done) = run_all(jobs, &mut |_: &str| {});
        ended.unwrap();
        assert_eq!(done.len(), 3);
        let place = |what: &str| done.iter().position(|done| done == what);
        assert!(place("first") < place("second"), "{done:?}");
    }

    #[test]
    fn a_build_that_fails_ends_the_others() {
        let started = Instant::now();
        let jobs = vec![
            job("long", "/a", "sleep 60"),
            job("wrong", "/b", "sleep 0.1; exit 3"),
            job("never", "/b", "exit 0"),
        ];
        let (ended, done) = run_all(jobs, &mut |_: &str| {});
        let said = ended.unwrap_err().to_string();
        if processors() > 1 {
            assert!(said.contains("wrong") && said.contains('3'), "{said}");
            assert!(started.elapsed() < Duration::from_secs(30));
        }
        assert!(!done.contains(&"never".to_owned()));
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let script = "echo 'error: No space left on device (os error 28)' >&2; exit 101";
        let (ended, _) = run_all(vec![job("runner", "/a", script)], &mut |_: &str| {});
        let said = ended.unwrap_err().to_string();
        assert!(said.contains("disk of /a is full"), "{said}");
        assert!(!is_full("error: expected `;`"));
    }

    struct Impatient(Instant, Vec<String>);

    impl Watch for Impatient {
        fn tell(&mut self, line: &str) {
            self.1.push(line.to_owned());
        }

        fn cancelled(&self) -> bool {
            self.0.elapsed() > UP_TO_DATE + Duration::from_millis(500)
        }
    }

    #[test]
    fn an_interrupted_build_ends_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("written");
        let script = format!("(sleep 4; touch {}) & wait", file.display());
        let mut watch = Impatient(Instant::now(), Vec::new());
        let (ended, done) = run_all(vec![job("runner", "/a", &script)], &mut watch);
        assert!(matches!(ended, Err(BuildError::Interrupted)));
        assert_eq!(done, Vec::<String>::new());
        let Impatient(_, told) = watch;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(" (1 of 1): runner, about "), "{told:?}");
        std::thread::sleep(Duration::from_secs(3));
        assert!(!file.exists(), "a compiler went on");
    }

    #[test]
    fn without_cargo_it_says_what_to_install() {
        let missing = Job {
            command: Command::new("/no/such/cargo"),
            ..job("runner", "/a", "")
        };
        let (ended, _) = run_all(vec![missing], &mut |_: &str| {});
        let said = ended.unwrap_err().to_string();
        assert!(said.contains("rustup.rs"), "{said}");
    }

    #[test]
    fn lengths_of_time_are_rounded() {
        assert_eq!(about(20.0), "less than a minute");
        assert_eq!(about(119.0), "about 2 min");
    }
}
