//! The worked examples of the rule book are what the program gives: rules and code cannot part unseen.

#![expect(clippy::disallowed_methods, reason = "reads the rule book itself; `host` is for the program")]

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use program::Stage;
use serde_json::Value;

/// What K2 writes into every pod.
const POD: &str = "automountServiceAccountToken: false, enableServiceLinks: false, \
                   securityContext: {seccompProfile: {type: RuntimeDefault}}";

/// Files that an example names in a comment, by its name.
const FILES: &[(&str, &str, &str)] = &[
    ("binds", "nginx.conf", "events {}\nhttp { server { location / { proxy_pass http://web:5000; } } }\n"),
    ("configs-secrets", "db_password", "s3cret"),
    ("nfs-directory", "provisioning/dashboards/all.yml", "apiVersion: 1\n"),
    ("nfs-directory", "provisioning/datasources/prom.yml", "apiVersion: 1\n"),
    ("studio", "db_password", "s3cret"),
];

/// Flags that an example is converted with, by its name.
const FLAGS: &[(&str, &[&str])] = &[("ingress", &["--expose", "ingress"])];

#[test]
fn expanded_examples_are_what_the_program_gives() {
    let mut faults = Vec::new();
    let inputs = inputs();
    assert!(inputs.len() >= 8, "the examples were not found: {inputs:?}");
    for input in inputs {
        let name =
            input.file_name().expect("a file has a name").to_string_lossy().replace(".compose.yaml", "");
        let expected =
            fs::read_to_string(input.with_file_name(format!("{name}.yaml"))).expect("an input has a result");
        let compose = fs::read_to_string(&input).expect("an input is text");
        faults.extend(compare(&name, &compose, &expected, None));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn examples_in_the_text_are_what_the_program_gives() {
    let mut faults = Vec::new();
    for (page, head, project) in [
        ("kubernetes-workloads.md", "### 17.1", "guestbook"),
        ("kubernetes-workloads.md", "### 17.2", "render-farm"),
        ("kubernetes-workloads.md", "### 17.3", "fleet"),
        ("kubernetes-network-storage.md", "## 3 ", "studio"),
    ] {
        let page = fs::read_to_string(design().join(page)).expect("a rule file is text");
        let section = &page[page.find(head).expect("the section exists")..];
        let mut blocks =
            section.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
        let compose = blocks.next().expect("an example has an input");
        let expected = expanded(blocks.next().expect("an example has a result"), project);
        faults.extend(compare(project, compose, &expected, Some(project)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Converts an input and compares the objects with the expected ones, one by one and in their order.
fn compare(name: &str, compose: &str, expected: &str, project: Option<&str>) -> Vec<String> {
    let expected = documents(expected);
    let given = match convert(name, compose, project) {
        Ok(text) => documents(&text),
        Err(fault) => return vec![format!("{name}: {fault}")],
    };
    let (left, right): (Vec<_>, Vec<_>) =
        (expected.iter().map(title).collect(), given.iter().map(title).collect());
    if left != right {
        return vec![format!("{name}: the rule book has\n  {left:?}\nthe program gives\n  {right:?}")];
    }
    let pairs = expected.iter().zip(&given);
    pairs
        .filter_map(|(left, right)| {
            Some(format!("{name}, {}: {}", title(left), difference("", left, right)?))
        })
        .collect()
}

fn convert(name: &str, compose: &str, project: Option<&str>) -> Result<String, String> {
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let twin =
        project.map(|project| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(project));
    let source = twin.filter(|twin| twin.exists()).unwrap_or_else(|| scratch.path().to_owned());
    let stage = Stage::of(&source, project.unwrap_or(name), &["kubernetes", "swarm"]);
    fs::write(stage.directory.join("example.yaml"), compose).expect("a copy can be written");
    for (_, file, text) in FILES.iter().filter(|(owner, _, _)| *owner == name) {
        let path = stage.directory.join(file);
        fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a copy can be written");
        fs::write(path, text).expect("a copy can be written");
    }
    let flags = FLAGS.iter().filter(|(owner, _)| *owner == name).flat_map(|(_, flags)| flags.iter().copied());
    let words: Vec<&str> = ["-f", "example.yaml", "convert"].into_iter().chain(flags).collect();
    let run = stage.run(".", &BTreeMap::new(), &words);
    if run.code == Some(0) {
        Ok(run.stdout)
    } else {
        Err(format!("ended with {:?}:\n{}", run.code, run.stderr))
    }
}

/// Writes out what K, section 17 shortens: `{$S: x}`, `{$L: x}`, `$K2`.
fn expanded(text: &str, project: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{$") {
        let (before, from) = rest.split_at(at);
        let (group, after) = from.split_once('}').expect("a group is closed");
        let (kind, service) = group[2..].split_once(": ").expect("a group names a service");
        let selector = format!("app.kubernetes.io/instance: {project}, app.kubernetes.io/name: {service}");
        let more = format!(", app.kubernetes.io/managed-by: rcompose, app.kubernetes.io/part-of: {project}");
        out.push_str(before);
        out.extend(["{", &selector, if kind == "L" { &more } else { "" }, "}"]);
        rest = after;
    }
    out.push_str(rest);
    let pod = POD.replace(", ", "\n      ");
    out.replace("$K2: true", &pod)
}

fn documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

fn title(document: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{}/{}", word(&document["kind"]), word(&document["metadata"]["name"]))
}

/// Returns the first place where two values differ.
fn difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.into_iter().find_map(|key| difference(&format!("{path}.{key}"), &left[key], &right[key]))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (left, right))| difference(&format!("{path}[{index}]"), left, right))
        }
        _ if left == right => None,
        _ => Some(format!("{path}: the rule book has {left}, the program gives {right}")),
    }
}

fn inputs() -> Vec<PathBuf> {
    let mut inputs = Vec::new();
    for directory in fs::read_dir(design()).expect("the rule book can be listed") {
        let directory = directory.expect("an entry").path();
        for file in fs::read_dir(directory).into_iter().flatten() {
            let file = file.expect("an entry").path();
            if file.display().to_string().ends_with(".compose.yaml") {
                inputs.push(file);
            }
        }
    }
    inputs.sort();
    inputs
}

fn design() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design")
}
