//! Merges a later tree onto an earlier one (L28). Names no key: the rows say which rule holds.

use crate::diag::{Diagnostic, Sink};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::codes::LoadCode;
use super::keys::depends_on;
use super::keys::long::{list_to_map, single};
use super::keys::scalar::scalar_text;
use super::keys::shape::{Merge, Shape};
use super::path::Path;

/// Merges `over` onto `base`.
pub(crate) fn merge(base: Node, over: Node, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Node {
    let rule = shape.map_or(Merge::General, |shape| shape.merge);
    if rule == Merge::Replace {
        return over;
    }
    if over.is_null() {
        return base;
    }
    match rule {
        Merge::General | Merge::Replace => general(base, over, shape, at, sink),
        Merge::Limits => over,
        Merge::Sequence => sequence(base, over, false),
        Merge::Hosts => sequence(base, over, true),
        Merge::Build => general(context_of(base), context_of(over), shape, at, sink),
        Merge::Dependencies => {
            by_name(base, over, shape, at, sink, |name| depends_on::dependency(name, None))
        }
        Merge::Names => by_name(base, over, shape, at, sink, |name| Value::Null.at(name)),
        Merge::Logging => logging(base, over, shape, at, sink),
        Merge::Pools => pools(base, over, shape, at, sink),
    }
}

fn general(base: Node, over: Node, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Node {
    let (span, tag) = (base.span, base.tag);
    match (base.value, over.value) {
        (Value::Map(base), Value::Map(over)) => {
            Node { span, tag, value: Value::Map(maps(base, over, shape, at, sink)) }
        }
        (Value::List(mut base), Value::List(over)) => {
            base.extend(over);
            Node { span, tag, value: Value::List(base) }
        }
        (base @ (Value::Map(_) | Value::List(_)), _) => {
            let base = Node { span, tag, value: base };
            sink.push(
                Diagnostic::new(
                    LoadCode::CannotOverride,
                    format!("`{at}` cannot replace {} from before", base.kind()),
                )
                .at(over.span)
                .also(base.span, "what stands before")
                .path(at.to_string())
                .help("write it in the same form, or put `!override` before the value"),
            );
            base
        }
        (_, value) => Node { span: over.span, tag: over.tag, value },
    }
}

fn maps(mut base: Mapping, over: Mapping, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Mapping {
    for (key, entry) in over {
        let merged = match base.remove(&key) {
            None => entry,
            Some(before) => {
                let member = shape.and_then(|shape| shape.member(&key));
                let node = merge(before.node, entry.node, member, &at.key(&key), sink);
                // The key's place is that of the file which had the last word.
                Entry {
                    key: if node.span.source == before.key.source { before.key } else { entry.key },
                    node,
                }
            }
        };
        base.insert(key, merged);
    }
    base
}

/// Both become lists; unique items keep the last value per key afterwards.
fn sequence(base: Node, over: Node, skip_repeats: bool) -> Node {
    let (span, tag) = (base.span, base.tag.clone());
    let mut items = items_of(base);
    for item in items_of(over) {
        if !skip_repeats || !items.iter().any(|known| known.value == item.value) {
            items.push(item);
        }
    }
    Node { span, tag, value: Value::List(items) }
}

/// A mapping as sorted `key=value`, a text as one item; anything else has no items.
fn items_of(node: Node) -> Vec<Node> {
    match node.value {
        Value::List(items) => items,
        Value::Text(_) => vec![node],
        Value::Map(map) => {
            let mut items: Vec<Node> = map.into_iter().flat_map(|(key, entry)| pairs(&key, entry)).collect();
            items.sort_by(|one, other| one.as_text().cmp(&other.as_text()));
            items
        }
        _ => Vec::new(),
    }
}

fn pairs(key: &str, entry: Entry) -> Vec<Node> {
    let pair = |value: &Node| {
        let text = scalar_text(value).map_or_else(|| key.to_owned(), |value| format!("{key}={value}"));
        Node::text(value.span, text)
    };
    match &entry.node.value {
        Value::List(values) => values.iter().map(pair).collect(),
        _ => vec![pair(&entry.node)],
    }
}

fn context_of(node: Node) -> Node {
    match node.value {
        Value::Text(_) => single("context", node),
        _ => node,
    }
}

fn by_name(
    base: Node,
    over: Node,
    shape: Option<&Shape>,
    at: &Path<'_>,
    sink: &mut Sink,
    value: impl Fn(&Node) -> Node,
) -> Node {
    let (base, over) = (list_to_map(base, &value), list_to_map(over, &value));
    if over.as_map().is_some() { general(base, over, shape, at, sink) } else { base }
}

fn logging(base: Node, over: Node, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Node {
    let driver = |node: &Node| node.get("driver").and_then(Node::as_text).map(ToOwned::to_owned);
    match (driver(&base), driver(&over)) {
        (Some(before), Some(after)) if before != after => over,
        _ => general(base, over, shape, at, sink),
    }
}

/// Address pools meet by subnet, in the way that 2.40 does it: the result starts empty.
fn pools(base: Node, over: Node, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Node {
    let span = over.span;
    let item_shape = shape.and_then(Shape::item);
    let subnet = |node: &Node| node.get("subnet").and_then(Node::as_text).map(ToOwned::to_owned);
    let (Value::List(before), Value::List(after)) = (&base.value, &over.value) else { return base };
    let mut result: Vec<Node> = Vec::new();
    for pool in before {
        for other in after {
            let wanted = subnet(other);
            let known = result.iter().position(|known| subnet(known) == wanted);
            if subnet(pool) != wanted {
                if known.is_none() {
                    result.push(other.clone());
                }
                continue;
            }
            let merged = merge(pool.clone(), other.clone(), item_shape, at, sink);
            match known {
                Some(index) => result[index] = merged,
                None => result.push(merged),
            }
        }
    }
    Node::new(span, Value::List(result))
}
