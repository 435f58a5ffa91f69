//! What would be refused or never become unchanged, found before any request (A26, A27). Each finding is a bug of ours or
//! of a template of the user.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cluster::list_keys::{self, ListType};
use crate::cluster::object::Desired;

/// Returns the faults of all documents, as `Deployment/web: spec.…: fact`; no values.
pub(crate) fn faults(objects: &[Desired]) -> Vec<String> {
    let mut faults = Vec::new();
    for desired in objects {
        let mut check = Check { kind: &desired.identity.kind, at: Vec::new(), faults: Vec::new() };
        check.value(&desired.document);
        if check.kind == "Service" {
            check.names_of_ports(&desired.document);
        }
        if check.kind == "Secret" && desired.document.get("stringData").is_some() {
            check.faults.push("stringData: belongs into `data`".to_owned());
        }
        if desired.document.get("status").is_some() {
            check.faults.push("status: only the server writes it".to_owned());
        }
        faults.extend(check.faults.iter().map(|fault| format!("{}: {fault}", desired.identity)));
    }
    faults
}

struct Check<'a> {
    kind: &'a str,
    /// Names of the fields above, items of lists left out.
    at: Vec<&'a str>,
    faults: Vec<String>,
}

impl<'a> Check<'a> {
    fn value(&mut self, value: &'a Value) {
        match value {
            Value::Null => self.fault("is null"),
            Value::Object(map) => {
                for (key, value) in map {
                    self.at.push(key);
                    self.value(value);
                    self.at.pop();
                }
            }
            Value::Array(items) => self.list(items),
            _ => {}
        }
    }

    fn list(&mut self, items: &'a [Value]) {
        // In atomic parts an empty list says something: `ingress: []` is none, absent is none as well, but `args: []` is not.
        match list_keys::of(self.kind, &self.at) {
            ListType::Map(keys) => {
                if items.is_empty() {
                    self.fault("is empty: the server drops it");
                }
                self.repeats(items, keys);
            }
            ListType::Set if items.iter().enumerate().any(|(index, item)| items[..index].contains(item)) => {
                self.fault("has a value twice");
            }
            ListType::Set | ListType::Atomic => {}
        }
        for item in items {
            self.value(item);
        }
    }

    fn repeats(&mut self, items: &[Value], keys: &[&str]) {
        let mut seen = BTreeSet::new();
        for item in items {
            let missing = keys.iter().find(|key| item.get(**key).is_none());
            if let Some(key) = missing {
                self.fault(&format!("has an item without `{key}`"));
                continue;
            }
            let named: Vec<String> = keys.iter().map(|key| item[*key].to_string()).collect();
            if !seen.insert(named.clone()) {
                self.fault(&format!("has {} twice", named.join("/").replace('"', "`")));
            }
        }
    }

    /// One name each, and with more than one port a name at all.
    fn names_of_ports(&mut self, document: &Value) {
        let ports =
            document.pointer("/spec/ports").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let names: BTreeSet<Option<&str>> = ports.iter().map(|port| port["name"].as_str()).collect();
        if names.len() != ports.len() || ports.len() > 1 && names.contains(&None) {
            self.faults.push("spec.ports: names are not unique".to_owned());
        }
    }

    fn fault(&mut self, fact: &str) {
        self.faults.push(format!("{}: {fact}", self.at.join(".")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::fields::served;

    fn of(document: Value) -> Vec<String> {
        faults(&[served::desired(document)])
    }

    fn container(part: &Value) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"spec": {"containers": [part]}}}})
    }

    #[test]
    fn what_we_write_has_no_faults() {
        let objects: Vec<Desired> = served::all().into_iter().map(|served| served.desired).collect();
        assert_eq!(faults(&objects), [] as [String; 0]);
    }

    #[test]
    fn repeats_are_found_by_the_keys_of_the_server() {
        let env = container(&json!({"name": "a", "env": [{"name": "A"}, {"name": "A"}]}));
        assert_eq!(of(env), ["Deployment/web: spec.template.spec.containers.env: has `A` twice"]);
        let ports = |one: &str, other: &str| {
            of(container(
                &json!({"name": "a", "ports": [{"containerPort": 53, "protocol": one}, {"containerPort": 53, "protocol": other}]}),
            ))
        };
        assert_eq!(ports("TCP", "UDP"), [] as [String; 0]);
        assert_eq!(
            ports("TCP", "TCP"),
            ["Deployment/web: spec.template.spec.containers.ports: has 53/`TCP` twice"]
        );
    }

    #[test]
    fn a_key_left_to_the_server_is_a_fault() {
        let port = container(&json!({"name": "a", "ports": [{"containerPort": 53}]}));
        assert_eq!(
            of(port),
            ["Deployment/web: spec.template.spec.containers.ports: has an item without `protocol`"]
        );
    }

    #[test]
    fn ports_of_services_have_names_of_their_own() {
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [
            {"port": 1, "protocol": "TCP", "name": "x"}, {"port": 2, "protocol": "TCP", "name": "x"}]}});
        assert_eq!(of(service), ["Service/a: spec.ports: names are not unique"]);
    }

    #[test]
    fn nulls_and_empty_lists_never_become_unchanged() {
        let found = of(container(&json!({"name": null, "env": []})));
        assert!(
            found.contains(&"Deployment/web: spec.template.spec.containers.name: is null".to_owned()),
            "{found:?}"
        );
        assert!(found.iter().any(|fault| fault.contains("env: is empty")), "{found:?}");
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"a": "b"}, "status": {}});
        assert_eq!(of(secret).len(), 2);
    }
}
