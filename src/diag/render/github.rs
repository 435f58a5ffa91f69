//! Workflow commands of GitHub Actions, which become annotations on the changed lines (C40).

use std::fmt::Write as _;

use super::Context;
use super::excerpt::printable;
use super::order::ordered;
use crate::diag::{Finding, Level, Span};

/// Renders one command per finding. Allowed findings are not shown.
pub(crate) fn github(findings: &[Finding], context: Context<'_>) -> String {
    let mut text = String::new();
    for finding in ordered(findings) {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
            Level::Allowed => continue,
        };
        let found = &finding.diagnostic;
        let place = found.span.map(|span| place(span, context)).unwrap_or_default();
        let mut message = context.mask.text(&found.message);
        if let Some(help) = &found.help {
            let _ = write!(message, "\nhelp: {}", context.mask.text(help));
        }
        let title = property(found.code.name());
        let _ = writeln!(text, "::{command} {place}title={title}::{}", data(&message));
    }
    text
}

fn place(span: Span, context: Context<'_>) -> String {
    let start = context.sources.position(span.source, span.start);
    let end = context.sources.position(span.source, span.end);
    let file = property(context.sources.name(span.source));
    // GitHub takes an end column only within one line.
    let end = if end.line == start.line {
        format!("endColumn={}", end.column)
    } else {
        format!("endLine={}", end.line)
    };
    format!("file={file},line={},col={},{end},", start.line, start.column)
}

fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    printable(&text)
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
