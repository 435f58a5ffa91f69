//! Hosts and paths that the API server takes (N52).

use std::net::IpAddr;

use crate::backend::kubernetes::metadata::is_subdomain;

/// Longest path of a route.
const LONGEST: usize = 1024;

/// Tells whether a host can stand in a rule: a DNS subdomain, perhaps behind `*.`.
pub(super) fn is_host(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    is_subdomain(name) && name.parse::<IpAddr>().is_err()
}

/// Tells whether a path can stand in a rule.
pub(super) fn is_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(c);
    path.starts_with('/')
        && path.len() <= LONGEST
        && path.chars().all(plain)
        && has_legal_escapes(path)
        && !path.contains("//")
        && !path.to_ascii_lowercase().contains("%2f")
        && !path.split('/').any(|part| part == "." || part == "..")
}

fn has_legal_escapes(path: &str) -> bool {
    path.split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names() {
        assert!(is_host("a.example.com") && is_host("*.example.com") && is_host("localhost"));
        for host in ["10.0.0.1", "*", "a.*", "my_host", "", "a..b", "-a", "A.b"] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn paths_lead_down_only() {
        assert!(is_path("/") && is_path("/a/b.c/%20") && is_path("/a/"));
        for path in ["", "a", "//", "/a//b", "/a/../b", "/.", "/%2Fx", "/%zz", "/a b", "/%"] {
            assert!(!is_path(path), "{path}");
        }
    }
}
