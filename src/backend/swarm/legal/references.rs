//! What the CLI checks while it turns a stack file into service specs: references, and keys that exclude each other.

use serde_json::Value;

use super::{Breaches, entries, items, text};
use crate::backend::reference::Reference;

/// Checks a tree that has the shape of a stack file.
pub(crate) fn check(tree: &Value, found: &mut Breaches) {
    for (name, service) in entries(&tree["services"]) {
        let path = format!("services.{name}");
        if Reference::parse(text(&service["image"])).is_none() {
            found.add(&format!("{path}.image"), "is no legal image reference");
        }
        check_names(tree, "networks", attached(service), &path, found);
        for kind in ["configs", "secrets"] {
            let sources = items(&service[kind]).map(|grant| grant.as_str().unwrap_or(text(&grant["source"])));
            check_names(tree, kind, sources.collect(), &path, found);
        }
        let volumes = items(&service["volumes"]).filter(|mount| mount["type"] == "volume");
        let sources = volumes.map(|mount| text(&mount["source"])).filter(|source| !source.is_empty());
        check_names(tree, "volumes", sources.collect(), &path, found);
        let binds = items(&service["volumes"]).filter(|mount| mount["type"] == "bind");
        if binds.into_iter().any(|mount| text(&mount["source"]).is_empty()) {
            found.add(&format!("{path}.volumes"), "have a bind without source");
        }
        check_names(tree, "services", items(&service["depends_on"]).map(text).collect(), &path, found);
        if service["healthcheck"]["disable"] == true && service["healthcheck"].get("test").is_some() {
            found.add(&format!("{path}.healthcheck"), "is disabled and has a test");
        }
        let is_per_node = matches!(text(&service["deploy"]["mode"]), "global" | "global-job");
        if is_per_node && service["deploy"].get("replicas").is_some() {
            found.add(&format!("{path}.deploy.replicas"), "stands beside a mode of each node");
        }
    }
    for kind in ["networks", "volumes", "configs", "secrets"] {
        for (name, object) in entries(&tree[kind]) {
            check_object(kind, name, object, found);
        }
    }
}

fn check_names(tree: &Value, kind: &str, names: Vec<&str>, path: &str, found: &mut Breaches) {
    for name in names {
        // The CLI makes the default network itself.
        let is_defined = tree[kind].get(name).is_some() || (kind == "networks" && name == "default");
        if !is_defined {
            found.add(&format!("{path}.{kind}"), format!("names `{name}`, which is not defined"));
        }
    }
}

fn attached(service: &Value) -> Vec<&str> {
    match &service["networks"] {
        Value::Array(names) => names.iter().map(text).collect(),
        networks => entries(networks).map(|(name, _)| name.as_str()).collect(),
    }
}

fn check_object(kind: &str, name: &str, object: &Value, found: &mut Breaches) {
    let path = format!("{kind}.{name}");
    let is_external = object["external"] == true;
    let own = entries(object).filter(|(key, _)| !matches!(key.as_str(), "external" | "name")).count();
    if is_external && own > 0 {
        found.add(&path, "is external and has settings of its own");
    }
    let has_data = ["file", "driver"].iter().any(|key| !text(&object[*key]).is_empty());
    if !is_external && !has_data && matches!(kind, "configs" | "secrets") {
        found.add(&path, "has no data");
    }
}
