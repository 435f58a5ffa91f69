//! Lists, and the identities by which their items collapse.

use std::marker::PhantomData;

use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Sink, Span};
use crate::yaml::{Node, Value};

use super::Key;
use super::long::text_to_list;
use super::scalar::{Text, scalar_text};
use super::shape::{Form, IdentityFault, Shape, Unique};

/// A list of values of one key.
#[derive(Clone, Debug)]
pub(crate) struct List<T> {
    /// Place of the list.
    pub(crate) span: Span,
    /// Its items.
    pub(crate) items: Vec<T>,
}

/// The alternatives of a list of `T`; an associated constant, since a reference into a generic one must be named.
struct Forms<T>(PhantomData<T>);

impl<T: Key> Forms<T> {
    const ITEM: &'static Shape = &T::SHAPE;
    const LIST: &'static [Form] = &[Form::List(Self::ITEM)];
}

impl<T: Key> Key for List<T> {
    const SHAPE: Shape = Shape::of(Forms::<T>::LIST);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let span = node.span;
        let Value::List(items) = node.value else { return None };
        let decode = |(index, item)| T::decode(item, &at.item(index), sink);
        Some(Self { span, items: items.into_iter().enumerate().filter_map(decode).collect() })
    }

    fn print(&self, printer: Printer) -> Printed {
        let items = self.items.iter().map(|item| item.print(printer)).collect();
        Printed::new(self.span, PrintedValue::List(items))
    }
}

/// A list of texts.
pub(crate) type Texts = List<Text>;

/// A list that may be written as one text.
#[derive(Clone, Debug)]
pub(crate) struct TextOrList(pub(crate) Texts);

const TEXT_ITEM: Shape = Text::SHAPE;

impl Key for TextOrList {
    const SHAPE: Shape = Shape::of(&[Form::Text, Form::List(&TEXT_ITEM)]).long(text_to_list);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        match node.value {
            // Only where the list form was never made: a base of `extends` in one document.
            Value::Text(_) => Some(Self(Texts {
                span: node.span,
                items: Text::decode(node, at, sink).into_iter().collect(),
            })),
            _ => Texts::decode(node, at, sink).map(Self),
        }
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

/// A text becomes a list, and empty items are dropped (L1, step 7).
pub(crate) fn filled_list(node: Node, at: &Path<'_>, context: &mut super::long::Context<'_>) -> Node {
    let mut node = text_to_list(node, at, context);
    if let Value::List(items) = &mut node.value {
        items.retain(|item| item.as_text() != Some(""));
    }
    node
}

/// An item that is text or a number and counts as text.
#[derive(Clone, Debug)]
pub(crate) struct TextOrNumber(pub(crate) Text);

impl Key for TextOrNumber {
    const SHAPE: Shape = Shape::of(&[Form::Text, Form::Number]);

    fn decode(node: Node, _: &Path<'_>, _: &mut Sink) -> Option<Self> {
        scalar_text(&node).map(|text| Self(Text::new(text, node.span)))
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

/// Items are the same when their text before `=` is.
pub(crate) const BY_KEY: Unique = Unique::By(before_equals);
/// Items are the same when their text, or whole number as text, is.
pub(crate) const BY_TEXT: Unique = Unique::By(text_or_integer);

fn before_equals(item: &Node) -> Result<Option<String>, IdentityFault> {
    let text = item.as_text().ok_or(IdentityFault::WrongType)?;
    Ok(Some(text.split_once('=').map_or(text, |(key, _)| key).to_owned()))
}

fn text_or_integer(item: &Node) -> Result<Option<String>, IdentityFault> {
    match &item.value {
        Value::Text(text) => Ok(Some(text.clone())),
        Value::Int(value) => Ok(Some(value.to_string())),
        _ => Err(IdentityFault::WrongType),
    }
}
