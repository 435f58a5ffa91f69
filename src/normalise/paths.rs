//! Cleaned paths as text with `/`: which lies below which. Asks no file system, so it is the same on every machine.

pub(super) use crate::compose::grammar::path::{
    base_name, clean, is_relative, is_windows_absolute, relative_to as relative,
};

/// Joins a path to the directory that it starts from, and cleans it; an absolute one stays.
pub(super) fn join(directory: &str, path: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("{directory}/{path}")) }
}

/// Returns what leads from a directory to a path at or below it (`.` for itself); both cleaned.
pub(super) fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    if path == directory {
        return Some(".");
    }
    match directory {
        "." if path.starts_with('/') || is_above(path) => None,
        "." => Some(path),
        "/" => path.strip_prefix('/'),
        directory => path.strip_prefix(directory)?.strip_prefix('/').filter(|rest| !is_above(rest)),
    }
}

/// Tells whether a cleaned path is a directory or lies below it. A directory of `..` alone holds what has fewer of them.
pub(super) fn is_at_or_below(path: &str, directory: &str) -> bool {
    if is_above(directory) && directory.split('/').all(|part| part == "..") {
        let ups = |path: &str| path.split('/').take_while(|part| *part == "..").count();
        return !path.starts_with('/')
            && (path == directory || ups(path) < ups(directory) || below(path, directory).is_some());
    }
    below(path, directory).is_some()
}

/// Leads out of the directory that it starts from.
pub(super) fn is_above(path: &str) -> bool {
    path == ".." || path.starts_with("../")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        assert_eq!(join("/app", "../x"), "/x");
        assert_eq!(join("a/b", "/x/"), "/x");
        assert_eq!(join(".", "a"), "a");
    }

    #[test]
    fn below_counts_whole_parts() {
        assert_eq!(below("/etc/nginx", "/etc"), Some("nginx"));
        assert_eq!(below("/etcetera", "/etc"), None);
        assert_eq!(below("/a", "/"), Some("a"));
        assert_eq!(below("a/b", "."), Some("a/b"));
        assert_eq!(below("../a", "."), None);
        assert_eq!(below("a", "a"), Some("."));
        assert!(is_at_or_below("a", ".."));
        assert!(is_at_or_below(".", ".."));
        assert!(is_at_or_below("../a", ".."));
        assert!(!is_at_or_below("../..", ".."));
        assert!(!is_at_or_below("../../a", ".."));
        assert!(is_at_or_below("../a", "../.."));
        assert!(!is_at_or_below("/a", ".."));
    }
}
