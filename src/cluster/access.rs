//! What we may do in a namespace, asked once before anything is done (A31, A64). Rules are read here; what a run needs is the
//! caller's to say.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::client::{Api, Call};
use super::failure::Failure;

/// Something that a run needs to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Need {
    /// Group of the API; empty for the core.
    pub(crate) group: String,
    /// Plural of the kind.
    pub(crate) resource: String,
    /// `list`, `patch`.
    pub(crate) verb: &'static str,
}

impl Need {
    /// Names a verb on a kind.
    pub(crate) fn new(group: &str, resource: &str, verb: &'static str) -> Self {
        Self { group: group.to_owned(), resource: resource.to_owned(), verb }
    }
}

/// `patch deployments.apps`, as `kubectl auth can-i` takes it.
impl fmt::Display for Need {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, resource, verb } = self;
        let dot = if group.is_empty() { "" } else { "." };
        write!(formatter, "{verb} {resource}{dot}{group}")
    }
}

/// What the server says that we may do in one namespace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    namespace: String,
    rules: Vec<Rule>,
    /// Some authorizer cannot list its rules: what is not among them is asked one by one.
    incomplete: bool,
}

#[derive(Clone, Debug)]
struct Rule {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    /// Named objects only: enough for nothing that a run does to a kind.
    is_for_some: bool,
}

impl Rights {
    /// Asks the server.
    ///
    /// # Errors
    /// The server's. Even who may do nothing may ask this.
    pub(crate) async fn ask(api: &Api<'_>, namespace: &str) -> Result<Self, Failure> {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace},
        });
        let answer =
            api.call(Call::post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review)).await?;
        Ok(Self::read(namespace, &answer.body))
    }

    fn read(namespace: &str, review: &Value) -> Self {
        let rules = review.pointer("/status/resourceRules").and_then(Value::as_array).into_iter().flatten();
        let rules = rules.map(|rule| Rule {
            verbs: words(rule, "verbs"),
            groups: words(rule, "apiGroups"),
            resources: words(rule, "resources"),
            is_for_some: !words(rule, "resourceNames").is_empty(),
        });
        let incomplete = review.pointer("/status/incomplete") == Some(&Value::Bool(true));
        Self { namespace: namespace.to_owned(), rules: rules.collect(), incomplete }
    }

    /// Returns what is lacking of these needs.
    ///
    /// # Errors
    /// The server's, where it is asked about single needs.
    pub(crate) async fn lacking(
        &self,
        api: &Api<'_>,
        needs: impl IntoIterator<Item = Need>,
    ) -> Result<Vec<Need>, Failure> {
        let needs: BTreeSet<Need> = needs.into_iter().collect();
        let unsaid: Vec<Need> = needs.into_iter().filter(|need| !self.grant(need)).collect();
        if !self.incomplete {
            return Ok(unsaid);
        }
        let asked = unsaid.iter().map(|need| self.may(api, need));
        let answers = futures::future::join_all(asked).await;
        let mut lacking = Vec::new();
        for (need, answer) in unsaid.into_iter().zip(answers) {
            if !answer? {
                lacking.push(need);
            }
        }
        Ok(lacking)
    }

    fn grant(&self, need: &Need) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|known| known == "*" || known == word);
        self.rules.iter().any(|rule| {
            !rule.is_for_some
                && has(&rule.verbs, need.verb)
                && has(&rule.groups, &need.group)
                && has(&rule.resources, &need.resource)
        })
    }

    async fn may(&self, api: &Api<'_>, need: &Need) -> Result<bool, Failure> {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "namespace": self.namespace, "verb": need.verb, "group": need.group, "resource": need.resource,
            }},
        });
        let answer =
            api.call(Call::post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)).await?;
        Ok(answer.body.pointer("/status/allowed") == Some(&Value::Bool(true)))
    }
}

fn words(rule: &Value, key: &str) -> Vec<String> {
    let list = rule.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_named_objects_grant_nothing_on_the_kind() {
        let rights = Rights::read(
            "shop",
            &json!({"status": {"incomplete": false, "resourceRules": [
                {"verbs": ["get", "list"], "apiGroups": ["apps"], "resources": ["*"]},
                {"verbs": ["*"], "apiGroups": [""], "resources": ["configmaps"]},
                {"verbs": ["delete"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["one"]},
            ]}}),
        );
        assert!(rights.grant(&Need::new("apps", "deployments", "list")));
        assert!(!rights.grant(&Need::new("apps", "deployments", "patch")));
        assert!(rights.grant(&Need::new("", "configmaps", "delete")));
        assert!(!rights.grant(&Need::new("", "secrets", "delete")));
        assert_eq!(Need::new("apps", "deployments", "patch").to_string(), "patch deployments.apps");
    }
}
