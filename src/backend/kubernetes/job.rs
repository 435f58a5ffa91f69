//! Jobs (K7): work that ends. Nothing in a Job can change, so its name carries the hash of its template.

use k8s_openapi::api::batch::v1::{
    Job, JobSpec, PodFailurePolicy, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::codes::KubernetesCode;
use super::labels::Labels;
use super::metadata::Annotations;
use super::names;
use super::object::{Noted, Notes, Object};
use super::plan::{Facts, Plan, Pod};
use super::pod::group;
use super::problem::Report;
use super::restart::{self, JobRestart};
use crate::diag::Sink;
use crate::model::Kind;

/// How a Job runs.
pub(crate) struct JobRun {
    completions: Noted<i32>,
    /// How it restarts.
    pub(crate) restart: JobRestart,
}

/// Decides how a Job runs: its first member that is no sidecar says how it restarts.
pub(crate) fn run(pod: &Pod<'_, '_>, sink: &mut Sink) -> JobRun {
    let completions = completions(pod.owner);
    let main =
        pod.members.iter().find(|member| !group::is_sidecar(pod, member)).copied().unwrap_or(pod.owner);
    let lifecycle = &main.service.lifecycle;
    let mut report = Report::new(main.name, sink);
    let restart = restart::of_job(&lifecycle.restart, &lifecycle.kind, completions.value, &mut report);
    let mut restart = restart;
    if let Some(hint) = &main.service.hints.backoff_limit {
        let tries = i32::try_from(hint.value).unwrap_or(i32::MAX);
        restart.tries = Noted::written(tries, "K7", hint.span);
    }
    JobRun { completions, restart }
}

/// Names a Job by its template: the same input is the same Job, a change is a new one.
pub(crate) fn name(facts: &Facts<'_>, template: &PodTemplateSpec) -> String {
    let tree = serde_json::to_value(template).expect("typed objects have text keys and finite numbers");
    // Keys of a JSON value are sorted, and it is written without blanks: canonical.
    let hash = names::hash(tree.to_string().as_bytes());
    names::dns_with(facts.written_name(), &format!("-{hash}"))
}

/// Makes the Job of a pod.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    name: String,
    (labels, annotations): (Labels, Annotations),
    run: JobRun,
    template: Noted<PodTemplateSpec>,
) -> Object {
    let mut notes = Notes::default();
    let job = Job {
        metadata: notes.at("metadata", plan.metadata(name, labels, annotations)),
        spec: Some(notes.at("spec", spec(run, template))),
        status: None,
    };
    Object::hashed(notes.on(job), pod.owner.object_name.clone())
}

/// Makes what a Job and a `CronJob` say alike.
pub(crate) fn spec(run: JobRun, template: Noted<PodTemplateSpec>) -> Noted<JobSpec> {
    let JobRun { completions, restart: JobRestart { policy: _, tries, keeps_pods } } = run;
    let mut notes = Notes::default();
    let spec = JobSpec {
        backoff_limit: Some(notes.at("backoffLimit", tries)),
        completions: Some(notes.at("completions", completions.clone())),
        parallelism: Some(notes.at("parallelism", completions)),
        pod_failure_policy: keeps_pods
            .then(|| notes.at("podFailurePolicy", Noted::by_rule(evictions_are_no_failures(), "K7"))),
        template: notes.at("template", template),
        ..JobSpec::default()
    };
    notes.on(spec)
}

/// Reports what a Job does otherwise than the service under Compose.
pub(crate) fn report(pod: &Pod<'_, '_>, sink: &mut Sink) {
    let kind = &pod.owner.service.lifecycle.kind;
    let (_, span) = super::kind::of_kind(kind);
    let mut report = Report::new(pod.owner.name, sink);
    let span = span.unwrap_or(pod.owner.service.span);
    let finding = super::problem::of_service(
        KubernetesCode::JobRunsOnce,
        pod.owner.name,
        format!("`{}` runs when its definition changes; Compose runs it at each `up`", pod.owner.name),
    );
    report.push(finding.at(span).path(format!("services.{}", pod.owner.name)));
    if matches!(kind, Kind::WrittenJob { per_node: true, .. } | Kind::AwaitedJob { per_node: true, .. }) {
        report.approximated(
            KubernetesCode::JobNotPerNode,
            "deploy.mode",
            span,
            "runs once, not once on each node",
            "",
        );
    }
}

/// Replicas of work that ends are how often it is done, all at once as under Compose.
fn completions(facts: &Facts<'_>) -> Noted<i32> {
    match &facts.service.scale.replicas {
        Some(replicas) => {
            Noted::written(i32::try_from(replicas.value).unwrap_or(i32::MAX), "K7", replicas.span)
        }
        None => Noted::by_rule(1, "K7"),
    }
}

fn evictions_are_no_failures() -> PodFailurePolicy {
    PodFailurePolicy {
        rules: vec![PodFailurePolicyRule {
            action: "Ignore".to_owned(),
            on_pod_conditions: Some(vec![PodFailurePolicyOnPodConditionsPattern {
                type_: "DisruptionTarget".to_owned(),
                status: "True".to_owned(),
            }]),
            on_exit_codes: None,
        }],
    }
}
