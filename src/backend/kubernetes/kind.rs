//! The kind of a workload (K1). Steps 2 to 6 are decided by `normalise`; here they become kinds of Kubernetes.

use std::collections::BTreeMap;

use super::plan::{Pod, running};
use crate::diag::{Sink, Span};
use crate::model::{HintedKind, Kind, Project, Service, ServiceName};

/// Kind of workload object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkloadKind {
    /// Runs until stopped.
    Deployment,
    /// Runs until stopped, each pod with a name of its own.
    StatefulSet,
    /// Runs once a node.
    DaemonSet,
    /// Ends.
    Job,
    /// Ends, and begins again at its time.
    CronJob,
}

/// Decides the kind of each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    _sink: &mut Sink,
) -> BTreeMap<&'a ServiceName, WorkloadKind> {
    running(project).map(|(name, service)| (name, of_service(service))).collect()
}

impl WorkloadKind {
    /// Tells whether its pods end by themselves.
    pub(crate) const fn ends(self) -> bool {
        matches!(self, Self::Job | Self::CronJob)
    }
}

/// Two kinds are there by hint only; hints on the others were laid over the model.
fn of_service(service: &Service) -> WorkloadKind {
    let kind = of_kind(&service.lifecycle.kind).0;
    match (service.hints.kind.as_ref().map(|hint| hint.value), kind) {
        (Some(HintedKind::StatefulSet), WorkloadKind::Deployment) => WorkloadKind::StatefulSet,
        (Some(HintedKind::CronJob), WorkloadKind::Job) => WorkloadKind::CronJob,
        _ => kind,
    }
}

/// Returns the place that decided the kind of a pod: the hint, else what is written.
pub(crate) fn decided_by(pod: &Pod<'_, '_>) -> Option<Span> {
    let service = pod.owner.service;
    let hint = service.hints.kind.as_ref().map(|hint| hint.span);
    hint.or_else(|| of_kind(&service.lifecycle.kind).1)
}

/// Returns the kind and the place that decided it.
pub(crate) fn of_kind(kind: &Kind) -> (WorkloadKind, Option<Span>) {
    match kind {
        Kind::Service => (WorkloadKind::Deployment, None),
        Kind::Global(span) => (WorkloadKind::DaemonSet, Some(*span)),
        Kind::HintedJob(span)
        | Kind::WrittenJob { per_node: _, span }
        | Kind::AwaitedJob { span, per_node: _ }
        | Kind::OneShot(span) => (WorkloadKind::Job, Some(*span)),
    }
}
