//! The one door to files, environment, standard input and other programs. Interprets nothing.
//!
//! Handed in as a trait object, never reached for: stages are pure given a [`Host`]. Clippy forbids the calls of the
//! standard library that would go around it.

mod memory;
mod real;
mod terminal;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

pub use memory::MemoryHost;
pub use real::RealHost;
pub(crate) use terminal::terminal_width;

/// What a path is, links followed or not as the call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; only where links are not followed.
    Link,
    /// A socket, FIFO or device.
    Special,
}

/// What is known of a path without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Size in bytes; 0 for all but regular files.
    pub length: u64,
    /// Its owner may execute it. Never on Windows.
    pub executable: bool,
}

/// What another program did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// It ended with 0.
    pub success: bool,
    /// What it wrote on its standard output.
    pub output: Vec<u8>,
    /// What it wrote on its standard error.
    pub errors: Vec<u8>,
}

/// Something that is released when dropped.
pub struct Lock {
    _held: Box<dyn std::any::Any>,
}

impl Lock {
    pub(crate) fn new(held: impl std::any::Any) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Lock")
    }
}

/// The world outside the process.
///
/// Paths are absolute, or relative to [`current_dir`](Host::current_dir). Errors are those of the system.
pub trait Host {
    /// Returns the process environment; entries that are not UTF-8 are left out.
    fn environment(&self) -> BTreeMap<String, String>;

    /// Returns the working directory: `PWD` where that names it, as Go does, so links in it stay.
    ///
    /// # Errors
    /// The directory is gone or may not be read.
    fn current_dir(&self) -> io::Result<PathBuf>;

    /// Returns the user's home directory, if there is one.
    fn home_dir(&self) -> Option<PathBuf>;

    /// Reads standard input to its end, at most `limit` bytes.
    ///
    /// # Errors
    /// Reading failed, or there is more: [`io::ErrorKind::FileTooLarge`].
    fn read_stdin(&self, limit: u64) -> io::Result<Vec<u8>>;

    /// Tells whether somebody sits before standard input.
    fn is_terminal(&self) -> bool;

    /// Reads one line of standard input, without its end, for an answer to a question; at most 4096 bytes.
    ///
    /// # Errors
    /// That of the system.
    fn read_line(&self) -> io::Result<String>;

    /// Reads a regular file, at most `limit` bytes. Never blocks: a FIFO or device is refused, not opened.
    ///
    /// # Errors
    /// That of the system; [`io::ErrorKind::IsADirectory`]; [`io::ErrorKind::FileTooLarge`]; for a special file
    /// [`io::ErrorKind::Unsupported`].
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Looks at a path, links followed.
    ///
    /// # Errors
    /// That of the system.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Looks at a path, links not followed.
    ///
    /// # Errors
    /// That of the system.
    fn link_metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Lists the names in a directory, sorted by bytes.
    ///
    /// # Errors
    /// That of the system.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Resolves all links of an existing path.
    ///
    /// # Errors
    /// That of the system.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;

    /// Makes a directory and those above it.
    ///
    /// # Errors
    /// That of the system.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Writes a new file and flushes it to the disk. `mode` is the Unix mode before the umask.
    ///
    /// # Errors
    /// That of the system; an existing file is replaced only with `replace`.
    fn write(&self, path: &Path, bytes: &[u8], mode: u32, replace: bool) -> io::Result<()>;

    /// Renames a file or directory over what is there.
    ///
    /// # Errors
    /// That of the system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Exchanges two directories in one step.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`] where the system or file system cannot.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// That of the system.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory and all in it; links in it are removed, not followed.
    ///
    /// # Errors
    /// That of the system.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory if it is empty.
    ///
    /// # Errors
    /// That of the system.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;

    /// Returns the Unix permissions of a path, links followed. Elsewhere always 0o666.
    ///
    /// # Errors
    /// That of the system.
    fn permissions(&self, path: &Path) -> io::Result<u32>;

    /// Sets the Unix permissions of a path, links followed, whatever the umask is. Elsewhere does nothing.
    ///
    /// # Errors
    /// That of the system.
    fn set_permissions(&self, path: &Path, mode: u32) -> io::Result<()>;

    /// Flushes the names in a directory to the disk, where the system can.
    ///
    /// # Errors
    /// That of the system.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Locks a file against other processes until the lock is dropped; makes an empty one if there is none. Never waits.
    /// Where the file system knows no locks, there is none.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while somebody else holds it; that of the system.
    fn lock(&self, path: &Path) -> io::Result<Lock>;

    /// Runs another program in a directory, without a shell, and waits for its end; its standard input is `input`. It has
    /// the environment of this process.
    ///
    /// # Errors
    /// It is not there or may not be run; it takes longer than a minute: [`io::ErrorKind::TimedOut`]; it writes more than
    /// 16 MiB: [`io::ErrorKind::FileTooLarge`].
    fn run(&self, program: &str, words: &[String], directory: &Path, input: &[u8]) -> io::Result<Ran>;

    /// Returns sixteen hexadecimal digits that nobody had before, for names of files that live for a moment.
    fn token(&self) -> String;
}

/// The error for a FIFO, socket or device where a regular file is meant.
fn not_a_regular_file() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "not a regular file")
}
