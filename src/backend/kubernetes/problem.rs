//! How this target reports: each finding on a key carries target, service and outcome (G5).

use super::codes::KubernetesCode;
use crate::diag::{Diagnostic, Outcome};
use crate::model::ServiceName;

/// Name of the target in diagnostics and on the command line.
pub(crate) const TARGET: &str = "k8s";

/// Something near is written.
pub(crate) fn approximated(
    code: KubernetesCode,
    service: &ServiceName,
    message: impl Into<String>,
) -> Diagnostic {
    noted(code, service, message).outcome(Outcome::Approximated)
}

/// Nothing is written for it.
pub(crate) fn dropped(code: KubernetesCode, service: &ServiceName, message: impl Into<String>) -> Diagnostic {
    noted(code, service, message).outcome(Outcome::Dropped)
}

/// No output for the project.
pub(crate) fn refused(code: KubernetesCode, service: &ServiceName, message: impl Into<String>) -> Diagnostic {
    noted(code, service, message).outcome(Outcome::Refused)
}

/// Worth knowing; the key is mapped.
pub(crate) fn noted(code: KubernetesCode, service: &ServiceName, message: impl Into<String>) -> Diagnostic {
    project_wide(code, message).service(service.as_str())
}

/// Belongs to no single service: what is told once a run.
pub(crate) fn project_wide(code: KubernetesCode, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).target(TARGET)
}

/// Puts names in backticks and commas between them, for messages that list places.
pub(crate) fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}
