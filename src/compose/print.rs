//! The resolved project as `docker compose config` prints it (L45): what is left out, what is doubled, which order.

use crate::diag::Span;
use crate::yaml::{Mapping, Node, Value};

use super::keys::Key;
use super::keys::shape::{Absent, Field};

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Printer {
    /// YAML keeps nested extensions and `models`; JSON does not.
    pub(crate) yaml: bool,
}

/// A value ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Printed {
    /// What gave it.
    pub(crate) span: Option<Span>,
    /// The value.
    pub(crate) value: PrintedValue,
}

/// What is printed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PrintedValue {
    /// null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Printed>),
    /// A mapping with free keys: left out when empty.
    Named(Vec<(String, Printed)>),
    /// A mapping with fixed keys, in the order of its rows: stays when empty.
    Fixed(Vec<(String, Printed)>),
}

impl Printed {
    /// Makes a printed value with its origin.
    pub(crate) const fn new(span: Span, value: PrintedValue) -> Self {
        Self { span: Some(span), value }
    }

    /// Makes a text.
    pub(crate) fn text(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, PrintedValue::Text(text.into()))
    }

    /// Tells whether it is left out of a mapping with fixed keys.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.value {
            PrintedValue::Null => true,
            PrintedValue::Bool(value) => !value,
            PrintedValue::Int(value) => *value == 0,
            PrintedValue::Float(value) => *value == 0.0,
            PrintedValue::Text(text) => text.is_empty(),
            PrintedValue::List(items) => items.is_empty(),
            PrintedValue::Named(entries) => entries.is_empty(),
            PrintedValue::Fixed(_) => false,
        }
    }

    /// Prints a value as it stands in the tree: extensions, and the project before decoding.
    pub(crate) fn raw(node: &Node) -> Self {
        let value = match &node.value {
            Value::Null => PrintedValue::Null,
            Value::Bool(value) => PrintedValue::Bool(*value),
            Value::Int(value) => PrintedValue::Int(*value),
            Value::Float(value) => PrintedValue::Float(*value),
            Value::Timestamp(text) | Value::Text(text) => PrintedValue::Text(text.clone()),
            Value::List(items) => PrintedValue::List(items.iter().map(Self::raw).collect()),
            Value::Map(map) => PrintedValue::Named(raw_entries(map)),
        };
        Self::new(node.span, value)
    }

    /// Doubles each `$` in texts and keys, so that reading the output again gives the same project.
    pub(crate) fn escape_dollars(&mut self) {
        match &mut self.value {
            PrintedValue::Text(text) => escape(text),
            PrintedValue::List(items) => items.iter_mut().for_each(Self::escape_dollars),
            PrintedValue::Named(entries) | PrintedValue::Fixed(entries) => {
                for (key, entry) in entries {
                    escape(key);
                    entry.escape_dollars();
                }
            }
            PrintedValue::Null | PrintedValue::Bool(_) | PrintedValue::Int(_) | PrintedValue::Float(_) => {}
        }
    }

    /// Makes a JSON tree; keys are sorted there.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            PrintedValue::Null => serde_json::Value::Null,
            PrintedValue::Bool(value) => (*value).into(),
            PrintedValue::Int(value) => json_integer(*value),
            PrintedValue::Float(value) => json_float(*value),
            PrintedValue::Text(text) => text.as_str().into(),
            PrintedValue::List(items) => items.iter().map(Self::to_json).collect(),
            PrintedValue::Named(entries) | PrintedValue::Fixed(entries) => {
                entries.iter().map(|(key, entry)| (key.clone(), entry.to_json())).collect()
            }
        }
    }
}

fn escape(text: &mut String) {
    if text.contains('$') {
        *text = text.replace('$', "$$");
    }
}

/// A whole number has no point, as Go prints it.
fn json_float(value: f64) -> serde_json::Value {
    let number = match format!("{value}").parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        Err(_) => serde_json::Number::from_f64(value),
    };
    number.map_or(serde_json::Value::Null, Into::into)
}

fn json_integer(value: i128) -> serde_json::Value {
    i64::try_from(value)
        .map_or_else(|_| u64::try_from(value).map_or(serde_json::Value::Null, Into::into), Into::into)
}

fn raw_entries(map: &Mapping) -> Vec<(String, Printed)> {
    // Keys that begin with NUL are marks of loading, not of the user.
    let written = map.iter().filter(|(key, _)| !key.starts_with('\0'));
    written.map(|(key, entry)| (key.clone(), Printed::raw(&entry.node))).collect()
}

fn absent(absent: Absent) -> Option<PrintedValue> {
    match absent {
        Absent::Nothing => None,
        Absent::Null => Some(PrintedValue::Null),
        Absent::Mapping => Some(PrintedValue::Fixed(Vec::new())),
        Absent::Text(text) => Some(PrintedValue::Text(text.to_owned())),
        Absent::Zero => Some(PrintedValue::Int(0)),
        Absent::Hook => {
            let null = Printed { span: None, value: PrintedValue::Null };
            Some(PrintedValue::Fixed(vec![("command".to_owned(), null)]))
        }
    }
}

/// Puts a mapping with fixed keys together, row by row.
pub(crate) struct Fields {
    span: Span,
    rows: std::slice::Iter<'static, Field>,
    printer: Printer,
    entries: Vec<(String, Printed)>,
}

impl Fields {
    /// Starts a mapping.
    pub(crate) fn new(span: Span, rows: &'static [Field], printer: Printer) -> Self {
        Self { span, rows: rows.iter(), printer, entries: Vec::new() }
    }

    /// Prints the next row.
    pub(crate) fn put<K: Key>(&mut self, value: Option<&K>) {
        let Some(row) = self.rows.next() else { return };
        let printed = value.map(|value| value.print(self.printer));
        let printed = match printed {
            Some(printed) if row.kept || !printed.is_empty() => printed,
            // Go's YAML leaves out what is not there; its JSON does not.
            None => match absent(row.absent).filter(|_| !self.printer.yaml) {
                Some(value) => Printed { span: None, value },
                None => return,
            },
            Some(_) => return,
        };
        if self.printer.yaml || !row.only_yaml {
            let name = if self.printer.yaml { row.name } else { row.printed_as };
            self.entries.push((name.to_owned(), printed));
        }
    }

    /// Ends the mapping; extensions are printed in YAML only.
    pub(crate) fn finish(mut self, extensions: &Mapping) -> Printed {
        if self.printer.yaml {
            self.entries.extend(raw_entries(extensions));
        }
        Printed::new(self.span, PrintedValue::Fixed(self.entries))
    }
}
