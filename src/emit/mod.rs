//! Artefacts to bytes: order, file names, ownership of the output directory, stale files. Decides no content.
//!
//! Everything is known before anything is written: [`plan`] says what would change or why nothing may be written,
//! [`write()`] brings it about, whole or not at all (C20–C24). Disk through [`Host`] only.

mod codes;
mod diff;
mod directory;
mod file;
mod journal;
mod leftover;
mod place;
mod plan;
mod product;
mod record;
mod seal;
mod swap;

pub(crate) use codes::OutputCode;
pub(crate) use diff::diff;
pub(crate) use place::{Destination, absolute};
pub(crate) use plan::{Change, Plan};
pub(crate) use product::{Format, OutputFile, files, lacks_directory, text};
pub(crate) use seal::{Base, Places, Sealing, seal};

use self::plan::{Directory, Work};
use crate::diag::Diagnostic;
use crate::host::Host;
use std::io::ErrorKind;

/// Says what one output file would change.
///
/// # Errors
/// Why it may not be written.
pub(crate) fn plan_file(
    path: &str,
    text: &str,
    force: bool,
    host: &dyn Host,
) -> Result<Plan, Vec<Diagnostic>> {
    file::plan(path, text, force, host).map_err(|found| vec![*found])
}

/// Says what a directory of output files would change. With `check`, the directory is neither locked nor repaired.
///
/// # Errors
/// All reasons why nothing may be written.
pub(crate) fn plan_directory(
    path: &str,
    files: Vec<OutputFile>,
    check: bool,
    force: bool,
    host: &dyn Host,
) -> Result<Plan, Vec<Diagnostic>> {
    directory::plan(path, files, check, force, host)
}

/// Brings a plan about.
///
/// # Errors
/// The system refused; what is there is then the old state, or the next run finishes the new one.
pub(crate) fn write(plan: &mut Plan, host: &dyn Host) -> Result<(), Box<Diagnostic>> {
    if plan.is_empty() {
        return Ok(());
    }
    match &mut plan.work {
        Work::File { shown, path, bytes } => {
            file::write(path, bytes, host).map_err(|error| Box::new(place::invalid(shown, error)))
        }
        Work::Directory(directory) => write_directory(directory, &plan.changes, host),
    }
}

fn write_directory(
    directory: &mut Directory,
    changes: &[Change],
    host: &dyn Host,
) -> Result<(), Box<Diagnostic>> {
    if swap::may(directory, host) {
        match swap::write(directory, host) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
                return Err(Box::new(directory::busy(&directory.shown)));
            }
            // A mount point, a parent that is not ours to write in, a system without exchange: the other way.
            Err(_) => {}
        }
    }
    let failed = |error| Box::new(place::invalid(&directory.shown, error));
    host.create_dir_all(&directory.path).map_err(failed)?;
    if directory.lock.is_none() {
        directory.lock = Some(directory::lock(&directory.shown, &directory.path, host)?);
    }
    journal::write(directory, changes, host)
        .map_err(|error| Box::new(place::invalid(&directory.shown, error)))
}

#[cfg(test)]
mod tests;
