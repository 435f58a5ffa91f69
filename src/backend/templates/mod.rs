//! Templates of users over finished objects: further objects, and files beside them (N115). Objects of ours are read-only
//! there; whoever wants to change them patches (N121).
//!
//! No clock, no files, no network, and bounded work: what a template gives depends on the project alone.

mod engine;
mod objects;

use serde_json::Value;

use super::kubernetes::codes::KubernetesCode;
use super::{Artefacts, DataFile, Document};
use crate::diag::{Diagnostic, Sink, SourceId, Span};

/// Ends the name of a template.
pub const SUFFIX: &str = ".jinja";

/// One file of `--templates DIR`.
#[derive(Clone, Debug)]
pub struct Template {
    /// Name of the file. One that begins with `_` is only for others to include.
    pub name: String,
    /// Its text among the sources.
    pub source: SourceId,
    /// Its text.
    pub text: String,
}

/// Kinds without which others cannot be taken at all (A50).
const SCOPES: &[&str] = &["CustomResourceDefinition", "Namespace"];

/// Renders templates and adds what they give to the artefacts. `data` is what they see besides the objects.
pub fn apply(artefacts: Artefacts, templates: &[Template], data: &Value, sink: &mut Sink) -> Artefacts {
    let mut all = artefacts;
    let Some(engine) = engine::Engine::of(templates, sink) else { return all };
    let finished: Value = all.documents.iter().map(|document| document.tree.clone()).collect();
    let mut added = Vec::new();
    for template in templates.iter().filter(|template| !template.name.starts_with('_')) {
        let Some(text) = engine.render(template, data, &finished, sink) else { continue };
        let name = template.name.strip_suffix(SUFFIX).unwrap_or(&template.name);
        let is_objects = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
        if is_objects {
            let taken =
                all.documents.iter().chain(&added).map(|known| (known.kind.clone(), known.name.clone()));
            let taken: Vec<(String, String)> = taken.collect();
            added.extend(objects::read(template, &text, &all.documents, &taken, sink));
        } else if all.documents.iter().any(|document| document.file_name == name) {
            sink.push(invalid(template, &format!("gives the file `{name}`, which is there already")));
        } else {
            all.needs_directory
                .get_or_insert_with(|| format!("template `{}` gives a file of its own", template.name));
            let bytes = text.into_bytes();
            all.files.push(DataFile { path: name.to_owned(), bytes, mode: 0o666, secret: false });
        }
    }
    // Behind everything of ours; among them first what others lie in or are of, for whoever takes them one by one (N110).
    let place = |document: &Document| !SCOPES.contains(&document.kind.as_str());
    added.sort_by(|one, other| {
        (place(one), &one.name, &one.kind).cmp(&(place(other), &other.name, &other.kind))
    });
    all.documents.extend(added);
    all
}

fn invalid(template: &Template, reason: &str) -> Diagnostic {
    Diagnostic::new(KubernetesCode::TemplateInvalid, format!("`{}` {reason}", template.name)).at(Span::new(
        template.source,
        0,
        0,
    ))
}

#[cfg(test)]
mod tests;
