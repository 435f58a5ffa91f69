//! Image references: `[registry/]path[:tag][@digest]`, the grammar of Docker's distribution library (K10, N27).
//!
//! Compose itself checks no reference; the targets do.

use super::Fault;

/// Registry of a reference that names none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// Longest path: registry and tag do not count.
const LONGEST_PATH: usize = 255;

/// The parts of a legal reference, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Image<'a> {
    /// Host and port in front of the first `/`, if it is one.
    pub(crate) registry: Option<&'a str>,
    /// The rest of the name: `nginx`, `library/nginx`, `org/team/app`.
    pub(crate) path: &'a str,
    /// What follows the colon.
    pub(crate) tag: Option<&'a str>,
    /// What follows the `@`: algorithm, colon, digits.
    pub(crate) digest: Option<&'a str>,
}

impl<'a> Image<'a> {
    /// Reads a reference.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::whole(text, "the image is empty"));
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => {
                check_digest(digest).map_err(|fault| fault.shifted(name.len() + 1))?;
                (name, Some(digest))
            }
            None => (text, None),
        };
        let (registry, rest) = split_registry(name);
        let at = name.len() - rest.len();
        let (path, tag) = rest.split_once(':').map_or((rest, None), |(path, tag)| (path, Some(tag)));
        if let Some(registry) = registry {
            check_registry(registry)?;
        }
        check_path(path).map_err(|fault| fault.shifted(at))?;
        if let Some(tag) = tag {
            check_tag(tag).map_err(|fault| fault.shifted(at + path.len() + 1))?;
        }
        let image = Self { registry, path, tag, digest };
        if image.qualified_path().len() > LONGEST_PATH {
            return Err(Fault::new(
                at..at + path.len(),
                format!("the name is longer than {LONGEST_PATH} characters"),
            ));
        }
        if text.len() == 64 && text.bytes().all(is_digest_digit) {
            return Err(Fault::whole(text, "64 hexadecimal digits are an image id and no name"));
        }
        Ok(image)
    }

    /// Returns the last part of the path: `nginx` of `docker.io/library/nginx:1`.
    pub(crate) fn last_part(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Returns the registry that serves it.
    pub(crate) fn qualified_registry(&self) -> &'a str {
        self.registry.filter(|registry| *registry != "index.docker.io").unwrap_or(DEFAULT_REGISTRY)
    }

    /// Returns the path that the registry knows: Docker Hub keeps names of one part under `library`.
    pub(crate) fn qualified_path(&self) -> String {
        if self.qualified_registry() == DEFAULT_REGISTRY && !self.path.contains('/') {
            format!("library/{}", self.path)
        } else {
            self.path.to_owned()
        }
    }

    /// Prints the reference with registry and full path, tag and digest as written.
    pub(crate) fn qualified(&self) -> String {
        let tag = self.tag.map_or(String::new(), |tag| format!(":{tag}"));
        let digest = self.digest.map_or(String::new(), |digest| format!("@{digest}"));
        format!("{}/{}{tag}{digest}", self.qualified_registry(), self.qualified_path())
    }
}

/// Splits at the first `/` if what precedes it can only be a host.
fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, rest))
            if host == "localhost" || host.contains(['.', ':']) || host.chars().any(char::is_uppercase) =>
        {
            (Some(host), rest)
        }
        _ => (None, name),
    }
}

/// Says whether a text is a host name, an IPv4 address or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let address = rest.strip_suffix(']').unwrap_or_default();
        return !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    }
    let is_label = |label: &str| {
        label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label)
}

fn check_registry(registry: &str) -> Result<(), Fault> {
    let end =
        if registry.starts_with('[') { registry.find(']').map(|end| end + 1) } else { registry.find(':') };
    let (host, port) = registry.split_at(end.unwrap_or(registry.len()));
    if !is_host(host) {
        return Err(Fault::new(0..host.len(), "this is no host name and no IPv6 address in brackets"));
    }
    let digits = port.strip_prefix(':').unwrap_or("0");
    if (!port.is_empty() && !port.starts_with(':'))
        || digits.is_empty()
        || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return Err(Fault::new(registry.len() - port.len()..registry.len(), "this is no port"));
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), Fault> {
    let mut at = 0;
    for part in path.split('/') {
        if part.is_empty() {
            return Err(Fault::new(at..at, "a part of the name is empty"));
        }
        if let Some((offset, character)) =
            part.char_indices().find(|(_, c)| !matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-'))
        {
            let reason = if character.is_uppercase() {
                "names of images are lower-case"
            } else {
                "a name consists of lower-case letters, digits, `.`, `_` and `-`"
            };
            let at = at + offset;
            return Err(Fault::new(at..at + character.len_utf8(), reason));
        }
        if !has_legal_separators(part) {
            return Err(Fault::new(
                at..at + part.len(),
                "`.`, `_`, `__` or dashes stand alone between letters or digits",
            ));
        }
        at += part.len() + 1;
    }
    Ok(())
}

/// Checks that each run of signs in a part is `.`, `_`, `__` or dashes, and that none is first or last.
fn has_legal_separators(part: &str) -> bool {
    let is_sign = |c: char| matches!(c, '.' | '_' | '-');
    let inner = !part.starts_with(is_sign) && !part.ends_with(is_sign);
    let legal = |run: &str| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|byte| byte == b'-');
    inner && part.split(|c| !is_sign(c)).all(legal)
}

fn check_tag(tag: &str) -> Result<(), Fault> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if tag.is_empty() || tag.len() > 128 {
        return Err(Fault::whole(tag, "a tag has 1 to 128 characters"));
    }
    if tag.starts_with(['.', '-']) || !tag.bytes().all(legal) {
        return Err(Fault::whole(
            tag,
            "a tag consists of letters, digits, `_`, `.` and `-` and begins with neither `.` nor `-`",
        ));
    }
    Ok(())
}

fn check_digest(digest: &str) -> Result<(), Fault> {
    let (algorithm, digits) = digest.split_once(':').unwrap_or((digest, ""));
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => {
            return Err(Fault::new(
                0..algorithm.len(),
                "a digest begins with `sha256:`, `sha384:` or `sha512:`",
            ));
        }
    };
    if digits.len() != length || !digits.bytes().all(is_digest_digit) {
        let reason = format!("a digest of {algorithm} has {length} digits from `0` to `f`");
        return Err(Fault::new(digest.len() - digits.len()..digest.len(), reason));
    }
    Ok(())
}

const fn is_digest_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(text: &str) -> String {
        match Image::parse(text) {
            Ok(image) => format!(
                "{}|{}|{}|{}",
                image.registry.unwrap_or_default(),
                image.path,
                image.tag.unwrap_or_default(),
                image.digest.map_or(0, str::len)
            ),
            Err(fault) => format!("bad {:?}", &text[fault.range]),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(print(text), expected, "{text}");
    }

    #[test]
    fn references_have_four_parts() {
        check("nginx", "|nginx||0");
        check("nginx:1.27-alpine", "|nginx|1.27-alpine|0");
        check("library/nginx", "|library/nginx||0");
        check("org/team/app:v1", "|org/team/app|v1|0");
        check("localhost/app", "localhost|app||0");
        check("localhost:5000/app:1", "localhost:5000|app|1|0");
        check("registry.example.com/a/b", "registry.example.com|a/b||0");
        check("Registry/a", "Registry|a||0");
        check("[::1]:5000/a", "[::1]:5000|a||0");
        check("host:5000", "|host|5000|0");
        check("x/a__b.c-d--e/f_g", "|x/a__b.c-d--e/f_g||0");
        let digest = format!("sha256:{}", "0a".repeat(32));
        check(&format!("nginx@{digest}"), "|nginx||71");
        check(&format!("a.b/c:1@{digest}"), "a.b|c|1|71");
    }

    #[test]
    fn illegal_references_are_refused() {
        check("", r#"bad """#);
        check("Nginx", r#"bad "N""#);
        check("org/App", r#"bad "A""#);
        check("nginx:", r#"bad """#);
        check("nginx:-1", r#"bad "-1""#);
        check("nginx:a:b", r#"bad "a:b""#);
        check("nginx: latest", r#"bad " latest""#);
        check("a//b", r#"bad """#);
        check("a/", r#"bad """#);
        check("/a", r#"bad """#);
        check("-a", r#"bad "-a""#);
        check("a..b", r#"bad "a..b""#);
        check("a___b", r#"bad "a___b""#);
        check("a._b", r#"bad "a._b""#);
        check("a b", r#"bad " ""#);
        check("https://a/b", r#"bad ":""#);
        check("a.-b/c", r#"bad "a.-b""#);
        check("a:x/c", r#"bad ":x""#);
        check("[::g]/c", r#"bad "[::g]""#);
        check("a@sha256:ab", r#"bad "ab""#);
        check("a@md5:ab", r#"bad "md5""#);
        check(&"0a".repeat(32), &format!("bad {:?}", "0a".repeat(32)));
        check(&"a".repeat(250), &format!("bad {:?}", "a".repeat(250)));
        check(&format!("a:{}", "b".repeat(129)), &format!("bad {:?}", "b".repeat(129)));
    }

    #[test]
    fn names_can_be_completed() {
        for (text, qualified, last) in [
            ("nginx", "docker.io/library/nginx", "nginx"),
            ("org/app:1", "docker.io/org/app:1", "app"),
            ("docker.io/nginx", "docker.io/library/nginx", "nginx"),
            ("index.docker.io/org/app", "docker.io/org/app", "app"),
            ("ghcr.io/app", "ghcr.io/app", "app"),
            ("localhost:5000/a/b/c:x", "localhost:5000/a/b/c:x", "c"),
        ] {
            let image = Image::parse(text).expect(text);
            assert_eq!((image.qualified().as_str(), image.last_part()), (qualified, last));
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[a-cA.:/@_0-9\\[\\]é -]{0,24}") {
                match Image::parse(&text) {
                    Ok(image) => {
                        let qualified = image.qualified();
                        let again = Image::parse(&qualified).expect("legal");
                        prop_assert_eq!(again.qualified(), qualified);
                    }
                    Err(fault) => prop_assert!(text.get(fault.range).is_some()),
                }
            }
        }
    }
}
