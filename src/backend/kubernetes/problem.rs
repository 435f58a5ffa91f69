//! How this target reports: each finding on a key carries target, service, path and outcome (G4, G5).

pub(crate) use crate::backend::listed;

use super::codes::KubernetesCode;
use crate::backend::Target;
use crate::backend::codes::BackendCode;
use crate::diag::{Code, Diagnostic, Outcome, Sink, Span};
use crate::model::ServiceName;

/// Name of the target in diagnostics.
pub(crate) const TARGET: &str = Target::Kubernetes.name();

/// Reports findings on keys of one service. Messages begin with key and service: "`domainname` of `web` is left out".
pub(crate) struct Report<'s> {
    service: &'s ServiceName,
    sink: &'s mut Sink,
}

impl<'s> Report<'s> {
    /// Reports on this service.
    pub(crate) fn new(service: &'s ServiceName, sink: &'s mut Sink) -> Self {
        Self { service, sink }
    }

    /// Something near is written for the key.
    pub(crate) fn approximated(
        &mut self,
        code: impl Into<Code>,
        key: &str,
        span: Span,
        fact: &str,
        help: &str,
    ) {
        let finding = self.finding(code, key, span, fact, help).outcome(Outcome::Approximated);
        self.sink.push(finding);
    }

    /// Nothing is written for the key.
    pub(crate) fn dropped(&mut self, code: impl Into<Code>, key: &str, span: Span, fact: &str, help: &str) {
        let finding = self.finding(code, key, span, fact, help).outcome(Outcome::Dropped);
        self.sink.push(finding);
    }

    /// Nothing is written for what a key says in several places: one finding, which names each. No place, no finding.
    pub(crate) fn all_dropped(
        &mut self,
        code: impl Into<Code>,
        key: &str,
        spans: impl IntoIterator<Item = Span>,
        fact: &str,
        help: &str,
    ) {
        let mut spans = spans.into_iter();
        let Some(first) = spans.next() else { return };
        let finding = self.finding(code, key, first, fact, help).outcome(Outcome::Dropped);
        self.sink.push(finding.also_at(spans));
    }

    /// The key makes all output impossible.
    pub(crate) fn refused(&mut self, code: impl Into<Code>, key: &str, span: Span, fact: &str, help: &str) {
        let finding = self.finding(code, key, span, fact, help).outcome(Outcome::Refused);
        self.sink.push(finding);
    }

    /// The key is mapped, and there is something to know about it.
    pub(crate) fn noted(&mut self, code: impl Into<Code>, key: &str, span: Span, fact: &str, help: &str) {
        let finding = self.finding(code, key, span, fact, help);
        self.sink.push(finding);
    }

    /// The key says what Kubernetes does anyway (K9).
    pub(crate) fn already_default(&mut self, key: &str, span: Span) {
        let fact = "says what Kubernetes does anyway: nothing to write";
        let finding = self.finding(BackendCode::AlreadyDefault, key, span, fact, "");
        self.sink.push(finding);
    }

    /// The key is written and acts on Linux only, where the service runs on Windows (K16).
    pub(crate) fn linux_only(&mut self, key: &str, span: Option<Span>) {
        if let Some(span) = span {
            let fact = "acts on Linux only: it is left out for Windows";
            let help = "leave the key out, or run the service on Linux";
            self.dropped(KubernetesCode::LinuxOnlyDropped, key, span, fact, help);
        }
    }

    /// Makes a finding to be changed further by the caller, who gives it to [`Self::push`].
    pub(crate) fn finding(
        &self,
        code: impl Into<Code>,
        key: &str,
        span: Span,
        fact: &str,
        help: &str,
    ) -> Diagnostic {
        let Self { service, sink: _ } = self;
        let found = of_service(code, service, format!("`{key}` of `{service}` {fact}"))
            .at(span)
            .path(format!("services.{service}.{key}"));
        if help.is_empty() { found } else { found.help(help) }
    }

    /// Puts in a finding that the caller made.
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.sink.push(finding);
    }

    /// Returns the sink, for parts that report by themselves.
    pub(crate) fn sink(&mut self) -> &mut Sink {
        self.sink
    }
}

/// A finding on a service.
pub(crate) fn of_service(
    code: impl Into<Code>,
    service: &ServiceName,
    message: impl Into<String>,
) -> Diagnostic {
    of_project(code, message).service(service.as_str())
}

/// A finding on the project: what is told once a run.
pub(crate) fn of_project(code: impl Into<Code>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).target(TARGET)
}
