//! The main job: verify, measure, report.

pub(crate) mod new_record;
mod origin;

use crate::args::RunArgs;
use crate::exit::Failure;
use crate::progress::Narrator;
use crate::select::Part;
use crate::{console, programs, select, tool};
use assay_arms::{Arm, Lab};
use assay_build::{Binaries, Built, Programs};
use assay_measure::{Arms, MeasureError, Origin, Recorder, Selection, Verdicts};
use assay_model::record::{Covered, Manifest, RecordWriter, SCHEMA, WorkloadReceipt};
use assay_model::{ArmId, ArmReceipt, Availability, CaseId, MeasureSet, Plan, Profile, Record};
use assay_observe::fingerprint;
use assay_reports::analyse::Analysis;
use assay_workloads::{Catalog, Workload};
use new_record::NewRecord;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Does the job and leaves a record; with a `suite`, on its programs.
///
/// # Errors
/// See [`Failure`].
pub fn run(args: &RunArgs, measures: MeasureSet, suite: Option<&Path>) -> Result<(), Failure> {
    let job = Job::new(args, measures, suite)?;
    let new_record = NewRecord::choose(args.out.as_deref())?;
    let programs = job.programs()?;
    let found = programs::find_or_build(&job.catalog, &programs, job.cancel())?;
    let done = job.carry_out(&new_record, found)?;
    console::put(&done.summary)?;
    fail_on_failures(&done.verdicts)
}

/// What the user asked for, found to be possible as far as that can be told
/// before anything is built.
pub(crate) struct Job<'a> {
    args: &'a RunArgs,
    measures: MeasureSet,
    arms: Vec<Box<dyn Arm>>,
    pub(crate) catalog: Catalog,
    /// The catalog is somebody's suite, which has no controls of ours.
    suite: bool,
    cancel: Arc<AtomicBool>,
}

/// A job that was carried out.
pub(crate) struct Done {
    pub(crate) record: Record,
    /// For stdout.
    pub(crate) summary: String,
    pub(crate) verdicts: Verdicts,
}

impl<'a> Job<'a> {
    /// # Errors
    /// A wrong name is usage.
    pub(crate) fn new(
        args: &'a RunArgs,
        measures: MeasureSet,
        suite: Option<&Path>,
    ) -> Result<Job<'a>, Failure> {
        let cancel = interruptible()?;
        let arms = select::all_arms(args.profile)?;
        let known: Vec<&str> = arms.iter().map(|arm| arm.id().as_str()).collect();
        select::required(&known, &args.require)?;
        let mut chosen = select::arms(&known, &args.arms)?;
        if measures != MeasureSet::VERIFICATION && args.arms.is_empty() {
            // What is only verified costs a build of its own; whoever wants it
            // beside figures names it.
            chosen.retain(|&index| arms[index].facts().untimed.is_none());
        }
        if args.profile == Profile::Smoke && args.arms.is_empty() {
            // So do twins that are linked once more, and containers take most
            // of the time.
            chosen.retain(|&index| {
                let arm = &arms[index];
                !arm.facts().is_variation() || args.require.iter().any(|id| id == arm.id().as_str())
            });
        }
        let catalog = match suite {
            Some(directory) => crate::suite::catalog(directory)?,
            None => select::catalog(args.catalog.as_deref(), &arms)?,
        };
        select::cases(&catalog, &args.workloads)?;
        Ok(Job {
            args,
            measures,
            arms: keep(arms, &chosen),
            catalog,
            suite: suite.is_some(),
            cancel,
        })
    }

    /// The programs that its arms start for its workloads.
    ///
    /// # Errors
    /// When its cases cannot be chosen.
    pub(crate) fn programs(&self) -> Result<Programs, Failure> {
        let cases = self.cases()?;
        let workloads = cases.iter().map(|(workload, _)| *workload);
        // The rest runs on arms that trace: none of these starts a twin.
        let on_all = workloads.filter(|workload| self.part(workload) != Some(Part::Covering));
        let on_all: Vec<&Workload> = on_all.collect();
        Ok(programs::needed(&self.arms, &on_all))
    }

    /// The flag that Ctrl-C sets.
    pub(crate) fn cancel(&self) -> &Arc<AtomicBool> {
        &self.cancel
    }

    fn cases(&self) -> Result<Vec<(&Workload, CaseId)>, Failure> {
        let args = self.args;
        let mut cases = select::selected(&self.catalog, &args.workloads)?;
        cases.retain(|(workload, _)| self.part(workload).is_some());
        if let Some(shard) = args.shard {
            shard.keep(&mut cases)?;
        }
        // Every part has them: none is believed that catches nothing.
        if self.measures == MeasureSet::VERIFICATION && !self.suite {
            select::with_controls(&self.catalog, &mut cases);
        }
        Ok(cases)
    }

    /// Whether this is the main job at its smallest size, which has to fit in a
    /// minute: it takes a part of the fixed set.
    fn is_smallest(&self) -> bool {
        self.args.profile == Profile::Smoke
            && self.measures == MeasureSet::ALL
            && self.args.workloads.is_empty()
    }

    /// How much of a workload is done, if it is taken.
    fn part(&self, workload: &Workload) -> Option<Part> {
        match self.is_smallest() {
            true => Part::in_smallest(workload),
            false => Some(Part::Full),
        }
    }

    fn plan(
        &self,
        seed: u64,
        cases: &[(&Workload, CaseId)],
        receipts: &[ArmReceipt],
        emulated: bool,
    ) -> Plan {
        let arms = &self.arms;
        let works = |id: &ArmId| {
            receipts
                .iter()
                .any(|receipt| receipt.id == *id && receipt.availability.is_available())
        };
        let of = |part| {
            let cases = cases.iter().cloned();
            let own = cases.filter(|(workload, _)| self.part(workload) == Some(part));
            own.collect()
        };
        assay_measure::plan(&Selection {
            profile: self.args.profile,
            emulated,
            seed,
            cases: of(Part::Full),
            decisive: of(Part::Decisive),
            covering: of(Part::Covering),
            catalog: &self.catalog,
            available: arms
                .iter()
                .map(AsRef::as_ref)
                .filter(|arm| works(arm.id()))
                .collect(),
            unavailable: arms
                .iter()
                .map(|arm| arm.id())
                .filter(|id| !works(id))
                .cloned()
                .collect(),
            measures: self.measures,
        })
    }

    /// Carries it out with these programs and leaves a record.
    ///
    /// # Errors
    /// See [`Failure`]. What failed in the programs is in the verdicts.
    pub(crate) fn carry_out(
        &self,
        new_record: &NewRecord,
        (binaries, built): (Binaries, Built),
    ) -> Result<Done, Failure> {
        let args = self.args;
        let cases = self.cases()?;
        let started = Instant::now();
        let mut lab = Lab::new(binaries, self.catalog.clone()).map_err(Failure::internal)?;
        let receipts: Vec<ArmReceipt> = self
            .arms
            .iter()
            .map(|arm| origin::annotated(arm.detect(&mut lab), &lab.binaries).receipt(arm.as_ref()))
            .collect();
        all_required(&receipts, &args.require)?;

        let seed = args.seed.unwrap_or_else(new_record::seed_from_clock);
        let emulated = lab.binaries.emulator().is_some();
        let plan = self.plan(seed, &cases, &receipts, emulated);
        let mut fingerprint = origin::of(fingerprint::collect(lab.scratch()), &lab.binaries);
        fingerprint.before = Some(fingerprint::sample());
        let mut manifest = Manifest {
            schema: SCHEMA,
            run_id: new_record.run_id.clone(),
            tool: tool::receipt(),
            started_at: new_record.started_at.clone(),
            finished_at: None,
            complete: false,
            wall_seconds: 0.0,
            build_seconds: built.took.as_secs_f64(),
            plan,
            arms: receipts,
            workloads: workloads(&self.catalog, &cases),
            coverage: Vec::new(),
            fingerprint,
            warnings: Vec::new(),
            merged: Vec::new(),
        };
        let writer = RecordWriter::create(&new_record.dir, &manifest).map_err(Failure::internal)?;
        let mut recorder = Recorder::new(
            writer,
            new_record.run_id.clone(),
            Origin {
                arch: lab.binaries.architecture().to_owned(),
                emulated: manifest.fingerprint.emulated.unwrap_or(false),
            },
            Arc::clone(&self.cancel),
            Box::new(Narrator::new()),
        );
        let jobs = args.jobs.unwrap_or_else(|| match emulated {
            false => processors(),
            // Deadlines are longer there, and whoever waits for one to pass
            // leaves a processor idle.
            true => processors().saturating_add(1),
        });
        let result = carry_out(&mut lab, &Arms(&self.arms), &manifest, &mut recorder, jobs);
        // Instances, containers and scratch files go before the report is made.
        drop(lab);

        if let Ok(verdicts) = &result {
            manifest.coverage = coverage(verdicts);
        }
        manifest.fingerprint.after = Some(fingerprint::sample());
        manifest.warnings = warnings(&manifest);
        manifest.complete = result.is_ok();
        manifest.finished_at = Some(new_record::now());
        manifest.wall_seconds = started.elapsed().as_secs_f64();
        recorder
            .writer()
            .manifest(&manifest)
            .map_err(Failure::internal)?;
        let record = Record::read(&new_record.dir).map_err(Failure::internal)?;
        let analysis = Analysis::of(&record);
        let report =
            assay_reports::write_all(&new_record.dir, &analysis).map_err(Failure::internal)?;
        // Of an interrupted run too.
        new_record.link_latest()?;
        let verdicts = match result {
            Ok(verdicts) => verdicts,
            Err(MeasureError::Cancelled(_)) => {
                eprintln!("the record so far is in {}", new_record.dir.display());
                return Err(Failure::Interrupted);
            }
            Err(error) => return Err(Failure::internal(error)),
        };
        let summary = console::summary(&analysis, args.format, args.verbose, &report)?;
        Ok(Done {
            record,
            summary,
            verdicts,
        })
    }
}

/// Ctrl-C and SIGTERM set a flag that is looked at between launches; a second
/// one ends the program at once, and its children end themselves.
pub fn interruptible() -> Result<Arc<AtomicBool>, Failure> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    let cancel = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let code = i32::from(crate::exit::INTERRUPTED);
        flag::register_conditional_shutdown(signal, code, Arc::clone(&cancel))
            .and_then(|_| flag::register(signal, Arc::clone(&cancel)))
            .map_err(Failure::internal)?;
    }
    Ok(cancel)
}

/// The arms at these places of the table.
pub fn keep(arms: Vec<Box<dyn Arm>>, chosen: &[usize]) -> Vec<Box<dyn Arm>> {
    (0..)
        .zip(arms)
        .filter(|(index, _)| chosen.contains(index))
        .map(|(_, arm)| arm)
        .collect()
}

fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn all_required(receipts: &[ArmReceipt], required: &[String]) -> Result<(), Failure> {
    let missing: Vec<String> = required
        .iter()
        .filter_map(|name| {
            let receipt = receipts.iter().find(|receipt| receipt.id.as_str() == name);
            match receipt.map(|receipt| &receipt.availability) {
                Some(Availability::Available { .. }) => None,
                Some(Availability::Unavailable { reason, remedy }) => {
                    Some(format!("  {name}: {reason}\n    to get it: {remedy}"))
                }
                None => Some(format!("  {name}: not selected by --arms")),
            }
        })
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::RequiredArmMissing(missing.join("\n"))),
    }
}

fn workloads(catalog: &Catalog, cases: &[(&Workload, CaseId)]) -> Vec<WorkloadReceipt> {
    cases
        .iter()
        .filter_map(|(workload, id)| {
            let case = catalog.case(id.as_str())?.case;
            let sources: Vec<&str> = case.sources().map(str::trim).collect();
            let withheld = case.setting.denied.iter();
            let pin = catalog.pin(workload);
            Some(WorkloadReceipt {
                id: id.clone(),
                world: workload.world.to_string(),
                component: pin.sha256.clone(),
                expected: case.expected().digest(),
                source: sources.join("\n"),
                size: Some(pin.bytes),
                language: workload.language.to_string(),
                tags: workload.tags.clone(),
                access: case.access,
                control: workload.control.is_some(),
                withheld: withheld.map(|group| group.as_str().to_owned()).collect(),
                compare: workload
                    .compare
                    .as_ref()
                    .map(|beside| beside.compare.clone()),
                per: case.per.clone(),
            })
        })
        .collect()
}

fn carry_out(
    lab: &mut Lab,
    arms: &Arms<'_>,
    manifest: &Manifest,
    recorder: &mut Recorder,
    jobs: NonZeroUsize,
) -> Result<Verdicts, MeasureError> {
    let plan = &manifest.plan;
    let unavailable: BTreeMap<ArmId, Availability> = manifest
        .arms
        .iter()
        .filter(|receipt| !receipt.availability.is_available())
        .map(|receipt| (receipt.id.clone(), receipt.availability.clone()))
        .collect();
    let verdicts = assay_measure::verify(lab, arms, &unavailable, plan, recorder, jobs)?;
    assay_measure::cold_start(lab, arms, plan, recorder)?;
    assay_measure::footprint(lab, arms, plan, recorder)?;
    assay_measure::density(lab, arms, plan, recorder)?;
    Ok(verdicts)
}

/// Every function of WASI 0.2 with the cases that called it; nothing where no
/// arm told.
fn coverage(verdicts: &Verdicts) -> Vec<Covered> {
    if verdicts.calls.is_empty() {
        return Vec::new();
    }
    assay_workloads::interface_functions()
        .map(|function| Covered {
            function: function.to_owned(),
            cases: verdicts.calls.get(function).copied().unwrap_or_default(),
        })
        .collect()
}

/// What a reader should know before trusting a figure, beyond what the
/// analysis itself finds in the samples and in the machine's own counters.
fn warnings(manifest: &Manifest) -> Vec<String> {
    let checks = manifest.built_for_checks().then(|| {
        "the programs were built for checks, without link-time optimization: their times, sizes \
         and memory do not count, and decide no claim"
            .to_owned()
    });
    let governor = manifest.fingerprint.governor.as_deref();
    let governor = governor.filter(|&name| name != "performance").map(|name| {
        format!("the frequency governor is '{name}': set it to 'performance' for stable figures")
    });
    checks.into_iter().chain(governor).collect()
}

fn fail_on_failures(verdicts: &Verdicts) -> Result<(), Failure> {
    match tell_failures(verdicts, "") {
        0 => Ok(()),
        count => Err(Failure::Conformance(count)),
    }
}

/// Says on stderr which cells failed, and how many they are.
pub(crate) fn tell_failures(verdicts: &Verdicts, place: &str) -> usize {
    let mut failures = 0;
    for (cell, state, detail) in verdicts.failures() {
        eprintln!(
            "{state}: {} on {}{place}: {detail}",
            cell.workload, cell.arm
        );
        failures += 1;
    }
    failures
}
