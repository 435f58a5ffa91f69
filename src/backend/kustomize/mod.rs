//! Kustomize: finished objects become a base, and the difference to further sets of objects one overlay each (N113).
//!
//! Takes objects of several renderings and never looks at the model: that a base and its overlay hold the same objects as
//! `convert` writes is true by construction. Generates nothing and sets no labels: names and selectors are ours.

pub mod codes;
mod difference;
mod images;
mod kustomization;
mod overlay;
mod unsayable;

use crate::backend::{Artefacts, Document};
use crate::diag::Sink;

/// Directory of the objects that all have in common.
pub const BASE: &str = "base";
/// Directory of the overlays.
const OVERLAYS: &str = "overlays";

/// Returns the directory of an overlay.
pub fn overlay_directory(name: &str) -> String {
    format!("{OVERLAYS}/{name}")
}

/// Puts a base and its overlays into one directory. Each overlay is what the whole output would be.
pub fn assemble(
    base: Artefacts,
    overlays: Vec<(String, Artefacts)>,
    namespace: Option<&str>,
    sink: &mut Sink,
) -> Artefacts {
    let all = overlays.iter().flat_map(|(_, artefacts)| &artefacts.documents);
    unsayable::report(base.documents.iter().chain(all), sink);
    let Artefacts { headline, documents: objects, files, needs_directory: _, words: _, closing } = base;
    let count = overlays.len();
    let words = format!("{}{}", counted(objects.len(), "object"), in_overlays(count));
    let mut documents = vec![kustomization::of_base(&objects, namespace)];
    for (name, artefacts) in overlays {
        let difference = overlay::difference(&objects, artefacts.documents);
        let directory = overlay_directory(&name);
        documents.push(kustomization::of_overlay(&directory, &difference));
        documents.extend(difference.added.into_iter().map(|document| below(&directory, document)));
    }
    documents.extend(objects.into_iter().map(|document| below(BASE, document)));
    let needs_directory = Some("a base with overlays is a directory".to_owned());
    Artefacts { headline, documents, files, needs_directory, words: Some(words), closing }
}

fn below(directory: &str, document: Document) -> Document {
    Document { file_name: format!("{directory}/{}", document.file_name), ..document }
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn in_overlays(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {}", counted(count, "overlay")) }
}

#[cfg(test)]
mod tests;
