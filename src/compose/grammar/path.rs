//! Paths as texts, in the manner of Go on Unix: clean, join, `~`, and which of them are resolved at all (L37).
//!
//! Looks at no file system: symbolic links are resolved by the caller.

/// Shortens a path by rules of text alone: no doubled or final `/`, no `.`, no `..` that can be taken back.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// Joins two paths and cleans the result; an empty part adds nothing, two give the empty path.
pub(crate) fn join(base: &str, rest: &str) -> String {
    match (base.is_empty(), rest.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(rest),
        (false, true) => clean(base),
        (false, false) => clean(&format!("{base}/{rest}")),
    }
}

/// Says whether a path starts at the root of a Unix system.
pub(crate) fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// Returns what precedes the last `/` of a path, cleaned: the directory of a file.
pub(crate) fn parent(path: &str) -> String {
    clean(path.rfind('/').map_or("", |slash| &path[..=slash]))
}

/// Replaces a leading `~` by the home directory. `~user/x` is `user/x` there; without a home the text stays.
pub(crate) fn expand_home(path: &str, home: Option<&str>) -> String {
    match (path.strip_prefix('~'), home.filter(|home| !home.is_empty())) {
        (Some(rest), Some(home)) => join(home, rest),
        _ => path.to_owned(),
    }
}

/// Resolves a path of kind `abs`: absolute and empty ones stay as they are.
pub(crate) fn resolve_abs(base: &str, home: Option<&str>, path: &str) -> String {
    let path = expand_home(path, home);
    if path.is_empty() || is_absolute(&path) { path } else { join(base, &path) }
}

/// Resolves a path of kind `unix`: absolute ones of Unix and of Windows stay, the empty one is the base.
pub(crate) fn resolve_unix(base: &str, home: Option<&str>, path: &str) -> String {
    let path = expand_home(path, home);
    if is_absolute(&path) || is_windows_absolute(&path) { path } else { join(base, &path) }
}

/// Resolves a path of kind `ctx`: what is no path of this machine stays.
pub(crate) fn resolve_context(base: &str, home: Option<&str>, path: &str) -> String {
    if is_local_context(path) { resolve_abs(base, home, path) } else { path.to_owned() }
}

/// Says whether a build context is a directory, and neither a URL, nor a Git reference, nor another service.
pub(crate) fn is_local_context(context: &str) -> bool {
    const ELSEWHERE: [&str; 7] =
        ["service:", "http://", "https://", "git://", "ssh://", "github.com/", "git@"];
    !context.contains("://") && !ELSEWHERE.iter().any(|prefix| context.starts_with(prefix))
}

/// Finds a file that another file or the command line names: joined with a directory unless absolute, then cleaned.
pub(crate) fn locate(directory: &str, home: Option<&str>, path: &str) -> String {
    let path = expand_home(path, home);
    if is_absolute(&path) { clean(&path) } else { join(directory, &path) }
}

/// Says whether a path was written relative: it belongs to the project on every machine.
pub(crate) fn is_relative(path: &str) -> bool {
    !is_absolute(path) && !is_windows_absolute(path) && !path.starts_with('~')
}

/// Says whether a file reference means something that must be fetched (L25).
pub(crate) fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}

/// Returns the last part of a path.
pub(crate) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Returns an absolute path as seen from an absolute directory, with `..` where it lies beside or above it.
pub(crate) fn relative_to(directory: &str, path: &str) -> String {
    let (directory, path) = (clean(directory), clean(path));
    let steps = |text: &str| {
        text.split('/').filter(|step| !step.is_empty()).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let (from, to) = (steps(&directory), steps(&path));
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    let way: Vec<&str> = up.chain(to[common..].iter().map(String::as_str)).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

/// Says whether a path is absolute on Windows: `C:\x`, `C:/x`, `\\host\share`, `\\.\pipe`, `\??\C:\x`.
pub(crate) fn is_windows_absolute(path: &str) -> bool {
    const fn separates(byte: u8) -> bool {
        matches!(byte, b'/' | b'\\')
    }
    match path.as_bytes() {
        [_, b':', rest @ ..] => rest.first().is_some_and(|byte| separates(*byte)),
        [first, second, ..] if separates(*first) && separates(*second) => true,
        // Names of the object manager: the part behind the prefix belongs to the volume, and a path must follow.
        [first, b'?', b'?', third, rest @ ..] if separates(*first) && separates(*third) => {
            rest.iter().any(|byte| separates(*byte))
        }
        _ => false,
    }
}

/// Turns a path on a Windows drive into what Docker Desktop calls it: `C:\x` into `/c/x` (L32). Others stay.
pub(crate) fn convert_drive(path: &str) -> String {
    match path.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => {
            format!("/{}{}", char::from(letter.to_ascii_lowercase()), path[2..].replace('\\', "/"))
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_follows_go() {
        for (path, expected) in [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//", "/"),
            ("/app/", "/app"),
            ("/c/../d", "/d"),
            ("/..", "/"),
            ("/../a", "/a"),
            ("a/..", "."),
            ("a/../..", ".."),
            ("../../a", "../../a"),
            ("../a/../b", "../b"),
            ("./a//b/./c/", "a/b/c"),
            ("/a/b/../../..", "/"),
            ("x:/data/", "x:/data"),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    #[test]
    fn joining_passes_over_empty_parts() {
        assert_eq!(join("/p", "a"), "/p/a");
        assert_eq!(join("/p/", "./a/"), "/p/a");
        assert_eq!(join("/p", "../a"), "/a");
        assert_eq!(join("/p", "/a"), "/p/a");
        assert_eq!(join("/p/", ""), "/p");
        assert_eq!(join("", "a/"), "a");
        assert_eq!(join("", ""), "");
    }

    #[test]
    fn parents_are_directories() {
        assert_eq!(parent("/p/compose.yaml"), "/p");
        assert_eq!(parent("/compose.yaml"), "/");
        assert_eq!(parent("compose.yaml"), ".");
        assert_eq!(parent("a/../b/c"), "b");
        assert_eq!(parent("/p/"), "/p");
        assert_eq!(parent(""), ".");
    }

    #[test]
    fn home_replaces_the_tilde() {
        assert_eq!(expand_home("~", Some("/h")), "/h");
        assert_eq!(expand_home("~/a/", Some("/h")), "/h/a");
        assert_eq!(expand_home("~user/x", Some("/h")), "/h/user/x");
        assert_eq!(expand_home("a/~", Some("/h")), "a/~");
        assert_eq!(expand_home("~/a", None), "~/a");
        assert_eq!(expand_home("~/a", Some("")), "~/a");
    }

    #[test]
    fn kinds_differ_in_what_stays() {
        let home = Some("/h");
        for (path, abs, unix, context) in [
            ("a", "/p/a", "/p/a", "/p/a"),
            ("./a/../b/", "/p/b", "/p/b", "/p/b"),
            ("", "", "/p", ""),
            (".", "/p", "/p", "/p"),
            ("/a/../b/", "/a/../b/", "/a/../b/", "/a/../b/"),
            ("~/a", "/h/a", "/h/a", "/h/a"),
            (r"C:\x", r"/p/C:\x", r"C:\x", r"/p/C:\x"),
            (r"\\host\share", r"/p/\\host\share", r"\\host\share", r"/p/\\host\share"),
            ("C:x", "/p/C:x", "/p/C:x", "/p/C:x"),
            ("https://x/y.git", "/p/https:/x/y.git", "/p/https:/x/y.git", "https://x/y.git"),
            ("docker-image://a", "/p/docker-image:/a", "/p/docker-image:/a", "docker-image://a"),
            ("service:a", "/p/service:a", "/p/service:a", "service:a"),
            ("git@x:y", "/p/git@x:y", "/p/git@x:y", "git@x:y"),
            ("github.com/x", "/p/github.com/x", "/p/github.com/x", "github.com/x"),
            ("github.com", "/p/github.com", "/p/github.com", "/p/github.com"),
        ] {
            assert_eq!(resolve_abs("/p", home, path), abs, "abs {path}");
            assert_eq!(resolve_unix("/p", home, path), unix, "unix {path}");
            assert_eq!(resolve_context("/p", home, path), context, "ctx {path}");
        }
    }

    #[test]
    fn windows_knows_drives_shares_and_devices() {
        for path in [
            r"C:\x",
            "c:/x",
            "C:\\",
            r"\\host\share",
            "//host",
            r"\\.\pipe\a",
            r"\/",
            r"\\?\C:\a",
            r"\??\C:\a",
        ] {
            assert!(is_windows_absolute(path), "{path}");
        }
        for path in ["", "C:", "C:x", "a", "/a", r"\a", r"\??", r"\??\C:", r"\?a\b\c", "é:/x"] {
            assert!(!is_windows_absolute(path), "{path}");
        }
    }

    #[test]
    fn drives_become_directories() {
        assert_eq!(convert_drive(r"C:\Users\x"), "/c/Users/x");
        assert_eq!(convert_drive("d:/x"), "/d/x");
        assert_eq!(convert_drive(r"\\host\share"), r"\\host\share");
        assert_eq!(convert_drive("/a"), "/a");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn cleaning_twice_changes_nothing(path in "[./a-c]{0,20}") {
                let once = clean(&path);
                prop_assert_eq!(clean(&once), once);
            }

            #[test]
            fn no_text_panics(path in "\\PC{0,12}|[/\\\\:?.C~é]{0,12}") {
                let _ = (is_windows_absolute(&path), parent(&path), is_local_context(&path));
                prop_assert!(is_absolute(&resolve_unix("/p", None, &path)) || is_windows_absolute(&path));
            }
        }
    }
}
