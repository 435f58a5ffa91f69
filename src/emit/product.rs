//! Artefacts as bytes: one text, one JSON document, or a file per object (C20, C25, N111).

use serde_json::{Value, json};

use super::{Destination, OutputCode};
use crate::backend::{Artefacts, Document};
use crate::diag::Diagnostic;
use crate::parallel;
use crate::yaml;

/// How documents are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// YAML, the files with a first line that says whose they are.
    Yaml {
        /// Blanks per level.
        indent: usize,
    },
    /// One JSON document.
    Json,
}

impl Format {
    /// YAML as it is written unless somebody asks otherwise.
    pub(crate) const YAML: Self = Self::Yaml { indent: 2 };
}

/// One file below an output directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputFile {
    /// Path below the directory, with `/`.
    pub(crate) path: String,
    /// Content.
    pub(crate) bytes: Vec<u8>,
    /// Unix mode before the umask.
    pub(crate) mode: u32,
    /// Holds secret data in the clear.
    pub(crate) secret: bool,
}

/// Begins the first line of everything that we write as text (C20).
pub(super) const MARK: &str = "# rcompose:";

/// Documents that are worth a thread: they take some ten times what its start takes.
const MANY: usize = 50;

/// Returns all documents as one text.
///
/// # Errors
/// The product is more than one text.
pub(crate) fn text(artefacts: &Artefacts, format: Format) -> Result<String, Box<Diagnostic>> {
    if let Some(reason) = &artefacts.needs_directory {
        return Err(Box::new(needs_directory(reason)));
    }
    Ok(match format {
        Format::Json => json_text(&artefacts.documents),
        Format::Yaml { indent } => {
            let documents = parallel::map(&artefacts.documents, MANY, |document| yaml_text(document, indent));
            format!("{}{}", headline(artefacts), documents.join("---\n"))
        }
    })
}

/// Returns a file per document, and the files beside them.
pub(crate) fn files(artefacts: &Artefacts, format: Format) -> Vec<OutputFile> {
    let headline = headline(artefacts);
    let mut files = parallel::map(&artefacts.documents, MANY, |document| {
        let (path, text) = match format {
            _ if document.signed.is_some() => (document.file_name.clone(), String::new()),
            Format::Yaml { indent } => {
                (document.file_name.clone(), format!("{headline}{}", yaml_text(document, indent)))
            }
            Format::Json => {
                let stem = document.file_name.strip_suffix(".yaml").unwrap_or(&document.file_name);
                (format!("{stem}.json"), format!("{:#}\n", document.tree))
            }
        };
        let bytes = document.signed.clone().unwrap_or_else(|| text.into_bytes());
        OutputFile { path, bytes, mode: 0o666, secret: document.secret }
    });
    let beside = artefacts.files.iter().map(|file| OutputFile {
        path: file.path.clone(),
        bytes: file.bytes.clone(),
        mode: file.mode,
        secret: file.secret,
    });
    files.extend(beside);
    files
}

fn headline(artefacts: &Artefacts) -> String {
    format!("{MARK} {}\n", artefacts.headline)
}

fn yaml_text(document: &Document, indent: usize) -> String {
    yaml::write_with_octal(&document.tree, document.key_rank, document.octal, indent)
}

/// Several objects are one `List`, as kubectl takes it; a document that is no object stands alone.
fn json_text(documents: &[Document]) -> String {
    let document = match documents {
        [single] if single.tree.get("apiVersion").is_none() => single.tree.clone(),
        _ => {
            let items: Vec<Value> = documents.iter().map(|document| document.tree.clone()).collect();
            json!({ "apiVersion": "v1", "kind": "List", "items": items })
        }
    };
    format!("{document:#}\n")
}

/// Says that the product needs a directory, where its place is none; other errors may keep it from being planned (C4).
pub(crate) fn lacks_directory(artefacts: &Artefacts, place: &Destination) -> Option<Diagnostic> {
    let reason = artefacts.needs_directory.as_ref()?;
    (!matches!(place, Destination::Directory(_))).then(|| needs_directory(reason))
}

/// Says that one text is not enough.
pub(super) fn needs_directory(reason: &str) -> Diagnostic {
    Diagnostic::new(OutputCode::NeedsDirectory, reason).help("write to a directory: `-o DIR/`")
}
