//! All workloads of a directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay_model::{ArmFacts, EngineName};

use crate::component::{Component, ComponentError, Pin, read_lock};
use crate::definition::{self, Surroundings};
use crate::document::Document;
use crate::error::{CatalogError, DefinitionError, Problem};
use crate::files::FilesError;
use crate::nearest::hint;
use crate::place::{check_release, package};
use crate::workload::{Case, Twin, Workload};

/// Every stable function of WASI 0.2, `package/interface#function`, in the
/// order of names: what the fixed set is meant to call.
pub fn interface_functions() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("../interfaces.txt").lines();
    lines.filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// A chosen case and the workload it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// The case.
    pub case: &'a Case,
}

/// The workloads of a directory, checked, in the order of their ids. Clones
/// share them.
#[derive(Debug, Clone)]
pub struct Catalog {
    directory: PathBuf,
    workloads: Arc<[Workload]>,
    pins: Arc<BTreeMap<String, Pin>>,
    /// Components that are no files of a catalog, by name.
    held: BTreeMap<String, Arc<[u8]>>,
}

impl Catalog {
    /// Where the catalog of this repository is, for tests: the directory of
    /// this package at the time it was built. A program asks
    /// [`locate`](crate::locate).
    #[must_use]
    pub fn default_directory() -> &'static Path {
        package()
    }

    /// Loads `directory`: `catalog.toml`, `definitions/**/*.toml`, `fixtures/`,
    /// `components.lock`, `components/`. No component is unpacked yet.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file and line.
    pub fn load(directory: &Path) -> Result<Self, CatalogError> {
        check_release(directory)?;
        let pins = read_lock(directory)?;
        let definitions = directory.join("definitions");
        let mut files = Vec::new();
        find_definitions(&definitions, &mut files)?;
        // A directory lists its entries in any order; errors should not.
        files.sort();

        let fixtures = directory.join("fixtures");
        let around = Surroundings {
            fixtures: &fixtures,
            components: pins.keys().map(String::as_str).collect(),
        };
        let mut by_id: BTreeMap<String, Workload> = BTreeMap::new();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|source| CatalogError::Read {
                path: file.clone(),
                source,
            })?;
            let document = Document::new(file.clone(), text, "the definition");
            let workload = definition::parse(&document, &around)?;
            let id = workload.id.to_string();
            if let Some(first) = by_id.get(&id) {
                let problem = Problem::DuplicateId {
                    id,
                    other: first.file.display().to_string(),
                };
                return Err(DefinitionError {
                    file,
                    line: 1,
                    problem,
                }
                .into());
            }
            by_id.insert(id, workload);
        }
        if by_id.is_empty() {
            return Err(CatalogError::Empty { path: definitions });
        }
        drop(around);
        check_pairs(&by_id)?;
        Ok(Self {
            directory: directory.to_owned(),
            workloads: by_id.into_values().collect(),
            pins: pins.into(),
            held: BTreeMap::new(),
        })
    }

    /// A catalog made in memory: each workload with its component, whose hash
    /// becomes its pin. `source` says where they come from. Of workloads with
    /// the same id the last one stays.
    #[must_use]
    pub fn of(source: &str, workloads: Vec<(Workload, Vec<u8>)>) -> Self {
        let (mut pins, mut held) = (BTreeMap::new(), BTreeMap::new());
        let mut by_id = BTreeMap::new();
        for (workload, wasm) in workloads {
            let name = workload.component.clone();
            let pin = Pin::of_bytes(&name, &wasm, source, workload.file.clone());
            pins.insert(name.clone(), pin);
            held.insert(name, wasm.into());
            by_id.insert(workload.id.to_string(), workload);
        }
        Self {
            directory: PathBuf::new(),
            workloads: by_id.into_values().collect(),
            pins: pins.into(),
            held,
        }
    }

    /// The workloads in the order of their ids.
    #[must_use]
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// Every case of every workload, in the order of definition.
    pub fn cases(&self) -> impl Iterator<Item = Selected<'_>> {
        self.workloads.iter().flat_map(|workload| {
            workload
                .cases
                .iter()
                .map(move |case| Selected { workload, case })
        })
    }

    /// The case with exactly this id.
    #[must_use]
    pub fn case(&self, id: &str) -> Option<Selected<'_>> {
        self.cases()
            .find(|selected| selected.case.id.as_str() == id)
    }

    /// The workload with exactly this id.
    #[must_use]
    pub fn workload(&self, id: &str) -> Option<&Workload> {
        self.workloads
            .iter()
            .find(|workload| workload.id.as_str() == id)
    }

    /// A file or directory among the sources in other languages than Rust.
    ///
    /// # Errors
    /// When it is not there: an installed catalog may lack the sources.
    pub fn source(&self, relative: &str) -> Result<PathBuf, FilesError> {
        let path = self.directory.join("sources").join(relative);
        match path.exists() {
            true => Ok(path),
            false => Err(FilesError::missing(
                &path,
                "this catalog has no sources for twins; run from a checkout, or copy \
                 workloads/sources from one into the catalog",
            )),
        }
    }

    /// The native twins that cargo builds: packages and their binaries, each
    /// once, in the order of names.
    #[must_use]
    pub fn cargo_twins(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let twins = self.workloads.iter().filter_map(|workload| {
            let Twin::Cargo { package, bin } = &workload.twin else {
                return None;
            };
            Some((package.clone(), bin.clone()))
        });
        twins.unzip()
    }

    /// The pin of a workload's component.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "load refuses a definition whose component has no pin, and of makes one for each"
    )]
    pub fn pin(&self, workload: &Workload) -> &Pin {
        self.pins.get(&workload.component).expect("checked at load")
    }

    /// Every pin, in the order of names.
    pub fn pins(&self) -> impl Iterator<Item = &Pin> {
        self.pins.values()
    }

    /// The component of a workload, unpacked and compared with its pin.
    ///
    /// # Errors
    /// When its file is missing, damaged, or not the one that was pinned.
    pub fn component(&self, workload: &Workload) -> Result<Component, ComponentError> {
        let pin = self.pin(workload);
        match self.held.get(&workload.component) {
            Some(wasm) => Ok(pin.with_bytes(wasm)),
            None => pin.load(),
        }
    }

    /// Compares the arms that definitions speak of with those that exist.
    ///
    /// # Errors
    /// The first defect that no arm in `known` could have, with its file and
    /// line: an engine that nobody has, or facts that do not meet.
    pub fn check_arms(&self, known: &[&ArmFacts]) -> Result<(), DefinitionError> {
        for workload in self.workloads.iter() {
            for defect in &workload.known_defects {
                if known.iter().any(|facts| defect.on.selects(facts)) {
                    continue;
                }
                let engines: BTreeSet<&str> =
                    known.iter().map(|facts| facts.engine.as_str()).collect();
                let unknown = defect.on.engine.0.iter();
                let unknown = unknown
                    .map(EngineName::as_str)
                    .find(|name| !engines.contains(name));
                let problem = match unknown {
                    Some(name) => Problem::UnknownName {
                        kind: "engine".to_owned(),
                        name: name.to_owned(),
                        hint: hint(name, engines.iter().copied()),
                    },
                    None => Problem::BadValue {
                        key: "on".to_owned(),
                        why: "no arm has all of these facts".to_owned(),
                    },
                };
                return Err(DefinitionError {
                    file: workload.file.clone(),
                    line: defect.line,
                    problem,
                });
            }
        }
        Ok(())
    }
}

/// A workload that is set beside another one must find it, and the same cases
/// there.
fn check_pairs(by_id: &BTreeMap<String, Workload>) -> Result<(), DefinitionError> {
    for workload in by_id.values() {
        let Some(beside) = &workload.compare else {
            continue;
        };
        let with = beside.compare.with.as_str();
        let problem = match by_id.get(with) {
            None => Problem::UnknownName {
                kind: "workload".to_owned(),
                name: with.to_owned(),
                hint: hint(with, by_id.keys().map(String::as_str)),
            },
            Some(other) => match difference(workload, other) {
                Some(why) => Problem::BadValue {
                    key: "with".to_owned(),
                    why,
                },
                None => continue,
            },
        };
        return Err(DefinitionError {
            file: workload.file.clone(),
            line: beside.line,
            problem,
        });
    }
    Ok(())
}

/// Why two workloads cannot be set beside each other.
fn difference(one: &Workload, other: &Workload) -> Option<String> {
    if one.id == other.id {
        return Some("a workload cannot be compared with itself".to_owned());
    }
    if one.world.is_command() != other.world.is_command() {
        return Some(format!(
            "'{}' is for {}; a command and a handler have no cases in common",
            other.id, other.world
        ));
    }
    let names = |workload: &Workload| -> BTreeSet<String> {
        let names = workload.cases.iter().map(|case| case.id.case());
        names
            .map(|name| name.unwrap_or_default().to_owned())
            .collect()
    };
    let (ours, theirs) = (names(one), names(other));
    let alone = ours.symmetric_difference(&theirs).next()?;
    let lacks = if ours.contains(alone) { other } else { one };
    Some(format!(
        "both must have the same cases, but '{}' lacks '{alone}'",
        lacks.id
    ))
}

fn find_definitions(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), CatalogError> {
    let unreadable = |source| CatalogError::Read {
        path: directory.to_owned(),
        source,
    };
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            find_definitions(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    Ok(())
}
