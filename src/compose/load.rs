//! The order of the load steps (L1). It stands here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Sink, Sources};
use crate::host::Host;
use crate::model::NameSource;
use crate::yaml::{Entry, Mapping, Node, Value};

use super::budget::Budget;
use super::canonical;
use super::check;
use super::codes::LoadCode;
use super::complete;
use super::discovery::{self, Discovery};
use super::document::{self, Document};
use super::env_files;
use super::environment::Environment;
use super::extends;
use super::grammar::path as grammar_path;
use super::grammar::project_name;
use super::include;
use super::interpolate::Interpolation;
use super::keys::Key;
use super::keys::long::Context;
use super::keys::top::Top;
use super::loader::{FileSet, Loader};
use super::merge::merge;
use super::path::Path;
use super::paths::{self, Base};
use super::project::Project;
use super::request::Request;
use super::schema;
use super::selection;
use super::unique;

/// Loads a project as `docker compose config` does; `None` when there is no project at all.
///
/// Problems go to the sink, as many as can be found in one run; a project with errors is for `check` only.
pub fn load(request: &Request, host: &dyn Host, sources: &mut Sources, sink: &mut Sink) -> Option<Project> {
    let project = steps(request, host, sources, sink);
    // A value that two steps look at is reported by both.
    sink.forget_repeats();
    project
}

fn steps(request: &Request, host: &dyn Host, sources: &mut Sources, sink: &mut Sink) -> Option<Project> {
    let mut run = start(request, host, sources, sink)?;
    let mut tree = load_file_set(&mut run.loader, run.set)?;
    let kept = request.keep_tree.then(|| tree.clone());
    if !run.loader.request.skip.normalisation {
        complete::complete(&mut tree, &run.name, &run.environment); // 9
    }
    let top = Top::decode(tree, &Path::Root, run.loader.sink)?;
    let mut project =
        Project::new(run.name, run.name_source, run.loader.directory.clone(), run.environment, top);
    project.tree = kept;
    selection::activate(&mut project, request); // 10
    if !request.skip.consistency {
        check::check(&mut project, run.loader.sink);
    }
    if !request.skip.env_files {
        env_files::resolve(&mut project, &mut run.loader);
    }
    selection::select(&mut project, request, run.loader.sink); // 11
    if !request.skip.consistency {
        check::check_selected(&project, run.loader.sink);
    }
    Some(project)
}

/// Loads the tree alone, as it is before decoding: `config --no-interpolate`.
pub(crate) fn load_tree(
    request: &Request,
    host: &dyn Host,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<(String, Node)> {
    let mut run = start(request, host, sources, sink)?;
    let mut tree = load_file_set(&mut run.loader, run.set)?;
    if !run.loader.request.skip.normalisation {
        // Without interpolation no variable is looked up, of keys without value neither.
        complete::complete(&mut tree, &run.name, &Environment::default());
    }
    Some((run.name, tree))
}

struct Run<'a> {
    loader: Loader<'a>,
    set: FileSet,
    name: String,
    name_source: NameSource,
    environment: Environment,
}

/// Step 1, and reading the top files, whose `name:` is needed for the environment.
fn start<'a>(
    request: &'a Request,
    host: &'a dyn Host,
    sources: &'a mut Sources,
    sink: &'a mut Sink,
) -> Option<Run<'a>> {
    let Discovery { files, directory, mut environment, home } =
        discovery::discover(request, host, sources, sink)?; // 1
    let mut budget = Budget::default();
    let mut read = Vec::new();
    for file in files {
        let documents = document::read(host, &file, &directory, None, &mut budget, sources, sink); // 2
        read.push((file, documents?));
    }
    let (name, name_source) = project_name(request, &environment, &directory, &read, sink)?;
    environment.set("COMPOSE_PROJECT_NAME", name.clone());
    let loader = Loader {
        request,
        host,
        sources,
        sink,
        home,
        directory: directory.clone(),
        budget,
        unset: BTreeSet::new(),
        extended: BTreeMap::new(),
        inherited: BTreeMap::new(),
        circling: BTreeSet::new(),
        env_texts: BTreeMap::new(),
        file_sets: 0,
    };
    let set = FileSet {
        files: read,
        directory,
        environment: environment.clone(),
        including: Vec::new(),
        number: 0,
    };
    Some(Run { loader, set, name, name_source, environment })
}

/// Steps 3 to 8 for the top files and for each include. `None` when nothing is left to go on with.
pub(crate) fn load_file_set(loader: &mut Loader<'_>, mut set: FileSet) -> Option<Node> {
    let mut merged = Mapping::new();
    let (mut first, mut count) = (None, 0);
    let files = std::mem::take(&mut set.files);
    let name = files.first().map_or_else(String::new, |(file, _)| file.clone());
    for (file, documents) in files {
        for document in documents {
            if !loader.budget.merge(document.tree.span, &mut count, loader.sink) {
                break;
            }
            first = first.or(Some(document.tree.span));
            add_document(loader, &set, &file, document, &mut merged);
        }
    }
    if loader.budget.is_used_up() {
        return None;
    }
    if merged.is_empty() {
        if !loader.sink.has_errors() {
            loader.sink.push(empty(&set.directory, &name, loader.sources));
        }
        return None;
    }
    let mut merged = Node::new(first?, Value::Map(merged));
    let mut context =
        Context { budget: &mut loader.budget, sink: loader.sink, lenient: loader.request.skip.interpolation };
    canonical::settle(&mut merged, &Top::SHAPE, &Path::Root, &mut context); // 8
    let relative = grammar_path::relative_to(&loader.directory, &set.directory);
    let start = match (loader.request.skip.path_resolution, set.number) {
        (false, _) => Some(&set.directory),
        // Without path resolution an included project still counts from the including one.
        (true, 1..) => Some(&relative),
        (true, 0) => None,
    };
    if let Some(directory) = start {
        let base = Base { directory, home: loader.home.as_deref(), host: loader.host };
        paths::resolve(&mut merged, &Top::SHAPE, &base);
    }
    if !loader.request.skip.interpolation {
        complete::look_up(&mut merged, &set.environment, loader.sink);
    }
    Some(merged)
}

fn add_document(
    loader: &mut Loader<'_>,
    set: &FileSet,
    file: &str,
    document: Document,
    merged: &mut Mapping,
) {
    let Document { mut tree, resets } = document;
    if !loader.request.skip.interpolation {
        let mut interpolation = Interpolation {
            environment: &set.environment,
            allowance: &mut loader.budget.interpolated,
            sources: loader.sources,
            sink: loader.sink,
            unset: &mut loader.unset,
        };
        interpolation.apply(&mut tree, Some(&Top::SHAPE), &Path::Root); // 3
    }
    let includes = tree.get("include").is_some();
    let unresolved = extends::apply(loader, set, file, &mut tree, &resets, !includes); // 4
    resets.apply(merged); // 5
    include::apply(loader, set, file, &mut tree); // 6
    if !unresolved.is_empty() {
        extends::apply(loader, set, file, &mut tree, &resets, true); // 4, once more: see L1
    }
    resets.report(loader.sink);
    let before = Node::new(tree.span, Value::Map(take_touched(merged, &tree)));
    let mut part = merge(before, tree, Some(&Top::SHAPE), &Path::Root, loader.sink); // 7
    unique::collapse(&mut part, &Top::SHAPE, &Path::Root, loader.sink);
    schema::check(&mut part, &Top::SHAPE, &Path::Root, loader.sink);
    drop_version(&mut part, loader.sink);
    let mut context =
        Context { budget: &mut loader.budget, sink: loader.sink, lenient: loader.request.skip.interpolation };
    canonical::lengthen(&mut part, &Top::SHAPE, &Path::Root, &mut context);
    unique::collapse(&mut part, &Top::SHAPE, &Path::Root, loader.sink);
    put_back(merged, part);
}

/// Takes out of what was merged before what a document speaks of: sections, and in them single services and resources.
/// The rest went through the same steps before and is not looked at again, else many documents cost their square.
fn take_touched(merged: &mut Mapping, document: &Node) -> Mapping {
    let mut touched = Mapping::new();
    for (key, section) in document.as_map().into_iter().flatten() {
        let Some(mut entry) = merged.remove(key) else { continue };
        if let Some(before) = entry.node.as_map_mut() {
            let mut rest = std::mem::take(before);
            for name in section.node.as_map().into_iter().flat_map(Mapping::keys) {
                before.extend(rest.remove_entry(name));
            }
            let place = Node::new(entry.node.span, Value::Map(rest));
            merged.insert(key.clone(), Entry { key: entry.key, node: place });
        }
        touched.insert(key.clone(), entry);
    }
    touched
}

fn put_back(merged: &mut Mapping, part: Node) {
    let Value::Map(part) = part.value else { return };
    for (key, mut entry) in part {
        if let (Some(rest), Some(named)) = (merged.remove(&key), entry.node.as_map_mut())
            && let Value::Map(mut rest) = rest.node.value
        {
            // The larger one takes the smaller one in.
            if rest.len() > named.len() {
                std::mem::swap(&mut rest, named);
            }
            named.append(&mut rest);
        }
        merged.insert(key, entry);
    }
}

fn drop_version(tree: &mut Node, sink: &mut Sink) {
    if let Some(version) = tree.as_map_mut().and_then(|map| map.remove("version")) {
        sink.push(
            Diagnostic::new(LoadCode::VersionObsolete, "`version` means nothing any more")
                .at(version.key)
                .path("version")
                .help("remove the line"),
        );
    }
}

fn empty(directory: &str, name: &str, sources: &mut Sources) -> Diagnostic {
    let shown = super::source::shown(directory, name);
    let id = sources.find(&shown).unwrap_or_else(|| sources.add(shown.clone(), ""));
    Diagnostic::new(LoadCode::EmptyFile, format!("`{shown}` defines nothing"))
        .at(document::beginning(id, sources))
        .help("write `services:` and the services below it")
}

/// Finds the project's name (L7); `None` when there is none that could be one.
fn project_name(
    request: &Request,
    environment: &Environment,
    directory: &str,
    files: &[(String, Vec<Document>)],
    sink: &mut Sink,
) -> Option<(String, NameSource)> {
    let given = request.project_name.as_deref().filter(|name| !name.is_empty());
    if let Some(name) = given.or_else(|| environment.filled("COMPOSE_PROJECT_NAME")) {
        if project_name::check(name).is_ok() {
            return Some((name.to_owned(), NameSource::Written));
        }
        sink.push(
            Diagnostic::new(LoadCode::InvalidProjectName, format!("`{name}` cannot be a project's name"))
                .help(format!(
                    "lower-case letters, digits, `-` and `_`, a letter or digit first; `{}` would do",
                    project_name::normalise(name)
                )),
        );
        return None;
    }
    let mut written = None;
    for node in
        files.iter().flat_map(|(_, documents)| documents).filter_map(|document| document.tree.get("name"))
    {
        let text = node.as_text().unwrap_or_default();
        let replaced = if request.skip.interpolation {
            Ok(text.to_owned())
        } else {
            super::grammar::interpolation::interpolate(text, &mut |name| {
                environment.get(name).map(ToOwned::to_owned)
            })
            .map(|replaced| replaced.text)
        };
        // What cannot be read is reported with the rest of the document.
        let name = project_name::normalise(&replaced.unwrap_or_default());
        if !name.is_empty() {
            written = Some((name, NameSource::Written));
        }
    }
    let found = written.unwrap_or_else(|| {
        (project_name::normalise(grammar_path::base_name(directory)), NameSource::Directory)
    });
    if found.0.is_empty() {
        sink.push(
            Diagnostic::new(
                LoadCode::EmptyProjectName,
                "the project has no name: its directory's name has no letter or digit",
            )
            .help("write `name:` into the Compose file, or give `-p NAME`"),
        );
        return None;
    }
    Some(found)
}
