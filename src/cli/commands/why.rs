//! `rcompose why PLACE`: which key, file, line and rule a piece of output comes from, and what a line became (section 9).

use std::fmt::Write as _;
use std::path::Path;

use anstyle::Style;
use clap::builder::PossibleValuesParser;
use clap::{ArgMatches, Args};
use serde_json::{Value, json};

use crate::account::steps::steps;
use crate::account::why::{self, Answer, Cause};
use crate::account::{self, Account, Line, Place};
use crate::backend::swarm::StackPlace;
use crate::backend::{Artefacts, Target};
use crate::cli::commands::check::with_defaults;
use crate::cli::defaults;
use crate::cli::exit::{Exit, Stop};
use crate::cli::mapping::{Mapping, targets};
use crate::cli::overlays;
use crate::cli::session::{Session, has_errors};
use crate::cli::settings::Globals;
use crate::cli::translation::translate;
use crate::cli::usage::UsageError;
use crate::compose::{Project, Request};
use crate::diag::render::{Context, step_in_words};
use crate::diag::{Finding, Span, nearest};
use crate::emit::{self, Format};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// Largest file that is looked at.
const LIMIT: u64 = 64 * 1024 * 1024;
/// Longest value that stands in front of its origins.
const LONGEST: usize = 40;
/// Most parts that are listed of something that has no origin as a whole.
const MOST_PARTS: usize = 20;

/// Flags of `why`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// `KIND/NAME:PATH`, `FILE:LINE` of output or project, or a key
    #[arg(value_name = "PLACE")]
    place: String,
    /// k8s (default), kustomize, helm, swarm
    #[arg(short, long, value_name = "TARGET", value_parser = targets(), help_heading = "Output")]
    to: Option<Target>,
    /// text (default), json
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["text", "json"]), help_heading = "Output")]
    format: Option<String>,
    #[command(flatten)]
    mapping: Mapping,
}

/// Answers.
pub(crate) fn run(flags: &Flags, matches: &ArgMatches, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let place = account::parse_place(&flags.place).map_err(UsageError::new)?;
    session.account = Some(Account::default());
    flags.mapping.add_hints(&mut session.outside, &mut session.sources);
    let request = session.request(&[]);
    let project = session.open(&request);
    let target = flags.to.or_else(|| defaults::to(&session.settings.defaults)).unwrap_or(Target::Kubernetes);
    let names_namespace = session.names_namespace();
    flags.mapping.check(matches, &[target], session.globals.namespace.is_some(), names_namespace)?;
    let artefacts = match project {
        Some(project) => render(flags, target, project, &request, session)?,
        None => None,
    };
    let findings = session.judge();
    let account = session.account.take().unwrap_or_default();
    let json = flags.format.as_deref() == Some("json");
    let text = match question(place, artefacts.as_ref(), session)? {
        Question::Project(asked) => {
            let lines = account::lines(&account, &findings, target, &session.sources);
            let found = match &asked {
                Asked::Key(key) => why::of_key(&lines, key),
                Asked::Line(file, line) => at_line(&lines, file, *line, session),
            };
            if let (Err(_), Asked::Line(file, line)) = (&found, &asked) {
                let values = why::of_value(&account, file, *line, &session.sources);
                if !values.is_empty() {
                    let text = values_text(&format!("{file}:{line}"), &values, target, json);
                    session.printer.screen(&text)?;
                    return Ok(Exit::Done);
                }
            }
            // Of a project that does not load nothing is known but why.
            let found = found.or_else(|fault| refuse(fault, &findings, session))?;
            let context = session.context();
            if json {
                let keys: Vec<Value> = found.iter().map(|line| account::entry(line, context)).collect();
                format!(
                    "{:#}\n",
                    json!({ "schema": "rcompose.why.v1", "target": target.name(), "keys": keys })
                )
            } else {
                found.iter().map(|line| line_text(line, context)).collect::<Vec<_>>().join("\n")
            }
        }
        Question::Output(asked) => {
            if has_errors(&findings) {
                session.tell(&findings);
                return Ok(Exit::Failed);
            }
            let answer = match &asked {
                Output::Field { kind, name, path } => {
                    why::of_field(&account, (kind, name), &steps(path), &session.sources)
                }
                Output::Line { file, content, line } => {
                    why::of_output(&account, file, content, *line, &session.sources)
                }
            };
            let answer = answer.or_else(|fault| refuse(fault, &findings, session))?;
            let context = session.context();
            if json {
                format!("{:#}\n", answer_json(&answer, target, context))
            } else {
                answer_text(&answer, context)
            }
        }
    };
    session.printer.screen(&text)?;
    Ok(Exit::Done)
}

fn render(
    flags: &Flags,
    target: Target,
    project: Project,
    request: &Request,
    session: &mut Session<'_, '_>,
) -> Result<Option<Artefacts>, Stop> {
    let mapping = with_defaults(&flags.mapping, target, session);
    session.keeps_services = mapping.templates.is_some();
    if target == Target::Kustomize {
        return session.without_repeats(|session| overlays::render(request, &mapping, None, session));
    }
    let project = session.meant(project, target);
    // Paths of a stack file begin where it lies, which is not asked here.
    let place = StackPlace::Directory { to_project: "..".to_owned() };
    Ok(Some(translate(target, &project, &mapping, place, None, session)))
}

/// What is asked, once it is known whose file it is.
enum Question {
    Project(Asked),
    Output(Output),
}

enum Asked {
    Key(String),
    Line(String, u32),
}

enum Output {
    Field { kind: String, name: String, path: String },
    Line { file: String, content: String, line: u32 },
}

fn question(
    place: Place,
    artefacts: Option<&Artefacts>,
    session: &mut Session<'_, '_>,
) -> Result<Question, Stop> {
    Ok(match place {
        Place::Field { kind, name, path } => Question::Output(Output::Field { kind, name, path }),
        Place::Key(key) => Question::Project(Asked::Key(key)),
        Place::Line { file, line } => {
            if let Some(name) = source_name(&file, session) {
                Question::Project(Asked::Line(name, line))
            } else {
                let content = content(&file, artefacts, session)?;
                Question::Output(Output::Line { file, content, line })
            }
        }
    })
}

/// Finds the name under which a file of the project was read.
fn source_name(file: &str, session: &Session<'_, '_>) -> Option<String> {
    let bare = file.strip_prefix("./").unwrap_or(file);
    let directory = Path::new(session.directory.as_deref().unwrap_or("."));
    let asked = session.host.canonicalize(Path::new(file)).ok();
    let is_it = |name: &&str| {
        *name == bare || (asked.is_some() && session.host.canonicalize(&directory.join(name)).ok() == asked)
    };
    session.sources.names().find(is_it).map(str::to_owned)
}

/// Returns a file of the output: as it lies there, else as it would be written.
fn content(file: &str, artefacts: Option<&Artefacts>, session: &mut Session<'_, '_>) -> Result<String, Stop> {
    let files = artefacts.map(|artefacts| emit::files(artefacts, Format::YAML)).unwrap_or_default();
    let is_it = |path: &str| file == path || file.ends_with(&format!("/{path}"));
    let ours = files.iter().filter(|ours| is_it(&ours.path)).max_by_key(|ours| ours.path.len());
    let ours = ours.map(|ours| String::from_utf8_lossy(&ours.bytes).into_owned());
    let there = session.host.read(Path::new(file), LIMIT).ok();
    let there = there.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    match (there, ours) {
        (Some(there), Some(ours)) if there != ours => {
            session.printer.remark(&format!(
                "`{file}` is not what these flags write now: the answer is about the project as it is\n"
            ));
            Ok(there)
        }
        (Some(there), _) => Ok(there),
        (None, Some(ours)) => Ok(ours),
        (None, None) => {
            let known = session.sources.names().chain(files.iter().map(|ours| ours.path.as_str()));
            let name = file.rsplit('/').next().unwrap_or(file);
            let known: Vec<&str> = known.collect();
            let near = nearest(file, known.iter().copied()).or_else(|| nearest(name, known.iter().copied()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(UsageError::new(format!("no file `{file}` in the project or its output{hint}")).into())
        }
    }
}

fn at_line<'l, 'a>(
    lines: &'l [Line<'a>],
    file: &str,
    line: u32,
    session: &Session<'_, '_>,
) -> Result<Vec<&'l Line<'a>>, String> {
    let found = why::of_line(lines, file, line, &session.sources);
    if found.is_empty() {
        Err(format!("no key of a selected service is written at `{file}:{line}`"))
    } else {
        Ok(found)
    }
}

/// Says why there is no answer; the errors of the project come first, where there are some.
fn refuse<T>(fault: String, findings: &[Finding], session: &mut Session<'_, '_>) -> Result<T, Stop> {
    if has_errors(findings) {
        session.tell(findings);
        return Err(Stop::With(Exit::Failed));
    }
    Err(UsageError::new(fault).into())
}

/// One line of the account, with the fields that come from it.
fn line_text(line: &Line<'_>, context: Context<'_>) -> String {
    let codes: Vec<&str> = line.findings.iter().map(|finding| finding.diagnostic.code.name()).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let mut text = format!(
        "{BOLD}{}{BOLD:#}  {}{codes}  {DIM}{}{DIM:#}\n",
        context.line(&line.used.path),
        line.fate.word(),
        context.place(line.used.span)
    );
    let field = |field: &account::Field| {
        if field.path.is_empty() { field.object.clone() } else { format!("{}:{}", field.object, field.path) }
    };
    let width = line.fields.iter().map(|one| field(one).chars().count()).max().unwrap_or_default();
    for one in &line.fields {
        let _ = writeln!(text, "  {:width$}  {}", context.line(&field(one)), by(one.rule));
    }
    if line.fields.is_empty() && line.fate == account::Fate::Mapped {
        text.push_str("  no field of its own: it acts on the whole, or says what is done anyway\n");
    }
    text
}

/// What comes from a line that has no key, such as one of an env file.
fn values_text(place: &str, values: &[(String, &'static str)], target: Target, json: bool) -> String {
    if json {
        let fields: Vec<Value> =
            values.iter().map(|(field, rule)| json!({ "field": field, "rule": rule })).collect();
        return format!(
            "{:#}\n",
            json!({ "schema": "rcompose.why.v1", "target": target.name(), "place": place, "fields": fields })
        );
    }
    let width = values.iter().map(|(field, _)| field.chars().count()).max().unwrap_or_default();
    let lines = values.iter().map(|(field, rule)| format!("  {field:width$}  {}\n", by(rule)));
    std::iter::once(format!("{BOLD}{place}{BOLD:#}\n")).chain(lines).collect()
}

fn by(rule: &str) -> String {
    match account::in_words(rule) {
        Some(words) => format!("{rule}: {words}"),
        None => rule.to_owned(),
    }
}

/// The answer about a field.
fn answer_text(answer: &Answer<'_>, context: Context<'_>) -> String {
    let head = shown(answer, context);
    let (column, mut text) = match head {
        Some(head) => {
            let width = head.chars().count() + 3;
            (width, format!("{BOLD}{head}{BOLD:#}   "))
        }
        None => (
            4,
            format!(
                "{BOLD}{}/{}{}{BOLD:#}\n    ",
                answer.document.kind,
                answer.document.name,
                path_of(answer)
            ),
        ),
    };
    let mut rows: Vec<(&str, String, String)> = Vec::new();
    for cause in &answer.causes {
        let word = if rows.is_empty() { "from" } else { "and" };
        rows.extend(from(cause, context).map(|(what, place)| (word, what, place)));
    }
    if rows.is_empty() && answer.parts.is_empty() {
        let nobody = match answer.path.as_str() {
            "apiVersion" | "kind" => "no key: every object of its kind says so",
            _ if answer.causes.is_empty() => "no origin is noted",
            _ => "no key: rcompose writes it",
        };
        rows.push(("from", nobody.to_owned(), String::new()));
    }
    let width = rows.iter().map(|(_, what, _)| what.chars().count()).max().unwrap_or_default();
    let row = |(word, what, place): &(&str, String, String)| match place.as_str() {
        "" => format!("{word:4} {what}"),
        place => format!("{word:4} {what:width$}   {DIM}{place}{DIM:#}"),
    };
    let mut lines: Vec<String> = rows.iter().map(row).collect();
    let mut rules: Vec<&'static str> = answer.causes.iter().map(|cause| cause.rule).collect();
    rules.dedup();
    let key = answer.causes.iter().rev().find_map(|cause| cause.used).map(|used| used.key.as_str());
    for rule in rules {
        let explain = key.map_or_else(String::new, |key| format!("   {DIM}rcompose explain {key}{DIM:#}"));
        lines.push(format!("by   {}{explain}", by(rule)));
    }
    if answer.noted != answer.path && !answer.causes.is_empty() {
        let noted = if answer.noted.is_empty() { "the whole object" } else { &answer.noted };
        lines.push(format!("as   a part of {noted}"));
    }
    let shown = &answer.parts[..answer.parts.len().min(MOST_PARTS)];
    let width = shown.iter().map(|(path, _)| path.chars().count()).max().unwrap_or_default();
    for (path, cause) in shown {
        let from = match from(cause, context) {
            Some((what, place)) => format!("from {what}  {DIM}{place}{DIM:#}"),
            None => "from no key".to_owned(),
        };
        lines.push(format!("{path:width$}  {:4}  {from}", cause.rule));
    }
    if answer.parts.len() > MOST_PARTS {
        lines.push(format!("… and {} more parts", answer.parts.len() - MOST_PARTS));
    }
    text.push_str(&lines.join(&format!("\n{:column$}", "")));
    text.push('\n');
    text
}

fn path_of(answer: &Answer<'_>) -> String {
    if answer.path.is_empty() { String::new() } else { format!(":{}", answer.path) }
}

/// The value, where it is short and may be seen.
fn shown(answer: &Answer<'_>, context: Context<'_>) -> Option<String> {
    let text = match answer.value? {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => return None,
        value => value.to_string(),
    };
    let text = context.line(&text);
    (text.chars().count() <= LONGEST && !text.is_empty()).then_some(text)
}

/// What a cause says: the key, and its place with what it won over.
fn from(cause: &Cause<'_>, context: Context<'_>) -> Option<(String, String)> {
    let span = cause.span?;
    let what = cause.path.as_ref().map_or_else(|| "a value".to_owned(), |path| context.line(path));
    let what = match cause.used.and_then(|used| word(used, context)) {
        Some(word) => format!("{what} = {word}"),
        None => what,
    };
    let mut place = context.place(span);
    if let Some(last) = cause.overridden.last() {
        let _ = write!(place, " (overrides {})", context.place(*last));
    }
    let steps: Vec<_> = context.sources.steps(span.trace).collect();
    for (words, by) in steps.into_iter().map(step_in_words) {
        let by = by.map_or_else(String::new, |by: Span| format!(" {}", context.place(by)));
        let _ = write!(place, "; {words}{by}");
    }
    Some((what, place))
}

/// A written value that is a number or one of a few words: under a key of a fixed name, so that it is nobody's secret.
fn word(used: &crate::compose::Use, context: Context<'_>) -> Option<String> {
    let last = used.steps.last()?;
    let fixed = used.key.rsplit('.').next() == Some(last);
    let text = context.sources.snippet(used.span);
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-._".contains(letter);
    let short = !text.is_empty() && text.len() <= 16 && text.chars().all(plain);
    (fixed && short).then(|| context.line(text))
}

fn answer_json(answer: &Answer<'_>, target: Target, context: Context<'_>) -> Value {
    let cause = |cause: &Cause<'_>| {
        let mut entry = json!({ "rule": cause.rule, "words": account::in_words(cause.rule) });
        if let Some(path) = &cause.path {
            entry["key"] = path.as_str().into();
        }
        if let Some(used) = cause.used {
            entry["explain"] = used.key.as_str().into();
        }
        if let Some(span) = cause.span {
            entry["place"] = place_json(span, context);
            let steps = context.sources.steps(span.trace).map(|step| match step_in_words(step) {
                (words, Some(by)) => format!("{words} ({})", context.place(by)),
                (words, None) => words,
            });
            entry["trace"] = steps.collect::<Vec<_>>().into();
        }
        let overridden = cause.overridden.iter().map(|span| place_json(*span, context));
        entry["overrides"] = overridden.collect::<Vec<_>>().into();
        entry
    };
    let parts = answer.parts.iter().map(|(path, one)| json!({ "path": path, "origin": cause(one) }));
    json!({
        "schema": "rcompose.why.v1",
        "target": target.name(),
        "object": format!("{}/{}", answer.document.kind, answer.document.name),
        "file": answer.document.file_name,
        "path": answer.path,
        "noted": answer.noted,
        "origins": answer.causes.iter().map(cause).collect::<Vec<_>>(),
        "parts": parts.collect::<Vec<_>>(),
    })
}

fn place_json(span: Span, context: Context<'_>) -> Value {
    let position = context.sources.position(span.source, span.start);
    json!({ "file": context.sources.name(span.source), "line": position.line, "column": position.column })
}
