//! What a bind mount turns out to be (N80, rows 2 to 11; N81, N84).
//!
//! Row 1, the hint and `--bind-policy`, is asked first: see [`Policy`]. What targets make of each decision is theirs.

mod copies;
mod hinted;
mod names;
mod secret_file;

pub(super) use names::is_data_target;

#[cfg(test)]
mod tests;

use super::image_name::ImageName;
use super::sources::{Found, Snapshot, Unread};
use crate::model::{BindDecision, BindMode, BindPath, File, ImageFacts, OmitReason, Tree, UnclearReason};

/// What decides (N86).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Policy {
    /// Rows 2 to 11.
    #[default]
    Auto,
    /// Row 1.
    Hint(BindMode),
    /// Rows 2 to 4; what they do not cover needs a hint: `--bind-policy error`.
    Strict,
}

/// A mount, as far as the decision asks.
pub(super) struct Request<'a> {
    pub(super) path: &'a BindPath,
    /// Path in the container, cleaned.
    pub(super) target: &'a str,
    pub(super) read_only: bool,
    /// The service's `build`: its context in the project, if it has one there.
    pub(super) build: Option<BuildContext<'a>>,
    pub(super) image: ImageName<'a>,
    /// `PGDATA` of the service.
    pub(super) postgres_data: Option<&'a str>,
}

/// Where the service's image is built from.
#[derive(Clone, Copy)]
pub(super) struct BuildContext<'a> {
    pub(super) path: Option<&'a str>,
    pub(super) facts: &'a ImageFacts,
}

/// What came out.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) decision: BindDecision,
    /// As a Secret (N84).
    pub(super) sensitive: bool,
    /// Files that were left out, with the reason.
    pub(super) skipped: Vec<(String, &'static str)>,
}

impl From<BindDecision> for Outcome {
    fn from(decision: BindDecision) -> Self {
        Self { decision, sensitive: false, skipped: Vec::new() }
    }
}

/// Decides on one mount; `source` is the path on this machine.
///
/// # Errors
/// What makes the hint impossible; the rules decide then.
pub(super) fn decide(
    policy: Policy,
    request: &Request,
    source: &str,
    snapshot: &mut Snapshot,
) -> (Outcome, Option<&'static str>) {
    let mut wrong = None;
    if let Policy::Hint(mode) = policy {
        match hinted::decide(mode, request, source, snapshot) {
            Some(Ok(outcome)) => return (outcome, None),
            Some(Err(reason)) => wrong = Some(reason),
            None => {}
        }
    }
    let outcome = match request.path {
        BindPath::Host(path) => by_text(path, request.target).into(),
        BindPath::Project(path) => by_content(path, request, snapshot),
    };
    let guessed = !matches!(
        outcome.decision,
        BindDecision::Null | BindDecision::Omitted(OmitReason::Timezone) | BindDecision::HostPath { .. }
    );
    if policy == Policy::Strict && guessed {
        return (BindDecision::Unclear(UnclearReason::NeedsHint).into(), None);
    }
    (outcome, wrong)
}

/// Rows 2 to 6: a path of the host means the same on every machine only by its text.
fn by_text(path: &str, target: &str) -> BindDecision {
    let file_like = names::is_file_like(path, target);
    match path {
        "/dev/null" => BindDecision::Null,
        "/etc/localtime" | "/etc/timezone" => BindDecision::Omitted(OmitReason::Timezone),
        path if names::is_system_path(path) => BindDecision::HostPath { directory: false },
        path if names::is_scratch(path) && !file_like => BindDecision::Scratch { missing: false },
        _ if file_like => BindDecision::Unclear(UnclearReason::AbsoluteFile),
        _ => BindDecision::Data { holds_files: false, absolute: true },
    }
}

/// Rows 7 to 11.
fn by_content(path: &str, request: &Request, snapshot: &mut Snapshot) -> Outcome {
    let found = snapshot.look(path);
    if let Some(build) = request.build
        && is_source_code(path, found, request, build)
    {
        let copied = !build.facts.known || !build.facts.copied.is_empty();
        return BindDecision::Omitted(OmitReason::SourceCode { copied }).into();
    }
    match found {
        Found::Missing if names::is_file_like(path, request.target) => {
            BindDecision::Omitted(OmitReason::MissingFile).into()
        }
        Found::Missing => no_files(request.read_only, true).into(),
        Found::File { length } => file(path, length, request.read_only, snapshot),
        Found::Directory => directory(path, request, snapshot),
        Found::Special | Found::Outside => BindDecision::Omitted(OmitReason::Special).into(),
    }
}

/// Row 7: the image has it.
fn is_source_code(path: &str, found: Found, request: &Request, build: BuildContext) -> bool {
    let is_context = |context: &str| path == context || super::paths::is_at_or_below(context, path);
    if path == "." || build.path.is_some_and(is_context) {
        return true;
    }
    let is_file = matches!(found, Found::File { .. });
    let existing = is_file || found == Found::Directory;
    let exempt = (is_file && request.read_only) || names::is_data_name(path, request.target);
    let below = build.path.and_then(|context| super::paths::below(path, context));
    existing
        && !exempt
        && below.is_some_and(|below| copies::puts_at(&build.facts.copied, below, is_file, request.target))
}

/// Row 8, a directory that is not there or empty: Docker makes it.
const fn no_files(read_only: bool, missing: bool) -> BindDecision {
    if read_only {
        BindDecision::Scratch { missing }
    } else {
        BindDecision::Data { holds_files: false, absolute: false }
    }
}

/// Row 9.
fn file(path: &str, length: u64, read_only: bool, snapshot: &mut Snapshot) -> Outcome {
    if names::is_written_file(path) || (length == 0 && !read_only) {
        return BindDecision::Unclear(UnclearReason::WrittenFile).into();
    }
    match snapshot.file(path) {
        Ok(file) => {
            let sensitive = secret_file::is_sensitive(&file);
            Outcome { sensitive, ..BindDecision::File(file).into() }
        }
        Err(Unread::TooLarge) => BindDecision::TooLarge(vec![(path.to_owned(), length)]).into(),
        Err(Unread::Failed(text)) => BindDecision::Unreadable(text).into(),
    }
}

/// Rows 8 and 10.
fn directory(path: &str, request: &Request, snapshot: &mut Snapshot) -> Outcome {
    let walk = snapshot.walk(path);
    let writable = !request.read_only;
    let data = BindDecision::Data { holds_files: true, absolute: false };
    if walk.files.is_empty() && walk.unreadable.is_none() {
        return Outcome { skipped: walk.skipped, ..no_files(request.read_only, false).into() };
    }
    if let Some(text) = &walk.unreadable {
        return if writable { data } else { BindDecision::Unreadable(text.clone()) }.into();
    }
    if writable && is_data(path, request, &walk.files, snapshot) {
        return data.into();
    }
    if snapshot.names(path).iter().any(|name| names::marks_code(name)) {
        return BindDecision::Unclear(UnclearReason::CodeTree).into();
    }
    if !walk.is_within_limits() {
        return if writable { data } else { BindDecision::TooLarge(walk.largest()) }.into();
    }
    match snapshot.tree(path, &walk) {
        Ok(tree) if request.read_only || tree.values().all(is_text) => {
            let sensitive = secret_file::names_secret(path) || tree.values().any(secret_file::is_sensitive);
            Outcome { decision: BindDecision::Directory(tree), sensitive, skipped: walk.skipped }
        }
        Ok(_) => data.into(),
        Err(_) if writable => data.into(),
        Err(Unread::TooLarge) => BindDecision::TooLarge(walk.largest()).into(),
        Err(Unread::Failed(text)) => BindDecision::Unreadable(text).into(),
    }
}

/// A directory that a program fills: by its name, by where it is mounted, or because version control leaves it out. What
/// is ignored file by file (`data/*`) counts too: a fresh checkout and a used one must give one result.
fn is_data(
    path: &str,
    request: &Request,
    files: &std::collections::BTreeMap<String, u64>,
    snapshot: &Snapshot,
) -> bool {
    names::is_data_name(path, request.target)
        || names::is_data_target(request.target, request.image, request.postgres_data)
        || snapshot.ignores(path, true)
        || files.keys().all(|name| snapshot.ignores(&super::paths::join(path, name), false))
}

/// UTF-8 without NUL.
pub(super) fn is_text(file: &File) -> bool {
    !file.bytes.contains(&0) && std::str::from_utf8(&file.bytes).is_ok()
}

/// Makes one decision of those that several mounts of one source got: if one mount of it is data, all are that claim.
pub(super) fn unify(decisions: &mut [&mut BindDecision]) {
    let data = decisions.iter().filter_map(|decision| match decision {
        BindDecision::Data { holds_files, absolute } => Some((*holds_files, *absolute)),
        _ => None,
    });
    let Some((holds_files, absolute)) = data.reduce(|one, other| (one.0 || other.0, one.1 || other.1)) else {
        return;
    };
    for decision in decisions {
        let changes = match &**decision {
            BindDecision::Null | BindDecision::Omitted(_) | BindDecision::HostPath { .. } => false,
            BindDecision::Data { .. }
            | BindDecision::Scratch { .. }
            | BindDecision::File(_)
            | BindDecision::Directory(_)
            | BindDecision::Unclear(_)
            | BindDecision::TooLarge(_)
            | BindDecision::Unreadable(_) => true,
        };
        if changes {
            let holds_files = holds_files || holds_any(decision);
            **decision = BindDecision::Data { holds_files, absolute };
        }
    }
}

fn holds_any(decision: &BindDecision) -> bool {
    matches!(decision, BindDecision::Directory(tree) if !Tree::is_empty(tree))
        || matches!(decision, BindDecision::TooLarge(_) | BindDecision::Unclear(UnclearReason::CodeTree))
}
