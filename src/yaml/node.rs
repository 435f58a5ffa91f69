//! The spanned tree: what a document holds once scalars are resolved and aliases and merge keys are expanded.

use std::collections::BTreeMap;

use crate::diag::Span;

/// One value with its place and, where written, its tag.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Place of the value; without anchor and tag.
    pub(crate) span: Span,
    /// A local tag such as `!reset`, as written; core tags are resolved and gone.
    pub(crate) tag: Option<Box<str>>,
    /// What it is.
    pub(crate) value: Value,
}

/// A resolved value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Empty, `~`, `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer of up to 64 bits, signed or not.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// An unquoted date or time, which the Compose schema has no type for; the text as written.
    Timestamp(String),
    /// Text, quoted or not.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Mapping),
}

/// A mapping with unique text keys, sorted: Compose gives no meaning to the order of keys.
pub(crate) type Mapping = BTreeMap<String, Entry>;

/// What stands under a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Place of the key.
    pub(crate) key: Span,
    /// The value.
    pub(crate) node: Node,
}

impl Node {
    /// Makes a node without tag.
    pub(crate) const fn new(span: Span, value: Value) -> Self {
        Self { span, tag: None, value }
    }

    /// Makes a text node.
    pub(crate) fn text(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, Value::Text(text.into()))
    }

    /// Returns the mapping, if it is one.
    pub(crate) const fn as_map(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the mapping, if it is one.
    pub(crate) const fn as_map_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the items, if it is a sequence.
    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value under a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key).map(|entry| &entry.node)
    }

    /// Tells whether it is null.
    pub(crate) const fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Names the type in words for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a number",
            Value::Timestamp(_) => "a date",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}
