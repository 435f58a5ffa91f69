//! `CronJobs`, by hint only (K8): work that ends and begins again at its time.

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::job::{self, JobRun};
use super::labels::Labels;
use super::metadata::Annotations;
use super::object::{Noted, Notes, Object};
use super::plan::{Plan, Pod};

/// Makes the `CronJob` of a pod. Its name carries no hash: it can change.
pub(crate) fn object(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    (labels, annotations): (Labels, Annotations),
    run: JobRun,
    template: Noted<PodTemplateSpec>,
) -> Object {
    let hints = &pod.owner.service.hints;
    let mut notes = Notes::default();
    // Reading has refused a hint without a schedule.
    let schedule = hints.schedule.as_ref().map_or_else(
        || Noted::by_rule("@daily".to_owned(), "K8"),
        |schedule| Noted::written(schedule.value.clone(), "K8", schedule.span),
    );
    let concurrency = hints.concurrency.as_ref().map_or_else(
        || Noted::by_rule("Allow".to_owned(), "K8"),
        |policy| Noted::written(policy.value.word().to_owned(), "K8", policy.span),
    );
    let zone = hints.time_zone.as_ref().map(|zone| Noted::written(zone.value.clone(), "K8", zone.span));
    let job = JobTemplateSpec {
        metadata: None,
        spec: Some(notes.at("spec.jobTemplate.spec", job::spec(run, template))),
    };
    let cron_job = CronJob {
        metadata: notes.at("metadata", plan.metadata(pod.owner.object_name.clone(), labels, annotations)),
        spec: Some(CronJobSpec {
            concurrency_policy: Some(notes.at("spec.concurrencyPolicy", concurrency)),
            job_template: job,
            schedule: notes.at("spec.schedule", schedule),
            time_zone: notes.at_opt("spec.timeZone", zone),
            ..CronJobSpec::default()
        }),
        status: None,
    };
    Object::new(notes.on(cron_job))
}
