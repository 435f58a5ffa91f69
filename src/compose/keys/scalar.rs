//! Scalars: text, booleans, integers, numbers, durations, sizes. A row of one of these types needs nothing else.

use crate::compose::codes::LoadCode;
use crate::compose::grammar::{bytes, duration::GoDuration, number};
use crate::compose::interpolate::EMPTY_HELP;
use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Diagnostic, Severity, Sink, Span, Spanned};
use crate::yaml::{Node, Value};

use super::Key;
use super::shape::{Cast, Form, Shape};

/// Text.
pub(crate) type Text = Spanned<String>;

impl Key for Text {
    const SHAPE: Shape = Shape::of(&[Form::Text]);

    fn decode(node: Node, _: &Path<'_>, _: &mut Sink) -> Option<Self> {
        scalar_text(&node).map(|text| Self::new(text, node.span))
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::text(self.span, self.value.clone())
    }
}

/// A boolean that may be written as text.
pub(crate) type Flag = Spanned<bool>;

impl Key for Flag {
    const SHAPE: Shape = Shape::of(&[Form::Bool, Form::Text]).cast(Cast::Bool);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        match &node.value {
            Value::Bool(value) => Some(Self::new(*value, node.span)),
            Value::Text(text) => match number::parse_bool(text) {
                Ok(read) => Some(Self::new(read.value, node.span)),
                Err(_) => bad_value(&node, at, sink, "a boolean", "write `true` or `false`, without quotes"),
            },
            _ => None,
        }
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::new(self.span, PrintedValue::Bool(self.value))
    }
}

/// A whole number that may be written as text.
pub(crate) type Whole = Spanned<i64>;

/// Whole number or text: `type: [integer, string]` of the schema.
pub(crate) const INTEGER_OR_TEXT: &[Form] = &[Form::Int(i64::MIN, i64::MAX), Form::Text];
/// Number or text: `type: [number, string]` of the schema.
pub(crate) const NUMBER_OR_TEXT: &[Form] = &[Form::Number, Form::Text];
/// Whole numbers only.
pub(crate) const INTEGER: &[Form] = &[Form::Int(i64::MIN, i64::MAX)];
/// Text only.
pub(crate) const TEXT: &[Form] = &[Form::Text];

impl Key for Whole {
    const SHAPE: Shape = Shape::of(INTEGER_OR_TEXT).cast(Cast::Int);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let value = match &node.value {
            Value::Int(value) => i64::try_from(*value).ok(),
            // Go's decoder cuts a number off where the schema says `number` (L36).
            #[expect(clippy::cast_possible_truncation, reason = "cutting off is the rule")]
            Value::Float(value) if value.is_finite() => Some(*value as i64),
            Value::Text(text) => number::parse_int(text).ok(),
            _ => None,
        };
        match value {
            Some(value) => Some(Self::new(value, node.span)),
            None => bad_value(&node, at, sink, "a whole number", "write digits only, such as `3`"),
        }
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::new(self.span, PrintedValue::Int(self.value.into()))
    }
}

/// A number, kept with 64 bits; `config` prints what fits into 32, as Compose's own field has.
pub(crate) type Number = Spanned<f64>;

impl Key for Number {
    const SHAPE: Shape = Shape::of(NUMBER_OR_TEXT).cast(Cast::Float);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let value = match &node.value {
            #[expect(clippy::cast_precision_loss, reason = "Compose's own field is a float")]
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            Value::Text(text) => number::parse_float(text).ok(),
            _ => None,
        };
        match value {
            Some(value) => Some(Self::new(value, node.span)),
            None => bad_value(&node, at, sink, "a number", "write a number such as `0.5`"),
        }
    }

    fn print(&self, _: Printer) -> Printed {
        #[expect(clippy::cast_possible_truncation, reason = "Compose's own field has 32 bits")]
        let short = self.value as f32;
        let value = short.to_string().parse().unwrap_or(self.value);
        Printed::new(self.span, PrintedValue::Float(value))
    }
}

/// A duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Spanned<GoDuration>);

impl Key for Time {
    const SHAPE: Shape = Shape::of(TEXT);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let text = node.as_text()?;
        match GoDuration::parse(text) {
            Ok(value) => Some(Self(Spanned::new(value, node.span))),
            Err(fault) => {
                sink.push(
                    Diagnostic::new(LoadCode::BadDuration, format!("`{text}` is no duration in `{at}`"))
                        .at(node.span)
                        .label(fault.reason)
                        .path(at.to_string())
                        .help("numbers with units, such as `90s`, `1m30s`, `500ms`, `2h`, `1d`"),
                );
                None
            }
        }
    }

    fn print(&self, _: Printer) -> Printed {
        // A duration of zero is `0s`, which is not empty text; rows without `kept` leave it out as Go does.
        if self.0.value.0 == 0 {
            return Printed::new(self.0.span, PrintedValue::Text(String::new()));
        }
        Printed::text(self.0.span, self.0.value.to_string())
    }
}

/// A duration that `config` prints even when it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptTime(pub(crate) Spanned<GoDuration>);

impl Key for KeptTime {
    const SHAPE: Shape = Time::SHAPE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Time::decode(node, at, sink).map(|time| Self(time.0))
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::text(self.0.span, self.0.value.to_string())
    }
}

/// A size in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) Spanned<i64>);

impl Key for Size {
    const SHAPE: Shape = Shape::of(NUMBER_OR_TEXT);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        match &node.value {
            Value::Int(value) => Some(Self(Spanned::new(i64::try_from(*value).ok()?, node.span))),
            Value::Float(_) => {
                sink.push(
                    Diagnostic::new(
                        LoadCode::BadValue,
                        format!("`{at}` is a number with a fraction and counts as 0"),
                    )
                    .severity(Severity::Warning)
                    .at(node.span)
                    .path(at.to_string())
                    .help("write a whole number of bytes, or a text with a unit such as `512m` or `1.5g`"),
                );
                Some(Self(Spanned::new(0, node.span)))
            }
            Value::Text(text) => {
                match bytes::parse_bytes(text) {
                    Ok(value) => Some(Self(Spanned::new(value, node.span))),
                    Err(fault) => {
                        sink.push(
                        Diagnostic::new(LoadCode::BadSize, format!("`{text}` is no size in `{at}`"))
                            .at(node.span)
                            .label(fault.reason)
                            .path(at.to_string())
                            .help("a number with a unit of 1024: `b`, `k`, `m`, `g`, `t`, `p`, such as `512m`"),
                    );
                        None
                    }
                }
            }
            _ => None,
        }
    }

    fn print(&self, _: Printer) -> Printed {
        let text = if self.0.value == 0 { String::new() } else { self.0.value.to_string() };
        Printed::text(self.0.span, text)
    }
}

/// Text or null; null counts as absent.
pub(crate) const NULLABLE_TEXT: &[Form] = &[Form::Text, Form::Null];

/// Returns a scalar as the text that Compose makes of it: numbers and booleans as Go prints them (L33).
pub(crate) fn scalar_text(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Timestamp(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => Some(number::format_float(*value)),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn bad_value<T>(node: &Node, at: &Path<'_>, sink: &mut Sink, wanted: &str, help: &str) -> Option<T> {
    let empty = node.as_text().is_some_and(str::is_empty);
    sink.push(
        Diagnostic::new(LoadCode::BadValue, format!("`{at}` is not {wanted}"))
            .at(node.span)
            .path(at.to_string())
            .help(if empty { EMPTY_HELP } else { help }),
    );
    None
}

/// Prints a list of texts.
pub(crate) fn print_texts<'a>(span: Span, items: impl IntoIterator<Item = &'a Text>) -> Printed {
    let items = items.into_iter().map(|item| Printed::text(item.span, item.value.clone())).collect();
    Printed::new(span, PrintedValue::List(items))
}
