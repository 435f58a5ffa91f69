//! Paths as text with `/`, cleaned without asking any file system. The same on every machine.

/// Cleans a path as Go's `path.Clean` does: no `.`, `//`, trailing `/`, and no `..` but leading ones of a relative path.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Joins a path to the directory that it starts from, and cleans it; an absolute one stays.
pub(super) fn join(directory: &str, path: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("{directory}/{path}")) }
}

/// Returns the last part of a cleaned path.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
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

/// Returns the way from one absolute, cleaned path to another; `None` when one of them is not absolute.
pub(super) fn relative(from: &str, to: &str) -> Option<String> {
    if !from.starts_with('/') || !to.starts_with('/') {
        return None;
    }
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let (from, to): (Vec<String>, Vec<String>) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let ups = std::iter::repeat_n("..", from.len() - shared);
    let way: Vec<&str> = ups.chain(to[shared..].iter().map(String::as_str)).collect();
    Some(if way.is_empty() { ".".to_owned() } else { way.join("/") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, cleaned) in [
            ("./a//b/", "a/b"),
            ("", "."),
            ("./", "."),
            ("a/../..", ".."),
            ("../../x/../y", "../../y"),
            ("//var/run/docker.sock", "/var/run/docker.sock"),
            ("/../a", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
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

    #[test]
    fn relative_ways_go_up_and_down() {
        assert_eq!(relative("/p/q", "/p/q/a/b").as_deref(), Some("a/b"));
        assert_eq!(relative("/p/q", "/p/x").as_deref(), Some("../x"));
        assert_eq!(relative("/p", "/p").as_deref(), Some("."));
        assert_eq!(relative("/", "/a").as_deref(), Some("a"));
        assert_eq!(relative("/p", "C:\\x"), None);
    }
}
