//! `StatefulSets`, by hint only (K5): pods with names of their own, each with its own data where the volume is theirs (N71).

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy};
use k8s_openapi::api::core::v1::{PodTemplateSpec, Service, ServiceSpec};

use super::codes::KubernetesCode;
use super::deployment::{replicas, selector};
use super::labels::Labels;
use super::metadata::Annotations;
use super::object::{Noted, Notes, Object};
use super::plan::{Facts, Plan, Pod};
use super::problem::Report;
use super::storage::claims;
use super::strategy::Updates;
use crate::diag::Sink;
use crate::model::Order;
use crate::model::codes::SharedCode;

/// Names the Service that gives the pods their names (N2).
pub(crate) fn pods_name(plan: &Plan<'_>, facts: &Facts<'_>) -> String {
    plan.derived_service_name(facts, "-pods")
}

/// Makes the `StatefulSet` of a pod.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    (labels, annotations): (Labels, Annotations),
    updates: Updates,
    template: Noted<PodTemplateSpec>,
) -> Object {
    let Updates { rollout: _, min_ready, deadline: _, annotations: for_apply } = updates;
    let annotations = annotations.into_iter().chain(for_apply).collect();
    let strategy =
        StatefulSetUpdateStrategy { type_: Some("RollingUpdate".to_owned()), rolling_update: None };
    let mut notes = Notes::default();
    let set = StatefulSet {
        metadata: notes.at("metadata", plan.metadata(pod.owner.object_name.clone(), labels, annotations)),
        spec: Some(StatefulSetSpec {
            min_ready_seconds: notes.at_opt("spec.minReadySeconds", min_ready),
            // Compose has no order among the replicas of a service.
            pod_management_policy: Some(
                notes.at("spec.podManagementPolicy", Noted::by_rule("Parallel".to_owned(), "K5")),
            ),
            replicas: notes.at_opt("spec.replicas", replicas(pod.owner)),
            selector: notes.at("spec.selector", Noted::by_rule(selector(plan, pod), "N10")),
            service_name: Some(
                notes.at("spec.serviceName", Noted::by_rule(pods_name(plan, pod.owner), "K5")),
            ),
            template: notes.at("spec.template", template),
            update_strategy: Some(notes.at("spec.updateStrategy", Noted::by_rule(strategy, "K5"))),
            volume_claim_templates: notes.list("spec.volumeClaimTemplates", claims::templates(plan, pod)),
            ..StatefulSetSpec::default()
        }),
        status: None,
    };
    Object::new(notes.on(set))
}

/// Makes the Service that gives each pod its name.
pub(crate) fn service(plan: &Plan<'_>, pod: &Pod<'_, '_>) -> Object {
    let mut notes = Notes::default();
    let metadata = plan.metadata(pods_name(plan, pod.owner), plan.labels(pod.owner), Annotations::new());
    let service = Service {
        metadata: notes.at("metadata", metadata),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(plan.selector(pod.owner)),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    Object::new(notes.on(service).also("K5", pod.owner.service.hints.kind.as_ref().map(|kind| kind.span)))
}

/// Reports what a `StatefulSet` does otherwise than the service under Compose.
pub(crate) fn report(pod: &Pod<'_, '_>, sink: &mut Sink) {
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        if let Some(hostname) = &member.service.identity.hostname {
            let fact = "has no effect: pods of a StatefulSet get their names from it";
            report.noted(
                SharedCode::HintOverrides,
                "hostname",
                hostname.span,
                fact,
                "`kind: Deployment` keeps it",
            );
        }
        let Some(update) = &member.service.update else { continue };
        if let Some(number) = update.value.parallelism.as_ref().filter(|number| number.value != 1) {
            let fact = "has no effect: pods of a StatefulSet are replaced one by one";
            let code = KubernetesCode::StatefulsetUpdatesOneByOne;
            report.approximated(code, "deploy.update_config.parallelism", number.span, fact, "");
        }
        if let Some(order) = update.value.order.as_ref().filter(|order| order.value == Order::StartFirst) {
            let fact = "is `start-first`, but a pod of a StatefulSet stops before its successor starts";
            let code = KubernetesCode::StartFirstNotPossible;
            report.dropped(code, "deploy.update_config.order", order.span, fact, "`kind: Deployment` can");
        }
    }
}
