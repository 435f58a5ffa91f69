//! `ports` (L31): short forms and ranges become entries on the tree, identities, long form.

use crate::compose::codes::LoadCode;
use crate::compose::grammar::{Fault, port};
use crate::compose::path::Path;
use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::Key;
use super::keys;
use super::list::List;
use super::long::{Context, put_default};
use super::scalar::{INTEGER_OR_TEXT, Text, Whole};
use super::shape::{Form, IdentityFault, Shape, Unique};
use crate::compose::print::{Printed, Printer};

keys! {
    /// One published port.
    struct Port; {
        /// Name of the port, for documentation.
        name: Text,
        /// `ingress` balances over nodes, `host` binds on each.
        mode: Text,
        /// Address of the host to bind to.
        host_ip: Text,
        /// Port in the container.
        target: Whole,
        /// Port on the host: a number or a range; absent lets the engine choose.
        published: Text [forms(INTEGER_OR_TEXT)],
        /// `tcp`, `udp` or `sctp`.
        protocol: Text,
        /// Protocol of the application, such as `http`.
        app_protocol: Text,
    }
}

const ITEM: Shape = Shape::of(&[Form::Number, Form::Text, Form::Fields(Port::FIELDS)]).settle(settle);

/// All published ports.
#[derive(Clone, Debug)]
pub(crate) struct Ports(pub(crate) List<Port>);

impl Key for Ports {
    const SHAPE: Shape = Shape::of(&[Form::List(&ITEM)]).unique(Unique::By(identity)).long(expand);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        List::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

/// Address, published, target and protocol name an entry; a short form is its own text.
fn identity(item: &Node) -> Result<Option<String>, IdentityFault> {
    let map = match &item.value {
        Value::Text(text) => return Ok(Some(text.clone())),
        Value::Int(port) => return Ok(Some(port.to_string())),
        Value::Map(map) => map,
        _ => return Ok(None),
    };
    let part = |key: &str, absent: &str| match map.get(key).map(|entry| &entry.node.value) {
        Some(Value::Text(text)) => text.clone(),
        // A number and an equal text are different published ports to Compose.
        Some(Value::Int(number)) => format!("int {number}"),
        _ => absent.to_owned(),
    };
    let target = match map.get("target").map(|entry| &entry.node.value) {
        None | Some(Value::Null) => return Err(IdentityFault::Missing("target")),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Text(text)) => text.clone(),
        Some(_) => return Ok(None),
    };
    let (ip, published, protocol) =
        (part("host_ip", "0.0.0.0"), part("published", ""), part("protocol", "tcp"));
    Ok(Some(format!("{ip}:{published}:{target}/{protocol}")))
}

/// Short forms become long ones, ranges one entry each.
fn expand(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let (span, tag) = (node.span, node.tag);
    let Value::List(items) = node.value else { return node_of(span, tag, node.value) };
    if context.lenient && items.iter().any(|item| short(item).is_some_and(|text| port::parse(&text).is_err()))
    {
        return node_of(span, tag, Value::List(items));
    }
    let mut long = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        match short(&item) {
            None => long.push(item),
            Some(text) => match port::parse(&text) {
                Ok(specs) if specs.iter().any(|spec| spec.target == 0) => {
                    let at = at.item(index);
                    context.sink.push(
                        Diagnostic::new(
                            LoadCode::MissingTarget,
                            format!("`{text}` names no container port in `{at}`"),
                        )
                        .at(item.span)
                        .path(at.to_string())
                        .help("a container port lies between 1 and 65535"),
                    );
                }
                Ok(specs) => {
                    if context.budget.ports(specs.len(), item.span, context.sink) {
                        long.extend(specs.into_iter().map(|spec| entry(spec, item.span)));
                    }
                }
                Err(fault) => context.sink.push(bad_port(&text, &fault, &item, &at.item(index))),
            },
        }
    }
    node_of(span, tag, Value::List(long))
}

const fn node_of(span: Span, tag: Option<Box<str>>, value: Value) -> Node {
    Node { span, tag, value }
}

fn short(item: &Node) -> Option<String> {
    match &item.value {
        Value::Map(_) | Value::List(_) | Value::Null => None,
        _ => super::scalar::scalar_text(item),
    }
}

fn bad_port(text: &str, fault: &Fault, item: &Node, at: &Path<'_>) -> Diagnostic {
    Diagnostic::new(LoadCode::BadPort, format!("`{text}` is no port in `{at}`"))
        .at(item.span)
        .label(fault.reason.clone())
        .path(at.to_string())
        .help("`[[host-ip:]host-port:]container-port[/protocol]`, ports may be ranges such as `8000-8010`")
}

fn entry(spec: port::PortSpec, span: Span) -> Node {
    let mut map = Mapping::new();
    let mut put =
        |key: &str, value| map.insert(key.to_owned(), Entry { key: span, node: Node::new(span, value) });
    put("mode", Value::Text("ingress".into()));
    put("target", Value::Int(spec.target.into()));
    put("protocol", Value::Text(spec.protocol.as_str().into()));
    if let Some(ip) = spec.host_ip {
        put("host_ip", Value::Text(ip));
    }
    if let Some(published) = spec.published {
        put("published", Value::Text(published));
    }
    Node::new(span, Value::Map(map))
}

/// Defaults of the long form, and a check of its address.
fn settle(mut node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let place = Node::new(node.span, Value::Null);
    let Some(map) = node.as_map_mut() else { return node };
    put_default(map, "mode", &place, Value::Text("ingress".into()));
    put_default(map, "protocol", &place, Value::Text("tcp".into()));
    if let Some(ip) = map.get("host_ip")
        && let Some(text) = ip.node.as_text()
        && !text.is_empty()
        && text.parse::<std::net::IpAddr>().is_err()
    {
        context.sink.push(
            Diagnostic::new(LoadCode::BadIp, format!("`{text}` is no address in `{}`", at.key("host_ip")))
                .at(ip.node.span)
                .path(at.key("host_ip").to_string())
                .help("write an IPv4 or IPv6 address without brackets, such as `127.0.0.1` or `::1`"),
        );
    }
    node
}
