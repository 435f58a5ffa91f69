//! How this target reports: each finding carries target, service, key and outcome (G5).

pub(crate) use crate::backend::listed;

use crate::backend::codes::BackendCode;
use crate::diag::{Code, Diagnostic, Outcome, Sink, Span};
use crate::model::ServiceName;

/// Name of the target in diagnostics and on the command line.
pub(crate) const TARGET: &str = "swarm";

/// Takes findings and says which service they are about.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    sink: &'a mut Sink,
    service: Option<String>,
}

/// One place that a message about several lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// What is there: the name of a service, volume or variable.
    pub(crate) name: String,
    /// Where.
    pub(crate) span: Span,
}

impl<'a> Report<'a> {
    /// Begins outside of any service.
    pub(crate) fn new(sink: &'a mut Sink) -> Self {
        Self { sink, service: None }
    }

    /// Says that what follows is about a service.
    pub(crate) fn enter(&mut self, service: &ServiceName) {
        self.service = Some(service.as_str().to_owned());
    }

    /// Says that what follows is about the project.
    pub(crate) fn leave(&mut self) {
        self.service = None;
    }

    /// Takes a finding about a key of the current service (all of it where the key is empty), or of the project.
    pub(crate) fn add(&mut self, key: &str, finding: Diagnostic) {
        let finding = finding.target(TARGET);
        self.sink.push(match &self.service {
            Some(service) if key.is_empty() => finding.path(format!("services.{service}")).service(service),
            Some(service) => finding.path(format!("services.{service}.{key}")).service(service),
            None => finding.path(key),
        });
    }

    /// Takes a finding about a key of the project, whatever service is current.
    pub(crate) fn add_to_project(&mut self, key: &str, finding: Diagnostic) {
        self.sink.push(finding.target(TARGET).path(key));
    }

    /// Takes a finding about no single key.
    pub(crate) fn add_general(&mut self, finding: Diagnostic) {
        self.sink.push(finding.target(TARGET));
    }

    /// Notes that a written key says what Swarm does anyway (K9).
    pub(crate) fn already_default(&mut self, key: &str, span: Span) {
        let name = self.service.as_ref().map_or_else(String::new, |service| format!("`{service}`: "));
        let fact = format!("{name}`{key}` says what Swarm does anyway; nothing to write");
        self.add(key, Diagnostic::new(BackendCode::AlreadyDefault, fact).at(span));
    }

    /// Takes one finding about several places; nothing without a place. The message gets the list of their names.
    pub(crate) fn once(
        &mut self,
        code: impl Into<Code>,
        outcome: Option<Outcome>,
        places: &[Place],
        help: &str,
        message: impl FnOnce(&str) -> String,
    ) {
        let Some((first, others)) = places.split_first() else { return };
        let names = listed(places.iter().map(|place| &place.name));
        let mut finding = Diagnostic::new(code, message(&names)).at(first.span).help(help);
        finding.outcome = outcome;
        for place in others {
            finding = finding.also(place.span, format!("`{}`", place.name));
        }
        self.add_general(finding);
    }
}

/// Something near is written.
pub(crate) fn approximated(code: impl Into<Code>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).at(span).outcome(Outcome::Approximated)
}

/// Nothing is written for it.
pub(crate) fn dropped(code: impl Into<Code>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).at(span).outcome(Outcome::Dropped)
}

/// No output for the project.
pub(crate) fn refused(code: impl Into<Code>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).at(span).outcome(Outcome::Refused)
}

/// Worth knowing; the key is mapped.
pub(crate) fn noted(code: impl Into<Code>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).at(span)
}
