//! `assay baselines`: the private daemons of the container arms.

use crate::args::{BaselinesVerb, StatusArgs};
use crate::console::put;
use crate::exit::Failure;
use crate::table::Table;
use assay_baselines::daemons::{self, DaemonError};

/// Carries it out.
///
/// # Errors
/// [`Failure::EngineMissing`] when a named engine is not ready; see [`Failure`].
pub fn run(verb: &BaselinesVerb) -> Result<(), Failure> {
    let mut say = |line: &str| eprintln!("{line}");
    match verb {
        BaselinesVerb::Start(named) => daemons::start(&named.engines, &mut say).map_err(failed),
        BaselinesVerb::Stop(named) => daemons::stop(&named.engines, &mut say).map_err(failed),
        BaselinesVerb::Status(args) => status(args),
    }
}

fn failed(error: DaemonError) -> Failure {
    match error {
        DaemonError::NeedsRoot { .. } | DaemonError::TooLong(_) | DaemonError::NotOurs(_) => {
            Failure::Usage(error.to_string())
        }
        DaemonError::NotStarted(_) => Failure::EngineMissing(error.to_string()),
        other => Failure::internal(other),
    }
}

/// Prints a line for each engine. Whoever names engines needs them.
fn status(args: &StatusArgs) -> Result<(), Failure> {
    let all = daemons::status(&args.named.engines);
    let mut table = Table::new(&["engine", "state", "pid", "socket", "version", "remedy"]);
    for one in &all {
        let socket = one.socket.as_ref().map(|path| path.display().to_string());
        table.row(vec![
            one.baseline.to_string(),
            one.state.to_string(),
            one.pid.map(|pid| pid.to_string()).unwrap_or_default(),
            socket.unwrap_or_default(),
            one.version.clone().unwrap_or_default(),
            one.remedy.clone().unwrap_or_default(),
        ]);
    }
    put(&table.render(args.format))?;
    let lacking = all.iter().filter(|one| !one.state.is_ready());
    let lacking: Vec<&str> = lacking.map(|one| one.baseline.name()).collect();
    match args.named.engines.is_empty() || lacking.is_empty() {
        true => Ok(()),
        false => Err(Failure::EngineMissing(format!(
            "these engines are not ready, see above: {}",
            lacking.join(" ")
        ))),
    }
}
