//! Deployments (K3).

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::labels::Labels;
use super::metadata::Annotations;
use super::object::{Noted, Notes, Object};
use super::plan::{Facts, Plan, Pod};
use super::strategy::{Rollout, Updates};
use crate::diag::Spanned;

/// Makes the Deployment of a pod.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    (labels, annotations): (Labels, Annotations),
    updates: Updates,
    template: Noted<PodTemplateSpec>,
) -> Object {
    let Updates { rollout, min_ready, deadline, annotations: for_apply } = updates;
    let annotations = annotations.into_iter().chain(for_apply).collect();
    let mut notes = Notes::default();
    let deployment = Deployment {
        metadata: notes.at("metadata", plan.metadata(pod.owner.object_name.clone(), labels, annotations)),
        spec: Some(DeploymentSpec {
            replicas: notes.at_opt("spec.replicas", replicas(pod.owner)),
            min_ready_seconds: notes.at_opt("spec.minReadySeconds", min_ready),
            progress_deadline_seconds: notes.at_opt("spec.progressDeadlineSeconds", deadline),
            selector: notes.at("spec.selector", Noted::by_rule(selector(plan, pod), "N10")),
            strategy: Some(notes.at("spec.strategy", rollout.map(strategy))),
            template: notes.at("spec.template", template),
            ..DeploymentSpec::default()
        }),
        status: None,
    };
    Object::new(notes.on(deployment))
}

/// Writes a number only if its author did, so that an autoscaler may own it otherwise (K30).
pub(crate) fn replicas(facts: &Facts<'_>) -> Option<Noted<i32>> {
    let replicas = written_replicas(facts).filter(|_| facts.service.hints.autoscale.is_none())?;
    Some(Noted::written(i32::try_from(replicas.value).unwrap_or(i32::MAX), "K30", replicas.span))
}

/// Returns the number of pods that its author wrote.
pub(crate) fn written_replicas<'a>(facts: &Facts<'a>) -> Option<&'a Spanned<u64>> {
    facts.service.scale.replicas.as_ref()
}

/// Selects the pods of a workload.
pub(crate) fn selector(plan: &Plan<'_>, pod: &Pod<'_, '_>) -> LabelSelector {
    LabelSelector { match_labels: Some(plan.selector(pod.owner)), match_expressions: None }
}

fn strategy(rollout: Rollout) -> DeploymentStrategy {
    match rollout {
        Rollout::Recreate => DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None },
        Rollout::Rolling { surge, unavailable } => DeploymentStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDeployment {
                max_surge: Some(surge),
                max_unavailable: Some(unavailable),
            }),
        },
    }
}
