//! Paths in containers, which are compared as text: cleaned, absolute, with `/`.

/// Tells whether a path is another one or lies below it.
pub(crate) fn is_at_or_below(path: &str, above: &str) -> bool {
    is_below(path, above) || path == above
}

/// Tells whether a path lies below another one.
pub(crate) fn is_below(path: &str, above: &str) -> bool {
    let above = above.trim_end_matches('/');
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
}

/// Cleans a path: no `.`, no `..`, no doubled or trailing `/`.
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Returns the last part of a path, which may be of Windows; empty for a root.
pub(crate) fn base_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_counts_whole_parts() {
        assert!(is_below("/a/b", "/a") && is_below("/a", "/") && is_at_or_below("/a", "/a"));
        assert!(!is_below("/ab", "/a") && !is_below("/a", "/a") && !is_below("/", "/"));
    }

    #[test]
    fn paths_are_cleaned_and_cut() {
        assert_eq!(clean("/a//b/./../c/"), "/a/c");
        assert_eq!(clean("x"), "/x");
        assert_eq!([base_name("/a/b/"), base_name("/"), base_name(r"\\.\pipe\x")], ["b", "", "x"]);
    }
}
