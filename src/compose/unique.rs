//! Collapses list items with the same identity: the last value at the first position (L30). Names no key.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink};
use crate::yaml::{Node, Value};

use super::codes::LoadCode;
use super::keys::shape::{IdentityFault, Shape, Unique};
use super::path::Path;

/// Collapses equal items in a value and all below it.
pub(crate) fn collapse(node: &mut Node, shape: &Shape, at: &Path<'_>, sink: &mut Sink) {
    match &mut node.value {
        Value::Map(map) => {
            for (key, entry) in map {
                if let Some(member) = shape.member(key) {
                    collapse(&mut entry.node, member, &at.key(key), sink);
                }
            }
        }
        Value::List(items) => {
            if let Unique::By(identity) = shape.unique {
                *items = unique(std::mem::take(items), identity, at, sink);
            }
            if let Some(item_shape) = shape.item() {
                for (index, item) in items.iter_mut().enumerate() {
                    collapse(item, item_shape, &at.item(index), sink);
                }
            }
        }
        _ => {}
    }
}

type Identity = fn(&Node) -> Result<Option<String>, IdentityFault>;

fn unique(items: Vec<Node>, identity: Identity, at: &Path<'_>, sink: &mut Sink) -> Vec<Node> {
    let mut positions = BTreeMap::new();
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        match identity(&item) {
            Ok(Some(name)) => {
                let position = *positions.entry(name).or_insert(kept.len());
                if position < kept.len() {
                    kept[position] = item;
                } else {
                    kept.push(item);
                }
            }
            Ok(None) => kept.push(item),
            // The item goes, so that the schema does not report it once more.
            Err(fault) => sink.push(fault_diagnostic(fault, &item, &at.item(index))),
        }
    }
    kept
}

fn fault_diagnostic(fault: IdentityFault, item: &Node, at: &Path<'_>) -> Diagnostic {
    let diagnostic = match fault {
        IdentityFault::Missing(key) => {
            Diagnostic::new(LoadCode::MissingTarget, format!("`{key}` is missing in `{at}`"))
                .help(format!("write `{key}:`"))
        }
        IdentityFault::WrongType => {
            Diagnostic::new(LoadCode::Schema, format!("`{at}` is {}, text is expected", item.kind()))
                .help("put it in quotes")
        }
    };
    with_service(diagnostic.at(item.span).path(at.to_string()), at)
}

/// Says which service a path lies in.
pub(crate) fn with_service(diagnostic: Diagnostic, at: &Path<'_>) -> Diagnostic {
    match at.service() {
        Some(service) => diagnostic.service(service),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::testing::{one, problems};

    #[test]
    fn the_last_value_stands_at_the_first_position() {
        let text = "services: {a: {image: i, environment: [A=1, B=2, A=3], volumes: ['./x:/t', './y:/u', './z:/t/']}}";
        assert_eq!(one(text, "/services/a/environment"), r#"{"A":"3","B":"2"}"#);
        assert_eq!(one(text, "/services/a/volumes/0/source"), r#""/work/app/z""#);
        assert_eq!(one(text, "/services/a/volumes/1/source"), r#""/work/app/y""#);
    }

    #[test]
    fn ports_are_the_same_by_address_numbers_and_protocol() {
        let text = "services: {a: {image: i, ports: ['80:80', '0.0.0.0:80:80', '80:80/udp']}}";
        assert_eq!(one(text, "/services/a/ports/1/protocol"), r#""udp""#);
        assert_eq!(one(text, "/services/a/ports/2"), "absent");
    }

    #[test]
    fn an_item_without_identity_is_named_with_its_place() {
        let text = "services:\n  a:\n    image: i\n    volumes:\n      - type: bind\n        source: .\n";
        assert_eq!(problems(text), "5:9 missing-target");
    }
}
