//! Init containers that wait for what `depends_on` names (K60 to K62).
//!
//! Only conditions that need one become a wait: a service that has merely to be started is ordered by live apply, and a
//! condition can be met by construction.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    Capabilities, Container, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceRequirements,
    SecurityContext, VolumeMount,
};

use super::probes;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::network_policy::share_a_network;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::{DependsOn, Options};
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::problem::{Report, of_project};
use crate::backend::kubernetes::quantity;
use crate::diag::{Outcome, Sink, Span};
use crate::model::{Condition, Dependency, NetworkMode, Protocol, ServiceName};

const TCP_IMAGE: &str = "docker.io/library/busybox:1.37.0";
const JOB_IMAGE: &str = "docker.io/curlimages/curl:8.11.1";
/// Where the token of the API server is mounted, in waits for Jobs only.
pub(crate) const TOKEN_PATH: &str = "/var/run/secrets/rcompose";
/// Name of the volume that holds it.
pub(crate) const TOKEN_VOLUME: &str = "wait-token";
/// Seconds that a wait which is not required lasts where nothing says how long a start takes.
const UNKNOWN_BUDGET: i64 = 60;
const JOB_BUDGET: i64 = 600;
/// Seconds between two looks.
const STEP: i64 = 2;

/// Names of Jobs by the service that owns their pod; they carry a hash, so they are known when their template is.
pub(crate) type JobNames<'a> = BTreeMap<&'a ServiceName, String>;

/// One thing that a pod waits for.
pub(crate) struct Wait<'a, 'p> {
    /// What is waited for.
    pub(crate) dependency: &'p Facts<'a>,
    /// Until when.
    pub(crate) condition: Condition,
    required: bool,
    span: Span,
}

/// How a wait finds out.
enum Method {
    /// A port of a Service that hides pods which are not ready.
    Connect(Vec<u16>),
    /// A name that resolves only when a pod is ready.
    Resolve(String),
    /// The state of a Job.
    Job(String),
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

/// Makes the init containers.
pub(crate) fn containers(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    waits: &[Wait<'_, '_>],
    jobs: &JobNames<'_>,
) -> Vec<Noted<Container>> {
    let mut taken = BTreeSet::new();
    waits
        .iter()
        .map(|wait| {
            let wanted = names::label_between("wait-for-", wait.dependency.name.as_str(), "");
            let name = if taken.insert(wanted.clone()) {
                wanted
            } else {
                names::with_hash_of(&wanted, &format!("Container/{wanted}"))
            };
            container(name, &method(plan, pod, wait, jobs), wait, plan.options)
        })
        .collect()
}

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

/// Returns the dependency of an edge that needs a wait; `None` where the condition is met by construction.
fn unmet<'a, 'p>(plan: &'p Plan<'a>, waiter: &Facts<'_>, edge: &Dependency) -> Option<&'p Facts<'a>> {
    let dependency = plan.get(&edge.on)?;
    let is_met = edge.condition.value == Condition::Started
        || dependency.owner == waiter.owner
        || is_scaled_to_zero(plan, dependency);
    (!is_met).then_some(dependency)
}

fn is_scaled_to_zero(plan: &Plan<'_>, facts: &Facts<'_>) -> bool {
    let replicas = plan.pod_of(facts).owner.service.scale.replicas.as_ref();
    replicas.is_some_and(|replicas| replicas.value == 0)
}

/// A waiter needs a network to look up names, and the scripts are for Linux.
fn can_wait(facts: &Facts<'_>) -> bool {
    !matches!(facts.service.network.mode, NetworkMode::None(_)) && !facts.is_windows()
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

/// Tells whether a connection to the dependency proves that a pod is ready: its Service has an address, hides pods that
/// are not ready, and policies let the waiter through.
fn connects(plan: &Plan<'_>, pod: &Pod<'_, '_>, dependency: &Facts<'_>) -> bool {
    let hides_unready = !dependency.shape.headless && !dependency.shape.unready_too;
    let is_reachable = !plan.policies || share_a_network(plan, pod.owner, dependency);
    hides_unready && is_reachable && !tcp_ports(dependency).is_empty()
}

fn tcp_ports(facts: &Facts<'_>) -> Vec<u16> {
    let tcp = facts.ports.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
    tcp.map(|port| port.number).collect()
}

fn method(plan: &Plan<'_>, pod: &Pod<'_, '_>, wait: &Wait<'_, '_>, jobs: &JobNames<'_>) -> Method {
    let dependency = wait.dependency;
    match wait.condition {
        Condition::Completed => {
            // Jobs are made in order of dependency; one that is missing is in a cycle, which is refused elsewhere.
            let name = jobs.get(dependency.owner).cloned();
            Method::Job(name.unwrap_or_else(|| dependency.object_name.clone()))
        }
        Condition::Started | Condition::Healthy if connects(plan, pod, dependency) => {
            Method::Connect(tcp_ports(dependency))
        }
        Condition::Started | Condition::Healthy => {
            Method::Resolve(plan.derived_service_name(dependency, "-ready"))
        }
    }
}

fn container(name: String, method: &Method, wait: &Wait<'_, '_>, options: &Options) -> Noted<Container> {
    let image = match method {
        Method::Connect(_) | Method::Resolve(_) => TCP_IMAGE,
        Method::Job(_) => JOB_IMAGE,
    };
    let for_job = matches!(method, Method::Job(_));
    let container = Container {
        name,
        image: Some(options.wait_image.clone().unwrap_or_else(|| image.to_owned())),
        command: Some(vec!["/bin/sh".to_owned(), "-c".to_owned()]),
        args: Some(vec![script(method, wait)]),
        env: for_job.then(|| vec![namespace_variable()]),
        resources: Some(ResourceRequirements {
            limits: Some(BTreeMap::from([("memory".to_owned(), quantity::bytes(32 << 20))])),
            requests: Some(BTreeMap::from([
                ("cpu".to_owned(), quantity::cpu(10)),
                ("memory".to_owned(), quantity::bytes(16 << 20)),
            ])),
            claims: None,
        }),
        security_context: Some(restricted()),
        volume_mounts: for_job.then(|| {
            vec![VolumeMount {
                name: TOKEN_VOLUME.to_owned(),
                mount_path: TOKEN_PATH.to_owned(),
                read_only: Some(true),
                ..VolumeMount::default()
            }]
        }),
        ..Container::default()
    };
    Noted::written(container, "K61", wait.span)
}

/// What containers of ours may do: nothing (K62).
fn restricted() -> SecurityContext {
    const NOBODY: i64 = 65_534;
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
        read_only_root_filesystem: Some(true),
        run_as_user: Some(NOBODY),
        run_as_group: Some(NOBODY),
        run_as_non_root: Some(true),
        ..SecurityContext::default()
    }
}

/// The version is written: the server would add it, and the next apply would see a change (K63).
fn namespace_variable() -> EnvVar {
    EnvVar {
        name: "NAMESPACE".to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                api_version: Some("v1".to_owned()),
                field_path: "metadata.namespace".to_owned(),
            }),
            ..EnvVarSource::default()
        }),
        value: None,
    }
}

/// Writes the script. Names in it are DNS labels, so nothing needs quotes; it has no `$(`, so nothing needs escaping (K21).
fn script(method: &Method, wait: &Wait<'_, '_>) -> String {
    let service = &wait.dependency.object_name;
    match method {
        Method::Connect(ports) => {
            let tries: Vec<String> =
                ports.iter().map(|port| format!("nc -z -w 2 {service} {port}")).collect();
            looped(service, &tries.join(" || "), wait)
        }
        Method::Resolve(name) => {
            looped(service, &format!("! nc -z -w 1 {name} 9 2>&1 | grep -q 'bad address'"), wait)
        }
        Method::Job(name) => job_script(name, wait.required),
    }
}

fn looped(service: &str, condition: &str, wait: &Wait<'_, '_>) -> String {
    let (start, bound) = if wait.required {
        ("", String::new())
    } else {
        let budget = budget(wait.dependency);
        ("n=; ", bound(budget, &format!("{service} not ready, going on")) + "; ")
    };
    format!(
        "trap 'exit 143' TERM; echo \"waiting for {service}\"; {start}until {condition}; do {bound}sleep {STEP}; done"
    )
}

/// Counts the looks in a string, since the shell of the images may have no arithmetic.
fn bound(seconds: i64, text: &str) -> String {
    let looks = seconds / STEP + seconds % STEP;
    format!("n=x$n; [ ${{#n}} -le {looks} ] || {{ echo \"{text}\"; exit 0; }}")
}

fn budget(dependency: &Facts<'_>) -> i64 {
    probes::startup_budget(dependency.readiness, false)
        .or_else(|| probes::failure_budget(dependency.readiness))
        .unwrap_or(UNKNOWN_BUDGET)
}

fn job_script(name: &str, required: bool) -> String {
    let (start, bound) = if required {
        (String::new(), String::new())
    } else {
        ("n=\n".to_owned(), format!("  {}\n", bound(JOB_BUDGET, &format!("{name} not ready, going on"))))
    };
    format!(
        r#"trap 'exit 143' TERM; echo "waiting for job {name}"; d={TOKEN_PATH}
{start}while :; do
  read -r token < $d/token || true
  job=`curl -fsS --cacert $d/ca.crt -H "Authorization: Bearer $token" https://kubernetes.default.svc/apis/batch/v1/namespaces/$NAMESPACE/jobs/{name} | tr -d ' \n'`
  case "$job" in
    *'"type":"Complete","status":"True"'*) exit 0 ;;
    *'"type":"Failed","status":"True"'*) echo "job {name} failed" >&2; exit 1 ;;
  esac
{bound}  sleep {STEP}
done
"#
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_script_has_no_text_that_the_kubelet_expands() {
        for required in [true, false] {
            let script = job_script("migrate-0123456789", required);
            assert_eq!(super::super::command::escape(&script), script);
        }
    }

    #[test]
    fn a_wait_that_is_not_required_goes_on() {
        assert_eq!(bound(61, "x"), "n=x$n; [ ${#n} -le 31 ] || { echo \"x\"; exit 0; }");
        assert!(job_script("j", false).contains("\nn=\nwhile :; do\n"));
        assert!(job_script("j", false).contains("  n=x$n; [ ${#n} -le 300 ] || {"));
    }
}
