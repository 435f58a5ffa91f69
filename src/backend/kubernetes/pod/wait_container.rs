//! The init containers that wait (K61, K62): a connection, a name that resolves, or a look at a Job.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    Capabilities, Container, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceRequirements,
    SecurityContext, VolumeMount,
};

use super::waits::{JobNames, Wait, connects, tcp_ports};
use super::{container, probes};
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::quantity;
use crate::model::Condition;

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

/// How a wait finds out.
enum Method {
    /// A port of a Service that hides pods which are not ready.
    Connect(Vec<u16>),
    /// A name that resolves only when a pod is ready.
    Resolve(String),
    /// The state of a Job.
    Job(String),
}

/// Makes the init containers.
pub(crate) fn containers(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    waits: &[Wait<'_, '_>],
    jobs: &JobNames<'_>,
) -> Vec<Noted<Container>> {
    // Members of the pod keep their names (N3).
    let mut taken: BTreeSet<String> = pod.members.iter().map(|member| container::name(member)).collect();
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
    // Compose starts a service whose optional dependency has failed.
    let failed = if required {
        format!("echo \"job {name} failed\" >&2; exit 1")
    } else {
        format!("echo \"job {name} failed, going on\"; exit 0")
    };
    format!(
        r#"trap 'exit 143' TERM; echo "waiting for job {name}"; d={TOKEN_PATH}
{start}while :; do
  read -r token < $d/token || true
  job=`curl -fsS --cacert $d/ca.crt -H "Authorization: Bearer $token" https://kubernetes.default.svc/apis/batch/v1/namespaces/$NAMESPACE/jobs/{name} | tr -d ' \n'`
  case "$job" in
    *'"type":"Complete","status":"True"'*) exit 0 ;;
    *'"type":"Failed","status":"True"'*) {failed} ;;
  esac
{bound}  sleep {STEP}
done
"#
    )
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
        assert!(job_script("j", false).contains("echo \"job j failed, going on\"; exit 0 ;;"));
        assert!(job_script("j", true).contains("echo \"job j failed\" >&2; exit 1 ;;"));
    }
}
