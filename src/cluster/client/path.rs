//! Paths of the API. Knows their form, no kind.

use std::fmt::Write as _;

/// Which kind of objects, as a path says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resource<'a> {
    /// Group; empty for the core.
    pub(crate) group: &'a str,
    /// Version.
    pub(crate) version: &'a str,
    /// Plural of the kind, in lower case.
    pub(crate) plural: &'a str,
}

/// Returns the path of all objects of a kind, in a namespace where the kind has them.
pub(crate) fn collection(resource: Resource<'_>, namespace: Option<&str>) -> String {
    let Resource { group, version, plural } = resource;
    let root = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
    match namespace {
        Some(namespace) => format!("{root}/namespaces/{}/{plural}", segment(namespace)),
        None => format!("{root}/{plural}"),
    }
}

/// Returns the path of one object.
pub(crate) fn object(resource: Resource<'_>, namespace: Option<&str>, name: &str) -> String {
    format!("{}/{}", collection(resource, namespace), segment(name))
}

/// Writes a text as one segment of a path, or as a value in a query.
pub(crate) fn segment(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_namespaces_and_names_have_their_places() {
        let pods = Resource { group: "", version: "v1", plural: "pods" };
        let roles = Resource { group: "rbac.authorization.k8s.io", version: "v1", plural: "roles" };
        assert_eq!(collection(pods, Some("shop")), "/api/v1/namespaces/shop/pods");
        assert_eq!(collection(pods, None), "/api/v1/pods");
        assert_eq!(
            object(roles, Some("shop"), "system:x"),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/system%3Ax"
        );
    }
}
