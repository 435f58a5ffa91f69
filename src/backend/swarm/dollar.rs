//! The `$` of a stack file (S12): the docker CLI interpolates every value once more.
//!
//! Keys of maps are not interpolated and so not escaped.

use serde_json::Value;

/// Doubles each `$` in every value of a finished tree.
pub(crate) fn escape_values(tree: &mut Value) {
    match tree {
        Value::String(text) => {
            if text.contains('$') {
                *text = escape(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(escape_values),
        Value::Object(fields) => fields.values_mut().for_each(escape_values),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Doubles each `$` of a text.
pub(crate) fn escape(text: &str) -> String {
    text.replace('$', "$$")
}

/// Reads what the docker CLI reads from an escaped value; `None` where it would look for a variable or refuse.
pub(crate) fn interpolated(text: &str) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '$' && letters.next() != Some('$') {
            return None;
        }
        result.push(letter);
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The CLI's own reading, with a variable for every name: what is not `$$` gets lost or replaced.
    fn cli(text: &str) -> Result<String, ()> {
        let letters: Vec<char> = text.chars().collect();
        let mut result = String::new();
        let mut at = 0;
        while at < letters.len() {
            if letters[at] != '$' {
                result.push(letters[at]);
                at += 1;
                continue;
            }
            match letters.get(at + 1) {
                Some('$') => {
                    result.push('$');
                    at += 2;
                }
                Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                    at += 1;
                    while letters.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
                        at += 1;
                    }
                    result.push_str("variable");
                }
                Some('{') => {
                    let end = letters[at..].iter().position(|c| *c == '}').ok_or(())?;
                    result.push_str("variable");
                    at += end + 1;
                }
                _ => return Err(()),
            }
        }
        Ok(result)
    }

    #[test]
    fn values_are_escaped_and_keys_are_not() {
        let mut tree = serde_json::json!({"a$b": "c$d", "list": ["$", 1, null, {"k": "$(x) ${y}"}]});
        escape_values(&mut tree);
        assert_eq!(tree, serde_json::json!({"a$b": "c$$d", "list": ["$$", 1, null, {"k": "$$(x) $${y}"}]}));
    }

    #[test]
    fn an_unescaped_dollar_is_seen() {
        assert_eq!(interpolated("a$b"), None);
        assert_eq!(interpolated("a$"), None);
        assert_eq!(interpolated("a$$$$b").as_deref(), Some("a$$b"));
    }

    proptest! {
        #[test]
        fn the_cli_reads_back_what_was_meant(text in "[a$_{}() -]{0,12}|\\PC{0,40}") {
            prop_assert_eq!(cli(&escape(&text)), Ok(text.clone()));
            prop_assert_eq!(interpolated(&escape(&text)), Some(text));
        }
    }
}
