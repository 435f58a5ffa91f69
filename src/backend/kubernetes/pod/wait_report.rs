//! What is told of `depends_on`: order that only live apply keeps, waits that could not be written, pods that would wait
//! for each other (K60, K90).

use std::collections::BTreeSet;

use super::waits::{can_wait, is_scaled_to_zero, of_pod};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::options::DependsOn;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::{Report, of_project};
use crate::diag::{Outcome, Sink, Span};
use crate::model::{Condition, Dependency, ServiceName};

/// Tells once a run what only live apply orders, and where no wait could be written (K60).
pub(crate) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    let mut started: Vec<(String, Span)> = Vec::new();
    for facts in plan.selected() {
        for edge in &facts.service.depends {
            let Dependency { on, span: _, condition, required: _, restart, implied } = edge;
            let Some(dependency) = plan.get(on).filter(|dependency| dependency.owner != facts.owner) else {
                continue;
            };
            let mut report = Report::new(facts.name, sink);
            // Compose restarts with what `links` names, too; nobody wrote that, so nobody is told.
            if let Some(span) = restart.filter(|_| !implied) {
                report.approximated(
                    KubernetesCode::DependencyRestartLiveOnly,
                    &format!("depends_on.{on}.restart"),
                    span,
                    "is acted on by `rcompose apply` only: plain manifests restart nothing together",
                    "",
                );
            }
            match condition.value {
                Condition::Started => started.push((format!("`{}` after `{on}`", facts.name), edge.span)),
                Condition::Healthy | Condition::Completed => {
                    if !is_scaled_to_zero(plan, dependency) {
                        report_not_rendered(plan, facts, edge, &mut report);
                    }
                }
            }
        }
    }
    let Some((_, first)) = started.first() else { return };
    let edges: Vec<&str> = started.iter().map(|(edge, _)| edge.as_str()).collect();
    let mut finding = of_project(
        KubernetesCode::StartOrderLiveOnly,
        format!("plain manifests start all together, `rcompose apply` in order: {}", edges.join(", ")),
    )
    .outcome(Outcome::Approximated)
    .at(*first)
    .help("where a program cannot wait by itself, write `condition: service_healthy`");
    for (_, span) in &started[1..] {
        finding = finding.also(*span, "");
    }
    sink.push(finding);
}

/// Refuses pods that wait for each other: loading refuses cycles of services, but members of a pod wait together (K90).
pub(crate) fn report_cycles(plan: &Plan<'_>, sink: &mut Sink) {
    for group in &plan.project.groups {
        let Some(facts) = plan.get(&group.owner) else { continue };
        let pod = plan.pod_of(facts);
        for wait in of_pod(plan, &pod) {
            let mut visited = BTreeSet::new();
            if reaches(plan, wait.dependency.owner, facts.owner, &mut visited) {
                let fact = format!(
                    "would wait for ever: `{}` waits for the pod of `{}`, which waits for it",
                    wait.dependency.name, facts.name
                );
                Report::new(facts.name, sink).refused(
                    KubernetesCode::PodGroupConflict,
                    "depends_on",
                    wait.span,
                    &fact,
                    "do not join their namespaces, or wait for `service_started` only",
                );
            }
        }
    }
}

fn reaches<'a>(
    plan: &Plan<'a>,
    from: &'a ServiceName,
    to: &ServiceName,
    visited: &mut BTreeSet<&'a ServiceName>,
) -> bool {
    if from == to {
        return true;
    }
    let Some(facts) = plan.get(from).filter(|_| visited.insert(from)) else { return false };
    let waits = of_pod(plan, &plan.pod_of(facts));
    waits.iter().any(|wait| reaches(plan, wait.dependency.owner, to, visited))
}

fn report_not_rendered(plan: &Plan<'_>, facts: &Facts<'_>, edge: &Dependency, report: &mut Report<'_>) {
    let reason = match (plan.options.depends_on, can_wait(facts)) {
        (DependsOn::Wait, true) => return,
        (DependsOn::None, _) => "`--depends-on none` was chosen",
        (DependsOn::Wait, false) if facts.is_windows() => "the wait is a script for Linux",
        (DependsOn::Wait, false) => "without a network it can look up no name",
    };
    report.dropped(
        BackendCode::WaitNotRendered,
        &format!("depends_on.{}", edge.on),
        edge.condition.span,
        &format!("is not waited for: {reason}"),
        "let the program try again until the other is there",
    );
}
