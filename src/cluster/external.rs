//! What pods of a project name and the project does not make: volumes, configs and secrets that are external (A63). Pure.

use std::collections::BTreeSet;

use super::object::{Desired, Identity};
use super::references;

/// Kubernetes puts it into each namespace, a moment after that is made.
const ROOT_CERTIFICATE: &str = "kube-root-ca.crt";

/// Returns what templates name, without what may be absent and what the project makes itself, by whatever means.
pub(crate) fn named(wanted: &[Desired]) -> Vec<Identity> {
    let mut named = BTreeSet::new();
    for desired in wanted {
        let found = references::of(&desired.document).into_iter();
        let needed = found.filter(|found| found.needed && found.name != ROOT_CERTIFICATE);
        named.extend(needed.map(|found| Identity {
            group: String::new(),
            version: "v1".to_owned(),
            kind: found.kind.to_owned(),
            namespace: desired.identity.namespace.clone(),
            name: found.name,
        }));
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
            "volumes": [{"configMap": {"name": "own"}}, {"persistentVolumeClaim": {"claimName": "disk"}},
                {"projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}],
        }}}}));
        let own = desired(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "own"}}));
        let found: Vec<String> = named(&[web, own]).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["PersistentVolumeClaim/disk", "Secret/given"]);
    }
}
