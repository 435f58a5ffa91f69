//! `!reset` and `!override` (L16): which paths of earlier documents go, and what of this one stays.

use std::collections::BTreeSet;

use crate::yaml::{Mapping, Node, Value};

/// The tag that removes a value here and in what was merged before.
pub(crate) const RESET: &str = "!reset";
const OVERRIDE: &str = "!override";

/// Paths that a document deletes from what was merged before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resets(BTreeSet<Vec<String>>);

impl Resets {
    /// Takes the tags out of a document: reset values go, overriding ones stay, both are remembered.
    pub(crate) fn take(document: &mut Node) -> Self {
        let mut resets = Self::default();
        resets.walk(document, &mut Vec::new());
        resets
    }

    fn walk(&mut self, node: &mut Node, path: &mut Vec<String>) {
        match &mut node.value {
            Value::Map(map) => map.retain(|key, entry| {
                path.push(key.clone());
                let tag = entry.node.tag.take();
                if matches!(tag.as_deref(), Some(RESET | OVERRIDE)) {
                    self.0.insert(path.clone());
                }
                let stays = tag.as_deref() != Some(RESET);
                if stays {
                    self.walk(&mut entry.node, path);
                }
                path.pop();
                stays
            }),
            // In a list both tags act on the list itself only, so nothing is remembered.
            Value::List(items) => {
                items.retain(|item| item.tag.as_deref() != Some(RESET));
                for item in items {
                    item.tag = None;
                    Self::default().walk(item, &mut Vec::new());
                }
            }
            _ => {}
        }
    }

    /// Deletes the remembered paths from a tree.
    pub(crate) fn apply(&self, tree: &mut Mapping) {
        for path in &self.0 {
            delete(tree, path);
        }
    }

    /// Adds the paths of another document of the same file.
    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the paths below one, counted from there.
    pub(crate) fn below(&self, prefix: &[&str]) -> Self {
        let first: Vec<String> = prefix.iter().map(|step| (*step).to_owned()).collect();
        let inside = self.0.range(first..).take_while(|path| {
            path.len() >= prefix.len() && path.iter().zip(prefix).all(|(step, wanted)| step == wanted)
        });
        Self(inside.map(|path| path[prefix.len()..].to_vec()).collect())
    }
}

fn delete(map: &mut Mapping, path: &[String]) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        map.remove(key);
    } else if let Some(inner) = map.get_mut(key).and_then(|entry| entry.node.as_map_mut()) {
        delete(inner, rest);
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files};

    fn check(base: &str, over: &str, pointer: &str, expected: &str) {
        let host = files(&[("compose.yaml", base), ("compose.override.yaml", over)]);
        assert_eq!(at(&host, &Request::default(), pointer), expected);
    }

    #[test]
    fn reset_deletes_what_was_merged_before() {
        let base = "services: {a: {image: i, ports: ['80:80'], environment: {A: 1, B: 2}}}";
        check(base, "services: {a: {ports: !reset []}}", "/services/a/ports", "absent");
        check(
            base,
            "services: {a: {environment: {A: !reset null}}}",
            "/services/a/environment",
            r#"{"B":"2"}"#,
        );
    }

    #[test]
    fn override_deletes_and_stays() {
        let base = "services: {a: {image: i, cap_add: [A]}}";
        check(base, "services: {a: {cap_add: !override [B]}}", "/services/a/cap_add", r#"["B"]"#);
    }
}
