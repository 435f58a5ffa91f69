//! What an interrupted run leaves: files and directories that were meant for a moment (C23).

use std::path::{Path, PathBuf};

use super::{journal, record};
use crate::host::{FileKind, Host};

/// Ends the name of a file that waits for its place.
pub(super) const NEW: &str = ".rcompose-new";

/// Returns the name under which a new file waits beside its place.
pub(super) fn waiting(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{NEW}"))
}

/// Tells whether a name is that of a file of ours that is there for a moment only.
pub(super) fn is_momentary(name: &str) -> bool {
    name == journal::NAME || (name.starts_with('.') && name.ends_with(NEW))
}

/// Returns the directory that takes the place of `directory` at once.
pub(super) fn sibling(directory: &Path, host: &dyn Host) -> PathBuf {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    directory.with_file_name(format!("{name}.rcompose-{}", host.token()))
}

/// Removes siblings that an interrupted run left. Only what begins with a record of ours, or is empty.
pub(super) fn remove_siblings(directory: &Path, host: &dyn Host) {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{name}.rcompose-");
    let Some(parent) = directory.parent() else { return };
    for entry in host.list(parent).unwrap_or_default() {
        let token = entry.strip_prefix(&prefix).unwrap_or_default();
        if token.len() != 16 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            continue;
        }
        let path = parent.join(&entry);
        let is_directory = host.link_metadata(&path).is_ok_and(|found| found.kind == FileKind::Directory);
        let begun = host.link_metadata(&path.join(record::NAME)).is_ok();
        // Nothing depends on them: the next run tries again.
        let _ = match is_directory {
            true if begun => host.remove_dir_all(&path),
            true => host.remove_dir(&path),
            false => Ok(()),
        };
    }
}
