//! No room uses one that is above it.
//!
//! The table is the drawing of "Rooms" in `ARCHITECTURE.md`, from the bottom up.
//! Dependencies of tests count as others do.

use crate::workspace::{packages, root};
use std::collections::{BTreeMap, BTreeSet};

/// A room: its package or, with `*`, packages; and the rooms that it may use.
struct Room {
    packages: &'static str,
    may_use: &'static [&'static str],
}

const fn room(packages: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { packages, may_use }
}

/// Linked into what is measured: these stay small, and know nothing of plans.
const MEASURED: &[&str] = &["assay-wire", "assay-load", "assay-engine"];

/// What every room of the harness may use.
const GROUND: &[&str] = &[
    "assay-model",
    "assay-stats",
    "assay-wire",
    "assay-load",
    "assay-observe",
    "assay-stage",
];

/// Each room may use only what its row names, besides the crates of others.
const ROOMS: &[Room] = &[
    // Ground. `model` knows neither the operating system nor an engine, `stats`
    // knows slices of numbers, and `wire` depends on no other room.
    room("assay-model", &[]),
    room("assay-stats", &[]),
    room("assay-wire", &[]),
    room("assay-load", &["assay-wire"]),
    room("assay-observe", &["assay-model"]),
    room("assay-stage", &["assay-model"]),
    // What is measured, and the launcher beside it: one process each. They are
    // asked over sockets and linked into nothing.
    room("assay-engine", &["assay-wire"]),
    room("assay-runner", MEASURED),
    room("assay-runner-http", &["assay-engine", "assay-runner"]),
    room(
        "assay-worker",
        &["assay-wire", "assay-engine", "assay-runner"],
    ),
    room("assay-launcher", MEASURED),
    room("assay-youki", &[]),
    room("assay-containerd", &[]),
    room("assay-docker", &[]),
    room("assay-microvm", &[]),
    room("containerd-shim-assay", MEASURED),
    // Guests use each other: a program and the library of its two forms.
    room("assay-guests-*", &["assay-guests-*"]),
    // Pins the source of SQLite, which a guest in C is built from.
    room("amalgamation", &[]),
    // The harness.
    room("assay-workloads", GROUND),
    room("assay-build", &["ground", "assay-workloads"]),
    room("assay-arms", &["ground", "assay-workloads", "assay-build"]),
    room(
        "assay-baselines",
        &["ground", "assay-workloads", "assay-build", "assay-arms"],
    ),
    // Which arms exist is not known to what measures them.
    room(
        "assay-measure",
        &["ground", "assay-workloads", "assay-build", "assay-arms"],
    ),
    // What reads a record needs nothing that made it.
    room("assay-reports", GROUND),
    room(
        "assay",
        &[
            "ground",
            "assay-workloads",
            "assay-build",
            "assay-arms",
            "assay-baselines",
            "assay-measure",
            "assay-reports",
        ],
    ),
    room(
        "assay-benches",
        &[
            "ground",
            "assay-workloads",
            "assay-build",
            "assay-arms",
            "assay-baselines",
        ],
    ),
    room("assay-structure", &[]),
];

/// Dependencies that break the table, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "assay-youki",
        "assay-baselines",
        "its tests start containers from the bundles that the arm starts them from",
    ),
    ("assay-guests-cli", "assay-workloads", CASES),
    ("assay-guests-cli", "assay-model", CASES),
    ("assay-guests-http", "assay-workloads", CASES),
    ("assay-guests-http", "assay-model", CASES),
];

const CASES: &str = "its tests hold the native twins to the cases of their definitions";

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

fn room_of(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| matches(room.packages, name))
}

fn may_use(room: &Room, name: &str) -> bool {
    room.may_use.iter().any(|allowed| match *allowed {
        "ground" => GROUND.contains(&name),
        allowed => matches(allowed, name),
    })
}

/// Every name under `dependencies`, `dev-dependencies` and
/// `build-dependencies`, of every platform, with the package it means.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else {
            continue;
        };
        if key.ends_with("dependencies") {
            found.extend(table.iter().map(|(name, dependency)| {
                let package = dependency.get("package");
                package
                    .map_or(name.as_str(), |name| name.as_str().unwrap())
                    .to_owned()
            }));
        } else if key == "target" {
            let platforms = table.values().filter_map(toml::Value::as_table);
            found.extend(platforms.flat_map(dependencies));
        }
    }
    found
}

/// What breaks the table in these packages, given by name and manifest.
fn wrong(packages: &BTreeMap<&str, &toml::Table>) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for (&name, manifest) in packages {
        let room = room_of(name);
        let ours = dependencies(manifest)
            .into_iter()
            // A package may name itself, to turn on a feature for its tests.
            .filter(|used| used != name && packages.contains_key(used.as_str()));
        wrong.extend(
            ours.filter(|used| !room.is_some_and(|room| may_use(room, used)))
                .map(|used| (name.to_owned(), used)),
        );
    }
    wrong
}

#[test]
fn no_room_uses_one_above_it() {
    let packages = packages();
    let manifests = packages.iter().map(|p| (p.name(), &p.manifest)).collect();
    let mut found = wrong(&manifests);
    let mut complaints = Vec::new();
    for (user, used, _reason) in EXCEPTIONS {
        let before = found.len();
        found.retain(|(a, b)| (a, b) != (&(*user).to_owned(), &(*used).to_owned()));
        if found.len() == before {
            complaints.push(format!("{user} does not use {used} any more: no exception"));
        }
    }
    for (user, used) in found {
        complaints.push(format!("{user} must not use {used}"));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_package_has_a_room() {
    let architecture = std::fs::read_to_string(root().join("harness/ARCHITECTURE.md")).unwrap();
    for package in packages() {
        let name = package.name();
        assert!(room_of(name).is_some(), "{name} is in no room of the table");
        // Rows of ARCHITECTURE.md name folders, some of them with all below.
        let mut folder = package.folder.as_str();
        while !architecture.contains(&format!("`{folder}`"))
            && !architecture.contains(&format!("`{folder}/*`"))
        {
            let (above, _) = folder.rsplit_once('/').unwrap_or_else(|| {
                panic!("ARCHITECTURE.md has no room for {}", package.folder);
            });
            folder = above;
        }
    }
}

#[test]
fn a_dependency_upwards_is_found_wherever_it_is_written() {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap();
    let arms = parse("");
    for (text, expected) in [
        ("[dependencies]\nassay-arms.workspace = true", true),
        ("[dev-dependencies]\nassay-arms = { path = '.' }", true),
        (
            "[dependencies]\narms = { package = 'assay-arms', path = '.' }",
            true,
        ),
        (
            "[target.'cfg(unix)'.build-dependencies]\nassay-arms = '1'",
            true,
        ),
        ("[dependencies]\nserde = '1'", false),
    ] {
        let model = parse(text);
        let packages = BTreeMap::from([("assay-arms", &arms), ("assay-model", &model)]);
        assert_eq!(!wrong(&packages).is_empty(), expected, "{text}");
        let packages = BTreeMap::from([("assay-arms", &arms), ("assay-measure", &model)]);
        assert_eq!(wrong(&packages), [], "{text}");
    }
}
