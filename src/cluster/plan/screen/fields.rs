//! Single fields, on one line or, if they are long, as the lines that differ.

use serde_json::Value;

use super::{Line, Paint, Style};
use crate::cluster::diff::lines;
use crate::cluster::plan::change::{FieldChange, Op};

/// Columns before a field.
const INDENT: &str = "    ";
/// Least width of the column of paths.
const NARROWEST: usize = 28;

/// Returns the path without what every workload has in front of it.
pub(super) fn short(path: &str) -> String {
    let path = path.strip_prefix("spec.template.spec.").unwrap_or(path);
    match path.strip_suffix(".value") {
        Some(variable) if variable.contains("env[") && variable.ends_with(']') => variable.to_owned(),
        _ => path.to_owned(),
    }
}

/// Shows a value on one line: words as they are, all else as JSON.
pub(super) fn value(value: &Value) -> String {
    match value.as_str() {
        Some(text) if is_word(text) => text.to_owned(),
        _ => value.to_string(),
    }
}

/// Nothing that could be taken for another type, or that hides at the ends.
fn is_word(text: &str) -> bool {
    let reads_as_text = serde_json::from_str::<Value>(text).is_err();
    !text.is_empty() && reads_as_text && text.trim() == text && !text.contains(['\n', '\r', '\t', '"', '→'])
}

pub(super) fn shown(fields: &[FieldChange], style: Style) -> Vec<Line> {
    let width =
        fields.iter().map(|field| short(&field.path).chars().count()).max().unwrap_or(0).max(NARROWEST);
    fields.iter().flat_map(|field| one(field, width, style)).collect()
}

fn one(field: &FieldChange, width: usize, style: Style) -> Vec<Line> {
    let path = short(&field.path);
    if !field.masked && lines::is_long(field.before.as_ref(), field.after.as_ref()) {
        return by_lines(&path, field);
    }
    let mut line = Line::of(Paint::Plain, INDENT);
    line.push(Paint::Plain, format!("{path:<width$} "));
    let (before, after) = (field.before.as_ref(), field.after.as_ref());
    let json = |shown: Option<&Value>| match shown {
        // Marks are not in quotes.
        Some(shown) if field.masked => value(shown),
        Some(shown) => shown.to_string(),
        None => String::new(),
    };
    match field.op {
        Op::Add => line.push(Paint::Added, format!("+ {}", json(after))),
        Op::Remove => line.push(Paint::Removed, format!("- {}", json(before))),
        Op::Replace => {
            line.push(Paint::Removed, before.map(value).unwrap_or_default());
            line.push(Paint::Plain, if style.unicode { " → " } else { " -> " });
            line.push(Paint::Added, after.map(value).unwrap_or_default());
        }
    }
    if let Some(owner) = &field.owner {
        line.push(Paint::Dim, format!("  ({owner})"));
    }
    vec![line]
}

fn by_lines(path: &str, field: &FieldChange) -> Vec<Line> {
    let text = |shown: &Option<Value>| match shown {
        Some(Value::String(text)) => text.clone(),
        Some(other) => format!("{other:#}"),
        None => String::new(),
    };
    let mut shown = vec![Line::of(Paint::Plain, format!("{INDENT}{path}"))];
    for line in lines::lines(&text(&field.before), &text(&field.after)) {
        let paint = match line.chars().next() {
            Some('+') => Paint::Added,
            Some('-') => Paint::Removed,
            _ => Paint::Dim,
        };
        shown.push(Line::of(paint, format!("{INDENT}  {line}")));
    }
    shown
}
