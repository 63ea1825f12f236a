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

/// A launcher that gives these answers, in this order.
#[derive(Clone)]
struct Scripted(Arc<Mutex<VecDeque<Reply>>>);

impl Link for Scripted {
    fn ask(&mut self, _: &Request, _: Duration) -> Result<Reply, ArmError> {
        let reply = self.0.lock().unwrap().pop_front();
        reply.ok_or_else(|| ArmError::Runtime("the script is over".to_owned()))
    }
    fn another(&self) -> Result<Box<dyn Link>, ArmError> {
        Ok(Box::new(self.clone()))
    }
}

fn lab(replies: impl IntoIterator<Item = Reply>) -> Lab {
    let replies = Arc::new(Mutex::new(replies.into_iter().collect()));
    let launcher = Launcher::over(Box::new(Scripted(replies)));
    let binaries = Binaries::at(PathBuf::from("/nowhere"));
    Lab::with_launcher(binaries, Catalog::of("a test", Vec::new()), launcher).unwrap()
}

/// A runtime whose log has a word on every failure.
#[derive(Default)]
struct Swept {
    sweeps: u32,
    /// What a sweep leaves.
    left: Option<&'static str>,
}

impl Recipe for Swept {
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        let program = lab.binaries.program("scripted");
        Ok(plain(lab, &program, line.args.to_vec()))
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        _: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError> {
        self.command(lab, &Line::bare(&[], grants))
    }

    fn sweep(&mut self, _: &mut Lab) -> Result<(), ArmError> {
        self.sweeps += 1;
        let left = self.left.map(str::to_owned);
        left.map_or(Ok(()), |left| Err(ArmError::Runtime(left)))
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
    let mut lab = lab([
        failed.clone(),
        serving(),
        Reply::Ran(ran(Exit::Signal(9), "")),
        failed,
    ]);
    let mut prepared = ProcessPrepared::new(Swept::default(), World::Proxy);
    let setting = Setting::default();
    let told = prepared.start(&mut lab, &setting, None).unwrap_err();
    assert_eq!(told.to_string(), "no answer: its log says more");
    assert_eq!(prepared.recipe.sweeps, 1);
    assert!(prepared.address().is_err(), "nothing is left");

    let started = prepared.start(&mut lab, &setting, None).unwrap();
    assert!(matches!(started.ended, Ended::Outcome(observed) if observed.http.len() == 1));
    assert_eq!(Serve::charge_set(&prepared).unwrap(), [7]);
    prepared.stop(&mut lab).unwrap();
    assert_eq!(prepared.recipe.sweeps, 1);

    prepared.recipe.left = Some("a container is left");
    let told = prepared.start(&mut lab, &setting, None).unwrap_err();
    assert!(
        told.to_string().ends_with("; a container is left"),
        "{told}"
    );
}

#[test]
fn how_a_program_ended_is_told_from_its_status() {
    let ended = |exit| {
        let mut lab = lab([Reply::Ran(ran(exit, "hi"))]);
        let mut prepared = ProcessPrepared::new(Swept::default(), World::Command);
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
        (launched.ended, prepared.recipe.sweeps)
    };
    let outcome = |exit| match ended(exit) {
        (Ended::Outcome(observed), _) => observed.exit,
        other => panic!("{other:?}"),
    };
    assert_eq!(outcome(Exit::Code(0)), Some(ExitClass::Ok));
    assert_eq!(outcome(Exit::Code(3)), Some(ExitClass::Err));
    assert_eq!(outcome(Exit::Signal(6)), Some(ExitClass::Trap));
    assert_eq!(ended(Exit::DeadlinePassed), (Ended::TimedOut, 0));
    let killed = ended(Exit::Signal(9));
    assert_eq!(killed, (Ended::Crashed("ended by signal 9".to_owned()), 1));
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
    let mut lab = lab([holding, full]);
    let mut prepared = ProcessPrepared::new(Swept::default(), World::Command);
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
