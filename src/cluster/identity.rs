//! What a project's set is called in a cluster (A14, A15).

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
}
