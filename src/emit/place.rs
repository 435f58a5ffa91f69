//! Where output goes: `-o` (C20), and paths that may be touched there.

use std::path::{Component, Path, PathBuf};

use super::OutputCode;
use crate::diag::Diagnostic;
use crate::host::{FileKind, Host};

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// One file.
    File(String),
    /// A file per object.
    Directory(String),
}

impl Destination {
    /// Reads the value of `-o`: nothing or `-` is standard output, a directory exists or ends in a slash.
    pub(crate) fn of(output: Option<&str>, host: &dyn Host) -> Self {
        let Some(path) = output.filter(|path| *path != "-") else { return Self::Stdout };
        let slash = path.ends_with('/') || path.ends_with(std::path::MAIN_SEPARATOR);
        let directory =
            slash || host.metadata(Path::new(path)).is_ok_and(|found| found.kind == FileKind::Directory);
        if directory { Self::Directory(path.to_owned()) } else { Self::File(path.to_owned()) }
    }
}

/// Returns where a path is from the root, written with `/`: links are followed as far as it exists.
///
/// # Errors
/// There is no working directory.
pub(crate) fn absolute(path: &str, host: &dyn Host) -> std::io::Result<String> {
    let whole = host.current_dir()?.join(cleaned(path));
    // The part that is not there yet will be made below the part that is.
    let resolved = whole.ancestors().find_map(|there| Some((host.canonicalize(there).ok()?, there)));
    let whole = match resolved {
        Some((real, there)) => whole.strip_prefix(there).map_or(real.clone(), |rest| real.join(rest)),
        None => whole,
    };
    Ok(whole.to_string_lossy().replace('\\', "/"))
}

/// Says that a path cannot be made or written.
pub(super) fn invalid(path: impl AsRef<Path>, reason: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(
        OutputCode::PathInvalid,
        format!("`{}` cannot be written: {reason}", path.as_ref().display()),
    )
}

/// Joins a directory and a path of ours below it.
pub(super) fn below(directory: &Path, path: &str) -> PathBuf {
    path.split('/').fold(directory.to_owned(), |joined, part| joined.join(part))
}

/// Returns the directories between `directory` and a path below it, the outermost first.
pub(super) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// Tells whether nothing between `directory` and a path is a link or a file: else it would lead elsewhere.
pub(super) fn is_plain(directory: &Path, path: &str, host: &dyn Host) -> bool {
    parents(path).all(|parent| match host.link_metadata(&below(directory, parent)) {
        Ok(found) => found.kind == FileKind::Directory,
        Err(_) => true,
    })
}

/// Returns the file name that stands beside `name` for a moment.
pub(super) fn beside(path: &Path, name: &str) -> PathBuf {
    path.with_file_name(name)
}

/// Tells whether `directory` is the working directory or holds it.
pub(super) fn holds_working_directory(directory: &Path, host: &dyn Host) -> bool {
    let current = host.current_dir().and_then(|current| host.canonicalize(&current));
    current.is_ok_and(|current| current.starts_with(directory))
}

/// Takes `.` and blank ends out of a path, as users see it: `k8s/` and `./k8s` become `k8s` and `./k8s`.
pub(super) fn shown(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() { "/".to_owned() } else { trimmed.to_owned() }
}

/// Returns a path without trailing slash or `.`, so that it has a last part to put something beside.
pub(super) fn cleaned(path: &str) -> PathBuf {
    Path::new(path).components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::MemoryHost;

    #[test]
    fn a_slash_or_a_directory_means_many_files_c20() {
        let host = MemoryHost::new().dir("/there").file("/file", "");
        let of = |path| Destination::of(Some(path), &host);
        assert_eq!(Destination::of(None, &host), Destination::Stdout);
        assert_eq!(of("-"), Destination::Stdout);
        assert_eq!(of("k8s/"), Destination::Directory("k8s/".into()));
        assert_eq!(of("/there"), Destination::Directory("/there".into()));
        assert_eq!(of("/file"), Destination::File("/file".into()));
        assert_eq!(of("all.yaml"), Destination::File("all.yaml".into()));
    }

    #[test]
    fn paths_that_are_not_there_yet_have_a_place() {
        let host = MemoryHost::new().cwd("/p").dir("/real").link("/p/link", "/real");
        for (path, expected) in
            [("k8s/", "/p/k8s"), ("link/a/b", "/real/a/b"), ("../x", "/x"), ("/y/z/", "/y/z")]
        {
            assert_eq!(absolute(path, &host).expect("a working directory"), expected);
        }
    }

    #[test]
    fn a_link_on_the_way_is_not_plain() {
        let host = MemoryHost::new().dir("/d/sub").dir("/x").link("/d/out", "/x");
        assert!(is_plain(Path::new("/d"), "sub/a", &host));
        assert!(is_plain(Path::new("/d"), "new/a", &host));
        assert!(!is_plain(Path::new("/d"), "out/a", &host));
    }
}
