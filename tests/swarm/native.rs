//! Stack files that others wrote for Swarm arrive as they would have without us (S2): what differs stands in a ledger, with the reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::projects::Project;
use super::stand_in::Recorded;
use super::{parallel, shared};

/// A place that differs: case, path in what was recorded, and both values.
struct Difference {
    case: String,
    path: String,
    original: String,
    ours: String,
}

#[test]
fn stacks_of_others_arrive_unchanged() {
    if super::start("swarm stacks of the corpus").is_none() {
        return;
    }
    let Some(corpus) = shared::shared("swarm stacks of the corpus", "corpus") else { return };
    let mut projects = Project::all_of_corpus(&corpus);
    projects.retain(|project| project.is_stack);
    // What a stand-in has recorded is of one deployment only if nobody else uses it.
    let shares: Vec<&[Project]> = projects.chunks(10).collect();
    let compared: Vec<Vec<Difference>> = parallel::each(&shares, |share| {
        let (_scratch, stand_in) = super::start("swarm stacks of the corpus").expect("it was there before");
        let compared = |project: &Project| {
            let (original, ours) = project.deploy_both(&stand_in)?;
            Some(differences(&project.name, &original, &ours))
        };
        share.iter().filter_map(compared).collect::<Vec<_>>()
    })
    .into_iter()
    .flatten()
    .collect();
    let count = compared.len();
    assert!(count >= 60, "nearly nothing was compared: {count}");
    let found: Vec<Difference> = compared.into_iter().flatten().collect();
    let ledger = ledger();
    let unknown: Vec<String> = found
        .iter()
        .filter(|found| !ledger.contains_key(&(found.case.clone(), found.path.clone())))
        .map(|found| format!("{}: {}: {} -> {}", found.case, found.path, found.original, found.ours))
        .collect();
    assert!(unknown.is_empty(), "{} differences of {count} stacks:\n{}", unknown.len(), unknown.join("\n"));
    let stale: Vec<_> = ledger
        .keys()
        .filter(|(case, path)| !found.iter().any(|found| (&found.case, &found.path) == (case, path)))
        .collect();
    assert!(stale.is_empty(), "in the ledger, but no more: {stale:?}");
}

/// Reads `case: path: reason`.
fn ledger() -> BTreeMap<(String, String), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus/swarm-native.txt");
    let text = fs::read_to_string(path).expect("the ledger is in the repository");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, ": ").map(str::to_owned);
            let mut part = || parts.next().unwrap_or_else(|| panic!("`case: path: reason` is meant: {line}"));
            ((part(), part()), part())
        })
        .collect()
}

/// Compares what arrived, but for spellings that mean the same.
fn differences(case: &str, original: &Recorded, ours: &Recorded) -> Vec<Difference> {
    let tree = |recorded: &Recorded| serde_json::to_value(recorded).expect("what was recorded is JSON");
    let (mut original, mut ours) = (tree(original), tree(ours));
    without_hashes(&original, &mut ours);
    for services in [&mut original["services"], &mut ours["services"]] {
        services.as_object_mut().into_iter().flatten().for_each(|(_, service)| respell(service));
    }
    let mut found = Vec::new();
    compare(String::new(), &original, &ours, &mut |path, original, ours| {
        let shown = |value: &Value| if value.is_null() { "-".to_owned() } else { value.to_string() };
        found.push(Difference { case: case.to_owned(), path, original: shown(original), ours: shown(ours) });
    });
    found
}

/// Takes the hash out of names of configs and secrets: with it, their content can change (S101). Long names are cut before it.
fn without_hashes(original: &Value, ours: &mut Value) {
    for kind in ["configs", "secrets"] {
        let names = |tree: &Value| -> Vec<String> {
            tree[kind].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        for name in names(ours) {
            let plain = unhashed(&name).and_then(|plain| {
                let is_cut = name.len() == 64;
                names(original).into_iter().find(|old| old == plain || is_cut && old.starts_with(plain))
            });
            if let Some(plain) = plain {
                rename(ours, &name, &plain);
            }
        }
    }
}

/// A protocol that is not written is TCP; a slash at the end of a path means nothing.
fn respell(service: &mut Value) {
    for port in items(service, "/EndpointSpec/Ports") {
        if port.get("Protocol").is_none() {
            port["Protocol"] = Value::from("tcp");
        }
    }
    for mount in items(service, "/TaskTemplate/ContainerSpec/Mounts") {
        for key in ["Source", "Target"] {
            if let Some(path) = mount.get(key).and_then(Value::as_str).filter(|path| path.len() > 1) {
                mount[key] = Value::from(path.trim_end_matches('/'));
            }
        }
    }
}

fn items<'a>(tree: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    tree.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

/// A name without the ten digits at its end.
fn unhashed(name: &str) -> Option<&str> {
    let (plain, hash) = name.rsplit_once('_')?;
    (hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(plain)
}

/// Gives one name, and the identity that the stand-in made of it, another spelling everywhere.
fn rename(tree: &mut Value, old: &str, new: &str) {
    match tree {
        Value::String(text) if text == old => new.clone_into(text),
        Value::String(text) if text.strip_prefix("id-") == Some(old) => *text = format!("id-{new}"),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, old, new)),
        Value::Object(fields) => {
            if let Some(value) = fields.remove(old) {
                fields.insert(new.to_owned(), value);
            }
            fields.values_mut().for_each(|field| rename(field, old, new));
        }
        _ => {}
    }
}

/// Calls for each place where two trees differ.
fn compare(path: String, original: &Value, ours: &Value, call: &mut impl FnMut(String, &Value, &Value)) {
    match (original, ours) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let get =
                    |fields: &serde_json::Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
                compare(below, &get(one), &get(other), call);
            }
        }
        _ if original == ours => {}
        _ => call(path, original, ours),
    }
}
