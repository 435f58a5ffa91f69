//! Those who say no on a cluster: a policy, and a webhook that nobody answers. Each holds for the namespace of one test.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::Project;

/// Longer than a server takes until a policy holds; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a policy says when it denies.
pub(crate) const WORDS: &str = "not on Fridays";

fn here(project: &Project) -> Value {
    json!({"matchLabels": {"kubernetes.io/metadata.name": project.namespace}})
}

/// Lets the server refuse Deployments of the namespace for which a CEL expression is false, and waits until it does: the probe is a
/// Deployment that it refuses.
pub(crate) fn deny(project: &Project, expression: &str, probe: &Value) {
    let name = format!("deny-{}", project.namespace);
    let policy = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [
            {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]},
        ]}, "validations": [{"expression": expression, "message": WORDS}]}});
    let binding = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": here(project)}}});
    project.put(&json!({"apiVersion": "v1", "kind": "List", "items": [policy, binding]}), &["create"]);
    project.file("probe.json", &probe.to_string());
    refuses(project, WORDS);
}

/// Takes the policy away again, and waits until it no longer holds.
pub(crate) fn allow(project: &Project) {
    let name = format!("deny-{}", project.namespace);
    project.kubectl(&["delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", &name]);
    until("the policy no longer holds", || {
        project.kubectl_with(&["create", "--dry-run=server"], "probe.json").0
    });
}

/// Lets the server ask a webhook about each Deployment of the namespace, at an address where nobody listens.
pub(crate) fn ask_nobody(project: &Project, name: &str) {
    let webhook = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": format!("nobody-{}", project.namespace)}, "webhooks": [{"name": name,
            "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Fail", "timeoutSeconds": 2,
            // A port that is never given out, so nobody can listen there by chance.
            "clientConfig": {"url": "https://127.0.0.1:1/"}, "namespaceSelector": here(project),
            "rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}]}]});
    project.put(&webhook, &["create"]);
    project.file("probe.json", &deployment("probe", &json!({})).to_string());
    refuses(project, name);
}

/// Returns a Deployment of a name, with further labels to select by.
pub(crate) fn deployment(name: &str, labels: &Value) -> Value {
    let mut all = json!({"app": name});
    for (key, value) in labels.as_object().expect("a map") {
        all[key] = value.clone();
    }
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "selector": {"matchLabels": all},
        "template": {"metadata": {"labels": all}, "spec": {"containers": [{"name": name, "image": "x:1"}]}},
    }})
}

fn refuses(project: &Project, words: &str) {
    until(words, || project.kubectl_with(&["create", "--dry-run=server"], "probe.json").1.contains(words));
}

/// Waits for something; panics when patience is at its end.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "after {PATIENCE:?} still not: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}
