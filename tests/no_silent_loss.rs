//! No key is lost in silence: each leaf of the Compose schema, added to a small project with a meaningful value, changes what
//! is written for the target or what is said about it, and the account of everything says so.
//!
//! The schema is not ours and lies outside the repository; values that mean something stand in `fixtures/loss/values.txt`.

#![expect(
    clippy::disallowed_methods,
    reason = "reads fixtures and the schema itself; `host` is for the program"
)]

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
use std::sync::{Arc, Mutex};

use program::{Run, Stage};
use serde_json::{Map, Value, json};

/// Keys that the schema lacks.
const BESIDES: [&str; 3] =
    ["services.*.build.no_cache_filter.0", "services.*.pre_start.0.command", "services.*.pre_start.0.image"];
const TARGETS: [&str; 2] = ["k8s", "swarm"];

#[test]
fn each_leaf_of_the_schema_changes_something_for_each_target() {
    let Some(schema) = shared::shared("no silent loss", "schema") else { return };
    let schema = fs::read_to_string(schema.join("compose-spec.json")).expect("the schema can be read");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let mut leaves = BTreeMap::new();
    walk(&schema, &schema, &mut Vec::new(), &mut leaves);
    leaves.extend(BESIDES.map(|path| (path.to_owned(), json!("x"))));
    let values = Values::read();
    values.fit(&leaves.keys().map(String::as_str).collect());
    let tried: Vec<(&String, &Value)> =
        leaves.iter().filter(|(path, _)| !values.skipped.contains(*path)).collect();
    assert!(tried.len() > 290, "only {} leaves were found", tried.len());
    let faults: Vec<String> =
        parallel::each(&tried, |(path, plain)| values.faults(path, plain)).into_iter().flatten().collect();
    assert!(faults.is_empty(), "{} of {} leaves:\n{}", faults.len(), tried.len(), faults.join("\n"));
}

/// Collects the leaves of the schema, each with a value that fits its type.
fn walk(schema: &Value, node: &Value, path: &mut Vec<String>, leaves: &mut BTreeMap<String, Value>) {
    let node = resolved(schema, node);
    let alternatives: Vec<&Value> =
        ["oneOf", "anyOf"].iter().filter_map(|key| node[key].as_array()).flatten().collect();
    if !alternatives.is_empty() {
        for alternative in alternatives {
            walk(schema, alternative, path, leaves);
        }
        return;
    }
    let mut inside = Vec::new();
    for (key, value) in node["properties"].as_object().into_iter().flatten() {
        inside.push((key.clone(), value));
    }
    for (pattern, value) in node["patternProperties"].as_object().into_iter().flatten() {
        if pattern != "^x-" {
            inside.push(("*".to_owned(), value));
        }
    }
    if node["additionalProperties"].is_object() {
        inside.push(("*".to_owned(), &node["additionalProperties"]));
    }
    if node["items"].is_object() {
        inside.push(("0".to_owned(), &node["items"]));
    }
    if inside.is_empty() {
        if let Some(value) = plain(node) {
            leaves.entry(path.join(".")).or_insert(value);
        }
        return;
    }
    for (step, value) in inside {
        // The schema of a resource that an included file defines contains itself nowhere; eight steps are its depth.
        if path.len() < 9 {
            path.push(step);
            walk(schema, value, path, leaves);
            path.pop();
        }
    }
}

fn resolved<'s>(schema: &'s Value, mut node: &'s Value) -> &'s Value {
    while let Some(reference) = node["$ref"].as_str() {
        node = schema.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere");
    }
    node
}

/// Returns a value of the type; `None` for null, which says nothing.
fn plain(node: &Value) -> Option<Value> {
    if let Some(word) = node["enum"].get(0) {
        return Some(word.clone());
    }
    let kind = match &node["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind? {
        "string" => Some(json!("x")),
        "integer" | "number" => Some(json!(3)),
        "boolean" => Some(json!(true)),
        "object" => Some(json!({})),
        _ => None,
    }
}

/// What `fixtures/loss/values.txt` says.
#[derive(Default)]
struct Values {
    project: Value,
    written: BTreeMap<String, Value>,
    inside: Vec<(String, Value)>,
    above: Vec<(String, Value)>,
    beside: BTreeMap<String, Value>,
    skipped: BTreeSet<String>,
    silent: BTreeSet<(String, String)>,
    fieldless: BTreeSet<(String, String)>,
    without_field: BTreeSet<(String, String)>,
    known: Mutex<BTreeMap<String, Arc<Said>>>,
}

impl Values {
    fn read() -> Self {
        let text = fs::read_to_string(home().join("values.txt")).expect("the values are in the repository");
        let project = fs::read_to_string(home().join("project/compose.json")).expect("so is the project");
        let mut values =
            Self { project: serde_json::from_str(&project).expect("it is JSON"), ..Self::default() };
        let ledger = home().join("../account/without-field.txt");
        let ledger = fs::read_to_string(ledger).expect("the ledger is in the repository");
        for line in ledger.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split(' ').map(str::to_owned);
            let entry = words.next().zip(words.next()).expect("a target and a key stand in a line");
            values.without_field.insert(entry);
        }
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (path, rest) = line.split_once(' ').expect("a line begins with a path");
            let (sign, rest) = rest.split_once(' ').expect("a sign follows");
            let value = || serde_json::from_str(rest).unwrap_or_else(|error| panic!("{line}: {error}"));
            match sign {
                "=" => drop(values.written.insert(path.to_owned(), value())),
                "+" => values.inside.push((path.to_owned(), value())),
                "^" => values.above.push((path.to_owned(), value())),
                "&" => drop(values.beside.insert(path.to_owned(), value())),
                "~" => {
                    let (target, _) = rest.split_once(' ').expect("a target is named, then the reason");
                    values.silent.insert((path.to_owned(), target.to_owned()));
                }
                "%" => {
                    let (target, _) = rest.split_once(' ').expect("a target is named, then the reason");
                    values.fieldless.insert((path.to_owned(), target.to_owned()));
                }
                "-" => drop(values.skipped.insert(path.to_owned())),
                _ => panic!("{line}: no such sign"),
            }
        }
        values
    }

    /// Each line must be of use, else a slip of the pen hides a leaf.
    fn fit(&self, leaves: &BTreeSet<&str>) {
        let silent = self.silent.iter().chain(&self.fieldless).map(|(path, _)| path);
        let named = self.written.keys().chain(self.beside.keys()).chain(&self.skipped).chain(silent);
        for path in named {
            assert!(leaves.contains(path.as_str()), "values.txt: `{path}` is no leaf of the schema");
        }
        for (path, _) in self.inside.iter().chain(&self.above) {
            let prefix = format!("{path}.");
            assert!(
                leaves.iter().any(|leaf| leaf.starts_with(&prefix)),
                "values.txt: nothing lies below `{path}`"
            );
        }
    }

    fn faults(&self, path: &str, plain: &Value) -> Vec<String> {
        let steps: Vec<&str> = path.split('.').collect();
        let mut before = self.project.clone();
        for (prefix, object) in &self.inside {
            if path.starts_with(&format!("{prefix}.")) {
                merge(place(&mut before, &prefix.split('.').collect::<Vec<_>>()), object);
            }
        }
        for (prefix, object) in &self.above {
            if path.starts_with(&format!("{prefix}.")) {
                let steps: Vec<&str> = prefix.split('.').collect();
                merge(place(&mut before, &steps[..steps.len() - 1]), object);
            }
        }
        if let Some(object) = self.beside.get(path) {
            merge(place(&mut before, &steps[..steps.len() - 1]), object);
        }
        let mut after = before.clone();
        *place(&mut after, &steps) = self.written.get(path).unwrap_or(plain).clone();
        let (before, after) = (self.said(&before), Said::about(&after));
        let mut faults: Vec<String> = [&*before, &after]
            .into_iter()
            .filter(|said| said.loaded.code != Some(0))
            .map(|said| format!("{path}: does not load: {}", said.loaded.stderr))
            .collect();
        let leaf = written(&steps);
        for (index, target) in TARGETS.iter().enumerate() {
            let quiet = before.converted[index] == after.converted[index];
            let exempt = self.silent.contains(&(path.to_owned(), (*target).to_owned()));
            if quiet && !exempt && !after.findings(target).iter().any(|named| is_above(named, &leaf)) {
                faults.push(format!("{path}: lost in silence for {target}"));
            }
            if !exempt {
                faults.extend(
                    self.account_faults(path, &leaf, target, &after).map(|fault| format!("{path}: {fault}")),
                );
            }
        }
        faults
    }

    /// Tells where the account of a leaf is not what was written and said: it stands in no line, its line is mapped and leads
    /// nowhere, or what became of it was told of no key.
    fn account_faults(
        &self,
        path: &str,
        leaf: &str,
        target: &str,
        said: &Said,
    ) -> impl Iterator<Item = String> {
        let report = &said.reports[TARGETS.iter().position(|name| *name == target).expect("a target")];
        let is_empty = |key: &Value, part: &str| key[part].as_array().is_none_or(Vec::is_empty);
        let keys: Vec<&Value> = report["keys"].as_array().into_iter().flatten().collect();
        let about = |leaf: &str| -> Vec<&Value> {
            let meets = |line: &str| is_or_is_below(leaf, line) || is_or_is_below(line, leaf);
            keys.iter().copied().filter(|key| key["path"].as_str().is_some_and(meets)).collect()
        };
        let mut found = about(leaf);
        // An item of a list that stands for a mapping goes by the name before its sign.
        if let Some(list) = leaf.strip_suffix("[0]").filter(|_| found.is_empty()) {
            found = about(list);
        }
        let mut faults = Vec::new();
        // A service that no profile switches on has no account.
        if found.is_empty() && !path.starts_with("services.*.profiles") {
            faults.push(format!("in no line of the account for {target}"));
        }
        for key in found {
            let name = key["key"].as_str().unwrap_or_default();
            let known = self.without_field.contains(&(target.to_owned(), name.to_owned()))
                || self.fieldless.contains(&(path.to_owned(), target.to_owned()));
            let leads = !is_empty(key, "fields") || !is_empty(key, "findings");
            if key["outcome"] == "mapped" && !leads && !known {
                faults.push(format!("mapped for {target}, but to what? {} {name}", key["path"]));
            }
        }
        for found in report["others"].as_array().into_iter().flatten() {
            if found["outcome"].is_string() {
                faults.push(format!("told of no key for {target}: {} {}", found["code"], found["message"]));
            }
        }
        faults.into_iter()
    }

    /// Many leaves are added to one and the same project.
    fn said(&self, project: &Value) -> Arc<Said> {
        let mut known = self.known.lock().expect("no holder panics");
        Arc::clone(known.entry(project.to_string()).or_insert_with(|| Arc::new(Said::about(project))))
    }
}

/// What the program makes of a project.
struct Said {
    stage: Stage,
    loaded: Run,
    /// What is written and what is said of it, by target.
    converted: Vec<(String, String)>,
    /// The account, by target.
    reports: Vec<Value>,
}

impl Said {
    fn about(project: &Value) -> Self {
        let stage = Stage::of(&home().join("project"), "small", &["compose.json"]);
        fs::write(stage.directory.join("compose.yaml"), format!("{project:#}"))
            .expect("a copy can be written");
        let run = |words: &[&str]| stage.run(".", &BTreeMap::new(), words);
        let mut reports = Vec::new();
        let converted = |target: &&str| {
            let run = run(&["-v", "convert", "--to", target, "--report", "json=report.json"]);
            let report = fs::read(stage.directory.join("report.json")).unwrap_or_default();
            reports.push(serde_json::from_slice(&report).unwrap_or_default());
            // Places move with each key; what is said must differ, not where.
            let said = run.stderr.lines().filter(|line| !line.contains("-->") && !line.contains(" | "));
            (run.stdout, said.map(without_places).collect())
        };
        let converted = TARGETS.iter().map(converted).collect();
        let loaded = run(&["--profile", "*", "config", "-q"]);
        Self { stage, loaded, converted, reports }
    }

    /// Returns the paths of all findings for a target.
    fn findings(&self, target: &str) -> Vec<String> {
        let words = ["check", "--format", "json", "--to", target];
        let run = self.stage.run(".", &BTreeMap::new(), &words);
        let found: Value = serde_json::from_str(&run.stdout).expect("a report is JSON");
        let paths = found["diagnostics"].as_array().into_iter().flatten();
        paths.filter_map(|found| found["path"].as_str()).map(str::to_owned).collect()
    }
}

/// Cuts `compose.yaml:1:2` to `compose.yaml`.
fn without_places(line: &str) -> String {
    let mut parts = line.split("compose.yaml:");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("compose.yaml");
        text.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ':'));
    }
    text
}

/// Writes a path as findings do.
fn written(steps: &[&str]) -> String {
    let mut path = String::new();
    for (index, step) in steps.iter().enumerate() {
        match *step {
            "0" => path.push_str("[0]"),
            step => {
                path.push_str(if index == 0 { "" } else { "." });
                path.push_str(name(steps, index, step));
            }
        }
    }
    path
}

/// Tells whether a path is another one, or leads below it.
fn is_or_is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Tells whether a finding is about the leaf, or about what it is a part of; a whole service or resource is too much.
fn is_above(named: &str, leaf: &str) -> bool {
    let rest = leaf.strip_prefix(named);
    named.matches('.').count() >= 2
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Returns the key that stands for a step.
fn name<'s>(steps: &[&str], index: usize, step: &'s str) -> &'s str {
    match step {
        "*" if index == 1 && steps[0] == "services" => "app",
        "*" => "k",
        step => step,
    }
}

/// Returns the place of a path, made where it is absent; a value of another form makes room.
fn place<'p>(project: &'p mut Value, steps: &[&str]) -> &'p mut Value {
    steps.iter().enumerate().fold(project, |node, (index, step)| {
        if *step == "0" {
            if !node.is_array() {
                *node = json!([null]);
            }
            &mut node[0]
        } else {
            if !node.is_object() {
                *node = json!({});
            }
            node.as_object_mut().expect("just made").entry(name(steps, index, step)).or_insert(Value::Null)
        }
    })
}

/// Puts keys into an object; null takes one away.
fn merge(node: &mut Value, object: &Value) {
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    let Value::Object(map) = node else { return };
    for (key, value) in object.as_object().expect("an object is merged") {
        if value.is_null() {
            map.remove(key);
        } else {
            map.insert(key.clone(), value.clone());
        }
    }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/loss")
}
