//! From short form to long form, on the tree: what the functions of the key homes are given, and the plain ones.

use crate::compose::budget::Budget;
use crate::compose::path::Path;
use crate::diag::Sink;
use crate::yaml::{Entry, Mapping, Node, Value};

/// Changes a value in place of the walker that found it: short to long (step 7), or defaults and checks (step 8).
pub(crate) type Rewrite = fn(Node, &Path<'_>, &mut Context<'_>) -> Node;

/// What a rewrite may use.
pub(crate) struct Context<'a> {
    /// What may still be used.
    pub(crate) budget: &'a mut Budget,
    /// Problems.
    pub(crate) sink: &'a mut Sink,
    /// A short form that cannot be read stays as it is, without a problem: `config --no-interpolate`.
    pub(crate) lenient: bool,
}

/// A text becomes a list of one item.
pub(crate) fn text_to_list(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    match node.value {
        Value::Text(_) => Node::new(node.span, Value::List(vec![node])),
        _ => node,
    }
}

/// A list of names becomes a mapping of nulls.
pub(crate) fn names_to_map(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    list_to_map(node, |name| Value::Null.at(name))
}

/// A list of names becomes a mapping with a value for each.
pub(crate) fn list_to_map(node: Node, value: impl Fn(&Node) -> Node) -> Node {
    let Value::List(items) = node.value else { return node };
    let entry = |item: Node| {
        let name = item.as_text()?.to_owned();
        Some((name, Entry { key: item.span, node: value(&item) }))
    };
    Node { span: node.span, tag: node.tag, value: Value::Map(items.into_iter().filter_map(entry).collect()) }
}

impl Value {
    /// Puts a value where another node stands.
    pub(crate) const fn at(self, place: &Node) -> Node {
        Node::new(place.span, self)
    }
}

/// Puts a value under a key that is not there yet.
pub(crate) fn put_default(map: &mut Mapping, key: &str, place: &Node, value: Value) {
    map.entry(key.to_owned()).or_insert_with(|| Entry { key: place.span, node: value.at(place) });
}

/// Makes a mapping of one key, at the place of a short form.
pub(crate) fn single(key: &str, node: Node) -> Node {
    let span = node.span;
    let map = Mapping::from([(key.to_owned(), Entry { key: span, node })]);
    Node::new(span, Value::Map(map))
}
