//! Objects in, changes out.

use serde_json::json;

use super::*;
use crate::cluster::fields::served;

fn redactor() -> Redactor {
    Redactor::new([1; 32])
}

/// Shows changes as `path: before -> after`.
fn shown(kind: &str, before: &Value, after: &Value) -> Vec<String> {
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let changes = compare(kind, before, after, &redactor());
    changes
        .iter()
        .map(|change| format!("{}: {} -> {}", change.path, value(&change.before), value(&change.after)))
        .collect()
}

fn pod(containers: &Value) -> Value {
    json!({"spec": {"template": {"spec": {"containers": containers}}}})
}

#[test]
fn items_are_compared_by_their_keys() {
    let before = pod(
        &json!([{"name": "web", "image": "a", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]),
    );
    let after = pod(
        &json!([{"name": "web", "image": "b", "env": [{"name": "B", "value": "2"}, {"name": "C", "value": "3"}]}]),
    );
    assert_eq!(
        shown("Deployment", &before, &after),
        [
            "spec.template.spec.containers[web].env[A].value: \"1\" -> -",
            "spec.template.spec.containers[web].env[C].value: - -> \"3\"",
            "spec.template.spec.containers[web].image: \"a\" -> \"b\"",
        ]
    );
}

#[test]
fn another_order_is_a_change() {
    let before = pod(&json!([{"name": "a"}, {"name": "b"}]));
    let after = pod(&json!([{"name": "b"}, {"name": "a"}]));
    assert_eq!(
        shown("Deployment", &before, &after),
        ["spec.template.spec.containers (order): [\"a\",\"b\"] -> [\"b\",\"a\"]"]
    );
}

#[test]
fn both_protocols_of_a_port_are_told_apart() {
    let before =
        json!({"spec": {"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}});
    let after = json!({"spec": {"ports": [{"port": 53, "protocol": "TCP"}]}});
    assert_eq!(
        shown("Service", &before, &after),
        ["spec.ports[53/UDP]: {\"port\":53,\"protocol\":\"UDP\"} -> -"]
    );
}

#[test]
fn atomic_lists_change_as_a_whole() {
    let (before, after) =
        (pod(&json!([{"name": "a", "args": ["x"]}])), pod(&json!([{"name": "a", "args": ["x", "y"]}])));
    assert_eq!(
        shown("Deployment", &before, &after),
        ["spec.template.spec.containers[a].args: [\"x\"] -> [\"x\",\"y\"]"]
    );
}

#[test]
fn what_the_server_counts_is_no_difference() {
    for served in served::all() {
        let mut later = served.live.value.clone();
        later["metadata"]["generation"] = json!(9);
        later["metadata"]["resourceVersion"] = json!("999");
        later["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("4");
        later["metadata"]["annotations"][LAST_APPLIED] = json!("{}");
        later["metadata"]["managedFields"] = json!([]);
        later["status"] = json!({"replicas": 1});
        assert_eq!(
            shown(&served.desired.identity.kind, &served.live.value, &later),
            [] as [&str; 0],
            "{}",
            served.name
        );
    }
}

#[test]
fn data_of_secrets_and_telling_variables_are_masked() {
    let before = json!({"data": {"p": "YQ=="}});
    let after = json!({"data": {"p": "Yg=="}});
    let changes = compare("Secret", &before, &after, &redactor());
    assert!(changes[0].masked && changes[0].before != changes[0].after);
    assert!(!format!("{changes:?}").contains("YQ==") && !format!("{changes:?}").contains("Yg=="));
    let env = |value: &str| pod(&json!([{"name": "web", "env": [{"name": "API_TOKEN", "value": value}]}]));
    let changes = compare("Deployment", &env("abc"), &env("abd"), &redactor());
    assert!(changes[0].masked && !format!("{changes:?}").contains("ab"), "{changes:?}");
}

#[test]
fn a_new_object_is_told_field_by_field() {
    let document = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": {"a": "b"}}, "data": {"k": "v"}});
    let paths: Vec<String> =
        of_new("ConfigMap", &document, &redactor()).into_iter().map(|change| change.path).collect();
    assert_eq!(paths, ["data.k", "metadata.labels.a"]);
}
