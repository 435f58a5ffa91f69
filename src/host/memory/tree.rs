//! The file system of [`MemoryHost`](super::MemoryHost): entries by absolute path, without `.`, `..` and links in it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows before it calls them a loop.
const LINKS_FOLLOWED: usize = 40;

/// What stands at a path. The root directory is not in the map.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    File { content: Vec<u8>, mode: u32 },
    Directory,
    Link(PathBuf),
    Special,
}

/// All entries, by path. Paths sort by their parts, so what a directory holds follows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    entries: BTreeMap<PathBuf, Entry>,
}

impl Tree {
    /// Returns what stands at a resolved path.
    pub(super) fn get(&self, path: &Path) -> Option<&Entry> {
        if path == Path::new("/") { Some(&Entry::Directory) } else { self.entries.get(path) }
    }

    /// Returns what stands at a resolved path, or the error that there is nothing.
    pub(super) fn existing(&self, path: &Path) -> io::Result<&Entry> {
        self.get(path).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Returns regular files with their content.
    pub(super) fn files(&self) -> impl Iterator<Item = (&PathBuf, &[u8])> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::File { content, .. } => Some((path, content.as_slice())),
            _ => None,
        })
    }

    /// Returns the path without links, `.` and `..`. Only its last part need not exist.
    pub(super) fn resolve(&self, path: &Path, follow_last: bool) -> io::Result<PathBuf> {
        let mut todo: Vec<PathBuf> = parts(path);
        let mut done = PathBuf::from("/");
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == Path::new("..") {
                done.pop();
                continue;
            }
            match self.existing(&done)? {
                Entry::Directory => {}
                _ => return Err(ErrorKind::NotADirectory.into()),
            }
            let next = done.join(&part);
            match self.get(&next) {
                Some(Entry::Link(target)) if follow_last || !todo.is_empty() => {
                    links += 1;
                    if links > LINKS_FOLLOWED {
                        return Err(io::Error::other("too many levels of symbolic links"));
                    }
                    if target.has_root() {
                        done = PathBuf::from("/");
                    }
                    todo.extend(parts(target));
                }
                _ => done = next,
            }
        }
        Ok(done)
    }

    /// Puts an entry somewhere and makes the directories above it. A directory may be there already.
    pub(super) fn put(&mut self, path: &Path, entry: Entry) -> io::Result<()> {
        let mut made = PathBuf::from("/");
        let mut todo = parts(path);
        todo.reverse();
        let last = todo.pop();
        for part in todo {
            made = self.resolve(&made.join(part), true)?;
            self.make_dir(&made)?;
        }
        let Some(last) = last else { return Ok(()) };
        let path = self.resolve(&made.join(last), matches!(entry, Entry::Directory))?;
        if matches!(entry, Entry::Directory) {
            return self.make_dir(&path);
        }
        if matches!(self.get(&path), Some(Entry::Directory)) {
            return Err(ErrorKind::IsADirectory.into());
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    fn make_dir(&mut self, path: &Path) -> io::Result<()> {
        match self.get(path) {
            Some(Entry::Directory) => Ok(()),
            Some(_) => Err(ErrorKind::AlreadyExists.into()),
            None => {
                self.entries.insert(path.to_owned(), Entry::Directory);
                Ok(())
            }
        }
    }

    /// Lists the names in a directory.
    pub(super) fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let Entry::Directory = self.existing(path)? else { return Err(ErrorKind::NotADirectory.into()) };
        let inside = self.entries.keys().filter(|entry| entry.parent() == Some(path));
        let mut names: Vec<String> =
            inside.filter_map(|entry| Some(entry.file_name()?.to_str()?.to_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Writes a file as the real host does.
    pub(super) fn write(&mut self, path: &Path, bytes: &[u8], mode: u32, replace: bool) -> io::Result<()> {
        let path = self.resolve(path, replace)?;
        let mode = match self.get(&path) {
            None => mode,
            Some(_) if !replace => return Err(ErrorKind::AlreadyExists.into()),
            Some(Entry::File { mode: present, .. }) => present & mode,
            Some(Entry::Directory) => return Err(ErrorKind::IsADirectory.into()),
            Some(Entry::Link(_) | Entry::Special) => return Err(crate::host::not_a_regular_file()),
        };
        match path.parent().and_then(|parent| self.get(parent)) {
            Some(Entry::Directory) => {}
            Some(_) => return Err(ErrorKind::NotADirectory.into()),
            None => return Err(ErrorKind::NotFound.into()),
        }
        self.entries.insert(path, Entry::File { content: bytes.to_vec(), mode });
        Ok(())
    }

    /// Sets the mode of a file; directories have none here.
    pub(super) fn set_mode(&mut self, path: &Path, new: u32) -> io::Result<()> {
        let path = self.resolve(path, true)?;
        self.existing(&path)?;
        if let Some(Entry::File { mode, .. }) = self.entries.get_mut(&path) {
            *mode = new;
        }
        Ok(())
    }

    /// Renames a file or directory over what is there.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.resolve(from, false)?, self.resolve(to, false)?);
        let directory = matches!(self.existing(&from)?, Entry::Directory);
        if from == to {
            return Ok(());
        }
        if to.starts_with(&from) {
            return Err(ErrorKind::InvalidInput.into());
        }
        match self.get(&to) {
            Some(Entry::Directory) if !directory => return Err(ErrorKind::IsADirectory.into()),
            Some(Entry::Directory) if !self.list(&to)?.is_empty() => {
                return Err(ErrorKind::DirectoryNotEmpty.into());
            }
            Some(Entry::Directory) | None => {}
            Some(_) if directory => return Err(ErrorKind::NotADirectory.into()),
            Some(_) => {}
        }
        match to.parent().and_then(|parent| self.get(parent)) {
            Some(Entry::Directory) => {}
            _ => return Err(ErrorKind::NotFound.into()),
        }
        let moved = self.take(&from);
        self.give(&to, moved);
        Ok(())
    }

    /// Exchanges two entries with all that they hold.
    pub(super) fn exchange(&mut self, one: &Path, other: &Path) -> io::Result<()> {
        let (one, other) = (self.resolve(one, false)?, self.resolve(other, false)?);
        self.existing(&one)?;
        self.existing(&other)?;
        if one.starts_with(&other) || other.starts_with(&one) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let (first, second) = (self.take(&one), self.take(&other));
        self.give(&other, first);
        self.give(&one, second);
        Ok(())
    }

    /// Removes what is no directory.
    pub(super) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        let path = self.resolve(path, false)?;
        if matches!(self.existing(&path)?, Entry::Directory) {
            return Err(ErrorKind::IsADirectory.into());
        }
        self.entries.remove(&path);
        Ok(())
    }

    /// Removes a directory, with all that it holds or only if that is nothing.
    pub(super) fn remove_dir(&mut self, path: &Path, all: bool) -> io::Result<()> {
        let path = self.resolve(path, false)?;
        if !all && !self.list(&path)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        let Entry::Directory = self.existing(&path)? else { return Err(ErrorKind::NotADirectory.into()) };
        self.take(&path);
        Ok(())
    }

    /// Takes out an entry and all below it, with paths relative to it.
    fn take(&mut self, path: &Path) -> Vec<(PathBuf, Entry)> {
        let below: Vec<PathBuf> =
            self.entries.keys().filter(|entry| entry.starts_with(path)).cloned().collect();
        let entries = below.into_iter().filter_map(|entry| {
            let relative = entry.strip_prefix(path).ok()?.to_owned();
            Some((relative, self.entries.remove(&entry)?))
        });
        entries.collect()
    }

    fn give(&mut self, path: &Path, entries: Vec<(PathBuf, Entry)>) {
        self.take(path);
        for (relative, entry) in entries {
            let place = if relative.as_os_str().is_empty() { path.to_owned() } else { path.join(relative) };
            self.entries.insert(place, entry);
        }
    }
}

/// Returns the parts of a path, the last one first, so that they can be taken from the end.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    let mut parts: Vec<PathBuf> = parts.map(|part| PathBuf::from(part.as_os_str())).collect();
    parts.reverse();
    parts
}
