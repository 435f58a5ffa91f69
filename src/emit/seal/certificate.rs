//! The certificate that Secrets are sealed for: PEM to the bytes that its fingerprint is of (N93).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Returns the fingerprint of the first certificate of a PEM text, in hex; `None` where there is none.
pub(super) fn fingerprint(pem: &str) -> Option<String> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let bytes = decode(body)?;
    Some(Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    }))
}

/// Reads base64; blanks and line breaks do not count.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

/// Writes base64 as Secrets have it.
pub(super) fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3)
            .fold(0_usize, |group, index| (group << 8) | usize::from(chunk.get(index).copied().unwrap_or(0)));
        for index in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * index)) & 63];
            text.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_written_as_it_is_read() {
        for text in ["", "a", "ab", "abc", "abcd", "\u{ff}\u{0}"] {
            assert_eq!(decode(&encode(text.as_bytes())).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(encode(b"s3cret!"), "czNjcmV0IQ==");
    }

    #[test]
    fn base64_is_read() {
        assert_eq!(decode("czNj\ncmV0").as_deref(), Some(&b"s3cret"[..]));
        assert_eq!(decode("eA==").as_deref(), Some(&b"x"[..]));
        assert_eq!(decode("*"), None);
    }

    #[test]
    fn a_text_without_a_certificate_has_no_fingerprint() {
        assert_eq!(fingerprint("x"), None);
        assert_eq!(fingerprint("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----"), None);
    }
}
