//! `Warning` headers: what the server took, but would rather not have (RFC 7234, 5.5).

use http::HeaderMap;
use http::header::WARNING;

/// Returns the texts of all warnings, in order, each once.
pub(super) fn read(headers: &HeaderMap) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for value in headers.get_all(WARNING) {
        let line = String::from_utf8_lossy(value.as_bytes());
        for text in quoted(&line) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    texts
}

/// Returns the quoted texts of one header; several warnings may stand in it. The agent before a text holds no quote.
fn quoted(line: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut open: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (&mut open, letter) {
            (Some(text), '\\') => text.extend(letters.next()),
            (Some(text), '"') => {
                texts.push(std::mem::take(text));
                open = None;
            }
            (Some(text), _) => text.push(letter),
            (None, '"') => open = Some(String::new()),
            (None, _) => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_out_of_their_quotes() {
        let mut headers = HeaderMap::new();
        for line in [r#"299 - "use \"v1\" \\ now""#, r#"299 - "a", 299 - "b""#, r#"299 - "a""#] {
            headers.append(WARNING, line.parse().unwrap());
        }
        assert_eq!(read(&headers), [r#"use "v1" \ now"#, "a", "b"]);
    }
}
