//! The account of everything: `convert --report` has each written key once, with what became of it.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/directories.rs"]
mod directories;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/schema_script.rs"]
mod schema_script;
#[path = "support/skip.rs"]
mod skip;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use directories::directories;
use program::{Run, Stage};
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const TARGETS: [&str; 4] = ["k8s", "kustomize", "helm", "swarm"];
/// Results of other tests that lie in a project.
const RESULTS: [&str; 4] = ["kubernetes", "swarm", "problems.txt", "expect.txt"];

/// A project of `fixtures/projects`, and what it needs on the command line.
struct Project {
    directory: PathBuf,
    stage: Stage,
    arguments: Vec<String>,
}

impl Project {
    fn all() -> Vec<Self> {
        directories(&Path::new(ROOT).join("fixtures/projects")).into_iter().map(Self::of).collect()
    }

    fn of(directory: PathBuf) -> Self {
        let name = directory.file_name().expect("a project has a name").to_string_lossy().into_owned();
        let stage = Stage::of(&directory, &name, &RESULTS);
        let arguments = fs::read_to_string(directory.join("case.args")).unwrap_or_default();
        Self { arguments: arguments.lines().map(str::to_owned).collect(), directory, stage }
    }

    fn run(&self, words: &[&str]) -> Run {
        let words: Vec<&str> =
            self.arguments.iter().map(String::as_str).chain(words.iter().copied()).collect();
        self.stage.run(".", &BTreeMap::new(), &words)
    }

    fn report(&self, target: &str) -> Value {
        let run = self.run(&["convert", "--to", target, "-o", "out/", "--report", "json"]);
        assert_eq!(run.code, Some(0), "{}: {}", self.directory.display(), run.stderr);
        serde_json::from_str(&run.stdout).expect("a report is JSON")
    }
}

#[test]
fn each_written_key_of_a_project_is_accounted_for_once_on_each_target() {
    let projects = Project::all();
    assert!(projects.len() >= 16, "the projects were not found");
    let faults: Vec<String> = parallel::each(&projects, |project| {
        TARGETS.iter().flat_map(|target| faults(project, target)).collect()
    })
    .into_iter()
    .flat_map(|faults: Vec<String>| faults)
    .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn faults(project: &Project, target: &str) -> Vec<String> {
    let report = project.report(target);
    let name = format!("{} for {target}", project.directory.display());
    let keys = report["keys"].as_array().expect("a report has keys");
    let mut faults = Vec::new();
    let mut places = BTreeSet::new();
    for key in keys {
        let place = (key["path"].to_string(), key["file"].to_string(), key["range"].to_string());
        if !places.insert(place) {
            faults.push(format!("{name}: {} stands there twice", key["path"]));
        }
        if !["mapped", "approximated", "dropped", "refused"].iter().any(|word| key["outcome"] == *word) {
            faults.push(format!("{name}: {} has no outcome", key["path"]));
        }
        if key["outcome"] != "mapped" && key["findings"].as_array().is_none_or(Vec::is_empty) {
            faults.push(format!("{name}: {} is {} without a code", key["path"], key["outcome"]));
        }
    }
    // What several files say of one key is asked of the file that won, so leaves are those of single files.
    if project.arguments.is_empty() {
        let files = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
            .map(|name| project.directory.join(name));
        let file = files.iter().find(|file| file.exists()).expect("a project has a file");
        let text = fs::read_to_string(file).expect("a project can be read");
        let tree: Value = serde_saphyr::from_str(&text).expect("a project is YAML");
        for leaf in leaves(&tree) {
            let found = keys.iter().filter(|key| is_covered(&leaf, key["path"].as_str().unwrap_or_default()));
            let count = found.count();
            if count != 1 {
                faults.push(format!("{name}: `{}` is there {count} times", leaf.join(" ")));
            }
        }
    }
    faults
}

/// Returns all that is written in services that are on, key by key.
fn leaves(tree: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (name, service) in tree["services"].as_object().into_iter().flatten() {
        if service.get("profiles").is_none() {
            walk(service, &mut vec!["services".to_owned(), name.clone()], &mut found);
        }
    }
    found
}

fn walk(node: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let inside: Vec<(String, &Value)> = match node {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    if inside.is_empty() {
        // The name before `=` is what an item of a list is called by, too.
        let name = node.as_str().and_then(|text| text.split('=').next()).unwrap_or_default();
        found.push(path.iter().cloned().chain([format!("={name}")]).collect());
    }
    for (step, value) in inside {
        path.push(step);
        walk(value, path, found);
        path.pop();
    }
}

/// Tells whether a line of the report is the one of a leaf: it has its path, or that of the short form around it.
fn is_covered(leaf: &[String], path: &str) -> bool {
    let (name, steps) = leaf.split_last().expect("a leaf has steps");
    let mut rest = path;
    let mut used = 0;
    for step in steps {
        let next = rest
            .strip_prefix(&format!("[{step}]"))
            .or_else(|| rest.strip_prefix(step.as_str()))
            .map(|rest| rest.strip_prefix('.').unwrap_or(rest));
        match next {
            Some(next) if !rest.is_empty() => (rest, used) = (next, used + 1),
            _ => break,
        }
    }
    let is_pair = used + 1 == steps.len() && rest == name.trim_start_matches('=');
    used >= 3 && (rest.is_empty() || is_pair)
}

/// Keys that mean something without a field of their own, each with why; all others that are mapped lead to fields.
#[test]
fn what_is_mapped_leads_to_fields_or_is_known_not_to() {
    let ledger = fs::read_to_string(Path::new(ROOT).join("fixtures/account/without-field.txt"))
        .expect("the ledger is in the repository");
    let known: BTreeSet<(&str, &str)> = ledger
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split(' ');
            (words.next().expect("a target"), words.next().expect("a key"))
        })
        .collect();
    let projects = Project::all();
    let found = parallel::each(&projects, |project| {
        ["k8s", "swarm"].map(|target| {
            let report = project.report(target);
            let keys = report["keys"].as_array().into_iter().flatten();
            let silent = keys.filter(|key| {
                let is_empty = |part: &str| key[part].as_array().is_none_or(Vec::is_empty);
                key["outcome"] == "mapped" && is_empty("fields") && is_empty("findings")
            });
            silent
                .map(|key| (target, key["key"].as_str().expect("a key").to_owned()))
                .collect::<BTreeSet<_>>()
        })
    });
    let found: BTreeSet<(&str, String)> = found.into_iter().flatten().flatten().collect();
    let unknown: Vec<_> =
        found.iter().filter(|(target, key)| !known.contains(&(target, key.as_str()))).collect();
    assert!(unknown.is_empty(), "mapped, but to what? {unknown:?}");
}

#[test]
fn reports_are_what_their_schema_says() {
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let projects = Project::all();
    let schema = scratch.path().join("report.schema.json");
    fs::write(&schema, projects[0].run(&["schema", "report"]).stdout).expect("a scratch file can be written");
    let mut files = Vec::new();
    for (index, project) in projects.iter().enumerate() {
        for target in ["k8s", "swarm"] {
            let file = scratch.path().join(format!("{index}-{target}.json"));
            fs::write(&file, project.report(target).to_string()).expect("a scratch file can be written");
            files.push(file);
        }
    }
    match schema_script::faults("tests/json_schema.py", &[&schema.display().to_string()], &files) {
        Ok(faults) => assert!(faults.is_empty(), "{}", faults.join("\n")),
        Err(reason) => skip::skipped("reports", &reason),
    }
}

#[test]
fn a_run_that_fails_is_accounted_for_too() {
    let project = Project::of(Path::new(ROOT).join("fixtures/cli/shop"));
    let run = project.run(&["convert", "--deny", "notes", "-o", "out/", "--report", "json=report.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    let report = fs::read_to_string(project.stage.directory.join("report.json")).expect("it was written");
    let report: Value = serde_json::from_str(&report).expect("a report is JSON");
    assert!(report["summary"]["refused"].as_u64() > Some(0), "{report:#}");
    assert!(!project.stage.directory.join("out").exists(), "the product was written");
    assert!(!report.to_string().contains("change-me-please"), "a secret is in the report");
}

#[test]
fn each_line_of_the_output_has_an_answer_on_each_target() {
    let project = Project::of(Path::new(ROOT).join("fixtures/projects/shop"));
    for (target, file) in [
        ("k8s", "deployment-web.yaml"),
        ("kustomize", "base/deployment-web.yaml"),
        ("helm", "templates/deployment-web.yaml"),
        ("swarm", "stack.yaml"),
    ] {
        let written = project.run(&["convert", "--to", target, "-q", "-o", &format!("{target}/")]);
        assert_eq!(written.code, Some(0), "{}", written.stderr);
        let path = format!("{target}/{file}");
        let text = fs::read_to_string(project.stage.directory.join(&path)).expect("it was written");
        let asked: Vec<(usize, &str)> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with(['#', '{']))
            .step_by(2)
            .collect();
        let faults: Vec<String> = parallel::each(&asked, |(index, line)| {
            let run = project.run(&["why", "--to", target, &format!("{path}:{}", index + 1)]);
            let of_chart = target == "helm" && run.stderr.contains("is of the chart, for its values");
            let answered = of_chart || (run.code == Some(0) && !run.stdout.contains("no origin is noted"));
            (!answered).then(|| format!("{path}:{}: {line}\n{}{}", index + 1, run.stdout, run.stderr))
        })
        .into_iter()
        .flatten()
        .collect();
        assert!(asked.len() > 10 && faults.is_empty(), "{}", faults.join("\n"));
    }
}
