//! Walks the tree and lets each key's home rewrite its value: short forms to long ones (step 7), defaults and checks
//! (step 8). Names no key.

use crate::yaml::{Node, Value};

use super::keys::long::{Context, Rewrite};
use super::keys::shape::Shape;
use super::path::Path;

/// Makes short forms long.
pub(crate) fn lengthen(node: &mut Node, shape: &Shape, at: &Path<'_>, context: &mut Context<'_>) {
    walk(node, shape, at, context, |shape| shape.long);
}

/// Puts value defaults in and checks values.
pub(crate) fn settle(node: &mut Node, shape: &Shape, at: &Path<'_>, context: &mut Context<'_>) {
    walk(node, shape, at, context, |shape| shape.settle);
}

fn walk(
    node: &mut Node,
    shape: &Shape,
    at: &Path<'_>,
    context: &mut Context<'_>,
    choose: fn(&Shape) -> Option<Rewrite>,
) {
    if let Some(rewrite) = choose(shape) {
        let empty = Node::new(node.span, Value::Null);
        *node = rewrite(std::mem::replace(node, empty), at, context);
    }
    match &mut node.value {
        Value::Map(map) => {
            for (key, entry) in map {
                if let Some(member) = shape.member(key) {
                    walk(&mut entry.node, member, &at.key(key), context, choose);
                }
            }
        }
        Value::List(items) => {
            if let Some(item_shape) = shape.item() {
                for (index, item) in items.iter_mut().enumerate() {
                    walk(item, item_shape, &at.item(index), context, choose);
                }
            }
        }
        _ => {}
    }
}
