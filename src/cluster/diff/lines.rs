//! Two long texts as the lines that differ (A100).

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// Longer texts are told by lines even if they have one only.
const LONG: usize = 120;

/// Tells whether a change of these values is better told by lines.
pub(crate) fn is_long(before: Option<&Value>, after: Option<&Value>) -> bool {
    let long =
        |value: &Value| value.as_str().is_some_and(|text| text.contains('\n') || text.chars().count() > LONG);
    before.is_some_and(long) || after.is_some_and(long)
}

/// Returns the lines with `+`, `-` or a blank before each, three lines around each change, `…` between.
pub(crate) fn lines(before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut shown = Vec::new();
    for (index, group) in diff.grouped_ops(3).iter().enumerate() {
        if index > 0 {
            shown.push("  …".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            shown.push(format!("{sign} {}", change.value().trim_end_matches('\n')));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changed_lines_stand_among_their_neighbours() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n";
        let after = "A\nb\nc\nd\ne\nf\ng\nh\ni\nj\nK\n";
        assert_eq!(
            lines(before, after),
            ["- a", "+ A", "  b", "  c", "  d", "  …", "  h", "  i", "  j", "- k", "+ K"]
        );
    }

    #[test]
    fn short_texts_are_not_cut_into_lines() {
        assert!(
            !is_long(Some(&json!("nginx:1")), Some(&json!("nginx:2"))) && !is_long(None, Some(&json!(3)))
        );
        assert!(is_long(None, Some(&json!("a\nb"))));
    }
}
