//! Snapshot of the files that a mapping must know: listings, bytes within the limits, `.gitignore` (N81).
//!
//! The only part of this room that asks `host` for files. Paths are relative to the project directory, with `/`. Each
//! file is read at most once, and never more of it than a target can carry. Decides nothing.

mod walk;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ignore::Ignore;
use super::paths;
use crate::host::{FileKind, Host};
use crate::model::{File, Tree};

pub(super) use walk::Walk;

/// Most files of a directory that travels as configuration.
pub(super) const MAX_FILES: usize = 200;

/// Most bytes of a file, or of a directory's files together, that travel as configuration.
pub(super) const MAX_BYTES: u64 = 1_048_576;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Missing,
    File {
        length: u64,
    },
    Directory,
    /// A socket, device or FIFO.
    Special,
    /// A link that leads out of the project.
    Outside,
}

/// Why bytes are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Longer than the limit.
    TooLarge,
    /// The system's text.
    Failed(String),
}

/// The files of one project.
pub(super) struct Snapshot<'h> {
    host: &'h dyn Host,
    root: PathBuf,
    /// The project directory with all links resolved.
    real_root: Option<PathBuf>,
    files: BTreeMap<String, Result<File, Unread>>,
    ignore: OnceCell<Ignore>,
}

impl<'h> Snapshot<'h> {
    /// Looks at a project directory.
    pub(super) fn new(host: &'h dyn Host, project_directory: &Path) -> Self {
        Self {
            host,
            root: project_directory.to_owned(),
            real_root: host.canonicalize(project_directory).ok(),
            files: BTreeMap::new(),
            ignore: OnceCell::new(),
        }
    }

    /// Tells what stands at a path, links followed.
    pub(super) fn look(&self, path: &str) -> Found {
        let place = self.place(path);
        let Ok(metadata) = self.host.metadata(&place) else { return Found::Missing };
        match metadata.kind {
            _ if !self.is_own(path, &place) => Found::Outside,
            FileKind::File => Found::File { length: metadata.length },
            FileKind::Directory => Found::Directory,
            FileKind::Link | FileKind::Special => Found::Special,
        }
    }

    /// Reads a file of at most [`MAX_BYTES`].
    pub(super) fn file(&mut self, path: &str) -> Result<File, Unread> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let read = self.read_at(&self.place(path), path);
        self.files.insert(path.to_owned(), read.clone());
        read
    }

    /// Reads a file that has no path relative to the project; `name` is what it is called in messages.
    pub(super) fn foreign_file(&self, place: &Path, name: &str) -> Result<File, Unread> {
        self.read_at(place, name)
    }

    /// Lists the files of a directory, as far as a mapping can need to know them.
    pub(super) fn walk(&self, path: &str) -> Walk {
        walk::walk(self, path)
    }

    /// Reads the files of a walk that is within the limits.
    pub(super) fn tree(&mut self, path: &str, walk: &Walk) -> Result<Tree, Unread> {
        let names = walk.files.keys();
        names.map(|name| Ok((name.clone(), self.file(&paths::join(path, name))?))).collect()
    }

    /// Tells whether the project's `.gitignore` excludes a path.
    pub(super) fn ignores(&self, path: &str, directory: bool) -> bool {
        let ignore = self.ignore.get_or_init(|| {
            let bytes = self.host.read(&self.place(".gitignore"), MAX_BYTES).unwrap_or_default();
            Ignore::parse(&String::from_utf8_lossy(&bytes))
        });
        path != "." && !paths::is_above(path) && ignore.ignores(path, directory)
    }

    /// Returns the names in a directory.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        self.host.list(&self.place(path)).unwrap_or_default()
    }

    fn read_at(&self, place: &Path, name: &str) -> Result<File, Unread> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::FileTooLarge => Unread::TooLarge,
            _ => Unread::Failed(error.to_string()),
        };
        let metadata = self.host.metadata(place).map_err(failed)?;
        let bytes = self.host.read(place, MAX_BYTES).map_err(failed)?;
        let executable = metadata.executable;
        Ok(File { path: name.to_owned(), bytes: Arc::from(bytes), executable, source: None })
    }

    /// Where a path is on this machine.
    fn place(&self, path: &str) -> PathBuf {
        let mut place = self.root.clone();
        for part in path.split('/').filter(|part| *part != ".") {
            if part == ".." {
                // Lexical, as Compose resolves paths: a link in the way does not count.
                place.pop();
            } else {
                place.push(part);
            }
        }
        place
    }

    /// Tells whether a path leads to a place in the project, or beside it without being a link itself.
    fn is_own(&self, path: &str, place: &Path) -> bool {
        let inside = || self.real(place).is_some_and(|real| self.is_inside(&real));
        let link = || self.host.link_metadata(place).is_ok_and(|metadata| metadata.kind == FileKind::Link);
        if paths::is_above(path) { !link() || inside() } else { inside() }
    }

    fn real(&self, place: &Path) -> Option<PathBuf> {
        self.host.canonicalize(place).ok()
    }

    fn is_inside(&self, real: &Path) -> bool {
        self.real_root.as_ref().is_some_and(|root| real.starts_with(root))
    }
}

#[cfg(test)]
mod tests;
