//! Limits and reservations (S37, S38), ulimits (S33), and tuning that Swarm has no place for (S39, S40, S48).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::gpus;
use super::part::{Object, Part};
use super::plan::Written;
use super::quantities::{self, Cpus, LEAST_MEMORY};
use super::report::{approximated, dropped, listed};
use crate::backend::codes::BackendCode;
use crate::diag::{Span, Spanned};
use crate::model::{Resources, Tuning, Ulimit};

/// Writes `deploy.resources`; the size of `/dev/shm` is a mount (S41).
pub(crate) fn resources(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let Resources {
        cpu_limit,
        cpu_reservation,
        memory_limit,
        memory_reservation,
        memory_reserved_in_deploy,
        pids,
        pids_in_deploy: _,
        shm: _,
        storage,
        devices,
        generic,
        ulimits: _,
        tuning,
    } = &written.service.resources;
    let mut limits = Object::default();
    limits.put_opt("cpus", cpus(written, "deploy.resources.limits.cpus", cpu_limit.as_ref(), draft));
    limits.put_opt("memory", memory(written, "deploy.resources.limits.memory", memory_limit.as_ref(), draft));
    let pids = pids.as_ref().filter(|pids| pids.value > 0);
    limits.put_opt("pids", pids.map(|pids| Part::written(pids.value, "S37", pids.span)));

    let mut reservations = Object::default();
    let key = "deploy.resources.reservations.cpus";
    reservations.put_opt("cpus", cpus(written, key, cpu_reservation.as_ref(), draft));
    let key = "deploy.resources.reservations.memory";
    reservations.put_opt("memory", memory(written, key, memory_reservation.as_ref(), draft));
    if let Some(memory) = memory_reservation.as_ref().filter(|memory| memory.value > 0) {
        let size = quantities::size(memory.value);
        let message = format!("`{}` now needs a node with {size} of memory left", written.name);
        draft.report.add(
            if *memory_reserved_in_deploy { key } else { "mem_reservation" },
            approximated(SwarmCode::StackReservationSchedules, memory.span, message)
                .help("check that nodes have that much, or lower it"),
        );
    }
    reservations.put_opt("generic_resources", gpus::generic_resources(written, devices, generic, draft));

    if let Some(first) = storage.values().next() {
        let message = format!("`{}` has no limit on its storage in Swarm", written.name);
        draft.report.add(
            "storage_opt",
            dropped(BackendCode::StorageOptDropped, first.span, message)
                .help("set it in daemon.json of the nodes")
                .also_at(storage.values().skip(1).map(|option| option.span)),
        );
    }
    report_tuning(written, tuning, draft);

    let mut object = Object::default();
    object.put_opt("limits", limits.into_part());
    object.put_opt("reservations", reservations.into_part());
    object.into_part()
}

fn cpus(
    written: &Written<'_>,
    key: &str,
    value: Option<&Spanned<String>>,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let value = value?;
    let text = match quantities::cpus(&value.value) {
        Cpus::Unlimited => return None,
        Cpus::Text(text) => text,
        Cpus::Raised => {
            report_raised(written, key, value.span, "0.001 processors", draft);
            "0.001".to_owned()
        }
        Cpus::Invalid => {
            let message = format!("`{}`: `{}` is no number of processors", written.name, value.value);
            draft.report.add(
                key,
                dropped(SwarmCode::StackKeyDropped, value.span, message).help("write a number such as `0.5`"),
            );
            return None;
        }
    };
    Some(Part::written(text, "S37", value.span))
}

fn memory(
    written: &Written<'_>,
    key: &str,
    value: Option<&Spanned<i64>>,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    // Zero and -1 mean no limit.
    let value = value.filter(|value| value.value > 0)?;
    if value.value < LEAST_MEMORY {
        report_raised(written, key, value.span, "4M of memory", draft);
    }
    Some(Part::written(quantities::size(value.value.max(LEAST_MEMORY)), "S37", value.span))
}

fn report_raised(written: &Written<'_>, key: &str, span: Span, least: &str, draft: &mut Draft<'_, '_>) {
    let message = format!("`{}`: raised to {least}, the least that the engine takes", written.name);
    draft.report.add(
        key,
        approximated(SwarmCode::StackResourceMinimum, span, message)
            .help("write a value that is large enough, or drop it"),
    );
}

/// Writes `ulimits` of the service (S33).
pub(crate) fn ulimits(written: &Written<'_>) -> Option<Part> {
    Part::map(written.service.resources.ulimits.iter().map(|(name, ulimit)| {
        let Ulimit { span, soft, hard } = ulimit;
        let part = if soft == hard {
            Part::written(*soft, "S33", *span)
        } else {
            let mut object = Object::default();
            object.put("soft", Part::written(*soft, "S33", *span));
            object.put("hard", Part::written(*hard, "S33", *span));
            object.into_part_even_if_empty()
        };
        (name.clone(), part)
    }))
}

fn report_tuning(written: &Written<'_>, tuning: &Tuning, draft: &mut Draft<'_, '_>) {
    let Tuning {
        swap_limit,
        swappiness,
        weights,
        lone_period,
        no_quota,
        cpu_set,
        oom_kill_disable,
        oom_score,
    } = tuning;
    let name = written.name;
    if let Some(span) = no_quota {
        draft.report.already_default("cpu_quota", *span);
    }
    let single = [
        ("memswap_limit", swap_limit.as_ref().map(|limit| limit.span)),
        ("mem_swappiness", *swappiness),
        ("cpu_period", *lone_period),
        ("oom_score_adj", oom_score.as_ref().map(|score| score.span)),
    ];
    let mut found: Vec<(&str, Span)> =
        single.into_iter().filter_map(|(key, span)| Some((key, span?))).collect();
    found.extend(weights.iter().map(|weight| (weight.value.as_str(), weight.span)));
    if let Some((first, span)) = found.first() {
        let keys = listed(found.iter().map(|(key, _)| *key));
        let message = format!("`{name}` runs without {keys}: Swarm has no such setting");
        let finding = dropped(BackendCode::ResourceTuningDropped, *span, message)
            .help("`deploy.resources` has limits and reservations");
        let finding =
            found[1..].iter().fold(finding, |finding, (key, span)| finding.also(*span, format!("`{key}`")));
        draft.report.add(first, finding);
    }
    let isolation =
        [("cpuset", cpu_set.as_ref().map(|set| set.span)), ("oom_kill_disable", *oom_kill_disable)];
    for (key, span) in isolation {
        if let Some(span) = span {
            let message = format!("`{name}` runs without `{key}`: Swarm has no such setting");
            draft.report.add(
                key,
                dropped(BackendCode::ResourceIsolationDropped, span, message)
                    .help("`deploy.resources` has limits and reservations"),
            );
        }
    }
}
