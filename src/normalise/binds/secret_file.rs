//! Files that become Secrets (N84).

use super::super::secret_value::value_looks_secret;
use super::super::{glob, paths};
use crate::model::File;

/// Lower case; names are compared in any case.
const SECRET_NAMES: &[&str] = &[
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "id_rsa*",
    ".htpasswd",
    ".pgpass",
    "*.env",
    "*credentials*",
    "*secret*",
];

/// Tells whether a file is named like something secret, or holds it.
pub(super) fn is_sensitive(file: &File) -> bool {
    names_secret(&file.path) || std::str::from_utf8(&file.bytes).is_ok_and(value_looks_secret)
}

/// Tells whether the last part of a path names something secret.
pub(super) fn names_secret(path: &str) -> bool {
    let name = paths::base_name(path).to_lowercase();
    SECRET_NAMES.iter().any(|pattern| glob::matches(pattern, &name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> bool {
        is_sensitive(&File {
            path: path.to_owned(),
            bytes: text.as_bytes().into(),
            executable: false,
            source: None,
        })
    }

    #[test]
    fn names_and_content_make_a_secret() {
        for name in
            ["tls/Server.KEY", ".env", "prod.env", "id_rsa", "aws-credentials.json", "client_secret.json"]
        {
            assert!(check(name, ""), "{name}");
        }
        assert!(check("app.ini", "url = postgres://u:p@db/x"));
        assert!(!check("keys.txt", "nothing"));
        assert!(!check("secret/nginx.conf", "listen 80;"));
    }
}
