//! Functions that make legal names out of Compose's (N1, N3). All are pure, total and idempotent.
//!
//! They report nothing: who names an object compares and tells.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Limit of a DNS label and of a label value.
pub(crate) const LABEL_LIMIT: usize = 63;

/// Limit of a DNS subdomain, for names of objects that are not ours.
pub(crate) const SUBDOMAIN_LIMIT: usize = 253;

/// Digits of a hash in a name.
const HASH_DIGITS: usize = 10;

/// Makes a DNS-1035 label: Services, workloads, everything named after a service.
pub(crate) fn dns(name: &str) -> String {
    cut(name, &dns_shape(name), LABEL_LIMIT)
}

/// Makes a DNS-1035 label for a workload whose controller makes longer names of it.
pub(crate) fn dns_for_controller(name: &str) -> String {
    const LIMIT: usize = 52;
    cut(name, &dns_shape(name), LIMIT)
}

/// Makes a DNS-1035 label that ends in `suffix`, which stays readable: the name is cut before it.
pub(crate) fn dns_with(name: &str, suffix: &str) -> String {
    cut(name, &dns_shape(name), LABEL_LIMIT - suffix.len()) + suffix
}

/// Makes a DNS-1123 label: containers, pod volumes, networks, `ConfigMaps` and Secrets of ours.
pub(crate) fn label(name: &str) -> String {
    cut(name, &label_shape(name), LABEL_LIMIT)
}

/// Makes a DNS-1123 label between a prefix and a suffix, which stay readable: the name is cut, not they.
pub(crate) fn label_between(prefix: &str, name: &str, suffix: &str) -> String {
    let middle = cut(name, &label_shape(name), LABEL_LIMIT - prefix.len() - suffix.len());
    format!("{prefix}{middle}{suffix}")
}

/// Makes a DNS-1123 label to which a hash is added: shorter by what a hash of content adds (N92).
pub(crate) fn label_before_digest(name: &str) -> String {
    cut(name, &label_shape(name), LABEL_LIMIT - HASH_DIGITS - 1)
}

/// Makes a DNS-1035 label with a suffix to which a hash is added.
pub(crate) fn dns_before_digest(name: &str, suffix: &str) -> String {
    cut(name, &dns_shape(name), LABEL_LIMIT - HASH_DIGITS - 1 - suffix.len()) + suffix
}

/// Makes a DNS-1123 subdomain: claims, external `ConfigMaps` and Secrets, `PersistentVolumes`. Ours have the limit of a
/// label, external ones [`SUBDOMAIN_LIMIT`].
pub(crate) fn subdomain(name: &str, limit: usize) -> String {
    cut(name, &subdomain_shape(name), limit)
}

/// Makes a label value.
pub(crate) fn label_value(name: &str) -> String {
    let shape: String = name.chars().map(|c| if is_value_character(c) { c } else { '-' }).collect();
    let shape = shape.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    match shape {
        "" => hash(name.as_bytes()),
        _ => cut(name, shape, LABEL_LIMIT),
    }
}

/// Makes a port name (`IANA_SVC_NAME`), or `None` where nothing legal is left: then the caller generates one (N21).
pub(crate) fn port(name: &str) -> Option<String> {
    const LIMIT: usize = 15;
    let shape: Vec<String> =
        label_characters(name).split('-').filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect();
    let shape = shape.join("-");
    let legal = shape.len() <= LIMIT && shape.contains(|c: char| c.is_ascii_lowercase());
    legal.then_some(shape)
}

/// Makes a name derived from a service's, or gives it a hash where a user's name has it already (N3): the user's stays.
pub(crate) fn derived(kind: &str, name: &str, suffix: &str, taken: &BTreeSet<String>) -> String {
    let wanted = dns_with(name, suffix);
    if taken.contains(&wanted) { with_hash_of(&wanted, &format!("{kind}/{wanted}")) } else { wanted }
}

/// Appends `-` and ten hex digits of the hash of `of`, cutting the name where both would be too long.
pub(crate) fn with_hash_of(name: &str, of: &str) -> String {
    let head: String = name.chars().take(LABEL_LIMIT - HASH_DIGITS - 1).collect();
    format!("{}-{}", head.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()), hash(of.as_bytes()))
}

/// Tells whether [`dns_with`] cuts this name (`name-shortened`).
pub(crate) fn is_cut(name: &str, suffix: &str) -> bool {
    dns_shape(name).len() > LABEL_LIMIT - suffix.len()
}

/// Returns the first ten hex digits of SHA-256.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the first ten hex digits of a digest.
pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().take(HASH_DIGITS / 2).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Keeps a shape within its limit; beyond it a hash of the whole original keeps different names apart.
fn cut(original: &str, shape: &str, limit: usize) -> String {
    if shape.len() <= limit {
        return shape.to_owned();
    }
    let head: String = shape.chars().take(limit - HASH_DIGITS - 1).collect();
    let head = head.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    format!("{head}-{}", hash(original.as_bytes()))
}

fn dns_shape(name: &str) -> String {
    let shape = label_shape(name);
    if shape.starts_with(|c: char| c.is_ascii_digit()) { format!("svc-{shape}") } else { shape }
}

fn label_shape(name: &str) -> String {
    let characters = label_characters(name);
    match characters.trim_matches('-') {
        "" => format!("svc-{}", hash(name.as_bytes())),
        shape => shape.to_owned(),
    }
}

fn subdomain_shape(name: &str) -> String {
    // A dot stays only between two alphanumerics; what stands there otherwise is a dash like any other character.
    let parts: Vec<String> = name.split('.').map(label_characters).collect();
    let mut shape = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            let between = shape.ends_with(|c: char| c.is_ascii_alphanumeric())
                && part.starts_with(|c: char| c.is_ascii_alphanumeric());
            shape.push(if between { '.' } else { '-' });
        }
        shape.push_str(part);
    }
    match shape.trim_matches('-') {
        "" => format!("svc-{}", hash(name.as_bytes())),
        shape => shape.to_owned(),
    }
}

/// Lower case; what is neither letter nor digit becomes a dash.
fn label_characters(name: &str) -> String {
    name.chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .collect()
}

fn is_value_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_dns_1123(text: &str) -> bool {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !text.starts_with('-')
            && !text.ends_with('-')
    }

    #[test]
    fn service_names_become_dns_1035_labels() {
        assert_eq!(dns("web"), "web");
        assert_eq!(dns("my_db.Main"), "my-db-main");
        assert_eq!(dns("1st"), "svc-1st");
        assert_eq!(dns("_x_"), "x");
        assert_eq!(dns("__"), format!("svc-{}", hash(b"__")));
    }

    #[test]
    fn long_names_keep_a_hash_of_the_whole_original() {
        let long = "a".repeat(64);
        assert_eq!(dns(&long), format!("{}-{}", "a".repeat(52), hash(long.as_bytes())));
        assert!(is_cut(&long, "") && !is_cut("web", "-published"));
    }

    #[test]
    fn suffixes_stay_readable() {
        let name = dns_with(&"b".repeat(60), "-published");
        assert_eq!(name.len(), 63);
        assert!(name.ends_with("-published"));
    }

    #[test]
    fn claims_keep_dots_between_alphanumerics() {
        assert_eq!(subdomain("data.main", 63), "data.main");
        assert_eq!(subdomain("data._x", 63), "data--x");
        assert_eq!(subdomain(".data.", 63), "data");
    }

    #[test]
    fn label_values_stay_when_legal() {
        assert_eq!(label_value("My_Service.1"), "My_Service.1");
        assert_eq!(label_value("-a b-"), "a-b");
    }

    #[test]
    fn port_names_are_made_or_given_up() {
        assert_eq!(port("Web_UI--1").as_deref(), Some("web-ui-1"));
        assert_eq!(port("80"), None);
        assert_eq!(port("much-too-long-name"), None);
    }

    #[test]
    fn a_derived_name_gives_way_to_a_users() {
        let taken = BTreeSet::from(["web-published".to_owned()]);
        assert_eq!(derived("Service", "db", "-published", &taken), "db-published");
        let moved = derived("Service", "web", "-published", &taken);
        assert_eq!(moved, format!("web-published-{}", hash(b"Service/web-published")));
    }

    proptest! {
        #[test]
        fn names_are_legal_and_stay_as_they_are(name in ".{0,90}") {
            let made = dns(&name);
            prop_assert!(is_dns_1123(&made) && made.len() <= 63 && made.starts_with(|c: char| c.is_ascii_lowercase()));
            prop_assert_eq!(dns(&made), made);
            let made = label(&name);
            prop_assert!(is_dns_1123(&made) && made.len() <= 63);
            prop_assert_eq!(label(&made), made);
            let made = label_value(&name);
            prop_assert!(!made.is_empty() && made.len() <= 63 && made.chars().all(is_value_character));
            prop_assert_eq!(label_value(&made), made);
        }

        #[test]
        fn subdomains_are_legal_and_stay_as_they_are(name in "[a-zA-Z0-9._-]{0,90}") {
            let made = subdomain(&name, 63);
            prop_assert!(made.len() <= 63 && made.split('.').all(is_dns_1123), "{made}");
            prop_assert_eq!(subdomain(&made, 63), made);
        }

        #[test]
        fn port_names_are_legal(name in ".{0,20}") {
            if let Some(made) = port(&name) {
                prop_assert!(is_dns_1123(&made) && made.len() <= 15 && !made.contains("--"));
                prop_assert_eq!(port(&made), Some(made));
            }
        }
    }
}
