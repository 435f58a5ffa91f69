//! Several services in one pod (K90): who starts first, what kind the pod is, and what cannot be put together.

use std::collections::BTreeMap;

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::{Condition, Namespace, NetworkMode, Protocol, ServiceName};

/// Tells whether other members join this one or depend on it: then it must run before them, as a native sidecar.
pub(crate) fn is_sidecar(pod: &Pod<'_, '_>, member: &Facts<'_>) -> bool {
    pod.members.iter().any(|other| other.name != member.name && needs(other, member.name))
}

/// Tells whether another member waits for this one to be healthy.
pub(crate) fn gates_start(pod: &Pod<'_, '_>, member: &Facts<'_>) -> bool {
    let waits = |other: &&Facts<'_>| {
        other
            .service
            .depends
            .iter()
            .any(|edge| edge.on == *member.name && edge.condition.value == Condition::Healthy)
    };
    pod.members.iter().filter(|other| other.name != member.name).any(waits)
}

/// Decides the kind of a pod: a Job when all that do not merely accompany it end, else its owner's.
pub(crate) fn kind(pod: &Pod<'_, '_>) -> WorkloadKind {
    let mut mains = pod.members.iter().filter(|member| !is_sidecar(pod, member));
    if mains.all(|member| member.kind == WorkloadKind::Job) { WorkloadKind::Job } else { pod.owner.kind }
}

/// Refuses what cannot be one pod.
pub(crate) fn check(plan: &Plan<'_>, pod: &Pod<'_, '_>, sink: &mut Sink) {
    if pod.members.len() < 2 {
        return;
    }
    let pod_kind = kind(pod);
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        report_shared_network(pod, member, &mut report);
        let runs_beside = pod_kind.ends() && is_sidecar(pod, member);
        if member.kind != pod_kind && !runs_beside {
            conflict(
                "deploy.mode",
                member,
                pod.owner,
                "is of another kind (one ends, the other does not)",
                &mut report,
            );
        }
        if replicas(member) != replicas(pod.owner) {
            conflict("deploy.replicas", member, pod.owner, "differs in the number of replicas", &mut report);
        }
        let hostname =
            |facts: &Facts<'_>| facts.service.identity.hostname.as_ref().map(|name| name.value.clone());
        if hostname(member).is_some_and(|name| hostname(pod.owner).is_some_and(|owner| owner != name)) {
            conflict("hostname", member, pod.owner, "differs", &mut report);
        }
        for edge in &member.service.depends {
            let in_pod = plan.get(&edge.on).is_some_and(|on| on.owner == pod.owner.name);
            if in_pod && edge.condition.value == Condition::Completed {
                let fact = "awaits the end of a service in the same pod, which runs as long as the pod does";
                let key = format!("depends_on.{}", edge.on);
                report.refused(
                    KubernetesCode::PodGroupConflict,
                    &key,
                    edge.condition.span,
                    fact,
                    "do not join their namespaces",
                );
            }
        }
    }
    check_ports(pod, sink);
}

/// Two containers of a pod share its addresses, so each port is one container's.
fn check_ports(pod: &Pod<'_, '_>, sink: &mut Sink) {
    let mut owners: BTreeMap<(u16, Protocol), &Facts<'_>> = BTreeMap::new();
    for member in &pod.members {
        for port in &member.ports.ports {
            let first = *owners.entry((port.number, port.protocol)).or_insert(member);
            if first.name != member.name {
                let fact = format!(
                    "and `{}` listen on {}/{} in one pod",
                    first.name,
                    port.number,
                    port.protocol.word()
                );
                Report::new(member.name, sink).refused(
                    KubernetesCode::PodGroupConflict,
                    "ports",
                    port.span.unwrap_or(member.service.span),
                    &fact,
                    "let one of them listen on another port",
                );
            }
        }
    }
}

fn conflict(key: &str, member: &Facts<'_>, owner: &Facts<'_>, fact: &str, report: &mut Report<'_>) {
    let finding = report
        .finding(
            KubernetesCode::PodGroupConflict,
            key,
            member.service.span,
            &format!("{fact} from that of `{}`, whose pod it shares", owner.name),
            "make them equal, or do not join their namespaces",
        )
        .outcome(Outcome::Refused)
        .also(owner.service.span, "gives the pod its shape");
    report.push(finding);
}

/// Joining processes or shared memory alone is not possible: containers of a pod share the network too.
fn report_shared_network(pod: &Pod<'_, '_>, member: &Facts<'_>, report: &mut Report<'_>) {
    let kernel = &member.service.kernel;
    let joins = [("pid", joined(kernel.pid.as_ref())), ("ipc", joined(kernel.ipc.as_ref()))];
    let joined = joins.into_iter().find_map(|(key, join)| Some((key, join?)));
    let shares_network_anyway = matches!(member.service.network.mode, NetworkMode::Of(_));
    if let Some((key, (other, span))) = joined
        && !shares_network_anyway
    {
        report.approximated(
            KubernetesCode::PodGroupSharesNetwork,
            key,
            span,
            &format!(
                "joins `{other}`: both run in the pod of `{}` and share its network too",
                pod.owner.name
            ),
            "",
        );
    }
}

fn joined(namespace: Option<&Spanned<Namespace>>) -> Option<(&ServiceName, Span)> {
    match namespace {
        Some(Spanned { value: Namespace::Of(other), span }) => Some((other, *span)),
        _ => None,
    }
}

fn needs(facts: &Facts<'_>, other: &ServiceName) -> bool {
    let kernel = &facts.service.kernel;
    let joins_network =
        matches!(&facts.service.network.mode, NetworkMode::Of(owner) if owner.value == *other);
    let joins_kernel = [&kernel.ipc, &kernel.pid]
        .into_iter()
        .any(|join| joined(join.as_ref()).is_some_and(|(name, _)| name == other));
    let depends = facts.service.depends.iter().any(|edge| edge.on == *other);
    joins_network || joins_kernel || depends
}

fn replicas(facts: &Facts<'_>) -> u64 {
    facts.service.scale.replicas.as_ref().map_or(1, |replicas| replicas.value)
}
