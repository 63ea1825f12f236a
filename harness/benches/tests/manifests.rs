//! `cargo bench -- FLAG` hands the flag to every target that has `bench = true`,
//! which is cargo's default, and Rust's own test harness refuses criterion's.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn table(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn is_off(target: Option<&toml::Value>) -> bool {
    target.and_then(|target| target.get("bench")?.as_bool()) == Some(false)
}

/// Targets of a package that would be run by `cargo bench`.
fn benched(package: &Path) -> Vec<String> {
    let manifest = table(&package.join("Cargo.toml"));
    let mut wrong = Vec::new();
    let has_lib = package.join("src/lib.rs").is_file() || manifest.contains_key("lib");
    if has_lib && !is_off(manifest.get("lib")) {
        wrong.push("[lib]".to_owned());
    }
    let named = manifest.get("bin").and_then(toml::Value::as_array);
    let named: BTreeMap<&str, &toml::Value> = named
        .into_iter()
        .flatten()
        .map(|bin| (bin["name"].as_str().unwrap(), bin))
        .collect();
    let mut bins: Vec<String> = named.keys().map(|&name| name.to_owned()).collect();
    if package.join("src/main.rs").is_file() {
        bins.push(manifest["package"]["name"].as_str().unwrap().to_owned());
    }
    if let Ok(files) = package.join("src/bin").read_dir() {
        bins.extend(files.map(|file| {
            let path = file.unwrap().path();
            path.file_stem().unwrap().to_str().unwrap().to_owned()
        }));
    }
    // A [[bin]] may give src/main.rs another name than the package has.
    let renames_main = |name: &str| {
        !named.contains_key(name)
            && named
                .values()
                .any(|bin| bin.get("path").and_then(toml::Value::as_str) == Some("src/main.rs"))
    };
    for name in bins {
        if !is_off(named.get(name.as_str()).copied()) && !renames_main(&name) {
            wrong.push(format!("[[bin]] {name}"));
        }
    }
    wrong
}

/// A member of the workspace, or all that it stands for.
fn packages(root: &Path, member: &str) -> Vec<String> {
    let Some(parent) = member.strip_suffix("/*") else {
        return vec![member.to_owned()];
    };
    let entries = root.join(parent).read_dir().unwrap();
    entries
        .map(|entry| format!("{parent}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect()
}

#[test]
fn only_criterion_sees_the_flags_of_cargo_bench() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = table(&root.join("Cargo.toml"));
    let members: Vec<String> = workspace["workspace"]["members"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|member| packages(&root, member.as_str().unwrap()))
        .collect();
    assert!(members.len() > 30);
    let mut wrong = Vec::new();
    for member in &members {
        for target in benched(&root.join(member)) {
            wrong.push(format!(
                "{member}/Cargo.toml: {target} needs `bench = false`"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
