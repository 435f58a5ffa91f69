//! The texts of a project as they were written: what a later file, or one that inherits, has won over, and which key stands
//! on a line.

use crate::diag::{Sink, Sources, Span};
use crate::yaml::{self, Node, Value};

use super::uses::Use;

/// The Compose files among the texts that were read, each as a tree.
pub(crate) struct Written<'s> {
    files: Vec<(&'s str, Vec<Node>)>,
}

impl<'s> Written<'s> {
    /// Reads the texts once more.
    pub(crate) fn of(sources: &'s Sources) -> Self {
        let files = sources.names().filter(|name| is_compose(name)).filter_map(|name| {
            let id = sources.find(name)?;
            Some((name, yaml::parse(id, sources.text(id), yaml::Options::default(), &mut Sink::default())))
        });
        Self { files: files.collect() }
    }

    /// Returns the places of values of the same key in texts that were read before the one that won, in that order.
    ///
    /// Nothing of lists, whose items are added and not replaced.
    pub(crate) fn overridden(&self, used: &Use, sources: &Sources) -> Vec<Span> {
        let winner = sources.name(used.span.source);
        let before = self.files.iter().take_while(|(name, _)| *name != winner);
        before.flat_map(|(_, trees)| trees).filter_map(|tree| at(tree, &used.steps)).collect()
    }

    /// Returns the steps to the key that stands on a line of a file.
    pub(crate) fn key_on(&self, file: &str, line: u32, sources: &Sources) -> Option<Vec<String>> {
        let (_, trees) = self.files.iter().find(|(name, _)| *name == file)?;
        let begins = |span: Span| sources.position(span.source, span.start).line == line;
        trees.iter().find_map(|tree| {
            let mut steps = Vec::new();
            key_where(tree, &begins, &mut steps).then_some(steps)
        })
    }
}

fn key_where(tree: &Node, begins: &dyn Fn(Span) -> bool, steps: &mut Vec<String>) -> bool {
    let inside: Vec<(String, Option<Span>, &Node)> = match &tree.value {
        Value::Map(map) => {
            map.iter().map(|(key, entry)| (key.clone(), Some(entry.key), &entry.node)).collect()
        }
        Value::List(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), None, item)).collect()
        }
        _ => Vec::new(),
    };
    for (step, key, node) in inside {
        steps.push(step);
        if key.is_some_and(begins) || key_where(node, begins, steps) {
            return true;
        }
        steps.pop();
    }
    false
}

fn is_compose(name: &str) -> bool {
    let ending = std::path::Path::new(name).extension().and_then(std::ffi::OsStr::to_str);
    matches!(ending, Some("yaml" | "yml" | "json"))
}

fn at(tree: &Node, steps: &[String]) -> Option<Span> {
    let Some((step, rest)) = steps.split_first() else { return Some(tree.span) };
    match &tree.value {
        Value::Map(map) => at(&map.get(step)?.node, rest),
        // `NAME=value` of a list that names what it holds.
        Value::List(items) if rest.is_empty() => items
            .iter()
            .find(|item| {
                item.as_text().is_some_and(|text| text.split_once('=').is_some_and(|(name, _)| name == step))
            })
            .map(|item| item.span),
        _ => None,
    }
}
