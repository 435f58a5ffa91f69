//! `rcompose explain CODE|KEY`: the page of a code, what a Compose key takes, or all codes.

use std::fmt::Write as _;

use anstyle::Style;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::json;

use crate::account::support;
use crate::backend::Target;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cli::settings::Globals;
use crate::cli::usage::UsageError;
use crate::compose::keys::describe::{Description, describe};
use crate::diag::{Code, nearest};

const BOLD: Style = Style::new().bold();

/// Blanks before the text of a section.
const INDENT: usize = 9;

/// Flags of `explain`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// Code of a message, or key such as services.deploy.replicas
    #[arg(value_name = "CODE|KEY")]
    subject: Option<String>,
    /// All codes: severity, name, one line
    #[arg(long, help_heading = "Output")]
    list: bool,
    /// text (default), json
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["text", "json"]), help_heading = "Output")]
    format: Option<String>,
}

/// Prints a page or the list.
pub(crate) fn run(flags: &Flags, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let codes = crate::codes();
    let json = flags.format.as_deref() == Some("json");
    let text = match (&flags.subject, flags.list) {
        (Some(_), true) => return Err(UsageError::new("`--list` shows all codes: name none").into()),
        (None, false) => return Err(UsageError::new("name a code or a key, or use `--list`").into()),
        (None, true) if json => {
            format!("{:#}\n", json!(codes.iter().map(|code| entry(*code)).collect::<Vec<_>>()))
        }
        (None, true) => list(&codes),
        (Some(name), false) => {
            let width = session.printer.screen_width().unwrap_or(80);
            match find(name, &codes)? {
                Subject::Code(code) if json => format!("{:#}\n", entry(code)),
                Subject::Code(code) => page(code, width),
                Subject::Key(key) if json => format!("{:#}\n", key_entry(&key)),
                Subject::Key(key) => key_page(&key, width),
            }
        }
    };
    session.printer.screen(&text)?;
    Ok(Exit::Done)
}

/// What can be explained.
enum Subject {
    Code(Code),
    Key(Description),
}

fn find(name: &str, codes: &[Code]) -> Result<Subject, UsageError> {
    // As a message shows it: `error[unknown-key]`.
    let bare = name.split_once('[').map_or(name, |(_, rest)| rest.trim_end_matches([']', ':']));
    if let Some(code) = codes.iter().find(|code| code.name() == bare) {
        return Ok(Subject::Code(*code));
    }
    match key(name) {
        Ok(key) => Ok(Subject::Key(key)),
        Err((part, keys)) => {
            let words = codes.iter().map(|code| code.name()).chain(keys);
            let hint = match nearest(&part, words) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`--list` shows all codes".to_owned(),
            };
            Err(UsageError::new(format!("no code or key `{part}`; {hint}")))
        }
    }
}

/// Finds a key by its path, that of a service without `services.` too.
///
/// # Errors
/// The part that is no key, and the keys that could stand there.
pub(super) fn key(name: &str) -> Result<Description, (String, Vec<&'static str>)> {
    // `deploy.replicas` is what people say; a word that only could be a service's name is not meant.
    let in_service = || match describe(&format!("services.{name}")) {
        Ok(key) if key.path == "services" => describe(&format!("services.*.{name}")),
        found => found,
    };
    describe(name).or_else(|(part, mut keys)| {
        in_service().map_err(|(_, below)| {
            keys.extend(below);
            (part, keys)
        })
    })
}

/// Renders what a key takes and what becomes of it.
fn key_page(key: &Description, width: usize) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#}\n\n", key.path);
    let mut section = |title: &str, lines: Vec<String>| {
        for (number, line) in lines.iter().enumerate() {
            let title = if number == 0 { title } else { "" };
            let _ = writeln!(text, "{BOLD}{title:7}{BOLD:#}  {line}");
        }
    };
    let width = width.saturating_sub(INDENT);
    section("What", laid_out(key.doc, width));
    if let Some(row) = support::row(&key.path) {
        let mut objects = super::support::lines(row.on(Target::Kubernetes));
        objects.push("(kustomize and helm: the same)".to_owned());
        section("K8s", objects);
        section("Swarm", super::support::lines(row.on(Target::Swarm)));
    }
    section("Forms", key.forms.iter().flat_map(|form| laid_out(form, width)).collect());
    let column = key.keys.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    section("Keys", key.keys.iter().map(|(name, doc)| format!("{name:column$}  {doc}")).collect());
    text
}

fn key_entry(key: &Description) -> serde_json::Value {
    let keys: serde_json::Map<_, _> =
        key.keys.iter().map(|(name, doc)| ((*name).to_owned(), (*doc).into())).collect();
    let mut entry = json!({ "key": key.path, "what": key.doc, "forms": key.forms, "keys": keys });
    if let Some(row) = support::row(&key.path) {
        // Kustomize and Helm carry the objects of Kubernetes.
        entry["targets"] = super::support::by_target(&row, Target::ALL).into();
    }
    entry
}

/// Renders all codes as a table.
fn list(codes: &[Code]) -> String {
    let width = codes.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let mut text = format!("{BOLD}{:width$}  SEVERITY  MEANING{BOLD:#}\n", "CODE");
    for code in codes {
        let _ = writeln!(
            text,
            "{:width$}  {:8}  {}",
            code.name(),
            code.info().severity.word(),
            code.info().meaning
        );
    }
    text
}

fn entry(code: Code) -> serde_json::Value {
    let info = code.info();
    let page: serde_json::Map<_, _> = sections(info.page)
        .map(|(title, body)| (title.to_lowercase().replace(' ', "-"), body.into()))
        .collect();
    json!({
        "code": info.name,
        "severity": info.severity.word(),
        "class": info.class.word(),
        "allowable": info.lowerable || info.severity != crate::diag::Severity::Error,
        "meaning": info.meaning,
        "page": page,
    })
}

/// Splits a page at its headings of the second level.
fn sections(page: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    page.split("\n## ").skip(1).map(|section| {
        let (title, body) = section.split_once('\n').unwrap_or((section, ""));
        (title.trim(), body.trim())
    })
}

/// Renders a page for the screen: titles at the left, text beside them.
fn page(code: Code, width: usize) -> String {
    let info = code.info();
    let class = info.class.word();
    let mut text = format!("{BOLD}{}{BOLD:#}: {}, {class}\n", info.name, info.severity.word());
    for (title, body) in sections(info.page) {
        text.push('\n');
        for (number, line) in laid_out(body, width.saturating_sub(INDENT)).into_iter().enumerate() {
            let title = if number == 0 { title } else { "" };
            let blank = if title.is_empty() && line.is_empty() { "" } else { "  " };
            let padded = format!("{title:7}");
            let shown =
                if blank.is_empty() { String::new() } else { format!("{BOLD}{padded}{BOLD:#}  {line}") };
            let _ = writeln!(text, "{}", shown.trim_end());
        }
    }
    text
}

/// Wraps paragraphs; code keeps its lines, without the fence.
fn laid_out(body: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    for line in body.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            wrap(&mut lines, &mut paragraph, width);
        } else if in_code {
            lines.push(line.to_owned());
        } else if line.trim().is_empty() {
            wrap(&mut lines, &mut paragraph, width);
            lines.push(String::new());
        } else {
            if line.starts_with("- ") {
                wrap(&mut lines, &mut paragraph, width);
            }
            paragraph.push(' ');
            paragraph.push_str(line.trim());
        }
    }
    wrap(&mut lines, &mut paragraph, width);
    lines
}

/// Moves a paragraph into lines.
fn wrap(lines: &mut Vec<String>, paragraph: &mut String, width: usize) {
    let mut line = String::new();
    for word in paragraph.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    paragraph.clear();
}
