//! For people: excerpts of their files, notes as one line each, the same on several services as one block (C33, 7).
//!
//! Always with colour; who prints takes it out where nobody wants it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use super::excerpt::{Excerpt, excerpt, printable};
use super::order::{Block, blocks, ordered};
use super::{Context, step_in_words};
use crate::diag::{Finding, Level, Span};
use crate::parallel;

/// Notes shown without `-v`.
const NOTES: usize = 10;

/// Blocks that are worth a thread: they take some ten times what its start takes.
const MANY: usize = 50;

/// Longest line where nobody said how wide the screen is: what is no terminal is not cut, but files of one line exist.
const UNCUT: usize = 1000;

/// Confirms what nobody need know (K9).
const BY_REQUEST_ONLY: &str = "already-default";

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::BrightBlue.on_default().bold();
const HELP: Style = AnsiColor::Green.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// How people want it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HumanOptions {
    /// Columns of the terminal; `None` where it is none.
    pub(crate) width: Option<usize>,
    /// All notes, in full.
    pub(crate) verbose: bool,
    /// Errors only.
    pub(crate) quiet: bool,
    /// Say which target a finding belongs to, where there are several.
    pub(crate) name_targets: bool,
}

/// Renders findings, each block with an empty line behind it. Allowed ones are not shown.
pub(crate) fn human(findings: &[Finding], context: Context<'_>, options: HumanOptions) -> String {
    let least = if options.quiet { Level::Error } else { Level::Note };
    let mut shown = ordered(findings);
    shown.retain(|finding| finding.level >= least);
    shown.retain(|finding| options.verbose || finding.diagnostic.code.name() != BY_REQUEST_ONLY);
    let blocks = blocks(&shown);
    let (full, notes): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|block| options.verbose || block.first.level > Level::Note);
    let gutter = full.iter().map(|block| digits(block, context)).max().unwrap_or(1);
    let mut text = String::new();
    for block in parallel::map(&full, MANY, |block| in_full(block, context, options, gutter)) {
        text.push_str(&block);
        text.push('\n');
    }
    for block in notes.iter().take(NOTES) {
        text.push_str(&one_line(block, context, options));
    }
    if notes.len() > NOTES {
        let more = notes.len() - NOTES;
        let word = if more == 1 { "note" } else { "notes" };
        let _ = writeln!(text, "{DIM}… and {more} more {word} (-v shows them){DIM:#}");
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    text
}

/// Renders one block with its excerpt, its further places and the way out.
fn in_full(block: &Block<'_>, context: Context<'_>, options: HumanOptions, gutter: usize) -> String {
    let found = &block.first.diagnostic;
    let level = match block.first.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note | Level::Allowed => Title::NOTE,
    };
    let message = message(block.first, context, options);
    let mut group = Group::with_title(level.primary_title(message).id(found.code.name()));
    if let Some(span) = found.span {
        let position = context.sources.position(span.source, span.start);
        let origin = Origin::path(printable(context.sources.name(span.source)))
            .line(position.line as usize)
            .char_column(position.column as usize);
        let shown = source_line(span, context, options);
        let mark = AnnotationKind::Primary.span(shown.span).label(label(block.first, context));
        let snippet = Snippet::source(shown.text).line_start(position.line as usize).annotation(mark);
        group = group.element(origin).element(snippet);
    }
    for place in further_places(block, context) {
        group = group.element(Origin::path(place));
    }
    if let Some(help) = &found.help {
        let width = options.width.map_or(usize::MAX, |width| width.saturating_sub(gutter + 10));
        let lines: Vec<String> = help.lines().flat_map(|line| wrapped(&context.line(line), width)).collect();
        group = group.element(Title::HELP.message(lines.join("\n")));
    }
    let renderer = Renderer::styled()
        .error(ERROR)
        .warning(WARNING)
        .note(NOTE)
        .help(HELP)
        .line_num(DIM)
        .term_width(UNCUT * 4);
    // One block's numbers may be shorter than another's: the bars of all stand in one column.
    let pad = " ".repeat(gutter - digits(block, context));
    let mut text = String::new();
    for (number, line) in renderer.render(&[group]).lines().enumerate() {
        // The library announces an excerpt without path of its own by an empty place.
        if anstream::adapter::strip_str(line).to_string().trim() != ":::" {
            let _ = writeln!(text, "{}{}", if number == 0 { "" } else { &pad }, line.trim_end());
        }
    }
    text
}

/// Breaks a text between words. What begins with a space is code, which is not ours to break.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    if text.starts_with(' ') || text.chars().count() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        if line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Returns how many digits the line number of a block's excerpt has.
fn digits(block: &Block<'_>, context: Context<'_>) -> usize {
    let position = block.first.diagnostic.span.map(|span| context.sources.position(span.source, span.start));
    position.map_or(1, |position| position.line.to_string().len())
}

/// Returns the first line of a span as it is shown.
fn source_line(span: Span, context: Context<'_>, options: HumanOptions) -> Excerpt {
    let text = context.sources.text(span.source);
    let start = (span.start as usize).min(text.len());
    let bytes = text.as_bytes();
    let begin = bytes[..start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let stop = bytes[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| start + at);
    let line = text.get(begin..stop).unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let end = (span.end as usize).clamp(start, begin + line.len().max(start - begin));
    // Bar and number take some columns of the screen.
    let width = options.width.map_or(UNCUT, |width| width.saturating_sub(12));
    excerpt(line, start - begin..end - begin, width, context.mask)
}

fn message(finding: &Finding, context: Context<'_>, options: HumanOptions) -> String {
    let message = context.line(&finding.diagnostic.message);
    match finding.diagnostic.target.filter(|_| options.name_targets) {
        Some(target) => format!("{target}: {message}"),
        None => message,
    }
}

fn label(finding: &Finding, context: Context<'_>) -> Option<String> {
    let found = &finding.diagnostic;
    if !found.label.is_empty() {
        return Some(context.line(&found.label));
    }
    let suggestion = found.suggestion.as_ref()?;
    Some(context.line(&format!("did you mean `{}`?", suggestion.replace)))
}

/// Lists the other services of a block, the further labels (places with one text together) and the trace.
fn further_places(block: &Block<'_>, context: Context<'_>) -> Vec<String> {
    let found = &block.first.diagnostic;
    let mut places = Vec::new();
    let others: Vec<&Finding> =
        block.others.iter().copied().filter(|other| other.diagnostic.span.is_some()).collect();
    if !others.is_empty() {
        let lines: Vec<String> = others
            .iter()
            .filter_map(|other| other.diagnostic.span)
            .map(|span| context.file_and_line(span))
            .collect();
        places.push(format!("{}: also {}", lines.join(", "), services(&others, context)));
    }
    let mut labels: Vec<(String, Vec<String>)> = Vec::new();
    let mut known = BTreeMap::new();
    for label in &found.labels {
        let (text, place) = (context.line(&label.text), context.place(label.span));
        let at = *known.entry(text.clone()).or_insert(labels.len());
        if at == labels.len() {
            labels.push((text, Vec::new()));
        }
        labels[at].1.push(place);
    }
    places.extend(labels.into_iter().map(|(text, at)| with_text(&at.join(", "), &text)));
    let trace = found.span.map(|span| span.trace).unwrap_or_default();
    for step in context.sources.steps(trace) {
        let (text, by) = step_in_words(step);
        places.push(match by {
            Some(by) => with_text(&context.place(by), &context.line(&text)),
            None => context.line(&text),
        });
    }
    places
}

fn with_text(place: &str, text: &str) -> String {
    if text.is_empty() { place.to_owned() } else { format!("{place}: {text}") }
}

fn services(findings: &[&Finding], context: Context<'_>) -> String {
    let services = findings.iter().filter_map(|finding| finding.diagnostic.service.as_deref());
    let names: Vec<String> = services.map(|name| format!("`{}`", context.line(name))).collect();
    names.join(", ")
}

/// Renders a note as one line, with its places in parentheses at the end.
fn one_line(block: &Block<'_>, context: Context<'_>, options: HumanOptions) -> String {
    let found = &block.first.diagnostic;
    let all = std::iter::once(&block.first).chain(&block.others);
    let places: Vec<String> =
        all.filter_map(|finding| finding.diagnostic.span).map(|span| context.file_and_line(span)).collect();
    let message = message(block.first, context, options);
    let places = places.join(", ");
    let text = match message.strip_suffix(')') {
        _ if places.is_empty() => message,
        Some(open) if open.contains('(') => format!("{open}, {places})"),
        _ => format!("{message} ({places})"),
    };
    format!("{NOTE}note[{}]{NOTE:#}: {text}\n", found.code.name())
}
