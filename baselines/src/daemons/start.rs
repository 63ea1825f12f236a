//! Starting.

use super::baseline::Baseline;
use super::driver::Driver;
use super::error::{DaemonError, Say};
use super::folder::Folder;
use super::process::is_root;
use super::{crun, leftovers};

/// Starts the named engines, all that have something to start if none is named,
/// and waits until they answer. What runs already is left alone.
///
/// # Errors
/// [`DaemonError::NotStarted`] names those that are not there; the others run.
pub fn start(named: &[Baseline], say: Say<'_>) -> Result<(), DaemonError> {
    if !is_root() {
        return Err(DaemonError::NeedsRoot { verb: "start" });
    }
    let folder = Folder::create()?;
    let _lock = folder.lock()?;
    leftovers::note_what_is_there(&folder)?;
    let mut failed = Vec::new();
    for one in Baseline::ALL {
        let wanted = match named.is_empty() {
            true => starts(one),
            false => named.contains(&one),
        };
        if wanted && !start_one(&folder, one, say)? {
            failed.push(one);
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(DaemonError::NotStarted(failed)),
    }
}

/// Whether there can be something to start.
fn starts(one: Baseline) -> bool {
    one == Baseline::Crun || one.socket_name().is_some()
}

fn start_one(folder: &Folder, one: Baseline, say: Say<'_>) -> Result<bool, DaemonError> {
    if let Some(program) = one.missing() {
        let install = one.install();
        say(&format!("{one}: {program} is not installed: {install}"));
        return Ok(false);
    }
    let Some(driver) = Driver::of(one) else {
        if one == Baseline::Crun {
            crun::start(folder, say)?;
        } else {
            say(&format!("{one}: nothing to start"));
        }
        return Ok(true);
    };
    if let Ok(Some(process)) = folder.running(one) {
        let pid = process.pid();
        if (driver.answers)(folder) {
            say(&format!("{one}: running already, pid {pid}"));
            return Ok(true);
        }
        // A second one would not get the state of the first.
        say(&format!(
            "{one}: runs (pid {pid}) and does not answer: sudo assay baselines stop {one}, then start it again"
        ));
        return Ok(false);
    }
    (driver.start)(folder, say)
}
