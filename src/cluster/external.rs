//! What pods of a project name and the project does not make: volumes, configs and secrets that are external (A63). Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::object::{Desired, Identity};

/// Where a pod names objects: the field that holds the reference, the kind, and the key of the name.
const REFERENCES: &[(&str, &str, &str)] = &[
    ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
    ("configMap", "ConfigMap", "name"),
    ("configMapRef", "ConfigMap", "name"),
    ("configMapKeyRef", "ConfigMap", "name"),
    ("secret", "Secret", "secretName"),
    ("secretRef", "Secret", "name"),
    ("secretKeyRef", "Secret", "name"),
];

/// Returns what templates name, without what may be absent and what the project makes itself, by whatever means.
pub(crate) fn named(wanted: &[Desired]) -> Vec<Identity> {
    let mut named = BTreeSet::new();
    for desired in wanted {
        if let Some(namespace) = &desired.identity.namespace {
            named.extend(of_workload(&desired.document, namespace));
        }
    }
    let is_made = |identity: &Identity| {
        // A sealed or external Secret becomes a Secret of its name.
        let makers = ["SealedSecret", "ExternalSecret"];
        wanted.iter().any(|desired| {
            desired.identity.name == identity.name
                && (desired.identity.kind == identity.kind
                    || identity.kind == "Secret" && makers.contains(&desired.identity.kind.as_str()))
        })
    };
    named.into_iter().filter(|identity| !is_made(identity)).collect()
}

/// Returns what the template of a workload names.
pub(crate) fn of_workload(object: &Value, namespace: &str) -> BTreeSet<Identity> {
    let pods = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
    pods.iter().filter_map(|pointer| object.pointer(pointer)).flat_map(|pod| of_pod(pod, namespace)).collect()
}

/// Returns what a pod names.
pub(crate) fn of_pod(spec: &Value, namespace: &str) -> BTreeSet<Identity> {
    let mut named = BTreeSet::new();
    collect(spec, namespace, &mut named);
    named
}

fn collect(value: &Value, namespace: &str, named: &mut BTreeSet<Identity>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let reference = REFERENCES.iter().find(|(name, _, _)| name == field);
                if let Some((_, kind, key)) = reference
                    && value["optional"] != Value::Bool(true)
                    && let Some(name) = value[*key].as_str()
                {
                    named.insert(Identity {
                        group: String::new(),
                        version: "v1".to_owned(),
                        kind: (*kind).to_owned(),
                        namespace: Some(namespace.to_owned()),
                        name: name.to_owned(),
                    });
                }
                collect(value, namespace, named);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, namespace, named)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn desired(object: Value) -> Desired {
        Desired {
            identity: Identity::of(&object, "shop").expect("it is whole"),
            document: object,
            service: None,
            origins: Vec::new(),
            place: None,
        }
    }

    #[test]
    fn what_the_project_makes_is_not_external() {
        let web = desired(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"spec": {
            "containers": [{"envFrom": [{"secretRef": {"name": "given"}}, {"secretRef": {"name": "maybe", "optional": true}}]}],
            "volumes": [{"configMap": {"name": "own"}}, {"persistentVolumeClaim": {"claimName": "disk"}}],
        }}}}));
        let own = desired(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "own"}}));
        let found: Vec<String> = named(&[web, own]).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["PersistentVolumeClaim/disk", "Secret/given"]);
    }
}
