//! The catalog of this repository: complete, pinned, and choosable.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::Path;

use assay_workloads::{Action, Catalog, DensityRole, SelectError};

fn catalog() -> Catalog {
    Catalog::load(Catalog::default_directory()).unwrap()
}

fn ids(catalog: &Catalog, patterns: &[&str]) -> Vec<String> {
    catalog
        .select(patterns)
        .unwrap()
        .iter()
        .map(|selected| selected.case.id.to_string())
        .collect()
}

#[test]
fn every_case_is_there() {
    assert_eq!(
        ids(&catalog(), &[]),
        [
            "cli/args-env",
            "cli/exit#ok",
            "cli/exit#error",
            "cli/exit#trap",
            "cli/files",
            "cli/hello",
            "cli/hold",
            "cli/sha256",
            "cli/stdin-lines",
            "http/echo",
            "http/hello",
        ]
    );
}

#[test]
fn every_component_is_the_pinned_one_and_used() {
    let catalog = catalog();
    for workload in catalog.workloads() {
        let component = catalog.component(workload).unwrap();
        // The preamble of a component (Component Model, Binary.md): "\0asm",
        // version 13, layer 1.
        assert!(
            component.wasm.starts_with(b"\0asm\x0d\0\x01\0"),
            "{}",
            workload.id
        );
        assert!(
            component.compressed < component.pin.bytes,
            "{}",
            workload.id
        );
    }
    let used = |name: &str| {
        catalog
            .workloads()
            .iter()
            .any(|workload| workload.component == name)
    };
    for pin in catalog.pins() {
        assert!(
            used(&pin.name),
            "the pin '{}' belongs to no workload",
            pin.name
        );
    }
    let stored = std::fs::read_dir(Catalog::default_directory().join("components"))
        .unwrap()
        .count();
    assert_eq!(
        stored,
        catalog.pins().count(),
        "a file in components/ has no pin"
    );
}

#[test]
fn every_twin_is_a_binary_of_its_package() {
    for workload in catalog().workloads() {
        let guest = workload.twin.package.strip_prefix("assay-guests-").unwrap();
        let package = Catalog::default_directory().join("guests").join(guest);
        let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap();
        let bin = &workload.twin.bin;
        assert!(
            package
                .join("src/bin")
                .join(bin)
                .with_extension("rs")
                .exists()
                || manifest.contains(&format!("[[bin]]\nname = \"{bin}\"")),
            "{}: {} has no binary '{bin}'",
            workload.id,
            workload.twin.package
        );
    }
}

#[test]
fn every_expectation_has_a_source_and_every_workload_an_essay() {
    let catalog = catalog();
    for selected in catalog.cases() {
        assert!(selected.case.sources().count() > 0);
        let sentences = selected.workload.analysis.matches(['.', ':']).count();
        assert!(
            sentences >= 3,
            "{}: the analysis is too short to warn anyone",
            selected.case.id
        );
    }
}

#[test]
fn every_density_role_is_played_once() {
    let catalog = catalog();
    for role in DensityRole::ALL {
        let players = catalog
            .workloads()
            .iter()
            .filter(|w| w.measures.density == Some(role))
            .count();
        assert_eq!(players, 1, "{}", role.as_str());
    }
}

#[test]
fn expected_outcomes_differ_between_cases_and_not_between_calls() {
    let catalog = catalog();
    let digests: Vec<_> = catalog
        .cases()
        .map(|selected| selected.case.expected().digest())
        .collect();
    let mut unique = digests.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(
        unique.len(),
        digests.len(),
        "two cases expect the same outcome"
    );
    let again: Vec<_> = catalog
        .cases()
        .map(|selected| selected.case.expected().digest())
        .collect();
    assert_eq!(digests, again);
}

#[test]
fn echo_expects_its_own_request() {
    let catalog = catalog();
    let Action::Server(exchanges) = &catalog.case("http/echo").unwrap().case.action else {
        panic!("http/echo is a server");
    };
    let body = exchanges[0].request.body.as_ref().unwrap();
    assert_eq!(body.len(), 4 << 20);
    assert_eq!(exchanges[0].expect.body.bytes(), body.bytes());
}

#[test]
fn patterns_choose_in_the_order_of_the_catalog_and_once() {
    let catalog = catalog();
    assert_eq!(
        ids(&catalog, &["http/*", "cli/hello", "http/hello"]),
        ["cli/hello", "http/echo", "http/hello"]
    );
    assert_eq!(
        ids(&catalog, &["cli/exit"]),
        ["cli/exit#ok", "cli/exit#error", "cli/exit#trap"]
    );
    assert_eq!(ids(&catalog, &["cli/exit#trap"]), ["cli/exit#trap"]);
}

#[test]
fn a_wrong_name_and_an_empty_glob_are_told_apart() {
    let catalog = catalog();
    let wrong = catalog.select(&["cli/helo"]).unwrap_err();
    assert!(matches!(wrong, SelectError::UnknownName { .. }));
    assert_eq!(
        wrong.to_string(),
        "unknown workload 'cli/helo': the nearest known one is 'cli/hello'"
    );
    let case = catalog.select(&["cli/exit#trp"]).unwrap_err();
    assert!(case.to_string().ends_with("'cli/exit#trap'"), "{case}");
    let empty = catalog.select(&["cli/hello", "db/*"]).unwrap_err();
    assert_eq!(
        empty,
        SelectError::NoMatch {
            glob: "db/*".into()
        }
    );
}

#[test]
fn a_missing_catalog_is_named() {
    let error = Catalog::load(Path::new("/nonexistent/catalog")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("/nonexistent/catalog/components.lock"),
        "{error}"
    );
}
