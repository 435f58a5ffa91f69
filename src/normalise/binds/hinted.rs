//! Row 1 of the decision on binds: the author, or a flag, has said what it is (N86). What is named is opened wherever it
//! lies; a hint that cannot be kept is a mistake to be told.

use std::path::Path;

use super::{Outcome, Request, names, secret_file};
use crate::model::{BindDecision, BindMode, BindPath, File, OmitReason, UnclearReason};
use crate::normalise::sources::{Found, Snapshot, Unread};

/// Decides as the hint says; `None` leaves it to the rules. The error is what makes the hint impossible.
pub(super) fn decide(
    mode: BindMode,
    request: &Request,
    source: &str,
    snapshot: &mut Snapshot,
) -> Option<Result<Outcome, &'static str>> {
    Some(match mode {
        BindMode::Auto => return None,
        BindMode::Omit => Ok(BindDecision::Omitted(OmitReason::Hint).into()),
        BindMode::Host => Ok(host(request).into()),
        BindMode::Volume => volume(request, snapshot),
        BindMode::Config => Ok(content(request, source, snapshot, None)),
        BindMode::Secret => Ok(content(request, source, snapshot, Some(true))),
    })
}

/// A path of the node has the same name on every machine; one of the project has not.
fn host(request: &Request) -> BindDecision {
    match request.path {
        BindPath::Host(path) => {
            let other = names::is_system_path(path) || names::is_file_like(path, request.target);
            BindDecision::HostPath { directory: !other }
        }
        BindPath::Project(_) => BindDecision::Unclear(UnclearReason::RelativeHostPath),
    }
}

fn volume(request: &Request, snapshot: &Snapshot) -> Result<Outcome, &'static str> {
    const NO_FILE: &str = "a claim is a directory, and this is a file";
    let (path, absolute, found) = match request.path {
        BindPath::Project(path) => (path, false, snapshot.look(path)),
        BindPath::Host(path) => (path, true, Found::Missing),
    };
    if matches!(found, Found::File { .. }) || names::is_file_like(path, request.target) {
        return Err(NO_FILE);
    }
    let holds_files = found == Found::Directory && !snapshot.walk(path).files.is_empty();
    Ok(BindDecision::Data { holds_files, absolute }.into())
}

fn content(request: &Request, source: &str, snapshot: &mut Snapshot, secret: Option<bool>) -> Outcome {
    let path = match request.path {
        BindPath::Project(path) => path,
        BindPath::Host(name) => return foreign(source, name, snapshot, secret),
    };
    match snapshot.look(path) {
        Found::Directory => {
            let walk = snapshot.walk(path);
            if let Some(text) = &walk.unreadable {
                return BindDecision::Unreadable(text.clone()).into();
            }
            if !walk.is_within_limits() {
                return BindDecision::TooLarge(walk.largest()).into();
            }
            match snapshot.tree(path, &walk) {
                Ok(tree) => {
                    let looks_secret =
                        || secret_file::names_secret(path) || tree.values().any(secret_file::is_sensitive);
                    let sensitive = secret.unwrap_or_else(looks_secret);
                    Outcome { decision: BindDecision::Directory(tree), sensitive, skipped: walk.skipped }
                }
                Err(Unread::TooLarge) => BindDecision::TooLarge(walk.largest()).into(),
                Err(Unread::Failed(text)) => BindDecision::Unreadable(text).into(),
            }
        }
        Found::File { .. } | Found::Outside => file(snapshot.file(path), path, secret),
        Found::Missing => BindDecision::Omitted(OmitReason::MissingFile).into(),
        Found::Special => BindDecision::Omitted(OmitReason::Special).into(),
    }
}

/// A file that lies outside of the project, named on purpose.
fn foreign(source: &str, name: &str, snapshot: &Snapshot, secret: Option<bool>) -> Outcome {
    file(snapshot.foreign_file(Path::new(source), name), name, secret)
}

fn file(read: Result<File, Unread>, name: &str, secret: Option<bool>) -> Outcome {
    match read {
        Ok(file) => {
            let sensitive = secret.unwrap_or_else(|| secret_file::is_sensitive(&file));
            Outcome { sensitive, ..BindDecision::File(file).into() }
        }
        Err(Unread::TooLarge) => BindDecision::TooLarge(vec![(name.to_owned(), 0)]).into(),
        Err(Unread::Failed(text)) => BindDecision::Unreadable(text).into(),
    }
}
