//! The catalog of this repository: complete, pinned, and choosable.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::Path;

use assay_model::Access;
use assay_workloads::{
    Action, Catalog, ComponentError, DensityRole, ExpectedEnd, Language, SelectError, Twin,
    Workload,
};

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
fn the_fixed_set_is_as_large_as_it_is_said_to_be() {
    let catalog = catalog();
    assert!(catalog.workloads().len() >= 60);
    assert!(catalog.cases().count() >= 120);
    for language in Language::ALL {
        assert!(
            catalog.workloads().iter().any(|w| w.language == language),
            "nothing is written in {language}"
        );
    }
    let controls = catalog.workloads().iter().filter(|w| w.control.is_some());
    assert!(controls.count() >= 6);
}

#[test]
fn every_component_is_the_pinned_one_and_used() {
    let catalog = catalog();
    for workload in catalog.workloads() {
        let component = match catalog.component(workload) {
            Err(ComponentError::NotBuilt { .. }) => continue,
            other => other.unwrap(),
        };
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
    // A part of a composition is named by what it is a part of.
    let part = |name: &str| {
        catalog
            .pins()
            .any(|pin| pin.name != name && pin.source.contains(name))
    };
    let used = |name: &str| {
        part(name)
            || catalog
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
        .filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_file())
        .count();
    assert_eq!(
        stored,
        catalog.pins().filter(|pin| pin.stored).count(),
        "a file in components/ has no pin"
    );
}

#[test]
fn every_twin_is_there() {
    let directory = Catalog::default_directory();
    for workload in catalog().workloads() {
        let id = &workload.id;
        match &workload.twin {
            Twin::Cargo { package, bin } => {
                let guest = package.strip_prefix("assay-guests-").unwrap();
                let package = directory.join("guests").join(guest);
                let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap();
                let file = package.join("src/bin").join(bin).with_extension("rs");
                let named = manifest.contains(&format!("name = \"{bin}\""));
                assert!(file.exists() || named, "{id}: there is no binary '{bin}'");
            }
            Twin::Script { script, .. } => {
                assert!(catalog().source(script).unwrap().is_file(), "{id}");
            }
            Twin::Go { package, .. } => {
                assert!(catalog().source(package).unwrap().is_dir(), "{id}");
            }
            Twin::None { .. } => {}
        }
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

/// The grid is counted by these words: a case without one would be in no
/// count, and nobody would miss it.
#[test]
fn every_case_of_the_capability_grid_says_what_it_asks() {
    let catalog = catalog();
    for selected in catalog.cases() {
        let in_grid = selected.case.id.family() == "capability";
        assert_eq!(
            selected.case.access.is_some(),
            in_grid,
            "{}: access",
            selected.case.id
        );
    }
    // Whoever is refused is refused by something: groups that can be granted
    // show both sides.
    for workload in catalog.workloads() {
        let asks = |access| workload.cases.iter().any(|c| c.access == Some(access));
        let (granted, denied) = (asks(Access::Granted), asks(Access::Denied));
        assert_eq!(granted, denied, "{}: one side only", workload.id);
    }
}

/// Prices are of programs that are set beside another, or are set beside.
#[test]
fn pairs_price_the_same_units() {
    let catalog = catalog();
    let mut pairs = 0;
    for workload in catalog.workloads() {
        let Some(beside) = &workload.compare else {
            continue;
        };
        pairs += 1;
        let other = catalog.workload(&beside.compare.with).unwrap();
        let units = |workload: &Workload| -> Vec<_> {
            let cases = workload.cases.iter();
            cases
                .map(|c| c.per.as_ref().map(|per| per.unit.clone()))
                .collect()
        };
        assert_eq!(units(workload), units(other), "{}", workload.id);
    }
    assert!(pairs >= 13, "{pairs} pairs");
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

/// Cases differ in what is given or in what should come of it; an expectation
/// is the same whenever it is asked for.
#[test]
fn no_case_is_another_one_again() {
    let catalog = catalog();
    for workload in catalog.workloads() {
        for (index, case) in workload.cases.iter().enumerate() {
            let digest = case.expected().digest();
            assert_eq!(digest, case.expected().digest());
            for other in &workload.cases[..index] {
                assert!(
                    digest != other.expected().digest()
                        || format!("{:?}", case.action) != format!("{:?}", other.action)
                        || case.setting != other.setting,
                    "{} and {} are the same case",
                    case.id,
                    other.id
                );
            }
        }
    }
}

#[test]
fn echo_expects_its_own_request() {
    let catalog = catalog();
    let Action::Server(exchanges) = &catalog.case("http/echo").unwrap().case.action else {
        panic!("http/echo is a server");
    };
    let body = exchanges[0].request.body().unwrap();
    assert_eq!(body.len(), 4 << 20);
    let ExpectedEnd::Complete(response) = &exchanges[0].expect.end else {
        panic!("an echo is complete");
    };
    assert_eq!(response.body.bytes(), body.bytes());
}

#[test]
fn patterns_choose_in_the_order_of_the_catalog_and_once() {
    let catalog = catalog();
    assert_eq!(
        ids(&catalog, &["http/hell*", "cli/hello", "http/hello"]),
        ["cli/hello", "http/hello"]
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
        "unknown workload 'cli/helo': did you mean 'cli/hello'?"
    );
    let case = catalog.select(&["cli/exit#trp"]).unwrap_err();
    assert!(case.to_string().ends_with("'cli/exit#trap'?"), "{case}");
    let empty = catalog.select(&["cli/hello", "db/*"]).unwrap_err();
    assert_eq!(
        empty,
        SelectError::NoMatch {
            glob: "db/*".into()
        }
    );
}

#[test]
fn a_source_that_an_installed_catalog_lacks_is_named() {
    let error = catalog().source("python/nothing.py").unwrap_err();
    let message = error.to_string();
    assert!(message.contains("sources/python/nothing.py"), "{message}");
    assert!(message.contains("run from a checkout"), "{message}");
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
