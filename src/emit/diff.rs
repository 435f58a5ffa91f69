//! What `-o` would change, as a unified diff (C24).

use std::time::Duration;

use similar::TextDiff;

use super::plan::Change;

/// After this long a diff may be longer than it must be, but it comes.
const DEADLINE: Duration = Duration::from_secs(5);

/// Renders changes, added and removed files too. What holds secret data is named, not shown.
pub(crate) fn diff(changes: &[Change]) -> String {
    changes.iter().map(of_one).collect()
}

fn of_one(change: &Change) -> String {
    let old_name = if change.old.is_some() { change.shown.as_str() } else { "/dev/null" };
    let new_name = if change.new.is_some() { change.shown.as_str() } else { "/dev/null" };
    let head = format!("--- {old_name}\n+++ {new_name}\n");
    if change.secret {
        return format!("{head}@@ holds secret data, not shown @@\n");
    }
    let old = String::from_utf8(change.old.clone().unwrap_or_default());
    let new = String::from_utf8(change.new.clone().unwrap_or_default());
    let (Ok(old), Ok(new)) = (old, new) else { return format!("{head}@@ binary content @@\n") };
    let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
    let diff = TextDiff::configure().timeout(DEADLINE).diff_lines(&old, &new);
    format!("{head}{}", diff.unified_diff())
}
