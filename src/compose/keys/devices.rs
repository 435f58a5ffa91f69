//! `devices` mappings, and device requests of `gpus` and `deploy.resources.reservations.devices` (L34).

use crate::compose::codes::LoadCode;
use crate::compose::grammar::key_value;
use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Diagnostic, Sink};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::key_values::Labels;
use super::list::{List, Texts};
use super::long::{Context, put_default, single};
use super::scalar::{INTEGER_OR_TEXT, Text, Whole};
use super::shape::{Field, Form, IdentityFault, Shape, Unique};
use super::{Key, keys};

keys! {
    /// One device of the host in the container.
    struct Device; {
        /// Path on the host.
        source: Text [required()],
        /// Path in the container.
        target: Text,
        /// Any of `r`, `w`, `m`.
        permissions: Text,
    }
}

const DEVICE: Shape = Shape::of(&[Form::Text, Form::Fields(Device::FIELDS)]);

/// All devices.
#[derive(Clone, Debug)]
pub(crate) struct Devices(pub(crate) List<Device>);

impl Key for Devices {
    const SHAPE: Shape = Shape::of(&[Form::List(&DEVICE)]).unique(Unique::By(identity)).long(to_long);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        List::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

fn identity(item: &Node) -> Result<Option<String>, IdentityFault> {
    match &item.value {
        Value::Text(text) => Ok(Some(key_value::device_identity(text).to_owned())),
        Value::Map(map) => match map.get("target") {
            Some(target) => Ok(target.node.as_text().map(ToOwned::to_owned)),
            None => Err(IdentityFault::Missing("target")),
        },
        _ => Err(IdentityFault::WrongType),
    }
}

fn to_long(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let (span, tag) = (node.span, node.tag);
    let Value::List(items) = node.value else { return Node { span, tag, value: node.value } };
    let mut long = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let Value::Text(text) = &item.value else {
            long.push(item);
            continue;
        };
        match key_value::parse_device(text) {
            Ok(device) => {
                let entry = |text: &str| Entry { key: item.span, node: Node::text(item.span, text) };
                let map = Mapping::from([
                    ("source".to_owned(), entry(device.source)),
                    ("target".to_owned(), entry(device.target)),
                    ("permissions".to_owned(), entry(device.permissions)),
                ]);
                long.push(Node::new(item.span, Value::Map(map)));
            }
            Err(_) if context.lenient => long.push(item),
            Err(fault) => context.sink.push(
                Diagnostic::new(LoadCode::BadValue, format!("`{text}` is no device in `{}`", at.item(index)))
                    .at(item.span)
                    .label(fault.reason)
                    .path(at.item(index).to_string())
                    .help("`source[:target[:permissions]]`, or the long form"),
            ),
        }
    }
    Node { span, tag, value: Value::List(long) }
}

/// `count` of a device request: a number, or `all`, which is -1.
#[derive(Clone, Debug)]
pub(crate) struct DeviceCount(pub(crate) Whole);

impl Key for DeviceCount {
    const SHAPE: Shape = Shape::of(INTEGER_OR_TEXT);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        if node.as_text().is_some_and(|text| text.eq_ignore_ascii_case("all")) {
            return Some(Self(Whole::new(-1, node.span)));
        }
        Whole::decode(node, at, sink).map(Self)
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::new(self.0.span, PrintedValue::Int(self.0.value.into()))
    }
}

keys! {
    /// A request for devices.
    struct DeviceRequest; {
        /// What the devices must be able to do, such as `gpu`.
        capabilities: Texts [unique(Unique::Distinct)],
        /// Who provides them.
        driver: Text,
        /// How many; all when neither this nor `device_ids` is written.
        count: DeviceCount,
        /// Which ones.
        device_ids: Texts [unique(Unique::Distinct)],
        /// For the driver.
        options: Labels,
    }
}

/// Rows of a request below `deploy`, where the schema demands capabilities.
const RESERVED: &[Field] = &[
    DeviceRequest::FIELDS[0].required(),
    DeviceRequest::FIELDS[1],
    DeviceRequest::FIELDS[2],
    DeviceRequest::FIELDS[3],
    DeviceRequest::FIELDS[4],
];
const REQUEST: Shape = Shape::of(&[Form::Lenient(DeviceRequest::FIELDS)]).settle(settle);
const RESERVATION: Shape = Shape::of(&[Form::Fields(RESERVED)]).settle(settle);

/// `gpus`: `all`, or requests.
#[derive(Clone, Debug)]
pub(crate) struct Gpus(pub(crate) List<DeviceRequest>);

impl Key for Gpus {
    const SHAPE: Shape = Shape::of(&[Form::Word(&["all"]), Form::List(&REQUEST)]).long(all_to_list);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        List::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

/// `deploy.resources.reservations.devices`.
#[derive(Clone, Debug)]
pub(crate) struct Reservations(pub(crate) List<DeviceRequest>);

impl Key for Reservations {
    const SHAPE: Shape = Shape::of(&[Form::List(&RESERVATION)]);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        List::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

fn all_to_list(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    match node.value {
        Value::Text(_) => {
            let span = node.span;
            Node::new(span, Value::List(vec![single("count", node)]))
        }
        _ => node,
    }
}

/// Neither count nor ids is all; both exclude each other.
fn settle(mut node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let place = Node::new(node.span, Value::Null);
    let Some(map) = node.as_map_mut() else { return node };
    match (map.get("count"), map.get("device_ids")) {
        (Some(count), Some(ids)) => context.sink.push(
            Diagnostic::new(
                LoadCode::ExclusiveKeys,
                format!("`count` and `device_ids` exclude each other in `{at}`"),
            )
            .at(count.key)
            .also(ids.key, "the other one")
            .path(at.to_string())
            .help("keep the one that says what is meant"),
        ),
        (None, None) => put_default(map, "count", &place, Value::Text("all".into())),
        _ => {}
    }
    node
}
