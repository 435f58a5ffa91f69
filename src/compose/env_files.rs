//! The end of step 10: reads `env_file` and `label_file` of active services into their variables and labels (L10, L11).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diag::{Diagnostic, SourceId, Span, TraceStep};
use crate::host::FileKind;

use super::codes::LoadCode;
use super::environment::{EnvReader, span_of};
use super::grammar::dotenv::{self, Dotenv, DotenvFault};
use super::keys::env_file::EnvFile;
use super::keys::key_values::{EnvironmentValues, KeyValue, KeyValues, Labels};
use super::keys::scalar::Text;
use super::keys::service::Service;
use super::loader::Loader;
use super::project::Project;

/// Reads the files of all active services; the lists themselves go.
pub(crate) fn resolve(project: &mut Project, loader: &mut Loader<'_>) {
    let environment = project.environment.clone();
    let active = project.active.clone();
    let Some(services) = &mut project.top.services else { return };
    for (name, service) in services.entries.iter_mut().filter(|(name, _)| active.contains(*name)) {
        let mut reading = Reading { loader, service: name, environment: &environment };
        reading.variables(&mut service.value);
        reading.labels(&mut service.value);
    }
}

struct Reading<'r, 'l> {
    loader: &'r mut Loader<'l>,
    service: &'r str,
    environment: &'r super::environment::Environment,
}

impl Reading<'_, '_> {
    fn variables(&mut self, service: &mut Service) {
        let Some(files) = service.env_file.take() else { return };
        let own = service.environment.take();
        let mut read = BTreeMap::new();
        for file in &files.0.items {
            self.variables_of(file, own.as_ref(), &mut read);
        }
        let span = own.as_ref().map_or(files.0.span, |own| own.0.span);
        // What the service says itself beats all files, also with a null.
        read.extend(own.into_iter().flat_map(|own| own.0.entries));
        service.environment = Some(EnvironmentValues(KeyValues { span, entries: read }));
    }

    fn variables_of(
        &mut self,
        file: &EnvFile,
        own: Option<&EnvironmentValues>,
        read: &mut BTreeMap<String, KeyValue>,
    ) {
        let Some(path) = &file.path else { return };
        let required = file.required.as_ref().is_none_or(|required| required.value);
        if !required && self.loader.host.metadata(Path::new(&path.value)).is_err() {
            return;
        }
        if self.is_directory(path) {
            return;
        }
        let Some((id, text)) = self.text(path) else { return };
        let environment = self.environment;
        let mut lookup = |name: &str| {
            let own = || own.and_then(|own| own.0.entries.get(name)).and_then(|entry| entry.value.as_ref());
            let known = || read.get(name).and_then(|entry| entry.value.as_ref());
            environment
                .get(name)
                .map(ToOwned::to_owned)
                .or_else(|| own().or_else(known).map(|text| text.value.clone()))
        };
        let format = file.format.as_ref().map_or("", |format| format.value.as_str());
        let parsed = match format {
            "" | ".env" => dotenv::parse(&text, &mut lookup),
            "raw" => dotenv::parse_raw(&text, &mut lookup).map_err(DotenvFault::Syntax),
            _ => {
                let place = file.format.as_ref().map_or(path.span, |format| format.span);
                self.loader.sink.push(
                    Diagnostic::new(
                        LoadCode::UnknownEnvFileFormat,
                        format!("`{format}` is no format of env files"),
                    )
                    .at(place)
                    .service(self.service)
                    .help("`raw`, or leave `format` out"),
                );
                return;
            }
        };
        match parsed {
            Ok(parsed) => self.take(parsed, id, path.span, read),
            Err(fault) => self.reader().refuse(&fault, id),
        }
    }

    fn take(&mut self, parsed: Dotenv, id: SourceId, named: Span, read: &mut BTreeMap<String, KeyValue>) {
        self.reader().warn(&parsed, id);
        let trace = self.loader.sources.trace(named.trace, TraceStep::EnvFile { by: named });
        for assignment in parsed.values {
            let span = span_of(id, &assignment.range).with_trace(trace);
            let value = Some(Text::new(assignment.value, span));
            read.insert(assignment.key, KeyValue { key: span, value });
        }
    }

    fn labels(&mut self, service: &mut Service) {
        let Some(files) = service.label_file.take() else { return };
        let mut read: BTreeMap<String, KeyValue> = BTreeMap::new();
        for path in &files.0.items {
            let missing = self.loader.host.metadata(Path::new(&path.value)).is_err();
            if missing {
                let shown = super::source::shown(&self.loader.directory, &path.value);
                self.loader.sink.push(
                    Diagnostic::new(
                        LoadCode::LabelFileNotFound,
                        format!("label file `{shown}` does not exist"),
                    )
                    .at(path.span)
                    .service(self.service)
                    .help("check the path"),
                );
                continue;
            }
            if self.is_directory(path) {
                continue;
            }
            let Some((id, text)) = self.text(path) else { continue };
            let mut lookup = |name: &str| {
                read.get(name).and_then(|entry| entry.value.as_ref()).map(|text| text.value.clone())
            };
            match dotenv::parse(&text, &mut lookup) {
                Ok(parsed) => self.take(parsed, id, path.span, &mut read),
                Err(fault) => self.reader().refuse(&fault, id),
            }
        }
        let span = service.labels.as_ref().map_or(files.0.span, |own| own.0.span);
        read.extend(service.labels.take().into_iter().flat_map(|own| own.0.entries));
        service.labels = Some(Labels(KeyValues { span, entries: read }));
    }

    /// Reads a file; one that several services name is read once, and counts for each.
    fn text(&mut self, path: &Text) -> Option<(SourceId, Arc<str>)> {
        let known = self.loader.env_texts.get(&path.value).copied();
        let id = if let Some(id) = known {
            id
        } else {
            let (id, _) = self.reader().read(&path.value, Some(path.span))?;
            self.loader.env_texts.insert(path.value.clone(), id);
            id
        };
        let text = self.loader.sources.text(id).clone();
        let fits = self.loader.budget.read(text.len(), Some(path.span), self.loader.sink);
        fits.then_some((id, text))
    }

    fn is_directory(&mut self, path: &Text) -> bool {
        let found = self.loader.host.metadata(Path::new(&path.value));
        let is_directory = found.is_ok_and(|found| found.kind == FileKind::Directory);
        if is_directory {
            let shown = super::source::shown(&self.loader.directory, &path.value);
            self.loader.sink.push(
                Diagnostic::new(LoadCode::FileUnreadable, format!("`{shown}` is a directory, not a file"))
                    .at(path.span)
                    .service(self.service)
                    .help("name a file"),
            );
        }
        is_directory
    }

    fn reader(&mut self) -> EnvReader<'_> {
        EnvReader {
            host: self.loader.host,
            sources: self.loader.sources,
            sink: self.loader.sink,
            shown_from: &self.loader.directory,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files};

    #[test]
    fn environment_beats_files_and_later_files_beat_earlier_ones() {
        let host = files(&[
            (
                "compose.yaml",
                "services: {a: {image: i, env_file: [x.env, y.env], environment: {C: own, D: null}}}",
            ),
            ("x.env", "A=1\nB=1\nC=1\nD=1\n"),
            ("y.env", "B=${A}2\n"),
        ]);
        assert_eq!(
            at(&host, &Request::default(), "/services/a/environment"),
            r#"{"A":"1","B":"12","C":"own","D":null}"#
        );
    }

    #[test]
    fn a_missing_file_is_an_error_unless_it_need_not_be_there() {
        let missing = |entry: &str| {
            files(&[("compose.yaml", &format!("services: {{a: {{image: i, env_file: [{entry}]}}}}"))])
        };
        assert_eq!(at(&missing("x.env"), &Request::default(), ""), "1:37 env-file-not-found");
        assert_eq!(
            at(&missing("{path: x.env, required: false}"), &Request::default(), "/services/a/environment"),
            "absent"
        );
    }

    #[test]
    fn raw_files_are_taken_as_they_stand() {
        let host = files(&[
            ("compose.yaml", "services: {a: {image: i, env_file: [{path: x.env, format: raw}]}}"),
            ("x.env", "A=\"x y\"\nB=$HOME # c\n"),
        ]);
        assert_eq!(
            at(&host, &Request::default(), "/services/a/environment"),
            r#"{"A":"\"x y\"","B":"$HOME # c"}"#
        );
    }
}
