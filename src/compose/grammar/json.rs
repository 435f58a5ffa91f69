//! Texts as Go's JSON writer prints them, for `config --hash` (`cli.md`).

use std::fmt::Write as _;

/// Prints a text as a JSON string with the escapes of Go: `<`, `>` and `&` as `\u003c` and so on.
pub(crate) fn go_json_string(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push('"');
    for character in text.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            '\u{8}' => result.push_str("\\b"),
            '\u{c}' => result.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(result, "\\u{:04x}", u32::from(character)).expect("a string takes every text");
            }
            other => result.push(other),
        }
    }
    result.push('"');
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        for (text, expected) in [
            ("", r#""""#),
            ("a b é 😀", r#""a b é 😀""#),
            ("a\"b\\c/", r#""a\"b\\c/""#),
            ("\n\r\t\u{8}\u{c}\0\u{1f}\u{7f}", "\"\\n\\r\\t\\b\\f\\u0000\\u001f\u{7f}\""),
            ("<a> & 'b'", r#""\u003ca\u003e \u0026 'b'""#),
            ("\u{2028}\u{2029}", r#""\u2028\u2029""#),
        ] {
            assert_eq!(go_json_string(text), expected, "{text}");
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn any_json_reader_gives_the_text_back(text in "(?s).{0,20}") {
                let read: String = serde_json::from_str(&go_json_string(&text)).expect("valid");
                prop_assert_eq!(read, text);
            }
        }
    }
}
