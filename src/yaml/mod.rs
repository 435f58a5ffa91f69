//! Text to spanned tree, and tree to text. Knows neither Compose nor Kubernetes.
//!
//! Reading follows Go's yaml.v3, the reader of Docker Compose (L12–L17); writing follows what every YAML 1.1 and 1.2
//! reader takes for the same value.
//!
//! Reading goes `encoding` (bytes to text), `events` (the parser crate), `raw` (the tree as written), `build` (the
//! tree as meant, with `scalar` and `timestamp`); `read` holds them together.

mod build;
mod characters;
mod codes;
mod encoding;
mod events;
mod node;
mod patch;
mod quote;
mod raw;
mod read;
mod scalar;
mod tabs;
mod timestamp;
mod write;
mod written;

pub(crate) use codes::YamlCode;
pub(crate) use encoding::decode_text;
pub(crate) use node::{Entry, Mapping, Node, Value};
pub(crate) use read::parse;
pub(crate) use write::{Segment, write, write_with_comments, write_with_octal};

/// What the reader has to know of the meaning of tags.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options<'o> {
    /// A local tag such as `!reset`, whose values are left out where an alias or `<<` repeats the mapping or list that
    /// holds them. On the anchored value itself it acts as any other tag.
    pub(crate) not_copied_tag: Option<&'o str>,
}
