//! Files replaced one by one, with a journal that any later run can finish: way (b) of C23.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::leftover::{is_momentary, waiting};
use super::place::{below, is_plain, parents};
use super::plan::{Change, Directory};
use super::record::{self, is_inside};
use super::swap::make_parents;
use crate::host::{FileKind, Host};

/// Name of the journal in its directory.
pub(super) const NAME: &str = ".rcompose-journal";

/// One step; each can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A waiting file takes its place.
    Place(String),
    /// A file goes, and the directories that are then empty.
    Remove(String),
}

/// Writes new files beside the old, then the journal, then acts on it.
///
/// # Errors
/// Those of the system. Before the journal stands, the directory is as it was; after, the next run finishes.
pub(super) fn write(directory: &Directory, changes: &[Change], host: &dyn Host) -> io::Result<()> {
    clear(directory, host);
    let prepared = prepare(directory, changes, host);
    if prepared.is_err() && host.link_metadata(&directory.path.join(NAME)).is_err() {
        clear(directory, host);
    }
    prepared?;
    finish(&directory.path, host)
}

/// Writes the waiting files and, last and in one step, the journal.
fn prepare(directory: &Directory, changes: &[Change], host: &dyn Host) -> io::Result<()> {
    let mut steps = Vec::new();
    for change in changes {
        match directory.files.iter().find(|file| file.path == change.path) {
            Some(file) if change.new.is_some() => {
                make_parents(&directory.path, file, host)?;
                host.write(&waiting(&directory.at(&file.path)), &file.bytes, file.mode, false)?;
                steps.push(Step::Place(change.path.clone()));
            }
            _ => steps.push(Step::Remove(change.path.clone())),
        }
    }
    let record = directory.path.join(record::NAME);
    host.write(&waiting(&record), directory.record.print().as_bytes(), 0o666, false)?;
    steps.push(Step::Place(record::NAME.to_owned()));
    sync(&directory.path, &steps, host)?;
    let journal = directory.path.join(NAME);
    host.write(&waiting(&journal), print(&steps).as_bytes(), 0o666, false)?;
    host.rename(&waiting(&journal), &journal)?;
    host.sync_dir(&directory.path)
}

/// Does what the journal says and has not been done yet, then removes it.
///
/// # Errors
/// Those of the system; the journal stays.
pub(super) fn finish(directory: &Path, host: &dyn Host) -> io::Result<()> {
    let journal = directory.join(NAME);
    let steps = match parse(&host.read(&journal, super::plan::LIMIT)?) {
        Some(steps) if steps.iter().all(|step| is_plain(directory, step.path(), host)) => steps,
        _ => {
            let message = format!("its `{NAME}` is damaged; remove that file and run again with `--force`");
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
    };
    for step in &steps {
        match step {
            Step::Place(path) => place(&below(directory, path), host)?,
            Step::Remove(path) => remove(directory, path, host)?,
        }
    }
    sync(directory, &steps, host)?;
    host.remove_file(&journal)?;
    host.sync_dir(directory)
}

impl Step {
    fn path(&self) -> &str {
        match self {
            Self::Place(path) | Self::Remove(path) => path,
        }
    }
}

fn place(path: &Path, host: &dyn Host) -> io::Result<()> {
    let waiting = waiting(path);
    // No longer there: it was placed before the interruption.
    if host.link_metadata(&waiting).is_err() {
        return Ok(());
    }
    host.rename(&waiting, path)
}

fn remove(directory: &Path, path: &str, host: &dyn Host) -> io::Result<()> {
    match host.remove_file(&below(directory, path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut emptied: Vec<&str> = parents(path).collect();
    while let Some(parent) = emptied.pop() {
        // Not empty: somebody else's files are in it, and it stays.
        if host.remove_dir(&below(directory, parent)).is_err() {
            break;
        }
    }
    Ok(())
}

/// Flushes the directories in which something happened.
fn sync(directory: &Path, steps: &[Step], host: &dyn Host) -> io::Result<()> {
    let touched: BTreeSet<&str> = steps.iter().flat_map(|step| parents(step.path())).collect();
    for inner in touched {
        let inner = below(directory, inner);
        if host.metadata(&inner).is_ok_and(|found| found.kind == FileKind::Directory) {
            host.sync_dir(&inner)?;
        }
    }
    host.sync_dir(directory)
}

/// Removes waiting files that no journal speaks of: their run ended before it changed anything.
fn clear(directory: &Directory, host: &dyn Host) {
    let ours = directory.files.iter().map(|file| file.path.as_str());
    let mut places: BTreeSet<String> = ours.flat_map(parents).map(str::to_owned).collect();
    places.insert(String::new());
    for place in places {
        let inner = if place.is_empty() { directory.path.clone() } else { below(&directory.path, &place) };
        for name in host.list(&inner).unwrap_or_default() {
            if is_momentary(&name) && name != NAME {
                let _ = host.remove_file(&inner.join(name));
            }
        }
    }
}

fn print(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut text, step| {
        let _ = match step {
            Step::Place(path) => writeln!(text, "place  {path}"),
            Step::Remove(path) => writeln!(text, "remove  {path}"),
        };
        text
    })
}

fn parse(text: &[u8]) -> Option<Vec<Step>> {
    let text = std::str::from_utf8(text).ok()?;
    let step = |line: &str| {
        let (word, path) = line.split_once("  ")?;
        match word {
            _ if !is_inside(path) => None,
            "place" => Some(Step::Place(path.to_owned())),
            "remove" => Some(Step::Remove(path.to_owned())),
            _ => None,
        }
    };
    text.lines().map(step).collect()
}
