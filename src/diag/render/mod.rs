//! Findings as text, one file per format. Nothing here prints or knows a command.

mod excerpt;
mod github;
mod human;
mod json;
mod order;
mod sarif;
mod schema;
mod short;

pub(crate) use github::github;
pub(crate) use human::{HumanOptions, human};
pub(crate) use json::json;
pub(crate) use sarif::{Remark, sarif, sarif_with};
pub(crate) use schema::check_schema;
pub(crate) use short::short;

use super::{Finding, Level, Mask, Sources, Span, TraceStep};

/// What all formats need besides the findings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// The texts that the findings point into.
    pub(crate) sources: &'a Sources,
    /// What must not be seen.
    pub(crate) mask: &'a Mask,
}

impl Context<'_> {
    /// Returns a text fit for a line on a screen: secrets hidden, one line, no controls.
    pub(crate) fn line(&self, text: &str) -> String {
        excerpt::printable(&self.mask.text(&text.replace(['\n', '\r'], " ")))
    }

    /// Returns `file:line:column`, fit for a screen.
    pub(crate) fn place(&self, span: Span) -> String {
        excerpt::printable(&self.sources.place(span))
    }

    /// Returns `file:line`, fit for a screen.
    fn file_and_line(&self, span: Span) -> String {
        let line = self.sources.position(span.source, span.start).line;
        format!("{}:{line}", excerpt::printable(self.sources.name(span.source)))
    }
}

/// How many findings there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Errors.
    pub(crate) errors: usize,
    /// Warnings.
    pub(crate) warnings: usize,
    /// Notes.
    pub(crate) notes: usize,
    /// Findings that an `allow` covers.
    pub(crate) allowed: usize,
}

impl Counts {
    /// Counts findings.
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.level {
                Level::Error => counts.errors += 1,
                Level::Warning => counts.warnings += 1,
                Level::Note => counts.notes += 1,
                Level::Allowed => counts.allowed += 1,
            }
        }
        counts
    }

    /// Returns what is not zero in words, such as `1 error`, `2 warnings`.
    pub(crate) fn words(self) -> Vec<String> {
        let named = [
            (self.errors, "error", "errors"),
            (self.warnings, "warning", "warnings"),
            (self.notes, "note", "notes"),
        ];
        let mut words: Vec<String> = named
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
            .collect();
        if self.allowed > 0 {
            words.push(format!("{} allowed", self.allowed));
        }
        words
    }
}

/// Says in words how a value got to its place; with the place of the step where it has one.
pub(crate) fn step_in_words(step: &TraceStep) -> (String, Option<Span>) {
    match step {
        TraceStep::Extends { service, by } => (format!("inherited from `{service}`"), Some(*by)),
        TraceStep::Include { by } => ("included here".to_owned(), Some(*by)),
        TraceStep::EnvFile { by } => ("this env file gave the value".to_owned(), Some(*by)),
        TraceStep::Interpolated { variables } => {
            let names: Vec<String> = variables.iter().map(|name| format!("`{name}`")).collect();
            (format!("with the value of {}", names.join(", ")), None)
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
