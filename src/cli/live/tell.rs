//! What live commands say: plans, questions, progress, endings (cli.md, section 8). All of it passes the redactor (A62).

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json as value};

use super::aim::Prepared;
use crate::cli::commands::status;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cluster::aim::Aim;
use crate::cluster::codes::ClusterCode;
use crate::cluster::halt::{Ending, Halt};
use crate::cluster::plan::screen::json::json;
use crate::cluster::plan::screen::text::{summary, text};
use crate::cluster::plan::screen::unified::unified;
use crate::cluster::plan::screen::{self, Line, Paint};
use crate::cluster::plan::{Plan, Verdict};
use crate::cluster::progress::Event;
use crate::cluster::redact::Redactor;
use crate::cluster::run::Outcome;
use crate::cluster::status::Table;
use crate::diag::{Code, Diagnostic};
use crate::yaml;

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Prints a plan on standard output, in a format.
///
/// # Errors
/// The reader is gone.
pub(crate) fn plan(
    plan: &Plan,
    format: &str,
    prepared: &Prepared,
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let text = match format {
        "json" => format!("{}\n", json(plan)),
        "name" => painted(&screen::names(plan)),
        "summary" => painted(&[summary(plan)]),
        "unified" => painted(&unified(plan)),
        _ => painted(&text(plan, style(prepared, session.printer.screen_width()))),
    };
    session.printer.screen(&prepared.redactor.redact(&text))
}

fn style(prepared: &Prepared, width: Option<usize>) -> screen::Style {
    // Ages need the server's clock, and the plan has none: times are shown as they are.
    screen::Style { unicode: true, width, now: None, prunes: prepared.aim.removal.prune }
}

/// Gives lines their colours.
fn painted(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        for (paint, piece) in &line.0 {
            let style = match paint {
                Paint::Plain => Style::new(),
                Paint::Bold => BOLD,
                Paint::Dim => DIM,
                Paint::Added => GREEN,
                Paint::Removed | Paint::Problem => RED,
                Paint::Changed => YELLOW,
            };
            let _ = write!(text, "{style}{piece}{style:#}");
        }
        text.push('\n');
    }
    text
}

/// Shows a plan before the question, on standard error.
pub(crate) fn shown_plan(plan: &Plan, prepared: &Prepared, session: &mut Session<'_, '_>) {
    let lines = text(plan, style(prepared, session.printer.talk_width()));
    session.printer.remark(&prepared.redactor.redact(&painted(&lines)));
}

/// Tells what stands in the way of a plan, and what is worth knowing.
pub(crate) fn problems(plan: &Plan, session: &mut Session<'_, '_>) {
    for change in &plan.changes {
        if let Some(problem) = &change.problem {
            let found = Diagnostic::new(problem.code, problem.text.clone()).at_opt(problem.span);
            push(found, &problem.help, change.service.as_deref(), session);
        }
        for note in &change.notes {
            push(Diagnostic::new(note.code, note.text.clone()), &[], change.service.as_deref(), session);
        }
    }
    for guard in &plan.guards {
        push(
            Diagnostic::new(guard.code, guard.text.clone()),
            std::slice::from_ref(&guard.help),
            None,
            session,
        );
    }
    for note in &plan.notes {
        push(Diagnostic::new(note.code, note.text.clone()), &[], None, session);
    }
    let findings = session.judge();
    session.tell(&findings);
}

fn push(found: Diagnostic, help: &[String], service: Option<&str>, session: &mut Session<'_, '_>) {
    let lines: Vec<&str> = help.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    let found = if lines.is_empty() { found } else { found.help(lines.join("; or ")) };
    session.sink.push(match service {
        Some(service) => found.service(service),
        None => found,
    });
}

/// Returns how a run ends that may not write; `None` where it may.
pub(crate) fn exit_of(plan: &Plan) -> Option<Exit> {
    match plan.verdict() {
        Verdict::Refused => Some(Exit::Failed),
        Verdict::Decision => Some(Exit::Decision),
        Verdict::Nothing | Verdict::Writes => None,
    }
}

/// Says that all is as it should be.
///
/// # Errors
/// The reader is gone.
pub(crate) fn nothing_to_do(aim: &Aim, is_json: bool, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    session.printer.remark(&format!("{}: nothing to change\n", aim.project));
    if is_json {
        session.printer.data(format!("{}\n", result(aim, &[], Ending::Reached)).as_bytes())?;
    }
    Ok(Exit::Done)
}

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
        return Err(halt(&found.help("run it on a terminal"), &prepared.redactor, session));
    }
    if !session.can_ask() {
        session.printer.error("nobody is there to say yes, and nothing was written");
        session.printer.talk("   = help: `--yes` says it beforehand\n");
        return Err(Stop::With(Exit::Failed));
    }
    let verb = if aim.is_down { "Remove from" } else { "Apply to" };
    let counts = summary(plan);
    let default = if prepared.is_default { " (nothing says which)" } else { "" };
    let place =
        format!("{verb} {} ({}), namespace {}{default}: {counts}?", aim.context, aim.server, aim.namespace);
    let expected = if prepared.is_protected {
        session.printer.talk(&format!("{place}\nThis place is protected. Type the namespace to go on: "));
        aim.namespace.as_str()
    } else {
        session.printer.talk(&format!("{place} [y/N] "));
        "y"
    };
    let answer = session.host.read_line().unwrap_or_default();
    let answer = answer.trim();
    if answer == expected
        || expected == "y" && answer.eq_ignore_ascii_case("yes")
        || answer == "Y" && expected == "y"
    {
        return Ok(());
    }
    session.printer.talk("nothing was written\n");
    Err(Stop::With(Exit::Failed))
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
        say(halt, redactor, session);
    }
    if outcome.ending == Ending::Reached {
        let (written, gone) = (outcome.done.written.len(), outcome.removed.gone.len());
        let deleted = if gone > 0 { format!(", {gone} deleted") } else { String::new() };
        let last = if aim.is_down {
            format!("{}: {gone} deleted\n", aim.project)
        } else {
            format!("{}: {written} written{deleted}; written, not waited for\n", aim.project)
        };
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

/// Shows something that happened.
pub(crate) fn event(event: &Event, redactor: &Redactor, session: &mut Session<'_, '_>) {
    let line = match event {
        Event::Done { object, what } => format!("{GREEN}✓{GREEN:#} {object}  {what}\n"),
        Event::Failed { object, why } => format!("{RED}✗{RED:#} {object}  {why}\n"),
        Event::Waiting(what) => format!("{DIM}•{DIM:#} {what}\n"),
        Event::Repeating { what, why } => format!("{DIM}•{DIM:#} asking again: {what}: {why}\n"),
        Event::Warning(code, text) => {
            say_as(*code, &redactor.redact(text), &[], session);
            return;
        }
    };
    session.printer.remark(&redactor.redact(&line));
}

/// Tells why a run ends, and how.
pub(crate) fn halt(halt: &Halt, redactor: &Redactor, session: &mut Session<'_, '_>) -> Stop {
    say(halt, redactor, session);
    Stop::With(match halt.ending {
        Ending::Reached => Exit::Done,
        Ending::Refused => Exit::Failed,
        Ending::Decision => Exit::Decision,
        Ending::PartWay => Exit::PartWay,
        Ending::NotReady => Exit::NotReady,
        Ending::Interrupted => Exit::Interrupted,
    })
}

fn say(halt: &Halt, redactor: &Redactor, session: &mut Session<'_, '_>) {
    let text = redactor.redact(&halt.text);
    let help: Vec<String> = halt.help.iter().map(|line| redactor.redact(line)).collect();
    if let Some(code) = halt.code {
        return say_as(code, &text, &help, session);
    }
    session.printer.error(&text);
    for line in help {
        session.printer.talk(&format!("   = help: {line}\n"));
    }
}

fn say_as(code: Code, text: &str, help: &[String], session: &mut Session<'_, '_>) {
    push(Diagnostic::new(code, text), help, None, session);
    let findings = session.judge();
    session.tell(&findings);
}

/// Prints an object as YAML.
pub(crate) fn yaml(tree: &Value) -> String {
    fn rank(_parent: &str, key: &str) -> u32 {
        let order = ["apiVersion", "kind", "metadata", "name", "namespace", "apiGroups", "resources"];
        let place = order.iter().position(|known| *known == key).unwrap_or(order.len());
        u32::try_from(place).unwrap_or(u32::MAX)
    }
    yaml::write(tree, rank, 2)
}

/// Prints the table of services.
///
/// # Errors
/// The reader is gone.
pub(crate) fn status(
    table: &Table,
    flags: &status::Flags,
    prepared: &Prepared,
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let aim = &prepared.aim;
    if flags.format.is_json() {
        let text = format!("{}\n", table.json(aim));
        return session.printer.data(prepared.redactor.redact(&text).as_bytes());
    }
    let mut text = String::new();
    for line in columns(table, flags.tree) {
        let _ = writeln!(text, "{line}");
    }
    let unready = table.unready();
    let state = match (table.rows.is_empty(), unready) {
        (true, _) => "nothing runs".to_owned(),
        (false, 0) => "all services ready".to_owned(),
        (false, unready) => format!("{unready} of {} services not ready", table.rows.len()),
    };
    let last = table.revision.map_or_else(String::new, |revision| {
        let since = table.since.map_or_else(String::new, |since| format!(" {} ago", span(since)));
        format!(" · revision {revision}, by {}{since}", table.by)
    });
    let _ =
        writeln!(text, "{BOLD}{}{BOLD:#} @ {}/{}{last} · {state}", aim.project, aim.context, aim.namespace);
    session.printer.screen(&prepared.redactor.redact(&text))
}

fn columns(table: &Table, tree: bool) -> Vec<String> {
    let head = ["SERVICE", "KIND", "READY", "UPDATED", "RESTARTS", "AGE", "IMAGE", "ADDRESS"];
    let mut lines: Vec<Vec<String>> = vec![head.map(ToOwned::to_owned).to_vec()];
    for row in &table.rows {
        let pair = |pair: Option<(i64, i64)>| pair.map(|(now, wanted)| format!("{now}/{wanted}"));
        let dash = || "-".to_owned();
        lines.push(vec![
            row.service.clone(),
            row.kind.clone(),
            row.state.map(ToOwned::to_owned).or_else(|| pair(row.ready)).unwrap_or_else(dash),
            pair(row.updated).unwrap_or_else(dash),
            row.restarts.to_string(),
            row.age.map_or_else(dash, span),
            row.image.clone(),
            row.address.clone().unwrap_or_else(dash),
        ]);
        if tree {
            for (name, state, ready) in &row.pods {
                let ready = if *ready { "ready" } else { "not ready" };
                lines.push(vec![format!("  {name}"), state.clone(), ready.to_owned()]);
            }
        }
    }
    let width = |at: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(at))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    lines
        .iter()
        .map(|line| {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect()
}

/// Says a time as people do: `22s`, `3m10s`, `5d`.
fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m{}s", seconds / 60, seconds % 60),
        seconds @ 3600..86400 => format!("{}h{}m", seconds / 3600, seconds % 3600 / 60),
        seconds => format!("{}d", seconds / 86400),
    }
}
