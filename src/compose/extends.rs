//! Step 4: gives each service what it inherits (L26, L27).

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diag::{Diagnostic, Span, TraceStep, nearest};
use crate::yaml::{Mapping, Node};

use super::canonical;
use super::codes::LoadCode;
use super::document;
use super::interpolate::Interpolation;
use super::keys::Key;
use super::keys::long::Context;
use super::keys::service::Service;
use super::keys::top::Top;
use super::loader::{FileSet, Loader, retrace};
use super::merge::merge;
use super::path::Path;
use super::paths::{self, Base};
use super::tags::Resets;
use super::unique;

/// Deepest chain of `extends` (L17).
const DEEPEST: usize = 100;

/// Names among which a similar one is looked for.
const MANY: usize = 1000;

/// Services that were not found; they are looked for once more when `include` has brought its own (L1).
#[derive(Debug, Default)]
pub(crate) struct Unresolved(Vec<String>);

impl Unresolved {
    /// Tells whether all were found.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a service and what it extends lie.
struct Scope<'a> {
    file: &'a str,
    directory: &'a str,
    services: &'a Mapping,
    resets: &'a Resets,
    /// An extended file, not the document itself: paths are resolved, forms are long.
    foreign: bool,
}

/// Gives each service of a document what it inherits. `last` reports what is not found, instead of putting it off.
pub(crate) fn apply(
    loader: &mut Loader<'_>,
    set: &FileSet,
    file: &str,
    document: &mut Node,
    resets: &Resets,
    last: bool,
) -> Unresolved {
    let mut unresolved = Unresolved::default();
    let services = document.as_map_mut().and_then(|map| map.get_mut("services"));
    let Some(target) = services.and_then(|entry| entry.node.as_map_mut()) else { return unresolved };
    let services = std::mem::take(target);
    let scope = Scope { file, directory: &set.directory, services: &services, resets, foreign: false };
    let mut known = Known::new();
    let mut done = Mapping::new();
    for (name, entry) in &services {
        if entry.node.get("extends").is_none() {
            continue;
        }
        make(loader, set, &scope, name, &mut Vec::new(), &mut known, last);
    }
    for (name, outcome) in known {
        match (outcome, services.get(&name)) {
            (Outcome::Done { node, .. }, Some(entry)) => {
                done.insert(name, crate::yaml::Entry { key: entry.key, node });
            }
            (Outcome::NotFound, _) => unresolved.0.push(name),
            (Outcome::Done { .. } | Outcome::Refused, _) => {}
        }
    }
    *target = services;
    target.extend(done);
    unresolved
}

/// What became of a service that extends another.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It has all that it inherits, over so many steps.
    Done {
        /// The service.
        node: Node,
        /// Length of the chain.
        steps: usize,
    },
    /// It, or one that it extends, is not there; not reported.
    NotFound,
    /// It cannot inherit; reported.
    Refused,
}

/// Services of one scope that were looked at: each is made once, however many extend it.
type Known = BTreeMap<String, Outcome>;

/// Returns a service with all that it inherits.
fn resolve(
    loader: &mut Loader<'_>,
    set: &FileSet,
    scope: &Scope<'_>,
    name: &str,
    chain: &mut Chain,
    known: &mut Known,
    last: bool,
) -> Outcome {
    make(loader, set, scope, name, chain, known, last);
    match (known.get(name), scope.services.get(name)) {
        (Some(outcome), _) => outcome.clone(),
        (None, Some(entry)) => Outcome::Done { node: entry.node.clone(), steps: 0 },
        (None, None) => Outcome::NotFound,
    }
}

/// Makes a service that extends another known, unless it is.
fn make(
    loader: &mut Loader<'_>,
    set: &FileSet,
    scope: &Scope<'_>,
    name: &str,
    chain: &mut Chain,
    known: &mut Known,
    last: bool,
) {
    let extends = scope.services.get(name).and_then(|entry| entry.node.get("extends"));
    let Some(extends) = extends.filter(|_| !known.contains_key(name)) else { return };
    let outcome = if chain.iter().any(|(file, service, _)| file == scope.file && service == name) {
        report_cycle(loader, chain, (scope.file, name, extends.span));
        Outcome::Refused
    } else if chain.len() >= DEEPEST {
        report_depth(loader, scope.file, extends.span);
        Outcome::Refused
    } else {
        chain.push((scope.file.to_owned(), name.to_owned(), extends.span));
        let outcome = inherit(loader, set, scope, name, chain, known, last);
        chain.pop();
        outcome
    };
    known.insert(name.to_owned(), outcome);
}

/// Files, services and places on the way to the current one.
type Chain = Vec<(String, String, Span)>;

fn inherit(
    loader: &mut Loader<'_>,
    set: &FileSet,
    scope: &Scope<'_>,
    name: &str,
    chain: &mut Chain,
    known: &mut Known,
    last: bool,
) -> Outcome {
    let Some(mut own) = scope.services.get(name).map(|entry| entry.node.clone()) else {
        return Outcome::NotFound;
    };
    let Some(extends) = own.get("extends").cloned() else { return Outcome::Done { node: own, steps: 0 } };
    let (Some(wanted), file) = target_of(&extends) else {
        let path = format!("services.{name}.extends");
        loader.sink.push(
            Diagnostic::new(LoadCode::Schema, format!("`{path}` names no service"))
                .at(extends.span)
                .path(path)
                .service(name)
                .help("`extends: NAME`, or `extends: {service: NAME, file: FILE}`"),
        );
        return Outcome::Refused;
    };
    let base = match file {
        None => match resolve(loader, set, scope, &wanted, chain, known, last) {
            Outcome::NotFound if last => {
                loader.sink.push(not_found(&wanted, &extends, name, scope.services));
                return Outcome::Refused;
            }
            other => other,
        },
        Some(file) => foreign(loader, set, scope, name, &wanted, &file, &extends, chain),
    };
    let (mut base, steps) = match base {
        Outcome::Done { node, steps } => (node, steps + 1),
        other => return other,
    };
    if steps > DEEPEST {
        report_depth(loader, scope.file, extends.span);
        return Outcome::Refused;
    }
    if !loader.budget.inherit(&base, extends.span, loader.sink) {
        return Outcome::Refused;
    }
    // A null base leaves the service as it is, `extends` too (L27).
    if base.is_null() {
        return Outcome::Done { node: own, steps };
    }
    if let Some(base) = base.as_map_mut() {
        scope.resets.below(&["services", name]).apply(base);
        base.remove("extends");
    }
    retrace(&mut base, loader.sources, &TraceStep::Extends { service: wanted, by: extends.span });
    if let Some(map) = own.as_map_mut() {
        map.remove("extends");
    }
    let span = own.span;
    let mut merged =
        merge(base, own, Some(&Service::SHAPE), &Path::Root.key("services").key(name), loader.sink);
    merged.span = span;
    unique::collapse(&mut merged, &Service::SHAPE, &Path::Root.key("services").key(name), loader.sink);
    Outcome::Done { node: merged, steps }
}

/// Service and file of an `extends`.
fn target_of(extends: &Node) -> (Option<String>, Option<String>) {
    let text = |node: &Node| node.as_text().map(ToOwned::to_owned);
    match text(extends) {
        Some(service) => (Some(service), None),
        None => (extends.get("service").and_then(text), extends.get("file").and_then(text)),
    }
}

#[expect(clippy::too_many_arguments, reason = "the other half of `inherit`")]
fn foreign(
    loader: &mut Loader<'_>,
    set: &FileSet,
    scope: &Scope<'_>,
    name: &str,
    wanted: &str,
    written: &str,
    extends: &Node,
    chain: &mut Chain,
) -> Outcome {
    let place = extends.get("file").map_or(extends.span, |file| file.span);
    if super::grammar::path::is_remote(written) {
        loader.sink.push(remote(written, place));
        return Outcome::Refused;
    }
    let home = if scope.foreign { loader.home.as_deref() } else { None };
    let file = super::grammar::path::locate(scope.directory, home, written);
    let Some(read) = extended_file(loader, set, &file, place) else { return Outcome::Refused };
    let (tree, resets) = &*read;
    let empty = Mapping::new();
    let services = tree.get("services").and_then(Node::as_map).unwrap_or(&empty);
    if !services.contains_key(wanted) {
        loader.sink.push(not_found(wanted, extends, name, services));
        return Outcome::Refused;
    }
    let key = (file.clone(), set.number, wanted.to_owned());
    if let Some(outcome) = loader.inherited.get(&key) {
        return outcome.clone();
    }
    let directory = super::grammar::path::parent(&file);
    let inner = Scope { file: &file, directory: &directory, services, resets, foreign: true };
    let mut outcome = resolve(loader, set, &inner, wanted, chain, &mut Known::new(), true);
    if let Outcome::Done { node, .. } = &mut outcome {
        // Without path resolution Compose still counts from the extending file.
        let relative = super::grammar::path::relative_to(&set.directory, &directory);
        let start = if loader.request.skip.path_resolution { &relative } else { &directory };
        let base = Base { directory: start, home: loader.home.as_deref(), host: loader.host };
        paths::resolve(node, &Service::SHAPE, &base);
    }
    loader.inherited.insert(key, outcome.clone());
    outcome
}

/// Reads a file that is extended: all documents merged, interpolated with the extender's variables, in long form (L26).
fn extended_file(
    loader: &mut Loader<'_>,
    set: &FileSet,
    file: &str,
    named: Span,
) -> Option<Rc<(Node, Resets)>> {
    let key = (file.to_owned(), set.number);
    if let Some(known) = loader.extended.get(&key) {
        return known.clone();
    }
    let directory = loader.directory.clone();
    let read = document::read(
        loader.host,
        file,
        &directory,
        Some(named),
        &mut loader.budget,
        loader.sources,
        loader.sink,
    );
    let tree = read.map(|documents| {
        let mut whole: Option<Node> = None;
        let (mut resets, mut count) = (Resets::default(), 0);
        for mut document in documents {
            if !loader.budget.merge(document.tree.span, &mut count, loader.sink) {
                break;
            }
            if !loader.request.skip.interpolation {
                let mut interpolation = Interpolation {
                    environment: &set.environment,
                    allowance: &mut loader.budget.interpolated,
                    sources: loader.sources,
                    sink: loader.sink,
                    unset: &mut loader.unset,
                };
                interpolation.apply(&mut document.tree, Some(&Top::SHAPE), &Path::Root);
            }
            let merged = match whole.take() {
                None => document.tree,
                Some(mut before) => {
                    if let Some(before) = before.as_map_mut() {
                        document.resets.apply(before);
                    }
                    merge(before, document.tree, Some(&Top::SHAPE), &Path::Root, loader.sink)
                }
            };
            whole = Some(long_form(loader, merged));
            resets.add(document.resets);
        }
        whole.map(|whole| Rc::new((whole, resets)))
    });
    let tree = tree.flatten();
    loader.extended.insert(key, tree.clone());
    tree
}

fn long_form(loader: &mut Loader<'_>, mut tree: Node) -> Node {
    unique::collapse(&mut tree, &Top::SHAPE, &Path::Root, loader.sink);
    let lenient = loader.request.skip.interpolation;
    let mut context = Context { budget: &mut loader.budget, sink: loader.sink, lenient };
    canonical::lengthen(&mut tree, &Top::SHAPE, &Path::Root, &mut context);
    unique::collapse(&mut tree, &Top::SHAPE, &Path::Root, loader.sink);
    tree
}

fn not_found(wanted: &str, extends: &Node, by: &str, services: &Mapping) -> Diagnostic {
    let near = nearest(wanted, services.keys().take(MANY).map(String::as_str));
    let place = extends.get("service").map_or(extends.span, |service| service.span);
    let diagnostic = Diagnostic::new(
        LoadCode::ExtendsServiceNotFound,
        format!("`{by}` extends `{wanted}`, which does not exist"),
    )
    .at(place)
    .path(format!("services.{by}.extends"))
    .service(by);
    match near {
        Some(near) => diagnostic.label(format!("did you mean `{near}`?")).suggest(near),
        None => {
            diagnostic.help("`extends` finds services of its own file; another file is named with `file:`")
        }
    }
}

/// Says that a reference is not fetched (L25).
pub(crate) fn remote(written: &str, place: Span) -> Diagnostic {
    Diagnostic::new(LoadCode::RemoteReference, format!("`{written}` is not on this machine"))
        .at(place)
        .help("rcompose fetches nothing: put a copy of the file into the project and name that")
}

/// Reports a circle, unless one that leads through the same services was reported.
fn report_cycle(loader: &mut Loader<'_>, chain: &Chain, (file, name, span): (&str, &str, Span)) {
    let start = chain.iter().position(|(other, service, _)| other == file && service == name).unwrap_or(0);
    let circle = &chain[start..];
    let key = |(file, service, _): &(String, String, Span)| (file.clone(), service.clone());
    if loader.circling.contains(&(file.to_owned(), name.to_owned())) {
        return;
    }
    loader.circling.extend(circle.iter().map(key));
    let way: Vec<&str> = circle.iter().map(|(_, service, _)| service.as_str()).chain([name]).collect();
    let mut diagnostic =
        Diagnostic::new(LoadCode::ExtendsCycle, format!("`extends` runs in a circle: {}", way.join(" -> ")))
            .at(circle.first().map_or(span, |(_, _, span)| *span))
            .service(name)
            .help("take one of these `extends` out");
    for (_, service, span) in circle.iter().skip(1) {
        diagnostic = diagnostic.also(*span, format!("`{service}` goes on"));
    }
    loader.sink.push(diagnostic);
}

/// Reports a chain that is too long, once for each file.
fn report_depth(loader: &mut Loader<'_>, file: &str, span: Span) {
    if loader.circling.insert((file.to_owned(), String::new())) {
        loader.sink.push(
            Diagnostic::new(
                LoadCode::ExtendsCycle,
                format!("more than {DEEPEST} services extend each other in a row"),
            )
            .at(span)
            .help("extend one service that has what all of them share"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files, one};

    #[test]
    fn everything_is_inherited_and_own_keys_win() {
        let text = "services: {b: {image: i, user: u, cap_add: [A]}, a: {extends: b, user: v, cap_add: [B]}}";
        assert_eq!(one(text, "/services/a/user"), r#""v""#);
        assert_eq!(one(text, "/services/a/cap_add"), r#"["A","B"]"#);
        assert_eq!(one(text, "/services/a/image"), r#""i""#);
    }

    #[test]
    fn paths_of_an_extended_file_start_at_that_file() {
        let host = files(&[
            ("compose.yaml", "services: {a: {extends: {file: sub/base.yaml, service: b}}}"),
            ("sub/base.yaml", "services: {b: {image: i, volumes: ['./data:/d']}}"),
        ]);
        assert_eq!(at(&host, &Request::default(), "/services/a/volumes/0/source"), r#""/work/app/sub/data""#);
    }

    #[test]
    fn circles_and_missing_services_are_named_with_their_place() {
        assert_eq!(one("services: {a: {image: i, extends: b}, b: {extends: a}}", ""), "1:35 extends-cycle");
        assert_eq!(one("services: {a: {image: i, extends: c}}", ""), "1:35 extends-service-not-found");
    }

    #[test]
    fn a_service_may_extend_an_included_one() {
        let host = files(&[
            ("compose.yaml", "include: [other.yaml]\nservices: {a: {extends: b, user: u}}"),
            ("other.yaml", "services: {b: {image: i}}"),
        ]);
        assert_eq!(at(&host, &Request::default(), "/services/a/image"), r#""i""#);
    }
}
