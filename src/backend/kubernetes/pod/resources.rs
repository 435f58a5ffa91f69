//! Limits and requests of a container (K50 to K59).

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::extended;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::options::{Options, Requests};
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::{Report, listed, of_project};
use crate::backend::kubernetes::quantity::{self, MEBIBYTE};
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::{ResourceAmounts, Resources, Tuning, Ulimit};

/// Makes limits and requests of a container.
pub(crate) fn of_service(
    facts: &Facts<'_>,
    options: &Options,
    report: &mut Report<'_>,
) -> Option<Noted<ResourceRequirements>> {
    let Resources {
        cpu_limit: _,
        cpu_reservation: _,
        memory_limit,
        memory_reservation: _,
        memory_reserved_in_deploy: _,
        pids,
        pids_in_deploy,
        shm: _,
        storage: _,
        devices,
        generic,
        ulimits,
        tuning,
    } = &facts.service.resources;
    if let Some(pids) = pids.as_ref().filter(|pids| pids.value > 0) {
        report.dropped(
            KubernetesCode::PidsLimitDropped,
            if *pids_in_deploy { "deploy.resources.limits.pids" } else { "pids_limit" },
            pids.span,
            "is left out: the number of processes is limited by the node",
            "set `podPidsLimit` of the kubelet",
        );
    }
    report.all_dropped(
        KubernetesCode::UlimitsDropped,
        "ulimits",
        ulimits.values().map(|Ulimit { span, soft: _, hard: _ }| *span),
        &format!("is left out ({}): the node's runtime sets its own", listed(ulimits.keys())),
        "raise them in the entrypoint, or in the runtime of the nodes",
    );
    report_tuning(tuning, memory_limit.as_ref(), report);
    let bounds = bounds(facts, report);
    let extended = extended::of_service(devices, generic, &facts.service.kernel.devices, options, report);
    let mut extended: std::collections::BTreeMap<String, Noted<Quantity>> = extended.into_iter().collect();
    // What the author names stands for what the key would come to.
    extended.extend(facts.service.hints.device_resources.iter().map(|(name, count)| {
        (name.clone(), Noted::written(Quantity(count.value.to_string()), "K59", count.span))
    }));
    let mut notes = Notes::default();
    let requests =
        bounds.iter().filter_map(|bound| Some((bound.name.to_owned(), bound.request(options.requests)?)));
    let limits = bounds.iter().filter_map(|bound| Some((bound.name.to_owned(), bound.limit()?)));
    let resources = ResourceRequirements {
        limits: notes.map("limits", limits.chain(extended)),
        requests: notes.map("requests", requests),
        claims: None,
    };
    (resources != ResourceRequirements::default()).then(|| notes.on(resources))
}

/// Tells once a run which limits became requests too (K53).
pub(crate) fn report_requests(plan: &Plan<'_>, sink: &mut Sink) {
    let muted = &mut Sink::default();
    let limited: Vec<(&Facts<'_>, Span)> = plan
        .selected()
        .filter_map(|facts| {
            let bounds = bounds(facts, &mut Report::new(facts.name, muted));
            let bound = bounds.into_iter().find(|bound| bound.reservation.is_none())?;
            Some((facts, bound.limit.as_ref()?.span))
        })
        .collect();
    let Some((_, first)) = limited.first() else { return };
    let share = match plan.options.requests {
        Requests::Quarter => "a quarter of it",
        Requests::Limit => "all of it",
        Requests::Zero => "nothing",
    };
    let names = listed(limited.iter().map(|(facts, _)| facts.name.as_str()));
    let mut finding = of_project(
        KubernetesCode::RequestFromLimit,
        format!("a limit without a reservation requests {share}: {names}"),
    )
    .outcome(Outcome::Approximated)
    .at(*first)
    .help("write `deploy.resources.reservations`, or choose `--requests quarter|limit|zero`");
    for (_, span) in &limited[1..] {
        finding = finding.also(*span, "a limit alone");
    }
    sink.push(finding);
}

/// Limit and reservation of one resource, in its smallest unit.
struct Bound {
    name: &'static str,
    /// The key that reserves, where one does.
    reserved_by: &'static str,
    rules: (&'static str, &'static str),
    limit: Option<Spanned<i64>>,
    reservation: Option<Spanned<i64>>,
    /// What a derived request is rounded up to.
    step: i64,
    write: fn(i64) -> Quantity,
}

impl Bound {
    fn limit(&self) -> Option<Noted<Quantity>> {
        let limit = self.limit.as_ref()?;
        Some(Noted::written((self.write)(limit.value), self.rules.0, limit.span))
    }

    fn request(&self, requests: Requests) -> Option<Noted<Quantity>> {
        if let Some(reservation) = &self.reservation {
            return Some(Noted::written((self.write)(reservation.value), self.rules.1, reservation.span));
        }
        // Unset, the server would reserve the whole limit (K53).
        let limit = self.limit.as_ref()?;
        let share = match requests {
            Requests::Quarter => {
                let quarter = limit.value.div_euclid(4) + i64::from(limit.value % 4 > 0);
                let steps = quarter.div_euclid(self.step) + i64::from(quarter % self.step > 0);
                steps.saturating_mul(self.step).min(limit.value)
            }
            Requests::Limit => limit.value,
            Requests::Zero => 0,
        };
        Some(Noted::written((self.write)(share), "K53", limit.span))
    }
}

/// Returns what is limited or reserved, refusing reservations above their limit (K52).
fn bounds(facts: &Facts<'_>, report: &mut Report<'_>) -> Vec<Bound> {
    let resources = &facts.service.resources;
    let hinted = &facts.service.hints.requests;
    let cpus = |text: &Option<Spanned<String>>| {
        let text = text.as_ref()?;
        let milli = quantity::milli_cpus(text).filter(|milli| *milli > 0)?;
        Some(Spanned::new(milli, text.span))
    };
    let bytes = |bytes: &Option<Spanned<i64>>| bytes.clone().filter(|bytes| bytes.value > 0);
    let bounds = vec![
        Bound {
            name: "cpu",
            reserved_by: match hinted.cpu {
                Some(_) => "x-rcompose.requests.cpu",
                None => "deploy.resources.reservations.cpus",
            },
            rules: ("K50", "K52"),
            limit: cpus(&resources.cpu_limit),
            reservation: cpus(&resources.cpu_reservation),
            step: 1,
            write: quantity::cpu,
        },
        Bound {
            name: "ephemeral-storage",
            reserved_by: "x-rcompose.requests.ephemeral-storage",
            rules: ("K57", "K57"),
            limit: storage_hint(&facts.service.hints.limits).or_else(|| storage_size(facts, report)),
            reservation: storage_hint(hinted),
            step: MEBIBYTE,
            write: quantity::bytes,
        },
        Bound {
            name: "memory",
            reserved_by: match hinted.memory {
                Some(_) => "x-rcompose.requests.memory",
                None if resources.memory_reserved_in_deploy => "deploy.resources.reservations.memory",
                None => "mem_reservation",
            },
            rules: ("K51", "K52"),
            limit: bytes(&resources.memory_limit),
            reservation: bytes(&resources.memory_reservation),
            step: MEBIBYTE,
            write: quantity::bytes,
        },
    ];
    for bound in &bounds {
        if let (Some(limit), Some(reservation)) = (&bound.limit, &bound.reservation)
            && reservation.value > limit.value
        {
            let finding = report
                .finding(
                    KubernetesCode::ReservationAboveLimit,
                    bound.reserved_by,
                    reservation.span,
                    "is above the limit: such a container cannot exist",
                    "raise the limit, or reserve less",
                )
                .outcome(Outcome::Refused)
                .also(limit.span, "the limit");
            report.push(finding);
        }
    }
    bounds.into_iter().filter(|bound| bound.limit.is_some() || bound.reservation.is_some()).collect()
}

fn storage_hint(hints: &ResourceAmounts) -> Option<Spanned<i64>> {
    let hint = hints.ephemeral_storage.as_ref()?;
    Some(Spanned::new(quantity::in_bytes(&hint.value.0)?, hint.span))
}

/// Reads `storage_opt.size`; other options speak to one engine's driver (K57).
fn storage_size(facts: &Facts<'_>, report: &mut Report<'_>) -> Option<Spanned<i64>> {
    let mut size = None;
    for (option, value) in &facts.service.resources.storage {
        let key = format!("storage_opt.{option}");
        let bytes = (option == "size").then(|| quantity::docker_bytes(value)).flatten();
        if let Some(bytes) = bytes.filter(|bytes| *bytes > 0) {
            report.approximated(
                KubernetesCode::StorageOptApproximated,
                &key,
                value.span,
                "becomes a limit of ephemeral storage: a pod above it is evicted, where Docker's disk is full",
                "",
            );
            size = Some(Spanned::new(bytes, value.span));
        } else {
            report.dropped(
                BackendCode::StorageOptDropped,
                &key,
                value.span,
                "is left out: it speaks to the storage driver of one engine",
                "",
            );
        }
    }
    size
}

/// Reports what only Docker's own engine can tune (K54, K58).
fn report_tuning(tuning: &Tuning, memory_limit: Option<&Spanned<i64>>, report: &mut Report<'_>) {
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
    if let Some(swap) = swap_limit {
        // Pods have no swap by default: a swap limit that adds none is what happens anyway.
        if swap.value == 0 || memory_limit.is_some_and(|memory| memory.value == swap.value) {
            if swap.value != 0 {
                report.already_default("memswap_limit", swap.span);
            }
        } else {
            report_tuned("memswap_limit", swap.span, report);
        }
    }
    if let Some(span) = lone_period {
        report.already_default("cpu_period", *span);
    }
    if let Some(span) = no_quota {
        report.already_default("cpu_quota", *span);
    }
    if let Some(span) = swappiness {
        report_tuned("mem_swappiness", *span, report);
    }
    for key in weights {
        report_tuned(key, key.span, report);
    }
    if let Some(score) = oom_score {
        report_tuned("oom_score_adj", score.span, report);
    }
    let isolation =
        [("cpuset", cpu_set.as_ref().map(|set| set.span)), ("oom_kill_disable", *oom_kill_disable)];
    for (key, span) in isolation {
        if let Some(span) = span {
            report.dropped(
                BackendCode::ResourceIsolationDropped,
                key,
                span,
                "is left out: who runs where, and who dies when memory ends, is decided by the node",
                "whole processors: static CPU manager of the kubelet; memory: a reservation equal to the limit",
            );
        }
    }
}

fn report_tuned(key: &str, span: Span, report: &mut Report<'_>) {
    report.dropped(
        BackendCode::ResourceTuningDropped,
        key,
        span,
        "is left out: it tunes one engine, and the cluster has no field for it",
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    fn memory(limit: Option<i64>, reservation: Option<i64>) -> Bound {
        Bound {
            name: "memory",
            reserved_by: "mem_reservation",
            rules: ("K51", "K52"),
            limit: limit.map(at),
            reservation: reservation.map(at),
            step: MEBIBYTE,
            write: quantity::bytes,
        }
    }

    fn request(bound: &Bound, requests: Requests) -> Option<String> {
        bound.request(requests).map(|request| request.value.0)
    }

    #[test]
    fn a_limit_alone_requests_a_quarter_in_whole_units() {
        assert_eq!(request(&memory(Some(256 << 20), None), Requests::Quarter).as_deref(), Some("64Mi"));
        assert_eq!(request(&memory(Some(100_000_000), None), Requests::Quarter).as_deref(), Some("24Mi"));
        assert_eq!(request(&memory(Some(1000), None), Requests::Quarter).as_deref(), Some("1k"));
    }

    #[test]
    fn other_shares_can_be_chosen() {
        assert_eq!(request(&memory(Some(256 << 20), None), Requests::Limit).as_deref(), Some("256Mi"));
        assert_eq!(request(&memory(Some(256 << 20), None), Requests::Zero).as_deref(), Some("0"));
        assert_eq!(request(&memory(Some(256 << 20), Some(1 << 20)), Requests::Zero).as_deref(), Some("1Mi"));
    }
}
