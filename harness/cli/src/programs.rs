//! The programs that arms start: which a run needs, found or built.

use crate::exit::Failure;
use assay_arms::Arm;
use assay_build::{Binaries, BuildError, Built, Programs, Watch};
use assay_workloads::{Catalog, Workload};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What these arms need for these workloads.
pub fn needed(arms: &[Box<dyn Arm>], workloads: &[&Workload]) -> Programs {
    let needs = arms.iter().flat_map(|arm| arm.needs(workloads));
    Programs::of(needs)
}

/// Narrates builds on stderr, and ends them at Ctrl-C.
pub struct Console {
    cancel: Arc<AtomicBool>,
}

impl Console {
    /// Builds end when `cancel` is set.
    pub fn new(cancel: &Arc<AtomicBool>) -> Console {
        Console {
            cancel: Arc::clone(cancel),
        }
    }
}

impl Watch for Console {
    fn tell(&mut self, line: &str) {
        eprintln!("{line}");
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// Finds programs, or has cargo bring them up to date.
///
/// # Errors
/// See [`failure`].
pub fn find_or_build(
    catalog: &Catalog,
    programs: &Programs,
    cancel: &Arc<AtomicBool>,
) -> Result<(Binaries, Built), Failure> {
    Binaries::find_or_build(catalog, programs, &mut Console::new(cancel)).map_err(failure)
}

/// A wrong setting is usage, and what is not installed can be had; anything else
/// went wrong.
pub fn failure(error: BuildError) -> Failure {
    match error {
        BuildError::UnknownProfile(_) | BuildError::Unusable { .. } => {
            Failure::Usage(error.to_string())
        }
        BuildError::Interrupted => {
            eprintln!("{error}");
            Failure::Interrupted
        }
        other => Failure::internal(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_arms::wasmtime;
    use assay_baselines::Native;
    use assay_build::ProgramName;

    fn workload<'c>(catalog: &'c Catalog, id: &str) -> &'c Workload {
        catalog.workload(id).unwrap()
    }

    fn files(arms: &[Box<dyn Arm>], workloads: &[&Workload]) -> Vec<String> {
        let programs = needed(arms, workloads);
        programs.iter().map(|name| name.file().to_owned()).collect()
    }

    #[test]
    fn only_twins_of_chosen_workloads_are_needed() {
        let catalog = Catalog::load(Catalog::default_directory()).unwrap();
        let arms: [Box<dyn Arm>; 1] = [Box::new(Native::new().unwrap())];
        let sleep = workload(&catalog, "clock/sleep");
        // The second is what the arm is tried out with.
        let twin = ProgramName::twin(&sleep.twin).unwrap();
        let expected = ["assay-launcher", "cli-hello", twin.file()];
        assert_eq!(files(&arms, &[sleep]), expected);
        assert_eq!(files(&arms, &[]), ["assay-launcher"]);
    }

    #[test]
    fn back_ends_that_are_not_measured_are_needed_by_their_arms_alone() {
        let catalog = Catalog::load(Catalog::default_directory()).unwrap();
        let hello = workload(&catalog, "cli/hello");
        let needs = |arm: Box<dyn Arm>| {
            let needed = needed(&[arm], &[hello]);
            needed.contains(&ProgramName::BackEnds)
        };
        for arm in wasmtime::Resident::all(1) {
            let untimed = arm.facts().untimed.is_some();
            assert_eq!(needs(Box::new(arm)), untimed);
        }
        assert!(!needs(Box::new(wasmtime::aot())));
    }
}
