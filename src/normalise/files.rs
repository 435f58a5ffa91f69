//! What the concepts of this room share while they read: the files of the project, their texts, and where paths lie.

use std::collections::BTreeMap;

use super::origin::Origin;
use super::paths;
use super::sources::{Found, Snapshot};
use crate::compose::keys::scalar::Text;
use crate::diag::{SourceId, Sources, TraceStep};
use crate::model::BindPath;

/// The project's files.
pub(super) struct Files<'a> {
    pub(super) origin: Origin<'a>,
    pub(super) snapshot: Snapshot<'a>,
    pub(super) sources: &'a mut Sources,
    /// Texts that have their place among the sources, by path.
    texts: BTreeMap<String, SourceId>,
}

impl<'a> Files<'a> {
    /// Makes it for one project.
    pub(super) const fn new(origin: Origin<'a>, snapshot: Snapshot<'a>, sources: &'a mut Sources) -> Self {
        Self { origin, snapshot, sources, texts: BTreeMap::new() }
    }

    /// Sorts the path of a bind. What `$PWD` put below the project directory belongs to it: the text is another one on
    /// each machine, the file is not (D13).
    pub(super) fn place(&self, source: &Text, written: &str) -> BindPath {
        let by_directory = self.sources.steps(source.span.trace).any(|step| {
            matches!(step, TraceStep::Interpolated { variables } if variables.iter().any(|name| name == "PWD"))
        });
        let inside = paths::below(&paths::clean(&source.value), self.origin.directory).is_some();
        let written = if by_directory && inside { "." } else { written };
        self.origin.of_written(&source.value, written)
    }

    /// Reads a text file of the project and gives it a place among the sources; `None` when there is no such text.
    pub(super) fn text(&mut self, path: &str) -> Option<(SourceId, String)> {
        if !matches!(self.snapshot.look(path), Found::File { .. }) {
            return None;
        }
        let file = self.snapshot.file(path).ok()?;
        let text = std::str::from_utf8(&file.bytes).ok()?.to_owned();
        let source = match self.texts.get(path) {
            Some(source) => *source,
            None => self.sources.add(path.to_owned(), text.as_str()),
        };
        self.texts.insert(path.to_owned(), source);
        Some((source, text))
    }
}
