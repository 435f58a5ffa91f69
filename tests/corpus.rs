//! Projects written by others, against what Docker Compose 2.40.3 makes of them: accepted ones value for value, refused ones
//! by the kind of the error.
//!
//! The corpus is not ours and lies outside the repository; here are only the names of its cases. Known differences stand
//! in `fixtures/corpus/ledger.txt`, which may only shrink.

#![expect(clippy::disallowed_methods, reason = "reads the corpus itself; `host` is for the program")]

#[path = "support/case.rs"]
mod case;
#[path = "support/difference.rs"]
mod difference;
#[path = "support/directories.rs"]
mod directories;
#[path = "support/error_codes.rs"]
mod error_codes;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use case::{Case, cases};
use difference::first_difference;
use error_codes::error_codes;
use program::{Run, Stage};
use serde_json::Value;

/// Where the corpus was run; expected values name paths below it.
const ORIGIN: &str = "/srv/corpus";

#[test]
fn projects_load_as_docker_compose_loads_them() {
    let Some(corpus) = shared::shared("corpus", "corpus") else { return };
    let cases = cases(&corpus);
    let findings: Vec<(String, String)> = parallel::each(&cases, differences).into_iter().flatten().collect();
    let ledger = ledger();
    let known: BTreeSet<&str> = ledger.keys().map(String::as_str).collect();
    let found: BTreeMap<&str, &str> =
        findings.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut faults: Vec<String> = Vec::new();
    for (name, difference) in found.iter().filter(|(name, _)| !known.contains(*name)) {
        faults.push(format!("{name}: {difference}"));
    }
    for name in known.iter().filter(|name| !found.contains_key(*name)) {
        faults.push(format!("{name}: in the ledger, but there is no difference any more: take it out"));
    }
    assert!(
        faults.is_empty(),
        "{} of {} cases differ ({} in the ledger):\n{}",
        faults.len(),
        cases.len(),
        ledger.len(),
        faults.join("\n")
    );
}

#[test]
fn each_refused_project_has_a_code() {
    let Some(corpus) = shared::shared("corpus codes", "corpus") else { return };
    let listed = refusals();
    let ledger = ledger();
    for case in cases(&corpus) {
        let refused = case.expected("compose-config.error").is_some();
        let known = listed.contains_key(&case.name) || ledger.contains_key(&case.name);
        assert!(!refused || known, "{}: refused by Compose, but not in rejected.txt", case.name);
        assert!(
            refused || !listed.contains_key(&case.name),
            "{}: in rejected.txt, but accepted by Compose",
            case.name
        );
    }
}

/// Returns what differs, each with the name under which the ledger would have it.
fn differences(case: &Case) -> Vec<(String, String)> {
    let stage = Stage::of(&case.directory.join("project"), &case.name, &[]);
    let mut found = Vec::new();
    let variants: [(&str, &str, &[&str]); 3] = [
        ("", "compose-config.json", &[]),
        (" (no consistency)", "compose-config.no-consistency.json", &["--no-consistency"]),
        (" (all profiles)", "compose-config.all-profiles.json", &["--profile", "*"]),
    ];
    for (label, file, flags) in variants {
        let difference = match case.expected(file) {
            Some(expected) => unequal(case, &stage, &expected, flags),
            None if label.is_empty() => not_refused(case, &stage),
            None => None,
        };
        found.extend(difference.map(|text| (format!("{}{label}", case.name), text)));
    }
    found
}

fn unequal(case: &Case, stage: &Stage, expected: &str, flags: &[&str]) -> Option<String> {
    let run = config(case, stage, flags);
    if run.code != Some(0) {
        return Some(format!("refused (exit {:?}): {}", run.code, first_line(&run.stderr)));
    }
    let printed = run.stdout.replace(&above(stage, 1), ORIGIN).replace(&above(stage, 2), "/srv");
    let ours: Value = match serde_json::from_str(&printed) {
        Ok(value) => value,
        Err(error) => return Some(format!("not JSON: {error}")),
    };
    let theirs: Value = serde_json::from_str(expected).expect("an expected value is JSON");
    first_difference("", &theirs, &ours)
}

fn not_refused(case: &Case, stage: &Stage) -> Option<String> {
    let run = config(case, stage, &[]);
    if run.code != Some(1) {
        return Some(format!("accepted, or broken (exit {:?})", run.code));
    }
    let wanted = refusals().remove(&case.name)?;
    let given = error_codes(&run.stderr);
    (!given.contains(&wanted)).then(|| format!("refused with {given:?} in place of `{wanted}`"))
}

fn config(case: &Case, stage: &Stage, flags: &[&str]) -> Run {
    stage.run(
        &case.below,
        &case.environment,
        &case.command(&[&["config", "--format", "json"], flags].concat()),
    )
}

/// Returns the directory so many steps above the copy; the first one stood at [`ORIGIN`].
fn above(stage: &Stage, steps: usize) -> String {
    stage.directory.ancestors().nth(steps).expect("a copy lies in a scratch place").display().to_string()
}

fn ledger() -> BTreeMap<String, String> {
    lines("ledger.txt")
        .into_iter()
        .map(|line| {
            let (name, reason) = line.split_once(": ").expect("an entry of the ledger is `case: reason`");
            (name.to_owned(), reason.to_owned())
        })
        .collect()
}

/// Returns the code of each case that Compose refuses.
fn refusals() -> BTreeMap<String, String> {
    let mut codes = BTreeMap::new();
    let mut code = String::new();
    for line in lines("rejected.txt") {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(head) => head.clone_into(&mut code),
            None => drop(codes.insert(line, code.clone())),
        }
    }
    codes
}

fn lines(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus").join(name);
    let text = fs::read_to_string(path).expect("the ledgers are in the repository");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("nothing on stderr")
}
