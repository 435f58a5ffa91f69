//! What all targets share: the finished artefacts and where each part of them comes from.
//!
//! Backends are pure functions from the model to [`Artefacts`] plus problems: no I/O, no printing, no network.

pub mod codes;
pub mod helm;
mod image_parts;
pub mod kubernetes;
pub mod kustomize;
mod listed;
mod reference;
mod slow_hash;
pub mod swarm;
mod target;
pub mod templates;

pub(crate) use image_parts::image_parts;
pub(crate) use listed::listed;
pub use target::Target;

use crate::diag::{Sink, Sources, Span};
use crate::model::Project;

/// One target. Options are the implementing type's own fields.
pub trait Backend {
    /// Short name of the target, as `--to` takes it and diagnostics carry it.
    fn target(&self) -> &'static str;

    /// Renders the selected services of a project; what the target cannot express goes to the sink with code and span.
    fn render(&self, project: &Project, sources: &Sources, sink: &mut Sink) -> Artefacts;
}

/// Everything that one target makes of a project, ready for `emit`.
#[derive(Clone, Debug, Default)]
pub struct Artefacts {
    /// What stands behind `# rcompose:` in the first line of a text product; no version, no arguments.
    pub headline: String,
    /// Structured documents, in the order of output.
    pub documents: Vec<Document>,
    /// Further files, such as the data of a Swarm config; only written below a directory.
    pub files: Vec<DataFile>,
    /// Set when there is no meaningful output without a directory; the text is the reason.
    pub needs_directory: Option<String>,
    /// What the summary calls it, where counting documents would mislead.
    pub words: Option<String>,
    /// What one who deploys this must know, one line each; told after everything else.
    pub closing: Vec<String>,
}

/// One Kubernetes object or one stack file.
#[derive(Clone, Debug)]
pub struct Document {
    /// File name below a directory (N111, S5).
    pub file_name: String,
    /// Kind, such as `Deployment`; `Stack` for a stack file.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// The object itself.
    pub tree: serde_json::Value,
    /// Order of keys in the printed text: rank of a key under its parent key; equal ranks are sorted by name.
    pub key_rank: fn(parent: &str, key: &str) -> u32,
    /// Tells whether an integer is printed in octal (`0440`), asked with the same names as `key_rank`.
    pub octal: fn(parent: &str, key: &str) -> bool,
    /// Text in place of the printed tree, where somebody has signed it and not a byte may change (N93).
    pub signed: Option<Vec<u8>>,
    /// Where its parts come from.
    pub origins: Vec<FieldOrigin>,
    /// Holds secret data in the clear (C22).
    pub secret: bool,
}

/// Prints no integer in octal: what [`Document::octal`] is where the target knows decimal modes only.
pub fn decimal(_parent: &str, _key: &str) -> bool {
    false
}

/// Where one part of an object comes from. `why`, reports and live diffs read these; nobody searches printed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOrigin {
    /// Path in the object, such as `spec.strategy.rollingUpdate.maxSurge`; items of lists by index.
    pub path: String,
    /// The value in the user's files; `None` where a rule alone wrote the field.
    pub span: Option<Span>,
    /// Id of the rule in `docs/design`, such as `K32`.
    pub rule: &'static str,
}

/// A file of bytes beside the documents.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Path below the output directory, with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// Unix mode before the umask.
    pub mode: u32,
    /// Holds secret data in the clear (C22).
    pub secret: bool,
}
