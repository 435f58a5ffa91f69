//! The plan in the form of a unified diff, a hunk for each field: for pagers and reviews.

use serde_json::Value;

use super::{Line, Paint, fields};
use crate::cluster::diff::lines;
use crate::cluster::plan::Plan;
use crate::cluster::plan::change::{Action, Change, FieldChange};

/// Returns the diff; nothing where nothing differs.
pub(crate) fn unified(plan: &Plan) -> Vec<Line> {
    let mut shown = Vec::new();
    for change in plan.changes.iter().filter(|change| change.action != Action::Unchanged) {
        shown.extend(one(change));
    }
    for orphan in plan.orphans.iter().filter(|orphan| orphan.fate.is_deletion()) {
        shown.push(Line::of(Paint::Removed, format!("--- live/{}", orphan.identity)));
        shown.push(Line::of(Paint::Added, "+++ /dev/null"));
    }
    shown
}

fn one(change: &Change) -> Vec<Line> {
    let name = &change.identity;
    let before =
        if change.action == Action::Create { "/dev/null".to_owned() } else { format!("live/{name}") };
    let mut shown = vec![
        Line::of(Paint::Removed, format!("--- {before}")),
        Line::of(Paint::Added, format!("+++ project/{name}")),
    ];
    if let Some(reason) = change.problem.as_ref().map(|problem| &problem.text).or(change.reason.as_ref()) {
        shown.push(Line::of(
            Paint::Changed,
            format!("# {}: {}", change.action.word(), reason.replace('\n', " ")),
        ));
    }
    shown.extend(change.fields.iter().flat_map(hunk));
    shown
}

fn hunk(field: &FieldChange) -> Vec<Line> {
    let mut shown = vec![Line::of(Paint::Dim, format!("@@ {} @@", field.path))];
    if !field.masked && lines::is_long(field.before.as_ref(), field.after.as_ref()) {
        let text = |value: &Option<Value>| {
            value.as_ref().map(|value| value.as_str().map_or_else(|| format!("{value:#}"), str::to_owned))
        };
        let (before, after) =
            (text(&field.before).unwrap_or_default(), text(&field.after).unwrap_or_default());
        shown.extend(lines::lines(&before, &after).into_iter().map(|line| {
            let (sign, rest) = line.split_at(1);
            painted(sign, rest.strip_prefix(' ').unwrap_or(rest))
        }));
    } else {
        shown.extend(field.before.iter().map(|value| painted("-", &fields::value(value))));
        shown.extend(field.after.iter().map(|value| painted("+", &fields::value(value))));
    }
    shown
}

fn painted(sign: &str, text: &str) -> Line {
    let paint = match sign {
        "+" => Paint::Added,
        "-" => Paint::Removed,
        _ => Paint::Dim,
    };
    Line::of(paint, format!("{sign}{text}"))
}
