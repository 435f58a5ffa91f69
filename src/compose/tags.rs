//! `!reset` and `!override` (L16): which paths of earlier documents go, and what of this one stays.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{Mapping, Node, Value};

use super::codes::LoadCode;

/// The tag that removes a value here and in what was merged before.
pub(crate) const RESET: &str = "!reset";
const OVERRIDE: &str = "!override";

/// Paths that a document deletes from what was merged before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resets(BTreeMap<Vec<String>, Reset>);

/// One tag.
#[derive(Clone, Debug)]
struct Reset {
    tag: &'static str,
    key: Span,
    /// It deleted something; shared between copies, since one tag may act on several bases.
    acted: Rc<Cell<bool>>,
}

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
                let tag = [RESET, OVERRIDE].into_iter().find(|known| tag.as_deref() == Some(known));
                if let Some(tag) = tag {
                    self.0.insert(path.clone(), Reset { tag, key: entry.key, acted: Rc::default() });
                }
                let stays = tag != Some(RESET);
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
        for (path, reset) in &self.0 {
            if delete(tree, path) {
                reset.acted.set(true);
            }
        }
    }

    /// Reports the tags that deleted nothing.
    pub(crate) fn report(&self, sink: &mut Sink) {
        for (path, reset) in self.0.iter().filter(|(_, reset)| !reset.acted.get()) {
            let place = path.join(".");
            let diagnostic = Diagnostic::new(
                LoadCode::ResetWithoutEffect,
                format!("`{}` at `{place}` finds nothing to remove", reset.tag),
            );
            let help =
                "remove the tag, or write the key as the earlier file has it (what was a list has no keys)";
            sink.push(diagnostic.at(reset.key).path(place).help(help));
        }
    }

    /// Adds the paths of another document of the same file.
    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the paths below one, counted from there.
    pub(crate) fn below(&self, prefix: &[&str]) -> Self {
        let first: Vec<String> = prefix.iter().map(|step| (*step).to_owned()).collect();
        let inside = self.0.range(first..).take_while(|(path, _)| {
            path.len() >= prefix.len() && path.iter().zip(prefix).all(|(step, wanted)| step == wanted)
        });
        Self(inside.map(|(path, reset)| (path[prefix.len()..].to_vec(), reset.clone())).collect())
    }
}

fn delete(map: &mut Mapping, path: &[String]) -> bool {
    let Some((key, rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        return map.remove(key).is_some();
    }
    map.get_mut(key).and_then(|entry| entry.node.as_map_mut()).is_some_and(|inner| delete(inner, rest))
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files, problems, problems_in};

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

    #[test]
    fn a_tag_that_deletes_nothing_is_reported() {
        let report = |base: &str, over: &str| {
            let host = files(&[("compose.yaml", base), ("compose.override.yaml", over)]);
            problems_in(&host)
        };
        let base = "services: {a: {image: i, environment: [A=1]}}";
        let at = |place: &str| format!("compose.override.yaml:{place} reset-without-effect");
        assert_eq!(report(base, "services: {a: {environment: {A: !reset null}}}"), at("1:30"));
        assert_eq!(report(base, "services: {a: {ports: !override ['1:1']}}"), at("1:16"));
        assert_eq!(report(base, "services: {a: {image: !override j}}"), "");
    }

    #[test]
    fn a_tag_may_act_on_the_extended_service_alone() {
        let text = "services: {b: {image: i, user: u}, a: {extends: b, user: !reset null}}";
        assert_eq!(problems(text), "");
    }
}
