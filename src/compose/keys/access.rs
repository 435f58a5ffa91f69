//! `configs` and `secrets` of a service and of a build: which top-level entry, where, for whom.

use crate::compose::codes::LoadCode;
use crate::compose::grammar::key_value;
use crate::compose::path::Path;
use crate::compose::print::{Printed, Printer};
use crate::diag::{Diagnostic, Sink, Spanned};
use crate::yaml::{Node, Value};

use super::list::List;
use super::long::{Context, put_default, single};
use super::scalar::Text;
use super::shape::{Form, IdentityFault, Shape, Unique};
use super::{Key, keys};

/// A Unix mode: a whole number as it is, a text as octal (L34).
#[derive(Clone, Debug)]
pub(crate) struct Mode(pub(crate) Spanned<i64>);

impl Key for Mode {
    const SHAPE: Shape = Shape::of(&[Form::Number, Form::Text]);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let value = match &node.value {
            Value::Int(number) => i64::try_from(*number).ok(),
            Value::Text(text) => key_value::parse_mode(text).ok(),
            _ => None,
        };
        if value.is_none() {
            sink.push(
                Diagnostic::new(LoadCode::BadValue, format!("`{at}` is no Unix mode"))
                    .at(node.span)
                    .path(at.to_string())
                    .help("write it in octal: `0440` or `\"0440\"`"),
            );
        }
        Some(Self(Spanned::new(value?, node.span)))
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::text(self.0.span, key_value::format_mode(self.0.value))
    }
}

keys! {
    /// One granted config or secret.
    struct Grant; {
        /// Key of the top-level entry.
        source: Text,
        /// Path in the container.
        target: Text [crashes_on_null()],
        /// Owner of the file.
        uid: Text,
        /// Group of the file.
        gid: Text,
        /// Unix mode of the file.
        mode: Mode,
    }
}

const SECRET: Shape = Shape::of(&[Form::Text, Form::Fields(Grant::FIELDS)]).settle(secret_target);
const PLAIN: Shape = Shape::of(&[Form::Text, Form::Fields(Grant::FIELDS)]);

macro_rules! grants {
    ($(#[$meta:meta])* $Name:ident, $item:expr, $identity:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub(crate) struct $Name(pub(crate) List<Grant>);

        impl Key for $Name {
            const SHAPE: Shape = Shape::of(&[Form::List(&$item)]).unique(Unique::By($identity)).long(to_long);

            fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
                List::decode(node, at, sink).map(Self)
            }

            fn print(&self, printer: Printer) -> Printed {
                self.0.print(printer)
            }
        }
    };
}

grants!(
    /// `secrets` of a service.
    Secrets, SECRET, by_secret_target
);
grants!(
    /// `configs` of a service.
    Configs, PLAIN, by_config_target
);
grants!(
    /// `build.secrets`.
    BuildSecrets, PLAIN, by_secret_target
);

fn by_secret_target(item: &Node) -> Result<Option<String>, IdentityFault> {
    by_target(item, "/run/secrets/")
}

fn by_config_target(item: &Node) -> Result<Option<String>, IdentityFault> {
    by_target(item, "/")
}

fn by_target(item: &Node, default: &str) -> Result<Option<String>, IdentityFault> {
    match &item.value {
        Value::Text(source) => Ok(Some(format!("{default}{source}"))),
        Value::Map(_) => {
            match (item.get("target").and_then(Node::as_text), item.get("source").and_then(Node::as_text)) {
                (Some(target), _) => Ok(Some(target.to_owned())),
                (None, Some(source)) => Ok(Some(format!("{default}{source}"))),
                (None, None) => Ok(None),
            }
        }
        _ => Err(IdentityFault::WrongType),
    }
}

fn to_long(mut node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    if let Value::List(items) = &mut node.value {
        for item in items {
            if item.as_text().is_some() {
                let place = Node::new(item.span, Value::Null);
                *item = single("source", std::mem::replace(item, place));
            }
        }
    }
    node
}

/// A secret of a service lies below `/run/secrets` unless said otherwise; a config's default is left unsaid.
fn secret_target(mut node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    let place = Node::new(node.span, Value::Null);
    if let Some(map) = node.as_map_mut()
        && let Some(source) =
            map.get("source").and_then(|source| source.node.as_text()).map(ToOwned::to_owned)
    {
        put_default(map, "target", &place, Value::Text(format!("/run/secrets/{source}")));
    }
    node
}
