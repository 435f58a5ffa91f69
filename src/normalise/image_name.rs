//! The parts of an image reference that tell what is in it (N27): without registry and digest.

/// An image's name taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ImageName<'a> {
    /// The part before the last, such as `mssql` or `linuxserver`; empty when there is none.
    pub(super) organisation: &'a str,
    /// The last part.
    pub(super) last: &'a str,
    /// The tag; empty when there is none.
    pub(super) tag: &'a str,
}

impl<'a> ImageName<'a> {
    /// Takes a reference apart.
    pub(super) fn parse(reference: &'a str) -> Self {
        let named = reference.split('@').next().unwrap_or(reference);
        let name_start = named.rfind('/').map_or(0, |slash| slash + 1);
        let (path, tag) = match named[name_start..].rfind(':') {
            Some(colon) => (&named[..name_start + colon], &named[name_start + colon + 1..]),
            None => (named, ""),
        };
        let mut parts = path.rsplit('/');
        let last = parts.next().unwrap_or_default();
        let organisation = parts.next().unwrap_or_default();
        let alone = parts.next().is_none();
        // The first part is a registry when it could be a host.
        let registry = alone && (organisation.contains(['.', ':']) || organisation == "localhost");
        Self { organisation: if registry { "" } else { organisation }, last, tag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        for (reference, expected) in [
            ("redis", ("", "redis", "")),
            ("redis:7-alpine", ("", "redis", "7-alpine")),
            ("localhost:5000/app:1", ("", "app", "1")),
            ("quay.io/keycloak/keycloak:26@sha256:00", ("keycloak", "keycloak", "26")),
            ("mcr.microsoft.com/mssql/server:2022", ("mssql", "server", "2022")),
            ("linuxserver/code", ("linuxserver", "code", "")),
            ("", ("", "", "")),
        ] {
            let name = ImageName::parse(reference);
            assert_eq!((name.organisation, name.last, name.tag), expected, "{reference}");
        }
    }
}
