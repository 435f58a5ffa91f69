//! Projects written by others become objects for Kubernetes: all but those that a ledger names, each with its reason; legal, and
//! the same bytes wherever the project lies.
//!
//! What the API server itself says of them is in `kubernetes_server.rs`.

#![expect(clippy::disallowed_methods, reason = "reads the ledger and runs Python; `host` is for the program")]

#[path = "support/case.rs"]
mod case;
#[path = "support/directories.rs"]
mod directories;
#[path = "support/error_codes.rs"]
mod error_codes;
#[path = "support/parallel.rs"]
mod parallel;
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

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use case::{Case, cases};
use error_codes::error_codes;
use program::{Run, Stage};
use rcompose::backend::kubernetes::legal;
use serde_json::Value;

/// How many projects Docker Compose accepts.
const ACCEPTED: usize = 645;

/// The codes of refusals that a user can allow (N80, N90).
const ALLOWED: &[&str] = &["bind-unclear", "config-source-missing"];

/// A project that Docker Compose accepts, and what became of it in two places.
struct Project {
    case: Case,
    run: Run,
    elsewhere: Run,
}

impl Project {
    fn is_refused(&self) -> bool {
        self.run.code != Some(0)
    }
}

/// Returns all accepted projects, converted once for all tests; or says that the test is skipped.
fn projects(test: &str) -> Option<&'static [Project]> {
    static PROJECTS: OnceLock<Vec<Project>> = OnceLock::new();
    let place = shared::shared(test, "corpus")?;
    Some(PROJECTS.get_or_init(|| {
        let cases: Vec<Case> =
            cases(&place).into_iter().filter(|case| case.expected("compose-config.json").is_some()).collect();
        let runs = parallel::each(&cases, |case| (convert(case, &[]), convert(case, &[])));
        cases.into_iter().zip(runs).map(|(case, (run, elsewhere))| Project { case, run, elsewhere }).collect()
    }))
}

/// Converts a fresh copy, which lies in a directory that no other copy has.
fn convert(case: &Case, flags: &[&str]) -> Run {
    let stage = Stage::of(&case.directory.join("project"), &case.name, &[]);
    stage.run(&case.below, &case.environment, &case.command(&[&["convert"], flags].concat()))
}

#[test]
fn accepted_projects_convert() {
    let Some(projects) = projects("corpus for Kubernetes") else { return };
    assert_eq!(projects.len(), ACCEPTED, "projects that Compose accepts");
    let refused: BTreeSet<String> = projects
        .iter()
        .filter(|project| project.is_refused())
        .map(|Project { case, run, .. }| {
            assert_eq!(run.code, Some(1), "{}: {}", case.name, run.stderr);
            let codes: Vec<String> = error_codes(&run.stderr).into_iter().collect();
            format!("{}: {}", case.name, codes.join(" "))
        })
        .collect();
    let ledger = ledger();
    assert_eq!(
        refused.symmetric_difference(&ledger).collect::<Vec<_>>(),
        [] as [&String; 0],
        "what is refused and fixtures/corpus/kubernetes.txt differ in these"
    );
    let share = percent(refused.len());
    assert!(share <= 5.0, "{share:.1} % are refused");
}

#[test]
fn refusals_name_a_way_out() {
    let Some(projects) = projects("ways out of refusals") else { return };
    let mut silent = Vec::new();
    for Project { case, run, .. } in projects.iter().filter(|project| project.run.code == Some(1)) {
        for diagnostic in run.stderr.split("\n\n").filter(|text| text.starts_with("error")) {
            if !diagnostic.contains("= help: ") {
                silent.push(format!("{}: {diagnostic}", case.name));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn what_can_be_allowed_leaves_few_refusals() {
    let Some(projects) = projects("corpus, all allowed") else { return };
    let refused: Vec<&Project> = projects.iter().filter(|project| project.is_refused()).collect();
    let flags: Vec<&str> = ALLOWED.iter().flat_map(|code| ["--allow", code]).collect();
    let left: Vec<String> =
        parallel::each(&refused, |project| (&project.case.name, convert(&project.case, &flags)))
            .into_iter()
            .filter(|(_, run)| run.code != Some(0))
            .map(|(name, run)| format!("{name}: {:?}", error_codes(&run.stderr)))
            .collect();
    let share = percent(left.len());
    assert!(share <= 2.0, "{share:.1} % are refused whatever is allowed:\n{}", left.join("\n"));
}

#[test]
fn bytes_do_not_depend_on_the_place() {
    let Some(projects) = projects("corpus twice") else { return };
    let differ: Vec<&str> = projects
        .iter()
        .filter(|project| project.run.stdout != project.elsewhere.stdout)
        .map(|project| project.case.name.as_str())
        .collect();
    assert_eq!(differ, [] as [&str; 0], "two runs in different directories differ");
}

#[test]
fn objects_are_legal() {
    let Some(projects) = projects("corpus is legal") else { return };
    let converted: Vec<&Project> = projects.iter().filter(|project| project.run.code == Some(0)).collect();
    let faults: Vec<String> = parallel::each(&converted, |Project { case, run, .. }| {
        let objects: Vec<Value> = match serde_saphyr::from_multiple(&run.stdout) {
            Ok(objects) => objects,
            Err(error) => return vec![format!("{}: {error}", case.name)],
        };
        let external = external_kinds(case);
        let mut faults = typed::untyped(&run.stdout);
        faults.extend(legal::faults(&objects, &|kind, _| external.contains(&kind)));
        faults.into_iter().map(|fault| format!("{}: {fault}", case.name)).collect()
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn objects_pass_the_published_schemas() {
    let Some(projects) = projects("schemas of corpus") else { return };
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let mut files = Vec::new();
    for Project { case, run, .. } in projects.iter().filter(|project| !project.run.stdout.is_empty()) {
        let file = scratch.path().join(format!("{}.yaml", case.name));
        fs::write(&file, &run.stdout).expect("a scratch file can be written");
        files.push(file);
    }
    match schemas::schema_faults(schemas::RELEASES, &files) {
        Ok(said) => assert!(said.is_empty(), "{}", said.join("\n")),
        Err(reason) => skip::skipped("schemas of corpus", &reason),
    }
}

/// Returns the kinds of which the project takes objects that are there already.
fn external_kinds(case: &Case) -> Vec<&'static str> {
    let text = case.expected("compose-config.json").expect("the project is accepted");
    let config: Value = serde_json::from_str(&text).expect("an expected value is JSON");
    let has_external = |key: &str| {
        config[key].as_object().is_some_and(|parts| parts.values().any(|part| part["external"] == true))
    };
    [("configs", "ConfigMap"), ("secrets", "Secret"), ("volumes", "PersistentVolumeClaim")]
        .into_iter()
        .filter(|(key, _)| has_external(key))
        .map(|(_, kind)| kind)
        .collect()
}

fn percent(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a few hundred")) * 100.0
        / f64::from(u32::try_from(ACCEPTED).expect("a few hundred"))
}

/// Returns the lines of the ledger: a project, and the codes for which it is refused.
fn ledger() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus/kubernetes.txt");
    let text = fs::read_to_string(path).expect("the ledger is in the repository");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}
