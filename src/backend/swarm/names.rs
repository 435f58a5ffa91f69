//! Names in a swarm (S11, S25): what is legal, and the nearest legal name.

use sha2::{Digest, Sha256};

/// Longest name of a service with its project, and of a network.
pub(crate) const LONGEST_NAME: usize = 63;
/// Longest name of a config or secret.
pub(crate) const LONGEST_DATA_NAME: usize = 64;

/// Tells whether Swarm takes a name for a service (with its project) or a network, its length aside.
pub(crate) fn is_legal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Tells whether Swarm takes a name for a config or secret, its length aside.
pub(crate) fn is_legal_data_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Returns the nearest legal name behind a prefix that is a legal beginning; it may be the same.
pub(crate) fn nearest(prefix: &str, name: &str) -> String {
    if is_legal(&format!("{prefix}{name}")) {
        return name.to_owned();
    }
    let legal: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let cut = match prefix {
        "" => legal.trim_matches(['-', '_']),
        _ => legal.trim_end_matches(['-', '_']),
    };
    if cut.is_empty() { "x".to_owned() } else { cut.to_owned() }
}

/// Returns the nearest legal name of a config or secret; it may be the same.
pub(crate) fn nearest_data_name(name: &str) -> String {
    let legal: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' })
        .take(LONGEST_DATA_NAME)
        .collect();
    let cut = legal.trim_matches(['-', '_', '.']);
    if cut.is_empty() { "x".to_owned() } else { cut.to_owned() }
}

/// Makes a key for a file: what the CLI takes as a key, with `_` for all else (S93).
pub(crate) fn file_key(path: &str) -> String {
    path.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' }).collect()
}

/// Returns the first ten hexadecimal digits of the SHA-256 of what stands behind each other.
pub(crate) fn short_hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    hex(&digest.finalize()[..5])
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).expect("half a byte is a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dots_and_ends_are_changed() {
        assert_eq!(nearest("p_", "a.b"), "a-b");
        assert_eq!(nearest("p_", "-a"), "-a");
        assert_eq!(nearest("p_", "a-_"), "a");
        assert_eq!(nearest("p_", "..."), "x");
        assert_eq!(nearest("", "meet.jitsi"), "meet-jitsi");
        assert_eq!(nearest("", "_x y_"), "x-y");
        assert_eq!(nearest("", "fine"), "fine");
    }

    #[test]
    fn configs_may_have_dots_inside() {
        assert!(is_legal_data_name("p_app.ini_1"));
        assert!(!is_legal_data_name(".x"));
        assert_eq!(nearest_data_name("a b/c."), "a-b-c");
    }

    #[test]
    fn keys_of_files_are_legal_for_the_cli() {
        assert_eq!(file_key("conf/nginx site.conf"), "conf_nginx_site.conf");
        assert_eq!(file_key("../a_b"), ".._a_b");
    }

    proptest! {
        #[test]
        fn the_nearest_name_is_legal(name in "\\PC{0,20}|[a._-]{0,8}") {
            let near_service = format!("p_{}", nearest("p_", &name));
            prop_assert!(is_legal(&near_service));
            let near_network = nearest("", &name);
            prop_assert!(is_legal(&near_network));
            let near_data = nearest_data_name(&name);
            prop_assert!(is_legal_data_name(&near_data) && near_data.len() <= LONGEST_DATA_NAME);
        }
    }
}
