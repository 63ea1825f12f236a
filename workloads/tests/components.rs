//! A component that is not the pinned one is refused.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use assay_workloads::{Catalog, ComponentError};
use tempfile::TempDir;

/// A catalog with `cli/hello` only, in a directory of its own.
fn small_catalog() -> (TempDir, PathBuf) {
    let original = Catalog::default_directory();
    let copy = tempfile::tempdir().unwrap();
    for directory in ["definitions", "components"] {
        fs::create_dir(copy.path().join(directory)).unwrap();
    }
    for file in ["components.lock", "components/cli-hello.wasm.zst"] {
        fs::copy(original.join(file), copy.path().join(file)).unwrap();
    }
    fs::copy(
        original.join("definitions/cli/hello.toml"),
        copy.path().join("definitions/hello.toml"),
    )
    .unwrap();
    let component = copy.path().join("components/cli-hello.wasm.zst");
    (copy, component)
}

fn load(directory: &Path) -> Result<(), ComponentError> {
    let catalog = Catalog::load(directory).unwrap();
    catalog.component(&catalog.workloads()[0]).map(|_| ())
}

/// Where the lock speaks of the component of the small catalog.
fn entry(lock: &str) -> usize {
    lock.find("[component.cli-hello]").unwrap()
}

#[test]
fn the_untouched_copy_loads() {
    let (directory, _) = small_catalog();
    load(directory.path()).unwrap();
}

#[test]
fn another_component_is_a_mismatch_that_names_both_hashes() {
    let (directory, component) = small_catalog();
    let other = Catalog::default_directory().join("components/cli-exit.wasm.zst");
    fs::copy(other, component).unwrap();
    let error = load(directory.path()).unwrap_err();
    let ComponentError::Mismatch {
        expected, actual, ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_ne!(expected, actual);
    let text = error.to_string();
    assert!(
        text.contains(expected.as_str()) && text.contains(actual.as_str()),
        "{text}"
    );
}

#[test]
fn a_changed_pin_is_a_mismatch() {
    let (directory, _) = small_catalog();
    let lock = directory.path().join("components.lock");
    let text = fs::read_to_string(&lock).unwrap();
    let entry = entry(&text);
    let at = entry + text[entry..].find("sha256 = \"").unwrap() + "sha256 = \"".len();
    let flipped = if text[at..].starts_with('0') {
        "1"
    } else {
        "0"
    };
    fs::write(
        &lock,
        format!("{}{flipped}{}", &text[..at], &text[at + 1..]),
    )
    .unwrap();
    assert!(matches!(
        load(directory.path()),
        Err(ComponentError::Mismatch { .. })
    ));
}

#[test]
fn a_changed_size_is_a_mismatch() {
    let (directory, _) = small_catalog();
    let lock = directory.path().join("components.lock");
    let text = fs::read_to_string(&lock).unwrap();
    let (before, from) = text.split_at(entry(&text));
    let changed = from.replacen("bytes = ", "bytes = 9", 1);
    fs::write(&lock, format!("{before}{changed}")).unwrap();
    assert!(matches!(
        load(directory.path()),
        Err(ComponentError::Mismatch { .. })
    ));
}

#[test]
fn a_damaged_or_missing_file_is_named() {
    let (directory, component) = small_catalog();
    let bytes = fs::read(&component).unwrap();
    fs::write(&component, &bytes[..bytes.len() / 2]).unwrap();
    let cut = load(directory.path()).unwrap_err();
    assert!(matches!(cut, ComponentError::Damaged { .. }), "{cut}");
    fs::write(&component, "not zstd").unwrap();
    assert!(matches!(
        load(directory.path()),
        Err(ComponentError::Damaged { .. })
    ));
    fs::remove_file(&component).unwrap();
    let missing = load(directory.path()).unwrap_err();
    assert!(
        missing.to_string().contains("cli-hello.wasm.zst"),
        "{missing}"
    );
}
