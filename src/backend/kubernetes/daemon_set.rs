//! `DaemonSets`: one pod a node (K4).

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::codes::KubernetesCode;
use super::deployment::selector;
use super::labels::Labels;
use super::metadata::Annotations;
use super::object::{Noted, Notes, Object};
use super::plan::{Plan, Pod};
use super::problem::Report;
use super::strategy::{Rollout, Updates};
use crate::backend::codes::BackendCode;
use crate::diag::Sink;

/// Makes the `DaemonSet` of a pod.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    (labels, annotations): (Labels, Annotations),
    updates: Updates,
    template: Noted<PodTemplateSpec>,
) -> Object {
    let Updates { rollout, min_ready, deadline: _, annotations: for_apply } = updates;
    let annotations = annotations.into_iter().chain(for_apply).collect();
    let mut notes = Notes::default();
    let daemon_set = DaemonSet {
        metadata: notes.at("metadata", plan.metadata(pod.owner.object_name.clone(), labels, annotations)),
        spec: Some(DaemonSetSpec {
            min_ready_seconds: notes.at_opt("spec.minReadySeconds", min_ready),
            selector: notes.at("spec.selector", Noted::by_rule(selector(plan, pod), "N10")),
            update_strategy: Some(notes.at("spec.updateStrategy", rollout.map(strategy))),
            template: notes.at("spec.template", template),
            revision_history_limit: None,
        }),
        status: None,
    };
    Object::new(notes.on(daemon_set))
}

/// Reports what a `DaemonSet` does otherwise than Swarm's global services.
pub(crate) fn report(pod: &Pod<'_, '_>, sink: &mut Sink) {
    let (_, span) = super::kind::of_kind(&pod.owner.service.lifecycle.kind);
    let mut report = Report::new(pod.owner.name, sink);
    report.noted(
        KubernetesCode::GlobalSkipsTaintedNodes,
        "deploy.mode",
        span.unwrap_or(pod.owner.service.span),
        "runs on each node but those that are tainted, such as control planes",
        "",
    );
    if let Some(replicas) = &pod.owner.service.scale.replicas {
        report.dropped(
            BackendCode::ReplicasIgnoredInGlobal,
            "deploy.replicas",
            replicas.span,
            "is left out: the number of nodes decides",
            "remove one of `mode: global` and `replicas`",
        );
    }
}

fn strategy(rollout: Rollout) -> DaemonSetUpdateStrategy {
    let (surge, unavailable) = match rollout {
        Rollout::Rolling { surge, unavailable } => (surge, unavailable),
        Rollout::Recreate => (IntOrString::Int(0), IntOrString::Int(1)),
    };
    DaemonSetUpdateStrategy {
        type_: Some("RollingUpdate".to_owned()),
        rolling_update: Some(RollingUpdateDaemonSet {
            max_surge: Some(surge),
            max_unavailable: Some(unavailable),
        }),
    }
}
