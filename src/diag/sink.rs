//! Collects problems. Stages put in and go on; only `cli` decides whether the run ends.

use super::{Diagnostic, Severity};

/// Errors that are kept; nobody reads more, and a broken file of 16 MiB must not fill the memory with what is said of it.
const MOST_ERRORS: usize = 1000;
/// Warnings and notes that are kept.
const MOST_OTHERS: usize = 100_000;

/// The problems of one run, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    errors: usize,
}

impl Sink {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let error = diagnostic.severity == Severity::Error;
        let full = if error {
            self.errors >= MOST_ERRORS
        } else {
            self.diagnostics.len() - self.errors >= MOST_OTHERS
        };
        if !full {
            self.errors += usize::from(error);
            self.diagnostics.push(diagnostic);
        }
    }

    /// Tells whether an error was put in.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Returns how many errors were put in; stages compare it before and after a step of theirs.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Tells whether one more error would be dropped: looking for more is of no use.
    pub fn is_full(&self) -> bool {
        self.errors >= MOST_ERRORS
    }

    /// Drops problems that were found before with the same code, place and message.
    pub fn forget_repeats(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        self.diagnostics.retain(|found| seen.insert((found.code, found.span, found.message.clone())));
        self.errors = self.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
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
        for diagnostic in other.diagnostics {
            self.push(diagnostic);
        }
    }
}
