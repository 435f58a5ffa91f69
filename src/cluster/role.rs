//! The least role that applying a project takes (A64), as objects to print.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::identity::parent_name;
use super::object::Desired;

/// A kind whose objects are written: group, plural, whether it lives in namespaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Emitted {
    /// Group; empty for core.
    pub(crate) group: String,
    /// Word of the path, such as `deployments`.
    pub(crate) plural: String,
    /// Lives in a namespace.
    pub(crate) namespaced: bool,
}

/// What every emitted kind takes: an apply that creates needs create *and* patch.
const WRITES: &[&str] = &["get", "list", "watch", "create", "patch", "delete"];
const READS: &[&str] = &["get", "list", "watch"];

/// Kinds that are only looked at.
const WATCHED: &[(&str, &str)] = &[
    ("", "pods"),
    ("apps", "replicasets"),
    ("apps", "controllerrevisions"),
    ("", "events"),
    ("events.k8s.io", "events"),
];

/// Returns a Role of the namespace, and the `ClusterRole` for what lies outside of namespaces. Who gets them is not ours to say.
pub(crate) fn role(
    project: &str,
    namespace: &str,
    emitted: &BTreeSet<Emitted>,
    desired: &[Desired],
) -> Vec<Value> {
    let (own, cluster): (BTreeSet<&Emitted>, BTreeSet<&Emitted>) =
        emitted.iter().partition(|kind| kind.namespaced);
    let mut writes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for kind in own {
        writes.entry(&kind.group).or_default().insert(&kind.plural);
    }
    // The parent is a ConfigMap, the history are Secrets.
    writes.entry("").or_default().extend(["configmaps", "secrets"]);
    let mut rules: Vec<Value> = writes.iter().map(|(group, plurals)| rule(group, plurals, WRITES)).collect();
    rules.push(rule("coordination.k8s.io", &["leases"].into(), &["get", "create", "update", "delete"]));
    let mut reads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (group, plural) in WATCHED {
        reads.entry(group).or_default().insert(plural);
    }
    rules.extend(reads.iter().map(|(group, plurals)| rule(group, plurals, READS)));
    rules.push(rule("", &["pods/log"].into(), &["get"]));
    rules.extend(granted(desired));
    let mut outside = vec![
        json!({"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["kube-system"], "verbs": ["get"]}),
    ];
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for kind in cluster {
        groups.entry(&kind.group).or_default().insert(&kind.plural);
    }
    outside.extend(groups.iter().map(|(group, plurals)| rule(group, plurals, WRITES)));
    let name = parent_name(project);
    vec![
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, "namespace": namespace}, "rules": rules}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": format!("{name}.{namespace}")}, "rules": outside}),
    ]
}

fn rule(group: &str, plurals: &BTreeSet<&str>, verbs: &[&str]) -> Value {
    json!({"apiGroups": [group], "resources": plurals, "verbs": verbs})
}

/// Who makes a Role must have the rights that it grants.
fn granted(desired: &[Desired]) -> Vec<Value> {
    let mut granted: Vec<Value> = Vec::new();
    let roles = desired.iter().filter(|desired| desired.identity.kind == "Role");
    for rule in roles.flat_map(|role| role.document["rules"].as_array().cloned().unwrap_or_default()) {
        if !granted.contains(&rule) {
            granted.push(rule);
        }
    }
    granted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::fields::served;

    fn emitted(group: &str, plural: &str, namespaced: bool) -> Emitted {
        Emitted { group: group.into(), plural: plural.into(), namespaced }
    }

    /// Tells whether rules allow all verbs on a kind.
    fn allows(role: &Value, group: &str, plural: &str, verbs: &[&str]) -> bool {
        let has = |rule: &Value, key: &str, word: &str| {
            rule[key].as_array().is_some_and(|list| list.contains(&json!(word)))
        };
        verbs.iter().all(|verb| {
            let rules = role["rules"].as_array().expect("a list").iter();
            rules.filter(|rule| rule.get("resourceNames").is_none()).any(|rule| {
                has(rule, "apiGroups", group) && has(rule, "resources", plural) && has(rule, "verbs", verb)
            })
        })
    }

    #[test]
    fn a_role_allows_what_applying_takes_and_no_more() {
        let kinds =
            BTreeSet::from([emitted("apps", "deployments", true), emitted("", "persistentvolumes", false)]);
        let roles = role("shop", "prod", &kinds, &[]);
        let (own, cluster) = (&roles[0], &roles[1]);
        for (group, plural, verbs) in [
            ("apps", "deployments", WRITES),
            ("", "configmaps", WRITES),
            ("", "secrets", WRITES),
            ("coordination.k8s.io", "leases", &["get", "create", "update", "delete"]),
            ("", "pods", READS),
            ("apps", "replicasets", READS),
            ("", "events", READS),
            ("", "pods/log", &["get"]),
        ] {
            assert!(allows(own, group, plural, verbs), "{group}/{plural}");
        }
        assert!(
            allows(cluster, "", "persistentvolumes", WRITES)
                && !allows(own, "", "persistentvolumes", &["get"])
        );
        assert!(!allows(own, "", "services", &["get"]) && !allows(own, "", "pods", &["delete"]));
        assert!(!own.to_string().contains('*') && !cluster.to_string().contains('*'));
        assert_eq!(cluster["rules"][0]["resourceNames"], json!(["kube-system"]));
    }

    #[test]
    fn who_makes_roles_has_their_rights() {
        let desired = served::one("role-web-wait").desired;
        let roles = role("shop", "prod", &BTreeSet::new(), std::slice::from_ref(&desired));
        let granted = &desired.document["rules"][0];
        assert!(roles[0]["rules"].as_array().expect("a list").contains(granted));
    }
}
