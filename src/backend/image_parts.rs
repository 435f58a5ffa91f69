//! An image reference taken apart, for outputs that name its parts apart.

/// Cuts an image into name, tag and digest. The name may hold a registry with a port.
pub(crate) fn image_parts(image: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
    match rest[last..].find(':') {
        Some(colon) => (&rest[..last + colon], Some(&rest[last + colon + 1..]), digest),
        None => (rest, None, digest),
    }
}

#[cfg(test)]
mod tests {
    use super::image_parts;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(image_parts("r:5000/x"), ("r:5000/x", None, None));
        assert_eq!(image_parts("r:5000/a/x:1.2"), ("r:5000/a/x", Some("1.2"), None));
        assert_eq!(image_parts("x:1@sha256:00"), ("x", Some("1"), Some("sha256:00")));
    }
}
