//! The main container of a service.

use k8s_openapi::api::core::v1::{Container, VolumeMount};

use super::environment::Variables;
use super::image::ContainerImage;
use super::security::is_true;
use super::{command, group, hooks, probes, resources, security};
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::ports::container_ports;
use crate::backend::kubernetes::problem::Report;
use crate::model::Process;

/// Parts of a container that its init containers need too.
pub(crate) struct Shared {
    /// Image and pull policy.
    pub(crate) image: ContainerImage,
    /// Environment.
    pub(crate) variables: Variables,
    /// Mounts, sorted by path.
    pub(crate) mounts: Vec<Noted<VolumeMount>>,
}

/// Makes the container of a member of a pod.
pub(crate) fn of_member(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    member: &Facts<'_>,
    shared: Shared,
    report: &mut Report<'_>,
) -> Noted<Container> {
    let Process { entrypoint, command, working_dir, environment: _, tty, stdin, init: _ } =
        &member.service.process;
    let Shared { image, variables, mounts } = shared;
    let options = plan.options;
    let is_sidecar = group::is_sidecar(pod, member);
    let line = command::command_line(entrypoint, command, &member.service.image.facts, report);
    let probes = probes::of_service(member, group::gates_start(pod, member), options, report);
    let mut notes = Notes::default();
    let directory =
        working_dir.as_ref().map(|directory| Noted::written(directory.value.clone(), "K22", directory.span));
    let container = Container {
        name: notes.at("name", Noted::by_rule(name(member), "N5")),
        image: Some(notes.at("image", image.reference)),
        image_pull_policy: notes.at_opt("imagePullPolicy", image.pull_policy),
        command: notes.at_opt("command", line.command),
        args: notes.at_opt("args", line.args),
        working_dir: notes.at_opt("workingDir", directory),
        env: notes.list("env", variables.into_values()),
        ports: notes.list("ports", container_ports(member)),
        readiness_probe: notes.at_opt("readinessProbe", probes.readiness),
        startup_probe: notes.at_opt("startupProbe", probes.startup),
        liveness_probe: notes.at_opt("livenessProbe", probes.liveness),
        lifecycle: notes.at_opt("lifecycle", hooks::lifecycle(member, options, report)),
        resources: notes.at_opt("resources", resources::of_service(member, options, report)),
        restart_policy: is_sidecar
            .then(|| notes.at("restartPolicy", Noted::by_rule("Always".to_owned(), "K90"))),
        security_context: notes.at_opt("securityContext", security::context(plan, member, report)),
        stdin: notes.at_opt("stdin", is_true(stdin.as_ref(), "K24")),
        tty: notes.at_opt("tty", is_true(tty.as_ref(), "K24")),
        volume_mounts: notes.list("volumeMounts", mounts),
        ..Container::default()
    };
    notes.on(container)
}

/// Names the container of a service (N5).
pub(crate) fn name(facts: &Facts<'_>) -> String {
    names::label(facts.name.as_str())
}
