//! YAML of a file as a tree to compare with. Nulls are left out, as the API server leaves them out.

use serde_json::{Map, Number, Value as Json};

use crate::diag::{Sink, Sources};
use crate::yaml::{self, Node, Value};

/// Reads one document; `None` where it cannot be read.
pub(super) fn read(bytes: &[u8]) -> Option<Json> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let source = sources.add("sealed", text);
    let documents = yaml::parse(source, text, yaml::Options::default(), &mut sink);
    if sink.has_errors() { None } else { of_node(documents.first()?) }
}

fn of_node(node: &Node) -> Option<Json> {
    Some(match &node.value {
        Value::Null => return None,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::Number(i64::try_from(*number).ok()?.into()),
        Value::Float(number) => Json::Number(Number::from_f64(*number)?),
        Value::Timestamp(text) | Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().filter_map(of_node).collect()),
        Value::Map(entries) => {
            let entries =
                entries.iter().filter_map(|(key, entry)| Some((key.clone(), of_node(&entry.node)?)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    })
}
