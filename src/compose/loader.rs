//! What all steps of loading share: the world, the texts, the problems, and what was said already.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::diag::{Sink, SourceId, Sources, Span, TraceStep};
use crate::host::Host;
use crate::yaml::{Node, Value};

use super::budget::Budget;
use super::document::Document;
use super::environment::Environment;
use super::extends::Outcome;
use super::request::Request;
use super::tags::Resets;

/// A file that `extends` has read, with what it resets; `None` when it could not be read.
pub(crate) type ExtendedFile = Option<Rc<(Node, Resets)>>;

/// The run of one load.
pub(crate) struct Loader<'a> {
    /// What was asked for.
    pub(crate) request: &'a Request,
    /// Files.
    pub(crate) host: &'a dyn Host,
    /// Texts and traces.
    pub(crate) sources: &'a mut Sources,
    /// Problems.
    pub(crate) sink: &'a mut Sink,
    /// The user's home.
    pub(crate) home: Option<String>,
    /// Project directory; shown paths start there.
    pub(crate) directory: String,
    /// What may still be used.
    pub(crate) budget: Budget,
    /// Unset variables that were reported.
    pub(crate) unset: BTreeSet<String>,
    /// Files that `extends` has read, interpolated and made long, by path and environment.
    pub(crate) extended: BTreeMap<(String, usize), ExtendedFile>,
    /// Services of those files with all that they inherit.
    pub(crate) inherited: BTreeMap<(String, usize, String), Outcome>,
    /// Services in a circle of `extends` that was reported, by file and name.
    pub(crate) circling: BTreeSet<(String, String)>,
    /// Texts of env files and label files, by path.
    pub(crate) env_texts: BTreeMap<String, SourceId>,
    /// Number of the file set that is loaded; each has an environment of its own.
    pub(crate) file_sets: usize,
}

/// Files that are merged on top of each other, with their directory and environment.
pub(crate) struct FileSet {
    /// Documents by file, in order.
    pub(crate) files: Vec<(String, Vec<Document>)>,
    /// Directory that paths start from.
    pub(crate) directory: String,
    /// Variables.
    pub(crate) environment: Environment,
    /// Files that include this set, outermost first.
    pub(crate) including: Vec<String>,
    /// Number of this set.
    pub(crate) number: usize,
}

/// Adds a step to the trace of each value of a tree.
pub(crate) fn retrace(node: &mut Node, sources: &mut Sources, step: &TraceStep) {
    let mut known = BTreeMap::new();
    walk(node, &mut |span| {
        let before = span.trace;
        span.trace = *known.entry(before).or_insert_with(|| sources.trace(before, step.clone()));
    });
}

fn walk(node: &mut Node, change: &mut dyn FnMut(&mut Span)) {
    change(&mut node.span);
    match &mut node.value {
        Value::Map(map) => {
            for entry in map.values_mut() {
                change(&mut entry.key);
                walk(&mut entry.node, change);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| walk(item, change)),
        _ => {}
    }
}

/// Tells whether two trees hold the same, wherever they were written.
pub(crate) fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((key, entry), (other_key, other_entry))| {
                    key == other_key && same(&entry.node, &other_entry.node)
                })
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(item, other)| same(item, other))
        }
        (one, other) => one == other,
    }
}
