//! Hints on this target: few of them say something to Swarm; of the others it is told, once a place (N120).

use super::plan::Plan;
use super::report::{Report, dropped};
use crate::backend::codes::BackendCode;
use crate::diag::Span;
use crate::model::{BindMode, HintedKind, Mount, Project, Service, WrittenHint};

/// Hints of services that were acted on before, in the model: these mean the same on every target.
const ACTED_ON: &[&str] = &["completions", "constraints", "node", "bind"];

/// Tells of hints that have no effect here.
pub(crate) fn report(plan: &Plan<'_>, report: &mut Report<'_>) {
    let project = plan.project;
    tell(report, "", "at the top", &project.hints.written());
    for (name, written) in &plan.services {
        report.enter(name);
        let service = written.service;
        let mut hints = service.hints.written();
        hints.retain(|(hint, span)| !acts(hint, service) && !is_of_project(project, *span));
        hints.extend(service.ports.ports.iter().flat_map(|port| port.hints.written()));
        hints.extend(service.mounts.iter().flat_map(of_mount));
        hints.sort_by_key(|(_, span)| *span);
        hints.dedup();
        tell(report, "x-rcompose", &format!("of `{name}`"), &hints);
        report.leave();
    }
    let volumes =
        project.volumes.iter().map(|(name, volume)| ("volumes", name.as_str(), volume.hints.written()));
    let networks =
        project.networks.iter().map(|(name, network)| ("networks", name.as_str(), network.hints.written()));
    let configs =
        project.configs.iter().map(|(name, config)| ("configs", name.as_str(), config.hints.written()));
    let secrets =
        project.secrets.iter().map(|(name, secret)| ("secrets", name.as_str(), secret.hints.written()));
    for (section, name, hints) in volumes.chain(networks).chain(configs).chain(secrets) {
        tell(report, &format!("{section}.{name}"), &format!("of `{section}.{name}`"), &hints);
    }
}

/// Of kinds Swarm has jobs (S60).
fn acts(hint: &str, service: &Service) -> bool {
    let is_job = || service.hints.kind.as_ref().is_some_and(|kind| kind.value == HintedKind::Job);
    ACTED_ON.contains(&hint) || (hint == "kind" && is_job())
}

/// What stands at the top reaches services, and is told of once.
fn is_of_project(project: &Project, span: Span) -> bool {
    project.hints.written().iter().any(|(_, own)| *own == span)
}

/// Data of the host stays where it is: Swarm makes no volume of it (S96).
fn of_mount(mount: &Mount) -> Vec<WrittenHint> {
    let mut hints = mount.hints.written();
    let is_volume = mount.hints.bind.as_ref().is_some_and(|mode| mode.value == BindMode::Volume);
    hints.retain(|(hint, _)| *hint != "bind" || is_volume);
    hints
}

fn tell(report: &mut Report<'_>, path: &str, place: &str, hints: &[WrittenHint]) {
    let Some(((_, first), others)) = hints.split_first() else { return };
    let mut names: Vec<&str> = hints.iter().map(|(name, _)| *name).collect();
    names.dedup();
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let message = format!("hints {place} say nothing to Swarm: {listed}");
    let finding = dropped(BackendCode::HintNotApplicable, *first, message)
        .help("nothing to do; they may stay for Kubernetes");
    report.add(path, finding.also_at(others.iter().map(|(_, span)| *span)));
}
