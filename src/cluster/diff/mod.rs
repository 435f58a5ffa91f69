//! What differs between two states of an object, as changes of single fields with secrets masked (A100).

pub(crate) mod lines;
mod walk;

use serde_json::Value;

use super::fields::migrate::LAST_APPLIED;
use super::plan::change::FieldChange;
use super::redact::Redactor;

/// Metadata that the server keeps for itself.
const OF_THE_SERVER: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Annotations that no project writes.
const OF_OTHERS: &[&str] = &["deployment.kubernetes.io/revision", LAST_APPLIED];

/// Returns an object without what changes by itself or cannot be written.
pub(crate) fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for key in OF_THE_SERVER {
            metadata.remove(*key);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            for key in OF_OTHERS {
                annotations.remove(*key);
            }
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    object
}

/// Compares two states of an object of a kind. Values are masked: what they show may be printed.
pub(crate) fn compare(kind: &str, before: &Value, after: &Value, redactor: &Redactor) -> Vec<FieldChange> {
    walk::walk(kind, &comparable(before), &comparable(after), redactor)
}

/// Lists the fields of a document that comes as a whole, without what only names it.
pub(crate) fn of_new(kind: &str, document: &Value, redactor: &Redactor) -> Vec<FieldChange> {
    let names = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];
    let mut fields =
        walk::walk(kind, &Value::Object(serde_json::Map::new()), &comparable(document), redactor);
    fields.retain(|field| !names.contains(&field.path.as_str()));
    fields
}

#[cfg(test)]
mod tests;
