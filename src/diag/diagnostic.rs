//! One problem in the user's files, with its places and the way out.

use super::{Code, Severity, Span};

/// What became of a key that could not simply be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Something near is written.
    Approximated,
    /// Nothing is written for it.
    Dropped,
    /// No output for the project.
    Refused,
}

impl Outcome {
    /// Returns the word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approximated => "approximated",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
        }
    }
}

/// A further place that belongs to a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
}

/// A text that would mend the problem when put in the place of the span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The text to write.
    pub replace: String,
}

/// Something in the user's files that a user can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name.
    pub code: Code,
    /// Severity of this finding.
    pub severity: Severity,
    /// What became of the key; `None` for problems of loading.
    pub outcome: Option<Outcome>,
    /// Target the finding belongs to; `None` for all.
    pub target: Option<&'static str>,
    /// Service it concerns.
    pub service: Option<String>,
    /// Lower-case fragment, names in backticks, the fact first.
    pub message: String,
    /// The place; `None` when the problem is in no file (a missing one, a flag).
    pub span: Option<Span>,
    /// Text beside the underlined place.
    pub label: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// Path of the key, such as `services.web.deploy.replicas`.
    pub path: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// A text to write instead.
    pub suggestion: Option<Suggestion>,
}

impl Diagnostic {
    /// Makes a diagnostic of the code's own severity, without a place.
    pub fn new(code: impl Into<Code>, message: impl Into<String>) -> Self {
        let code = code.into();
        Self {
            code,
            severity: code.info().severity,
            outcome: None,
            target: None,
            service: None,
            message: message.into(),
            span: None,
            label: String::new(),
            labels: Vec::new(),
            path: None,
            help: None,
            suggestion: None,
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Says where, when that is known.
    #[must_use]
    pub fn at_opt(mut self, span: Option<Span>) -> Self {
        self.span = span;
        self
    }

    /// Puts a text beside the underlined place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds further places of which the same is said.
    #[must_use]
    pub fn also_at(self, spans: impl IntoIterator<Item = Span>) -> Self {
        spans.into_iter().fold(self, |found, span| found.also(span, ""))
    }

    /// Names the path of the key.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Names the service.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers a text to write instead.
    #[must_use]
    pub fn suggest(mut self, replace: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion { replace: replace.into() });
        self
    }

    /// Replaces the code's own severity, where the rule says so.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says what became of the key.
    #[must_use]
    pub const fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// Says which target the finding belongs to.
    #[must_use]
    pub const fn target(mut self, target: &'static str) -> Self {
        self.target = Some(target);
        self
    }
}
