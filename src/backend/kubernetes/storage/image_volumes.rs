//! What an image declares as VOLUME and nothing is mounted at: Docker keeps it in a volume of its own (N62).

use super::paths::is_at_or_below;
use super::well_known;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Severity, Sink};

/// Tells once a run which files go with their container.
pub(super) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    let mut listed: Vec<String> = Vec::new();
    let mut places = Vec::new();
    let mut database = false;
    for facts in plan.selected().filter(|facts| !facts.kind.ends()) {
        let found = uncovered(facts);
        if !found.is_empty() {
            let paths = problem::listed(found.iter().map(|(target, _)| target));
            listed.push(format!("{paths} of `{}`", facts.name));
            places.push(facts.service.span);
            database |= found.iter().any(|(_, database)| *database);
        }
    }
    let Some((first, others)) = places.split_first() else { return };
    let message = format!("no volume is mounted where images keep their files: {}", listed.join("; "));
    let found = problem::of_project(BackendCode::VolumeAnonymous, message)
        .at(*first)
        .severity(if database { Severity::Warning } else { Severity::Note })
        .outcome(Outcome::Approximated)
        .help("here they go with each container, a restarted one too: mount a named volume to keep them");
    sink.push(found.also_at(others.iter().copied()));
}

/// Returns what the image declares with no mount at, above or below it; whether it is a database's.
fn uncovered(facts: &Facts<'_>) -> Vec<(String, bool)> {
    let service = facts.service;
    let of_dockerfile =
        service.image.facts.volumes.iter().map(|volume| (super::paths::clean(&volume.value), false));
    let of_table =
        well_known::declared_volumes(service).into_iter().map(|found| (found.target, found.database));
    let mounted = |target: &str| {
        service.mounts.iter().any(|mount| {
            let place = &mount.target.value;
            is_at_or_below(place, target) || is_at_or_below(target, place)
        })
    };
    of_dockerfile.chain(of_table).filter(|(target, _)| !mounted(target)).collect()
}
