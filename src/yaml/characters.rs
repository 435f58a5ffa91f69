//! Characters that yaml.v3 refuses everywhere, and those that break lines for it but not for YAML 1.2 (L12).

/// A character that needs a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not allowed in a text, not even in a comment.
    Control,
    /// U+0085, U+2028 or U+2029.
    LineBreak,
}

/// Returns such characters with their byte offsets. Looks at bytes, since almost all of them are ASCII.
pub(super) fn find(text: &str) -> impl Iterator<Item = (usize, char, Found)> {
    let bytes = text.as_bytes();
    let suspicious = |byte: u8| match byte {
        b'\t' | b'\n' | b'\r' => false,
        0xC2 | 0xE2 | 0xEF => true,
        _ => byte < 0x20 || byte == 0x7F,
    };
    let offsets = (0..bytes.len()).filter(move |offset| suspicious(bytes[*offset]));
    offsets.filter_map(move |offset| {
        let character = text[offset..].chars().next()?;
        let found = match character {
            '\u{85}' | '\u{2028}' | '\u{2029}' => Found::LineBreak,
            '\u{FFFE}' | '\u{FFFF}' => Found::Control,
            character if character.is_control() => Found::Control,
            _ => return None,
        };
        Some((offset, character, found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_further_line_breaks_are_found() {
        let found: Vec<_> = find("a\t\r\nü—\u{FEFF}\u{1}\u{7F}\u{85}\u{9F}\u{2028}\u{FFFF}😀")
            .map(|(_, character, found)| (character, found))
            .collect();
        assert_eq!(
            found,
            [
                ('\u{1}', Found::Control),
                ('\u{7F}', Found::Control),
                ('\u{85}', Found::LineBreak),
                ('\u{9F}', Found::Control),
                ('\u{2028}', Found::LineBreak),
                ('\u{FFFF}', Found::Control),
            ]
        );
    }
}
