//! What stays up in a worker: a server, and instances that are held.

use super::ResidentPrepared;
use crate::arm::{Grown, Hold, Life, Serve};
use crate::error::ArmError;
use crate::given::grants;
use crate::http;
use crate::lab::Lab;
use crate::ladder::{Ended, Ladder, Launched};
use crate::stop::Stop;
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
        let response = http::exchange(address, first, self.exchange)?;
        let t8 = response.complete_at.0;
        let stamps = self.worker()?.last_request()?.ok_or_else(|| {
            ArmError::Runtime("the worker has no stamps of the request".to_owned())
        })?;
        let mut ladder = Ladder::new(stamps.t0);
        ladder.note(Metric::STAMP_T4, stamps.t4);
        ladder.note(Metric::STAMP_T5, stamps.t5);
        ladder.note(Metric::STAMP_T8, t8);
        let http = vec![http::own_outcome(response)];
        Ok(Launched {
            ladder,
            ended: Ended::Outcome(Observed {
                http,
                ..Observed::default()
            }),
        })
    }

    fn address(&self) -> Result<SocketAddr, ArmError> {
        self.listening()
    }

    fn exchange(&mut self, request: &HttpRequest) -> Result<HttpOutcome, ArmError> {
        Ok(http::own_outcome(http::exchange(
            self.listening()?,
            request,
            self.exchange,
        )?))
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

impl Hold for ResidentPrepared {
    fn in_process(&self) -> bool {
        true
    }

    fn grow(&mut self, lab: &mut Lab, until: u64, life: Life<'_>) -> Result<Grown, ArmError> {
        let (given, stdout) = match life {
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
                let (live, wall) = worker.hold(loaded, until, input, Proof::Nonce)?;
                self.held = live;
                return Ok(Grown {
                    live,
                    stop: wall.map(Stop::of),
                    first_responses: Vec::new(),
                });
            }
            Life::Ran { given, stdout } => (given, stdout),
        };
        // One by one, as each has a directory of its own.
        while self.held < until {
            let (input, _) = self.input(lab, given)?;
            let next = self.held + 1;
            let (worker, loaded) = self.up(lab, &input.grants.withheld)?;
            let proof = Proof::Stdout(stdout.to_vec());
            let (live, wall) = worker.hold(loaded, next, input, proof)?;
            self.held = live;
            if wall.is_some() {
                return Ok(Grown {
                    live,
                    stop: wall.map(Stop::of),
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
