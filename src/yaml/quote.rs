//! Text to a scalar that every reader of YAML 1.1 and 1.2 takes for the same text. Knows no layout.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Words that some reader takes for a boolean, null or number, in lower case.
const WORDS: &[&str] =
    &["false", "inf", "infinity", "n", "nan", "no", "null", "off", "on", "true", "y", "yes"];

/// Returns a text as it is if no reader mistakes it, else in quotes. Always one line.
pub(crate) fn plain_or_quoted(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        Cow::Borrowed(text)
    } else if text.contains(['"', '\\']) && text.chars().all(is_printable) {
        Cow::Owned(format!("'{}'", text.replace('\'', "''")))
    } else {
        Cow::Owned(double_quoted(text))
    }
}

fn is_plain(text: &str) -> bool {
    begins_plainly(text)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_printable)
        && !is_word(text)
        && !is_like_a_number(text)
        // Ends the document where it stands at the beginning of a line.
        && !text.starts_with("...")
}

fn begins_plainly(text: &str) -> bool {
    let mut characters = text.chars();
    match characters.next() {
        // An option such as `-v` or `--all`; a dash before anything else could begin a list or a document.
        Some('-') => {
            text.trim_start_matches('-').starts_with(char::is_alphabetic) && !text.starts_with("---")
        }
        Some('/' | '_' | '$' | '.' | '(') => true,
        Some(first) => first.is_alphanumeric(),
        None => false,
    }
}

fn is_word(text: &str) -> bool {
    let word = text.trim_start_matches(['-', '.']);
    word.len() <= 8 && WORDS.contains(&word.to_ascii_lowercase().as_str())
}

/// Tells whether a reader could take the text for a number, a time or a date: `1_000`, `0x1F`, `22:22`, `2020-01-01`.
fn is_like_a_number(text: &str) -> bool {
    let number = |byte: u8| {
        byte.is_ascii_hexdigit() || b"_.:+-, ".contains(&byte) || b"xotz".contains(&byte.to_ascii_lowercase())
    };
    text.starts_with(|first: char| first.is_ascii_digit() || first == '.') && text.bytes().all(number)
}

/// Tells whether a character may stand in a text as it is. Breaks and tabs may not, nor what cannot be seen or turns
/// the direction of writing.
pub(super) const fn is_printable(character: char) -> bool {
    match character {
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => false,
        ' '..='~' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'.. => true,
        _ => false,
    }
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if is_printable(character) => quoted.push(character),
            // Characters that are not printable have at most four digits.
            _ => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
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
    fn text_that_nobody_mistakes_is_plain() {
        for text in [
            "nginx",
            "nginx:1.27",
            "/data",
            "_x",
            "$HOME",
            "${A:-b}",
            ".env",
            "(x)",
            "-v",
            "--all",
            "10m",
            "500Mi",
            "10.0.0.0/8",
            "a b",
            "a#b",
            "éa",
            "yes sir",
            "3306/tcp",
            "http://x:80/?a=b&c=[d]",
            "it's",
            "a \"b\" \\c",
        ] {
            assert_eq!(plain_or_quoted(text), text);
        }
    }

    #[test]
    fn what_a_reader_could_mistake_is_quoted() {
        for text in [
            "",
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "N",
            "true",
            "NULL",
            "nan",
            "-inf",
            ".NaN",
            "0755",
            "1.10",
            "1_000",
            "0x1F",
            "1e3",
            "22:22",
            "2020-01-01",
            "2001-12-14 21:59:43",
            "1,000",
            "12ab",
            ".5",
            ".",
            "..",
            "...",
            "...a",
            "-",
            "--",
            "---",
            "--- a",
            "-1",
            "- a",
            "-\"",
            "a: b",
            "a:",
            "a #b",
            " a",
            "a ",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a'",
            "%a",
            "@a",
            "`a",
            "{a",
            "[a",
            "]",
            "}",
            ",",
            "?",
            "? a",
            ":",
            ":a",
            "=",
            "<<",
            "~",
            "+1",
        ] {
            assert_eq!(plain_or_quoted(text), format!("\"{text}\"").replace("\"-\"\"", "'-\"'"));
        }
    }

    #[test]
    fn single_quotes_spare_backslashes() {
        assert_eq!(plain_or_quoted("{\"a\": 'b\\d'}"), "'{\"a\": ''b\\d''}'");
        assert_eq!(plain_or_quoted("{\"a\"}\n"), r#""{\"a\"}\n""#);
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        let text = "a\t\r\0\u{1B}\u{85}\u{200B}\u{202E}\u{FEFF}\u{FFFF}é😀";
        assert_eq!(plain_or_quoted(text), r#""a\t\r\u0000\u001B\u0085\u200B\u202E\uFEFF\uFFFFé😀""#);
    }
}
