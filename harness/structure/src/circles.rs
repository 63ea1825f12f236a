//! No two files of a crate use each other.
//!
//! A file *uses* another one if its code names an item that the other one
//! defines, by whatever path: `crate::a::Item`, `super::Item`, or a name that a
//! module between them shows again. No uses are
//!
//! - the declaration of a module, `mod a;`;
//! - what is shown again under another path, `pub use a::Item;`, unless the file
//!   goes on to use the name itself;
//! - a module that is brought in, `use crate::a;`, or all that it has,
//!   `use crate::a::*;`, as long as nothing is named through it;
//! - the code of tests.
//!
//! So a module may declare its children and show their items to others. But
//! where it calls a child that uses an item of the module, that is a circle, as
//! it is between two children.

use crate::resolve::uses;
use crate::source::Target;
use crate::workspace::{Package, packages, relative};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// Uses that close a circle, each to go: a file, and the file that it uses.
const KNOWN: &[(&str, &str)] = &[
    // Guests whose components are pinned by their bytes.
    (
        "workloads/guests/capability/src/wasi/files.rs",
        "workloads/guests/capability/src/wasi.rs",
    ),
    (
        "workloads/guests/capability/src/wasi/sockets.rs",
        "workloads/guests/capability/src/wasi.rs",
    ),
    (
        "workloads/guests/capability/src/wasi/system.rs",
        "workloads/guests/capability/src/wasi.rs",
    ),
];

/// Every use of a target: which file uses which, and by what path.
type Uses = BTreeMap<(String, String), String>;

/// The root files of a package's targets.
fn roots(package: &Package) -> BTreeSet<PathBuf> {
    let folder = package.path();
    let mut roots: BTreeSet<PathBuf> = BTreeSet::new();
    for file in ["src/lib.rs", "src/main.rs"] {
        roots.insert(folder.join(file));
    }
    for inner in ["src/bin", "tests", "examples", "benches"] {
        let Ok(entries) = folder.join(inner).read_dir() else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            roots.insert(path.join("main.rs"));
            if path.extension().is_some_and(|extension| extension == "rs") {
                roots.insert(path);
            }
        }
    }
    let named = |kind| package.manifest.get(kind).into_iter();
    let tables = ["bin", "test", "example", "bench"]
        .into_iter()
        .flat_map(named);
    let tables = tables.flat_map(|tables| tables.as_array().unwrap());
    for table in tables.chain(named("lib")) {
        if let Some(path) = table.get("path") {
            roots.insert(folder.join(path.as_str().unwrap()));
        }
    }
    roots.retain(|root| root.is_file());
    roots
}

fn uses_of(root: &Path) -> Uses {
    let target = Target::read(root);
    let name = |file: usize| relative(&target.files[file]);
    uses(&target)
        .into_iter()
        .map(|((from, to), path)| ((name(from), name(to)), path))
        .collect()
}

/// The shortest way by uses from one file to another.
fn way(uses: &Uses, from: &str, to: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(file) = queue.pop_front() {
        if file == to {
            let mut way = vec![to.to_owned()];
            let mut file = to;
            while file != from {
                file = before[file];
                way.push(file.to_owned());
            }
            way.reverse();
            return Some(way);
        }
        for (_, next) in uses.keys().filter(|(user, _)| user == file) {
            if next != from && !before.contains_key(next.as_str()) {
                before.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The shortest circle through each use that is in one, each circle once.
fn circles(uses: &Uses) -> Vec<String> {
    let mut seen: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    let mut shown = Vec::new();
    for (from, to) in uses.keys() {
        let Some(back) = way(uses, to, from) else {
            continue;
        };
        if !seen.insert(back.iter().cloned().collect()) {
            continue;
        }
        let mut text = "a circle:".to_owned();
        let next = back.iter().cycle().skip(1);
        for pair in back.iter().cloned().zip(next.cloned()) {
            text += &format!("\n  {} uses {}: {}", pair.0, pair.1, uses[&pair]);
        }
        shown.push(text);
    }
    shown
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut wrong = Vec::new();
    let mut stale: BTreeSet<(&str, &str)> = KNOWN.iter().copied().collect();
    for package in packages() {
        for root in roots(&package) {
            let all = uses_of(&root);
            let mut without = all.clone();
            for (from, to) in KNOWN {
                without.remove(&((*from).to_owned(), (*to).to_owned()));
            }
            wrong.extend(circles(&without));
            stale.retain(|(from, to)| {
                let closes = all.contains_key(&((*from).to_owned(), (*to).to_owned()))
                    && way(&without, to, from).is_some();
                !closes
            });
        }
    }
    for (from, to) in stale {
        wrong.push(format!(
            "that {from} uses {to} closes no circle any more: KNOWN has no need of it"
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A crate of these files, and the circles in it.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    circles(&uses_of(&folder.path().join("lib.rs")))
}

#[test]
fn a_circle_is_found_by_whatever_path_it_is_closed() {
    let names_a = [
        "use crate::a::One;",
        "use super::{a::One as Other};",
        "use super::*; fn f(_: One) {}",
        "fn f() { super::a::One::new() }",
        "use super::a; fn f(_: a::One) {}",
        "use crate::One;",
        "fn f() { println!(\"{}\", crate::One::N) }",
        "fn f() { use super::a::*; One::new() }",
        "mod inner { pub use super::super::a::One; } use inner::One;",
        "pub use super::a::One; fn f(_: One) {}",
    ];
    for b in names_a {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::One;"),
            ("a.rs", "pub struct One; fn g() { crate::b::f() }"),
            ("b.rs", &format!("{b} pub struct Two;")),
        ];
        assert_eq!(circles_of(&files).len(), 1, "{b}");
    }
    // A module that calls its child, which calls it back.
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod b; fn g() { b::f() }"),
        ("a/b.rs", "pub fn f() { super::g() }"),
    ];
    assert_eq!(circles_of(&files).len(), 1);
    let three = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c/mod.rs", "use crate::a::A; pub struct C;"),
    ];
    assert_eq!(circles_of(&three).len(), 1);
}

#[test]
fn what_is_no_use_closes_no_circle() {
    let children = [
        "use super::Base;",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[test] fn f() { crate::b::f() }",
        "use super::b; pub struct A;",
        "/// See [`crate::b::B`].\nstruct A;",
        "use other::b::B;",
        "pub use super::b::B;",
    ];
    for a in children {
        let files = [
            (
                "lib.rs",
                "mod base; mod a; mod b; pub use {a::A, base::Base};",
            ),
            ("base.rs", "pub struct Base;"),
            ("a.rs", &format!("{a} pub struct A;")),
            ("b.rs", "use crate::A; pub struct B; fn f() {}"),
        ];
        assert_eq!(circles_of(&files), Vec::<String>::new(), "{a}");
    }
}
