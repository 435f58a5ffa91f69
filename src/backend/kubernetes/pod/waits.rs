//! What a pod waits for before it starts (K60, K61).
//!
//! Only conditions that need one become a wait: a service that has merely to be started is ordered by live apply, and a
//! condition can be met by construction. The init containers are made in `wait_container.rs`; what is told of edges
//! without a wait, in `wait_report.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::group;
use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::network_policy::share_a_network;
use crate::backend::kubernetes::options::DependsOn;
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::diag::Span;
use crate::model::{Condition, Dependency, NetworkMode, Protocol, ServiceName};

/// Names of Jobs by the service that owns their pod; they carry a hash, so they are known when their template is.
pub(crate) type JobNames<'a> = BTreeMap<&'a ServiceName, String>;

/// One thing that a pod waits for.
pub(crate) struct Wait<'a, 'p> {
    /// What is waited for.
    pub(crate) dependency: &'p Facts<'a>,
    /// Until when.
    pub(crate) condition: Condition,
    /// The pod must not start without.
    pub(crate) required: bool,
    /// The condition's place.
    pub(crate) span: Span,
}

/// Returns what a pod waits for, by dependency; the same for two members is one wait (K90).
pub(crate) fn of_pod<'a, 'p>(plan: &'p Plan<'a>, pod: &Pod<'a, '_>) -> Vec<Wait<'a, 'p>> {
    if plan.options.depends_on == DependsOn::None {
        return Vec::new();
    }
    let mut waits: BTreeMap<(&ServiceName, Condition), Wait<'a, 'p>> = BTreeMap::new();
    for member in pod.members.iter().filter(|member| can_wait(member)) {
        for edge in &member.service.depends {
            let Some(dependency) = unmet(plan, member, edge) else { continue };
            let wait = waits.entry((dependency.name, edge.condition.value)).or_insert(Wait {
                dependency,
                condition: edge.condition.value,
                required: false,
                span: edge.condition.span,
            });
            wait.required |= edge.required;
        }
    }
    waits.into_values().collect()
}

/// Returns the services whose readiness somebody looks up by name: they need a Service for it (K61).
pub(crate) fn waited_by_name<'a>(plan: &Plan<'a>) -> BTreeSet<&'a ServiceName> {
    let mut waited = BTreeSet::new();
    for facts in plan.all().filter(|facts| facts.owner == facts.name) {
        let pod = plan.pod_of(facts);
        for wait in of_pod(plan, &pod) {
            if wait.condition == Condition::Healthy && !connects(plan, &pod, wait.dependency) {
                waited.insert(wait.dependency.name);
            }
        }
    }
    waited
}

/// Returns the dependency of an edge that needs a wait; `None` where the condition is met by construction.
fn unmet<'a, 'p>(plan: &'p Plan<'a>, waiter: &Facts<'_>, edge: &Dependency) -> Option<&'p Facts<'a>> {
    let dependency = plan.get(&edge.on)?;
    let is_met = edge.condition.value == Condition::Started
        || dependency.owner == waiter.owner
        || is_scaled_to_zero(plan, dependency);
    (!is_met).then_some(dependency)
}

/// Tells whether no pod of a service is wanted, so that nobody can wait for one.
pub(crate) fn is_scaled_to_zero(plan: &Plan<'_>, facts: &Facts<'_>) -> bool {
    let pod = plan.pod_of(facts);
    let replicas = pod.owner.service.scale.replicas.as_ref();
    // The nodes decide how many pods a DaemonSet has (K30).
    group::kind(&pod) != WorkloadKind::DaemonSet && replicas.is_some_and(|replicas| replicas.value == 0)
}

/// A waiter needs a network to look up names, and the scripts are for Linux.
pub(crate) fn can_wait(facts: &Facts<'_>) -> bool {
    // With a resolver of its own it finds no name of the cluster (N36).
    let resolves = facts.service.hints.own_dns.is_none();
    !matches!(facts.service.network.mode, NetworkMode::None(_)) && !facts.is_windows() && resolves
}

/// Tells whether a connection to the dependency proves that a pod is ready: its Service has an address, hides pods that
/// are not ready, and policies let the waiter through.
pub(crate) fn connects(plan: &Plan<'_>, pod: &Pod<'_, '_>, dependency: &Facts<'_>) -> bool {
    let hides_unready = !dependency.shape.headless && !dependency.shape.unready_too;
    let is_reachable = !plan.policies || share_a_network(plan, pod.owner, dependency);
    hides_unready && is_reachable && !tcp_ports(dependency).is_empty()
}

/// Returns the TCP ports of a service.
pub(crate) fn tcp_ports(facts: &Facts<'_>) -> Vec<u16> {
    let tcp = facts.ports.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
    tcp.map(|port| port.number).collect()
}

/// Tells whether a pod waits for Jobs, which needs an account that may look (K63).
pub(crate) fn waits_for_jobs(waits: &[Wait<'_, '_>]) -> bool {
    waits.iter().any(|wait| wait.condition == Condition::Completed)
}

/// Returns the owners of the pods that ask the API server (N44).
pub(crate) fn pods_that_wait_for_jobs<'a, 'p>(plan: &'p Plan<'a>) -> Vec<&'p Facts<'a>> {
    let owners = plan.all().filter(|facts| facts.owner == facts.name);
    owners.filter(|facts| waits_for_jobs(&of_pod(plan, &plan.pod_of(facts)))).collect()
}
