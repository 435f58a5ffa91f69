//! A world in memory, for tests: files, directories, links, special files, environment, working directory, input.
//!
//! Behaves like a Unix file system with one user. Knows no clock and no umask; paths that begin with a slash are
//! absolute on every system, so tests read the same on Windows.

mod tree;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use self::tree::{Entry, Tree};
use super::{FileKind, Host, Lock, Metadata, Ran};

/// Files, environment and streams that exist only in memory.
///
/// The builder methods make missing directories and panic when a path makes no sense: they are called by tests only.
#[derive(Clone, Debug, Default)]
pub struct MemoryHost {
    tree: RefCell<Tree>,
    environment: BTreeMap<String, String>,
    current_dir: Option<PathBuf>,
    home: Option<PathBuf>,
    stdin: Vec<u8>,
    locked: Rc<RefCell<BTreeSet<PathBuf>>>,
    tokens: Cell<u64>,
    programs: BTreeMap<String, Program>,
}

/// A program: from its words and its standard input to what it does.
type Program = fn(&[String], &[u8]) -> Ran;

impl MemoryHost {
    /// Makes a world with an empty root directory, in which the process stands.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a regular file.
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        self.with(path.as_ref(), Entry::File { content, mode: 0o644 })
    }

    /// Adds a regular file that its owner may execute.
    #[must_use]
    pub fn executable(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        self.with(path.as_ref(), Entry::File { content, mode: 0o755 })
    }

    /// Adds a regular file that may not be read.
    #[must_use]
    pub fn unreadable(self, path: impl AsRef<Path>) -> Self {
        self.with(path.as_ref(), Entry::File { content: Vec::new(), mode: 0 })
    }

    /// Adds a directory.
    #[must_use]
    pub fn dir(self, path: impl AsRef<Path>) -> Self {
        self.with(path.as_ref(), Entry::Directory)
    }

    /// Adds a symbolic link; a relative target starts at the directory of the link.
    #[must_use]
    pub fn link(self, path: impl AsRef<Path>, target: impl Into<PathBuf>) -> Self {
        self.with(path.as_ref(), Entry::Link(target.into()))
    }

    /// Adds a FIFO, socket or device.
    #[must_use]
    pub fn special(self, path: impl AsRef<Path>) -> Self {
        self.with(path.as_ref(), Entry::Special)
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Sets the working directory and makes it; relative paths of later calls start there.
    #[must_use]
    pub fn cwd(mut self, path: impl AsRef<Path>) -> Self {
        let path = self.absolute(path.as_ref());
        self.current_dir = Some(path.clone());
        self.dir(path)
    }

    /// Sets the home directory, without making it.
    #[must_use]
    pub fn home(mut self, path: impl Into<PathBuf>) -> Self {
        self.home = Some(path.into());
        self
    }

    /// Sets what standard input holds.
    #[must_use]
    pub fn stdin(mut self, content: impl AsRef<[u8]>) -> Self {
        self.stdin = content.as_ref().to_vec();
        self
    }

    /// Adds a program that can be run by its name.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>, program: fn(&[String], &[u8]) -> Ran) -> Self {
        self.programs.insert(name.into(), program);
        self
    }

    /// Returns all regular files with their content, by path.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.tree.borrow().files().map(|(path, content)| (path.clone(), content.to_vec())).collect()
    }

    /// Returns the content of a file as text, `None` if there is no such file.
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let content = self.read(path.as_ref(), u64::MAX).ok()?;
        Some(String::from_utf8_lossy(&content).into_owned())
    }

    /// Returns the mode with which a file was written.
    pub fn mode(&self, path: impl AsRef<Path>) -> Option<u32> {
        let tree = self.tree.borrow();
        let path = tree.resolve(&self.absolute(path.as_ref()), true).ok()?;
        match tree.get(&path) {
            Some(Entry::File { mode, .. }) => Some(*mode),
            _ => None,
        }
    }

    fn with(self, path: &Path, entry: Entry) -> Self {
        let path = self.absolute(path);
        self.tree.borrow_mut().put(&path, entry).expect("the paths of a test fit together");
        self
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        match &self.current_dir {
            _ if path.has_root() => path.to_owned(),
            Some(dir) => dir.join(path),
            None => Path::new("/").join(path),
        }
    }

    fn describe(&self, path: &Path, follow: bool) -> io::Result<Metadata> {
        let tree = self.tree.borrow();
        let path = tree.resolve(&self.absolute(path), follow)?;
        let (kind, length, executable) = match tree.existing(&path)? {
            Entry::File { content, mode } => (FileKind::File, content.len() as u64, mode & 0o100 != 0),
            Entry::Directory => (FileKind::Directory, 0, false),
            Entry::Link(_) => (FileKind::Link, 0, false),
            Entry::Special => (FileKind::Special, 0, false),
        };
        Ok(Metadata { kind, length, executable })
    }
}

fn limited(content: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    if content.len() as u64 > limit { Err(ErrorKind::FileTooLarge.into()) } else { Ok(content.to_vec()) }
}

/// Takes a path out of the locked ones when dropped.
struct Held {
    locked: Rc<RefCell<BTreeSet<PathBuf>>>,
    path: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.locked.borrow_mut().remove(&self.path);
    }
}

impl Host for MemoryHost {
    fn environment(&self) -> BTreeMap<String, String> {
        self.environment.clone()
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        Ok(self.current_dir.clone().unwrap_or_else(|| PathBuf::from("/")))
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.home.clone()
    }

    fn read_stdin(&self, limit: u64) -> io::Result<Vec<u8>> {
        limited(&self.stdin, limit)
    }

    fn is_terminal(&self) -> bool {
        false
    }

    fn read_line(&self) -> io::Result<String> {
        let text = String::from_utf8_lossy(&self.stdin);
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let tree = self.tree.borrow();
        let path = tree.resolve(&self.absolute(path), true)?;
        match tree.existing(&path)? {
            Entry::File { mode, .. } if mode & 0o400 == 0 => Err(ErrorKind::PermissionDenied.into()),
            Entry::File { content, .. } => limited(content, limit),
            Entry::Directory => Err(ErrorKind::IsADirectory.into()),
            Entry::Link(_) | Entry::Special => Err(super::not_a_regular_file()),
        }
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.describe(path, true)
    }

    fn link_metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.describe(path, false)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let tree = self.tree.borrow();
        let path = tree.resolve(&self.absolute(path), true)?;
        tree.list(&path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let tree = self.tree.borrow();
        let path = tree.resolve(&self.absolute(path), true)?;
        tree.existing(&path)?;
        Ok(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let path = self.absolute(path);
        self.tree.borrow_mut().put(&path, Entry::Directory)
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: u32, replace: bool) -> io::Result<()> {
        let path = self.absolute(path);
        self.tree.borrow_mut().write(&path, bytes, mode, replace)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.absolute(from), self.absolute(to));
        self.tree.borrow_mut().rename(&from, &to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        let (one, other) = (self.absolute(one), self.absolute(other));
        self.tree.borrow_mut().exchange(&one, &other)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let path = self.absolute(path);
        self.tree.borrow_mut().remove_file(&path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let path = self.absolute(path);
        self.tree.borrow_mut().remove_dir(&path, true)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let path = self.absolute(path);
        self.tree.borrow_mut().remove_dir(&path, false)
    }

    fn permissions(&self, path: &Path) -> io::Result<u32> {
        let tree = self.tree.borrow();
        let path = tree.resolve(&self.absolute(path), true)?;
        Ok(match tree.existing(&path)? {
            Entry::File { mode, .. } => *mode,
            Entry::Directory | Entry::Link(_) | Entry::Special => 0o755,
        })
    }

    fn set_permissions(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.tree.borrow_mut().set_mode(&self.absolute(path), mode)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.list(path).map(|_| ())
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        if self.metadata(path).is_err() {
            self.write(path, b"", 0o666, false)?;
        }
        let path = self.canonicalize(path)?;
        if !self.locked.borrow_mut().insert(path.clone()) {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(Lock::new(Held { locked: Rc::clone(&self.locked), path }))
    }

    fn run(&self, program: &str, words: &[String], _directory: &Path, input: &[u8]) -> io::Result<Ran> {
        let program = self.programs.get(program).ok_or(ErrorKind::NotFound)?;
        Ok(program(words, input))
    }

    fn token(&self) -> String {
        self.tokens.set(self.tokens.get() + 1);
        format!("{:016x}", self.tokens.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of<T: std::fmt::Debug>(result: io::Result<T>) -> ErrorKind {
        result.expect_err("an error").kind()
    }

    #[test]
    fn relative_paths_start_at_the_working_directory() {
        let host = MemoryHost::new().cwd("/p").file("a/b", "x");
        assert_eq!(host.text("/p/a/b").as_deref(), Some("x"));
        assert_eq!(host.text("a/../a/./b").as_deref(), Some("x"));
        assert_eq!(host.current_dir().unwrap(), Path::new("/p"));
        assert_eq!(host.list(Path::new(".")).unwrap(), ["a"]);
        assert_eq!(host.list(Path::new("/")).unwrap(), ["p"]);
    }

    #[test]
    fn links_are_followed_in_the_middle_and_at_the_end() {
        let host =
            MemoryHost::new().file("/d/a", "x").link("/l", "d").link("/d/m", "a").link("/loop", "loop");
        assert_eq!(host.text("/l/m").as_deref(), Some("x"));
        assert_eq!(host.text("/l/../d/a").as_deref(), Some("x"));
        assert_eq!(host.canonicalize(Path::new("/l/m")).unwrap(), Path::new("/d/a"));
        assert_eq!(host.link_metadata(Path::new("/l/m")).unwrap().kind, FileKind::Link);
        assert_eq!(host.metadata(Path::new("/l")).unwrap().kind, FileKind::Directory);
        assert!(host.read(Path::new("/loop"), 9).is_err());
    }

    #[test]
    fn what_is_no_readable_file_is_refused() {
        let host = MemoryHost::new().special("/s").unreadable("/u").file("/f", "123");
        assert_eq!(kind_of(host.read(Path::new("/s"), 9)), ErrorKind::Unsupported);
        assert_eq!(kind_of(host.read(Path::new("/u"), 9)), ErrorKind::PermissionDenied);
        assert_eq!(kind_of(host.read(Path::new("/"), 9)), ErrorKind::IsADirectory);
        assert_eq!(kind_of(host.read(Path::new("/f/x"), 9)), ErrorKind::NotADirectory);
        assert_eq!(kind_of(host.read(Path::new("/x/y"), 9)), ErrorKind::NotFound);
        assert_eq!(kind_of(host.read(Path::new("/f"), 2)), ErrorKind::FileTooLarge);
    }

    #[test]
    fn writing_needs_the_directory_and_replaces_only_if_asked() {
        let host = MemoryHost::new().dir("/o");
        assert_eq!(kind_of(host.write(Path::new("/x/a"), b"", 0o644, false)), ErrorKind::NotFound);
        host.write(Path::new("/o/a"), b"1", 0o600, false).unwrap();
        assert_eq!(kind_of(host.write(Path::new("/o/a"), b"2", 0o600, false)), ErrorKind::AlreadyExists);
        host.write(Path::new("/o/a"), b"2", 0o644, true).unwrap();
        assert_eq!((host.text("/o/a").as_deref(), host.mode("/o/a")), (Some("2"), Some(0o600)));
    }

    #[test]
    fn directories_are_renamed_and_exchanged_with_what_they_hold() {
        let host = MemoryHost::new().file("/a/x", "1").file("/b/y", "2").dir("/e");
        host.exchange(Path::new("/a"), Path::new("/b")).unwrap();
        assert_eq!((host.text("/a/y").as_deref(), host.text("/b/x").as_deref()), (Some("2"), Some("1")));
        assert_eq!(kind_of(host.rename(Path::new("/a"), Path::new("/b"))), ErrorKind::DirectoryNotEmpty);
        host.rename(Path::new("/a"), Path::new("/e")).unwrap();
        assert_eq!(host.text("/e/y").as_deref(), Some("2"));
        assert_eq!(kind_of(host.metadata(Path::new("/a"))), ErrorKind::NotFound);
        assert_eq!(kind_of(host.exchange(Path::new("/e"), Path::new("/none"))), ErrorKind::NotFound);
    }

    #[test]
    fn removing_a_directory_leaves_the_targets_of_links_in_it() {
        let host = MemoryHost::new().file("/keep/x", "1").link("/d/l", "/keep").file("/d/s/y", "2");
        assert_eq!(kind_of(host.remove_dir(Path::new("/d"))), ErrorKind::DirectoryNotEmpty);
        assert_eq!(kind_of(host.remove_file(Path::new("/d"))), ErrorKind::IsADirectory);
        host.remove_dir_all(Path::new("/d")).unwrap();
        assert_eq!(host.list(Path::new("/")).unwrap(), ["keep"]);
        host.remove_file(Path::new("/keep/x")).unwrap();
        host.remove_dir(Path::new("/keep")).unwrap();
        assert!(host.files().is_empty());
    }

    #[test]
    fn a_lock_is_held_until_it_is_dropped() {
        let host = MemoryHost::new();
        let lock = host.lock(Path::new("/l")).unwrap();
        assert_eq!(kind_of(host.lock(Path::new("/l"))), ErrorKind::WouldBlock);
        drop(lock);
        assert!(host.lock(Path::new("/l")).is_ok());
        assert_ne!(host.token(), host.token());
    }

    #[test]
    fn standard_input_is_limited_too() {
        let host = MemoryHost::new().stdin("abc").env("A", "1").home("/h");
        assert_eq!(host.read_stdin(3).unwrap(), b"abc");
        assert_eq!(kind_of(host.read_stdin(2)), ErrorKind::FileTooLarge);
        assert_eq!(host.environment().get("A").map(String::as_str), Some("1"));
        assert_eq!(host.home_dir(), Some(PathBuf::from("/h")));
    }
}
