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

use super::print::{Printed, PrintedValue, Printer};
use super::{Project, Request};

/// Prints a project for JSON or YAML; `$` doubled, so that reading it again gives the same project.
pub(crate) fn resolved(project: &Project, yaml: bool) -> Printed {
    let mut printed = project.print(Printer { yaml });
    printed.escape_dollars();
    printed
}

/// Loads and prints the tree before decoding: `--no-interpolate`. `$` stands as written.
pub(crate) fn uninterpolated(
    request: &Request,
    host: &dyn Host,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Printed> {
    let (name, tree) = super::load_tree(request, host, sources, sink)?;
    let mut printed = Printed::raw(&tree);
    if let PrintedValue::Named(entries) = &mut printed.value {
        entries.retain(|(key, _)| key != "name");
        let place = tree.get("name").map(|written| written.span);
        entries.insert(0, ("name".to_owned(), Printed { span: place, value: PrintedValue::Text(name) }));
    }
    Some(printed)
}
