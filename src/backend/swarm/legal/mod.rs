//! Whether a finished stack file is legal: for the docker CLI, silently, and for the daemon (S2, S11).
//!
//! A pure function over the tree, so that tests and the backend itself use the same one. It knows nothing of Compose: a
//! breach in what we wrote is our fault, not the user's.

mod constraint;
mod daemon;
mod references;
mod schema;
mod shape;

use serde_json::Value;

use super::dollar;
use crate::backend::DataFile;
pub(crate) use constraint::is_constraint;

/// One place that would be refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Path in the stack file.
    pub path: String,
    /// What is wrong, as the rest of a sentence.
    pub fault: String,
}

/// Collects breaches.
#[derive(Debug, Default)]
pub(crate) struct Breaches(Vec<Breach>);

impl Breaches {
    /// Adds one.
    pub(crate) fn add(&mut self, path: &str, fault: impl Into<String>) {
        self.0.push(Breach { path: path.to_owned(), fault: fault.into() });
    }
}

/// Returns all places of a finished tree that would be refused under a stack name, sorted.
pub fn breaches(stack_name: &str, tree: &Value) -> Vec<Breach> {
    breaches_with_data(stack_name, tree, &[])
}

/// Returns the same with a look at the data files beside the tree.
pub(crate) fn breaches_with_data(stack_name: &str, tree: &Value, files: &[DataFile]) -> Vec<Breach> {
    let mut found = Breaches::default();
    let mut read = tree.clone();
    interpolate(&mut read, "", &mut found);
    schema::check(&read, &mut found);
    // What follows reads the tree as the schema has it.
    if found.0.is_empty() {
        references::check(&read, &mut found);
        daemon::check(stack_name, &read, files, &mut found);
    }
    found.0.sort();
    found.0
}

/// Reads values as the CLI does (S12).
fn interpolate(value: &mut Value, path: &str, found: &mut Breaches) {
    match value {
        Value::String(text) => match dollar::interpolated(text) {
            Some(read) => *text = read,
            None => found.add(path, "has a `$` that the CLI would interpolate"),
        },
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                interpolate(item, &format!("{path}[{index}]"), found);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                interpolate(field, &under(path, key), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Path of a key in an object.
fn under(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The entries of an object; none where there is no object.
fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The items of a list; none where there is no list.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of a value; empty where there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(tree: &Value) -> Vec<String> {
        breaches("demo", tree).into_iter().map(|breach| format!("{} {}", breach.path, breach.fault)).collect()
    }

    fn service(service: &Value) -> Vec<String> {
        let mut tree = json!({"version": "3.8", "services": {"web": {"image": "nginx"}}});
        for (key, value) in service.as_object().expect("an object") {
            tree["services"]["web"][key] = value.clone();
        }
        check(&tree)
    }

    #[test]
    fn a_small_stack_is_legal() {
        assert_eq!(service(&json!({})), [] as [&str; 0]);
        assert_eq!(service(&json!({"environment": {"A": "$$5", "B": null}})), [] as [&str; 0]);
    }

    #[test]
    fn what_the_cli_refuses_or_ignores_is_a_breach() {
        for (key, value) in [
            ("container_name", json!("x")),
            ("build", json!({"context": "."})),
            ("environment", json!({"A": true})),
            ("environment", json!({"A": "${B}"})),
            ("ports", json!([{"target": 80, "published": "80"}])),
            ("depends_on", json!({"db": {"condition": "service_started"}})),
            ("networks", json!(["nowhere"])),
            ("configs", json!(["nowhere"])),
            ("healthcheck", json!({"interval": "1d"})),
            ("healthcheck", json!({"disable": true, "test": ["CMD", "true"]})),
            ("deploy", json!({"mode": "global", "replicas": 2})),
            ("deploy", json!({"mode": "sometimes"})),
            ("deploy", json!({"resources": {"limits": {"cpus": 0.5}}})),
            ("cap_add", json!(["A", "A"])),
            ("image", json!("")),
        ] {
            assert_eq!(service(&json!({key: value})).len(), 1, "{key}: {value}");
        }
    }

    #[test]
    fn what_the_daemon_refuses_is_a_breach() {
        for (key, value) in [
            ("volumes", json!([{"type": "tmpfs", "target": "/a"}, {"type": "tmpfs", "target": "/a/"}])),
            ("volumes", json!([{"type": "tmpfs", "target": "a"}])),
            (
                "ports",
                json!([
                    {"target": 80, "published": 80, "protocol": "tcp", "mode": "ingress"},
                    {"target": 81, "published": 80, "protocol": "tcp", "mode": "host"}
                ]),
            ),
            ("healthcheck", json!({"interval": "1us"})),
            ("deploy", json!({"resources": {"limits": {"memory": "1M"}}})),
            ("deploy", json!({"resources": {"limits": {"cpus": "0.0001"}}})),
            ("deploy", json!({"update_config": {"max_failure_ratio": 1.5}})),
            ("deploy", json!({"mode": "replicated-job", "update_config": {}})),
            ("deploy", json!({"placement": {"constraints": ["node.labels.a==b,c"]}})),
            ("deploy", json!({"restart_policy": {"condition": "unless-stopped"}})),
            ("environment", json!({"A": "{{.Level}}"})),
            ("hostname", json!("{{")),
        ] {
            assert_eq!(service(&json!({key: value})).len(), 1, "{key}: {value}");
        }
        let round_robin = json!({
            "deploy": {"endpoint_mode": "dnsrr"},
            "ports": [{"target": 80, "protocol": "tcp", "mode": "ingress"}]
        });
        assert_eq!(service(&round_robin).len(), 1);
    }

    #[test]
    fn one_number_belongs_to_one_service() {
        let port = |mode: &str| json!([{"target": 80, "published": 80, "protocol": "tcp", "mode": mode}]);
        let two = |one: &str, other: &str| {
            check(&json!({"version": "3.8", "services": {
                "a": {"image": "x", "ports": port(one)}, "b": {"image": "x", "ports": port(other)}
            }}))
        };
        assert_eq!(two("ingress", "ingress").len(), 1);
        assert_eq!(two("ingress", "host").len(), 1);
        assert_eq!(two("host", "host"), [] as [&str; 0]);
    }

    #[test]
    fn data_has_a_least_and_a_most() {
        let tree = json!({"version": "3.8",
            "services": {"web": {"image": "x", "configs": ["c"]}},
            "configs": {"c": {"name": "demo_c", "file": "./configs/c"}}});
        let file = |length| DataFile {
            path: "configs/c".to_owned(),
            bytes: vec![b'x'; length],
            mode: 0o644,
            secret: false,
        };
        assert_eq!(breaches_with_data("demo", &tree, &[file(0)]).len(), 1);
        assert_eq!(breaches_with_data("demo", &tree, &[file(1)]).len(), 0);
        assert_eq!(breaches_with_data("demo", &tree, &[file(1_024_000)]).len(), 1);
    }
}
