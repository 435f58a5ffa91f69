//! What `check --format sarif` and `convert --report sarif` print for every case of `fixtures/problems` passes the published
//! schema of SARIF 2.1.0.
//!
//! The schema is not ours and lies outside the repository. A Python package asks it, from the environment that the schemas of
//! Kubernetes come in.

#![expect(
    clippy::disallowed_methods,
    reason = "reads fixtures itself and runs Python; `host` is for the program"
)]

#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/schema_script.rs"]
mod schema_script;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use program::Stage;
use serde_json::Value;

#[test]
fn findings_pass_the_published_schema() {
    let Some(schema) = shared::shared("sarif", "schema") else { return };
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/problems");
    let cases: Vec<PathBuf> = fs::read_dir(cases)
        .expect("there are cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let reports: Vec<(PathBuf, usize)> = parallel::each(&cases, |case| report(case, scratch.path()));
    let results: usize = reports.iter().map(|(_, results)| results).sum();
    assert!(results > cases.len(), "{results} results of {} cases", cases.len());
    let mut files: Vec<PathBuf> = reports.into_iter().map(|(file, _)| file).collect();
    files.extend(parallel::each(&cases, |case| account(case, scratch.path())).into_iter().flatten());
    assert!(files.len() > cases.len() * 3 / 2, "most cases have an account");
    let schema = schema.join("sarif-2.1.0.json").display().to_string();
    match schema_script::faults("tests/json_schema.py", &[&schema], &files) {
        Ok(faults) => assert!(faults.is_empty(), "{}", faults.join("\n")),
        Err(reason) => skip::skipped("sarif", &reason),
    }
}

/// Writes the account of a case to a file; one that is not read to the end has none.
fn account(case: &Path, scratch: &Path) -> Option<PathBuf> {
    let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
    let stage = Stage::of(case, &name, &["problems.txt"]);
    let words = ["convert", "--to", "swarm", "-o", "out/", "--report", "sarif=account.sarif"];
    let run = stage.run(".", &BTreeMap::new(), &words);
    assert!(matches!(run.code, Some(0 | 1)), "{name}: exit {:?}", run.code);
    let text = fs::read_to_string(stage.directory.join("account.sarif")).ok()?;
    let file = scratch.join(format!("{name}-account.sarif"));
    fs::write(&file, text).expect("a scratch file can be written");
    Some(file)
}

/// Writes what the program reports of a case to a file, and counts the results.
fn report(case: &Path, scratch: &Path) -> (PathBuf, usize) {
    let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
    let stage = Stage::of(case, &name, &["problems.txt"]);
    let run =
        stage.run(".", &BTreeMap::new(), &["check", "--format", "sarif", "--to", "k8s", "--to", "swarm"]);
    assert!(matches!(run.code, Some(0 | 1)), "{name}: exit {:?}", run.code);
    let tree: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{name}: {error}: {}", run.stderr));
    let file = scratch.join(format!("{name}.sarif"));
    fs::write(&file, run.stdout).expect("a scratch file can be written");
    (file, tree["runs"][0]["results"].as_array().map_or(0, Vec::len))
}
