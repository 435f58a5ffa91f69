//! `rcompose.yaml` and top-level `x-rcompose`: what a project says of findings, and the hints of the first (C12, D18).

use std::path::Path as FilePath;

use super::session::Session;
use super::severity::Verdict;
use crate::backend::codes::BackendCode;
use crate::compose::hints::settings::SETTINGS;
use crate::compose::hints::{self, Checker, TOP, TOP_OF_FILE};
use crate::compose::path::Path;
use crate::compose::{self, LoadCode};
use crate::diag::Diagnostic;
use crate::yaml::{self, Mapping, Node, Value};

/// Name of the file beside the first Compose file.
const FILE: &str = "rcompose.yaml";
/// Most bytes that are read of it.
const MOST_BYTES: u64 = 1 << 20;

/// Reads the settings of a loaded project; what the Compose file says of findings counts before the file beside it.
pub(crate) fn read(project: &compose::Project, session: &mut Session<'_, '_>) {
    let root = Path::Root;
    if let Some(node) = file(&project.directory, session) {
        let all: Vec<hints::value::Row> = TOP.iter().chain(SETTINGS).copied().collect();
        let mut checked = Checker { vocabulary: TOP_OF_FILE, beside: &[], sink: &mut session.sink }
            .place(&node, &all, &root);
        refuse_defaults(checked.get("defaults"), session);
        weigh(checked.remove("diagnostics"), session);
        for row in SETTINGS {
            checked.remove(row.name);
        }
        session.outside.settings = checked;
    }
    if let Some(entry) = project.top.extensions.get(hints::KEY)
        && let Value::Map(written) = &entry.node.value
    {
        let own: Mapping = SETTINGS
            .iter()
            .filter_map(|row| Some((row.name.to_owned(), written.get(row.name)?.clone())))
            .collect();
        let node = Node::new(entry.node.span, Value::Map(own));
        let at = root.key(hints::KEY);
        let mut checked = Checker { vocabulary: TOP_OF_FILE, beside: TOP, sink: &mut session.sink }
            .place(&node, SETTINGS, &at);
        refuse_defaults(checked.get("defaults"), session);
        weigh(checked.remove("diagnostics"), session);
    }
}

/// Nothing acts on defaults yet, and nothing may be lost in silence. Contexts are for live commands, which come later.
fn refuse_defaults(written: Option<&yaml::Entry>, session: &mut Session<'_, '_>) {
    if let Some(entry) = written {
        let message = "the setting `defaults` cannot be carried by this version";
        let found = Diagnostic::new(BackendCode::NotYetSupported, message).at(entry.key);
        session
            .sink
            .push(found.help("give the flags on the command line, or write the hints that say the same"));
    }
}

/// Reads the file that `--settings` or the environment names, else the one beside the Compose file, if there is one.
fn file(directory: &str, session: &mut Session<'_, '_>) -> Option<Node> {
    let named = session.globals.settings.clone();
    let named = named.or_else(|| session.host.environment().get("RCOMPOSE_SETTINGS").cloned());
    let named = named.filter(|name| !name.is_empty());
    let path = named.clone().map_or_else(|| FilePath::new(directory).join(FILE), Into::into);
    let bytes = match session.host.read(&path, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            if named.is_some() || error.kind() != std::io::ErrorKind::NotFound {
                let shown = named.unwrap_or_else(|| FILE.to_owned());
                session.sink.push(
                    Diagnostic::new(LoadCode::FileUnreadable, format!("`{shown}` cannot be read: {error}"))
                        .help("name the settings file with `--settings FILE`"),
                );
            }
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let source = session.sources.add(named.unwrap_or_else(|| FILE.to_owned()), text.as_str());
    yaml::parse(source, &text, yaml::Options::default(), &mut session.sink).into_iter().next()
}

/// Takes `deny`, `warn` and `allow`; flags were given before and count more.
fn weigh(written: Option<yaml::Entry>, session: &mut Session<'_, '_>) {
    let Some(Value::Map(written)) = written.map(|entry| entry.node.value) else { return };
    let codes = crate::codes();
    let mut wishes = Vec::new();
    for (name, verdict) in [("deny", Verdict::Deny), ("warn", Verdict::Warn)] {
        for node in items(&written, name) {
            wishes.extend(node.as_text().map(|text| (verdict, text.to_owned(), node.span)));
        }
    }
    for node in items(&written, "allow") {
        let Some(code) = node.get("code").and_then(Node::as_text) else { continue };
        let services: Vec<&str> = node
            .get("services")
            .and_then(Node::as_list)
            .into_iter()
            .flatten()
            .filter_map(Node::as_text)
            .collect();
        if services.is_empty() {
            wishes.push((Verdict::Allow, code.to_owned(), node.span));
        }
        wishes
            .extend(services.iter().map(|service| (Verdict::Allow, format!("{code}={service}"), node.span)));
    }
    for (verdict, text, span) in wishes {
        if let Err(fault) = session.wishes.add_below(verdict, &text, &codes) {
            session.sink.push(Diagnostic::new(LoadCode::HintValueInvalid, fault).at(span));
        }
    }
}

fn items<'m>(written: &'m Mapping, name: &str) -> &'m [Node] {
    written.get(name).and_then(|entry| entry.node.as_list()).unwrap_or_default()
}
