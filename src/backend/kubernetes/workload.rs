//! Workload objects of the selected services, Jobs in order of dependency (N146, step 7).

use std::collections::BTreeSet;

use super::content::Contents;
use super::kind::WorkloadKind;
use super::labels::Labels;
use super::metadata::Annotations;
use super::object::{Noted, Object};
use super::plan::{Plan, Pod};
use super::pod::waits::{self, JobNames};
use super::pod::{group, image, resources, template, wait_report};
use super::problem::{Report, of_service};
use super::{
    account, autoscaler, cron_job, daemon_set, deployment, disruption, job, kind, restart, routes,
    stateful_set, strategy, user_labels,
};
use crate::backend::FieldOrigin;
use crate::backend::codes::BackendCode;
use crate::diag::{Outcome, Sink};
use crate::model::{Condition, ServiceName};
use crate::parallel;

/// Pods that are worth a thread: they take some ten times what its start takes.
const MANY: usize = 20;

/// Makes the workloads, and the accounts of those that wait for Jobs.
pub(crate) fn workloads(plan: &Plan<'_>, contents: &Contents<'_>, sink: &mut Sink) -> Vec<Object> {
    report_once(plan, sink);
    let pods = in_order(plan);
    let mut jobs = JobNames::new();
    let mut of_jobs = Vec::new();
    let is_written = |pod: &Pod<'_, '_>| pod.members.iter().any(|member| member.service.selected);
    // What ends is named by what it holds, and that is the names of those it waits for: one after the other.
    for (place, pod) in pods.iter().enumerate().filter(|(_, pod)| group::kind(pod).ends()) {
        let made = of_pod(plan, contents, pod, &jobs);
        jobs.extend(made.job.clone().map(|name| (pod.owner.name, name)));
        // What is not written still names the Jobs that others wait for; it tells nothing.
        of_jobs.extend(is_written(pod).then_some((place, made)));
    }
    let others: Vec<_> =
        pods.iter().enumerate().filter(|(_, pod)| !group::kind(pod).ends() && is_written(pod)).collect();
    let of_others = parallel::map(&others, MANY, |(place, pod)| (*place, of_pod(plan, contents, pod, &jobs)));
    let mut made: Vec<(usize, Made)> = of_jobs.into_iter().chain(of_others).collect();
    made.sort_by_key(|(place, _)| *place);
    let mut objects = Vec::new();
    for (_, made) in made {
        sink.append(made.told);
        objects.extend(made.objects);
    }
    objects
}

/// What becomes of one pod.
struct Made {
    objects: Vec<Object>,
    /// Its name, if it is a Job.
    job: Option<String>,
    told: Sink,
}

/// Makes the objects of one pod.
fn of_pod(plan: &Plan<'_>, contents: &Contents<'_>, pod: &Pod<'_, '_>, jobs: &JobNames<'_>) -> Made {
    let mut told = Sink::default();
    let sink = &mut told;
    let kind = group::kind(pod);
    let waits = waits::of_pod(plan, pod);
    let job_run = kind.ends().then(|| job::run(pod, sink));
    let restart_policy = job_run.as_ref().map(|run| run.restart.policy.clone());
    let account = waits::waits_for_jobs(&waits).then(|| Noted::by_rule(account::name(pod.owner), "K63"));
    let has_account = account.is_some();
    let template = template::of_pod(plan, contents, pod, jobs, restart_policy, account, sink);
    let metadata = metadata_of(plan, pod, sink);
    let mut extra = Vec::new();
    let mut job = None;
    let mut beside = Vec::new();
    beside.extend(autoscaler::object(plan, pod, kind, &template.value, sink));
    beside.extend(disruption::object(plan, pod, kind, sink));
    let mut workload = match (kind, job_run) {
        (WorkloadKind::Job, Some(run)) => {
            strategy::report_on_job(pod, sink);
            job::report(pod, sink);
            let name = job::name(pod.owner, &template.value);
            job = Some(name.clone());
            job::object(plan, pod, name, metadata, run, template)
        }
        (WorkloadKind::CronJob, Some(run)) => {
            strategy::report_on_job(pod, sink);
            cron_job::object(plan, pod, metadata, run, template)
        }
        (WorkloadKind::StatefulSet, _) => {
            report_restart(pod, sink);
            stateful_set::report(pod, sink);
            let updates = strategy::of_pod(plan, pod, kind, sink);
            extra.push(stateful_set::service(plan, pod));
            stateful_set::object(plan, pod, metadata, updates, template)
        }
        (WorkloadKind::DaemonSet, _) => {
            report_restart(pod, sink);
            daemon_set::report(pod, sink);
            let updates = strategy::of_pod(plan, pod, kind, sink);
            daemon_set::object(plan, pod, metadata, updates, template)
        }
        (WorkloadKind::Deployment | WorkloadKind::Job | WorkloadKind::CronJob, _) => {
            report_restart(pod, sink);
            let updates = strategy::of_pod(plan, pod, kind, sink);
            deployment::object(plan, pod, metadata, updates, template)
        }
    };
    workload.origins.push(FieldOrigin { path: "kind".to_owned(), span: kind::decided_by(pod), rule: "K1" });
    let accounts = has_account.then(|| {
        let completed = waits.iter().filter(|wait| wait.condition == Condition::Completed);
        let awaited: BTreeSet<String> =
            completed.filter_map(|wait| jobs.get(wait.dependency.owner).cloned()).collect();
        account::objects(plan, pod, awaited.into_iter().collect())
    });
    let objects = accounts.into_iter().flatten().chain(extra).chain([workload]).chain(beside).collect();
    Made { objects, job, told }
}

/// Labels and annotations of a workload: those of `deploy.labels`, its owner's before other members' (K100).
fn metadata_of(plan: &Plan<'_>, pod: &Pod<'_, '_>, sink: &mut Sink) -> (Labels, Annotations) {
    let mut labels = Labels::new();
    let mut annotations = Annotations::new();
    let owner_last = pod.members.iter().filter(|member| member.name != pod.owner.name).chain([&pod.owner]);
    for member in owner_last {
        let written =
            routes::without_foreign(plan.options, member.service, &member.service.identity.service_labels);
        let written = [&written];
        annotations.extend(user_labels::annotations(&written));
        let mut report = Report::new(member.name, sink);
        labels.extend(user_labels::allowed(&written, plan.options, "deploy.labels", &mut report));
    }
    labels.extend(plan.labels(pod.owner));
    (labels, annotations)
}

fn report_restart(pod: &Pod<'_, '_>, sink: &mut Sink) {
    for member in &pod.members {
        restart::report_on_server(&member.service.lifecycle.restart, &mut Report::new(member.name, sink));
    }
}

/// Reports what is told once a run, and services that have no object.
fn report_once(plan: &Plan<'_>, sink: &mut Sink) {
    image::report_built(plan, sink);
    resources::report_requests(plan, sink);
    wait_report::report(plan, sink);
    wait_report::report_cycles(plan, sink);
    for (name, service) in plan.project.services.iter().filter(|(_, service)| service.selected) {
        let Some(provider) = &service.target_only.provider else { continue };
        let finding = of_service(
            BackendCode::ProviderSkipped,
            name,
            format!(
                "`{name}` is made by the provider `{}`: nothing is written, and nobody waits for it",
                provider.kind.value
            ),
        );
        let help =
            "make what it provides by other means, and write its variables into the environment of its users";
        sink.push(
            finding
                .outcome(Outcome::Dropped)
                .at(provider.span)
                .path(format!("services.{name}.provider"))
                .help(help),
        );
    }
}

/// Returns all pods, each Job before the pods that wait for it.
fn in_order<'a, 'p>(plan: &'p Plan<'a>) -> Vec<Pod<'a, 'p>> {
    let mut ordered = Vec::new();
    let mut visited = BTreeSet::new();
    for facts in plan.all() {
        visit(plan, facts.owner, &mut visited, &mut ordered);
    }
    ordered
}

fn visit<'a, 'p>(
    plan: &'p Plan<'a>,
    owner: &'a ServiceName,
    visited: &mut BTreeSet<&'a ServiceName>,
    ordered: &mut Vec<Pod<'a, 'p>>,
) {
    let Some(facts) = plan.get(owner).filter(|_| visited.insert(owner)) else { return };
    let pod = plan.pod_of(facts);
    for wait in waits::of_pod(plan, &pod) {
        visit(plan, wait.dependency.owner, visited, ordered);
    }
    ordered.push(pod);
}
