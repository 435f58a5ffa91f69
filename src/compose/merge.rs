//! Merges a later tree onto an earlier one (L28). Names no key: the rows say which rule holds.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Sink};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::codes::LoadCode;
use super::keys::depends_on;
use super::keys::long::{list_to_map, single};
use super::keys::scalar::scalar_text;
use super::keys::shape::{Merge, Shape};
use super::path::Path;
use super::schema::null_value;

/// Merges `over` onto `base`.
pub(crate) fn merge(base: Node, over: Node, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Node {
    let rule = shape.map_or(Merge::General, |shape| shape.merge);
    if matches!(rule, Merge::Replace | Merge::Limits) {
        return over;
    }
    if over.is_null() {
        if rule == Merge::Logging {
            sink.push(null_value(over.span, at));
        }
        return base;
    }
    match rule {
        Merge::General | Merge::Replace | Merge::Limits => general(base, over, shape, at, sink),
        Merge::Sequence => sequence(base, over, false),
        Merge::Hosts => sequence(base, over, true),
        Merge::Build => general(context_of(base), context_of(over), shape, at, sink),
        Merge::Dependencies => {
            by_name(base, over, shape, at, sink, |name| depends_on::dependency(name, None))
        }
        Merge::Names => by_name(base, over, shape, at, sink, |name| Value::Null.at(name)),
        Merge::Logging => logging(base, over, shape, at, sink),
        Merge::Pools => pools(base, &over, shape, at, sink),
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
    let mut known: BTreeSet<String> = BTreeSet::new();
    if skip_repeats {
        known.extend(items.iter().filter_map(Node::as_text).map(ToOwned::to_owned));
    }
    for item in items_of(over) {
        let repeats = skip_repeats && item.as_text().is_some_and(|text| !known.insert(text.to_owned()));
        if !repeats {
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
            let mut items: Vec<Node> = map.into_iter().flat_map(|(key, entry)| pairs(&key, &entry)).collect();
            items.sort_by(|one, other| one.as_text().cmp(&other.as_text()));
            items
        }
        _ => Vec::new(),
    }
}

fn pairs(key: &str, entry: &Entry) -> Vec<Node> {
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
    // A null differs as well: the schema refuses it then.
    match (base.get("driver"), over.get("driver")) {
        (Some(before), Some(after)) if before.as_text() != after.as_text() => over,
        _ => general(base, over, shape, at, sink),
    }
}

/// Pairs of address pools that are compared; each is compared with all results as well.
const MOST_POOLS: usize = 1_000_000;

/// Address pools meet by subnet, in the way that 2.40 does it: the result starts empty.
fn pools(base: Node, over: &Node, shape: Option<&Shape>, at: &Path<'_>, sink: &mut Sink) -> Node {
    let span = over.span;
    let item_shape = shape.and_then(Shape::item);
    let subnet = |node: &Node| node.get("subnet").and_then(Node::as_text).map(ToOwned::to_owned);
    let (Value::List(before), Value::List(after)) = (&base.value, &over.value) else { return base };
    if before.len().saturating_mul(after.len()) > MOST_POOLS {
        sink.push(
            Diagnostic::new(LoadCode::ProjectTooLarge, format!("thousands of address pools meet in `{at}`"))
                .at(span)
                .path(at.to_string())
                .help("write fewer pools"),
        );
        return base;
    }
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

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files, problems_in};

    fn check(base: &str, over: &str, expected: &str) {
        let service = |keys: &str| format!("services: {{a: {{image: i, {keys}}}}}");
        let host = files(&[("compose.yaml", &service(base)), ("compose.override.yaml", &service(over))]);
        let json = at(&host, &Request::default(), "/services/a");
        let key = base.split(':').next().unwrap_or_default();
        let shown = json.parse::<serde_json::Value>().map_or(json, |service| service[key].to_string());
        assert_eq!(shown, expected, "{base} + {over}");
    }

    #[test]
    fn scalars_replace_lists_append_and_null_adds_nothing() {
        check("user: a", "user: b", r#""b""#);
        check("user: a", "user: null", r#""a""#);
        check("cap_add: [A]", "cap_add: [B, A]", r#"["A","B"]"#);
        check("external_links: [a]", "external_links: [b]", r#"["a","b"]"#);
    }

    #[test]
    fn commands_replace_as_a_whole_also_by_null() {
        check("command: a b", "command: [c]", r#"["c"]"#);
        check("command: a b", "command: null", "null");
        check("command: a b", "command: []", "[]");
    }

    #[test]
    fn key_values_meet_by_key_whatever_their_form() {
        check("environment: [A=1, B=2]", "environment: {B: 3}", r#"{"A":"1","B":"3"}"#);
        check("labels: {a: 1}", "labels: [a=2, b]", r#"{"a":"2","b":""}"#);
    }

    #[test]
    fn addresses_of_one_host_add_up() {
        check("extra_hosts: {a: 1.1.1.1}", "extra_hosts: {a: 2.2.2.2}", r#"["a=1.1.1.1","a=2.2.2.2"]"#);
        check("extra_hosts: [a=1.1.1.1]", "extra_hosts: [a=1.1.1.1]", r#"["a=1.1.1.1"]"#);
    }

    #[test]
    fn options_of_another_log_driver_are_forgotten() {
        let base = "logging: {driver: x, options: {a: b}}";
        check(base, "logging: {driver: y}", r#"{"driver":"y"}"#);
        check(base, "logging: {options: {c: d}}", r#"{"driver":"x","options":{"a":"b","c":"d"}}"#);
        check(base, "logging: {driver: null}", "compose.override.yaml:1:44 schema");
    }

    #[test]
    fn null_over_a_log_driver_is_reported_and_adds_nothing() {
        let base = "logging: {driver: x}";
        check(base, "logging: null", r#"{"driver":"x"}"#);
        let service = |keys: &str| format!("services: {{a: {{image: i, {keys}}}}}");
        let host =
            files(&[("compose.yaml", &service(base)), ("compose.override.yaml", &service("logging: null"))]);
        assert_eq!(problems_in(&host), "compose.override.yaml:1:35 null-value");
    }

    #[test]
    fn a_limit_is_replaced_as_a_whole() {
        check("ulimits: {n: {soft: 1, hard: 2}}", "ulimits: {n: 3}", r#"{"n":3}"#);
        check("ulimits: {n: 1}", "ulimits: {n: null}", "compose.override.yaml:1:39 schema");
    }

    #[test]
    fn another_form_over_a_list_or_mapping_is_refused() {
        check("gpus: [{count: 1}]", "gpus: all", "compose.override.yaml:1:32 cannot-override");
    }
}
