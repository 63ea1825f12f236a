//! Processes that stay up: a server, and instances that are held.

use super::recipe::Recipe;
use super::{Instance, ProcessPrepared, Server, ladder, millis};
use crate::arm::{Grown, Hold, Life, Serve};
use crate::error::{Absent, ArmError};
use crate::http;
use crate::input::grants;
use crate::lab::Lab;
use crate::ladder::{Ended, Ladder, Launched};
use crate::sweep::Sweep;
use crate::wall;
use assay_model::outcome::Observed;
use assay_model::{HttpOutcome, Metric, Nanos, Stop, Wall};
use assay_wire::launcher::HttpRequest;
use assay_workloads::{HoldLines, Setting};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// How long a program that is no workload case may take on a machine of its
/// own: instances of density runs, servers.
const DEADLINE: Duration = Duration::from_secs(30);

impl<R: Recipe> Serve for ProcessPrepared<R> {
    fn start(
        &mut self,
        lab: &mut Lab,
        setting: &Setting,
        first: Option<&HttpRequest>,
    ) -> Result<Launched, ArmError> {
        if let Some(reason) = self.recipe.refuses(setting) {
            return Err(Absent(reason).into());
        }
        let free = http::free_address().map_err(ArmError::file(Path::new("127.0.0.1:0")))?;
        let address = self.recipe.address(free);
        let mut launch = self.recipe.server(lab, address, &grants(setting))?;
        let deadline = lab.binaries.patience(DEADLINE);
        launch.deadline_ms = millis(deadline);
        let sweep = Sweep::of(&launch);
        let serving = match lab.launcher.serve(launch, address, first.cloned()) {
            Ok(serving) => serving,
            Err(error) => {
                let error = match error {
                    ArmError::Runtime(why) => ArmError::Runtime(self.explained(why)),
                    error => error,
                };
                // The launcher has killed the process, as it does at a deadline.
                return Err(match sweep.map_or(Ok(()), |sweep| sweep.run(lab)) {
                    Ok(()) => error,
                    Err(left) => ArmError::Runtime(format!("{error}; {left}")),
                });
            }
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
        let response = http::exchange(server.address, request, server.deadline)?;
        Ok(http::outcome(response.into()))
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
                stop: Some(Stop::Failed(why)),
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
            if let Some(stop) = wall::ahead() {
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
                    (!right).then(|| Stop::at(Wall::WrongAnswer, format!("{said:?}")))
                }
                Err(ArmError::Runtime(why)) => Some(wall::said(self.explained(why))),
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
