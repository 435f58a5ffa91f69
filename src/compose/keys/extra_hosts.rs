//! `extra_hosts` (L34): `host=ip` or `host:ip` items, or a mapping of hosts to one or several addresses.

use std::collections::BTreeMap;

use crate::compose::codes::LoadCode;
use crate::compose::grammar::key_value;
use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{Node, Value};

use super::Key;
use super::scalar::Text;
use super::shape::{Form, Merge, NameRule, Shape};

/// Hosts and their addresses.
#[derive(Clone, Debug)]
pub(crate) struct ExtraHosts {
    /// Place of the whole.
    pub(crate) span: Span,
    /// Addresses by host.
    pub(crate) hosts: BTreeMap<String, (Span, Vec<Text>)>,
}

const TEXT: Shape = Text::SHAPE;
const ADDRESSES: Shape = Shape::of(&[Form::Text, Form::List(&TEXT)]);

impl Key for ExtraHosts {
    const SHAPE: Shape =
        Shape::of(&[Form::Named(NameRule::Any, &ADDRESSES), Form::List(&TEXT)]).merge(Merge::Hosts);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let span = node.span;
        let mut hosts = BTreeMap::<String, (Span, Vec<Text>)>::new();
        match node.value {
            Value::List(items) => {
                for (index, item) in items.into_iter().enumerate() {
                    add_item(&item, &at.item(index), &mut hosts, sink);
                }
            }
            Value::Map(map) => {
                for (host, entry) in map {
                    let addresses = match entry.node.value {
                        Value::List(items) => items,
                        _ => vec![entry.node],
                    };
                    let texts = addresses.iter().filter_map(|item| {
                        Some(Text::new(key_value::strip_brackets(item.as_text()?).to_owned(), item.span))
                    });
                    hosts.entry(host).or_insert_with(|| (entry.key, Vec::new())).1.extend(texts);
                }
            }
            _ => return None,
        }
        Some(Self { span, hosts })
    }

    fn print(&self, _: Printer) -> Printed {
        let lines = self.hosts.iter().flat_map(|(host, (_, addresses))| {
            addresses.iter().map(move |address| (format!("{host}={}", address.value), address.span))
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        let items = lines.into_iter().map(|(line, span)| Printed::text(span, line)).collect();
        Printed::new(self.span, PrintedValue::List(items))
    }
}

fn add_item(item: &Node, at: &Path<'_>, hosts: &mut BTreeMap<String, (Span, Vec<Text>)>, sink: &mut Sink) {
    let Some(text) = item.as_text() else { return };
    match key_value::parse_host(text) {
        Ok((host, addresses)) => {
            let texts = addresses.into_iter().map(|address| Text::new(address.to_owned(), item.span));
            hosts.entry(host.to_owned()).or_insert_with(|| (item.span, Vec::new())).1.extend(texts);
        }
        Err(fault) => sink.push(
            Diagnostic::new(LoadCode::BadValue, format!("`{text}` names no host in `{at}`"))
                .at(item.span)
                .label(fault.reason)
                .path(at.to_string())
                .help("write `name=address`"),
        ),
    }
}
