//! Helm: finished objects become a chart (N114). Conversion happened once: values change leaves, never the shape.
//!
//! Takes objects and never looks at the model. Each part here finds the spots of its kind in the trees, notes a hole there
//! and the value that fills it; `print` writes the trees with their holes once. No text is searched after it was written.

mod claims;
mod files;
mod go;
mod holes;
mod jobs;
mod metadata;
mod pods;
mod print;
mod references;
mod schema;
mod secrets;
mod services;
mod values;

use serde_json::Value;

use crate::backend::{Artefacts, DataFile, Document};
use holes::Holes;
use values::Values;

/// What a chart says of itself.
#[derive(Clone, Debug)]
pub struct About {
    /// Name of the project.
    pub name: String,
    /// `version` of the chart.
    pub version: String,
    /// `appVersion`, if the user gave one.
    pub app_version: Option<String>,
    /// `description`, if the user gave one.
    pub description: Option<String>,
}

impl About {
    /// A chart of which nothing but the project's name is known.
    pub fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), version: "0.1.0".to_owned(), app_version: None, description: None }
    }
}

/// One object on its way to a template.
struct Part {
    document: Document,
    holes: Holes,
    /// Template lines around the whole file: it may be left out.
    around: Option<(String, String)>,
    /// Text of `_helpers.tpl` that belongs to it.
    helper: String,
}

/// Makes a chart of finished objects.
pub fn chart(artefacts: Artefacts, about: &About) -> Artefacts {
    let Artefacts { headline, documents, files: beside, needs_directory: _, words: _, closing } = artefacts;
    let mut values = Values::default();
    let mut parts: Vec<Part> = documents
        .into_iter()
        // `helm -n` says where a release goes, and `--create-namespace` makes it.
        .filter(|document| document.kind != "Namespace")
        .map(|document| Part { document, holes: Holes::default(), around: None, helper: String::new() })
        .collect();
    let words = match parts.len() {
        1 => "a chart of 1 object".to_owned(),
        count => format!("a chart of {count} objects"),
    };
    let references = references::find(&parts);
    for part in &mut parts {
        metadata::without_namespace(part);
    }
    for part in &mut parts {
        pods::of(part, &about.name, &mut values);
        services::of(part, &mut values);
        claims::of(part, &mut values);
    }
    secrets::of(&mut parts, &references, &about.name, &mut values);
    claims::referred(&mut parts, &references, &mut values);
    jobs::of(&mut parts, &about.name);
    // Behind all that give annotations of their own.
    for part in &mut parts {
        metadata::of(part);
    }
    files::write(parts, beside, headline, about, &values, words, closing)
}

/// Returns where the pod template of an object stands.
fn template_of(kind: &str) -> Option<&'static str> {
    match kind {
        "Deployment" | "DaemonSet" | "StatefulSet" | "Job" => Some("/spec/template"),
        "CronJob" => Some("/spec/jobTemplate/spec/template"),
        _ => None,
    }
}

/// Returns a text at a place of a tree.
fn text_at<'t>(tree: &'t Value, place: &str) -> Option<&'t str> {
    tree.pointer(place).and_then(Value::as_str)
}

/// A file of text.
fn text_file(path: impl Into<String>, text: String, secret: bool) -> DataFile {
    DataFile { path: path.into(), bytes: text.into_bytes(), mode: 0o666, secret }
}

#[cfg(test)]
mod tests;
