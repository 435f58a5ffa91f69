//! What pods name: configs, secrets, claims, accounts. One reading, for what must be there before them (A63) and for what must not
//! go while they run (A18, A93). Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::list_keys::POD_KINDS;

/// Something that a pod names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// Its kind, of the core group.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// Without it the pod does not start.
    pub(crate) needed: bool,
}

/// Where pods name objects: the field that holds the reference, the kind, and the key of the name.
/// `secret` has two: `secretName` as a volume of its own, `name` in a projected one.
const FIELDS: &[(&str, &str, &str)] = &[
    ("configMap", "ConfigMap", "name"),
    ("configMapKeyRef", "ConfigMap", "name"),
    ("configMapRef", "ConfigMap", "name"),
    ("imagePullSecrets", "Secret", "name"),
    ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
    ("secret", "Secret", "name"),
    ("secret", "Secret", "secretName"),
    ("secretKeyRef", "Secret", "name"),
    ("secretRef", "Secret", "name"),
];

/// Returns what the pods of a workload, or a pod, name.
pub(crate) fn of(workload: &Value) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    if POD_KINDS.contains(&workload["kind"].as_str().unwrap_or_default()) {
        collect(&workload["spec"], "", &mut found);
    }
    found
}

/// The same as words: `ConfigMap/x`, `Secret/x`, `PersistentVolumeClaim/x`, `ServiceAccount/x`.
pub(crate) fn in_words(workload: &Value) -> BTreeSet<String> {
    of(workload).into_iter().map(|found| format!("{}/{}", found.kind, found.name)).collect()
}

fn collect(value: &Value, field: &str, found: &mut BTreeSet<Reference>) {
    for (_, kind, key) in FIELDS.iter().filter(|(name, _, _)| *name == field) {
        if let Some(name) = value.get(key).and_then(Value::as_str) {
            // A pod starts without its pull secrets, and fails to pull where it needs them.
            let needed = value["optional"] != true && field != "imagePullSecrets";
            found.insert(Reference { kind, name: name.to_owned(), needed });
        }
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if let ("serviceAccountName", Some(account)) = (key.as_str(), value.as_str()) {
                    let name = account.to_owned();
                    found.insert(Reference { kind: "ServiceAccount", name, needed: false });
                }
                collect(value, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, field, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn projected_volumes_name_as_others_do() {
        let pod = json!({"kind": "Pod", "spec": {"serviceAccountName": "waiter", "imagePullSecrets": [{"name": "hub"}],
            "volumes": [{"projected": {"sources": [{"secret": {"name": "key"}}, {"configMap": {"name": "page", "optional": true}}]}}]}});
        let needed: Vec<_> = of(&pod).into_iter().map(|found| (found.name, found.needed)).collect();
        let expected = [("page", false), ("hub", false), ("key", true), ("waiter", false)];
        assert_eq!(needed, expected.map(|(name, needed)| (name.to_owned(), needed)));
    }
}
