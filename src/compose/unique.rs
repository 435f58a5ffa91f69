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
            Ok(Some(name)) => match positions.get(&name) {
                Some(&position) => kept[position] = item,
                None => {
                    positions.insert(name, kept.len());
                    kept.push(item);
                }
            },
            Ok(None) => kept.push(item),
            // The item goes, so that the schema does not report it once more.
            Err(fault) => sink.push(fault_diagnostic(fault, &item, &at.item(index))),
        }
    }
    kept
}

fn fault_diagnostic(fault: IdentityFault, item: &Node, at: &Path<'_>) -> Diagnostic {
    let diagnostic = match fault {
        IdentityFault::MissingTarget => {
            Diagnostic::new(LoadCode::MissingTarget, format!("`{at}` does not say where in the container"))
                .help("write `target:` (for an env file `path:`)")
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
