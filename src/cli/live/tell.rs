//! What live commands say: plans, progress, reasons to end (cli.md, section 8). All of it passes the redactor (A62). Questions, last
//! lines and the table of services stand beside it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::aim::Prepared;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cluster::halt::Halt;
use crate::cluster::plan::screen::json::json;
use crate::cluster::plan::screen::text::{summary, text};
use crate::cluster::plan::screen::unified::unified;
use crate::cluster::plan::screen::{self, Line, Paint};
use crate::cluster::plan::{Plan, Verdict};
use crate::cluster::progress::Event;
use crate::cluster::redact::Redactor;
use crate::diag::render::Counts;
use crate::diag::{Code, Diagnostic, Finding};
use crate::yaml;

pub(super) const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();

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
        _ => painted(&text(plan, style(plan, prepared, session.printer.screen_width(), session))),
    };
    session.printer.screen(&prepared.redactor.redact(&text))
}

fn style(plan: &Plan, prepared: &Prepared, width: Option<usize>, session: &Session<'_, '_>) -> screen::Style {
    screen::Style {
        unicode: session.shows_symbols(),
        width,
        now: plan.now,
        prunes: prepared.aim.removal.prune,
        takes_out: prepared.aim.is_down,
        defaults: prepared.aim.show_defaults,
    }
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
    let lines = text(plan, style(plan, prepared, session.printer.talk_width(), session));
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

/// Tells what the translation found. Where nothing changes it was told before, so how much there is will do, unless all is asked for.
pub(crate) fn findings(findings: &[Finding], is_news: bool, session: &mut Session<'_, '_>) {
    if is_news || session.globals.verbose > 0 {
        session.tell(findings);
    }
}

/// Says in brackets how much [`findings`] has kept to itself; nothing where that is nothing.
pub(crate) fn kept_back(findings: &[Finding], session: &Session<'_, '_>) -> String {
    let words = Counts::of(findings).words();
    if words.is_empty() || session.globals.verbose > 0 {
        return String::new();
    }
    format!(" {DIM}({}: `rcompose check` shows them){DIM:#}", words.join(", "))
}

/// Returns the column where the words behind the names of objects begin: one for all that a plan does.
pub(crate) fn column(plan: &Plan) -> usize {
    let changes =
        plan.changes.iter().filter(|change| !change.steps.is_empty()).map(|change| &change.identity);
    let gone = plan.orphans.iter().filter(|orphan| orphan.fate.is_deletion()).map(|orphan| &orphan.identity);
    changes.chain(gone).map(|identity| identity.to_string().chars().count()).max().unwrap_or(0)
}

/// Shows something that happened; words behind names begin at `column`.
pub(crate) fn event(event: &Event, column: usize, redactor: &Redactor, session: &mut Session<'_, '_>) {
    let [done, failed, waiting] =
        if session.shows_symbols() { ["✓", "✗", "•"] } else { ["ok", "FAIL", "*"] };
    let line = match event {
        Event::Done { object, what } => format!("{GREEN}{done}{GREEN:#} {object:<column$}  {what}\n"),
        Event::Failed { object, why } => format!("{RED}{failed}{RED:#} {object:<column$}  {why}\n"),
        Event::Waiting(what) => format!("{DIM}{waiting}{DIM:#} {what}\n"),
        Event::Repeating { what, why } => format!("{DIM}{waiting}{DIM:#} asking again: {what}: {why}\n"),
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
    Stop::With(halt.ending.into())
}

pub(super) fn say(halt: &Halt, redactor: &Redactor, session: &mut Session<'_, '_>) {
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
