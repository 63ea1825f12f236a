//! What is added is one file and one line.
//!
//! For some kinds of things "Where to add what" in `ARCHITECTURE.md` promises
//! that a new one costs a file and a line in a table. A file that its table does
//! not name is not compiled, and the compiler does not say so.

use crate::source::Target;
use crate::workspace::{relative, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

struct Table {
    /// A file for each.
    folder: &'static str,
    /// Where each has its line.
    table: &'static str,
    /// What a file's constant is called.
    constant: &'static str,
    /// Files of the folder that hold what the others share.
    shared: &'static [&'static str],
}

const TABLES: &[Table] = &[
    Table {
        folder: "baselines/src/oci/runtimes",
        table: "baselines/src/oci/runtimes/mod.rs",
        constant: "RUNTIME",
        shared: &["mod"],
    },
    Table {
        folder: "harness/arms/src/wasmtime/engine",
        table: "harness/arms/src/wasmtime/engine.rs",
        constant: "ENGINE",
        shared: &["kept"],
    },
    Table {
        folder: "harness/engine/src/config",
        table: "harness/engine/src/config.rs",
        constant: "CONFIG",
        shared: &["named"],
    },
    Table {
        folder: "reports/src/claims",
        table: "reports/src/claims/mod.rs",
        constant: "CLAIMS",
        shared: &["mod", "claim"],
    },
];

/// The stems of the files of a folder.
fn stems(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let files = entries.map(|entry| entry.unwrap().path());
    let sources = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    sources.map(|path| stem(&path)).collect()
}

#[test]
fn each_file_of_a_table_has_its_line() {
    let mut wrong = Vec::new();
    for table in TABLES {
        let text = fs::read_to_string(root().join(table.table)).unwrap();
        let mut stems = stems(&root().join(table.folder));
        for shared in table.shared {
            assert!(stems.remove(*shared), "{}: no {shared}.rs", table.folder);
        }
        assert!(stems.len() > 1, "{}: {stems:?}", table.folder);
        for stem in stems {
            let line = format!("{stem}::{}", table.constant);
            let found = text.matches(&line).count();
            if found != 1 {
                wrong.push(format!("{}: {found} × {line}", table.table));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files in which the name of an OCI runtime stands beside the runtime's own.
const NAME_RUNTIMES: &[&str] = &[
    // What installs them, and what an engine above them needs.
    "baselines/src/daemons/baseline.rs",
    // Which processes a private daemon leaves behind.
    "baselines/src/daemons/leftovers.rs",
];

#[test]
fn an_oci_runtime_is_named_in_its_own_file() {
    let target = Target::read(&root().join("baselines/src/lib.rs"));
    let own = "baselines/src/oci/runtimes/";
    let file = |index: usize| relative(&target.files[index]);
    let names: BTreeSet<&str> = stems(&root().join(own))
        .iter()
        .filter(|stem| *stem != "mod")
        .map(|stem| {
            let literals = target.literals.iter();
            let here = format!("{own}{stem}.rs");
            // The id comes first in each of them.
            let mut of_it = literals.filter(|literal| file(literal.file) == here);
            of_it.next().unwrap().text.as_str()
        })
        .collect();
    assert!(names.contains("crun"), "{names:?}");
    let elsewhere: BTreeSet<String> = target
        .literals
        .iter()
        .filter(|literal| names.contains(literal.text.as_str()))
        .map(|literal| file(literal.file))
        .filter(|file| !file.starts_with(own))
        .collect();
    let known: BTreeSet<String> = NAME_RUNTIMES.iter().map(|&file| file.to_owned()).collect();
    assert_eq!(elsewhere, known);
}
