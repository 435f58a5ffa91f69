//! What is written for Kubernetes is legal there: it survives a way through typed objects, and passes the published schemas of
//! the oldest, a middle and the newest release.

#![expect(
    clippy::disallowed_methods,
    reason = "reads fixtures itself and runs Python; `host` is for the program"
)]

#[path = "support/goldens.rs"]
mod goldens;
#[path = "support/program.rs"]
mod program;
#[path = "support/schema_script.rs"]
mod schema_script;
#[path = "support/schemas.rs"]
mod schemas;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;
#[path = "support/typed.rs"]
mod typed;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use goldens::{by_directory, goldens};
use program::Stage;
use rcompose::backend::kubernetes::legal;
use schemas::{RELEASES, schema_faults};
use serde_json::Value;
use typed::untyped;

#[test]
fn goldens_survive_typed_objects() {
    let files = goldens();
    assert!(!files.is_empty(), "no golden was found");
    let mut faults = Vec::new();
    for file in &files {
        faults.extend(
            untyped(&fs::read_to_string(file).expect("a golden is text"))
                .into_iter()
                .map(|fault| format!("{}: {fault}", file.display())),
        );
    }
    assert!(faults.is_empty(), "{} faults in {} files:\n{}", faults.len(), files.len(), faults.join("\n"));
}

#[test]
fn goldens_hold_together() {
    let mut faults = Vec::new();
    for (place, files) in by_directory(goldens()) {
        let problems = place.parent().map(|above| above.join("problems.txt"));
        let problems = problems.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        let external = ["volume-external", "secret-external"].iter().any(|code| problems.contains(code));
        let objects = files.iter().flat_map(|file| documents(file)).collect::<Vec<_>>();
        let found = legal::faults(&objects, &|kind, name| {
            // An account by hint is there already; ours end in `-wait` (K63).
            external || (kind == "ServiceAccount" && !name.ends_with("-wait"))
        });
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", place.display())));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn documents(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("a golden is text");
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("a golden is YAML");
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

#[test]
fn goldens_pass_the_published_schemas() {
    // What `--feature` adds is for clusters that have it: older releases do not know the field.
    let (featured, others): (Vec<_>, Vec<_>) = goldens().into_iter().partition(|golden| has_feature(golden));
    assert!(!featured.is_empty(), "no golden has a feature");
    let said = schema_faults(RELEASES, &others)
        .and_then(|said| Ok((said, schema_faults(&RELEASES[RELEASES.len() - 1..], &featured)?)));
    match said {
        Ok((said, more)) => {
            assert!(said.is_empty() && more.is_empty(), "{}", [said, more].concat().join("\n"));
        }
        Err(reason) => skip::skipped("schemas of goldens", &reason),
    }
}

fn has_feature(golden: &Path) -> bool {
    fs::read_to_string(golden.with_file_name("case.flags")).is_ok_and(|flags| flags.contains("--feature"))
}

#[test]
fn examples_are_valid() {
    let Some(examples) = shared::shared("examples are valid", "examples") else { return };
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let mut files = Vec::new();
    for entry in fs::read_dir(examples).expect("the examples can be listed") {
        let example = entry.expect("an example can be listed").path();
        if example.is_dir() {
            let name = example.file_name().expect("an example has a name").to_string_lossy().into_owned();
            let run = Stage::of(&example, &name, &[]).run(".", &BTreeMap::new(), &["convert"]);
            assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
            let faults = untyped(&run.stdout);
            assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
            let objects: Vec<Value> = serde_saphyr::from_multiple(&run.stdout).expect("just read");
            let faults = legal::faults(&objects, &|_, _| false);
            assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
            files.push(scratch.path().join(format!("{name}.yaml")));
            fs::write(files.last().expect("just pushed"), run.stdout).expect("a scratch file can be written");
        }
    }
    assert_eq!(files.len(), 16, "there are sixteen examples");
    match schema_faults(RELEASES, &files) {
        Ok(said) => assert!(said.is_empty(), "{}", said.join("\n")),
        Err(reason) => skip::skipped("schemas of examples", &reason),
    }
}
