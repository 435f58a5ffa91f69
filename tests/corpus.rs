//! Projects written by others, against what Docker Compose 2.40.3 makes of them: accepted ones value for value, refused ones
//! by the kind of the error.
//!
//! The corpus is not ours and lies outside the repository; here are only the names of its cases. Known differences stand
//! in `fixtures/corpus/ledger.txt`, which may only shrink.

#![expect(clippy::disallowed_methods, reason = "reads the corpus itself; `host` is for the program")]

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
use std::path::{Path, PathBuf};

use program::{Run, Stage};
use serde_json::Value;

/// Where the corpus was run; expected values name paths below it.
const ORIGIN: &str = "/srv/corpus";

#[test]
fn projects_load_as_docker_compose_loads_them() {
    let Some(corpus) = shared::shared("corpus", "corpus") else { return };
    let cases = cases(&corpus);
    let findings: Vec<(String, String)> =
        parallel::each(&cases, Case::differences).into_iter().flatten().collect();
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

/// One project, as its `case.json` says.
struct Case {
    name: String,
    directory: PathBuf,
    below: String,
    files: Vec<String>,
    environment: BTreeMap<String, String>,
}

impl Case {
    fn read(directory: &Path) -> Self {
        let text = fs::read_to_string(directory.join("case.json")).expect("a case can be read");
        let case: Value = serde_json::from_str(&text).expect("a case is JSON");
        let texts = |key: &str| -> Vec<String> {
            case[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let environment = case["env"].as_object().into_iter().flatten();
        Self {
            name: case["case"].as_str().expect("a case has a name").to_owned(),
            directory: directory.to_owned(),
            below: case["workdir"].as_str().unwrap_or(".").to_owned(),
            files: texts("files"),
            environment: environment
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
        }
    }

    fn expected(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.directory.join("expected").join(name)).ok()
    }

    /// Returns what differs, each with the name under which the ledger would have it.
    fn differences(&self) -> Vec<(String, String)> {
        let stage = Stage::of(&self.directory.join("project"), &self.name, &[]);
        let mut found = Vec::new();
        let variants: [(&str, &str, &[&str]); 3] = [
            ("", "compose-config.json", &[]),
            (" (no consistency)", "compose-config.no-consistency.json", &["--no-consistency"]),
            (" (all profiles)", "compose-config.all-profiles.json", &["--profile", "*"]),
        ];
        for (label, file, flags) in variants {
            let difference = match self.expected(file) {
                Some(expected) => self.unequal(&stage, &expected, flags),
                None if label.is_empty() => self.not_refused(&stage),
                None => None,
            };
            found.extend(difference.map(|text| (format!("{}{label}", self.name), text)));
        }
        found
    }

    fn unequal(&self, stage: &Stage, expected: &str, flags: &[&str]) -> Option<String> {
        let run = self.config(stage, flags);
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

    fn not_refused(&self, stage: &Stage) -> Option<String> {
        let run = self.config(stage, &[]);
        if run.code != Some(1) {
            return Some(format!("accepted, or broken (exit {:?})", run.code));
        }
        let wanted = refusals().remove(&self.name)?;
        let given = error_codes(&run.stderr);
        (!given.contains(&wanted)).then(|| format!("refused with {given:?} in place of `{wanted}`"))
    }

    fn config(&self, stage: &Stage, flags: &[&str]) -> Run {
        let mut words = vec!["-p", self.name.as_str()];
        words.extend(self.files.iter().flat_map(|file| ["-f", file.as_str()]));
        words.extend(["config", "--format", "json"]);
        words.extend(flags);
        stage.run(&self.below, &self.environment, &words)
    }
}

fn cases(corpus: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for source in directories(corpus) {
        cases.extend(
            directories(&source)
                .iter()
                .filter(|case| case.join("case.json").exists())
                .map(|case| Case::read(case)),
        );
    }
    assert!(cases.len() > 700, "the corpus was not read: {} cases", cases.len());
    cases
}

fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("the corpus can be listed");
    let mut found: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
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

fn error_codes(stderr: &str) -> Vec<String> {
    let codes = stderr.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next());
    codes.map(str::to_owned).collect()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("nothing on stderr")
}

/// Returns the first place where two values differ.
fn first_difference(path: &str, theirs: &Value, ours: &Value) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            keys.into_iter().find_map(|key| {
                let below = format!("{path}.{key}");
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => first_difference(&below, left, right),
                    (Some(left), None) => Some(format!("{below}: missing {left}")),
                    (None, right) => Some(format!("{below}: too much {}", right.unwrap_or(&Value::Null))),
                }
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs
                .find_map(|(index, (left, right))| first_difference(&format!("{path}[{index}]"), left, right))
        }
        _ if theirs == ours => None,
        _ => Some(format!("{path}: expected {theirs}, got {ours}")),
    }
}
