//! What a run would change, known in full before the first byte is written (C23). Writes nothing.

use std::path::{Path, PathBuf};

use super::OutputFile;
use super::record::Record;
use crate::host::Lock;

/// Largest present file that is compared; nothing that we write comes near.
pub(super) const LIMIT: u64 = 64 * 1024 * 1024;

/// One file that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Path as users know it: below what they wrote behind `-o`.
    pub(crate) shown: String,
    /// What is there now.
    pub(crate) old: Option<Vec<u8>>,
    /// What would be there.
    pub(crate) new: Option<Vec<u8>>,
    /// Holds secret data: its content is not shown.
    pub(crate) secret: bool,
    /// Not ours, or changed by hand: only `--force` got it here.
    pub(crate) forced: bool,
    /// Path below the directory.
    pub(super) path: String,
}

/// A run that may begin.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What would change, sorted by path.
    pub(crate) changes: Vec<Change>,
    /// The record, where nothing but it would change.
    pub(crate) record: Option<Change>,
    pub(super) work: Work,
}

/// How the changes are brought about.
#[derive(Debug)]
pub(super) enum Work {
    /// One file.
    File {
        /// What the user wrote.
        shown: String,
        /// Where it is, links followed.
        path: PathBuf,
        bytes: Vec<u8>,
    },
    /// A directory.
    Directory(Directory),
}

/// A directory and what shall be in it.
#[derive(Debug)]
pub(super) struct Directory {
    /// What the user wrote, without the final slash.
    pub(super) shown: String,
    /// Where it is, links followed.
    pub(super) path: PathBuf,
    /// All files, the unchanged ones too.
    pub(super) files: Vec<OutputFile>,
    /// What the record will say.
    pub(super) record: Record,
    /// The directory is there.
    pub(super) exists: bool,
    /// Nothing in it is anybody else's.
    pub(super) all_ours: bool,
    /// Held until the end, so that no other run writes there.
    pub(super) lock: Option<Lock>,
}

impl Plan {
    /// Tells whether everything is as it should be.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.record.is_none()
    }

    /// Lists files that are overwritten or removed although they are not ours, or were changed by hand.
    pub(crate) fn forced(&self) -> impl Iterator<Item = &str> {
        self.changes.iter().filter(|change| change.forced).map(|change| change.shown.as_str())
    }
}

impl Directory {
    /// Returns where a file of ours lies.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        super::place::below(&self.path, path)
    }
}

/// Reads what is there; `None` if nothing is.
pub(super) fn present(path: &Path, host: &dyn crate::host::Host) -> std::io::Result<Option<Vec<u8>>> {
    match host.read(path, LIMIT) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
