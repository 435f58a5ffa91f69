//! What a project says, key by key: each value that its authors wrote, with the row of the key table that it belongs to.
//!
//! Reads the tree as it is after merging, where every value still has its place. Knows nothing of what becomes of a key.

use std::collections::BTreeSet;

use crate::diag::{Sources, Span};
use crate::yaml::{Mapping, Node, Value};

use super::grammar::pattern::is_extension;
use super::hints;
use super::keys::Key as _;
use super::keys::shape::{Form, Merge, Shape};
use super::keys::top::Top;
use super::project::Project;

/// One value that was written: of a key, an entry of a mapping with free names, or an item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    /// Where it stands, as messages say it: `services.web.ports[0]`.
    pub(crate) path: String,
    /// The key without free names and numbers, as `explain` takes it: `services.ports`.
    pub(crate) key: String,
    /// The service it belongs to.
    pub(crate) service: Option<String>,
    /// The keys and numbers of the path.
    pub(crate) steps: Vec<String>,
    /// Place of the value.
    pub(crate) span: Span,
    /// Place of the key, of a list item the item's.
    pub(crate) key_span: Span,
    /// Places of the values that it is a part of and of their keys, the nearest first; the service or resource itself is
    /// not among them.
    pub(crate) above: Vec<Span>,
}

/// Returns what is written in the selected services, in the resources that they use, and at the top.
///
/// `None` unless the tree was kept (`Request::keep_tree`).
pub(crate) fn uses(project: &Project, sources: &Sources) -> Option<Vec<Use>> {
    let tree = project.tree.as_ref()?.as_map()?;
    let mut walk = Walk { sources, service: None, steps: Vec::new(), above: Vec::new(), found: Vec::new() };
    let used = &project.used;
    for (section, names) in [
        ("services", &project.selected),
        ("networks", &used.networks),
        ("volumes", &used.volumes),
        ("configs", &used.configs),
        ("secrets", &used.secrets),
        ("models", &used.models),
    ] {
        walk.section(tree, section, names);
    }
    for key in ["name", hints::KEY] {
        if let Some(entry) = tree.get(key) {
            let shape = Top::SHAPE.member(key);
            walk.steps = vec![key.to_owned()];
            walk.entry(&entry.node, entry.key, shape, key.to_owned(), key.to_owned());
        }
    }
    Some(walk.found)
}

struct Walk<'s> {
    sources: &'s Sources,
    service: Option<String>,
    steps: Vec<String>,
    above: Vec<Span>,
    found: Vec<Use>,
}

impl Walk<'_> {
    /// Walks the named entries of a section at the top.
    fn section(&mut self, tree: &Mapping, section: &str, names: &BTreeSet<String>) {
        let Some(entries) = tree.get(section).and_then(|entry| entry.node.as_map()) else { return };
        let shape = Top::SHAPE.member(section).and_then(named);
        for (name, entry) in entries.iter().filter(|(name, _)| names.contains(*name)) {
            self.service = (section == "services").then(|| name.clone());
            let path = format!("{section}.{name}");
            let found = self.found.len();
            self.steps = vec![section.to_owned(), name.clone()];
            if let Some(map) = entry.node.as_map() {
                self.fields(map, shape, &path, section);
            }
            // A name of which nothing is said says that there is such a thing.
            if self.found.len() == found {
                self.push(path, section.to_owned(), entry.node.span, entry.key);
            }
        }
        self.service = None;
    }

    fn push(&mut self, path: String, key: String, span: Span, key_span: Span) {
        let (service, steps, above) = (self.service.clone(), self.steps.clone(), self.above.clone());
        self.found.push(Use { path, key, service, steps, span, key_span, above });
    }

    /// Walks the keys of a mapping, and tells whether any of them was written by the author.
    fn fields(&mut self, map: &Mapping, shape: Option<&Shape>, path: &str, key: &str) -> bool {
        let free = shape.is_none_or(|shape| shape.fields().is_none());
        let mut written = false;
        for (name, entry) in map {
            // Long forms hold keys that nobody wrote: they stand where the short form does.
            let is_written = free || self.is_key(entry.key, name);
            let counts = !name.starts_with('\0') && (free || !is_extension(name) || name == hints::KEY);
            written |= is_written;
            if is_written && counts {
                let member = shape.and_then(|shape| shape.member(name));
                let below = if free && shape.is_some() { key.to_owned() } else { format!("{key}.{name}") };
                self.steps.push(name.clone());
                self.entry(&entry.node, entry.key, member, format!("{path}.{name}"), below);
                self.steps.pop();
            }
        }
        written
    }

    fn entry(&mut self, node: &Node, key_span: Span, shape: Option<&Shape>, path: String, key: String) {
        let found = self.found.len();
        self.above.splice(0..0, [node.span, key_span]);
        let opened = match &node.value {
            Value::Map(map) if !map.is_empty() => self.fields(map, shape, &path, &key),
            Value::List(items) if !items.is_empty() && !is_whole(shape) => {
                self.items(node.span, items, shape, &path, &key)
            }
            _ => false,
        };
        self.above.drain(..2);
        if !opened && self.found.len() == found {
            self.push(path, key, node.span, key_span);
        }
    }

    fn items(&mut self, span: Span, items: &[Node], shape: Option<&Shape>, path: &str, key: &str) -> bool {
        // One text that was made a list.
        if items.iter().all(|item| item.span == span) {
            return false;
        }
        let item_shape = shape.and_then(Shape::item);
        let pairs = shape.is_some_and(|shape| named(shape).is_some());
        for (index, item) in items.iter().enumerate() {
            let name = item.as_text().filter(|_| pairs).map(|text| text.split('=').next().unwrap_or(text));
            let path = name.map_or_else(|| format!("{path}[{index}]"), |name| format!("{path}.{name}"));
            self.steps.push(name.map_or_else(|| index.to_string(), str::to_owned));
            self.entry(item, item.span, item_shape, path, key.to_owned());
            self.steps.pop();
        }
        true
    }

    /// Tells whether a key stands at its place, quoted or not.
    fn is_key(&self, span: Span, key: &str) -> bool {
        let written = self.sources.snippet(span);
        written == key || written.trim_matches(['"', '\'']) == key
    }
}

/// Returns the shape of the values under free names.
fn named(shape: &Shape) -> Option<&'static Shape> {
    shape.forms.iter().find_map(|form| match form {
        Form::Named(_, value) => Some(*value),
        _ => None,
    })
}

/// Tells whether a list is one value, such as a command: what replaces it replaces all of it.
fn is_whole(shape: Option<&Shape>) -> bool {
    shape.is_some_and(|shape| shape.merge == Merge::Replace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Request, load};
    use crate::diag::Sink;
    use crate::host::MemoryHost;

    fn paths(text: &str) -> Vec<String> {
        found(text).into_iter().map(|found| found.path).collect()
    }

    fn found(text: &str) -> Vec<Use> {
        let host = MemoryHost::new().cwd("/p").file("/p/compose.yaml", text);
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let request = Request { keep_tree: true, ..Request::default() };
        let project = load(&request, &host, &mut sources, &mut sink).expect("it loads");
        assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
        uses(&project, &sources).expect("the tree was kept")
    }

    #[test]
    fn short_forms_are_one_use_and_long_forms_one_for_each_key() {
        let text = "services: {web: {image: i, ports: ['80:81', {target: 82, mode: host}], command: [a, b]}}";
        assert_eq!(
            paths(text),
            [
                "services.web.command",
                "services.web.image",
                "services.web.ports[0]",
                "services.web.ports[1].mode",
                "services.web.ports[1].target"
            ]
        );
    }

    #[test]
    fn lists_of_pairs_and_of_names_are_called_as_mappings_are() {
        let text = "services:\n  a: {image: i, environment: [A=1, B], depends_on: [b], networks: [n]}\n  b: {image: i, labels: {x.y: z}}\nnetworks: {n: }\n";
        assert_eq!(
            paths(text),
            [
                "services.a.depends_on.b",
                "services.a.environment.A",
                "services.a.environment.B",
                "services.a.image",
                "services.a.networks.n",
                "services.b.image",
                "services.b.labels.x.y",
                "networks.n"
            ]
        );
        assert_eq!(found(text)[1].key, "services.environment");
    }

    #[test]
    fn hints_count_and_other_extensions_do_not() {
        let text =
            "services: {a: {image: i, x-mine: {k: 1}, x-rcompose: {kind: Job}}}\nx-rcompose: {domain: d}";
        let keys: Vec<String> = found(text).into_iter().map(|found| found.key).collect();
        assert_eq!(keys, ["services.image", "services.x-rcompose.kind", "x-rcompose.domain"]);
    }

    #[test]
    fn text_that_became_a_list_is_one_use() {
        let text = "services: {a: {image: i, dns: 1.1.1.1, build: ., volumes: ['./d:/d']}}";
        assert_eq!(
            paths(text),
            ["services.a.build", "services.a.dns", "services.a.image", "services.a.volumes[0]"]
        );
    }
}
