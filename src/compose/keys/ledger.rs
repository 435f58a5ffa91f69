//! The key table, the published schema of Compose and `fixtures/keys` must agree: no key is missing, none is invented.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test reads the repository and says what it skips"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use super::shape::{Form, Shape};
use super::top::Top;

/// Keys of newer Compose than the schema (L41), and forms that the schema words otherwise.
const MORE_THAN_THE_SCHEMA: &[&str] =
    &["services.*.build.no_cache_filter", "services.*.pre_start", "services.*.storage_opt.*"];

#[test]
fn rows_are_the_keys_of_the_schema() {
    let Some(schema) = schema() else { return };
    let rows = rows();
    let mut published = BTreeSet::new();
    collect_schema(&schema, &schema, "", &mut published);
    assert!(published.len() > 300, "the schema was not read: {published:?}");
    let missing: Vec<_> = published.difference(&rows).collect();
    let known = |row: &&String| MORE_THAN_THE_SCHEMA.iter().any(|key| row.starts_with(key));
    let invented: Vec<_> = rows.difference(&published).filter(|row| !known(row)).collect();
    assert!(missing.is_empty(), "in the schema, without a row: {missing:#?}");
    assert!(invented.is_empty(), "rows that the schema has not: {invented:#?}");
}

#[test]
fn each_key_has_a_fixture() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keys");
    let entries = fs::read_dir(directory).expect("fixtures are in the repository");
    let fixtures: BTreeSet<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    let rows: BTreeSet<String> =
        rows().into_iter().map(|row| row.replace(".*", "").replace("[]", "")).collect();
    // Hints are no keys of Compose; their rows are `hints`' own.
    let known = |name: &&String| !name.contains("x-rcompose");
    let unknown: Vec<_> = fixtures.difference(&rows).filter(known).collect();
    assert!(unknown.is_empty(), "fixtures of keys that do not exist: {unknown:?}");
    let missing: Vec<_> =
        rows.iter().filter(|row| wants_fixture(row)).filter(|row| !fixtures.contains(*row)).collect();
    assert!(missing.is_empty(), "keys without a directory in fixtures/keys: {missing:?}");
}

/// Tells which rows have a directory of their own: keys of a service, of `deploy`, and of top-level resources.
fn wants_fixture(row: &str) -> bool {
    let parts: Vec<&str> = row.split('.').collect();
    match parts.as_slice() {
        // Resolved before there is a project; `fixtures/load` has them.
        ["services", "extends" | "profiles" | "env_file" | "label_file"] => false,
        ["services" | "networks" | "volumes" | "configs" | "secrets", _] | ["services", "deploy", _] => true,
        _ => false,
    }
}

/// Returns the paths of all rows, such as `services.*.ports[].target`.
fn rows() -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    for field in Top::FIELDS {
        collect_shape(&field.shape, field.name, &mut rows);
    }
    rows
}

fn collect_shape(shape: &Shape, path: &str, rows: &mut BTreeSet<String>) {
    // What the loader notes for itself begins with a byte that no key can have.
    if path.contains('\0') {
        return;
    }
    rows.insert(path.to_owned());
    for form in shape.forms {
        match form {
            Form::Fields(fields) | Form::Closed(fields) | Form::Lenient(fields) => {
                for field in *fields {
                    collect_shape(&field.shape, &format!("{path}.{}", field.name), rows);
                }
            }
            Form::Named(_, shape) => collect_shape(shape, &format!("{path}.*"), rows),
            Form::List(shape) => collect_shape(shape, &format!("{path}[]"), rows),
            _ => {}
        }
    }
}

fn collect_schema(schema: &Value, node: &Value, path: &str, found: &mut BTreeSet<String>) {
    if !path.is_empty() {
        found.insert(path.to_owned());
    }
    if let Some(target) =
        node["$ref"].as_str().and_then(|reference| schema.pointer(reference.trim_start_matches('#')))
    {
        collect_schema(schema, target, path, found);
    }
    for choice in ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| node[word].as_array()).flatten() {
        collect_schema(schema, choice, path, found);
    }
    for (name, below) in node["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect_schema(schema, below, &path, found);
    }
    if node["items"].is_object() {
        collect_schema(schema, &node["items"], &format!("{path}[]"), found);
    }
    let patterns = node["patternProperties"].as_object().into_iter().flatten();
    let free = patterns.filter(|(pattern, _)| *pattern != "^x-").map(|(_, below)| below);
    for below in free.chain([&node["additionalProperties"]].into_iter().filter(|below| below.is_object())) {
        collect_schema(schema, below, &format!("{path}.*"), found);
    }
}

fn schema() -> Option<Value> {
    let directory = env::var_os("RCOMPOSE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let Ok(text) = fs::read_to_string(directory.join("schema/compose-spec.json")) else {
        eprintln!(
            "skipped: rows and schema: no `schema/compose-spec.json` in `../shared` or $RCOMPOSE_SHARED"
        );
        return None;
    };
    Some(serde_json::from_str(&text).expect("the schema is JSON"))
}
