//! Resident engines that are up and have nothing to do.
//!
//! A workload has a worker of its own where anything is measured: what one leaves
//! behind in a process would be another's memory or speed. Under an emulator
//! nothing is, and to start a worker there takes it longer than most of the
//! workloads, because every start translates the same program again.

use crate::worker::Worker;
use std::sync::{Arc, Mutex, PoisonError};

/// Components that one worker takes, one after the other: their code stays in it.
const COMPONENTS: u32 = 24;

/// A worker without a component of anybody's.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) worker: Worker,
    /// How many components it has had.
    components: u32,
}

/// What a worker was started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purpose {
    pub(crate) config: &'static str,
    pub(crate) traced: bool,
}

/// The idle workers of one lab. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reserve(Arc<Mutex<Vec<(Purpose, Idle)>>>);

impl Idle {
    /// A worker that was just started.
    pub(crate) fn fresh(worker: Worker) -> Idle {
        Idle {
            worker,
            components: 0,
        }
    }
}

impl Reserve {
    /// A worker that was left for the same purpose.
    pub(crate) fn take(&self, purpose: Purpose) -> Option<Idle> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().position(|(left, _)| *left == purpose)?;
        Some(idle.swap_remove(at).1)
    }

    /// Leaves a worker for the next. One that does not answer, or has had
    /// enough, ends here.
    pub(crate) fn leave(&self, purpose: Purpose, idle: Idle) {
        let Idle {
            mut worker,
            components,
        } = idle;
        let components = components + 1;
        if components < COMPONENTS && worker.describe().is_ok() {
            let idle = Idle { worker, components };
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.push((purpose, idle));
        }
    }
}
