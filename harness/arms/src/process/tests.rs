use super::*;
use crate::Binaries;
use crate::arm::Life;
use crate::launcher::{Launcher, Link};
use assay_model::Wall;
use assay_wire::grants::Grants;
use assay_wire::launcher::{HttpResponse, Launch, Reply, Request, Serving};
use assay_workloads::{Catalog, HoldLines, Setting};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// A launcher that gives these answers, in this order, and cleans up whenever it
/// is told to.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    /// How often it was told to clean up.
    cleaned: u32,
    /// Why it cannot.
    stuck: Option<&'static str>,
}

impl Scripted {
    fn cleaned(&self) -> u32 {
        self.0.lock().unwrap().cleaned
    }
}

impl Link for Scripted {
    fn ask(&mut self, request: &Request, _: Duration) -> Result<Reply, ArmError> {
        let mut script = self.0.lock().unwrap();
        if let Request::CleanUp(_) = request {
            script.cleaned += 1;
            return match script.stuck {
                None => Ok(Reply::Cleaned),
                Some(why) => Err(ArmError::Runtime(why.to_owned())),
            };
        }
        let reply = script.replies.pop_front();
        reply.ok_or_else(|| ArmError::Runtime("the script is over".to_owned()))
    }
    fn another(&self) -> Result<Box<dyn Link>, ArmError> {
        Ok(Box::new(self.clone()))
    }
}

fn lab(replies: impl IntoIterator<Item = Reply>) -> (Lab, Scripted) {
    let link = Scripted::default();
    link.0.lock().unwrap().replies.extend(replies);
    let launcher = Launcher::over(Box::new(link.clone()));
    let binaries = Binaries::at(PathBuf::from("/nowhere"));
    let lab = Lab::with_launcher(binaries, Catalog::of("a test", Vec::new()), launcher);
    (lab.unwrap(), link)
}

/// A runtime that starts containers, and whose log has a word on every failure.
struct Swept;

impl Recipe for Swept {
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        let program = lab.binaries.program("scripted");
        Ok(Launch {
            container: Some(format!("assay-scripted-{}", std::process::id())),
            ..plain(lab, &program, line.args.to_vec())
        })
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        _: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError> {
        self.command(lab, &Line::bare(&[], grants))
    }

    fn complaint(&self) -> Option<String> {
        Some("its log says more".to_owned())
    }
}

fn serving() -> Reply {
    Reply::Serving(Serving {
        handle: Handle(1),
        pids: vec![7],
        t0: 10,
        t7: 20,
        t8: Some(30),
        attempts: 1,
        response: Some(HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: b"hi".to_vec(),
            trailers: Vec::new(),
        }),
    })
}

fn ran(exit: Exit, stdout: &str) -> Ran {
    Ran {
        t0: 10,
        t7: Some(20),
        t9: 30,
        t10: 40,
        stamps: Vec::new(),
        exit,
        stdout: stdout.into(),
        stderr: b"so it says".to_vec(),
        teardown_error: None,
    }
}

#[test]
fn a_server_that_does_not_start_is_swept_away_and_another_can_be_started() {
    let failed = Reply::Failed("no answer".to_owned());
    let (mut lab, launcher) = lab([
        failed.clone(),
        serving(),
        Reply::Ran(ran(Exit::Signal(9), "")),
        failed,
    ]);
    let mut prepared = ProcessPrepared::new(Swept, World::Proxy);
    let setting = Setting::default();
    let told = prepared.start(&mut lab, &setting, None).unwrap_err();
    assert_eq!(told.to_string(), "no answer: its log says more");
    let swept = launcher.cleaned();
    assert!(swept > 0);
    assert!(prepared.address().is_err(), "nothing is left");

    let started = prepared.start(&mut lab, &setting, None).unwrap();
    assert!(matches!(started.ended, Ended::Outcome(observed) if observed.http.len() == 1));
    assert_eq!(Serve::charge_set(&prepared).unwrap(), [7]);
    prepared.stop(&mut lab).unwrap();
    assert_eq!(launcher.cleaned(), swept, "what was stopped leaves nothing");

    launcher.0.lock().unwrap().stuck = Some("a container is left");
    let told = prepared.start(&mut lab, &setting, None).unwrap_err();
    assert!(
        told.to_string().ends_with("; a container is left"),
        "{told}"
    );
}

#[test]
fn how_a_program_ended_is_told_from_its_status() {
    let ended = |exit| {
        let (mut lab, launcher) = lab([Reply::Ran(ran(exit, "hi"))]);
        let mut prepared = ProcessPrepared::new(Swept, World::Command);
        let command = ProgramInput {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Vec::new(),
            directory: None,
            setting: Setting::default(),
            attached: None,
            tell_pid: None,
            deadline: Duration::from_secs(1),
        };
        let launched = prepared.run(&mut lab, &command).unwrap();
        (launched.ended, launcher.cleaned() > 0)
    };
    let outcome = |exit| match ended(exit) {
        (Ended::Outcome(observed), _) => observed.exit,
        other => panic!("{other:?}"),
    };
    assert_eq!(outcome(Exit::Code(0)), Some(ExitClass::Ok));
    assert_eq!(outcome(Exit::Code(3)), Some(ExitClass::Err));
    assert_eq!(outcome(Exit::Signal(6)), Some(ExitClass::Trap));
    assert_eq!(ended(Exit::DeadlinePassed), (Ended::TimedOut, false));
    let killed = ended(Exit::Signal(9));
    assert_eq!(
        killed,
        (Ended::Crashed("ended by signal 9".to_owned()), true)
    );
}

#[test]
fn an_instance_that_cannot_start_is_a_wall_by_its_words() {
    let full = Reply::Failed("fork: Resource temporarily unavailable".to_owned());
    let holding = Reply::Holding(assay_wire::launcher::Holding {
        handle: Handle(1),
        pids: vec![7],
        t0: 10,
        t7: 25,
        line: HoldLines::of("n0", 0).ready.trim_end().into(),
    });
    let (mut lab, _) = lab([holding, full]);
    let mut prepared = ProcessPrepared::new(Swept, World::Command);
    let life = Life::Nonce(assay_model::Bytes(0));
    let grown = prepared.grow(&mut lab, 3, life).unwrap();
    assert_eq!(grown.live, 1);
    assert_eq!(grown.first_responses, [Nanos(15)]);
    assert_eq!(grown.stop.unwrap().wall(), Some(Wall::Pids));
}

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
