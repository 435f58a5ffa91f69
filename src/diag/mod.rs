//! Problems and where they are: spans, the texts they point into, codes, diagnostics and the sink that collects them.
//!
//! May be used by every room and uses none: it knows no stage, no key and no list of codes. Each room declares its own
//! codes with [`codes!`]; `lib.rs` puts the lists together. Rendering lies in [`render`], one file per format.

mod code;
mod diagnostic;
mod finding;
mod mask;
mod nearest;
pub(crate) mod render;
mod sink;
mod sources;
mod span;

pub(crate) use code::codes;
pub use code::{Class, Code, CodeInfo, Severity};
pub use diagnostic::{Diagnostic, Label, Outcome, Suggestion};
pub use finding::{Finding, Level};
pub use mask::Mask;
#[cfg(feature = "cluster")]
pub(crate) use mask::looks_secret;
pub(crate) use nearest::nearest;
pub use sink::Sink;
pub use sources::{Position, Sources, TraceStep};
pub use span::{SourceId, Span, Spanned, TraceId};
