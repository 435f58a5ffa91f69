//! What the API server takes as keys and values of labels (N11, K95); keys of annotations may have a prefix in any case.

use super::metadata::is_subdomain;

/// Tells whether a key is legal for labels: `[prefix/]name`.
pub(crate) fn is_label_key(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

/// Tells whether a value is legal for a label; the empty one is.
pub(crate) fn is_label_value(value: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric();
    value.is_empty()
        || (value.len() <= 63
            && value.starts_with(word)
            && value.ends_with(word)
            && value.chars().all(|c| word(c) || matches!(c, '-' | '_' | '.')))
}

/// Tells whether a text is a lower-case DNS label, without its limit of length.
pub(crate) fn is_dns_label(label: &str) -> bool {
    !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_an_optional_domain() {
        for key in ["a", "team/owner", "example.com/A_b.c"] {
            assert!(is_label_key(key), "{key}");
        }
        for key in ["", "/a", "a/", "a/b/c", "Team/a", "-a", "a b", &"a".repeat(64)] {
            assert!(!is_label_key(key), "{key}");
        }
    }
}
