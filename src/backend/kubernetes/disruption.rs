//! `PodDisruptionBudgets`: how many pods of a service a drain of nodes may take at once (K98).

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::deployment::selector;
use super::kind::WorkloadKind;
use super::metadata::Annotations;
use super::object::{Noted, Notes, Object};
use super::plan::{Plan, Pod};
use super::problem::Report;
use super::{autoscaler, strategy};
use crate::diag::{Sink, Span, Spanned};
use crate::model::Disruption;
use crate::model::codes::SharedCode;

/// What may be missing, or must be there.
enum Budget {
    Unavailable(IntOrString),
    Available(IntOrString),
}

/// Makes the budget of a pod's workload, where one is asked for and means something.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    kind: WorkloadKind,
    sink: &mut Sink,
) -> Option<Object> {
    let hint = pod.owner.service.hints.disruption.as_ref();
    let (budget, span) = wanted(pod, hint, plan.options.pdb)?;
    // A budget over one pod keeps every drain waiting for ever.
    if !autoscaler::is_scaled(kind) || autoscaler::least_pods(pod) < 2 {
        if let Some(span) = span {
            let fact = "acts from two pods on: nothing is written";
            let help = "write `deploy.replicas`, or `hpa` with a `min` of two";
            Report::new(pod.owner.name, sink).dropped(
                SharedCode::HintNotApplicable,
                "x-rcompose.pdb",
                span,
                fact,
                help,
            );
        }
        return None;
    }
    let (available, unavailable) = match budget {
        Budget::Available(amount) => (Some(amount), None),
        Budget::Unavailable(amount) => (None, Some(amount)),
    };
    let mut notes = Notes::default();
    let metadata = plan.metadata(pod.owner.object_name.clone(), plan.labels(pod.owner), Annotations::new());
    let budget = PodDisruptionBudget {
        metadata: notes.at("metadata", metadata),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: notes
                .at_opt("spec.maxUnavailable", unavailable.map(|amount| Noted::new(amount, "K98", span))),
            min_available: notes
                .at_opt("spec.minAvailable", available.map(|amount| Noted::new(amount, "K98", span))),
            selector: Some(notes.at("spec.selector", Noted::by_rule(selector(plan, pod), "N10"))),
            // Else a pod that never gets ready would block every drain.
            unhealthy_pod_eviction_policy: Some(
                notes.at("spec.unhealthyPodEvictionPolicy", Noted::by_rule("AlwaysAllow".to_owned(), "K98")),
            ),
        }),
        status: None,
    };
    Some(Object::new(notes.on(budget)))
}

fn wanted(
    pod: &Pod<'_, '_>,
    hint: Option<&Spanned<Disruption>>,
    by_flag: bool,
) -> Option<(Budget, Option<Span>)> {
    let usual = || Budget::Unavailable(strategy::written_parallelism(pod).unwrap_or(IntOrString::Int(1)));
    let Some(hint) = hint else { return by_flag.then(|| (usual(), None)) };
    let budget = match &hint.value {
        Disruption::Off => return None,
        Disruption::On => usual(),
        Disruption::MinAvailable(amount) => Budget::Available(amount_of(amount)),
        Disruption::MaxUnavailable(amount) => Budget::Unavailable(amount_of(amount)),
    };
    Some((budget, Some(hint.span)))
}

/// A number, or a percentage as text.
fn amount_of(text: &str) -> IntOrString {
    text.parse().map_or_else(|_| IntOrString::String(text.to_owned()), IntOrString::Int)
}
