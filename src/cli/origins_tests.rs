//! Origins are good enough for an account: every field of every object of our projects comes from somewhere.

#![expect(clippy::disallowed_methods, reason = "reads fixtures and the rule book itself")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::account::steps::{at, steps};
use crate::backend::kubernetes::Kubernetes;
use crate::backend::swarm::Swarm;
use crate::backend::{Backend, Document};
use crate::compose::hints::Outside;
use crate::compose::{FILE_NAMES, Request, load};
use crate::diag::{Sink, Sources};
use crate::host::RealHost;
use crate::normalise::normalise;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Fields that say what an object is: no rule need be told.
const BY_NATURE: [&str; 2] = ["apiVersion", "kind"];

#[test]
fn every_field_of_every_object_has_an_origin_whose_rule_exists() {
    let rules = rules();
    let mut faults = Vec::new();
    let mut count = 0;
    for project in projects() {
        for document in documents(&project) {
            let origins: BTreeSet<Vec<String>> =
                document.origins.iter().map(|origin| steps(&origin.path)).collect();
            for origin in &document.origins {
                if !rules.contains(origin.rule) {
                    faults.push(format!("{}: no rule {}", named(&document), origin.rule));
                }
                if at(&document.tree, &steps(&origin.path)).is_none() {
                    let name = named(&document);
                    faults.push(format!("{name}: {} ({}) leads nowhere", origin.path, origin.rule));
                }
            }
            let mut leaves = Vec::new();
            collect(&document.tree, &mut Vec::new(), &mut leaves);
            for leaf in leaves.iter().filter(|leaf| !BY_NATURE.contains(&leaf.join(".").as_str())) {
                count += 1;
                if !(0..=leaf.len()).any(|length| origins.contains(&leaf[..length])) {
                    faults.push(format!("{}: {}", named(&document), leaf.join(".")));
                }
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(count > 1000, "only {count} fields were looked at");
    assert!(faults.is_empty(), "{} without origin:\n{}", faults.len(), faults.join("\n"));
}

fn named(document: &Document) -> String {
    format!("{}/{}", document.kind, document.name)
}

/// `why` says in words what a rule does.
#[test]
fn each_rule_that_a_backend_names_has_words() {
    let mut faults = Vec::new();
    let mut directories = vec![Path::new(ROOT).join("src/backend")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("sources can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source is text");
            for word in text.split('"').filter(|word| is_rule(word)) {
                if crate::account::in_words(word).is_none() {
                    faults.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "rules without words in account/rules.rs:\n{}", faults.join("\n"));
}

fn is_rule(word: &str) -> bool {
    let number = word.get(1..).unwrap_or_default();
    word.starts_with(['K', 'N', 'S'])
        && !number.is_empty()
        && number.chars().all(|digit| digit.is_ascii_digit())
}

fn collect(value: &Value, path: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                path.push(key.clone());
                collect(value, path, leaves);
                path.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                collect(item, path, leaves);
                path.pop();
            }
        }
        _ => leaves.push(path.clone()),
    }
}

fn documents(project: &Path) -> Vec<Document> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let arguments = fs::read_to_string(project.join("case.args")).unwrap_or_default();
    let files: Vec<&str> = arguments.lines().filter(|line| *line != "-f").collect();
    let is_there = |name: &&&str| project.join(name).exists();
    let files = if files.is_empty() {
        FILE_NAMES.iter().find(is_there).into_iter().copied().collect()
    } else {
        files
    };
    let request = Request {
        files: files.iter().map(|file| project.join(file).display().to_string()).collect(),
        ..Request::default()
    };
    let mut of = |backend: &dyn Backend| {
        let loaded = load(&request, &RealHost, &mut sources, &mut sink).expect("a project loads");
        let model = normalise(loaded, &Outside::default(), &RealHost, &mut sources, &mut sink);
        backend.render(&model, &sources, &mut sink).documents
    };
    let mut documents = of(&Kubernetes::default());
    documents.extend(of(&Swarm::default()));
    documents
}

fn projects() -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join("fixtures/projects")).expect("there are projects");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
}

/// Returns the ids that the rule book declares.
fn rules() -> BTreeSet<String> {
    let entries = fs::read_dir(Path::new(ROOT).join("docs/design")).expect("there is a rule book");
    let texts = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).expect("the rule book can be read"));
    let mut rules = BTreeSet::new();
    for text in texts {
        for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            let number = word.get(1..).unwrap_or_default();
            if word.starts_with(['D', 'K', 'L', 'N', 'S', 'C']) && number.parse::<u32>().is_ok() {
                rules.insert(word.to_owned());
            }
        }
    }
    rules
}
