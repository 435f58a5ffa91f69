//! A whole directory replaced in one step: way (a) of C23.

use std::io;
use std::path::Path;

use super::leftover::{remove_siblings, sibling};
use super::place::{below, holds_working_directory, parents};
use super::plan::Directory;
use super::{OutputFile, record};
use crate::host::Host;

/// Tells whether this way is open: nothing in the directory is anybody else's, and nobody stands in it.
pub(super) fn may(directory: &Directory, host: &dyn Host) -> bool {
    directory.all_ours
        && directory.path.file_name().is_some()
        && !holds_working_directory(&directory.path, host)
}

/// Fills a sibling and puts it in the place of the directory.
///
/// # Errors
/// Those of the system; the directory is then as it was.
pub(super) fn write(directory: &Directory, host: &dyn Host) -> io::Result<()> {
    let path = &directory.path;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    host.create_dir_all(parent)?;
    remove_siblings(path, host);
    let sibling = sibling(path, host);
    let filled = fill(&sibling, directory, host);
    let occupied = directory.exists && !host.list(path)?.is_empty();
    let placed = filled
        .and_then(|()| if occupied { host.exchange(&sibling, path) } else { host.rename(&sibling, path) });
    if placed.is_err() || occupied {
        // Before: the new one that found no place. After: the old one. Either may also wait for the next run.
        let _ = host.remove_dir_all(&sibling);
    }
    placed?;
    // It stands in its place; a system that cannot flush that now does it later.
    let _ = host.sync_dir(parent);
    Ok(())
}

/// Makes the sibling, the record first: it says whose the directory is, should we never come back.
fn fill(sibling: &Path, directory: &Directory, host: &dyn Host) -> io::Result<()> {
    host.create_dir_all(sibling)?;
    host.write(&sibling.join(record::NAME), directory.record.print().as_bytes(), 0o666, false)?;
    for file in &directory.files {
        put(sibling, file, host)?;
    }
    let directories: std::collections::BTreeSet<&str> =
        directory.files.iter().flat_map(|file| parents(&file.path)).collect();
    for inner in directories {
        host.sync_dir(&below(sibling, inner))?;
    }
    if directory.exists {
        host.set_permissions(sibling, host.permissions(&directory.path)?)?;
    }
    host.sync_dir(sibling)
}

/// Writes a file and makes the directories above it; those of files for one user alone are for that user alone (S5).
fn put(root: &Path, file: &OutputFile, host: &dyn Host) -> io::Result<()> {
    make_parents(root, file, host)?;
    host.write(&below(root, &file.path), &file.bytes, file.mode, false)
}

/// Makes the directories above a file.
pub(super) fn make_parents(root: &Path, file: &OutputFile, host: &dyn Host) -> io::Result<()> {
    for parent in parents(&file.path) {
        let parent = below(root, parent);
        if host.link_metadata(&parent).is_ok() {
            continue;
        }
        host.create_dir_all(&parent)?;
        let for_others = file.mode & 0o077;
        if for_others == 0 {
            host.set_permissions(&parent, 0o700)?;
        }
    }
    Ok(())
}
