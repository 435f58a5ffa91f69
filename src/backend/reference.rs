//! Image references: what is legal for any engine and registry, and their parts (K10).

/// A legal image reference, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// Registry with port, where written.
    pub(crate) registry: Option<&'a str>,
    /// Path of the repository, without registry.
    pub(crate) path: &'a str,
    /// Tag.
    pub(crate) tag: Option<&'a str>,
    /// Digest with its algorithm.
    pub(crate) digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Takes a reference apart; `None` if no registry or runtime would take it.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if is_registry(first) => (Some(first), path),
            _ => (None, name),
        };
        let legal = is_path(path)
            && name.len() <= 255
            && registry.is_none_or(is_host)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        legal.then_some(Self { registry, path, tag, digest })
    }

    /// Returns the last part of the path: `postgres` of `docker.io/library/postgres:16`.
    pub(crate) fn last_part(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

/// Docker's rule for what is a registry and not the first part of a path.
fn is_registry(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.contains(|c: char| c.is_ascii_uppercase())
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host_is_legal = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.chars().all(plain)
                && !host.starts_with(['-', '.'])
                && !host.ends_with(['-', '.'])
        }
    };
    host_is_legal
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()))
}

fn is_path(path: &str) -> bool {
    !path.is_empty() && path.split('/').all(is_path_part)
}

/// Lower-case letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_path_part(part: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(word)
        && part.ends_with(word)
        && part.split(word).all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

/// The algorithms that runtimes can check, each with digits of its own number, in lower case.
fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let digits = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == digits && hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!("registry.example:5000/team/app_x:1.2@{digest}");
        let parts = Reference::parse(&text).expect("legal");
        assert_eq!(parts.registry, Some("registry.example:5000"));
        assert_eq!((parts.path, parts.tag, parts.digest), ("team/app_x", Some("1.2"), Some(digest.as_str())));
        assert_eq!(parts.last_part(), "app_x");
    }

    #[test]
    fn a_first_part_without_dot_is_no_registry() {
        let parts = Reference::parse("library/redis").expect("legal");
        assert_eq!((parts.registry, parts.path, parts.tag), (None, "library/redis", None));
        assert_eq!(Reference::parse("localhost/x").expect("legal").registry, Some("localhost"));
        assert_eq!(Reference::parse("localhost:5000/x").expect("legal").registry, Some("localhost:5000"));
    }

    #[test]
    fn illegal_references_are_told() {
        for text in ["", ":1", "App", "a//b", "a:", "a:-x", "a@sha256:12", "a b", "-a", "a/", "a..b", "é"] {
            assert_eq!(Reference::parse(text), None, "{text:?}");
        }
        for (algorithm, digits) in [("sha256", 63), ("sha256", 128), ("md5", 64)] {
            assert_eq!(Reference::parse(&format!("a@{algorithm}:{}", "a".repeat(digits))), None);
        }
        assert_eq!(Reference::parse(&format!("a@sha256:{}", "A".repeat(64))), None);
        for text in ["a", "a--b", "a__b.c", "a:X_1", "127.0.0.1:5000/a", "[::1]:5000/a"] {
            assert!(Reference::parse(text).is_some(), "{text:?}");
        }
    }
}
