//! What writing many files as one needs of the system: permissions, flushed directories, locks, names for a moment.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind};
use std::path::Path;

#[cfg(unix)]
pub(super) fn permissions(path: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
pub(super) fn permissions(path: &Path) -> io::Result<u32> {
    fs::metadata(path).map(|_| 0o666)
}

#[cfg(unix)]
pub(super) fn set_permissions(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(super) fn set_permissions(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Some file systems refuse to flush a directory; they have their own order then.
#[cfg(unix)]
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(not(unix))]
pub(super) fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A file renamed over another between opening and locking would give two holders: then it is tried once more.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    for _ in 0..10 {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        super::regular(&file.metadata()?)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if is_at(&file, path) {
            return Ok(file);
        }
    }
    Err(ErrorKind::WouldBlock.into())
}

/// Tells whether an open file is still the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    open.dev() == named.dev() && open.ino() == named.ino()
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// The keys of a `RandomState` differ from process to process and from call to call.
pub(super) fn token() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_until_it_is_dropped() {
        let dir = tempfile::tempdir().expect("a scratch directory");
        let path = dir.path().join("l");
        let held = lock(&path).expect("free");
        assert_eq!(lock(&path).expect_err("held").kind(), ErrorKind::WouldBlock);
        drop(held);
        assert!(lock(&path).is_ok());
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(token(), token());
        assert_eq!(token().len(), 16);
    }
}
