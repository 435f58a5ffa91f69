//! `deploy`: what the author wrote for Swarm goes through unchanged, defaults are never invented (S110).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::{Object, Part, text_map};
use super::placement::placement;
use super::plan::Written;
use super::quantities::duration;
use super::report::dropped;
use super::resources::resources;
use super::restart::{self, Mode, restart_policy};
use crate::backend::codes::BackendCode;
use crate::diag::Spanned;
use crate::model::{Endpoint, FailureAction, Order, Scale, Update};

/// Writes `deploy`, if anything goes into it.
pub(crate) fn deploy(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let service = written.service;
    let (mode, mode_span) = Mode::of(written);
    let mut object = Object::default();
    let rule = if mode.is_job() { "S60" } else { "S110" };
    object.put_opt("mode", mode.word().map(|word| Part::new(word, rule, mode_span)));
    let Scale { replicas, endpoint } = &service.scale;
    object.put_opt(
        "endpoint_mode",
        endpoint.as_ref().map(|endpoint| {
            let word = match endpoint.value {
                Endpoint::Vip => "vip",
                Endpoint::DnsRoundRobin => "dnsrr",
            };
            Part::written(word, "S110", endpoint.span)
        }),
    );
    object.put_opt("replicas", self::replicas(written, mode, replicas.as_ref(), draft));
    object.put_opt("labels", text_map(&service.identity.service_labels, "S23"));
    match &service.update {
        Some(update) if mode.is_job() => restart::report_job_update(written, update.span, draft),
        Some(update) => object.put("update_config", self::update(written, "update_config", update, draft)),
        None => {}
    }
    if let Some(rollback) = &service.rollback {
        object.put("rollback_config", self::update(written, "rollback_config", rollback, draft));
    }
    object.put_opt("resources", resources(written, draft));
    object.put_opt("restart_policy", restart_policy(written, mode, draft));
    object.put_opt("placement", placement(written, draft));
    object.into_part()
}

fn replicas(
    written: &Written<'_>,
    mode: Mode,
    replicas: Option<&Spanned<u64>>,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let replicas = replicas?;
    if !mode.is_per_node() {
        return Some(Part::written(replicas.value, "S36", replicas.span));
    }
    let message =
        format!("`{}` runs once on each node; {} replicas have no effect", written.name, replicas.value);
    draft.report.add(
        "deploy.replicas",
        dropped(BackendCode::ReplicasIgnoredInGlobal, replicas.span, message)
            .help("drop `replicas` or `mode`"),
    );
    None
}

/// Writes `update_config` or `rollback_config` as its author did, an empty one too.
fn update(written: &Written<'_>, key: &str, update: &Spanned<Update>, draft: &mut Draft<'_, '_>) -> Part {
    let Update { parallelism, delay, order, on_failure, monitor, max_failure_ratio } = &update.value;
    let mut object = Object::default();
    object.put_written("parallelism", "S110", parallelism.as_ref());
    let time = |time: &Option<Spanned<std::time::Duration>>| {
        time.as_ref().map(|time| Part::written(duration(time.value), "S110", time.span))
    };
    object.put_opt("delay", time(delay));
    object.put_opt("monitor", time(monitor));
    object.put_opt(
        "failure_action",
        on_failure.as_ref().map(|action| {
            let word = match action.value {
                FailureAction::Pause => "pause",
                FailureAction::Continue => "continue",
                FailureAction::Rollback => "rollback",
            };
            Part::written(word, "S110", action.span)
        }),
    );
    object.put_opt(
        "order",
        order.as_ref().map(|order| {
            let word = match order.value {
                Order::StopFirst => "stop-first",
                Order::StartFirst => "start-first",
            };
            Part::written(word, "S110", order.span)
        }),
    );
    match max_failure_ratio {
        Some(ratio) if (0.0..=1.0).contains(&ratio.value) => {
            object.put("max_failure_ratio", Part::written(ratio.value, "S110", ratio.span));
        }
        Some(ratio) => {
            let message =
                format!("`{}`: `max_failure_ratio` {} is not between 0 and 1", written.name, ratio.value);
            draft.report.add(
                &format!("deploy.{key}.max_failure_ratio"),
                dropped(SwarmCode::StackKeyDropped, ratio.span, message).help("write a share, such as `0.2`"),
            );
        }
        None => {}
    }
    if object.is_empty() {
        return Part::written(serde_json::Map::new(), "S110", update.span);
    }
    object.into_part_even_if_empty()
}
