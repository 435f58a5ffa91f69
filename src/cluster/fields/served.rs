//! Objects as a real API server gave them back, for tests: `fixtures/cluster/served`, each with the document that was applied.

use serde_json::{Value, json};

use crate::cluster::object::{Desired, Identity, Live};

/// A document and what the server made of it.
pub(crate) struct Served {
    /// Name of the file.
    pub(crate) name: String,
    /// What was applied.
    pub(crate) desired: Desired,
    /// What the server answered.
    pub(crate) live: Live,
}

/// Makes the desired object of a document.
pub(crate) fn desired(document: Value) -> Desired {
    let identity = Identity::of(&document, "served").expect("kind and name are there");
    Desired { identity, document, service: None, origins: Vec::new(), place: None }
}

/// Returns all of them, by name.
pub(crate) fn all() -> Vec<Served> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cluster/served");
    #[expect(clippy::disallowed_methods, reason = "reads fixtures; `host` is for the program")]
    let files = std::fs::read_dir(folder).expect("fixtures are in the repository");
    let mut served: Vec<Served> = files
        .map(|file| {
            let path = file.expect("an entry").path();
            #[expect(clippy::disallowed_methods, reason = "reads fixtures; `host` is for the program")]
            let text = std::fs::read_to_string(&path).expect("a fixture is text");
            let mut pair: Value = serde_json::from_str(&text).expect("a fixture is JSON");
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Served { name, desired: desired(pair["desired"].take()), live: Live::new(pair["live"].take()) }
        })
        .collect();
    served.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(served.len() > 20, "{} objects", served.len());
    served
}

/// Returns the one of that name.
pub(crate) fn one(name: &str) -> Served {
    all().into_iter().find(|served| served.name == name).expect("a fixture of that name")
}

/// Returns every document that differs from this one by one leaf changed, one thing deleted, or one field added.
///
/// Not touched: what only names the object, and what is left out of comparison by rule (A29).
pub(crate) fn changes_and_deletions(document: &Value) -> Vec<(String, Value)> {
    let mut pointers = Vec::new();
    collect(document, "", &mut pointers);
    let mut changed = Vec::new();
    for pointer in pointers {
        let value = document.pointer(&pointer).expect("it was just found");
        let other = match value {
            Value::String(text) => json!(format!("{text}x")),
            Value::Number(number) => json!(number.as_i64().unwrap_or_default() + 1),
            Value::Bool(bool) => json!(!bool),
            Value::Object(_) | Value::Array(_) | Value::Null => json!("x"),
        };
        let mut with = document.clone();
        *with.pointer_mut(&pointer).expect("it was just found") = other;
        changed.push((format!("changed {pointer}"), with));
        let mut without = document.clone();
        delete(&mut without, &pointer);
        changed.push((format!("deleted {pointer}"), without));
        if value.is_object() {
            let mut more = document.clone();
            more.pointer_mut(&pointer).expect("it was just found")["added"] = json!("x");
            changed.push((format!("added to {pointer}"), more));
        }
    }
    changed
}

fn collect(value: &Value, at: &str, pointers: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => return,
    };
    for (key, value) in below {
        let pointer = format!("{at}/{key}");
        let template = pointer.starts_with("/spec/volumeClaimTemplates/")
            && ["apiVersion", "kind", "volumeMode"].contains(&key.as_str());
        if template
            || ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"].contains(&pointer.as_str())
        {
            continue;
        }
        if pointer != "/metadata" {
            pointers.push(pointer.clone());
        }
        collect(value, &pointer, pointers);
    }
}

fn delete(document: &mut Value, pointer: &str) {
    let (above, last) = pointer.rsplit_once('/').expect("a pointer has a slash");
    match document.pointer_mut(above) {
        Some(Value::Object(map)) => {
            map.remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            items.remove(last.parse().expect("a place in the list"));
        }
        _ => {}
    }
}
