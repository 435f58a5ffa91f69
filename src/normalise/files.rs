//! What the concepts of this room share while they read: the files of the project, their texts, and where paths lie.

use std::collections::BTreeMap;

use super::origin::Origin;
use super::sources::{Found, Snapshot};
use crate::diag::{SourceId, Sources};

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
