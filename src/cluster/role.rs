//! The least role that applying a project takes (A64), as objects to print.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::client::Api;
use super::halt::Halt;
use super::identity::parent_name;
use super::object::{Desired, Identity};
use super::read;

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

/// The kinds of a project, and how sure their words are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kinds {
    known: BTreeSet<Emitted>,
    /// Kinds that only a server knows, by group and kind, with the word that such kinds have by habit.
    pub(crate) guessed: BTreeMap<(String, String), Emitted>,
}

impl Kinds {
    /// Returns all of them.
    pub(crate) fn kinds(&self) -> BTreeSet<Emitted> {
        self.known.iter().chain(self.guessed.values()).cloned().collect()
    }
}

/// Finds the words of kinds: the usual ones, and those that the project defines itself.
pub(crate) fn emitted(desired: &[Desired]) -> Kinds {
    let mut kinds = Kinds::default();
    for Desired { identity, .. } in desired {
        let known = identity.known_kind().map(|kind| kind.plural.to_owned());
        let emitted = |plural: String| Emitted {
            group: identity.group.clone(),
            plural,
            namespaced: identity.namespace.is_some(),
        };
        let said = || defined(identity, desired);
        let usual = || is_of_kubernetes(&identity.group).then(|| habitual(&identity.kind));
        if let Some(plural) = known.or_else(said).or_else(usual) {
            kinds.known.insert(emitted(plural));
        } else {
            let named = (identity.group.clone(), identity.kind.clone());
            kinds.guessed.insert(named, emitted(habitual(&identity.kind)));
        }
    }
    kinds
}

/// Looks for the definition of a kind in the project.
fn defined(identity: &Identity, desired: &[Desired]) -> Option<String> {
    let definitions = desired.iter().filter(|other| other.identity.kind == "CustomResourceDefinition");
    let mut specs = definitions.map(|definition| &definition.document["spec"]);
    let spec =
        specs.find(|spec| spec["group"] == identity.group && spec["names"]["kind"] == identity.kind)?;
    Some(spec["names"]["plural"].as_str()?.to_owned())
}

/// Kinds of Kubernetes itself keep to the habit.
fn is_of_kubernetes(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

fn habitual(kind: &str) -> String {
    let word = kind.to_ascii_lowercase();
    match word.strip_suffix('y') {
        _ if word == "endpoints" => word,
        // A vowel before it keeps it: gateways.
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if word.ends_with(['s', 'x', 'z']) || word.ends_with("ch") || word.ends_with("sh") => {
            format!("{word}es")
        }
        _ => format!("{word}s"),
    }
}

/// Asks the server for the words that are guessed; one that it does not serve stays a guess.
///
/// # Errors
/// The server's.
pub(crate) async fn learn(api: &Api<'_>, kinds: &mut Kinds) -> Result<(), Halt> {
    for (group, kind) in kinds.guessed.keys().cloned().collect::<Vec<_>>() {
        let found = read::discover(api, &group, &kind).await;
        let found = found.map_err(|failure| Halt::before(&format!("ask for the kind {kind}"), &failure))?;
        if let Some(served) = found {
            kinds.known.insert(Emitted {
                group: served.group,
                plural: served.plural,
                namespaced: served.namespaced,
            });
            kinds.guessed.remove(&(group, kind));
        }
    }
    Ok(())
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

    fn emitted_kind(group: &str, plural: &str, namespaced: bool) -> Emitted {
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
        let kinds = BTreeSet::from([
            emitted_kind("apps", "deployments", true),
            emitted_kind("", "persistentvolumes", false),
        ]);
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

    fn custom(kind: &str) -> Desired {
        served::desired(json!({"apiVersion": "example.org/v1", "kind": kind, "metadata": {"name": "x"}}))
    }

    #[test]
    fn words_of_kinds_that_only_a_server_knows_are_guesses() {
        let guessed = |kind: &str| {
            let kinds = emitted(&[custom(kind)]);
            let (named, guess) = kinds.guessed.into_iter().next().expect("it is not known");
            assert_eq!(named, ("example.org".to_owned(), kind.to_owned()));
            guess.plural
        };
        assert_eq!(
            ["Database", "Policy", "Gateway", "Proxy", "Bus", "Switch"].map(guessed),
            ["databases", "policies", "gateways", "proxies", "buses", "switches"]
        );
        let known = emitted(&[served::one("deployment-web").desired]);
        assert!(known.guessed.is_empty());
        assert_eq!(known.kinds(), BTreeSet::from([emitted_kind("apps", "deployments", true)]));
    }

    #[test]
    fn a_definition_in_the_project_says_the_word() {
        let definition = served::desired(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "oxen.example.org"},
            "spec": {"group": "example.org", "names": {"kind": "Ox", "plural": "oxen"}},
        }));
        let kinds = emitted(&[custom("Ox"), definition]);
        assert!(kinds.guessed.is_empty(), "{kinds:?}");
        assert!(kinds.kinds().iter().any(|kind| kind.plural == "oxen"), "{kinds:?}");
    }

    #[test]
    fn who_makes_roles_has_their_rights() {
        let desired = served::one("role-web-wait").desired;
        let roles = role("shop", "prod", &BTreeSet::new(), std::slice::from_ref(&desired));
        let granted = &desired.document["rules"][0];
        assert!(roles[0]["rules"].as_array().expect("a list").contains(granted));
    }
}
