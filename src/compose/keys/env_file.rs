//! `env_file` (L10): one path, a list of paths, or entries with `required` and `format`.

use crate::compose::path::Path;
use crate::compose::print::{Printed, Printer};
use crate::diag::Sink;
use crate::yaml::{Node, Value};

use super::list::List;
use super::long::{Context, put_default, single};
use super::scalar::{Flag, Text};
use super::shape::{Cast, Form, IdentityFault, Merge, PathKind, Shape, Unique};
use super::{Key, keys};

keys! {
    /// One env file.
    struct EnvFile = Shape::of(&[Form::Text, Form::Closed(EnvFile::FIELDS)]); {
        /// Path of the file.
        path: Text [required() path(PathKind::Absolute)],
        /// A missing file is an error.
        required: Flag [cast(Cast::None) kept()],
        /// `raw` takes values as they stand; absent is Docker's own grammar.
        format: Text,
    }
}

const ITEM: Shape = Shape::of(&[Form::Text, Form::Closed(EnvFile::FIELDS)]);

/// All env files of a service.
#[derive(Clone, Debug)]
pub(crate) struct EnvFiles(pub(crate) List<EnvFile>);

impl Key for EnvFiles {
    const SHAPE: Shape = Shape::of(&[Form::Text, Form::List(&ITEM)])
        .merge(Merge::Sequence)
        .unique(Unique::By(identity))
        .long(to_long);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        List::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

fn identity(item: &Node) -> Result<Option<String>, IdentityFault> {
    match &item.value {
        Value::Text(text) => Ok(Some(text.clone())),
        Value::Map(map) => match map.get("path") {
            Some(path) => Ok(path.node.as_text().map(ToOwned::to_owned)),
            None => Err(IdentityFault::Missing("path")),
        },
        _ => Err(IdentityFault::WrongType),
    }
}

fn to_long(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    let (span, tag) = (node.span, node.tag.clone());
    let items = match node.value {
        Value::Text(_) => vec![node],
        Value::List(items) => items,
        _ => return node,
    };
    let long = items.into_iter().map(|item| {
        let place = Node::new(item.span, Value::Null);
        let mut item = if item.as_text().is_some() { single("path", item) } else { item };
        if let Some(map) = item.as_map_mut() {
            put_default(map, "required", &place, Value::Bool(true));
        }
        item
    });
    Node { span, tag, value: Value::List(long.collect()) }
}
