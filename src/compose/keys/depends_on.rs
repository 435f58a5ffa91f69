//! `depends_on` (L34): a list of names, or a mapping with conditions.

use crate::compose::path::Path;
use crate::compose::print::{Printed, Printer};
use crate::diag::Sink;
use crate::yaml::{Entry, Mapping, Node, Value};

use super::long::{Context, list_to_map, put_default};
use super::named::Named;
use super::scalar::{Flag, Text};
use super::shape::{Cast, Form, Merge, NameRule, Shape, Unique};
use super::{Key, keys};

keys! {
    /// One dependency.
    struct Dependency; {
        /// What is waited for.
        condition: Text [
            forms(&[Form::Word(&["service_started", "service_healthy", "service_completed_successfully"])]) required()
        ],
        /// Restart this service when the other is restarted.
        restart: Flag [cast(Cast::None)],
        /// The other service must exist and come up.
        required: Flag [kept()],
    }
}

const NAME: Shape = Text::SHAPE;
const VALUE: Shape = <Dependency as Key>::SHAPE;

/// All dependencies.
#[derive(Clone, Debug)]
pub(crate) struct DependsOn(pub(crate) Named<Dependency>);

impl Key for DependsOn {
    const SHAPE: Shape = Shape::of(&[Form::List(&NAME), Form::Named(NameRule::Resource, &VALUE)])
        .merge(Merge::Dependencies)
        .unique(Unique::Distinct)
        .long(to_long);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Named::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

fn to_long(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let mut node = started(node, at, context);
    let Some(map) = node.as_map_mut() else { return node };
    for entry in map.values_mut() {
        let place = Node::new(entry.node.span, Value::Null);
        if let Some(dependency) = entry.node.as_map_mut() {
            put_default(dependency, "required", &place, Value::Bool(true));
        }
    }
    node
}

/// A list of names becomes a mapping of started, required dependencies.
pub(crate) fn started(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    list_to_map(node, |name| dependency(name, None))
}

/// Makes the long form of a dependency that nobody wrote out.
pub(crate) fn dependency(place: &Node, restart: Option<bool>) -> Node {
    let entry = |value: Value| Entry { key: place.span, node: value.at(place) };
    let mut map = Mapping::from([
        ("condition".to_owned(), entry(Value::Text("service_started".into()))),
        ("required".to_owned(), entry(Value::Bool(true))),
    ]);
    if let Some(restart) = restart {
        map.insert("restart".to_owned(), entry(Value::Bool(restart)));
    }
    Node::new(place.span, Value::Map(map))
}
