//! One line per finding, as compilers and editors know it (C40).

use std::fmt::Write as _;

use super::Context;
use super::order::ordered;
use crate::diag::{Finding, Level};

/// Renders `file:line:column: level[code]: message`, one line each. Allowed findings are not shown.
pub(crate) fn short(findings: &[Finding], context: Context<'_>) -> String {
    let mut text = String::new();
    for finding in ordered(findings).into_iter().filter(|finding| finding.level > Level::Allowed) {
        let found = &finding.diagnostic;
        let place = found.span.map(|span| format!("{}: ", context.place(span))).unwrap_or_default();
        let (level, code) = (finding.level.word(), found.code.name());
        let _ = writeln!(text, "{place}{level}[{code}]: {}", context.line(&found.message));
    }
    text
}
