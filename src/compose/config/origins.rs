//! `--origins`: where each printed value comes from, by its path.

use std::collections::BTreeMap;

use crate::compose::print::{Printed, PrintedValue};
use crate::diag::Sources;

/// Returns `file:line` by path; a path is the keys and indices down to a value.
pub(crate) fn origins(printed: &Printed, sources: &Sources) -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    walk(printed, sources, &mut Vec::new(), &mut found);
    found
}

fn walk(
    printed: &Printed,
    sources: &Sources,
    path: &mut Vec<String>,
    found: &mut BTreeMap<Vec<String>, String>,
) {
    if let Some(span) = printed.span
        && !path.is_empty()
    {
        let position = sources.position(span.source, span.start);
        found.insert(path.clone(), format!("{}:{}", sources.name(span.source), position.line));
    }
    match &printed.value {
        PrintedValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                walk(item, sources, path, found);
                path.pop();
            }
        }
        PrintedValue::Named(entries) | PrintedValue::Fixed(entries) => {
            for (key, entry) in entries {
                path.push(key.clone());
                walk(entry, sources, path, found);
                path.pop();
            }
        }
        PrintedValue::Null
        | PrintedValue::Bool(_)
        | PrintedValue::Int(_)
        | PrintedValue::Float(_)
        | PrintedValue::Text(_) => {}
    }
}
