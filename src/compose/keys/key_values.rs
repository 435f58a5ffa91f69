//! Key-value lists and mappings (L33): `environment`, labels, build arguments, driver options.

use std::collections::BTreeMap;

use crate::compose::codes::LoadCode;
use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{Node, Value};

use super::Key;
use super::list::BY_KEY;
use super::scalar::{Text, scalar_text};
use super::shape::{Form, Merge, NameRule, Shape};

/// Entries of a key-value list or mapping.
#[derive(Clone, Debug)]
pub(crate) struct KeyValues {
    /// Place of the whole.
    pub(crate) span: Span,
    /// By key.
    pub(crate) entries: BTreeMap<String, KeyValue>,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct KeyValue {
    /// Place of the key, or of the list item.
    pub(crate) key: Span,
    /// The value; `None` for null and for an item without `=`.
    pub(crate) value: Option<Text>,
}

const SCALAR: Shape = Shape::of(&[Form::Text, Form::Number, Form::Bool, Form::Null]);
const ITEM: Shape = Shape::of(&[Form::Text]);
/// Mapping of scalars, or list of `key=value`: `list_or_dict` of the schema.
pub(crate) const LIST_OR_MAP: &[Form] = &[Form::Named(NameRule::Any, &SCALAR), Form::List(&ITEM)];

const SHAPE: Shape = Shape::of(LIST_OR_MAP).merge(Merge::Sequence).unique(BY_KEY);

impl KeyValues {
    /// Takes a list or a mapping apart.
    pub(crate) fn decode(node: Node) -> Option<Self> {
        let span = node.span;
        let entries = match node.value {
            Value::Map(map) => map
                .into_iter()
                .map(|(key, entry)| {
                    let value = scalar_text(&entry.node).map(|text| Text::new(text, entry.node.span));
                    (key, KeyValue { key: entry.key, value })
                })
                .collect(),
            Value::List(items) => items.iter().filter_map(entry_of_item).collect(),
            _ => return None,
        };
        Some(Self { span, entries })
    }

    fn print(&self, null: &PrintedValue) -> Printed {
        let entry = |(key, entry): (&String, &KeyValue)| {
            let printed = match &entry.value {
                Some(text) => Printed::text(text.span, text.value.clone()),
                None => Printed::new(entry.key, null.clone()),
            };
            (key.clone(), printed)
        };
        Printed::new(self.span, PrintedValue::Named(self.entries.iter().map(entry).collect()))
    }
}

fn entry_of_item(item: &Node) -> Option<(String, KeyValue)> {
    let text = scalar_text(item)?;
    Some(match text.split_once('=') {
        Some((key, value)) => {
            (key.to_owned(), KeyValue { key: item.span, value: Some(Text::new(value.to_owned(), item.span)) })
        }
        None => (text, KeyValue { key: item.span, value: None }),
    })
}

/// `environment` and `build.args`: a key without value takes the one of the process; where there is none it stays null in
/// the first, and step 9 drops it from the second.
#[derive(Clone, Debug)]
pub(crate) struct EnvironmentValues(pub(crate) KeyValues);

impl Key for EnvironmentValues {
    const SHAPE: Shape = SHAPE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        refuse_blank_keys(&node, at, sink);
        KeyValues::decode(node).map(Self)
    }

    fn print(&self, _: Printer) -> Printed {
        self.0.print(&PrintedValue::Null)
    }
}

/// Labels and the like: null is the empty text.
#[derive(Clone, Debug)]
pub(crate) struct Labels(pub(crate) KeyValues);

impl Key for Labels {
    const SHAPE: Shape = SHAPE;

    fn decode(node: Node, _: &Path<'_>, _: &mut Sink) -> Option<Self> {
        let mut values = KeyValues::decode(node)?;
        for entry in values.entries.values_mut() {
            if entry.value.is_none() {
                entry.value = Some(Text::new(String::new(), entry.key));
            }
        }
        Some(Self(values))
    }

    fn print(&self, _: Printer) -> Printed {
        self.0.print(&PrintedValue::Text(String::new()))
    }
}

const OPTION: Shape = Shape::of(&[Form::Text, Form::Number]);
const OPTION_OR_NULL: Shape = Shape::of(&[Form::Text, Form::Number, Form::Null]);
/// Mapping of texts and numbers.
pub(crate) const OPTIONS: &[Form] = &[Form::Named(NameRule::Any, &OPTION)];
/// The same, null allowed.
pub(crate) const NULLABLE_OPTIONS: &[Form] = &[Form::Named(NameRule::Any, &OPTION_OR_NULL)];

/// Driver options: a mapping only.
#[derive(Clone, Debug)]
pub(crate) struct Options(pub(crate) KeyValues);

impl Key for Options {
    const SHAPE: Shape = Shape::of(OPTIONS);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Labels::decode(node, at, sink).map(|labels| Self(labels.0))
    }

    fn print(&self, _: Printer) -> Printed {
        self.0.print(&PrintedValue::Text(String::new()))
    }
}

/// `storage_opt`: the schema takes anything, decoding takes text and whole numbers.
#[derive(Clone, Debug)]
pub(crate) struct StorageOptions(pub(crate) KeyValues);

const ANYTHING: Shape = Shape::of(&[Form::Any]);

impl Key for StorageOptions {
    const SHAPE: Shape = Shape::of(&[Form::Named(NameRule::Any, &ANYTHING)]);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        for (key, entry) in node.as_map()? {
            if !matches!(entry.node.value, Value::Text(_) | Value::Int(_) | Value::Null) {
                sink.push(
                    Diagnostic::new(
                        LoadCode::BadValue,
                        format!("`{}` is {}, not text", at.key(key), entry.node.kind()),
                    )
                    .at(entry.node.span)
                    .path(at.key(key).to_string())
                    .help("put the value in quotes"),
                );
            }
        }
        Labels::decode(node, at, sink).map(|labels| Self(labels.0))
    }

    fn print(&self, _: Printer) -> Printed {
        self.0.print(&PrintedValue::Text(String::new()))
    }
}

fn refuse_blank_keys(node: &Node, at: &Path<'_>, sink: &mut Sink) {
    for (index, item) in node.as_list().unwrap_or_default().iter().enumerate() {
        let Some((key, _)) = item.as_text().and_then(|text| text.split_once('=')) else { continue };
        if key.ends_with(char::is_whitespace) {
            sink.push(
                Diagnostic::new(LoadCode::BadValue, format!("`{}` has a blank before `=`", at.item(index)))
                    .at(item.span)
                    .path(at.item(index).to_string())
                    .help(format!("write `{}=…`", key.trim_end())),
            );
        }
    }
}
