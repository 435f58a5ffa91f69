//! The parts of an image's name by which well-known images are recognised (N27).

/// A reference taken apart: no registry, no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageName<'a> {
    /// All parts of the path: `grafana/grafana`, `redis`.
    pub(crate) path: &'a str,
    /// Its last part.
    pub(crate) last: &'a str,
    /// The tag.
    pub(crate) tag: Option<&'a str>,
}

impl<'a> ImageName<'a> {
    /// Takes a reference apart; what is no reference gives parts that match nothing.
    pub(crate) fn parse(reference: &'a str) -> Self {
        let name = reference.split('@').next().unwrap_or_default();
        let last_slash = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[last_slash..].find(':') {
            Some(colon) => (&name[..last_slash + colon], Some(&name[last_slash + colon + 1..])),
            None => (name, None),
        };
        let path = match name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
            _ => name,
        };
        let path = path.strip_prefix("library/").unwrap_or(path);
        Self { path, last: path.rsplit('/').next().unwrap_or_default(), tag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_tags_and_digests_are_set_apart() {
        let parts = |text| {
            let ImageName { path, last, tag } = ImageName::parse(text);
            (path, last, tag)
        };
        assert_eq!(parts("redis"), ("redis", "redis", None));
        assert_eq!(parts("docker.io/library/redis:7@sha256:ab"), ("redis", "redis", Some("7")));
        assert_eq!(parts("localhost:5000/team/web"), ("team/web", "web", None));
        assert_eq!(parts("grafana/grafana:13.1.0"), ("grafana/grafana", "grafana", Some("13.1.0")));
        assert_eq!(parts(""), ("", "", None));
    }
}
