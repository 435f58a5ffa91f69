//! Bytes of a file to text: UTF-8, or UTF-16 by its byte order mark (L12). Knows no YAML.

use std::char::{REPLACEMENT_CHARACTER, decode_utf16};

/// Bytes that are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotText {
    /// Offset of the first byte that fits nowhere.
    pub(crate) offset: usize,
    /// What the bytes should have been.
    pub(crate) encoding: &'static str,
}

/// Returns the text of a file without its byte order mark; offsets of spans count from behind the mark.
///
/// # Errors
/// The bytes are not valid in the encoding that the mark names, or not UTF-8 if there is none.
pub(crate) fn decode_text(mut bytes: Vec<u8>) -> Result<String, NotText> {
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => {
            bytes.drain(..3);
            utf8(bytes).map_err(|wrong| NotText { offset: wrong.offset + 3, ..wrong })
        }
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, NotText> {
    String::from_utf8(bytes)
        .map_err(|error| NotText { offset: error.utf8_error().valid_up_to(), encoding: "UTF-8" })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut offset = 2;
    for character in decode_utf16(pairs.iter().copied().map(unit)) {
        let Ok(character) = character else { return Err(NotText { offset, encoding: "UTF-16" }) };
        offset += 2 * character.len_utf16();
        text.push(character);
    }
    if odd.is_empty() { Ok(text) } else { Err(NotText { offset, encoding: "UTF-16" }) }
}

/// Bytes that a `!!binary` value holds, as text: what is no UTF-8 becomes the replacement character.
pub(super) fn text_of_binary(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::with_capacity(bytes.len()), |mut text, chunk| {
        text.push_str(chunk.valid());
        // Go's JSON writer, the measure of L16, writes one for each byte.
        text.extend(chunk.invalid().iter().map(|_| REPLACEMENT_CHARACTER));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dropped_and_name_the_encoding() {
        for bytes in [
            "a: ü😀".as_bytes().to_vec(),
            [b"\xEF\xBB\xBF".as_slice(), "a: ü😀".as_bytes()].concat(),
            [0xFEFF].into_iter().chain("a: ü😀".encode_utf16()).flat_map(u16::to_be_bytes).collect(),
            [0xFEFF].into_iter().chain("a: ü😀".encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        ] {
            assert_eq!(decode_text(bytes).as_deref(), Ok("a: ü😀"));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_by_offset() {
        assert_eq!(decode_text(b"ab\xFF".to_vec()), Err(NotText { offset: 2, encoding: "UTF-8" }));
        assert_eq!(decode_text(b"\xEF\xBB\xBFa\xC3".to_vec()), Err(NotText { offset: 4, encoding: "UTF-8" }));
        assert_eq!(
            decode_text(b"\xFF\xFEa\0\0\xDC".to_vec()),
            Err(NotText { offset: 4, encoding: "UTF-16" })
        );
        assert_eq!(decode_text(b"\xFF\xFEa\0b".to_vec()), Err(NotText { offset: 4, encoding: "UTF-16" }));
    }
}
