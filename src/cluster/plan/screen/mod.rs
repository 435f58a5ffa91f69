//! The plan as people read it (`cli.md` section 8). Lines of painted pieces: who prints them knows colours and widths.

mod age;
mod fields;
pub(crate) mod json;
pub(crate) mod schema;
pub(crate) mod text;
pub(crate) mod unified;

use super::Plan;

/// What a piece of a line means; colour is the printer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// Nothing special.
    Plain,
    /// A name.
    Bold,
    /// Places, counts.
    Dim,
    /// What comes.
    Added,
    /// What goes.
    Removed,
    /// What changes, and what is worth knowing.
    Changed,
    /// What stands in the way.
    Problem,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<(Paint, String)>);

impl Line {
    fn push(&mut self, paint: Paint, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push((paint, text));
        }
    }

    fn of(paint: Paint, text: impl Into<String>) -> Self {
        let mut line = Self::default();
        line.push(paint, text);
        line
    }
}

/// Without colour.
impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(_, text)| formatter.write_str(text))
    }
}

/// How the screen can show it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the screen or the run, of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// The console shows `→` and `±`.
    pub(crate) unicode: bool,
    /// Columns; `None` where nothing is cut.
    pub(crate) width: Option<usize>,
    /// Seconds of the epoch by the server's clock; for ages. `None` shows none.
    pub(crate) now: Option<i64>,
    /// The plan is one with `--prune`.
    pub(crate) prunes: bool,
    /// The project is taken out: what goes is no orphan.
    pub(crate) takes_out: bool,
    /// New objects are shown field by field, with what the server fills in (`--show-defaults`).
    pub(crate) defaults: bool,
}

/// One name a line: objects that would be written or deleted.
pub(crate) fn names(plan: &Plan) -> Vec<Line> {
    use super::change::Action;
    let changes = plan.changes.iter().filter(|change| change.action != Action::Unchanged);
    let orphans = plan.orphans.iter().filter(|orphan| orphan.fate.is_deletion());
    let names = changes.map(|change| change.identity.to_string());
    names
        .chain(orphans.map(|orphan| orphan.identity.to_string()))
        .map(|name| Line::of(Paint::Plain, name))
        .collect()
}

#[cfg(test)]
mod tests;
