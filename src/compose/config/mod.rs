//! What `rcompose config` prints: the project, its lists, its variables, its hashes (C, section 5).
//!
//! Makes values and lines; prints nothing.

mod hash;
mod lists;
mod origins;
mod variables;

pub(crate) use hash::hashes;
pub(crate) use lists::{List, list};
pub(crate) use origins::origins;
pub(crate) use variables::{Variables, variables};

use crate::diag::{Sink, Sources};
use crate::host::Host;

use super::keys::Key;
use super::keys::shape::{Shape, Unique};
use super::keys::top::Top;
use super::print::{Printed, PrintedValue, Printer};
use super::{Project, Request};

/// Prints a project for JSON or YAML; `$` doubled, so that reading it again gives the same project.
pub(crate) fn resolved(project: &Project, yaml: bool) -> Printed {
    let mut printed = project.print(Printer { yaml });
    printed.escape_dollars();
    printed
}

/// Loads and prints the tree before decoding: `--no-interpolate`. `$` stands as written, and in JSON an empty list is null
/// where no rule for equal items made one of it.
pub(crate) fn uninterpolated(
    request: &Request,
    host: &dyn Host,
    sources: &mut Sources,
    sink: &mut Sink,
    yaml: bool,
) -> Option<Printed> {
    let (name, tree) = super::load_tree(request, host, sources, sink)?;
    let mut printed = Printed::raw(&tree);
    if !yaml {
        empty_lists_are_null(&mut printed, Some(&Top::SHAPE));
    }
    if let PrintedValue::Named(entries) = &mut printed.value {
        entries.retain(|(key, _)| key != "name");
        let place = tree.get("name").map(|written| written.span);
        entries.insert(0, ("name".to_owned(), Printed { span: place, value: PrintedValue::Text(name) }));
    }
    Some(printed)
}

fn empty_lists_are_null(printed: &mut Printed, shape: Option<&Shape>) {
    match &mut printed.value {
        PrintedValue::List(items)
            if items.is_empty() && !shape.is_some_and(|shape| matches!(shape.unique, Unique::By(_))) =>
        {
            printed.value = PrintedValue::Null;
        }
        PrintedValue::List(items) => {
            for item in items {
                empty_lists_are_null(item, shape.and_then(Shape::item));
            }
        }
        PrintedValue::Named(entries) | PrintedValue::Fixed(entries) => {
            for (key, entry) in entries {
                empty_lists_are_null(entry, shape.and_then(|shape| shape.member(key)));
            }
        }
        _ => {}
    }
}
