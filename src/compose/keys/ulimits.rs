//! `ulimits`: one number for both limits, or soft and hard.

use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::Sink;
use crate::yaml::{Node, Value};

use super::named::Named;
use super::scalar::Whole;
use super::shape::{Cast, Form, Merge, NameRule, Shape};
use super::{Key, keys};

keys! {
    /// Soft and hard limit.
    struct SoftHard; {
        /// Limit that a process may raise itself.
        soft: Whole [required() kept()],
        /// Highest limit.
        hard: Whole [required() kept()],
    }
}

/// One limit.
#[derive(Clone, Debug)]
pub(crate) enum Ulimit {
    /// One number for both.
    Single(Whole),
    /// Both.
    Both(SoftHard),
}

const FORMS: &[Form] = &[Form::Int(i64::MIN, i64::MAX), Form::Text, Form::Fields(SoftHard::FIELDS)];
const VALUE: Shape = Shape::of(FORMS).cast(Cast::Int).merge(Merge::Limits);

impl Key for Ulimit {
    const SHAPE: Shape = VALUE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        match node.value {
            Value::Map(_) => SoftHard::decode(node, at, sink).map(Self::Both),
            _ => Whole::decode(node, at, sink).map(Self::Single),
        }
    }

    fn print(&self, printer: Printer) -> Printed {
        match self {
            // Go's type has no room for a single 0 and prints an empty mapping.
            Self::Single(number) if number.value == 0 => {
                Printed::new(number.span, PrintedValue::Fixed(Vec::new()))
            }
            Self::Single(number) => number.print(printer),
            Self::Both(both) => both.print(printer),
        }
    }
}

/// All limits by name.
#[derive(Clone, Debug)]
pub(crate) struct Ulimits(pub(crate) Named<Ulimit>);

impl Key for Ulimits {
    const SHAPE: Shape = Shape::of(&[Form::Named(NameRule::Lower, &VALUE)]);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Named::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}
