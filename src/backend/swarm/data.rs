//! Configs and secrets with their data: which are used, under which keys and names, in which files (S100 to S103, S5).

use std::collections::{BTreeMap, BTreeSet};

use super::codes::SwarmCode;
use super::names::{self, LONGEST_DATA_NAME};
use super::options::Secrets;
use super::part::{Object, Part, text_map};
use super::paths::in_stack;
use super::plan::Plan;
use super::report::{Place, Report, approximated, listed, noted, refused};
use crate::backend::DataFile;
use crate::backend::codes::BackendCode;
use crate::backend::slow_hash::slow_hash;
use crate::diag::{Diagnostic, Outcome, Span, Spanned};
use crate::model::{Config, Content, File, Metadata, Project, Secret, VolumeDriver};

/// Config or secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A config.
    Config,
    /// A secret.
    Secret,
}

impl Kind {
    /// Returns the word for messages.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Secret => "secret",
        }
    }

    /// Returns the top-level key, and the directory of the data.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Config => "configs",
            Self::Secret => "secrets",
        }
    }

    /// Most bytes that Swarm takes (S11).
    pub(crate) const fn most_bytes(self) -> usize {
        match self {
            Self::Config => 1_023_999,
            Self::Secret => 511_999,
        }
    }
}

/// The configs and secrets that written services use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data<'a> {
    entries: BTreeMap<(Kind, String), Entry<'a>>,
    /// Keys of files of the project, so that several mounts of one file share an entry.
    by_path: BTreeMap<(Kind, &'a str), String>,
}

/// One config or secret.
#[derive(Clone, Debug)]
struct Entry<'a> {
    span: Span,
    written_name: Option<&'a Spanned<String>>,
    real_name: String,
    source: Source<'a>,
    labels: Option<&'a Metadata>,
    driver: Option<&'a VolumeDriver>,
    template_driver: Option<&'a Spanned<String>>,
    rule: &'static str,
}

/// Where the bytes come from.
#[derive(Clone, Debug)]
enum Source<'a> {
    External(Span),
    Driver,
    Bytes { bytes: &'a [u8], path: Option<&'a str>, span: Span, from_outside: bool },
}

/// What becomes of a grant or a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Granted<'a> {
    /// One entry.
    One(String),
    /// An entry for each file of a directory: key and path below it.
    Files(Vec<(String, &'a str)>),
}

impl<'a> Data<'a> {
    /// Begins without entries.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes in a file that is mounted (S93) or part of a directory; returns its key.
    pub(crate) fn take_file(
        &mut self,
        kind: Kind,
        file: &'a File,
        span: Span,
        rule: &'static str,
        project: &Project,
    ) -> String {
        if let Some(key) = self.by_path.get(&(kind, file.path.as_str())) {
            return key.clone();
        }
        let key = self.free_key(kind, &file.path, project);
        self.by_path.insert((kind, &file.path), key.clone());
        let source = Source::Bytes { bytes: &file.bytes, path: Some(&file.path), span, from_outside: true };
        let real_name = String::new();
        let entry = Entry {
            span,
            written_name: None,
            real_name,
            source,
            labels: None,
            driver: None,
            template_driver: None,
            rule,
        };
        self.entries.insert((kind, key.clone()), entry);
        key
    }

    fn free_key(&self, kind: Kind, path: &str, project: &Project) -> String {
        let key = names::file_key(path);
        let is_declared = match kind {
            Kind::Config => project.configs.contains_key(key.as_str()),
            Kind::Secret => project.secrets.contains_key(key.as_str()),
        };
        if is_declared || self.entries.contains_key(&(kind, key.clone())) {
            return format!("{key}-{}", names::short_hash(&[path.as_bytes()]));
        }
        key
    }

    /// Takes in a config that a service uses.
    pub(crate) fn take_config(
        &mut self,
        key: &str,
        config: &'a Config,
        plan: &Plan<'_>,
        report: &mut Report<'_>,
    ) -> Granted<'a> {
        let Config { span, name, written_name, content, labels, template_driver, hints: _ } = config;
        let entry = Entry {
            span: *span,
            written_name: written_name.as_ref(),
            real_name: name.clone(),
            source: Source::Driver,
            labels: Some(labels),
            driver: None,
            template_driver: template_driver.as_ref(),
            rule: "S100",
        };
        self.take(Kind::Config, key, content, entry, plan, report)
    }

    /// Takes in a secret that a service uses.
    pub(crate) fn take_secret(
        &mut self,
        key: &str,
        secret: &'a Secret,
        plan: &Plan<'_>,
        report: &mut Report<'_>,
    ) -> Granted<'a> {
        let Secret { span, name, written_name, content, labels, driver, template_driver, hints: _ } = secret;
        let entry = Entry {
            span: *span,
            written_name: written_name.as_ref(),
            real_name: name.clone(),
            source: Source::Driver,
            labels: Some(labels),
            driver: Some(driver),
            template_driver: template_driver.as_ref(),
            rule: "S100",
        };
        self.take(Kind::Secret, key, content, entry, plan, report)
    }

    /// Takes in an entry that nothing defines; where that is allowed, as one that is there.
    pub(crate) fn take_unknown(&mut self, kind: Kind, key: &str, span: Span, report: &mut Report<'_>) {
        report_missing(kind, key, span, "it is not defined", report);
        self.entries.entry((kind, key.to_owned())).or_insert(Entry {
            span,
            written_name: None,
            real_name: key.to_owned(),
            source: Source::External(span),
            labels: None,
            driver: None,
            template_driver: None,
            rule: "S53",
        });
    }

    fn take(
        &mut self,
        kind: Kind,
        key: &str,
        content: &'a Content,
        entry: Entry<'a>,
        plan: &Plan<'_>,
        report: &mut Report<'_>,
    ) -> Granted<'a> {
        let source = match content {
            Content::External(span) => Source::External(*span),
            Content::Driver(_) => Source::Driver,
            Content::File { span, file } => {
                Source::Bytes { bytes: &file.bytes, path: Some(&file.path), span: *span, from_outside: true }
            }
            Content::Inline(bytes) => {
                let from_outside = plan.sources.is_from_outside(bytes.span);
                Source::Bytes { bytes: &bytes.value, path: None, span: bytes.span, from_outside }
            }
            Content::Environment { variable, value } => {
                Source::Bytes { bytes: value, path: None, span: variable.span, from_outside: true }
            }
            Content::Directory { span, tree } => {
                let files = tree
                    .iter()
                    .map(|(path, file)| {
                        (self.take_file(kind, file, *span, "S94", plan.project), path.as_str())
                    })
                    .collect();
                return Granted::Files(files);
            }
            Content::TooLarge { span, reason } => {
                if !self.entries.contains_key(&(kind, key.to_owned())) {
                    let message = format!("{} `{key}` {reason}", kind.word());
                    report.add_to_project(
                        &format!("{}.{key}", kind.plural()),
                        refused(BackendCode::ConfigTooLarge, *span, message)
                            .help("put it into the image or into a volume"),
                    );
                }
                Source::External(*span)
            }
            Content::Missing { span, reason } => {
                if !self.entries.contains_key(&(kind, key.to_owned())) {
                    report_missing(kind, key, *span, reason, report);
                }
                Source::External(*span)
            }
        };
        self.entries.entry((kind, key.to_owned())).or_insert(Entry { source, ..entry });
        Granted::One(key.to_owned())
    }
}

fn report_missing(kind: Kind, key: &str, span: Span, reason: &str, report: &mut Report<'_>) {
    let message = format!("{} `{key}` has no content: {reason}", kind.word());
    report.add_to_project(
        &format!("{}.{key}", kind.plural()),
        refused(BackendCode::ConfigSourceMissing, span, message)
            .help("make it, or write `external: true` and create it by hand"),
    );
}

/// The finished top-level `configs` and `secrets`, and the files of their data.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// `configs`.
    pub(crate) configs: Option<Part>,
    /// `secrets`.
    pub(crate) secrets: Option<Part>,
    /// Files beside the stack file.
    pub(crate) files: Vec<DataFile>,
    /// Why a directory is needed, where one is.
    pub(crate) needs_directory: Option<String>,
    /// Places whose values come from outside the Compose files: `secrets/<key>`.
    pub(crate) outside: Vec<Place>,
}

/// Writes all configs and secrets that were taken in.
pub(crate) fn write(data: &Data<'_>, plan: &Plan<'_>, report: &mut Report<'_>) -> Written {
    let mut result = Written::default();
    let mut hashed: [usize; 2] = [0, 0];
    let mut hashed_at = None;
    let mut referenced: Vec<(Place, String)> = Vec::new();
    let mut homeless: Vec<String> = Vec::new();
    for kind in [Kind::Config, Kind::Secret] {
        let mut file_names = FileNames::default();
        let mut parts: Vec<(String, Part)> = Vec::new();
        for ((_, key), entry) in data.entries.iter().filter(|((of, _), _)| *of == kind) {
            let by_reference = kind == Kind::Secret && plan.options.secrets == Secrets::Reference;
            let part = match &entry.source {
                Source::External(span) => external(entry, &entry.real_name, *span, "S100"),
                _ if by_reference => {
                    let name = entry
                        .written_name
                        .map_or_else(|| format!("{}_{key}", plan.project.name), |name| name.value.clone());
                    let name = legal_name(kind, key, name, entry, report);
                    referenced.push((Place { name: key.clone(), span: entry.span }, name.clone()));
                    external(entry, &name, entry.span, "S7")
                }
                Source::Driver => driven(kind, key, entry, report),
                Source::Bytes { bytes, path, span, from_outside } => {
                    let file_name = file_names.take(kind, key);
                    let is_empty = bytes.is_empty();
                    let bytes = padded(kind, key, bytes, entry.span, report);
                    check_size(kind, key, &bytes, *span, report);
                    if entry.written_name.is_none() {
                        hashed[kind as usize] += 1;
                        hashed_at.get_or_insert(entry.span);
                    }
                    let path = match path {
                        _ if plan.options.place.holds_data() => format!("./{}/{file_name}", kind.plural()),
                        Some(path) if !is_empty => in_stack(plan.options.place.to_project(), path),
                        _ => {
                            homeless.push(format!("{} `{key}`", kind.word()));
                            format!("./{}/{file_name}", kind.plural())
                        }
                    };
                    if plan.options.place.holds_data() && kind == Kind::Secret && *from_outside {
                        let name = format!("{}/{file_name}", kind.plural());
                        result.outside.push(Place { name, span: entry.span });
                    }
                    let file = Part::written(path, entry.rule, entry.span).also(entry.rule, Some(*span));
                    let part = with_data(kind, key, entry, &bytes, file, plan, report);
                    result.files.push(DataFile {
                        path: format!("{}/{file_name}", kind.plural()),
                        bytes,
                        mode: if kind == Kind::Secret { 0o600 } else { 0o644 },
                        secret: kind == Kind::Secret,
                    });
                    part
                }
            };
            parts.push((key.clone(), part));
        }
        let part = Part::map(parts);
        match kind {
            Kind::Config => result.configs = part,
            Kind::Secret => result.secrets = part,
        }
    }
    if result.files.iter().any(|file| file.secret) {
        result.files.push(DataFile {
            path: "secrets/.gitignore".to_owned(),
            bytes: b"*\n".to_vec(),
            mode: 0o644,
            secret: false,
        });
    }
    report_hashed(hashed, hashed_at, plan, report);
    report_referenced(&referenced, report);
    if !homeless.is_empty() {
        result.needs_directory = Some(format!("{} has no file of its own", homeless.join(", ")));
    }
    result
}

/// File names in one directory: keys, but no two that some file system takes for one, and none that means a directory (S5).
#[derive(Debug, Default)]
struct FileNames(BTreeSet<String>);

impl FileNames {
    fn take(&mut self, kind: Kind, key: &str) -> String {
        let is_special = matches!(key, "." | "..") || (kind == Kind::Secret && key == ".gitignore");
        if !is_special && self.0.insert(key.to_lowercase()) {
            return key.to_owned();
        }
        let name = format!("{key}-{}", names::short_hash(&[key.as_bytes()]));
        self.0.insert(name.to_lowercase());
        name
    }
}

fn external(entry: &Entry<'_>, name: &str, span: Span, rule: &'static str) -> Part {
    let name_span = entry.written_name.map_or(span, |name| name.span);
    let mut object = Object::default();
    object.put("external", Part::written(true, rule, span));
    object.put("name", Part::written(name, rule, name_span));
    object.into_part_even_if_empty()
}

/// A secret whose driver has the data.
fn driven(kind: Kind, key: &str, entry: &Entry<'_>, report: &mut Report<'_>) -> Part {
    let mut object = Object::default();
    if let Some(name) = entry.written_name {
        let text = legal_name(kind, key, name.value.clone(), entry, report);
        object.put("name", Part::written(text, "S100", name.span));
    }
    put_settings(entry, &mut object);
    object.into_part_even_if_empty()
}

fn put_settings(entry: &Entry<'_>, object: &mut Object) {
    if let Some(VolumeDriver { name, options }) = entry.driver {
        object.put_written("driver", "S100", name.as_ref());
        object.put_opt("driver_opts", text_map(options, "S100"));
    }
    object.put_written("template_driver", "S100", entry.template_driver);
    object.put_opt("labels", entry.labels.and_then(|labels| text_map(labels, "S100")));
}

fn with_data(
    kind: Kind,
    key: &str,
    entry: &Entry<'_>,
    bytes: &[u8],
    file: Part,
    plan: &Plan<'_>,
    report: &mut Report<'_>,
) -> Part {
    let mut object = Object::default();
    let name = match entry.written_name {
        Some(name) => {
            let message =
                format!("{} `{key}` keeps its name: a change of its content cannot be deployed", kind.word());
            report.add(
                &format!("{}.{key}.name", kind.plural()),
                noted(SwarmCode::StackConfigNotHashed, name.span, message)
                    .help("drop `name`; then the name changes with the content"),
            );
            Part::written(legal_name(kind, key, name.value.clone(), entry, report), "S101", name.span)
        }
        None => Part::written(hashed_name(kind, key, bytes, entry.template_driver, plan), "S101", entry.span),
    };
    object.put("name", name);
    object.put("file", file);
    put_settings(entry, &mut object);
    object.into_part_even_if_empty()
}

/// Name with a hash of the content, so that a change deploys (S101).
fn hashed_name(
    kind: Kind,
    key: &str,
    bytes: &[u8],
    template_driver: Option<&Spanned<String>>,
    plan: &Plan<'_>,
) -> String {
    let project = &plan.project.name;
    let hash = match kind {
        Kind::Config => {
            let driver = template_driver.map_or("", |driver| driver.value.as_str());
            names::short_hash(&[bytes, driver.as_bytes()])
        }
        Kind::Secret => names::hex(&slow_hash(bytes, &format!("{project}/{key}"))[..5]),
    };
    let mut name = format!("{project}_{key}");
    name.truncate(LONGEST_DATA_NAME - hash.len() - 1);
    format!("{name}_{hash}")
}

fn legal_name(kind: Kind, key: &str, name: String, entry: &Entry<'_>, report: &mut Report<'_>) -> String {
    if names::is_legal_data_name(&name) && name.len() <= LONGEST_DATA_NAME {
        return name;
    }
    let legal = names::nearest_data_name(&name);
    let span = entry.written_name.map_or(entry.span, |name| name.span);
    let message = format!("{} `{name}` is called `{legal}`: Swarm refuses the name", kind.word());
    report.add(
        &format!("{}.{key}.name", kind.plural()),
        approximated(BackendCode::NameChanged, span, message).help("rename it in the Compose file"),
    );
    legal
}

/// Swarm refuses empty data (S103).
fn padded(kind: Kind, key: &str, bytes: &[u8], span: Span, report: &mut Report<'_>) -> Vec<u8> {
    if !bytes.is_empty() {
        return bytes.to_vec();
    }
    let message = format!("{} `{key}` is empty; it gets one line break", kind.word());
    report.add(
        &format!("{}.{key}", kind.plural()),
        approximated(SwarmCode::StackConfigPadded, span, message).help("Swarm refuses empty ones"),
    );
    b"\n".to_vec()
}

fn check_size(kind: Kind, key: &str, bytes: &[u8], span: Span, report: &mut Report<'_>) {
    if bytes.len() > kind.most_bytes() {
        let message =
            format!("{} `{key}` has {} bytes; Swarm takes {}", kind.word(), bytes.len(), kind.most_bytes());
        report.add(
            &format!("{}.{key}", kind.plural()),
            refused(BackendCode::ConfigTooLarge, span, message)
                .help("put it into the image or into a volume"),
        );
    }
}

fn report_hashed(hashed: [usize; 2], at: Option<Span>, plan: &Plan<'_>, report: &mut Report<'_>) {
    let Some(span) = at else { return };
    let count = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    };
    let what: Vec<String> =
        [count(hashed[0], "config"), count(hashed[1], "secret")].into_iter().flatten().collect();
    let carry = if hashed[0] + hashed[1] == 1 { "carries" } else { "carry" };
    let message = format!("{} {carry} a content hash; old ones stay until removed", what.join(" and "));
    report.add_general(
        Diagnostic::new(SwarmCode::StackConfigHashed, message).at(span).help(format!(
            "`docker config rm $(docker config ls -q --filter label=com.docker.stack.namespace={})`, the same with \
             `secret`, removes those not in use",
            plan.project.name
        )),
    );
}

fn report_referenced(referenced: &[(Place, String)], report: &mut Report<'_>) {
    let Some(((first, _), others)) = referenced.split_first() else { return };
    let message = format!("secrets that must be there: {}", listed(referenced.iter().map(|(_, name)| name)));
    let commands: Vec<String> =
        referenced.iter().map(|(_, name)| format!("docker secret create {name} FILE")).collect();
    let mut finding = Diagnostic::new(BackendCode::SecretExternal, message)
        .at(first.span)
        .outcome(Outcome::Approximated)
        .help(commands.join("; "));
    for (place, _) in others {
        finding = finding.also(place.span, format!("`{}`", place.name));
    }
    report.add_general(finding);
}
