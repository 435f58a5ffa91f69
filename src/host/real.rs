//! The real world: the files, environment and streams of this process.
//!
//! The only file that may call the standard library for them. Caches nothing, interprets nothing.
#![expect(clippy::disallowed_methods, reason = "this file is the door that the forbidden calls point to")]

mod output;
mod program;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::{FileKind, Host, Lock, Metadata, Ran};

/// The files, environment and streams of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealHost;

impl Host for RealHost {
    fn environment(&self) -> BTreeMap<String, String> {
        let pairs = std::env::vars_os();
        pairs.filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))).collect()
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        match logical_dir() {
            Some(dir) => Ok(dir),
            None => std::env::current_dir(),
        }
    }

    fn home_dir(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
    }

    fn read_stdin(&self, limit: u64) -> io::Result<Vec<u8>> {
        read_at_most(io::stdin().lock(), limit)
    }

    fn is_terminal(&self) -> bool {
        io::IsTerminal::is_terminal(&io::stdin())
    }

    fn read_line(&self) -> io::Result<String> {
        let mut line = String::new();
        io::BufRead::read_line(&mut io::stdin().lock().take(4096), &mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        // Looked at before it is opened, because opening a device can already do something; and once more when open,
        // because another process may have put a FIFO there in between.
        regular(&fs::metadata(path)?)?;
        let file = open_without_waiting(path)?;
        regular(&file.metadata()?)?;
        read_at_most(file, limit)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        fs::metadata(path).map(|found| describe(&found))
    }

    fn link_metadata(&self, path: &Path) -> io::Result<Metadata> {
        fs::symlink_metadata(path).map(|found| describe(&found))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let names: io::Result<Vec<String>> = fs::read_dir(path)?
            .map(|entry| entry?.file_name().into_string().map_err(|name| not_text(&name)))
            .collect();
        let mut names = names?;
        names.sort_unstable();
        Ok(names)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: u32, replace: bool) -> io::Result<()> {
        let mut file = open_to_write(path, mode, replace)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        exchange(one, other)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn permissions(&self, path: &Path) -> io::Result<u32> {
        output::permissions(path)
    }

    fn set_permissions(&self, path: &Path, mode: u32) -> io::Result<()> {
        output::set_permissions(path, mode)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        output::sync_dir(path)
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        output::lock(path).map(Lock::new)
    }

    fn run(&self, program: &str, words: &[String], directory: &Path, input: &[u8]) -> io::Result<Ran> {
        program::run(program, words, directory, input)
    }

    fn token(&self) -> String {
        output::token()
    }
}

/// Returns `PWD` if it is absolute and the same directory as the one that the system knows.
#[cfg(unix)]
fn logical_dir() -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let dir = PathBuf::from(std::env::var_os("PWD")?);
    if !dir.is_absolute() {
        return None;
    }
    let (written, real) = (fs::metadata(&dir).ok()?, fs::metadata(".").ok()?);
    (written.dev() == real.dev() && written.ino() == real.ino()).then_some(dir)
}

#[cfg(not(unix))]
fn logical_dir() -> Option<PathBuf> {
    None
}

fn read_at_most(source: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more tells a source of just the limit from a longer one.
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

fn regular(found: &fs::Metadata) -> io::Result<()> {
    match describe(found).kind {
        FileKind::File => Ok(()),
        FileKind::Directory => Err(ErrorKind::IsADirectory.into()),
        FileKind::Link | FileKind::Special => Err(super::not_a_regular_file()),
    }
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn open_to_write(path: &Path, mode: u32, replace: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    set_mode(&mut options, mode);
    match options.open(path) {
        Err(error) if replace && error.kind() == ErrorKind::AlreadyExists => {}
        opened => return opened,
    }
    // What is there may be a FIFO, which would wait for a reader.
    match fs::metadata(path) {
        Ok(found) => regular(&found)?,
        // A link to nothing: its target is made.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    options.create_new(false).create(true).truncate(true);
    let file = options.open(path)?;
    narrow_mode(&file, mode)?;
    Ok(file)
}

#[cfg(unix)]
fn set_mode(options: &mut OpenOptions, mode: u32) {
    std::os::unix::fs::OpenOptionsExt::mode(options, mode);
}

#[cfg(not(unix))]
fn set_mode(_options: &mut OpenOptions, _mode: u32) {}

/// Takes away what the file that was there allows beyond `mode`, so that a secret is not written into a file for all.
#[cfg(unix)]
fn narrow_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let present = file.metadata()?.permissions().mode() & 0o7777;
    if present & !mode == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(present & mode))
}

#[cfg(not(unix))]
fn narrow_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // A file system that does not know the flag says "invalid argument" (Linux) or "not supported" (macOS).
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(ErrorKind::Unsupported.into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

fn describe(found: &fs::Metadata) -> Metadata {
    let kind = found.file_type();
    let kind = if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_symlink() {
        FileKind::Link
    } else {
        FileKind::Special
    };
    let file = kind == FileKind::File;
    Metadata { kind, length: if file { found.len() } else { 0 }, executable: file && is_executable(found) }
}

#[cfg(unix)]
fn is_executable(found: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_found: &fs::Metadata) -> bool {
    false
}

/// Says which name is no Unicode text: leaving it out would lose a file without a word.
fn not_text(name: &std::ffi::OsStr) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the name `{}` is not valid UTF-8", name.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> tempfile::TempDir {
        tempfile::tempdir().expect("a scratch directory")
    }

    fn kind_of<T: std::fmt::Debug>(result: io::Result<T>) -> ErrorKind {
        result.expect_err("an error").kind()
    }

    #[test]
    fn reads_up_to_the_limit_and_not_beyond() {
        let dir = scratch();
        let path = dir.path().join("a");
        RealHost.write(&path, b"12345", 0o644, false).unwrap();
        assert_eq!(RealHost.read(&path, 5).unwrap(), b"12345");
        assert_eq!(kind_of(RealHost.read(&path, 4)), ErrorKind::FileTooLarge);
        assert_eq!(kind_of(RealHost.read(dir.path(), 5)), ErrorKind::IsADirectory);
        assert_eq!(kind_of(RealHost.read(&dir.path().join("b"), 5)), ErrorKind::NotFound);
    }

    #[test]
    fn writes_over_a_file_only_if_asked() {
        let dir = scratch();
        let path = dir.path().join("a");
        RealHost.write(&path, b"long text", 0o644, false).unwrap();
        assert_eq!(kind_of(RealHost.write(&path, b"x", 0o644, false)), ErrorKind::AlreadyExists);
        RealHost.write(&path, b"new", 0o644, true).unwrap();
        assert_eq!(RealHost.read(&path, 100).unwrap(), b"new");
    }

    #[test]
    fn lists_names_sorted_by_bytes() {
        let dir = scratch();
        for name in ["b", "a", "B"] {
            RealHost.write(&dir.path().join(name), b"", 0o644, false).unwrap();
        }
        assert_eq!(RealHost.list(dir.path()).unwrap(), ["B", "a", "b"]);
    }

    #[test]
    fn working_directory_is_absolute() {
        assert!(RealHost.current_dir().unwrap().is_absolute());
    }

    #[cfg(unix)]
    #[test]
    fn written_files_have_the_mode_and_are_narrowed_when_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let dir = scratch();
        let path = dir.path().join("a");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        RealHost.write(&path, b"", 0o700, false).unwrap();
        assert_eq!(mode(), 0o700);
        assert!(RealHost.metadata(&path).unwrap().executable);
        RealHost.write(&path, b"secret", 0o600, true).unwrap();
        assert_eq!(mode(), 0o600);
        RealHost.write(&path, b"secret", 0o644, true).unwrap();
        assert_eq!(mode(), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_or_shown_as_asked() {
        let dir = scratch();
        RealHost.write(&dir.path().join("a"), b"x", 0o644, false).unwrap();
        let link = dir.path().join("l");
        std::os::unix::fs::symlink("a", &link).unwrap();
        assert_eq!(RealHost.metadata(&link).unwrap().kind, FileKind::File);
        assert_eq!(RealHost.link_metadata(&link).unwrap().kind, FileKind::Link);
        assert_eq!(
            RealHost.canonicalize(&link).unwrap(),
            RealHost.canonicalize(&dir.path().join("a")).unwrap()
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn fifos_and_devices_are_refused_without_waiting() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let dir = scratch();
        let path = dir.path().join("fifo");
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert_eq!(RealHost.metadata(&path).unwrap().kind, FileKind::Special);
        assert_eq!(kind_of(RealHost.read(&path, 5)), ErrorKind::Unsupported);
        assert_eq!(kind_of(RealHost.write(&path, b"x", 0o600, true)), ErrorKind::Unsupported);
        assert_eq!(kind_of(RealHost.read(Path::new("/dev/zero"), 5)), ErrorKind::Unsupported);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn directories_are_exchanged_where_the_file_system_can() {
        let dir = scratch();
        let (one, other) = (dir.path().join("one"), dir.path().join("other"));
        for (path, name) in [(&one, "a"), (&other, "b")] {
            RealHost.create_dir_all(path).unwrap();
            RealHost.write(&path.join(name), b"", 0o644, false).unwrap();
        }
        match RealHost.exchange(&one, &other) {
            Ok(()) => assert_eq!(RealHost.list(&one).unwrap(), ["b"]),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        }
        assert_eq!(kind_of(RealHost.exchange(&one, &dir.path().join("none"))), ErrorKind::NotFound);
    }
}
