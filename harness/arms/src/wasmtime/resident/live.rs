//! What stays up in a worker: a server, and instances that are held.

use super::ResidentPrepared;
use crate::arm::{Grown, Hold, Life, Serve};
use crate::error::ArmError;
use crate::http;
use crate::input::grants;
use crate::lab::Lab;
use crate::ladder::{Ended, Ladder, Launched};
use crate::wall;
use assay_load::clock::now;
use assay_model::outcome::Observed;
use assay_model::{HttpOutcome, Metric};
use assay_wire::launcher::HttpRequest;
use assay_wire::worker::{Input, Proof};
use assay_workloads::Setting;
use std::net::SocketAddr;

impl Serve for ResidentPrepared {
    fn resident(&self) -> bool {
        true
    }

    /// The engine and the listening socket are up before the launch, so t0 is
    /// the worker's own stamp before the store of this request is created, and
    /// there is no t7: a connection was accepted before.
    fn start(
        &mut self,
        lab: &mut Lab,
        setting: &Setting,
        first: Option<&HttpRequest>,
    ) -> Result<Launched, ArmError> {
        let grants = grants(setting);
        let (worker, loaded) = self.up(lab, &grants.withheld)?;
        let address = worker.serve(loaded, grants)?;
        self.serving = Some(address);
        let Some(first) = first else {
            return Ok(Launched {
                ladder: Ladder::default(),
                ended: Ended::Outcome(Observed::default()),
            });
        };
        let answered = self.first_exchange(address, first);
        if answered.is_err() {
            // A request that was not answered may still run in the worker: only
            // the end of its process stops it.
            self.serving = None;
            self.up = None;
        }
        answered
    }

    fn address(&self) -> Result<SocketAddr, ArmError> {
        self.listening()
    }

    fn exchange(&mut self, request: &HttpRequest) -> Result<HttpOutcome, ArmError> {
        let response = http::exchange(self.listening()?, request, self.exchange)?;
        Ok(http::outcome(response.into()))
    }

    fn charge_set(&self) -> Result<Vec<u32>, ArmError> {
        self.pid()
    }

    /// The host stays, so there is no exit to stamp.
    fn stop(&mut self, _lab: &mut Lab) -> Result<Launched, ArmError> {
        self.serving = None;
        self.worker()?.stop_serving()?;
        let ladder = Ladder::new(now().0);
        Ok(Launched {
            ladder,
            ended: Ended::Outcome(Observed::default()),
        })
    }
}

impl ResidentPrepared {
    fn first_exchange(
        &mut self,
        address: SocketAddr,
        first: &HttpRequest,
    ) -> Result<Launched, ArmError> {
        let response = http::exchange(address, first, self.exchange)?;
        let t8 = response.complete_at.0;
        let stamps = self.worker()?.last_request()?.ok_or_else(|| {
            ArmError::Runtime("the worker has no stamps of the request".to_owned())
        })?;
        let mut ladder = Ladder::new(stamps.t0);
        ladder.note(Metric::STAMP_T4, stamps.t4);
        ladder.note(Metric::STAMP_T5, stamps.t5);
        ladder.note(Metric::STAMP_T8, t8);
        let http = vec![http::outcome(response.into())];
        Ok(Launched {
            ladder,
            ended: Ended::Outcome(Observed {
                http,
                ..Observed::default()
            }),
        })
    }
}

impl Hold for ResidentPrepared {
    fn in_process(&self) -> bool {
        true
    }

    fn grow(&mut self, lab: &mut Lab, until: u64, life: Life<'_>) -> Result<Grown, ArmError> {
        let (input, stdout) = match life {
            Life::Nonce(working_set) => {
                // The working set is an argument of `cli/hold`; `cli/hello` ignores it.
                let input = Input {
                    args: vec![
                        self.name.clone(),
                        "{nonce}".to_owned(),
                        working_set.0.to_string(),
                    ],
                    ..Input::default()
                };
                let (worker, loaded) = self.up(lab, &[])?;
                let (live, stop) = worker.hold(loaded, until, input, Proof::Nonce)?;
                self.held = live;
                return Ok(Grown {
                    live,
                    stop: stop.map(wall::told),
                    first_responses: Vec::new(),
                });
            }
            Life::Ran { input, stdout } => (input, stdout),
        };
        // One by one, as each has a directory of its own.
        while self.held < until {
            let (wire, _) = self.wire_input(lab, input)?;
            let next = self.held + 1;
            let (worker, loaded) = self.up(lab, &wire.grants.withheld)?;
            let proof = Proof::Stdout(stdout.to_vec());
            let (live, stop) = worker.hold(loaded, next, wire, proof)?;
            self.held = live;
            if stop.is_some() {
                return Ok(Grown {
                    live,
                    stop: stop.map(wall::told),
                    first_responses: Vec::new(),
                });
            }
        }
        Ok(Grown {
            live: self.held,
            stop: None,
            first_responses: Vec::new(),
        })
    }

    fn charge_set(&self) -> Result<Vec<u32>, ArmError> {
        self.pid()
    }

    fn release(&mut self, lab: &mut Lab) -> Result<(), ArmError> {
        self.held = 0;
        self.up(lab, &[])?.0.drop_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launcher::{Launcher, Link};
    use crate::reserve::{Idle, Purpose, Reserve};
    use crate::worker::Worker;
    use crate::{Binaries, Prepared as _};
    use assay_wire::Channel;
    use assay_wire::launcher as launch;
    use assay_wire::worker::{Loaded, Reply, Request, Stamps, World as WireWorld};
    use assay_workloads::{Catalog, World};
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::os::unix::net::UnixStream;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    struct NoLauncher;

    impl Link for NoLauncher {
        fn ask(&mut self, _: &launch::Request, _: Duration) -> Result<launch::Reply, ArmError> {
            Err(ArmError::Runtime("there is no launcher".to_owned()))
        }
        fn another(&self) -> Result<Box<dyn Link>, ArmError> {
            Ok(Box::new(NoLauncher))
        }
    }

    fn lab() -> Lab {
        let launcher = Launcher::over(Box::new(NoLauncher));
        let binaries = Binaries::at(PathBuf::from("/nowhere"));
        Lab::with_launcher(binaries, Catalog::of("a test", Vec::new()), launcher).unwrap()
    }

    /// A worker that says it serves at an address, one handler at a time.
    fn worker(address: SocketAddr) -> Worker {
        let (ours, theirs) = Channel::pair().unwrap();
        std::thread::spawn(move || {
            let mut channel = Channel::new(UnixStream::from(theirs));
            let mut serving = false;
            while let Ok(request) = channel.receive() {
                let reply = match request {
                    Request::Describe => Reply::Described(Vec::new()),
                    Request::Load { .. } => Reply::Loaded(Loaded(0)),
                    Request::Serve { .. } if serving => {
                        Reply::Failed("a handler is being served already".to_owned())
                    }
                    Request::Serve { .. } => {
                        serving = true;
                        Reply::Serving(address)
                    }
                    Request::StopServing => {
                        serving = false;
                        Reply::Done
                    }
                    Request::LastRequest => Reply::Stamped(Some(Stamps::default())),
                    other => Reply::Failed(format!("{other:?}")),
                };
                if channel.send(&reply).is_err() {
                    return;
                }
            }
        });
        // The process that is killed with it.
        let child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        Worker::scripted(child, ours)
    }

    /// Where each request has this answer.
    fn answers(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 1024];
                let read = stream.read(&mut head).unwrap();
                assert!(read > 0);
                stream.write_all(answer).unwrap();
            }
        });
        address
    }

    /// A handler whose workers are these, in the order of their addresses.
    fn prepared(addresses: &[SocketAddr]) -> ResidentPrepared {
        let reserve = Reserve::default();
        let purpose = Purpose {
            config: "scripted",
            traced: false,
        };
        for address in addresses {
            reserve.leave(purpose, Idle::fresh(worker(*address)));
        }
        ResidentPrepared {
            config: purpose.config,
            patience: 1,
            instances: 1,
            cwasm: PathBuf::from("/nowhere.cwasm"),
            name: "handler".to_owned(),
            world: World::Proxy,
            wire_world: WireWorld::Proxy,
            build_cost: None,
            artifacts: Vec::new(),
            up: None,
            traced: false,
            exchange: Duration::from_secs(10),
            reserve: Some(reserve),
            serving: None,
            held: 0,
        }
    }

    fn get() -> HttpRequest {
        HttpRequest {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            chunk: None,
        }
    }

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

    #[test]
    fn a_failed_first_exchange_leaves_nothing_and_the_next_start_works() {
        let mut lab = lab();
        let mut prepared = prepared(&[answers(b"HTTP/1.1 20"), answers(OK)]);
        let server = prepared.serve().unwrap();
        let failed = server.start(&mut lab, &Setting::default(), Some(&get()));
        assert!(matches!(failed, Err(ArmError::Http(_))), "{failed:?}");
        assert!(server.address().is_err());
        assert!(server.charge_set().is_err(), "its worker is gone");
        let started = server.start(&mut lab, &Setting::default(), Some(&get()));
        let Ended::Outcome(observed) = started.unwrap().ended else {
            panic!("no outcome");
        };
        assert_eq!(observed.http[0].body, b"hi");
        assert!(server.address().is_ok());
        server.stop(&mut lab).unwrap();
    }

    #[test]
    fn a_server_that_answers_is_started_and_stopped_in_one_worker() {
        let mut lab = lab();
        let mut prepared = prepared(&[answers(OK)]);
        let server = prepared.serve().unwrap();
        for _ in 0..2 {
            server
                .start(&mut lab, &Setting::default(), Some(&get()))
                .unwrap();
            server.stop(&mut lab).unwrap();
        }
    }
}
