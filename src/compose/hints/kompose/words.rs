//! Commands in labels of kompose: lists in text form, else words as a shell splits them.

use super::Reader;
use crate::compose::grammar::words;
use crate::yaml::{Node, Value};

impl Reader<'_, '_> {
    /// Reads the command of an init container.
    pub(super) fn init_command(&mut self) -> Option<Node> {
        const LABEL: &str = "init.containers.command";
        let node = self.text(LABEL)?;
        let text = node.as_text().unwrap_or_default();
        let listed = json(text).or_else(|| unquoted(text));
        let is_list = listed.is_some();
        let words = listed.or_else(|| words::split(text).ok().map(|words| words.words));
        let Some(words) = words.filter(|words| !words.is_empty()) else {
            self.invalid(LABEL, "a command, or a list in brackets");
            return None;
        };
        if !is_list && text.contains(',') {
            self.different(LABEL, "is split as a shell does, where kompose splits at commas");
        } else if !is_list && words.len() > 1 {
            self.different(LABEL, "is split as a shell does, where kompose makes one word of it");
        }
        let words = words.into_iter().map(|word| Node::text(node.span, word)).collect();
        Some(Node::new(node.span, Value::List(words)))
    }
}

/// Reads a list of texts in JSON form.
pub(super) fn json(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}

/// Reads a list as kompose takes it, with words that need no quotes. No test is one: to the shell, `[` is a command.
fn unquoted(text: &str) -> Option<Vec<String>> {
    let words = text
        .strip_prefix('[')?
        .strip_suffix(']')?
        .split(',')
        .map(|word| word.trim_matches([' ', '"', '\'']).to_owned());
    Some(words.collect()).filter(|words: &Vec<String>| words.iter().all(|word| !word.is_empty()))
}

/// Splits a test in text form, `CMD word word`, into what is run without a shell.
pub(super) fn exec(text: &str) -> Option<Vec<String>> {
    let words = words::split(text.strip_prefix("CMD ")?).ok()?.words;
    Some(words).filter(|words| !words.is_empty())
}
