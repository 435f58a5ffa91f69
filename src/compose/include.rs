//! Step 6: loads included projects and adds their resources to the including document (L22–L25).

use crate::diag::{Diagnostic, Span, TraceStep};
use crate::host::FileKind;
use crate::yaml::{Entry, Mapping, Node, Value};

use super::codes::LoadCode;
use super::document;
use super::environment::{EnvReader, Environment};
use super::extends::remote;
use super::grammar::path as grammar_path;
use super::keys::Key;
use super::keys::top::Top;
use super::load::load_file_set;
use super::loader::{FileSet, Loader, retrace, same};
use super::merge::merge;
use super::path::Path;
use super::schema;

/// Deepest chain of `include` (L17).
const DEEPEST: usize = 100;
/// What an included project gives.
const RESOURCES: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// Takes `include` out of a document and puts what it names in.
pub(crate) fn apply(loader: &mut Loader<'_>, set: &FileSet, file: &str, document: &mut Node) {
    let Some(mut include) = document.as_map_mut().and_then(|map| map.remove("include")) else { return };
    let Some(shape) = Top::SHAPE.member("include") else { return };
    if include.node.is_null()
        || !schema::check(&mut include.node, shape, &Path::Root.key("include"), loader.sink)
    {
        return;
    }
    for item in include.node.as_list().unwrap_or_default() {
        if let Some(imported) = load_item(loader, set, file, item) {
            add(loader, document, imported, item.span);
        }
    }
}

fn texts(node: Option<&Node>) -> Vec<(String, Span)> {
    let text = |node: &Node| Some((node.as_text()?.to_owned(), node.span));
    match node {
        Some(node) => match node.as_list() {
            Some(items) => items.iter().filter_map(text).collect(),
            None => text(node).into_iter().collect(),
        },
        None => Vec::new(),
    }
}

fn load_item(loader: &mut Loader<'_>, set: &FileSet, file: &str, item: &Node) -> Option<Node> {
    let paths = if item.as_text().is_some() { texts(Some(item)) } else { texts(item.get("path")) };
    let place = paths.first()?.1;
    if let Some((written, place)) = paths.iter().find(|(path, _)| grammar_path::is_remote(path)) {
        loader.sink.push(remote(written, *place));
        return None;
    }
    let files: Vec<(String, Span)> = paths
        .iter()
        .map(|(path, place)| (grammar_path::locate(&set.directory, None, path), *place))
        .collect();
    let mut including = set.including.clone();
    including.push(file.to_owned());
    if let Some((looped, _)) = files.iter().find(|(path, _)| including.contains(path))
        && files.first().is_some_and(|(path, _)| path == looped)
    {
        loader.sink.push(cycle(&including, looped, place, loader));
        return None;
    }
    if including.len() > DEEPEST {
        loader.sink.push(
            Diagnostic::new(
                LoadCode::IncludeCycle,
                format!("more than {DEEPEST} files include each other in a row"),
            )
            .at(place)
            .help("include them from one file"),
        );
        return None;
    }
    let directory = directory_of(loader, set, item, &files);
    let environment = environment_of(loader, set, item, &directory)?;
    let shown_from = loader.directory.clone();
    let mut read = Vec::new();
    for (path, place) in &files {
        if !loader.budget.include(*place, loader.sink) {
            return None;
        }
        let documents = document::read(
            loader.host,
            path,
            &shown_from,
            Some(*place),
            &mut loader.budget,
            loader.sources,
            loader.sink,
        )?;
        read.push((path.clone(), documents));
    }
    loader.file_sets += 1;
    let inner = FileSet { files: read, directory, environment, including, number: loader.file_sets };
    let mut tree = load_file_set(loader, inner)?;
    retrace(&mut tree, loader.sources, &TraceStep::Include { by: item.span });
    Some(tree)
}

/// The directory that paths of an included project start from (L23).
fn directory_of(loader: &Loader<'_>, set: &FileSet, item: &Node, files: &[(String, Span)]) -> String {
    let first = files.first().map_or_else(String::new, |(path, _)| grammar_path::parent(path));
    let Some(written) = item.get("project_directory").and_then(Node::as_text) else { return first };
    let directory = grammar_path::locate(&set.directory, None, written);
    let is_directory = loader
        .host
        .metadata(std::path::Path::new(&directory))
        .is_ok_and(|found| found.kind == FileKind::Directory);
    if is_directory || grammar_path::is_absolute(written) {
        directory
    } else {
        grammar_path::parent(&directory)
    }
}

fn environment_of(
    loader: &mut Loader<'_>,
    set: &FileSet,
    item: &Node,
    directory: &str,
) -> Option<Environment> {
    let mut environment = set.environment.clone();
    let before = loader.sink.errors();
    let named = texts(item.get("env_file"));
    let shown_from = loader.directory.clone();
    let mut reader =
        EnvReader { host: loader.host, sources: loader.sources, sink: loader.sink, shown_from: &shown_from };
    if named.is_empty() {
        reader.add_files(&mut environment, &[grammar_path::join(directory, ".env")], None, false);
    } else {
        let place = named.first().map(|(_, place)| *place);
        // `/dev/null` says "no env file" without a file to name.
        let files: Vec<String> = named
            .iter()
            .filter(|(path, _)| path != "/dev/null")
            .map(|(path, _)| grammar_path::locate(&set.directory, None, path))
            .collect();
        reader.add_files(&mut environment, &files, place, true);
    }
    (loader.sink.errors() == before).then_some(environment)
}

fn cycle(including: &[String], looped: &str, place: Span, loader: &Loader<'_>) -> Diagnostic {
    let shown = |file: &String| super::source::shown(&loader.directory, file);
    let way: Vec<String> = including.iter().map(shown).chain([shown(&looped.to_owned())]).collect();
    Diagnostic::new(LoadCode::IncludeCycle, format!("`include` runs in a circle: {}", way.join(" -> ")))
        .at(place)
        .help("take one of these `include` items out")
}

/// Adds the resources of an included project; one name may not mean two things (L24).
fn add(loader: &mut Loader<'_>, document: &mut Node, imported: Node, by: Span) {
    let Value::Map(mut imported) = imported.value else { return };
    for kind in RESOURCES {
        let Some(Value::Map(resources)) = imported.remove(kind).map(|entry| entry.node.value) else {
            continue;
        };
        if resources.is_empty() {
            continue;
        }
        let Some(map) = document.as_map_mut() else { return };
        let target = map
            .entry(kind.to_owned())
            .or_insert_with(|| Entry { key: by, node: Node::new(by, Value::Map(Mapping::new())) });
        if target.node.is_null() {
            target.node.value = Value::Map(Mapping::new());
        }
        let Some(target) = target.node.as_map_mut() else { continue };
        for (name, entry) in resources {
            add_one(loader, target, kind, name, entry);
        }
    }
}

fn add_one(loader: &mut Loader<'_>, target: &mut Mapping, kind: &str, name: String, imported: Entry) {
    let Some(own) = target.remove(&name) else {
        target.insert(name, imported);
        return;
    };
    if loader.request.newest_rules {
        let shape = Top::SHAPE.member(kind).and_then(|kind| kind.member(&name));
        let node = merge(imported.node, own.node, shape, &Path::Root.key(kind).key(&name), loader.sink);
        target.insert(name, Entry { key: own.key, node });
        return;
    }
    if !same(&own.node, &imported.node) {
        loader.sink.push(
            Diagnostic::new(LoadCode::IncludeConflict, format!("`{kind}.{name}` is defined twice, in different ways"))
                .at(own.key)
                .also(imported.key, "the included one")
                .path(format!("{kind}.{name}"))
                .help("put the changes into an override file, where they are merged (`path: [base.yaml, override.yaml]`)"),
        );
    }
    target.insert(name, own);
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files};

    #[test]
    fn an_included_project_has_its_own_directory_and_variables() {
        let host = files(&[
            ("compose.yaml", "include: [sub/compose.yaml]"),
            ("sub/compose.yaml", "services: {b: {image: 'i:${TAG}', volumes: ['./d:/d']}}"),
            ("sub/.env", "TAG=1\n"),
        ]);
        assert_eq!(at(&host, &Request::default(), "/services/b/image"), r#""i:1""#);
        assert_eq!(at(&host, &Request::default(), "/services/b/volumes/0/source"), r#""/work/app/sub/d""#);
    }

    #[test]
    fn one_name_may_not_mean_two_things() {
        let host = files(&[
            ("compose.yaml", "include: [other.yaml]\nservices: {b: {image: x}}"),
            ("other.yaml", "services: {b: {image: y}}"),
        ]);
        assert_eq!(at(&host, &Request::default(), ""), "2:12 include-conflict");
        let newest = Request { newest_rules: true, ..Request::default() };
        assert_eq!(at(&host, &newest, "/services/b/image"), r#""x""#);
    }

    #[test]
    fn a_circle_is_refused_with_its_way() {
        let host = files(&[
            ("compose.yaml", "include: [b.yaml]\nservices: {a: {image: i}}"),
            ("b.yaml", "include: [compose.yaml]\nservices: {b: {image: i}}"),
        ]);
        assert_eq!(at(&host, &Request::default(), ""), "b.yaml:1:11 include-cycle");
    }
}
