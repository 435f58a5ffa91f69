//! The account of everything: what became of each key that was written, and where each written field comes from (C25,
//! sections 2 and 9 of `docs/design/cli.md`).
//!
//! Puts three things beside each other that others made: the uses of keys that loading saw, the origins that backends
//! noted, and the findings. Decides no mapping and no wording, and prints nothing.

mod fate;
mod origins;
mod place;
mod report;
mod rules;
mod sarif;
mod schema;
pub(crate) mod steps;
pub(crate) mod support;
mod text;
pub(crate) mod why;

pub(crate) use fate::{Fate, Line, lines};
pub(crate) use origins::Field;
pub(crate) use place::{Place, parse as parse_place};
pub(crate) use report::{entry, json};
pub(crate) use rules::in_words;
pub(crate) use sarif::sarif;
pub(crate) use schema::report_schema;

use std::collections::BTreeSet;

use crate::backend::Document;
use crate::compose::{self, Use};
use crate::diag::Sources;

/// What is kept of a run so that it can be accounted for.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Keys that were written, of each set of files that was loaded; one place counts once.
    pub(crate) uses: Vec<Use>,
    /// Name of the project.
    pub(crate) project: String,
    /// What a backend made of them, before a chart or overlays are made of it.
    pub(crate) documents: Vec<Document>,
}

impl Account {
    /// Adds what is written in a loaded project; what was there before, from the same place, is not added again.
    pub(crate) fn add_uses(&mut self, project: &compose::Project, sources: &Sources) {
        self.project.clone_from(&project.name);
        let seen = |used: &Use| (used.path.clone(), origins::place(used.span, sources));
        let known: BTreeSet<_> = self.uses.iter().map(seen).collect();
        let new = compose::uses(project, sources).unwrap_or_default();
        let new: Vec<Use> = new.into_iter().filter(|used| !known.contains(&seen(used))).collect();
        self.uses.extend(new);
    }
}
