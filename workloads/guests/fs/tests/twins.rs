//! The native twins against the definitions, with the trees they leave. An
//! expectation that the twin does not meet is wrong before any engine is asked.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

/// What a tree is, path by path.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Directory,
    File(Vec<u8>),
    Link(PathBuf),
}

type Tree = BTreeMap<PathBuf, Entry>;

fn content(entry: &Value) -> Vec<u8> {
    match entry.get("hex") {
        Some(hex) => hex::decode(hex.as_str().unwrap()).unwrap(),
        None => entry["text"].as_str().unwrap().into(),
    }
}

/// The tree of a definition, with the parents that it does not name.
fn described(table: &Table) -> Tree {
    let mut tree = Tree::new();
    for (path, entry) in table {
        for parent in Path::new(path).ancestors().skip(1) {
            if parent != Path::new("") {
                tree.insert(parent.to_owned(), Entry::Directory);
            }
        }
        let found = if entry.get("directory").is_some() {
            Entry::Directory
        } else if let Some(target) = entry.get("symlink") {
            Entry::Link(target.as_str().unwrap().into())
        } else {
            Entry::File(content(entry))
        };
        tree.insert(path.into(), found);
    }
    tree
}

fn write(tree: &Tree, root: &Path) {
    // Sorted, so a directory comes before what is in it.
    for (path, entry) in tree {
        let path = root.join(path);
        match entry {
            Entry::Directory => fs::create_dir(path).unwrap(),
            Entry::File(content) => fs::write(path, content).unwrap(),
            Entry::Link(target) => symlink(target, path).unwrap(),
        }
    }
}

fn scan(root: &Path, below: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        let found = if kind.is_symlink() {
            Entry::Link(fs::read_link(entry.path()).unwrap())
        } else if kind.is_dir() {
            scan(root, &path, tree);
            Entry::Directory
        } else {
            Entry::File(fs::read(entry.path()).unwrap())
        };
        tree.insert(path, found);
    }
}

/// What is wrong with one case, if anything is.
fn difference(bin: &str, case: &Value) -> Option<String> {
    let (name, expect) = (case["name"].as_str().unwrap(), &case["expect"]);
    let directory = tempfile::tempdir().unwrap();
    write(
        &described(case["tree"].as_table().unwrap()),
        directory.path(),
    );
    // All of the package's programs lie beside each other.
    let program = Path::new(env!("CARGO_BIN_EXE_fs-open")).with_file_name(bin);
    let args = case["args"].as_array().unwrap();
    let output = Command::new(program)
        .args(args.iter().map(|arg| arg.as_str().unwrap()))
        .env_clear()
        .current_dir(directory.path())
        .output()
        .unwrap();
    let exit = if output.status.success() { "ok" } else { "err" };
    if exit != expect["exit"].as_str().unwrap() || !output.stderr.is_empty() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Some(format!("{bin} {name}: {}, {stderr}", output.status));
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    if stdout != expect["stdout"]["text"].as_str().unwrap() {
        return Some(format!("{bin} {name}: stdout {stdout}"));
    }
    let mut left = Tree::new();
    scan(directory.path(), Path::new(""), &mut left);
    let expected = described(expect["tree"].as_table().unwrap());
    (left != expected).then(|| format!("{bin} {name}: left {left:?}"))
}

/// Every case that has a twin: its program and its table.
fn cases() -> Vec<(String, Value)> {
    let definitions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../definitions/fs");
    let mut cases = Vec::new();
    for entry in fs::read_dir(definitions).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let definition: Value = toml::from_str(&text).unwrap();
        let Some(bin) = definition["twin"].get("bin") else {
            continue;
        };
        for case in definition["case"].as_array().unwrap() {
            cases.push((bin.as_str().unwrap().to_owned(), case.clone()));
        }
    }
    cases
}

#[test]
fn every_twin_does_what_its_definition_says() {
    let cases = cases();
    assert_eq!(cases.len(), 34);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(bin, case)| difference(bin, case))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_output_or_tree_is_found() {
    // The comparison itself must be able to fail.
    let (bin, case) = cases().swap_remove(0);
    let mut other = case.clone();
    other["expect"]["stdout"]["text"] = Value::String("other\n".into());
    assert!(difference(&bin, &other).unwrap().contains("stdout"));
    let mut other = case;
    let tree = other["expect"]["tree"].as_table_mut().unwrap();
    tree.insert("one more".into(), Value::Table(content_table("x")));
    assert!(difference(&bin, &other).unwrap().contains("left"));
}

fn content_table(text: &str) -> Table {
    Table::from_iter([("text".to_owned(), Value::String(text.to_owned()))])
}

#[test]
fn an_unknown_case_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_fs-open"))
        .arg("nothing")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("one of create, create-new, truncate"),
        "{text}"
    );
}
