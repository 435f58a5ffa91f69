//! Secrets are sealed between the objects and the form that they take: files, a chart, a base with overlays (N93).

use std::path::Path;

use super::mapping::Mapping;
use super::session::Session;
use crate::backend::helm::{self, About};
use crate::backend::{Artefacts, Document};
use crate::emit::{self, Base, Destination, Format, OutputFile, Places, Sealing};

/// How and where a run seals Secrets.
pub(crate) struct Sealer<'a> {
    sealing: Sealing,
    output: &'a str,
    format: Format,
}

/// What becomes of a sealed document, which must be known to find it among the files of the last run.
pub(crate) enum Form<'a> {
    /// A file of its name.
    File,
    /// The same below a directory, with the base of the overlay that it is for, if it is for one.
    Below(&'a str, Option<Base<'a>>),
    /// A template of a chart.
    Template(&'a About),
}

impl<'a> Sealer<'a> {
    /// What the flags ask for; `None` where nothing is sealed, or there is no directory to keep it in (C20).
    pub(crate) fn of(mapping: &Mapping, destination: &'a Destination, format: Format) -> Option<Self> {
        let Destination::Directory(output) = destination else { return None };
        Some(Self { sealing: mapping.sealing()?, output, format })
    }

    /// Seals the Secrets among objects, unless something is wrong already.
    pub(crate) fn seal(&self, artefacts: &mut Artefacts, form: &Form<'_>, session: &mut Session<'_, '_>) {
        if session.is_refused() {
            return;
        }
        let directory = session.directory.clone().unwrap_or_else(|| ".".to_owned());
        let headline = artefacts.headline.clone();
        let file = |document: &Document| self.file(document, &headline, form);
        let places = Places { output: self.output, project: Path::new(&directory), file: &file };
        let base = match form {
            Form::Below(_, base) => base.as_ref(),
            Form::File | Form::Template(_) => None,
        };
        let host = session.host;
        session.without_repeats(|session| {
            for found in emit::seal(artefacts, &self.sealing, base, &places, host) {
                session.sink.push(found);
            }
        });
    }

    /// The file that a document becomes.
    fn file(&self, document: &Document, headline: &str, form: &Form<'_>) -> OutputFile {
        let (headline, documents) = (headline.to_owned(), vec![document.clone()]);
        let alone = Artefacts { headline, documents, ..Artefacts::default() };
        let (alone, directory, name) = match form {
            Form::File => (alone, None, None),
            Form::Below(directory, _) => (alone, Some(directory), None),
            Form::Template(about) => {
                (helm::chart(alone, about), None, Some(format!("templates/{}", document.file_name)))
            }
        };
        let mut files = emit::files(&alone, self.format).into_iter();
        let file = files.find(|file| name.as_ref().is_none_or(|name| *name == file.path));
        let file = file.expect("a document becomes a file");
        let path =
            directory.map_or_else(|| file.path.clone(), |directory| format!("{directory}/{}", file.path));
        OutputFile { path, ..file }
    }
}
