//! `extends`: which service's keys are inherited. Consumed by loading; what is left of it is printed.

use crate::compose::path::Path;
use crate::yaml::{Node, Value};

use super::keys;
use super::long::{Context, single};
use super::scalar::Text;
use super::shape::{Form, PathKind, Shape};

keys! {
    /// A service to inherit from.
    struct Extends = Shape::of(&[Form::Text, Form::Closed(Extends::FIELDS)]).long(to_long); {
        /// File of that service; the same document when absent.
        file: Text [path(PathKind::Remote)],
        /// Its name.
        service: Text [required()],
    }
}

fn to_long(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    match node.value {
        Value::Text(_) => single("service", node),
        _ => node,
    }
}
