//! `assay exec`: somebody's component, on every arm that can hold it.

mod arguments;
mod expectation;
mod surroundings;

pub use arguments::ExecArgs;

use crate::binary::{self, Contents};
use crate::exit::Failure;
use crate::table::Table;
use crate::{args::Format, console, job, programs, select};
use arguments::Side;
use assay_arms::{Arm, ArmError, Ended, Lab};
use assay_model::outcome::{AnswerEnd, Observed};
use assay_model::{ArmId, Availability, CaseId, Digest, ExitClass, Outcome, Profile, StderrPolicy};
use assay_workloads::{Catalog, Workload, World};
use expectation::Expectation;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::Ordering;
use surroundings::Surroundings;

/// The id of the only case of such a run.
const ID: &str = "exec/component";

/// Runs the component and compares what came of it.
///
/// # Errors
/// See [`Failure`].
pub fn run(args: &ExecArgs) -> Result<(), Failure> {
    let cancel = job::interruptible()?;
    let arms = select::all_arms(Profile::Smoke)?;
    let known: Vec<&str> = arms.iter().map(|arm| arm.id().as_str()).collect();
    let chosen = select::arms(&known, &args.arms)?;
    let (wasm, world) = component(&args.file, args.world)?;
    let stdin = stdin(args)?;
    let around = Surroundings::of(args, world, stdin)?;
    let inputs = around.inputs.clone();
    let path = expectation::path_for(&args.file);
    let recorded = match args.record {
        true => None,
        false => Expectation::read(&path)?,
    };
    let sha256 = Digest::of(&wasm);
    let recorded = recorded.filter(|recorded| comparable(recorded, &path, &inputs, &sha256));

    let id: CaseId = ID.parse().map_err(Failure::internal)?;
    let mut workload = Workload::ad_hoc(id.clone(), world, args.deadline, args.file.clone())
        .with_case(id, around.setting, around.action);
    // The component's name is what the program is told as its own.
    if let Some(name) = args.file.file_name() {
        workload.component = name.to_string_lossy().into_owned();
    }
    let source = args.file.display().to_string();
    let catalog = Catalog::of(&source, vec![(workload.clone(), wasm)]);
    let arms = job::keep(arms, &chosen);
    let needed = programs::needed(&arms, &[&workload]);
    let (binaries, _) = programs::find_or_build(&catalog, &needed, &cancel)?;
    let mut lab = Lab::new(binaries, catalog).map_err(Failure::internal)?;
    let mut rows = Vec::new();
    for arm in arms {
        if cancel.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        rows.push(Row::of(&mut lab, arm.as_ref(), &workload));
    }
    drop(lab);
    if cancel.load(Ordering::Relaxed) {
        return Err(Failure::Interrupted);
    }

    let expected = recorded.as_ref().map(Expectation::outcome);
    let verdict = compare(&mut rows, expected.as_ref());
    show(&rows)?;
    if args.record {
        let agreed: Vec<&Row> = rows.iter().filter(|row| row.end.is_some()).collect();
        let agree = agreed.windows(2).all(|pair| match pair {
            [a, b] => a.outcome() == b.outcome(),
            _ => true,
        });
        let first = agreed.first().and_then(|row| row.end.as_ref());
        let (Some(observed), true) = (first, agree) else {
            return Err(Failure::Outcome(
                "not recorded: the arms do not agree on an outcome".to_owned(),
            ));
        };
        let names = agreed.iter().map(|row| row.arm.to_string()).collect();
        Expectation::new(sha256, world, names, inputs, observed)?.write(&path)?;
        eprintln!("recorded in {}", path.display());
    }
    verdict
}

/// The component in a file, and the world it is run in.
fn component(file: &Path, side: Option<Side>) -> Result<(Vec<u8>, World), Failure> {
    let usage = |why: String| Failure::Usage(format!("{}: {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| usage(error.to_string()))?;
    let wasm = binary::binary(&bytes).map_err(usage)?;
    let worlds = match binary::contents(&wasm).map_err(usage)? {
        Contents::Component(worlds) => worlds,
        Contents::Module(imports) if imports.contains(binary::PREVIEW_1) => {
            return Err(usage(
                "this is a core module for WASI preview 1, not a component; convert it with \
                 `wasm-tools component new` and Wasmtime's adapter"
                    .to_owned(),
            ));
        }
        Contents::Module(_) => {
            return Err(usage("this is a core module, not a component".to_owned()));
        }
    };
    let fits = |world: &World| side.is_none_or(|side| side.is(*world));
    let mut fitting = worlds.iter().copied().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(world), None) => Ok((wasm, world)),
        (Some(_), Some(_)) => Err(usage(
            "this component exports the entry points of several worlds; choose one with --world"
                .to_owned(),
        )),
        (None, _) if worlds.is_empty() => Err(usage(
            "this component exports neither wasi:cli/run nor an HTTP handler \
             (wasi:http/incoming-handler@0.2, wasi:http/handler@0.3)"
                .to_owned(),
        )),
        (None, _) => {
            let names: Vec<&str> = worlds.iter().map(|world| world.as_str()).collect();
            let names = names.join(", ");
            Err(usage(format!(
                "this component does not export that world; it exports {names}"
            )))
        }
    }
}

fn stdin(args: &ExecArgs) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match args.stdin.as_deref() {
        None => {}
        Some(path) if path == Path::new("-") => {
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::Usage(format!("stdin: {error}")))?;
        }
        Some(path) => {
            bytes = std::fs::read(path)
                .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        }
    }
    Ok(bytes)
}

/// Whether what was recorded can be compared with this run; says why not.
fn comparable(
    recorded: &Expectation,
    path: &Path,
    inputs: &surroundings::Inputs,
    sha256: &Digest,
) -> bool {
    let path = path.display();
    if recorded.inputs != *inputs {
        eprintln!(
            "{path} was recorded with different inputs or grants, so the outcome is not compared \
             with it"
        );
        return false;
    }
    if recorded.component != sha256.as_str() {
        eprintln!("{path} was recorded from a different component; the outcome is compared anyway");
    }
    true
}

/// What one arm came to.
struct Row {
    arm: ArmId,
    /// `ok`, `err`, `trap`, `differs`, `timeout`, `crash`, `unsupported`,
    /// `skipped`.
    state: &'static str,
    /// What was seen, if the program ended in some way.
    end: Option<Observed>,
    detail: String,
}

impl Row {
    fn of(lab: &mut Lab, arm: &dyn Arm, workload: &Workload) -> Row {
        let row = |state, end, detail: String| Row {
            arm: arm.id().clone(),
            state,
            end,
            detail,
        };
        let Some(case) = workload.cases.first() else {
            return row("skipped", None, "there is no case".to_owned());
        };
        let ran = arm.prepare(lab, workload).and_then(|mut prepared| {
            assay_measure::run_case(lab, prepared.as_mut(), workload, case)
        });
        match ran.map(|staged| staged.ended) {
            Ok(Ended::Outcome(observed)) => row(ended(&observed), Some(observed), String::new()),
            Ok(Ended::TimedOut) => {
                let after = format!("still running after {:?}", workload.deadline);
                row("timeout", None, after)
            }
            Ok(Ended::Crashed(why)) => row("crash", None, why),
            Err(ArmError::Absent(absent)) => row("unsupported", None, absent.to_string()),
            // An arm that is not there is no fault of the component's.
            Err(error) => match arm.detect(lab).availability {
                Availability::Available { .. } => row("crash", None, error.to_string()),
                Availability::Unavailable { reason, .. } => row("skipped", None, reason),
            },
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        let observed = self.end.as_ref()?;
        Some(observed.outcome(&StderrPolicy::Ignore))
    }
}

/// How a program ended. A server is well if it answers, and with a status that
/// is not its host's for a program that trapped.
fn ended(observed: &Observed) -> &'static str {
    match observed.exit {
        Some(ExitClass::Ok) => return "ok",
        Some(ExitClass::Err) => return "err",
        Some(ExitClass::Trap) => return "trap",
        None => {}
    }
    let well = |answer: &assay_model::HttpOutcome| {
        answer.end == AnswerEnd::Complete && answer.status < 500
    };
    match !observed.http.is_empty() && observed.http.iter().all(well) {
        true => "ok",
        false => "err",
    }
}

/// Compares every outcome with the expected one, or with that of the first arm
/// that has one, and says whether all is well.
fn compare(rows: &mut [Row], expected: Option<&Outcome>) -> Result<(), Failure> {
    let first = rows.iter().find_map(Row::outcome);
    let reference = expected.or(first.as_ref()).cloned();
    let (mut ok, mut bad) = (0, Vec::new());
    for row in rows {
        if let (Some(reference), Some(outcome)) = (&reference, row.outcome())
            && let Some(difference) = reference.difference(&outcome)
        {
            row.state = "differs";
            row.detail = difference.to_string();
        }
        match row.state {
            "ok" => ok += 1,
            "unsupported" | "skipped" => {}
            _ => bad.push(format!("{} {}", row.arm, row.state)),
        }
    }
    match (ok, bad.is_empty()) {
        (0, true) => Err(Failure::Outcome(
            "no selected arm supports this component".to_owned(),
        )),
        (_, true) => Ok(()),
        (_, false) => Err(Failure::Outcome(format!(
            "some arms failed or had a different outcome: {}",
            bad.join(", ")
        ))),
    }
}

/// The guest's own output, once, and the table of arms.
fn show(rows: &[Row]) -> Result<(), Failure> {
    let ended = || rows.iter().filter(|row| row.end.is_some());
    let shown = ended().find(|row| row.state == "ok").or(ended().next());
    if let Some(observed) = shown.and_then(|row| row.end.as_ref()) {
        let answers = observed.http.iter().map(|answer| answer.body.as_slice());
        let bytes: Vec<&[u8]> = std::iter::once(observed.stdout.as_slice())
            .chain(answers)
            .collect();
        console::put_bytes(&bytes.concat())?;
        // A closed stderr leaves nobody to tell.
        let _ = std::io::stderr().write_all(&observed.stderr);
    }
    let mut table = Table::new(&["arm", "state", "exit", "outcome", "detail"]);
    for row in rows {
        let exit = row.end.as_ref().map(exit).unwrap_or_default();
        let digest = row.outcome().map(|outcome| outcome.digest());
        table.row(vec![
            row.arm.to_string(),
            row.state.to_owned(),
            exit,
            digest.map(|d| d.short().to_owned()).unwrap_or_default(),
            row.detail.lines().next().unwrap_or_default().to_owned(),
        ]);
    }
    eprint!("{}", table.render(Format::Table));
    Ok(())
}

fn exit(observed: &Observed) -> String {
    match observed.exit {
        Some(exit) => exit.to_string(),
        None => {
            let statuses = observed.http.iter().map(|answer| answer.status.to_string());
            statuses.collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(arm: &str, exit: ExitClass, stdout: &str) -> Row {
        let observed = Observed {
            exit: Some(exit),
            stdout: stdout.into(),
            ..Observed::default()
        };
        Row {
            arm: arm.parse().unwrap(),
            state: ended(&observed),
            end: Some(observed),
            detail: String::new(),
        }
    }

    fn without(arm: &str, state: &'static str) -> Row {
        Row {
            arm: arm.parse().unwrap(),
            state,
            end: None,
            detail: String::new(),
        }
    }

    fn code(mut rows: Vec<Row>) -> u8 {
        match compare(&mut rows, None) {
            Ok(()) => 0,
            Err(failure) => failure.code(),
        }
    }

    #[test]
    fn only_the_same_good_end_everywhere_is_well() {
        let ok = |arm| row(arm, ExitClass::Ok, "x");
        assert_eq!(code(vec![ok("a"), ok("b")]), 0);
        assert_eq!(code(vec![ok("a"), row("b", ExitClass::Ok, "y")]), 100);
        assert_eq!(code(vec![ok("a"), without("b", "timeout")]), 100);
        assert_eq!(code(vec![ok("a"), without("b", "crash")]), 100);
        for exit in [ExitClass::Err, ExitClass::Trap] {
            assert_eq!(code(vec![row("a", exit, ""), row("b", exit, "")]), 100);
        }
    }

    #[test]
    fn an_arm_that_cannot_hold_it_is_no_failure_where_another_can() {
        let unsupported = || without("b", "unsupported");
        assert_eq!(code(vec![unsupported(), row("a", ExitClass::Ok, "")]), 0);
        assert_eq!(code(vec![unsupported()]), 100);
    }

    #[test]
    fn every_outcome_is_held_against_the_recorded_one() {
        let recorded = row("a", ExitClass::Ok, "before").outcome().unwrap();
        let mut rows = vec![row("a", ExitClass::Ok, "after")];
        assert!(compare(&mut rows, Some(&recorded)).is_err());
        assert_eq!(rows[0].state, "differs");
        assert!(rows[0].detail.contains("after"), "{}", rows[0].detail);
        let mut rows = vec![row("a", ExitClass::Ok, "before")];
        assert!(compare(&mut rows, Some(&recorded)).is_ok());
    }

    #[test]
    fn a_server_that_trapped_is_not_well() {
        let answer = |status| Observed {
            http: vec![assay_model::HttpOutcome::new(status, [], vec![], [])],
            ..Observed::default()
        };
        assert_eq!(ended(&answer(404)), "ok");
        assert_eq!(ended(&answer(500)), "err");
        assert_eq!(ended(&Observed::default()), "err");
    }
}
