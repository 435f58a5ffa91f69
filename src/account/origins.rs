//! Fields of objects by the place in the user's files that they come from.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::{self, steps};
use crate::backend::Document;
use crate::diag::{Sources, Span, TraceStep};

/// Label that says which service an object belongs to.
const NAME: &str = "app.kubernetes.io/name";

/// A place in a file. The same file has another number each time that it is read, so it goes by its name.
pub(crate) type Place<'s> = (&'s str, u32, u32);

/// Returns the place of a span.
pub(crate) fn place(span: Span, sources: &Sources) -> Place<'_> {
    (sources.name(span.source), span.start, span.end)
}

/// Tells whether one place lies in another.
pub(crate) fn is_inside(inner: Place<'_>, outer: Place<'_>) -> bool {
    inner.0 == outer.0 && outer.1 <= inner.1 && inner.2 <= outer.2
}

/// A part of an object, and the rule that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Field {
    /// `Deployment/web`.
    pub(crate) object: String,
    /// File below an output directory.
    pub(crate) file: String,
    /// Path in the object; empty for the whole.
    pub(crate) path: String,
    /// Rule of `docs/design`.
    pub(crate) rule: &'static str,
    /// Service that the part belongs to, where that can be told.
    pub(super) service: Option<String>,
}

/// All fields that come from somewhere in the user's files.
pub(crate) struct Index<'a> {
    by_file: BTreeMap<&'a str, BTreeMap<(u32, u32), BTreeSet<Field>>>,
}

impl<'a> Index<'a> {
    /// Puts the origins of documents in order.
    pub(crate) fn of(documents: &[Document], sources: &'a Sources) -> Self {
        let mut index = Self { by_file: BTreeMap::new() };
        for document in documents {
            for origin in &document.origins {
                let Some(span) = origin.span else { continue };
                let path = steps(&origin.path);
                let field = Field {
                    object: name(document),
                    file: document.file_name.clone(),
                    path: origin.path.clone(),
                    rule: origin.rule,
                    service: service(document, &path),
                };
                // A variable of an env file comes from the line that names the file, too.
                let named = sources.steps(span.trace).filter_map(|step| match step {
                    TraceStep::EnvFile { by } => Some(*by),
                    TraceStep::Extends { .. }
                    | TraceStep::Include { .. }
                    | TraceStep::Interpolated { .. } => None,
                });
                for span in named.chain([span]) {
                    let (file, start, end) = place(span, sources);
                    let places = index.by_file.entry(file).or_default();
                    places.entry((start, end)).or_default().insert(field.clone());
                }
            }
        }
        index
    }

    /// Returns what comes from a place or from a part of it.
    pub(crate) fn inside(&self, (file, start, end): Place<'_>) -> impl Iterator<Item = &Field> {
        let places = self.by_file.get(file).into_iter();
        let found = places.flat_map(move |places| places.range((start, 0)..=(end, u32::MAX)));
        found.filter(move |((_, last), _)| *last <= end).flat_map(|(_, fields)| fields)
    }

    /// Returns what comes from exactly this place.
    pub(crate) fn exactly(&self, (file, start, end): Place<'_>) -> impl Iterator<Item = &Field> {
        let places = self.by_file.get(file).into_iter();
        places.filter_map(move |places| places.get(&(start, end))).flatten()
    }
}

/// Names an object as people do.
pub(crate) fn name(document: &Document) -> String {
    format!("{}/{}", document.kind, document.name)
}

/// Finds the service that a part of an object belongs to: its container's, else the object's.
pub(super) fn service(document: &Document, path: &[String]) -> Option<String> {
    let tree = &document.tree;
    if path.first().is_some_and(|first| first == "services") {
        return path.get(1).cloned();
    }
    let container = path.iter().position(|step| step == "containers" || step == "initContainers");
    let container = container.and_then(|at| steps::at(tree, path.get(..at + 2)?)?.get("name")?.as_str());
    let label = || tree.pointer("/metadata/labels")?.get(NAME)?.as_str();
    container.or_else(label).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_lies_in_what_holds_it() {
        assert!(is_inside(("a", 2, 3), ("a", 2, 4)) && !is_inside(("a", 2, 5), ("a", 2, 4)));
        assert!(!is_inside(("a", 2, 3), ("b", 2, 4)));
    }
}
