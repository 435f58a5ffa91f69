//! `HorizontalPodAutoscalers`: how many pods there are by how busy they are (K98).

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec,
    MetricTarget, ResourceMetricSource,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::codes::KubernetesCode;
use super::kind::WorkloadKind;
use super::metadata::Annotations;
use super::object::{Noted, Notes, Object};
use super::plan::{Plan, Pod};
use super::problem::Report;
use crate::diag::{Outcome, Sink, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Autoscale, Percent, Service, Share};

/// Most pods, where nobody says (as kompose).
const MOST: u32 = 3;
/// How busy pods shall be where nobody names a metric, in percent of what they request (as kompose).
const USUAL: u32 = 50;

/// Returns the wish of a pod's owner for an autoscaler, where the kind has a number of pods.
fn of_pod<'p>(pod: &Pod<'p, '_>, kind: WorkloadKind) -> Option<&'p Spanned<Autoscale>> {
    pod.owner.service.hints.autoscale.as_ref().filter(|_| is_scaled(kind))
}

/// Tells whether a kind of workload has a number of pods.
pub(crate) const fn is_scaled(kind: WorkloadKind) -> bool {
    match kind {
        WorkloadKind::Deployment | WorkloadKind::StatefulSet => true,
        WorkloadKind::DaemonSet | WorkloadKind::Job | WorkloadKind::CronJob => false,
    }
}

/// Returns the least number of pods that a workload surely has.
pub(crate) fn least_pods(pod: &Pod<'_, '_>) -> u64 {
    match &pod.owner.service.hints.autoscale {
        Some(wish) => fewest(wish, pod.owner.service).value.into(),
        None => super::deployment::written_replicas(pod.owner).map_or(1, |replicas| replicas.value),
    }
}

/// Returns the most pods that an autoscaler of a service may want (N63).
pub(crate) fn most_pods(wish: &Autoscale, service: &Service) -> u32 {
    wish.max.as_ref().map_or_else(|| MOST.max(fewest(wish, service).value), |max| max.value)
}

/// Returns the fewest pods that it may want: who does not say it has as many as without it, and more when they are busy.
fn fewest(wish: &Autoscale, service: &Service) -> Noted<u32> {
    if let Some(min) = &wish.min {
        return Noted::written(min.value, "K98", min.span);
    }
    let Some(replicas) = &service.scale.replicas else { return Noted::by_rule(1, "K98") };
    let most = wish.max.as_ref().map_or(u32::MAX, |max| max.value);
    let written = u32::try_from(replicas.value).unwrap_or(u32::MAX);
    Noted::written(written.clamp(1, most), "K30", replicas.span)
}

/// Makes the autoscaler of a workload. `template`: its pods, which must request what is measured in percent.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    kind: WorkloadKind,
    template: &PodTemplateSpec,
    sink: &mut Sink,
) -> Option<Object> {
    let written = pod.owner.service.hints.autoscale.as_ref()?;
    let mut report = Report::new(pod.owner.name, sink);
    if of_pod(pod, kind).is_none() {
        let fact = "has no effect: this kind of workload has no number of pods";
        report.dropped(SharedCode::HintNotApplicable, "x-rcompose.hpa", written.span, fact, "");
        return None;
    }
    let Autoscale { min: _, max: _, cpu, memory } = &written.value;
    let most = most_pods(&written.value, pod.owner.service);
    let least = fewest(&written.value, pod.owner.service);
    let replicas = pod.owner.service.scale.replicas.as_ref();
    if let Some(replicas) = replicas.filter(|replicas| replicas.value != u64::from(least.value)) {
        let fact = format!("does not count: the autoscaler keeps at least {}", least.value);
        let found = report.finding(SharedCode::HintOverrides, "deploy.replicas", replicas.span, &fact, "");
        let found = found.also(written.span, "decides").help("remove the one that is not meant");
        report.push(found.outcome(Outcome::Approximated));
    }
    let usual = cpu.is_none() && memory.is_none();
    let cpu =
        cpu.as_ref().map(|cpu| (cpu.value, cpu.span)).or(usual.then_some((Percent(USUAL), written.span)));
    let mut metrics = Vec::new();
    if let Some((Percent(percent), span)) = cpu {
        needs_request(template, "cpu", written, &mut report);
        metrics.push(Noted::written(metric("cpu", utilization(percent)), "K98", span));
    }
    if let Some(memory) = memory {
        let target = match &memory.value {
            Share::Percent(Percent(percent)) => {
                needs_request(template, "memory", written, &mut report);
                utilization(*percent)
            }
            Share::Amount(amount) => MetricTarget {
                type_: "AverageValue".to_owned(),
                average_value: Some(Quantity(amount.0.clone())),
                ..MetricTarget::default()
            },
        };
        metrics.push(Noted::written(metric("memory", target), "K98", memory.span));
    }
    let mut notes = Notes::default();
    let metadata = plan.metadata(pod.owner.object_name.clone(), plan.labels(pod.owner), Annotations::new());
    let spec = HorizontalPodAutoscalerSpec {
        scale_target_ref: CrossVersionObjectReference {
            api_version: Some("apps/v1".to_owned()),
            kind: if kind == WorkloadKind::StatefulSet { "StatefulSet" } else { "Deployment" }.to_owned(),
            name: pod.owner.object_name.clone(),
        },
        min_replicas: Some(notes.at("spec.minReplicas", least.map(number))),
        max_replicas: number(most),
        metrics: notes.list("spec.metrics", metrics),
        behavior: None,
    };
    notes.note("", "K98", Some(written.span));
    let autoscaler =
        HorizontalPodAutoscaler { metadata: notes.at("metadata", metadata), spec: Some(spec), status: None };
    Some(Object::new(notes.on(autoscaler)))
}

fn number(pods: u32) -> i32 {
    i32::try_from(pods).unwrap_or(i32::MAX)
}

fn utilization(percent: u32) -> MetricTarget {
    MetricTarget {
        type_: "Utilization".to_owned(),
        average_utilization: Some(number(percent)),
        ..MetricTarget::default()
    }
}

fn metric(name: &str, target: MetricTarget) -> MetricSpec {
    MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricSource { name: name.to_owned(), target }),
        ..MetricSpec::default()
    }
}

/// A percentage is one of the request: of a pod without one nothing can be told.
fn needs_request(
    template: &PodTemplateSpec,
    resource: &str,
    written: &Spanned<Autoscale>,
    report: &mut Report<'_>,
) {
    let Some(spec) = &template.spec else { return };
    let sidecars =
        spec.init_containers.iter().flatten().filter(|container| container.restart_policy.is_some());
    let requests = |container: &k8s_openapi::api::core::v1::Container| {
        let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        requests.and_then(|requests| requests.get(resource)).is_some_and(|amount| amount.0 != "0")
    };
    if spec.containers.iter().chain(sidecars).all(requests) {
        return;
    }
    let fact = format!("measures {resource} in percent of a request, and the pod requests none");
    let help = format!("write `deploy.resources`, or `x-rcompose: {{requests: {{{resource}: …}}}}`");
    let found =
        report.finding(KubernetesCode::HpaNeedsRequests, "x-rcompose.hpa", written.span, &fact, &help);
    report.push(found.outcome(Outcome::Refused));
}
