//! Where two values differ.

use std::collections::BTreeSet;

use serde_json::Value;

/// Returns the first place where two values differ.
pub(crate) fn first_difference(path: &str, theirs: &Value, ours: &Value) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            keys.into_iter().find_map(|key| {
                let below = format!("{path}.{key}");
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => first_difference(&below, left, right),
                    (Some(left), None) => Some(format!("{below}: missing {left}")),
                    (None, right) => Some(format!("{below}: too much {}", right.unwrap_or(&Value::Null))),
                }
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs
                .find_map(|(index, (left, right))| first_difference(&format!("{path}[{index}]"), left, right))
        }
        _ if theirs == ours => None,
        _ => Some(format!("{path}: expected {theirs}, got {ours}")),
    }
}
