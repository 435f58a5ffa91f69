//! Step 4: gives each service what it inherits (L26, L27).

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
    let Some(services) = document.get("services").and_then(Node::as_map).cloned() else {
        return Unresolved::default();
    };
    let scope = Scope { file, directory: &set.directory, services: &services, resets, foreign: false };
    let mut unresolved = Unresolved::default();
    let mut done = Mapping::new();
    for (name, entry) in &services {
        if entry.node.get("extends").is_none() {
            continue;
        }
        let mut chain = Vec::new();
        match resolve(loader, set, &scope, name, &mut chain, last) {
            Outcome::Done(node) => {
                done.insert(name.clone(), crate::yaml::Entry { key: entry.key, node });
            }
            Outcome::NotFound => unresolved.0.push(name.clone()),
            Outcome::Refused => {}
        }
    }
    if let Some(target) = document
        .as_map_mut()
        .and_then(|map| map.get_mut("services"))
        .and_then(|entry| entry.node.as_map_mut())
    {
        target.extend(done);
    }
    unresolved
}

enum Outcome {
    Done(Node),
    NotFound,
    Refused,
}

fn resolve(
    loader: &mut Loader<'_>,
    set: &FileSet,
    scope: &Scope<'_>,
    name: &str,
    chain: &mut Vec<(String, String, Span)>,
    last: bool,
) -> Outcome {
    let Some(entry) = scope.services.get(name) else { return Outcome::NotFound };
    let own = entry.node.clone();
    let Some(extends) = own.get("extends").cloned() else { return Outcome::Done(own) };
    if chain.iter().any(|(file, service, _)| file == scope.file && service == name) || chain.len() >= DEEPEST
    {
        loader.sink.push(cycle(chain, name, extends.span));
        return Outcome::Refused;
    }
    chain.push((scope.file.to_owned(), name.to_owned(), extends.span));
    let outcome = inherit(loader, set, scope, name, own, &extends, chain, last);
    chain.pop();
    outcome
}

#[expect(
    clippy::too_many_arguments,
    reason = "one recursive step; a struct of its arguments would live for one call"
)]
fn inherit(
    loader: &mut Loader<'_>,
    set: &FileSet,
    scope: &Scope<'_>,
    name: &str,
    mut own: Node,
    extends: &Node,
    chain: &mut Vec<(String, String, Span)>,
    last: bool,
) -> Outcome {
    let (Some(wanted), file) = target_of(extends) else {
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
        None => {
            let outcome = resolve(loader, set, scope, &wanted, chain, last);
            match outcome {
                Outcome::NotFound if last => {
                    let names = scope.services.keys().map(String::as_str);
                    loader.sink.push(not_found(&wanted, extends, name, nearest(&wanted, names)));
                    return Outcome::Refused;
                }
                other => other,
            }
        }
        Some(file) => foreign(loader, set, scope, name, &wanted, &file, extends, chain),
    };
    let mut base = match base {
        Outcome::Done(base) => base,
        other => return other,
    };
    // A null base leaves the service as it is, `extends` too (L27).
    if base.is_null() {
        return Outcome::Done(own);
    }
    scope.resets.below(&["services", name]).apply(&mut base);
    retrace(&mut base, loader.sources, &TraceStep::Extends { service: wanted, by: extends.span });
    if let Some(map) = own.as_map_mut() {
        map.remove("extends");
    }
    if let Some(map) = base.as_map_mut() {
        map.remove("extends");
    }
    let span = own.span;
    let mut merged =
        merge(base, own, Some(&Service::SHAPE), &Path::Root.key("services").key(name), loader.sink);
    merged.span = span;
    unique::collapse(&mut merged, &Service::SHAPE, &Path::Root.key("services").key(name), loader.sink);
    Outcome::Done(merged)
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
    chain: &mut Vec<(String, String, Span)>,
) -> Outcome {
    let place = extends.get("file").map_or(extends.span, |file| file.span);
    if super::grammar::path::is_remote(written) {
        loader.sink.push(remote(written, place));
        return Outcome::Refused;
    }
    let home = loader.home.clone();
    let base = Base {
        directory: scope.directory,
        home: if scope.foreign { home.as_deref() } else { None },
        host: loader.host,
    };
    let file = super::grammar::path::locate(scope.directory, base.home, written);
    let Some((tree, resets)) = extended_file(loader, set, &file, place) else { return Outcome::Refused };
    let services = tree.get("services").and_then(Node::as_map).cloned().unwrap_or_default();
    if !services.contains_key(wanted) {
        loader.sink.push(not_found(
            wanted,
            extends,
            name,
            nearest(wanted, services.keys().map(String::as_str)),
        ));
        return Outcome::Refused;
    }
    let directory = super::grammar::path::parent(&file);
    let inner =
        Scope { file: &file, directory: &directory, services: &services, resets: &resets, foreign: true };
    match resolve(loader, set, &inner, wanted, chain, true) {
        Outcome::Done(mut node) => {
            // Without path resolution Compose still counts from the extending file.
            let relative = super::grammar::path::relative_to(&set.directory, &directory);
            let start = if loader.request.skip.path_resolution { &relative } else { &directory };
            let base = Base { directory: start, home: loader.home.as_deref(), host: loader.host };
            paths::resolve(&mut node, &Service::SHAPE, &base);
            Outcome::Done(node)
        }
        other => other,
    }
}

/// Reads a file that is extended: all documents merged, interpolated with the extender's variables, in long form (L26).
fn extended_file(loader: &mut Loader<'_>, set: &FileSet, file: &str, named: Span) -> Option<(Node, Resets)> {
    let key = (file.to_owned(), set.number);
    if let Some(known) = loader.extended.get(&key) {
        return known.clone();
    }
    let directory = loader.directory.clone();
    let read = document::read(loader.host, file, &directory, Some(named), loader.sources, loader.sink);
    let tree = read.map(|documents| {
        let mut whole: Option<Node> = None;
        let mut resets = Resets::default();
        for mut document in documents {
            if !loader.request.skip.interpolation {
                let mut interpolation = Interpolation {
                    environment: &set.environment,
                    sources: loader.sources,
                    sink: loader.sink,
                    unset: &mut loader.unset,
                };
                interpolation.apply(&mut document.tree, Some(&Top::SHAPE), &Path::Root);
            }
            let merged = match whole.take() {
                None => document.tree,
                Some(mut before) => {
                    document.resets.apply(&mut before);
                    merge(before, document.tree, Some(&Top::SHAPE), &Path::Root, loader.sink)
                }
            };
            whole = Some(long_form(loader, set, merged));
            resets.add(document.resets);
        }
        whole.map(|whole| (whole, resets))
    });
    let tree = tree.flatten();
    loader.extended.insert(key, tree.clone());
    tree
}

fn long_form(loader: &mut Loader<'_>, set: &FileSet, mut tree: Node) -> Node {
    unique::collapse(&mut tree, &Top::SHAPE, &Path::Root, loader.sink);
    let lenient = loader.request.skip.interpolation;
    let mut context = Context { environment: &set.environment, sink: loader.sink, lenient };
    canonical::lengthen(&mut tree, &Top::SHAPE, &Path::Root, &mut context);
    unique::collapse(&mut tree, &Top::SHAPE, &Path::Root, loader.sink);
    tree
}

fn not_found(wanted: &str, extends: &Node, by: &str, near: Option<&str>) -> Diagnostic {
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

fn cycle(chain: &[(String, String, Span)], name: &str, span: Span) -> Diagnostic {
    let way: Vec<&str> = chain.iter().map(|(_, service, _)| service.as_str()).chain([name]).collect();
    let mut diagnostic =
        Diagnostic::new(LoadCode::ExtendsCycle, format!("`extends` runs in a circle: {}", way.join(" -> ")))
            .at(chain.first().map_or(span, |(_, _, span)| *span))
            .service(name)
            .help("take one of these `extends` out");
    for (_, service, span) in chain.iter().skip(1) {
        diagnostic = diagnostic.also(*span, format!("`{service}` goes on"));
    }
    diagnostic
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
        assert_eq!(
            one("services: {a: {image: i, extends: b}, b: {extends: a}}", ""),
            "1:35 extends-cycle\n1:52 extends-cycle"
        );
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
