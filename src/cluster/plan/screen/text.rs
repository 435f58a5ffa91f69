//! The plan as a text, object by object.

use super::age::ago;
use super::{Line, Paint, Style, fields};
use crate::cluster::plan::Plan;
use crate::cluster::plan::change::{Action, Change, Check, Conflict};
use crate::cluster::plan::orphan::{Fate, Orphan};

/// Column where the place or the reason begins.
const COLUMN: usize = 53;

/// Returns the whole screen; nothing where nothing differs. Objects that do not change are only counted.
pub(crate) fn text(plan: &Plan, style: Style) -> Vec<Line> {
    let changes: Vec<&Change> =
        plan.changes.iter().filter(|change| change.action != Action::Unchanged).collect();
    if changes.is_empty() && plan.orphans.is_empty() && plan.guards.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![head(plan, style), Line::default()];
    for change in changes {
        lines.extend(one(change, style));
    }
    lines.extend(plan.orphans.iter().map(|orphan| of_orphan(orphan, style)));
    for guard in &plan.guards {
        lines.push(Line::of(Paint::Problem, format!("! {}", guard.text)));
    }
    lines.push(Line::default());
    lines.push(summary(plan));
    if plan.approximate {
        lines.push(Line::of(Paint::Changed, "approximate: compared without asking the server to try"));
    }
    lines.iter().map(|line| cut(line, style)).collect()
}

fn head(plan: &Plan, style: Style) -> Line {
    let arrow = if style.unicode { "→" } else { "->" };
    let mut line = Line::of(Paint::Bold, plan.project.clone());
    line.push(Paint::Plain, format!(" {arrow} {} ", plan.context));
    line.push(Paint::Dim, format!("(cluster {}, namespace {})", plan.server, plan.namespace));
    line
}

fn one(change: &Change, style: Style) -> Vec<Line> {
    let (sign, paint) = sign(change.action, style);
    let mut lines = vec![headed(sign, paint, &change.identity.to_string(), &beside(change, style))];
    if shows_fields(change.action) || style.defaults && change.action == Action::Create {
        lines.extend(fields::shown(&change.fields, style));
    }
    if change.conflicts.len() > 1 {
        lines.extend(
            change
                .conflicts
                .iter()
                .map(|conflict| Line::of(Paint::Problem, format!("    {}", of_conflict(conflict, style)))),
        );
    }
    if change.check == Check::Later {
        lines.push(Line::of(Paint::Dim, "    checked once its namespace or kind is there"));
    }
    for warning in &change.warnings {
        lines.push(Line::of(Paint::Changed, format!("    warning: {warning}")));
    }
    lines
}

const fn shows_fields(action: Action) -> bool {
    matches!(action, Action::Update | Action::Adopt)
}

const fn sign(action: Action, style: Style) -> (&'static str, Paint) {
    match action {
        Action::Create => ("+", Paint::Added),
        Action::Update | Action::Claim | Action::Adopt => ("~", Paint::Changed),
        Action::Recreate if style.unicode => ("±", Paint::Changed),
        Action::Recreate => ("-/+", Paint::Changed),
        Action::Conflict | Action::Foreign | Action::Rejected => ("!", Paint::Problem),
        Action::Unchanged => ("=", Paint::Dim),
    }
}

/// What stands beside the name: a reason, or else the place in the user's files.
fn beside(change: &Change, style: Style) -> String {
    let place = change.place.clone().unwrap_or_default();
    let reason = change.reason.clone().unwrap_or_default();
    match change.action {
        Action::Create | Action::Update if reason.is_empty() => place,
        Action::Create | Action::Update | Action::Foreign => reason,
        Action::Unchanged => "unchanged".to_owned(),
        Action::Claim => "claim: values stay, its fields become ours".to_owned(),
        Action::Adopt => format!("adopt: {reason}"),
        Action::Recreate => format!("recreate: {reason}"),
        Action::Rejected => format!("rejected: {reason}"),
        Action::Conflict => match change.conflicts.as_slice() {
            [one] => format!("conflict: {}", of_conflict(one, style)),
            many => format!("conflict: {} fields", many.len()),
        },
    }
}

/// `spec.replicas is 7, ours 3; kubectl-edit, 2h ago`.
fn of_conflict(conflict: &Conflict, style: Style) -> String {
    let shown =
        |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "unset".to_owned(), fields::value);
    let through = conflict.subresource.as_ref().map(|name| format!(" through `{name}`")).unwrap_or_default();
    let since = conflict.since.as_deref().and_then(|since| ago(since, style.now));
    format!(
        "{} is {}, ours {}; {}{through}{}",
        fields::short(&conflict.path),
        shown(&conflict.live),
        shown(&conflict.ours),
        conflict.manager,
        since.map(|since| format!(", {since}")).unwrap_or_default()
    )
}

fn of_orphan(orphan: &Orphan, style: Style) -> Line {
    let size = orphan.size.as_ref().map(|size| format!(", {size}")).unwrap_or_default();
    let (paint, text) = match &orphan.fate {
        Fate::Kept if style.takes_out => (Paint::Dim, "kept".to_owned()),
        Fate::Kept if style.prunes => (Paint::Dim, "orphan, kept".to_owned()),
        Fate::Kept => (Paint::Dim, "orphan, kept (--prune removes it)".to_owned()),
        Fate::Prune if style.takes_out => (Paint::Removed, format!("deleted{size}")),
        Fate::Prune => (Paint::Removed, format!("orphan, deleted{size}")),
        Fate::Superseded => (Paint::Removed, "superseded, deleted".to_owned()),
        Fate::Retained(reason) if style.takes_out => (Paint::Dim, format!("kept: {reason}")),
        Fate::Retained(reason) => (Paint::Dim, format!("orphan, kept: {reason}")),
    };
    headed("-", paint, &orphan.identity.to_string(), &text)
}

fn headed(sign: &str, paint: Paint, name: &str, beside: &str) -> Line {
    let mut line = Line::of(paint, format!("{sign} "));
    line.push(Paint::Bold, name);
    let used = sign.chars().count() + 1 + name.chars().count();
    if !beside.is_empty() {
        line.push(Paint::Plain, " ".repeat(COLUMN.saturating_sub(used).max(2)));
        line.push(Paint::Dim, beside);
    }
    line
}

/// `1 to update, 1 to create, 1 conflict, 14 unchanged`.
pub(crate) fn summary(plan: &Plan) -> Line {
    const WORDS: &[(&str, &str, &str)] = &[
        ("update", "to update", "to update"),
        ("claim", "to claim", "to claim"),
        ("adopt", "to adopt", "to adopt"),
        ("create", "to create", "to create"),
        ("recreate", "to recreate", "to recreate"),
        ("delete", "to delete", "to delete"),
        ("superseded", "superseded to delete", "superseded to delete"),
        ("conflict", "conflict", "conflicts"),
        ("foreign", "of others", "of others"),
        ("rejected", "rejected", "rejected"),
        ("orphan", "orphan", "orphans"),
        ("retained", "kept", "kept"),
        ("unchanged", "unchanged", "unchanged"),
    ];
    let counts = plan.summary();
    let parts: Vec<String> = WORDS
        .iter()
        .filter_map(|(key, one, many)| {
            counts.get(key).map(|count| (count, if *count == 1 { one } else { many }))
        })
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    Line::of(Paint::Plain, if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") })
}

/// Cuts a line at the width of the screen.
fn cut(line: &Line, style: Style) -> Line {
    let Some(width) = style.width.filter(|width| line.to_string().chars().count() > *width) else {
        return line.clone();
    };
    let mark = if style.unicode { "…" } else { "..." };
    let mut left = width.saturating_sub(mark.chars().count());
    let mut short = Line::default();
    for (paint, text) in &line.0 {
        short.push(*paint, text.chars().take(left).collect::<String>());
        left = left.saturating_sub(text.chars().count());
    }
    short.push(Paint::Dim, mark);
    short
}
