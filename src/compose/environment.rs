//! The variables of a file set (L6): the process, then env files, first writer wins.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diag::{Diagnostic, Sink, SourceId, Sources, Span};
use crate::host::{FileKind, Host};

use super::codes::LoadCode;
use super::grammar::dotenv::{self, Dotenv, DotenvFault};
use super::grammar::interpolation::InterpolationFault;
use super::source::{self, ReadFault};

/// Variables by name. On Windows names are compared without case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Takes the variables of the process.
    pub(crate) fn new(values: BTreeMap<String, String>) -> Self {
        let values = values.into_iter().map(|(name, value)| (fold(&name), value)).collect();
        Self { values }
    }

    /// Returns the value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        if cfg!(windows) { self.values.get(&fold(name)) } else { self.values.get(name) }.map(String::as_str)
    }

    /// Returns the value of a variable that is set and not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets a variable unless it is set.
    pub(crate) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.values.entry(fold(name)).or_insert_with(|| value.into());
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(fold(name), value.into());
    }

    /// Returns all variables, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn fold(name: &str) -> String {
    if cfg!(windows) { name.to_uppercase() } else { name.to_owned() }
}

/// What reading an env file needs.
pub(crate) struct EnvReader<'a> {
    /// Files.
    pub(crate) host: &'a dyn Host,
    /// Texts.
    pub(crate) sources: &'a mut Sources,
    /// Problems.
    pub(crate) sink: &'a mut Sink,
    /// Directory that shown paths start from.
    pub(crate) shown_from: &'a str,
}

impl EnvReader<'_> {
    /// Reads project env files into the environment: later files override earlier ones, the environment beats all (L9).
    /// `named` are those that must exist, with the place that names them.
    pub(crate) fn add_files(
        &mut self,
        environment: &mut Environment,
        files: &[String],
        named: Option<Span>,
        required: bool,
    ) {
        let mut read: BTreeMap<String, String> = BTreeMap::new();
        for file in files {
            if !required && !self.is_file(file) {
                continue;
            }
            let Some((id, text)) = self.read(file, named) else { continue };
            let known = &*environment;
            let parsed = dotenv::parse(&text, &mut |name| {
                known.get(name).or_else(|| read.get(name).map(String::as_str)).map(ToOwned::to_owned)
            });
            match parsed {
                Ok(parsed) => {
                    self.warn(&parsed, id);
                    read.extend(
                        parsed.values.into_iter().map(|assignment| (assignment.key, assignment.value)),
                    );
                }
                Err(fault) => self.refuse(&fault, id),
            }
        }
        for (name, value) in read {
            environment.add(&name, value);
        }
    }

    fn is_file(&self, file: &str) -> bool {
        self.host.metadata(Path::new(file)).is_ok_and(|found| found.kind != FileKind::Directory)
    }

    /// Reads one env file; a missing one is `env-file-not-found`.
    pub(crate) fn read(
        &mut self,
        file: &str,
        named: Option<Span>,
    ) -> Option<(SourceId, std::sync::Arc<str>)> {
        let shown = source::shown(self.shown_from, file);
        match source::read(self.host, self.sources, file, &shown) {
            Ok(id) => Some((id, self.sources.text(id).clone())),
            Err(fault) => {
                let code = match fault {
                    ReadFault::Missing => LoadCode::EnvFileNotFound,
                    ReadFault::NotText(_) => LoadCode::DotenvSyntax,
                    _ => LoadCode::FileUnreadable,
                };
                self.sink.push(
                    Diagnostic::new(code, format!("env file `{shown}` {}", fault.reason()))
                        .at_opt(named)
                        .help("check the path; in a service, `required: false` makes a missing file fine"),
                );
                None
            }
        }
    }

    /// Reports what is odd in an env file.
    pub(crate) fn warn(&mut self, parsed: &Dotenv, id: SourceId) {
        if let Some(bare) = &parsed.missing_newline {
            self.sink.push(
                Diagnostic::new(
                    LoadCode::DotenvMissingNewline,
                    format!("`{}` ends without a line break", bare.key),
                )
                .at(span_of(id, &bare.range))
                .help("add the line break: Docker Compose 2.40 reads this line otherwise"),
            );
        }
    }

    /// Reports why an env file cannot be read.
    pub(crate) fn refuse(&mut self, fault: &DotenvFault, id: SourceId) {
        let diagnostic = match fault {
            DotenvFault::Syntax(fault) => Diagnostic::new(LoadCode::DotenvSyntax, fault.reason.clone())
                .at(span_of(id, &fault.range))
                .help("one `NAME=value` a line; quote values with blanks or `#`, close every quote"),
            DotenvFault::Interpolation(fault) => {
                let range = span_of(id, &fault.range());
                match fault {
                    InterpolationFault::Required { name, message, .. } => Diagnostic::new(
                        LoadCode::RequiredVariable,
                        format!("variable `{name}` is required: {message}"),
                    )
                    .at(range)
                    .help(format!("set `{name}` before this line or in the environment")),
                    InterpolationFault::Invalid(fault) => {
                        Diagnostic::new(LoadCode::InvalidInterpolation, "this is no variable")
                            .at(range)
                            .label(fault.reason.clone())
                            .help("`${NAME}` or `${NAME:-default}`; single quotes take `$` literally")
                    }
                }
            }
        };
        self.sink.push(diagnostic);
    }
}

/// Returns a range of bytes as a span.
pub(crate) fn span_of(id: SourceId, range: &std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(id, offset(range.start), offset(range.end))
}
