//! The key table: one home per key of the Compose specification.
//!
//! A plain scalar is one row in a [`keys!`] list; a key with a grammar is one type that implements [`Key`]. Rows and
//! struct fields come from the same list, so they cannot part. What a row holds, and for which stage, says [`shape`].
//! The walkers (`interpolate`, `merge`, `unique`, `schema`, `canonical`, `paths`) read rows and name no key.

pub(crate) mod access;
pub(crate) mod build;
pub(crate) mod depends_on;
pub(crate) mod deploy;
pub(crate) mod describe;
pub(crate) mod develop;
pub(crate) mod devices;
pub(crate) mod env_file;
pub(crate) mod extends;
pub(crate) mod extra_hosts;
pub(crate) mod healthcheck;
pub(crate) mod hooks;
pub(crate) mod key_values;
#[cfg(test)]
mod ledger;
pub(crate) mod list;
pub(crate) mod long;
pub(crate) mod named;
pub(crate) mod networks;
pub(crate) mod ports;
pub(crate) mod resources;
pub(crate) mod scalar;
pub(crate) mod service;
pub(crate) mod shape;
pub(crate) mod top;
pub(crate) mod ulimits;
pub(crate) mod volumes;
pub(crate) mod words;

use crate::compose::path::Path;
use crate::compose::print::{Printed, Printer};
use crate::diag::Sink;
use crate::yaml::Node;

use shape::Shape;

/// The typed value of a key.
pub(crate) trait Key: Sized {
    /// What the walkers know of it.
    const SHAPE: Shape;

    /// Takes a value that the schema has accepted apart; problems that only its grammar knows go to the sink.
    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self>;

    /// Prints it as `docker compose config` does (L45).
    fn print(&self, printer: Printer) -> Printed;
}

/// A large value that most services do not have: without the box each service takes its place all the same.
impl<K: Key> Key for Box<K> {
    const SHAPE: Shape = K::SHAPE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        K::decode(node, at, sink).map(Self::new)
    }

    fn print(&self, printer: Printer) -> Printed {
        K::print(self, printer)
    }
}

/// Declares a mapping with fixed keys: a struct with one optional field per row, and its rows.
///
/// `key: Type [attribute(..)]` makes a row of `Type::SHAPE`, changed by methods of [`shape::Field`]. Rows stand in the
/// order in which `--hash` needs them.
macro_rules! keys {
    (
        $(#[$meta:meta])*
        struct $Name:ident $(= $shape:expr)? ; {
            $(
                #[doc = $doc:literal]
                $field:ident $(as $key:literal)? : $Type:ty $([ $( $method:ident ($($argument:expr)?) )* ])?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub(crate) struct $Name {
            /// Place of the mapping.
            pub(crate) span: crate::diag::Span,
            $( #[doc = $doc] pub(crate) $field: Option<$Type>, )*
            /// `x-` keys.
            pub(crate) extensions: crate::yaml::Mapping,
        }

        impl $Name {
            /// The rows.
            pub(crate) const FIELDS: &'static [crate::compose::keys::shape::Field] = &[
                $( crate::compose::keys::shape::Field::new(
                    $crate::compose::keys::key_name!($field $($key)?),
                    <$Type as crate::compose::keys::Key>::SHAPE,
                    $doc,
                ) $( $( .$method($($argument)?) )* )? ),*
            ];

            /// Takes the mapping apart.
            pub(crate) fn decode_fields(
                node: crate::yaml::Node,
                at: &crate::compose::path::Path<'_>,
                sink: &mut crate::diag::Sink,
            ) -> Option<Self> {
                let span = node.span;
                let mut map = match node.value {
                    crate::yaml::Value::Map(map) => map,
                    // An entry of a named mapping of which nothing is said.
                    crate::yaml::Value::Null => crate::yaml::Mapping::new(),
                    _ => return None,
                };
                Some(Self {
                    span,
                    $( $field: crate::compose::decode::field(
                        &mut map,
                        $crate::compose::keys::key_name!($field $($key)?),
                        at,
                        sink,
                    ), )*
                    extensions: crate::compose::keys::shape::extensions(&map),
                })
            }

            /// Prints the mapping.
            pub(crate) fn print_fields(&self, printer: crate::compose::print::Printer) -> crate::compose::print::Printed {
                let mut printed = crate::compose::print::Fields::new(self.span, Self::FIELDS, printer);
                $( printed.put(self.$field.as_ref()); )*
                printed.finish(&self.extensions)
            }
        }

        $crate::compose::keys::key_impl!($Name $(= $shape)?);
    };
}
pub(crate) use keys;

/// Returns the Compose spelling of a field.
macro_rules! key_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}
pub(crate) use key_name;

/// Implements [`Key`] for a struct of [`keys!`], with the shape of its rows or the one given.
macro_rules! key_impl {
    ($Name:ident) => {
        $crate::compose::keys::key_impl!(
            $Name = $crate::compose::keys::shape::Shape::of(&[$crate::compose::keys::shape::Form::Fields(
                $Name::FIELDS
            )])
        );
    };
    ($Name:ident = $shape:expr) => {
        impl $crate::compose::keys::Key for $Name {
            const SHAPE: $crate::compose::keys::shape::Shape = $shape;

            fn decode(
                node: $crate::yaml::Node,
                at: &$crate::compose::path::Path<'_>,
                sink: &mut $crate::diag::Sink,
            ) -> Option<Self> {
                Self::decode_fields(node, at, sink)
            }

            fn print(&self, printer: $crate::compose::print::Printer) -> $crate::compose::print::Printed {
                self.print_fields(printer)
            }
        }
    };
}
pub(crate) use key_impl;
