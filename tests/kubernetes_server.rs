//! What is written for Kubernetes is taken by the API server itself, in a strict dry-run, without a warning: goldens, what problems
//! leave, applications, projects of others.
//!
//! Each project goes into a namespace of its own. Kinds that only their own controllers define are exempt by name; what holds
//! of them is in `kubernetes_valid.rs`.

#![expect(
    clippy::disallowed_methods,
    reason = "reads fixtures itself and starts the server; `host` is for the program"
)]

#[expect(dead_code, reason = "what runs is looked at by another runner")]
#[path = "support/bed.rs"]
mod bed;
#[path = "support/case.rs"]
mod case;
#[path = "support/directories.rs"]
mod directories;
#[expect(dead_code, reason = "goldens are compared by another runner")]
#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/goldens.rs"]
mod goldens;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use bed::{Bed, bed};
use case::{Case, cases};
use program::Stage;

/// The kinds that the server need not know: their own controllers define them.
const EXEMPT: &[&str] = &["ExternalSecret", "SealedSecret"];

/// Warnings that are right: the default is to write for 1.29, which lacks what took the place of these.
const DATED: &[&str] = &["annotations[container.apparmor.security.beta.kubernetes.io/"];

#[test]
fn goldens_are_taken() {
    let Some(bed) = bed("server: goldens", &[]) else { return };
    let projects: Vec<(String, Vec<PathBuf>)> = goldens::by_directory(goldens::goldens())
        .into_iter()
        .map(|(place, files)| {
            let shown =
                place.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&place).display().to_string();
            (shown, files)
        })
        .collect();
    assert!(projects.len() > 200, "the goldens were not read: {}", projects.len());
    nothing_refused(bed, &projects);
}

#[test]
fn what_problems_leave_is_taken() {
    let Some(bed) = bed("server: problems", &[]) else { return };
    let sources = fixture::sources("problems", 1);
    let converted = parallel::each(&sources, |source| {
        let case = fixture::Case::of(source, "problems");
        let output = case.converted("k8s").expect("a problem does not break the program");
        output.map(|text| (case.name, text))
    });
    all_taken(bed, converted.into_iter().flatten().collect(), 50);
}

#[test]
fn examples_are_taken() {
    let Some(bed) = bed("server: examples", &[]) else { return };
    let Some(examples) = shared::shared("server: examples", "examples") else { return };
    let converted = fixture::directories(&examples).into_iter().map(|example| {
        let name = example.file_name().expect("an example has a name").to_string_lossy().into_owned();
        let run = Stage::of(&example, &name, &[]).run(".", &BTreeMap::new(), &["convert"]);
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        (name, run.stdout)
    });
    all_taken(bed, converted.collect(), 16);
}

#[test]
fn projects_of_others_are_taken() {
    let Some(bed) = bed("server: corpus", &[]) else { return };
    let Some(corpus) = shared::shared("server: corpus", "corpus") else { return };
    let cases: Vec<Case> =
        cases(&corpus).into_iter().filter(|case| case.expected("compose-config.json").is_some()).collect();
    let converted = parallel::each(&cases, |case| {
        let stage = Stage::of(&case.directory.join("project"), &case.name, &[]);
        let run = stage.run(&case.below, &case.environment, &case.command(&["convert"]));
        // Which may be refused, and why, is in fixtures/corpus/kubernetes.txt.
        (run.code == Some(0)).then(|| (case.name.clone(), run.stdout))
    });
    all_taken(bed, converted.into_iter().flatten().collect(), 550);
}

/// Sends what was converted, by name, to the server; there are so many projects at least.
fn all_taken(bed: &Bed, converted: BTreeMap<String, String>, at_least: usize) {
    assert!(converted.len() >= at_least, "only {} projects were converted", converted.len());
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let projects: Vec<(String, Vec<PathBuf>)> = converted
        .into_iter()
        .map(|(name, text)| {
            let file = scratch.path().join(format!("{name}.yaml"));
            fs::write(&file, text).expect("a scratch file can be written");
            (name, vec![file])
        })
        .collect();
    nothing_refused(bed, &projects);
}

fn nothing_refused(bed: &Bed, projects: &[(String, Vec<PathBuf>)]) {
    let verdict = bed.dry_run(projects);
    let seen = verdict.checked + verdict.exempt.len();
    assert!(seen >= projects.len(), "only {seen} objects were seen");
    assert!(verdict.refused.is_empty(), "{}", verdict.refused.join("\n"));
    let dated = |line: &str| DATED.iter().any(|part| line.contains(part));
    let warned: Vec<&String> = verdict.warned.iter().filter(|line| !dated(line)).collect();
    assert!(warned.is_empty(), "{warned:#?}");
    let kind = |line: &str| EXEMPT.iter().any(|kind| line.contains(&format!(": {kind}/")));
    let strange: Vec<&String> = verdict.exempt.iter().filter(|line| !kind(line)).collect();
    assert!(strange.is_empty(), "exempt, but not by name: {strange:?}");
}
