//! One output file, replaced in one step (C21).

use std::io;
use std::path::{Path, PathBuf};

use super::OutputCode;
use super::place::{beside, invalid};
use super::plan::{Change, Plan, Work, present};
use super::product::MARK;
use super::record::same;
use crate::diag::Diagnostic;
use crate::host::{FileKind, Host};

/// Says what writing a file would change.
///
/// # Errors
/// The file is not ours, or no file can be there.
pub(super) fn plan(shown: &str, text: &str, force: bool, host: &dyn Host) -> Result<Plan, Box<Diagnostic>> {
    let path = target(shown, host)?;
    let old = present(&path, host).map_err(|error| Box::new(invalid(shown, error)))?;
    // An empty file is what `mktemp` and `touch` leave: there is nothing to lose.
    let foreign = old.as_ref().is_some_and(|old| !old.is_empty() && !is_ours(old));
    let unchanged = old.as_ref().is_some_and(|old| same(old, text.as_bytes()));
    if foreign && !unchanged && !force {
        let message = format!("`{shown}` exists and was not written by rcompose");
        let help = "choose another name, or overwrite it with `--force`";
        return Err(Box::new(Diagnostic::new(OutputCode::FileForeign, message).help(help)));
    }
    let change = Change {
        shown: shown.to_owned(),
        old,
        new: Some(text.as_bytes().to_vec()),
        // Which document holds a secret cannot be seen in one text: whoever asks for it has all of it.
        secret: false,
        forced: foreign,
        path: shown.to_owned(),
    };
    let changes = if unchanged { Vec::new() } else { vec![change] };
    let bytes = text.as_bytes().to_vec();
    Ok(Plan { changes, record: None, work: Work::File { shown: shown.to_owned(), path, bytes } })
}

/// Follows links, and refuses what is there and no regular file.
fn target(shown: &str, host: &dyn Host) -> Result<PathBuf, Box<Diagnostic>> {
    let path = Path::new(shown);
    match host.metadata(path) {
        Ok(found) if found.kind == FileKind::File => {
            host.canonicalize(path).map_err(|error| Box::new(invalid(shown, error)))
        }
        Ok(_) => {
            let found = invalid(shown, "it is there, and no regular file");
            Err(Box::new(found.help("`-o -` is standard output")))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Box::new(invalid(shown, error))),
        Err(_) if host.link_metadata(path).is_ok() => {
            Err(Box::new(invalid(shown, "it is a link to a file that is not there")))
        }
        Err(_) => Ok(path.to_owned()),
    }
}

fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK.as_bytes())
}

/// Writes a file beside its place and renames it over.
pub(super) fn write(path: &Path, bytes: &[u8], host: &dyn Host) -> io::Result<()> {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        host.create_dir_all(parent)?;
    }
    let temporary = beside(path, &format!(".{name}.{}", host.token()));
    let written = fill(&temporary, path, bytes, host).and_then(|()| host.rename(&temporary, path));
    if written.is_err() {
        // Best effort: the error that is told is the first one.
        let _ = host.remove_file(&temporary);
    }
    written?;
    host.sync_dir(parent.unwrap_or(Path::new(".")))
}

fn fill(temporary: &Path, path: &Path, bytes: &[u8], host: &dyn Host) -> io::Result<()> {
    let mode = host.permissions(path).ok();
    host.write(temporary, bytes, mode.unwrap_or(0o666), false)?;
    match mode {
        Some(mode) => host.set_permissions(temporary, mode),
        None => Ok(()),
    }
}
