//! Text of Go templates: what users wrote is quoted so that no engine acts on it. Knows no chart.

use std::fmt::Write as _;

/// Returns text that the engine prints as it is: an action can begin in no other way (N114).
pub(super) fn literal(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

/// Returns a string of the template language, quotes included.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ if u32::from(character) <= 0xFFFF => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_users_are_no_actions_n114() {
        assert_eq!(
            literal("a {{ .Values.x }} {{- b -}} {"),
            r#"a {{ "{{" }} .Values.x }} {{ "{{" }}- b -}} {"#
        );
        assert_eq!(literal("{{{{"), r#"{{ "{{" }}{{ "{{" }}"#);
        assert_eq!(literal("}} { {"), "}} { {");
    }

    #[test]
    fn strings_stand_in_actions_n114() {
        assert_eq!(string("a\"b\\c\nd\u{e9}\u{1f600}}}"), r#""a\"b\\c\u000ad\u00e9\U0001f600}}""#);
    }
}
