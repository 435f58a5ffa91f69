//! A diagnostic with the weight that the user's wishes gave it.

use super::{Diagnostic, Severity};

/// How much a finding weighs after `--deny`, `--warn` and `--allow` (C31, C32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Counted, not shown.
    Allowed,
    /// Worth knowing.
    Note,
    /// The result differs in a way that can hurt.
    Warning,
    /// No output.
    Error,
}

impl Level {
    /// Returns the word that users read and machines match.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Note,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

/// A diagnostic and its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// How much it weighs.
    pub level: Level,
    /// Why it is allowed: the author's reason, or the flag.
    pub reason: Option<String>,
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Self {
        let level = diagnostic.severity.into();
        Self { diagnostic, level, reason: None }
    }
}
