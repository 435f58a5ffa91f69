//! Commands in labels of kompose: lists in text form, else words as a shell splits them.

use super::Reader;
use crate::compose::grammar::words;
use crate::yaml::{Node, Value};

impl Reader<'_, '_> {
    /// Reads a list in text form, else words as a shell splits them.
    pub(super) fn words(&mut self, label: &str) -> Option<Node> {
        let node = self.text(label)?;
        let text = node.as_text().unwrap_or_default();
        let words = list(text).or_else(|| words::split(text).ok().map(|words| words.words));
        let Some(words) = words.filter(|words| !words.is_empty()) else {
            self.invalid(label, "a command, or a list in JSON");
            return None;
        };
        let words = words.into_iter().map(|word| Node::text(node.span, word)).collect();
        Some(Node::new(node.span, Value::List(words)))
    }
}

/// Reads a list of texts in JSON form.
pub(super) fn list(text: &str) -> Option<Vec<String>> {
    text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()
}
