//! The last words of a run that writes: a line for people, `rcompose.result.v1` for programs.

use serde_json::{Value, json as value};

use super::aim::Prepared;
use super::tell;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cluster::aim::Aim;
use crate::cluster::halt::Ending;
use crate::cluster::redact::Redactor;
use crate::cluster::run::Outcome;

/// Says that all is as it should be.
///
/// # Errors
/// The reader is gone.
pub(crate) fn nothing_to_do(
    prepared: &Prepared,
    is_json: bool,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let aim = &prepared.aim;
    let kept_back = tell::kept_back(&prepared.findings, session);
    let what = if aim.is_down { "nothing is there" } else { "nothing to change" };
    session.printer.remark(&format!("{}: {what}{kept_back}\n", aim.project));
    if is_json {
        session.printer.data(format!("{}\n", result(aim, &[], Ending::Reached)).as_bytes())?;
    }
    Ok(Exit::Done)
}

/// Says how a run ended.
///
/// # Errors
/// The reader is gone.
pub(crate) fn outcome(
    outcome: &Outcome,
    aim: &Aim,
    redactor: &Redactor,
    is_json: bool,
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    for halt in &outcome.halts {
        tell::say(halt, redactor, session);
    }
    if outcome.ending == Ending::Reached {
        let (written, gone) = (outcome.done.written.len(), outcome.removed.gone.len());
        let last = match (aim.is_down, written, gone) {
            (true, ..) => format!("{gone} deleted"),
            (false, 0, 0) => "no object had to change; its record is written".to_owned(),
            (false, 0, gone) => format!("{gone} deleted"),
            (false, written, 0) => format!("{written} written, not waited for"),
            (false, written, gone) => format!("{gone} deleted, {written} written, not waited for"),
        };
        let last = format!("{}: {last}\n", aim.project);
        session.printer.remark(&last);
    }
    if is_json {
        let objects = objects(outcome);
        let text = format!("{}\n", result(aim, &objects, outcome.ending));
        session.printer.data(redactor.redact(&text).as_bytes())?;
    }
    Ok(())
}

/// Lists what became of each object, for programs.
fn objects(outcome: &Outcome) -> Vec<Value> {
    let named = |object: String, state: &str| value!({"object": object, "state": state});
    let mut all = Vec::new();
    for live in &outcome.done.written {
        all.extend(live.identity().map(|identity| {
            let mut entry = named(identity.to_string(), "written");
            entry["uid"] = live.uid().into();
            entry
        }));
    }
    for (identity, failure, restored) in &outcome.done.failed {
        let mut entry = named(identity.to_string(), "failed");
        entry["error"] = failure.message.as_str().into();
        if let Some(restored) = restored {
            entry["restored"] = restored.as_str().into();
        }
        all.push(entry);
    }
    all.extend(outcome.done.untouched.iter().map(|identity| named(identity.to_string(), "untouched")));
    let removed = &outcome.removed;
    all.extend(removed.gone.iter().map(|identity| named(identity.to_string(), "deleted")));
    all.extend(removed.replaced.iter().map(|identity| named(identity.to_string(), "kept")));
    all.extend(removed.untouched.iter().map(|identity| named(identity.to_string(), "untouched")));
    all.extend(removed.stuck.iter().map(|(identity, _)| named(identity.to_string(), "stuck")));
    for (identity, why) in &removed.failed {
        let mut entry = named(identity.to_string(), "not-deleted");
        entry["error"] = why.as_str().into();
        all.push(entry);
    }
    all
}

fn result(aim: &Aim, objects: &[Value], ending: Ending) -> Value {
    let word = match ending {
        Ending::Reached => "reached",
        Ending::Refused => "refused",
        Ending::Decision => "decision",
        Ending::PartWay => "part-way",
        Ending::NotReady => "not-ready",
        Ending::Interrupted => "interrupted",
    };
    value!({
        "schema": "rcompose.result.v1", "context": aim.context, "namespace": aim.namespace, "project": aim.project,
        "ending": word, "waited": false, "objects": objects,
    })
}
