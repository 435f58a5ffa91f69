//! Paths in objects: the steps of `spec.containers[0].env[A.B]`, and the value that they lead to.

use serde_json::Value;

/// Takes a path apart. Brackets hold an index or a key with dots; `a[b]` and `a.b` are the same steps.
pub(crate) fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = closing(inner);
            steps.push(inner[..end].to_owned());
            rest = inner.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    steps
}

/// Finds the bracket that closes a key: the first one behind which a step ends.
fn closing(inner: &str) -> usize {
    let ends = |at: &usize| matches!(inner[at + 1..].chars().next(), None | Some('.' | '['));
    inner.match_indices(']').map(|(at, _)| at).find(ends).unwrap_or(inner.len())
}

/// Returns the value that one step leads to: a key, or the index of an item.
pub(crate) fn step<'t>(value: &'t Value, step: &str) -> Option<&'t Value> {
    match value {
        Value::Object(map) => map.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Returns the value that steps lead to.
pub(crate) fn at<'t>(value: &'t Value, path: &[String]) -> Option<&'t Value> {
    path.iter().try_fold(value, |value, name| step(value, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_hold_indices_and_keys_with_dots() {
        assert_eq!(
            steps("metadata.labels[a.b/c].x[0]"),
            ["metadata", "labels", "a.b/c", "x", "0"].map(str::to_owned)
        );
        assert_eq!(steps("[my.web].ports[0]"), ["my.web", "ports", "0"].map(str::to_owned));
        assert_eq!(steps("data[a]b]"), ["data", "a]b"].map(str::to_owned));
        assert_eq!(steps(""), Vec::<String>::new());
        assert_eq!(steps("a["), ["a", ""].map(str::to_owned));
    }

    #[test]
    fn a_path_leads_through_lists() {
        let tree = serde_json::json!({"a": [{"b": 1}]});
        assert_eq!(at(&tree, &steps("a[0].b")), Some(&1.into()));
        assert_eq!(at(&tree, &steps("a[1].b")), None);
    }
}
