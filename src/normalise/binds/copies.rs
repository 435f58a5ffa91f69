//! Where a `COPY` of the Dockerfile puts a path of the build context (N80, row 7).

use super::super::{glob, paths};
use crate::model::CopiedPath;

/// Tells whether one of the copies puts a path below the context at this very place in the image.
pub(super) fn puts_at(copied: &[CopiedPath], path: &str, is_file: bool, target: &str) -> bool {
    copied.iter().any(|copy| {
        let place = copy.target.as_deref().and_then(|to| place_of(&copy.source, to, path, is_file));
        place.is_some_and(|place| place == target)
    })
}

/// Where a path ends up. Docker copies the content of a directory, not the directory.
fn place_of(source: &str, target: &str, path: &str, is_file: bool) -> Option<String> {
    if source == "." {
        return Some(paths::join(target, path));
    }
    let rest = behind(source, path)?;
    Some(match rest {
        "" if !is_file => paths::clean(target),
        "" if target.ends_with('/') => paths::join(target, paths::base_name(path)),
        "" => target.to_owned(),
        rest => paths::join(target, rest),
    })
}

/// What of a path stands behind the parts that a source matches.
fn behind<'a>(source: &str, path: &'a str) -> Option<&'a str> {
    let mut rest = path;
    for pattern in source.split('/') {
        let (part, behind) = rest.split_once('/').unwrap_or((rest, ""));
        if part.is_empty() || !glob::matches(pattern, part) {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, to: &str, path: &str, is_file: bool, target: &str) -> bool {
        let copy = CopiedPath { source: source.to_owned(), target: Some(to.to_owned()) };
        puts_at(&[copy], path, is_file, target)
    }

    #[test]
    fn directories_are_copied_by_their_content() {
        assert!(check(".", "/app/", "src", false, "/app/src"));
        assert!(check("src", "/app/", "src", false, "/app"));
        assert!(check("src", "/app/src", "src/a/b", true, "/app/src/a/b"));
        assert!(!check("src", "/app/", "src", false, "/app/src"));
        assert!(!check("src", "/app", "srcs", false, "/app"));
    }

    #[test]
    fn files_keep_their_name_in_a_directory() {
        assert!(check("a/x.py", "/app/", "a/x.py", true, "/app/x.py"));
        assert!(check("x.py", "/app/main.py", "x.py", true, "/app/main.py"));
        assert!(check("*.py", "/app/", "x.py", true, "/app/x.py"));
        assert!(check("*", "/app/", "src/x", true, "/app/x"));
        assert!(!check("*.py", "/app/", "src/x.py", true, "/app/x.py"));
    }
}
