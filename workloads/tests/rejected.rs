//! Definitions that must not load, each with the place and the words of its
//! error. The corpus is `tests/corpus/*.toml`; the first line of a file says
//! what is expected: `# LINE: part of the message`.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::Path;

use assay_model::{ArmFacts, ArmKind};
use assay_workloads::{Catalog, CatalogError, DefinitionError};

const LOCK: &str = "schema = 1

[component.cli-hello]
sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"
bytes = 1
toolchain = \"none\"
source = \"none\"
";

/// Loads a catalog of these definitions. Their components are pinned and never
/// unpacked.
fn load(definitions: &[(&str, &str)], lock: &str) -> Result<Catalog, CatalogError> {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("definitions")).unwrap();
    fs::write(directory.path().join("components.lock"), lock).unwrap();
    for (name, text) in definitions {
        fs::write(directory.path().join("definitions").join(name), text).unwrap();
    }
    Catalog::load(directory.path())
}

fn definition_error(result: Result<Catalog, CatalogError>, about: &str) -> DefinitionError {
    match result {
        Err(CatalogError::Definition(error)) => error,
        Err(other) => panic!("{about}: {other}"),
        Ok(_) => panic!("{about}: loaded, but must not"),
    }
}

fn corpus(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_sound_definition_of_the_corpus_loads() {
    // Every other file of the corpus is this one with one thing wrong.
    load(&[("sound.toml", &corpus("sound.toml"))], LOCK).unwrap();
    load(&[("sound-http.toml", &corpus("sound-http.toml"))], LOCK).unwrap();
}

#[test]
fn each_definition_of_the_corpus_is_refused_in_its_own_words() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let (mut seen, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with("sound") {
            continue;
        }
        seen += 1;
        let text = corpus(&name);
        let (line, words) = text
            .lines()
            .next()
            .unwrap()
            .trim_start_matches("# ")
            .split_once(": ")
            .unwrap();
        let error = definition_error(load(&[(&name, &text)], LOCK), &name);
        let message = error.to_string();
        if !message.contains(&format!("{name}:{line}: ")) || !message.contains(words) {
            wrong.push(format!(
                "{message}\nshould be on line {line} and contain: {words}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert_eq!(
        seen, 54,
        "a file of the corpus was lost, or this number was not raised"
    );
}

#[test]
fn an_id_belongs_to_one_definition() {
    let sound = corpus("sound.toml");
    let error = definition_error(
        load(&[("a.toml", &sound), ("b.toml", &sound)], LOCK),
        "duplicate",
    );
    let message = error.to_string();
    assert!(
        message.contains("b.toml:1: the id 'cli/hello' is already used in"),
        "{message}"
    );
    assert!(message.contains("a.toml"), "{message}");
}

/// A pair has the same cases and is asked in the same way.
#[test]
fn a_pair_that_cannot_be_compared_is_refused() {
    let sound = corpus("sound.toml");
    let other = sound.replace("id = \"cli/hello\"", "id = \"cli/other\"");
    let beside = sound.replace(
        "[measure]",
        "[compare]\nwith = \"cli/other\"\nshows = \"composition\"\n\n[measure]",
    );
    load(&[("a.toml", &beside), ("b.toml", &other)], LOCK).unwrap();

    let fewer = other.replace("name = \"two\"", "name = \"three\"");
    let handler = corpus("sound-http.toml");
    let to_handler = beside.replace("cli/other", "http/hello");
    assert!(handler.contains("id = \"http/hello\""), "{handler}");
    for (definitions, words) in [
        (
            [&beside, &fewer],
            "both must have the same cases, but 'cli/hello' lacks 'three'",
        ),
        (
            [&to_handler, &handler],
            "'http/hello' is for wasi:http/proxy@0.2; a command and a handler have no cases",
        ),
    ] {
        let [a, b] = definitions;
        let error = definition_error(load(&[("a.toml", a), ("b.toml", b)], LOCK), words);
        assert!(error.to_string().contains(words), "{error}");
        let line = a.lines().position(|line| line.starts_with("with")).unwrap() + 1;
        assert_eq!(error.line, line, "{error}");
    }
}

/// Facts of an arm of which only kind and engine matter.
fn facts(kind: ArmKind, engine: &str) -> ArmFacts {
    ArmFacts::of(kind, engine.parse().unwrap())
}

/// A sound definition with a defect on these arms.
fn defect_on(on: &str) -> String {
    format!(
        "{}\n[[known_defect]]\non = {on}\nissue = \"https://example.com/1\"\nreason = \"loses a byte\"\n",
        corpus("sound.toml")
    )
}

#[test]
fn a_defect_on_arms_that_nobody_has_is_found_by_those_who_know_the_arms() {
    let wasm = facts(ArmKind::WasmProcess, "wasmtime");
    let native = facts(ArmKind::NativeProcess, "native");
    let known = [&wasm, &native];
    for (on, words) in [
        ("{ engine = \"wasmtime\" }", None),
        ("{ kind = [\"container\", \"wasm-process\"] }", None),
        (
            "{ engine = \"wasmtme\" }",
            Some("unknown engine 'wasmtme': did you mean 'wasmtime'?"),
        ),
        (
            "{ engine = \"native\", kind = \"wasm-process\" }",
            Some("no arm has all of these facts"),
        ),
    ] {
        let text = defect_on(on);
        let catalog = load(&[("defect.toml", &text)], LOCK).unwrap();
        let checked = catalog.check_arms(&known);
        let Some(words) = words else {
            checked.unwrap();
            continue;
        };
        let error = checked.unwrap_err();
        let line = text
            .lines()
            .position(|line| line.starts_with("on"))
            .unwrap()
            + 1;
        assert_eq!(error.line, line);
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_selector_of_arms_names_facts_that_there_are() {
    for (on, words) in [
        ("{ kind = \"contaner\" }", "did you mean 'container'?"),
        ("{ stack = \"engine-ap\" }", "did you mean 'engine-api'?"),
        ("{ arm = \"crun\" }", "unknown key 'arm'"),
        ("{ engine = \"Wasm Time\" }", "is not the name of an engine"),
        ("{ kind = [] }", "the list is empty"),
        ("{}", "names a kind"),
        ("\"crun\"", "expected a table"),
    ] {
        let text = defect_on(on);
        let error = definition_error(load(&[("defect.toml", &text)], LOCK), on);
        assert!(error.to_string().contains(words), "{error}");
        let line = text.lines().position(|line| line.starts_with("on = "));
        assert_eq!(error.line, line.unwrap() + 1, "{error}");
    }
}

#[test]
fn a_defect_shows_always_unless_it_is_called_intermittent() {
    let defect = "[[known_defect]]\non = { engine = \"native\" }\nissue = \"https://example.com/1\"\nreason = \"a race\"\n";
    for (more, intermittent) in [
        ("", false),
        ("intermittent = false\n", false),
        ("intermittent = true\n", true),
    ] {
        let text = format!("{}\n{defect}{more}", corpus("sound.toml"));
        let catalog = load(&[("defect.toml", &text)], LOCK).unwrap();
        assert_eq!(
            catalog.workloads()[0].known_defects[0].intermittent,
            intermittent
        );
    }
}

#[test]
fn a_lock_is_checked_like_a_definition() {
    let sound = corpus("sound.toml");
    for (lock, line, words) in [
        (LOCK.replace("bytes", "byts"), 5, "unknown key 'byts'"),
        (
            LOCK.replace("schema = 1", "schema = 7"),
            1,
            "schema 7 is not supported",
        ),
        (LOCK.replace("000\"", "\""), 4, "64 hexadecimal digits"),
        (
            LOCK.replace("toolchain = \"none\"\n", ""),
            3,
            "needs the key 'toolchain'",
        ),
    ] {
        let error = definition_error(load(&[("sound.toml", &sound)], &lock), words);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.file.ends_with("components.lock"), "{error}");
    }
}

#[test]
fn a_catalog_without_definitions_says_so() {
    let error = load(&[], LOCK).unwrap_err();
    assert!(matches!(error, CatalogError::Empty { .. }), "{error}");
}
