//! Takes values out of checked hints. What stands there fits its row, so nothing is reported here.

use std::time::Duration;

use crate::compose::grammar::duration::GoDuration;
use crate::compose::keys::scalar::scalar_text;
use crate::compose::print::Printed;
use crate::diag::{Span, Spanned};
use crate::model::{Json, Patch, PatchKind, Quantity, TextMap, Texts};
use crate::yaml::{Mapping, Node, Value};

/// Hints that are taken out one by one.
pub(super) struct Reader(pub(super) Mapping);

impl Reader {
    /// Takes a value.
    pub(super) fn node(&mut self, name: &str) -> Option<Node> {
        self.0.remove(name).map(|entry| entry.node)
    }

    /// Takes a mapping, to be read on, with its place.
    pub(super) fn below(&mut self, name: &str) -> Option<Spanned<Self>> {
        let node = self.node(name)?;
        below(node)
    }

    /// Takes a text.
    pub(super) fn text(&mut self, name: &str) -> Option<Spanned<String>> {
        self.node(name).and_then(|node| text(&node))
    }

    /// Takes a word.
    pub(super) fn word<T>(&mut self, name: &str, of: impl Fn(&str) -> Option<T>) -> Option<Spanned<T>> {
        let text = self.text(name)?;
        of(&text.value).map(|value| Spanned::new(value, text.span))
    }

    /// Takes true or false.
    pub(super) fn flag(&mut self, name: &str) -> Option<Spanned<bool>> {
        let node = self.node(name)?;
        match node.value {
            Value::Bool(value) => Some(Spanned::new(value, node.span)),
            _ => None,
        }
    }

    /// Takes a whole number.
    pub(super) fn number<T: TryFrom<i128>>(&mut self, name: &str) -> Option<Spanned<T>> {
        self.node(name).and_then(|node| number(&node))
    }

    /// Takes a quantity.
    pub(super) fn quantity(&mut self, name: &str) -> Option<Spanned<Quantity>> {
        self.text(name).map(|text| text.map(Quantity))
    }

    /// Takes a time.
    pub(super) fn time(&mut self, name: &str) -> Option<Spanned<Duration>> {
        let text = self.text(name)?;
        let time = GoDuration::parse(&text.value).ok()?;
        Some(Spanned::new(Duration::from_nanos(u64::try_from(time.0).unwrap_or(0)), text.span))
    }

    /// Takes a list of texts.
    pub(super) fn texts(&mut self, name: &str) -> Option<Texts> {
        let node = self.node(name)?;
        let Value::List(items) = &node.value else { return None };
        Some(Spanned::new(items.iter().filter_map(text).collect(), node.span))
    }

    /// Takes a list of words of a command.
    pub(super) fn words(&mut self, name: &str) -> Vec<String> {
        let texts = self.texts(name).map(|texts| texts.value).unwrap_or_default();
        texts.into_iter().map(|text| text.value).collect()
    }

    /// Takes texts by name.
    pub(super) fn text_map(&mut self, name: &str) -> TextMap {
        self.entries(name).into_iter().filter_map(|(key, node)| Some((key, text(&node)?))).collect()
    }

    /// Takes values by name.
    pub(super) fn entries(&mut self, name: &str) -> Vec<(String, Node)> {
        match self.node(name).map(|node| node.value) {
            Some(Value::Map(map)) => map.into_iter().map(|(key, entry)| (key, entry.node)).collect(),
            _ => Vec::new(),
        }
    }

    /// Takes a list of mappings, each to be read on.
    pub(super) fn list(&mut self, name: &str) -> Vec<Spanned<Self>> {
        match self.node(name).map(|node| node.value) {
            Some(Value::List(items)) => items.into_iter().filter_map(below).collect(),
            _ => Vec::new(),
        }
    }

    /// Takes a list of values of free form.
    pub(super) fn objects(&mut self, name: &str) -> Option<Spanned<Vec<Json>>> {
        let node = self.node(name)?;
        let Value::List(items) = &node.value else { return None };
        Some(Spanned::new(items.iter().map(json).collect(), node.span))
    }

    /// Takes `patches`.
    pub(super) fn patches(&mut self) -> Vec<Patch> {
        self.list("patches").into_iter().filter_map(patch).collect()
    }
}

fn patch(written: Spanned<Reader>) -> Option<Patch> {
    let Spanned { value: mut written, span } = written;
    let mut target = written.below("target")?.value;
    let free = |node: Node| Spanned::new(json(&node), node.span);
    let change = match (written.node("json"), written.node("merge")) {
        (Some(operations), _) => PatchKind::Operations(free(operations)),
        (None, Some(merge)) => PatchKind::Merge(free(merge)),
        (None, None) => return None,
    };
    Some(Patch { span, kind: target.text("kind")?, name: target.text("name"), change })
}

fn below(node: Node) -> Option<Spanned<Reader>> {
    match node.value {
        Value::Map(map) => Some(Spanned::new(Reader(map), node.span)),
        _ => None,
    }
}

/// The text of a scalar.
pub(super) fn text(node: &Node) -> Option<Spanned<String>> {
    scalar_text(node).map(|text| Spanned::new(text, node.span))
}

/// The number of a scalar.
pub(super) fn number<T: TryFrom<i128>>(node: &Node) -> Option<Spanned<T>> {
    match node.value {
        Value::Int(number) => T::try_from(number).ok().map(|number| Spanned::new(number, node.span)),
        _ => None,
    }
}

/// A value of free form.
pub(super) fn json(node: &Node) -> Json {
    Json(Printed::raw(node).to_json().to_string())
}

/// The place of a value, where only that it was written matters.
pub(super) fn place(node: Option<Node>) -> Option<Span> {
    node.map(|node| node.span)
}
