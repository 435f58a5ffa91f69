//! What a project's set is called in a cluster, and which files it came from (A15, A16).

use sha2::{Digest, Sha256};

use crate::backend::kubernetes::label_name;

/// Returns the name of the parent of a project's set (A14).
pub(crate) fn parent_name(project: &str) -> String {
    format!("rcompose.{}", label_name(project))
}

/// Returns the id of a set by its parent; empty `namespace` for parents of the whole cluster, empty `group` for core (A15).
///
/// Recomputed from the name alone, so a parent that was lost loses nothing.
pub(crate) fn set_id(name: &str, namespace: &str, kind: &str, group: &str) -> String {
    let digest = Sha256::digest(format!("{name}.{namespace}.{kind}.{group}").as_bytes());
    format!("applyset-{}-v1", base64url(&digest))
}

/// Returns the id of a project's set.
pub(crate) fn of_project(project: &str, namespace: &str) -> String {
    set_id(&parent_name(project), namespace, "ConfigMap", "")
}

/// Base64 with the letters of URLs, without padding.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}

/// Where the files of a project come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The same wherever and however the repository was cloned.
    pub(crate) id: String,
    /// For people: `example-org/shop compose.yaml`.
    pub(crate) shown: String,
}

impl Source {
    /// Makes it of the URL of a repository and the path of the first Compose file in it, with `/`.
    pub(crate) fn of(repository: &str, file: &str) -> Option<Self> {
        let place = plain(repository)?;
        let (_, path) = place.split_once('/')?;
        let digest = Sha256::digest(format!("{place}\n{file}").as_bytes());
        Some(Self { id: base64url(&digest)[..22].to_owned(), shown: format!("{path} {file}") })
    }
}

/// Returns `host/path` of a repository's URL: no scheme, credentials, port, nor `.git`.
fn plain(url: &str) -> Option<String> {
    let url = url.trim();
    let (authority, path) = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?,
        // As `git@host:path`.
        None => url.split_once(':').filter(|(host, path)| !host.contains('/') && !path.starts_with('\\'))?,
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (host.len() > 1 && !path.is_empty()).then(|| format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_kubectl() {
        assert_eq!(
            set_id("my-set", "test", "Secret", ""),
            "applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1"
        );
        assert_eq!(
            set_id("my-set", "", "ApplySet", "company.com"),
            "applyset-rhp1a-HVAVT_dFgyEygyA1BEB82HPp2o10UiFTpqtAs-v1"
        );
    }

    #[test]
    fn the_example_of_the_rule_book_is_true() {
        assert_eq!(of_project("shop", "prod"), "applyset-F_LUQ2Zq71ON4as4X51K4gTH8ePvsgqZzXQtcQEblmQ-v1");
    }

    #[test]
    fn parents_have_legal_names() {
        assert_eq!(parent_name("shop"), "rcompose.shop");
        assert!(!parent_name("my_shop").contains('_'));
        assert!(parent_name(&"x".repeat(200)).len() < 100);
    }

    #[test]
    fn a_repository_is_one_however_it_was_cloned() {
        let ids: Vec<_> = [
            "https://github.com/example-org/shop",
            "https://user:token@GitHub.com/example-org/shop.git",
            "git@github.com:example-org/shop.git",
            "ssh://git@github.com:22/example-org/shop/",
        ]
        .into_iter()
        .map(|url| Source::of(url, "compose.yaml"))
        .collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        let source = ids[0].clone().expect("it is a repository");
        assert_eq!(source.shown, "example-org/shop compose.yaml");
        assert!(!format!("{ids:?}").contains("token"));
        assert_ne!(Source::of("https://github.com/example-org/shop", "b/compose.yaml"), Some(source));
    }

    #[test]
    fn what_is_on_this_machine_alone_is_no_source() {
        for url in ["", "file:///srv/git/shop", "/srv/git/shop", "../shop", "c:\\shop", "host:"] {
            assert_eq!(Source::of(url, "compose.yaml"), None, "{url}");
        }
    }
}
