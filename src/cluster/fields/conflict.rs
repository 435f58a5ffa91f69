//! Conflicts as the server reports them, resolved to paths, owners and values (A22).
//!
//! The server's `field` text cannot be read back: a dot in a label's key looks like one between fields. So the path is the
//! one in the owner's entry that the server would write in the same way.

use serde_json::Value;

use super::entry::{Entry, Operation, entries};
use super::path::Path;
use super::set::FieldSet;
use crate::cluster::failure::Cause;
use crate::cluster::object::Live;

/// A conflict with one manager about one field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contested {
    /// The field; `None` where no entry has it any more, so that only the server's text is known.
    pub(crate) path: Option<Path>,
    /// The server's text for it.
    pub(crate) field: String,
    /// Who owns it.
    pub(crate) manager: String,
    /// How it was set.
    pub(crate) operation: Operation,
    /// Subresource that it was written through.
    pub(crate) subresource: Option<String>,
    /// Since when; entries may have no time.
    pub(crate) since: Option<String>,
}

impl Contested {
    /// Returns the path to show.
    pub(crate) fn shown(&self) -> String {
        let plain = || self.field.trim_start_matches('.').to_owned();
        self.path.as_ref().map_or_else(plain, ToString::to_string)
    }

    /// Returns its value in an object.
    pub(crate) fn value_in<'v>(&self, object: &'v Value) -> Option<&'v Value> {
        self.path.as_ref()?.value_in(object)
    }

    /// Tells whether it is the number of replicas, set by something that scales (A23).
    pub(crate) fn is_scaled(&self) -> bool {
        self.subresource.as_deref() == Some("scale")
            && self.path.as_ref().is_some_and(|path| *path == Path::fields("spec.replicas"))
    }
}

/// Finds the paths and owners of causes in the entries of the live object.
pub(crate) fn resolve(causes: &[Cause], live: Option<&Live>) -> Vec<Contested> {
    let entries = live.map(entries).unwrap_or_default();
    let of_fields = causes.iter().filter(|cause| cause.reason == "FieldManagerConflict");
    of_fields.map(|cause| resolve_one(cause, &entries)).collect()
}

/// Returns the conflicts that an apply of the document would meet, where it cannot be tried: values of others that differ.
pub(crate) fn foreseen(document: &Value, live: &Live) -> Vec<Contested> {
    let others = entries(live).into_iter().filter(|entry| !entry.is_ours());
    let of_entry = |entry: Entry| {
        let members = entry.fields.as_ref().map(FieldSet::members).unwrap_or_default();
        let differing = members.into_iter().filter(|path| {
            let whole = entry
                .fields
                .as_ref()
                .and_then(|fields| fields.at(path))
                .is_some_and(|set| set.children.is_empty());
            whole && path.value_in(document).is_some_and(|ours| path.value_in(&live.value) != Some(ours))
        });
        differing
            .map(|path| Contested {
                field: path.in_messages(),
                path: Some(path),
                manager: entry.manager.clone(),
                operation: entry.operation,
                subresource: entry.subresource.clone(),
                since: entry.time.clone(),
            })
            .collect::<Vec<_>>()
    };
    others.flat_map(of_entry).collect()
}

fn resolve_one(cause: &Cause, entries: &[Entry]) -> Contested {
    let Said { manager, subresource, operation } = Said::read(&cause.message);
    let matching = |entry: &&Entry| {
        entry.manager == manager && entry.operation == operation && entry.subresource == subresource
    };
    let found = entries.iter().filter(matching).find_map(|entry| {
        let path =
            entry.fields.as_ref()?.members().into_iter().find(|path| path.in_messages() == cause.field)?;
        Some((path, entry.time.clone()))
    });
    let (path, since) = found.unzip();
    Contested { path, field: cause.field.clone(), manager, operation, subresource, since: since.flatten() }
}

/// What the message says of the owner.
struct Said {
    manager: String,
    subresource: Option<String>,
    operation: Operation,
}

impl Said {
    /// Reads `conflict with "M"`, `… with subresource "scale"`, `… using apps/v1`, `… at TIME`.
    fn read(message: &str) -> Self {
        let rest = message.strip_prefix("conflict with ").unwrap_or(message);
        let (manager, rest) = quoted(rest);
        let (subresource, rest) = match rest.strip_prefix(" with subresource ") {
            Some(rest) => {
                let (subresource, rest) = quoted(rest);
                (Some(subresource), rest)
            }
            None => (None, rest),
        };
        // Only an update is said to use a version.
        let operation = if rest.starts_with(" using ") { Operation::Update } else { Operation::Apply };
        Self { manager, subresource, operation }
    }
}

/// Takes a quoted text off the front; without quotes, all of it.
fn quoted(text: &str) -> (String, &str) {
    let mut words = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match words.next() {
        Some(Ok(word)) => (word, &text[words.byte_offset()..]),
        _ => (text.trim_matches('"').to_owned(), ""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live() -> Live {
        let entry = |manager: &str, operation: &str, subresource: Option<&str>, fields: Value| {
            let mut entry = json!({"manager": manager, "operation": operation, "apiVersion": "apps/v1",
                "fieldsType": "FieldsV1", "fieldsV1": fields, "time": "2026-01-02T03:04:05Z"});
            if let Some(subresource) = subresource {
                entry["subresource"] = json!(subresource);
            }
            entry
        };
        Live::new(json!({"metadata": {"labels": {"app.kubernetes.io/part-of": "x"}, "managedFields": [
            entry("kubectl-label", "Update", None, json!({"f:metadata": {"f:labels": {"f:app.kubernetes.io/part-of": {}}}})),
            entry("flux", "Apply", None, json!({"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:image": {}}}}})),
            entry("hpa", "Update", Some("scale"), json!({"f:spec": {"f:replicas": {}}})),
        ]}, "spec": {"replicas": 7, "containers": [{"name": "web", "image": "nginx"}]}}))
    }

    fn one(field: &str, message: &str) -> Contested {
        let causes = [Cause {
            reason: "FieldManagerConflict".into(),
            field: field.to_owned(),
            message: message.to_owned(),
        }];
        resolve(&causes, Some(&live())).remove(0)
    }

    #[test]
    fn keys_with_dots_are_one_step() {
        let found = one(
            ".metadata.labels.app.kubernetes.io/part-of",
            "conflict with \"kubectl-label\" using apps/v1",
        );
        assert_eq!(found.shown(), "metadata.labels[app.kubernetes.io/part-of]");
        assert_eq!(found.value_in(&live().value), Some(&json!("x")));
        assert_eq!(
            (found.operation, found.since.as_deref()),
            (Operation::Update, Some("2026-01-02T03:04:05Z"))
        );
    }

    #[test]
    fn conflicts_are_foreseen_where_values_differ() {
        let document =
            |image: &str| json!({"spec": {"replicas": 7, "containers": [{"name": "web", "image": image}]}});
        assert_eq!(foreseen(&document("nginx"), &live()), []);
        let found = foreseen(&document("other"), &live());
        assert_eq!(
            (found.len(), found[0].shown().as_str(), found[0].manager.as_str()),
            (1, "spec.containers[web].image", "flux")
        );
    }

    #[test]
    fn appliers_are_named_without_a_version() {
        let found = one(".spec.containers[name=\"web\"].image", "conflict with \"flux\"");
        assert_eq!(
            (found.shown().as_str(), found.operation),
            ("spec.containers[web].image", Operation::Apply)
        );
    }

    #[test]
    fn what_scales_is_known_by_its_subresource() {
        let message =
            "conflict with \"hpa\" with subresource \"scale\" using apps/v1 at 2026-01-02T03:04:05Z";
        assert!(one(".spec.replicas", message).is_scaled());
        assert!(!one(".spec.replicas", "conflict with \"hpa\" using apps/v1").is_scaled());
    }

    #[test]
    fn a_field_that_nobody_has_any_more_keeps_the_text_of_the_server() {
        let found = one(".spec.x", "conflict with \"a \\\"b\\\"\" using v1");
        assert_eq!(
            (found.path.is_none(), found.shown().as_str(), found.manager.as_str()),
            (true, "spec.x", "a \"b\"")
        );
    }
}
