//! Mappings with free keys, and values that may be null.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Sink, Span};
use crate::yaml::{Node, Value};

use super::Key;
use super::shape::{Form, NameRule, Shape};

/// A mapping from names to values of one key.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    /// Place of the mapping.
    pub(crate) span: Span,
    /// By name.
    pub(crate) entries: BTreeMap<String, Keyed<T>>,
}

/// A value with the place of its key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed<T> {
    /// Place of the key.
    pub(crate) key: Span,
    /// The value.
    pub(crate) value: T,
}

struct Forms<T>(PhantomData<T>);

impl<T: Key> Forms<T> {
    const VALUE: &'static Shape = &T::SHAPE;
    const NAMED: &'static [Form] = &[Form::Named(NameRule::Resource, Self::VALUE)];
    const NULLABLE: Shape = T::SHAPE;
}

impl<T: Key> Key for Named<T> {
    const SHAPE: Shape = Shape::of(Forms::<T>::NAMED);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let span = node.span;
        let Value::Map(map) = node.value else { return None };
        let decode = |(name, entry): (String, crate::yaml::Entry)| {
            let value = T::decode(entry.node, &at.key(&name), sink)?;
            Some((name, Keyed { key: entry.key, value }))
        };
        Some(Self { span, entries: map.into_iter().filter_map(decode).collect() })
    }

    fn print(&self, printer: Printer) -> Printed {
        let entries =
            self.entries.iter().map(|(name, entry)| (name.clone(), entry.value.print(printer))).collect();
        Printed::new(self.span, PrintedValue::Named(entries))
    }
}

/// A value that may be null and then stays null.
#[derive(Clone, Debug)]
pub(crate) enum Nullable<T> {
    /// null was written.
    Null(Span),
    /// A value was written.
    Value(T),
}

impl<T: Key> Key for Nullable<T> {
    /// The forms of the value; rows that use it say `null` besides.
    const SHAPE: Shape = Forms::<T>::NULLABLE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        if node.is_null() {
            return Some(Self::Null(node.span));
        }
        T::decode(node, at, sink).map(Self::Value)
    }

    fn print(&self, printer: Printer) -> Printed {
        match self {
            Self::Null(span) => Printed::new(*span, PrintedValue::Null),
            Self::Value(value) => value.print(printer),
        }
    }
}
