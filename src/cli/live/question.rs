//! The question before anything is written (A35, A60). Shows no plan: that stands above it.

use super::aim::Prepared;
use super::tell;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cluster::codes::ClusterCode;
use crate::cluster::halt::Halt;
use crate::cluster::plan::Plan;
use crate::cluster::plan::change::Check;

/// Asks, where there is somebody to answer and nobody did (A35, A60).
///
/// # Errors
/// The answer is no, or there is nobody.
pub(crate) fn ask(
    plan: &Plan,
    prepared: &Prepared,
    yes: bool,
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let aim = &prepared.aim;
    if yes && !prepared.is_protected {
        return Ok(());
    }
    if prepared.is_protected && !session.can_ask() {
        let text =
            format!("`{}` or `{}` is protected: `--yes` alone does not do", aim.context, aim.namespace);
        let found = Halt::decision(ClusterCode::ContextProtected, text);
        return Err(tell::halt(&found.help("run it on a terminal"), &prepared.redactor, session));
    }
    if !session.can_ask() {
        session.printer.error("nobody is there to say yes, and nothing was written");
        session.printer.talk("   = help: `--yes` says it beforehand\n");
        return Err(Stop::With(Exit::Failed));
    }
    let verb = if aim.is_down { "Remove from" } else { "Apply to" };
    let counts = counts(plan);
    let default = if prepared.is_default { " (nothing says which)" } else { "" };
    let place =
        format!("{verb} {} ({}), namespace {}{default}: {counts}?", aim.context, aim.server, aim.namespace);
    if prepared.is_protected {
        session.printer.talk(&format!("{place}\nThis place is protected. Type the namespace to go on: "));
    } else {
        session.printer.talk(&format!("{place} [y/N] "));
    }
    let answer = session.host.read_line().unwrap_or_default();
    let answer = answer.trim();
    let is_yes = if prepared.is_protected {
        answer == aim.namespace
    } else {
        ["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes))
    };
    if is_yes {
        return Ok(());
    }
    session.printer.talk("nothing was written\n");
    Err(Stop::With(Exit::Failed))
}

/// `1 update, 2 create, 3 delete`: what the answer is about, and nothing else.
fn counts(plan: &Plan) -> String {
    let summary = plan.summary();
    let count = |words: &[&str]| words.iter().filter_map(|word| summary.get(word)).sum::<usize>();
    let named = [
        ("update", count(&["update"])),
        ("create", count(&["create"])),
        ("recreate", count(&["recreate"])),
        ("adopt", count(&["adopt"])),
        ("claim", count(&["claim"])),
        ("delete", count(&["delete", "superseded"])),
    ];
    let mut words: Vec<String> =
        named.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")).collect();
    // A server that could not try them says nothing about them (row 3 of the failure table).
    let blind = plan.changes.iter().filter(|change| change.check == Check::Impossible).count();
    if blind > 0 {
        words.push(format!("{blind} of them not previewed"));
    }
    if words.is_empty() { "only the record of the project".to_owned() } else { words.join(", ") }
}
