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

#[cfg(test)]
mod tests {
    use super::*;

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
