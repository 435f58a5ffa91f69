//! A directory of output: whose files are there, and what would change (C22). Writes nothing but the lock.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::place::{below, cleaned, invalid, is_plain, shown};
use super::plan::{Change, Directory, Plan, Work, present};
use super::record::{self, Record, same};
use super::{OutputCode, OutputFile, journal, leftover};
use crate::diag::Diagnostic;
use crate::host::{FileKind, Host, Lock};

/// How many names a message lists.
const LISTED: usize = 5;

/// What is in the directory before the run.
struct Present {
    /// Whose files are there; `None` where nobody knows.
    record: Option<Record>,
    /// All files, but for ours of a moment; by path.
    files: BTreeSet<String>,
    /// There is a record that cannot be read.
    damaged: bool,
    /// There is a directory in which no file of ours lies.
    strange_directory: bool,
}

/// Says what writing a directory would change. Without `check`, the directory is locked and an interrupted run finished.
///
/// # Errors
/// All reasons why nothing may be written.
pub(super) fn plan(
    written: &str,
    files: Vec<OutputFile>,
    check: bool,
    force: bool,
    host: &dyn Host,
) -> Result<Plan, Vec<Diagnostic>> {
    let name = shown(written);
    let (path, exists) = resolve(written, host).map_err(|found| vec![*found])?;
    let lock =
        if exists { prepare(&name, &path, check, force, host).map_err(|found| vec![*found])? } else { None };
    let present =
        if exists { read(&path, host).map_err(|error| vec![invalid(&name, error)])? } else { nothing() };
    if present.record.is_none() && !present.files.is_empty() && !force {
        return Err(vec![foreign(&name, &present)]);
    }
    let old_record = present.record.clone().unwrap_or_default();
    let mut judge =
        Judge { name: &name, path: &path, record: &old_record, force, host, verdict: Verdict::default() };
    let mut new_record = Record::default();
    for file in &files {
        new_record.add(&file.path, &file.bytes, file.secret);
        judge.wanted(file);
    }
    for stale in old_record.files.keys().filter(|path| !new_record.files.contains_key(*path)) {
        judge.stale(stale);
    }
    let mut verdict = judge.verdict;
    let errors = verdict.errors(&name);
    if !errors.is_empty() {
        return Err(errors);
    }
    verdict.changes.sort_by(|one, other| one.path.cmp(&other.path));
    let all_ours =
        !present.strange_directory && present.files.iter().all(|file| old_record.files.contains_key(file));
    let record =
        (verdict.changes.is_empty() && present.record.as_ref() != Some(&new_record)).then(|| Change {
            shown: format!("{name}/{}", record::NAME),
            old: present.record.as_ref().map(|record| record.print().into_bytes()),
            new: Some(new_record.print().into_bytes()),
            secret: false,
            forced: false,
            path: record::NAME.to_owned(),
        });
    let directory = Directory { shown: name, path, files, record: new_record, exists, all_ours, lock };
    Ok(Plan { changes: verdict.changes, record, work: Work::Directory(directory) })
}

/// Returns where the directory is, and whether it is there.
fn resolve(written: &str, host: &dyn Host) -> Result<(PathBuf, bool), Box<Diagnostic>> {
    let name = shown(written);
    let path = cleaned(written);
    let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
    match host.metadata(&path) {
        Ok(found) if found.kind == FileKind::Directory => {
            let real = host.canonicalize(&path).map_err(|error| Box::new(invalid(&name, error)))?;
            Ok((real, true))
        }
        Ok(_) => Err(Box::new(invalid(&name, "it is there, and no directory"))),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Box::new(invalid(&name, error))),
        Err(_) if host.link_metadata(&path).is_ok() => {
            Err(Box::new(invalid(&name, "it is a link to a directory that is not there")))
        }
        Err(_) => Ok((path, false)),
    }
}

/// Locks a directory that has a record, or that `--force` gives us, and finishes what an earlier run began.
fn prepare(
    name: &str,
    path: &Path,
    check: bool,
    force: bool,
    host: &dyn Host,
) -> Result<Option<Lock>, Box<Diagnostic>> {
    let interrupted = host.link_metadata(&path.join(journal::NAME)).is_ok();
    if check {
        return if interrupted { Err(Box::new(unfinished(name))) } else { Ok(None) };
    }
    let recorded = host.link_metadata(&path.join(record::NAME)).is_ok();
    if !recorded && !force {
        return Ok(None);
    }
    let lock = lock(name, path, host)?;
    leftover::remove_siblings(path, host);
    if interrupted {
        journal::finish(path, host).map_err(|error| Box::new(invalid(name, error)))?;
    }
    Ok(Some(lock))
}

/// Locks the record of a directory.
///
/// # Errors
/// Another run has it.
pub(super) fn lock(name: &str, path: &Path, host: &dyn Host) -> Result<Lock, Box<Diagnostic>> {
    let record = path.join(record::NAME);
    if host.link_metadata(&record).is_ok_and(|found| found.kind != FileKind::File) {
        return Err(Box::new(invalid(name, format!("its `{}` is no regular file", record::NAME))));
    }
    host.lock(&record).map_err(|error| {
        Box::new(match error.kind() {
            ErrorKind::WouldBlock => busy(name),
            _ => invalid(name, error),
        })
    })
}

/// Says that another run writes there.
pub(super) fn busy(name: &str) -> Diagnostic {
    Diagnostic::new(OutputCode::Busy, format!("another run of rcompose writes to `{name}/`"))
        .help("wait for it, then run the same command again")
}

fn unfinished(name: &str) -> Diagnostic {
    invalid(name, "a run was interrupted there")
        .help(format!("`rcompose convert -o {name}/` without `--check` finishes it first"))
}

fn foreign(name: &str, present: &Present) -> Diagnostic {
    let list = listed(present.files.iter().map(String::as_str));
    let message = if present.damaged {
        format!("`{name}/{}` cannot be read, so nobody knows whose these files are: {list}", record::NAME)
    } else {
        format!("`{name}/` holds files that are not ours: {list}")
    };
    Diagnostic::new(OutputCode::DirectoryForeign, message)
        .help("choose another directory, or write there all the same with `--force`")
}

fn nothing() -> Present {
    Present { record: None, damaged: false, files: BTreeSet::new(), strange_directory: false }
}

/// Lists a directory and what lies below it, links not followed.
fn read(path: &Path, host: &dyn Host) -> std::io::Result<Present> {
    let text = present(&path.join(record::NAME), host)?;
    let record = text.as_deref().and_then(Record::parse);
    let ours: BTreeSet<&str> = record
        .iter()
        .flat_map(|record| record.files.keys())
        .flat_map(|file| super::place::parents(file))
        .collect();
    let mut found = nothing();
    let mut todo = vec![String::new()];
    while let Some(prefix) = todo.pop() {
        for name in host.list(&below_or_self(path, &prefix))? {
            let file = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            if leftover::is_momentary(&name) || file == record::NAME {
                continue;
            }
            let kind = host.link_metadata(&below(path, &file))?.kind;
            if kind != FileKind::Directory {
                found.files.insert(file);
            } else if ours.contains(file.as_str()) {
                todo.push(file);
            } else {
                // What lies below is nobody's business here: it may be a whole checkout.
                found.strange_directory = true;
                found.files.insert(format!("{file}/"));
            }
        }
    }
    found.damaged = text.is_some() && record.is_none();
    found.record = record;
    Ok(found)
}

fn below_or_self(path: &Path, prefix: &str) -> PathBuf {
    if prefix.is_empty() { path.to_owned() } else { below(path, prefix) }
}

/// Collects changes, and what stands against them.
#[derive(Default)]
struct Verdict {
    changes: Vec<Change>,
    edited: Vec<String>,
    foreign: Vec<String>,
    invalid: Vec<Diagnostic>,
}

impl Verdict {
    fn errors(&mut self, name: &str) -> Vec<Diagnostic> {
        let mut errors = std::mem::take(&mut self.invalid);
        if !self.foreign.is_empty() {
            let list = listed(self.foreign.iter().map(String::as_str));
            let message = format!("in `{name}/`, files exist that were not written by rcompose: {list}");
            let help = "move them away, or overwrite them with `--force`";
            errors.push(Diagnostic::new(OutputCode::FileForeign, message).help(help));
        }
        if !self.edited.is_empty() {
            let list = listed(self.edited.iter().map(String::as_str));
            let message = format!("in `{name}/`, generated files were changed by hand: {list}");
            let help = "move the change to `x-rcompose` or an overlay, or overwrite it with `--force`";
            errors.push(Diagnostic::new(OutputCode::FileEdited, message).help(help));
        }
        errors
    }
}

/// Nothing may be written there; the reason is noted.
struct Refused;

/// Decides about one file after the other.
struct Judge<'a> {
    name: &'a str,
    path: &'a Path,
    record: &'a Record,
    force: bool,
    host: &'a dyn Host,
    verdict: Verdict,
}

impl Judge<'_> {
    /// A file that shall be there.
    fn wanted(&mut self, file: &OutputFile) {
        let Ok(old) = self.old(&file.path) else { return };
        if old.as_ref().is_some_and(|old| same(old, &file.bytes)) {
            return;
        }
        let forced = old.as_ref().is_some_and(|old| !self.record.is_unchanged(&file.path, old));
        if forced && !self.force {
            let known = self.record.files.contains_key(&file.path);
            let list = if known { &mut self.verdict.edited } else { &mut self.verdict.foreign };
            list.push(file.path.clone());
            return;
        }
        self.change(&file.path, old, Some(file.bytes.clone()), file.secret, forced);
    }

    /// A file of ours that shall be there no longer.
    fn stale(&mut self, path: &str) {
        let Ok(Some(old)) = self.old(path) else { return };
        let forced = !self.record.is_unchanged(path, &old);
        if forced && !self.force {
            self.verdict.edited.push(path.to_owned());
            return;
        }
        let secret = self.record.files.get(path).is_some_and(Option::is_none);
        self.change(path, Some(old), None, secret, forced);
    }

    /// Reads what is there; an error, which is noted, where nothing may be.
    fn old(&mut self, path: &str) -> Result<Option<Vec<u8>>, Refused> {
        if !is_plain(self.path, path, self.host) {
            let reason = "a directory on the way is a link or a file";
            self.verdict.invalid.push(invalid(Path::new(self.name).join(path), reason));
            return Err(Refused);
        }
        let place = below(self.path, path);
        // A link in the place of a file is not followed: what it points to is not ours.
        let link = self.host.link_metadata(&place).is_ok_and(|found| found.kind == FileKind::Link);
        if link && !self.force {
            self.verdict.foreign.push(path.to_owned());
            return Err(Refused);
        }
        match present(&place, self.host) {
            Ok(old) => Ok(old),
            Err(error) => {
                self.verdict.invalid.push(invalid(Path::new(self.name).join(path), error));
                Err(Refused)
            }
        }
    }

    fn change(&mut self, path: &str, old: Option<Vec<u8>>, new: Option<Vec<u8>>, secret: bool, forced: bool) {
        let shown = format!("{}/{path}", self.name.trim_end_matches('/'));
        self.verdict.changes.push(Change { shown, old, new, secret, forced, path: path.to_owned() });
    }
}

/// Lists names for a message, five at most.
fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(LISTED);
    let mut list: Vec<String> = names.take(LISTED).map(|name| format!("`{name}`")).collect();
    if more > 0 {
        list.push(format!("{more} more"));
    }
    list.join(", ")
}
