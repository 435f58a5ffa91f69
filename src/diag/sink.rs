//! Collects problems. Stages put in and go on; only `cli` decides whether the run ends.

use super::{Diagnostic, Severity};

/// The problems of one run, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Tells whether an error was put in.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }

    /// Returns how many errors were put in; stages compare it before and after a step of theirs.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
    }

    /// Drops problems that were found before with the same code, place and message.
    pub fn forget_repeats(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        self.diagnostics.retain(|found| seen.insert((found.code, found.span, found.message.clone())));
    }

    /// Returns all problems.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Takes all problems out.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Adds all problems of another sink.
    pub fn append(&mut self, other: Self) {
        self.diagnostics.extend(other.diagnostics);
    }
}
