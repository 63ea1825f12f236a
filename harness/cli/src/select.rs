//! Choosing arms and workloads.

use crate::exit::Failure;
use assay_arms::Arm;
use assay_model::{ArmFacts, Profile};
use assay_workloads::{
    Catalog, ComponentError, SelectError, Workload, glob_matches, is_glob, nearest,
};
use std::collections::BTreeSet;
use std::path::Path;

/// The table of arms: a new one is one line here, or in that of its kind.
///
/// # Errors
/// Never with the ids that are written in the rooms.
pub fn all_arms(profile: Profile) -> Result<Vec<Box<dyn Arm>>, Failure> {
    use assay_arms::wasmtime;
    use assay_baselines::{ContainerdShim, Ctr, Docker, MicroVm, Native, Oci, Public, Tier};
    let ctr = |tier| -> Result<Box<dyn Arm>, Failure> {
        Ok(Box::new(Ctr::new(tier).map_err(Failure::internal)?))
    };
    let docker = |tier| -> Result<Box<dyn Arm>, Failure> {
        Ok(Box::new(Docker::api(tier).map_err(Failure::internal)?))
    };
    let scratch = Tier::Scratch;
    let pool = assay_measure::Selection::pool(profile);
    let patient = profile == Profile::Nightly;
    let mut arms: Vec<Box<dyn Arm>> = vec![
        Box::new(Native::new().map_err(Failure::internal)?),
        Box::new(Native::dynamic().map_err(Failure::internal)?),
    ];
    for arm in Oci::all().map_err(Failure::internal)? {
        arms.push(Box::new(arm));
    }
    let others: Vec<Box<dyn Arm>> = vec![
        ctr(scratch)?,
        ctr(Tier::DebianSlim)?,
        ctr(Tier::Typical)?,
        Box::new(ContainerdShim::new().map_err(Failure::internal)?),
        docker(scratch)?,
        docker(Tier::DebianSlim)?,
        docker(Tier::Typical)?,
        docker(Tier::Public(Public::Static))?,
        docker(Tier::Public(Public::Debian))?,
        docker(Tier::Public(Public::Python))?,
        docker(Tier::Public(Public::Node))?,
        Box::new(
            Docker::api(scratch)
                .and_then(Docker::bridged)
                .map_err(Failure::internal)?,
        ),
        Box::new(Docker::cli(scratch).map_err(Failure::internal)?),
        Box::new(Docker::podman(scratch).map_err(Failure::internal)?),
        Box::new(Docker::podman_cli(scratch).map_err(Failure::internal)?),
        Box::new(MicroVm::new().map_err(Failure::internal)?),
        Box::new(wasmtime::aot()),
        Box::new(wasmtime::jit().patient(patient)),
    ];
    arms.extend(others);
    for arm in wasmtime::Resident::all(pool) {
        arms.push(Box::new(arm.patient(patient)));
    }
    Ok(arms)
}

/// The indexes of the arms that any pattern names; all without a pattern.
///
/// # Errors
/// An unknown literal name is usage, a glob without a match selects nothing.
pub fn arms(known: &[&str], patterns: &[String]) -> Result<Vec<usize>, Failure> {
    for pattern in patterns {
        let hit = |name: &&str| glob_or_name(pattern, name);
        if known.iter().any(hit) {
            continue;
        }
        return Err(match is_glob(pattern) {
            true => Failure::NothingSelected(format!(
                "no arm matches '{pattern}'; `assay list` shows them all"
            )),
            false => unknown_arm(pattern, known),
        });
    }
    let chosen = |name: &str| {
        patterns.is_empty() || patterns.iter().any(|pattern| glob_or_name(pattern, name))
    };
    Ok((0..)
        .zip(known)
        .filter(|(_, name)| chosen(name))
        .map(|(index, _)| index)
        .collect())
}

fn glob_or_name(pattern: &str, name: &str) -> bool {
    match is_glob(pattern) {
        true => glob_matches(pattern, name),
        false => pattern == name,
    }
}

/// The names in `--require`, which are literal.
///
/// # Errors
/// An unknown name is usage.
pub fn required(known: &[&str], names: &[String]) -> Result<(), Failure> {
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(unknown_arm(name, known)),
        None => Ok(()),
    }
}

fn unknown_arm(name: &str, known: &[&str]) -> Failure {
    let hint = match nearest(name, known.iter().copied()) {
        Some(candidate) => format!("did you mean '{candidate}'?"),
        None => format!("known: {}", known.join(", ")),
    };
    Failure::Usage(format!("unknown arm '{name}': {hint}"))
}

/// Loads the catalog.
///
/// # Errors
/// A wrong definition is usage; it names file and line.
pub fn catalog(directory: Option<&Path>, arms: &[Box<dyn Arm>]) -> Result<Catalog, Failure> {
    let directory = match directory {
        Some(named) => named.to_owned(),
        None => assay_workloads::locate().map_err(|error| Failure::Usage(error.to_string()))?,
    };
    let known: Vec<&ArmFacts> = arms.iter().map(|arm| arm.facts()).collect();
    let catalog = Catalog::load(&directory).map_err(|error| Failure::Usage(error.to_string()))?;
    catalog
        .check_arms(&known)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(catalog)
}

/// The selected cases. The components behind them are checked against their
/// pins here, before anything runs.
///
/// # Errors
/// An unknown literal name or a wrong component is usage, a glob without a
/// match selects nothing.
pub fn cases<'c>(
    catalog: &'c Catalog,
    patterns: &[String],
) -> Result<Vec<(&'c Workload, assay_model::CaseId)>, Failure> {
    let selected = selected(catalog, patterns)?;
    let mut checked = BTreeSet::new();
    for (workload, _) in &selected {
        if !checked.insert(&workload.component) {
            continue;
        }
        match catalog.component(workload) {
            // Its cells are skipped, and say how to get it.
            Ok(_) | Err(ComponentError::NotBuilt { .. }) => {}
            Err(error) => return Err(Failure::Usage(error.to_string())),
        }
    }
    Ok(selected)
}

/// The selected cases, whose components were checked before.
///
/// # Errors
/// An unknown literal name is usage, a glob without a match selects nothing.
pub fn selected<'c>(
    catalog: &'c Catalog,
    patterns: &[String],
) -> Result<Vec<(&'c Workload, assay_model::CaseId)>, Failure> {
    let selected = catalog.select(patterns).map_err(|error| match error {
        SelectError::UnknownName { .. } => Failure::Usage(error.to_string()),
        SelectError::NoMatch { .. } => Failure::NothingSelected(error.to_string()),
    })?;
    Ok(selected
        .iter()
        .map(|chosen| (chosen.workload, chosen.case.id.clone()))
        .collect())
}

/// Adds the negative controls that were not selected: an outcome that agrees
/// shows nothing unless one that differs is seen.
pub fn with_controls<'c>(
    catalog: &'c Catalog,
    cases: &mut Vec<(&'c Workload, assay_model::CaseId)>,
) {
    let controls = catalog
        .cases()
        .filter(|case| case.workload.control.is_some());
    for control in controls {
        if !cases.iter().any(|(_, id)| *id == control.case.id) {
            cases.push((control.workload, control.case.id.clone()));
        }
    }
}

/// How much of a workload a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All that was asked for.
    Full,
    /// It is verified on an arm of each class, because a claim is judged by its
    /// outcomes.
    Decisive,
    /// It is verified on arms that note which functions of the host are called:
    /// such workloads together call every function that the others do not.
    Covering,
}

/// The tags of workloads that the smallest run takes, and how much it does of
/// them. The first that a workload has counts.
const SMALLEST: [(&str, Part); 3] = [
    ("smoke", Part::Full),
    ("claim", Part::Decisive),
    ("coverage", Part::Covering),
];

impl Part {
    /// What the main job does of a workload at its smallest size, which has to
    /// fit in a minute. `assay verify` and larger profiles take all of them.
    #[must_use]
    pub fn in_smallest(workload: &Workload) -> Option<Part> {
        let has = |wanted: &str| workload.tags.iter().any(|tag| tag == wanted);
        let found = SMALLEST.into_iter().find(|(tag, _)| has(tag));
        found.map(|(_, part)| part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["native", "wasmtime/aot", "wasmtime/jit"];

    fn pick(patterns: &[&str]) -> Result<Vec<usize>, u8> {
        let patterns: Vec<String> = patterns.iter().map(|&p| p.to_owned()).collect();
        arms(&KNOWN, &patterns).map_err(|failure| failure.code())
    }

    #[test]
    fn names_and_globs_select() {
        assert_eq!(pick(&[]), Ok(vec![0, 1, 2]));
        assert_eq!(pick(&["wasmtime/*"]), Ok(vec![1, 2]));
        assert_eq!(pick(&["native", "*jit"]), Ok(vec![0, 2]));
    }

    #[test]
    fn a_wrong_name_is_usage_and_an_empty_glob_is_nothing() {
        assert_eq!(pick(&["natve"]), Err(2));
        assert_eq!(pick(&["docker*"]), Err(4));
        let message = unknown_arm("natve", &KNOWN).to_string();
        assert!(message.contains("'native'"), "{message}");
    }
}
