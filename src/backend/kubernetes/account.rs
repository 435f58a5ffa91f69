//! Accounts of pods that wait for Jobs (K63): they may look at exactly these Jobs, and nothing else.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};

use super::metadata::Annotations;
use super::names;
use super::object::{Notes, Object};
use super::plan::{Facts, Plan, Pod};
use super::pod::wishes;

/// Names the account of a service's pods.
pub(crate) fn name(facts: &Facts<'_>) -> String {
    names::dns_with(facts.written_name(), "-wait")
}

/// Makes the account and its rights. `jobs`: names of the Jobs, sorted.
pub(crate) fn objects(plan: &Plan<'_>, pod: &Pod<'_, '_>, jobs: Vec<String>) -> Vec<Object> {
    let facts = pod.owner;
    let name = name(facts);
    // An account by hint is there already: it gets the right.
    let hinted = wishes::account(pod).map(|account| account.value);
    let metadata = || plan.metadata(name.clone(), plan.labels(facts), Annotations::new());
    let mut notes = Notes::default();
    let account = ServiceAccount {
        metadata: notes.at("metadata", metadata()),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    let account = notes.on(account).also("K63", None);
    let mut notes = Notes::default();
    let role = Role {
        metadata: notes.at("metadata", metadata()),
        rules: Some(vec![PolicyRule {
            api_groups: Some(vec!["batch".to_owned()]),
            resources: Some(vec!["jobs".to_owned()]),
            resource_names: Some(jobs),
            verbs: vec!["get".to_owned()],
            non_resource_urls: None,
        }]),
    };
    let role = notes.on(role).also("K63", None);
    let mut notes = Notes::default();
    let binding = RoleBinding {
        metadata: notes.at("metadata", metadata()),
        role_ref: RoleRef {
            api_group: "rbac.authorization.k8s.io".to_owned(),
            kind: "Role".to_owned(),
            name: name.clone(),
        },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: hinted.clone().unwrap_or_else(|| name.clone()),
            namespace: plan.options.namespace.clone(),
            api_group: None,
        }]),
    };
    let binding = notes.on(binding).also("K63", None);
    let account = hinted.is_none().then(|| Object::new(account));
    account.into_iter().chain([Object::new(role), Object::new(binding)]).collect()
}
