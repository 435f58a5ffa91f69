//! `rcompose.yaml` and top-level `x-rcompose`: flags that are not said again, what findings weigh, clusters, and the hints
//! of the first (C12, D18).
//!
//! The file is read before the project, since it may say how that is loaded; `x-rcompose` is known only when Compose files
//! are merged. What a flag means stands with the flag.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use super::defaults::{self, Home, Setting};
use super::session::Session;
use super::severity::Verdict;
use crate::compose::grammar::pattern::Glob;
use crate::compose::hints::settings::SETTINGS;
use crate::compose::hints::value::Row;
use crate::compose::hints::{self, Checker, TOP, TOP_OF_FILE};
use crate::compose::path::Path;
use crate::compose::{self, LoadCode, Request};
use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{self, Mapping, Node, Value};

/// Name of the file beside the first Compose file.
const FILE: &str = "rcompose.yaml";
/// Most bytes that are read of it.
pub(crate) const MOST_BYTES: u64 = 1 << 20;

/// What a project says beside its services.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectSettings {
    /// The file was read.
    file_is_read: bool,
    /// `x-rcompose` was read.
    top_is_read: bool,
    /// Flags of `convert`, those that count less first.
    pub(crate) defaults: Vec<Setting>,
    /// Clusters by a name of ours; those of the Compose file before those of the settings file.
    pub(crate) contexts: BTreeMap<String, Cluster>,
    /// Contexts and namespaces in which nothing is written by accident.
    pub(crate) protected: Vec<Glob>,
    /// `x-rcompose` has the hint `namespace`.
    hints_namespace: bool,
}

/// A cluster by a name of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Context of the kubeconfig; our name where nothing is said.
    pub(crate) context: Option<String>,
    /// Namespace there.
    pub(crate) namespace: Option<String>,
    /// UID of the namespace kube-system of the cluster that it must be.
    pub(crate) id: Option<String>,
}

impl ProjectSettings {
    /// Returns the cluster of a name that the user gave; of a name that settings do not know, the context of that name.
    /// Without a name it is the only one that the settings have, if there is one.
    #[cfg_attr(not(any(test, feature = "cluster")), expect(dead_code, reason = "live commands ask"))]
    pub(crate) fn cluster(&self, asked: Option<&str>) -> Cluster {
        let named = |name: &str, cluster: &Cluster| Cluster {
            context: cluster.context.clone().or_else(|| Some(name.to_owned())),
            ..cluster.clone()
        };
        match asked {
            Some(name) => self.contexts.get(name).map_or_else(
                || Cluster { context: Some(name.to_owned()), ..Cluster::default() },
                |cluster| named(name, cluster),
            ),
            None => match self.contexts.iter().collect::<Vec<_>>().as_slice() {
                [(name, cluster)] => named(name, cluster),
                _ => Cluster::default(),
            },
        }
    }

    /// Tells whether the top of the Compose file, or a default, names a namespace.
    pub(crate) fn names_namespace(&self) -> bool {
        self.hints_namespace || self.defaults.iter().any(|setting| setting.flag == "namespace")
    }

    /// Tells whether a context or a namespace is protected.
    #[cfg_attr(not(any(test, feature = "cluster")), expect(dead_code, reason = "live commands ask"))]
    pub(crate) fn protects(&self, name: &str) -> bool {
        self.protected.iter().any(|glob| glob.matches(name))
    }
}

/// Reads the settings file, once a run, and lets it say how the project is loaded.
pub(crate) fn before_loading(request: &Request, session: &mut Session<'_, '_>) -> Request {
    if !std::mem::replace(&mut session.settings.file_is_read, true)
        && let Some(node) = file(request, session)
    {
        let all: Vec<Row> = TOP.iter().chain(SETTINGS).copied().collect();
        let rows = Checker { vocabulary: TOP_OF_FILE, beside: &[], sink: &mut session.sink };
        let checked = { rows }.place(&node, &all, &Path::Root);
        session.outside.settings = take(checked, Home::File, &Path::Root, session);
    }
    let environment = session.host.environment();
    defaults::of_loading(request.clone(), &session.settings.defaults, &environment)
}

/// Reads what the Compose files say, once a run.
pub(crate) fn after_loading(project: &compose::Project, session: &mut Session<'_, '_>) {
    if std::mem::replace(&mut session.settings.top_is_read, true) {
        return;
    }
    if let Some(entry) = project.top.extensions.get(hints::KEY)
        && let Value::Map(written) = &entry.node.value
    {
        session.settings.hints_namespace = written.contains_key("namespace");
        let own: Mapping = SETTINGS
            .iter()
            .filter_map(|row| Some((row.name.to_owned(), written.get(row.name)?.clone())))
            .collect();
        let node = Node::new(entry.node.span, Value::Map(own));
        let root = Path::Root;
        let at = root.key(hints::KEY);
        let rows = Checker { vocabulary: TOP_OF_FILE, beside: TOP, sink: &mut session.sink };
        let checked = { rows }.place(&node, SETTINGS, &at);
        take(checked, Home::Top, &at, session);
    }
}

/// Takes the settings out of what stands in one home, and returns the rest.
fn take(mut checked: Mapping, home: Home, at: &Path<'_>, session: &mut Session<'_, '_>) -> Mapping {
    if let Some(entry) = checked.remove("defaults") {
        let found = defaults::read(&entry.node, home, &at.key("defaults"), &mut session.sink);
        session.settings.defaults.extend(found);
    }
    weigh(checked.remove("diagnostics"), session);
    if let Some(Value::Map(clusters)) = checked.remove("contexts").map(|entry| entry.node.value) {
        for (name, entry) in clusters {
            // What the Compose files say is read later, and counts.
            session.settings.contexts.insert(name, cluster(&entry.node));
        }
    }
    if let Some(entry) = checked.remove("protected") {
        session.settings.protected.extend(globs(&entry.node, &at.key("protected"), &mut session.sink));
    }
    checked
}

fn cluster(node: &Node) -> Cluster {
    let text = |name: &str| node.get(name).and_then(Node::as_text).map(ToOwned::to_owned);
    Cluster { context: text("context"), namespace: text("namespace"), id: text("cluster-id") }
}

/// Reads patterns; one that is none is reported.
pub(crate) fn globs(node: &Node, at: &Path<'_>, sink: &mut Sink) -> Vec<Glob> {
    let mut globs = Vec::new();
    for item in node.as_list().unwrap_or_default() {
        let Some(text) = item.as_text() else { continue };
        match Glob::parse(text) {
            Ok(glob) => globs.push(glob),
            Err(_) => sink.push(
                Diagnostic::new(LoadCode::HintValueInvalid, format!("`{text}` is no pattern of `{at}`"))
                    .at(item.span)
                    .path(at.to_string())
                    .help("write a name, with `*` for any part of it, such as `prod-*`"),
            ),
        }
    }
    globs
}

/// Reads the file that `--settings` or the environment names, else the one beside the first Compose file, if there is one.
fn file(request: &Request, session: &mut Session<'_, '_>) -> Option<Node> {
    let named = session.globals.settings.clone();
    let named = named.or_else(|| session.host.environment().get("RCOMPOSE_SETTINGS").cloned());
    if let Some(named) = named.filter(|name| !name.is_empty()) {
        let found = read(FilePath::new(&named), &named, session);
        if found.is_none() {
            let message = format!("`{named}` does not exist");
            let found = Diagnostic::new(LoadCode::FileUnreadable, message);
            session.sink.push(found.help("name the settings file with `--settings FILE`"));
        }
        return found;
    }
    // What is wrong with the files is told when they are loaded.
    let files = compose::files(request, session.host, &mut Sink::default())?;
    let first = files.iter().find(|file| *file != compose::STDIN);
    let beside = first.map_or_else(|| FILE.into(), |first| FilePath::new(first).with_file_name(FILE));
    read(&beside, FILE, session)
}

/// Reads and parses a settings file. `None`: it is not there.
pub(crate) fn read(path: &FilePath, shown: &str, session: &mut Session<'_, '_>) -> Option<Node> {
    let bytes = match session.host.read(path, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            let message = format!("`{shown}` cannot be read: {error}");
            session.sink.push(Diagnostic::new(LoadCode::FileUnreadable, message));
            return Some(nothing(shown, session));
        }
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let source = session.sources.add(shown, text.as_str());
    let parsed = yaml::parse(source, &text, yaml::Options::default(), &mut session.sink).into_iter().next();
    Some(parsed.unwrap_or_else(|| nothing(shown, session)))
}

/// A file without content.
fn nothing(shown: &str, session: &mut Session<'_, '_>) -> Node {
    let source = session.sources.add(shown, "");
    Node::new(Span::new(source, 0, 0), Value::Null)
}

/// Takes `deny`, `warn` and `allow`; flags count more, and so does what is read later.
fn weigh(written: Option<yaml::Entry>, session: &mut Session<'_, '_>) {
    let Some(Value::Map(written)) = written.map(|entry| entry.node.value) else { return };
    let codes = crate::codes();
    let mut wishes = Vec::new();
    for (name, verdict) in [("deny", Verdict::Deny), ("warn", Verdict::Warn)] {
        for node in items(&written, name) {
            wishes.extend(node.as_text().map(|text| (verdict, text.to_owned(), node.span, None)));
        }
    }
    for node in items(&written, "allow") {
        let text = |name: &str| node.get(name).and_then(Node::as_text).map(ToOwned::to_owned);
        let (Some(code), reason) = (text("code"), text("reason")) else { continue };
        let services = node.get("services").and_then(Node::as_list).into_iter().flatten();
        let services: Vec<&str> = services.filter_map(Node::as_text).collect();
        if services.is_empty() {
            wishes.push((Verdict::Allow, code, node.span, reason));
        } else {
            wishes.extend(
                services
                    .iter()
                    .map(|service| (Verdict::Allow, format!("{code}={service}"), node.span, reason.clone())),
            );
        }
    }
    for (verdict, text, span, reason) in wishes {
        if let Err(fault) = session.wishes.add_setting(verdict, &text, span, reason, &codes) {
            session.sink.push(Diagnostic::new(LoadCode::HintValueInvalid, fault).at(span));
        }
    }
}

fn items<'m>(written: &'m Mapping, name: &str) -> &'m [Node] {
    written.get(name).and_then(|entry| entry.node.as_list()).unwrap_or_default()
}
