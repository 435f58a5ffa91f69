//! The `kustomization.yaml` of a base and of an overlay. Layout only.

use serde_json::{Map, Value, json};

use super::overlay::{Difference, Patch};
use super::{BASE, below};
use crate::backend::{Document, decimal};
use crate::yaml;

const FILE: &str = "kustomization.yaml";
const INDENT: usize = 2;

/// Lists the objects of the base in their order.
pub(super) fn of_base(objects: &[Document], namespace: Option<&str>) -> Document {
    let mut tree = head();
    if let Some(namespace) = namespace {
        tree.insert("namespace".to_owned(), namespace.into());
    }
    let resources = objects.iter().map(|object| Value::from(object.file_name.as_str()));
    tree.insert("resources".to_owned(), resources.collect());
    below(BASE, document(tree, false))
}

/// Says what an overlay adds, changes and leaves out.
pub(super) fn of_overlay(directory: &str, difference: &Difference) -> Document {
    let Difference { added, patches, images, secret } = difference;
    let mut tree = head();
    let resources = added.iter().map(|object| Value::from(object.file_name.as_str()));
    let base = Value::from(format!("../../{BASE}"));
    tree.insert("resources".to_owned(), std::iter::once(base).chain(resources).collect());
    if !images.is_empty() {
        tree.insert("images".to_owned(), images.iter().map(super::images::ImageChange::entry).collect());
    }
    if !patches.is_empty() {
        tree.insert("patches".to_owned(), patches.iter().map(patch).collect());
    }
    below(directory, document(tree, *secret))
}

fn head() -> Map<String, Value> {
    [("apiVersion", "kustomize.config.k8s.io/v1beta1"), ("kind", "Kustomization")]
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .into_iter()
        .collect()
}

/// The name of a target is a pattern. Without a target, a `namespace` of the base would hide the object.
fn patch(patch: &Patch) -> Value {
    let Patch { kind, name, content } = patch;
    json!({
        "target": { "kind": kind, "name": name.replace('.', "\\.") },
        "patch": yaml::write(content, key_rank, INDENT),
    })
}

fn document(tree: Map<String, Value>, secret: bool) -> Document {
    Document {
        file_name: FILE.to_owned(),
        kind: "Kustomization".to_owned(),
        name: String::new(),
        tree: Value::Object(tree),
        key_rank,
        octal: decimal,
        signed: None,
        origins: Vec::new(),
        secret,
    }
}

/// Files read from the general to the single: what is taken, then what is changed.
fn key_rank(_parent: &str, key: &str) -> u32 {
    const FIRST: [&str; 13] = [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "resources",
        "images",
        "patches",
        "target",
        "patch",
        "op",
        "path",
        "value",
    ];
    FIRST.iter().zip(0..).find(|(first, _)| **first == key).map_or(100, |(_, rank)| rank)
}
