//! How a new version of a workload replaces the old one (K32, K34 to K36).

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::codes::KubernetesCode;
use super::kind::WorkloadKind;
use super::metadata::Annotations;
use super::object::Noted;
use super::plan::{Plan, Pod};
use super::pod::readiness::Readiness;
use super::pod::{group, namespaces, probes};
use super::problem::Report;
use super::seconds::{rounded_up, text};
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::{FailureAction, Order, Update};

/// How pods are replaced.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rollout {
    /// All old ones first.
    Recreate,
    /// Step by step.
    Rolling {
        /// Pods above the wished number.
        surge: IntOrString,
        /// Pods below it.
        unavailable: IntOrString,
    },
}

/// All that a workload says of its updates.
pub(crate) struct Updates {
    /// The strategy.
    pub(crate) rollout: Noted<Rollout>,
    /// `minReadySeconds`.
    pub(crate) min_ready: Option<Noted<i32>>,
    /// `progressDeadlineSeconds`, of Deployments.
    pub(crate) deadline: Option<Noted<i32>>,
    /// What `rcompose apply` acts on (K35).
    pub(crate) annotations: Annotations,
}

/// Decides for a pod that runs until stopped.
pub(crate) fn of_pod(plan: &Plan<'_>, pod: &Pod<'_, '_>, kind: WorkloadKind, sink: &mut Sink) -> Updates {
    let (member, update) = written(pod, sink);
    let mut report = Report::new(member, sink);
    let rollout = of_its_keys(rollout(plan, pod, kind, update, &mut report), update);
    if let Some(update) = update.filter(|_| kind == WorkloadKind::Deployment) {
        report_gap(pod, update, &rollout.value, &mut report);
    }
    let min_ready = update.and_then(|update| min_ready(update, &mut report));
    let deadline = deadline(pod, min_ready.as_ref().map_or(0, |seconds| seconds.value));
    let mut annotations = Annotations::new();
    if let Some(update) = update {
        annotations.extend(update_annotations(update, &mut report));
    }
    annotations.extend(rollback_annotation(pod, sink));
    Updates { rollout, min_ready, deadline, annotations }
}

/// Names the keys that the strategy comes from, where they are written.
fn of_its_keys(rollout: Noted<Rollout>, update: Option<&Spanned<Update>>) -> Noted<Rollout> {
    let parallelism = update.and_then(|update| update.parallelism.as_ref()).map(|count| count.span);
    let order = update.and_then(|update| update.order.as_ref()).map(|order| order.span);
    let rule = rollout.origins.first().map_or("K32", |origin| origin.rule);
    let mut places = [parallelism, order].into_iter().flatten();
    match places.next() {
        Some(first) => {
            let noted = Noted::written(rollout.value, rule, first);
            places.fold(noted, |noted, place| noted.also(rule, Some(place)))
        }
        None => rollout,
    }
}

/// Reports update settings of work that ends: a change makes a new Job.
pub(crate) fn report_on_job(pod: &Pod<'_, '_>, sink: &mut Sink) {
    for member in &pod.members {
        let places = [
            ("deploy.update_config", &member.service.update),
            ("deploy.rollback_config", &member.service.rollback),
        ];
        for (key, update) in places {
            if let Some(update) = update {
                let mut report = Report::new(member.name, sink);
                let fact = "has no effect on a Job: a change makes a new one";
                let code = crate::backend::codes::BackendCode::AlreadyDefault;
                report.noted(code, key, update.span, fact, "");
            }
        }
    }
}

/// Returns the `update_config` of a pod: its owner's, else the first; others must not differ.
fn written<'a>(
    pod: &Pod<'a, '_>,
    sink: &mut Sink,
) -> (&'a crate::model::ServiceName, Option<&'a Spanned<Update>>) {
    let mut owner_first = std::iter::once(pod.owner).chain(pod.members.iter().copied());
    let found = owner_first.find_map(|member| Some((member.name, member.service.update.as_ref()?)));
    let Some((name, update)) = found else { return (pod.owner.name, None) };
    for member in &pod.members {
        if let Some(other) = member.service.update.as_ref().filter(|other| other.value != update.value) {
            let report = Report::new(member.name, sink);
            let finding = report
                .finding(
                    KubernetesCode::PodGroupConflict,
                    "deploy.update_config",
                    other.span,
                    &format!("differs from that of `{name}`, which runs in the same pod"),
                    "make them equal",
                )
                .outcome(Outcome::Refused)
                .also(update.span, "the other one");
            sink.push(finding);
        }
    }
    (name, Some(update))
}

/// The rows of K32, first match.
fn rollout(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    kind: WorkloadKind,
    update: Option<&Spanned<Update>>,
    report: &mut Report<'_>,
) -> Noted<Rollout> {
    let parallelism = parallelism(update);
    let order = update.and_then(|update| update.order.as_ref());
    let start_first = order.filter(|order| order.value == Order::StartFirst);
    let stop_first = Rollout::Rolling { surge: IntOrString::Int(0), unavailable: parallelism.clone() };
    let span = update.map(|update| update.span);
    // Its pods are replaced one by one, in their places: it says so itself (K5).
    if kind == WorkloadKind::StatefulSet {
        return Noted::new(stop_first, "K5", span);
    }
    if pod.members.iter().any(|member| plan.claims.single_writers.contains(member.name)) {
        if let Some(order) = start_first {
            report.dropped(
                KubernetesCode::UpdateOrderConflictsWithVolume,
                "deploy.update_config.order",
                order.span,
                "is `start-first`, but one pod alone can use its volume: the old one stops first",
                "use a volume that several nodes can mount",
            );
        }
        let rollout = if kind == WorkloadKind::DaemonSet { stop_first } else { Rollout::Recreate };
        return Noted::new(rollout, "K32", span);
    }
    if has_one_place_a_node(pod) {
        if let Some(order) = start_first {
            report.dropped(
                KubernetesCode::StartFirstNotPossible,
                "deploy.update_config.order",
                order.span,
                "is `start-first`, but a node has place for one pod only: the old one stops first",
                "leave the network of the host, its ports and the limit per node out",
            );
        }
        return Noted::new(stop_first, "K32", span);
    }
    let rollout = match (update, kind) {
        (Some(_), _) if start_first.is_some() => {
            Rollout::Rolling { surge: parallelism, unavailable: IntOrString::Int(0) }
        }
        (Some(_), _) => stop_first,
        (None, WorkloadKind::DaemonSet) => {
            Rollout::Rolling { surge: IntOrString::Int(0), unavailable: IntOrString::Int(1) }
        }
        (
            None,
            WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::Job | WorkloadKind::CronJob,
        ) => {
            let quarter = || IntOrString::String("25%".to_owned());
            Rollout::Rolling { surge: quarter(), unavailable: quarter() }
        }
    };
    Noted::new(rollout, "K32", span)
}

/// A further pod could not be placed on a node that has one.
fn has_one_place_a_node(pod: &Pod<'_, '_>) -> bool {
    let on_host_port =
        pod.members.iter().flat_map(|member| &member.ports.ports).any(|port| port.on_node.is_some());
    let one_per_node = |limit: &Option<Spanned<u64>>| limit.as_ref().is_some_and(|limit| limit.value == 1);
    namespaces::uses_host_network(pod)
        || on_host_port
        || pod.members.iter().any(|member| one_per_node(&member.service.placement.max_per_node))
}

/// Returns how many pods at once an update may stop, where the author of a pod's owner wrote it (K98).
pub(crate) fn written_parallelism(pod: &Pod<'_, '_>) -> Option<IntOrString> {
    let update = pod.owner.service.update.as_ref();
    update.filter(|update| update.parallelism.is_some()).map(|update| parallelism(Some(update)))
}

/// Silence is one, as the docker CLI takes it; zero is all.
fn parallelism(update: Option<&Spanned<Update>>) -> IntOrString {
    match update.and_then(|update| update.parallelism.as_ref()).map(|parallelism| parallelism.value) {
        None => IntOrString::Int(1),
        Some(0) => IntOrString::String("100%".to_owned()),
        Some(number) => IntOrString::Int(i32::try_from(number).unwrap_or(i32::MAX)),
    }
}

fn report_gap(pod: &Pod<'_, '_>, update: &Spanned<Update>, rollout: &Rollout, report: &mut Report<'_>) {
    let replicas = pod.owner.service.scale.replicas.as_ref().map_or(1, |replicas| replicas.value);
    let at_once = update.parallelism.as_ref().map_or(1, |parallelism| parallelism.value);
    let surges = matches!(rollout, Rollout::Rolling { surge, .. } if *surge != IntOrString::Int(0));
    let has_probe = pod.members.iter().any(|member| !matches!(member.readiness, Readiness::None));
    let fact = if surges && !has_probe {
        "starts new pods first, but nothing says when they are ready: an update can have a gap"
    } else if !surges && replicas > 0 && (at_once == 0 || at_once >= replicas) {
        "stops all pods before new ones run: an update has a gap"
    } else {
        return;
    };
    let help = if *rollout == Rollout::Recreate {
        "a volume that several nodes can mount lets new pods start first"
    } else if has_one_place_a_node(pod) {
        "more replicas than are replaced at once avoid it"
    } else {
        "`order: start-first` and a healthcheck, or one published port, avoid it"
    };
    report.noted(KubernetesCode::UpdateHasGap, "deploy.update_config", update.span, fact, help);
}

/// A pod counts as available after the pause and the watch.
fn min_ready(update: &Update, report: &mut Report<'_>) -> Option<Noted<i32>> {
    let places = [("delay", &update.delay), ("monitor", &update.monitor)];
    let written = places.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let (key, longest) =
        written.filter(|(_, value)| !value.value.is_zero()).max_by_key(|(_, value)| value.value)?;
    // The server wants it below the deadline of the rollout.
    let seconds = rounded_up(longest.value).min(i32::MAX - 1);
    report.approximated(
        KubernetesCode::UpdateDelayApproximated,
        &format!("deploy.update_config.{key}"),
        longest.span,
        &format!("becomes {seconds} s after which a new pod counts as available"),
        "",
    );
    Some(Noted::written(seconds, "K34", longest.span))
}

/// What only `rcompose apply` acts on. A rollout that is stuck pauses anyway.
fn update_annotations(update: &Update, report: &mut Report<'_>) -> Annotations {
    let Update { parallelism: _, delay: _, order: _, on_failure, monitor, max_failure_ratio } = update;
    let mut annotations = Annotations::new();
    let mut add = |name: &str, key: &str, value: String, span: Span, report: &mut Report<'_>| {
        report_live_only(&format!("deploy.update_config.{key}"), span, report);
        annotations.insert(format!("rcompose/{name}"), Noted::written(value, "K35", span));
    };
    match on_failure.as_ref() {
        Some(action) if action.value == FailureAction::Pause => {
            report.already_default("deploy.update_config.failure_action", action.span);
        }
        Some(action) => {
            let word = action_word(action.value).to_owned();
            add("update-failure-action", "failure_action", word, action.span, report);
        }
        None => {}
    }
    if let Some(ratio) = max_failure_ratio.as_ref().filter(|ratio| ratio.value > 0.0) {
        add("update-max-failure-ratio", "max_failure_ratio", ratio.value.to_string(), ratio.span, report);
    }
    if let Some(monitor) = monitor {
        add("update-monitor", "monitor", text(monitor.value), monitor.span, report);
    }
    annotations
}

fn report_live_only(key: &str, span: Span, report: &mut Report<'_>) {
    let fact = "is acted on by `rcompose apply` only; it stands in an annotation";
    report.approximated(KubernetesCode::UpdateActionLiveOnly, key, span, fact, "");
}

fn rollback_annotation(pod: &Pod<'_, '_>, sink: &mut Sink) -> Annotations {
    let owner_last =
        pod.members.iter().filter(|member| member.name != pod.owner.name).copied().chain([pod.owner]);
    let mut annotations = Annotations::new();
    for member in owner_last {
        let Some(rollback) = &member.service.rollback else { continue };
        report_live_only("deploy.rollback_config", rollback.span, &mut Report::new(member.name, sink));
        let value = Noted::written(rollback_text(rollback), "K35", rollback.span);
        annotations.insert("rcompose/rollback-config".to_owned(), value);
    }
    annotations
}

/// Compact JSON with Compose's own keys, sorted.
fn rollback_text(rollback: &Update) -> String {
    let Update { parallelism, delay, order, on_failure, monitor, max_failure_ratio } = rollback;
    let mut object = serde_json::Map::new();
    let mut add = |key: &str, value: Option<serde_json::Value>| {
        object.extend(value.map(|value| (key.to_owned(), value)));
    };
    add("parallelism", parallelism.as_ref().map(|parallelism| parallelism.value.into()));
    add("delay", delay.as_ref().map(|delay| text(delay.value).into()));
    add("order", order.as_ref().map(|order| order_word(order.value).into()));
    add("failure_action", on_failure.as_ref().map(|action| action_word(action.value).into()));
    add("monitor", monitor.as_ref().map(|monitor| text(monitor.value).into()));
    add("max_failure_ratio", max_failure_ratio.as_ref().map(|ratio| ratio.value.into()));
    serde_json::Value::from(object).to_string()
}

const fn order_word(order: Order) -> &'static str {
    match order {
        Order::StopFirst => "stop-first",
        Order::StartFirst => "start-first",
    }
}

const fn action_word(action: FailureAction) -> &'static str {
    match action {
        FailureAction::Pause => "pause",
        FailureAction::Continue => "continue",
        FailureAction::Rollback => "rollback",
    }
}

/// A rollout counts as failed after ten minutes unless a slow start needs longer (K36). Sidecars start one after another.
fn deadline(pod: &Pod<'_, '_>, min_ready: i32) -> Option<Noted<i32>> {
    const DEFAULT: i64 = 600;
    let budget = |member: &&super::plan::Facts<'_>| {
        probes::startup_budget(member.readiness, group::gates_start(pod, member))
            .or_else(|| probes::readiness_period(member.readiness))
            .unwrap_or(0)
    };
    let (sidecars, mains): (Vec<_>, Vec<_>) =
        pod.members.iter().copied().partition(|member| group::is_sidecar(pod, member));
    let sidecars: i64 = sidecars.iter().map(budget).sum();
    let longest = sidecars + mains.iter().map(budget).max().unwrap_or(0) + i64::from(min_ready);
    let seconds = i32::try_from(longest + DEFAULT).unwrap_or(i32::MAX);
    (longest >= DEFAULT).then(|| Noted::by_rule(seconds, "K36"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    #[test]
    fn zero_at_a_time_is_all() {
        let update = |parallelism| at(Update { parallelism, ..Update::default() });
        assert_eq!(parallelism(Some(&update(None))), IntOrString::Int(1));
        assert_eq!(parallelism(Some(&update(Some(at(0))))), IntOrString::String("100%".to_owned()));
        assert_eq!(parallelism(Some(&update(Some(at(7))))), IntOrString::Int(7));
    }

    #[test]
    fn the_longer_of_pause_and_watch_counts() {
        let update = Update {
            delay: Some(at(Duration::from_millis(500))),
            monitor: Some(at(Duration::from_secs(20))),
            ..Update::default()
        };
        let (seconds, codes) = report_of(|report| min_ready(&update, report));
        assert_eq!(seconds.map(|seconds| seconds.value), Some(20));
        assert_eq!(codes, ["update-delay-approximated"]);
    }

    #[test]
    fn rollback_is_kept_as_it_was_written() {
        let rollback = Update {
            parallelism: Some(at(2)),
            delay: Some(at(Duration::from_secs(90))),
            on_failure: Some(at(FailureAction::Continue)),
            ..Update::default()
        };
        assert_eq!(
            rollback_text(&rollback),
            r#"{"delay":"1m30s","failure_action":"continue","parallelism":2}"#
        );
    }
}
