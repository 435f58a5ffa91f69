//! What a container may use (K50 to K59). Legacy keys and `deploy.resources` are one value: loading refuses different ones.

use super::values::{by_name, count, filled, items, on, size};
use crate::compose::keys::devices::{self, Gpus};
use crate::compose::keys::key_values::StorageOptions;
use crate::compose::keys::resources::{self as keys, BlockIo};
use crate::compose::keys::scalar::{Flag, Number, Size, Text, Whole};
use crate::compose::keys::ulimits::{self, Ulimits};
use crate::diag::{Span, Spanned};
use crate::model::{DeviceCount, DeviceRequest, GenericResource, Resources, Tuning, Ulimit};

/// What the author wrote.
pub(super) struct Written {
    pub(super) deploy: Option<keys::Resources>,
    pub(super) cpus: Option<Number>,
    pub(super) cpu_quota: Option<Whole>,
    pub(super) cpu_period: Option<Whole>,
    pub(super) mem_limit: Option<Size>,
    pub(super) mem_reservation: Option<Size>,
    pub(super) pids_limit: Option<Whole>,
    pub(super) shm_size: Option<Size>,
    pub(super) storage_opt: Option<StorageOptions>,
    pub(super) gpus: Option<Gpus>,
    pub(super) ulimits: Option<Ulimits>,
    pub(super) tuning: WrittenTuning,
}

/// Keys without a counterpart outside Docker's own engine.
pub(super) struct WrittenTuning {
    pub(super) blkio_config: Option<BlockIo>,
    pub(super) cpu_count: Option<Whole>,
    pub(super) cpu_percent: Option<Number>,
    pub(super) cpu_rt_period: Option<Whole>,
    pub(super) cpu_rt_runtime: Option<Whole>,
    pub(super) cpu_shares: Option<Whole>,
    pub(super) cpuset: Option<Text>,
    pub(super) memswap_limit: Option<Size>,
    pub(super) mem_swappiness: Option<Size>,
    pub(super) oom_kill_disable: Option<Flag>,
    pub(super) oom_score_adj: Option<Whole>,
}

/// Period of the processor quota when none is written, in microseconds.
const DEFAULT_PERIOD: i64 = 100_000;

/// Finds the resources.
pub(super) fn resources(written: Written) -> Resources {
    let Written {
        deploy,
        cpus,
        cpu_quota,
        cpu_period,
        mem_limit,
        mem_reservation,
        pids_limit,
        shm_size,
        storage_opt,
        gpus,
        ulimits,
        tuning,
    } = written;
    let (limits, reservations) = match deploy {
        Some(keys::Resources { span: _, limits, reservations, extensions: _ }) => (limits, reservations),
        None => (None, None),
    };
    let (limit_cpus, limit_memory, limit_pids) = match limits {
        Some(keys::Limits { span: _, cpus, memory, pids, extensions: _ }) => (cpus, memory, pids),
        None => (None, None, None),
    };
    let (reserved_cpus, reserved_memory, devices, generic) = match reservations {
        Some(keys::Reserved { span: _, cpus, memory, devices, generic_resources, extensions: _ }) => {
            (cpus, memory, devices, generic_resources)
        }
        None => (None, None, None, None),
    };
    let cpu_limit = limit_cpus.or(cpus).map(|number| number.map(decimal));
    // A period says nothing without a quota, and a quota below one is none (K54).
    let limits = cpu_quota.as_ref().is_some_and(|quota| quota.value > 0);
    let lone_period = cpu_period.as_ref().filter(|_| !limits).map(|period| period.span);
    let no_quota = cpu_quota.as_ref().filter(|_| !limits).map(|quota| quota.span);
    let mut tuning = read_tuning(tuning, lone_period, no_quota);
    let quota = cpu_quota.and_then(|quota| of_quota(&quota, cpu_period.as_ref()));
    if let (Some(_), Some(quota)) = (&cpu_limit, &quota) {
        tuning.weights.push(Spanned::new("cpu_quota".to_owned(), quota.span));
    }
    let gpus = gpus.map(|gpus| gpus.0.items).unwrap_or_default();
    let devices = devices.map(|devices| devices.0.items).unwrap_or_default();
    Resources {
        cpu_limit: cpu_limit.or(quota),
        cpu_reservation: reserved_cpus.map(|number| number.map(decimal)),
        memory_limit: size(limit_memory.or(mem_limit)),
        memory_reserved_in_deploy: reserved_memory.is_some(),
        memory_reservation: size(reserved_memory.or(mem_reservation)),
        pids_in_deploy: limit_pids.is_some(),
        pids: limit_pids.or(pids_limit),
        shm: size(shm_size),
        storage: by_name(storage_opt.map(|options| options.0)),
        devices: gpus
            .into_iter()
            .map(|request| device_request(request, true))
            .chain(devices.into_iter().map(|request| device_request(request, false)))
            .collect(),
        generic: generic
            .map(|list| list.items.into_iter().filter_map(generic_resource).collect())
            .unwrap_or_default(),
        ulimits: ulimits
            .map(|limits| limits.0.entries)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, entry)| (name, ulimit(entry.value, entry.key)))
            .collect(),
        tuning,
    }
}

/// The shortest decimal text of a number, without exponent.
fn decimal(number: f64) -> String {
    number.to_string()
}

/// K54: a quota that is none limits nothing.
fn of_quota(quota: &Whole, period: Option<&Whole>) -> Option<Spanned<String>> {
    let period = period.map_or(0, |period| period.value);
    let period = if period > 0 { period } else { DEFAULT_PERIOD };
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a quota are far below 2^52")]
    let share = quota.value as f64 / period as f64;
    (quota.value > 0).then(|| Spanned::new(decimal(share), quota.span))
}

fn read_tuning(written: WrittenTuning, lone_period: Option<Span>, no_quota: Option<Span>) -> Tuning {
    let WrittenTuning {
        blkio_config,
        cpu_count,
        cpu_percent,
        cpu_rt_period,
        cpu_rt_runtime,
        cpu_shares,
        cpuset,
        memswap_limit,
        mem_swappiness,
        oom_kill_disable,
        oom_score_adj,
    } = written;
    let whole = |number: Option<Whole>| number.filter(|number| number.value != 0).map(|number| number.span);
    let mut weights: Vec<Spanned<String>> = [
        ("cpu_count", whole(cpu_count)),
        ("cpu_percent", cpu_percent.filter(|number| number.value != 0.0).map(|number| number.span)),
        ("cpu_rt_period", whole(cpu_rt_period)),
        ("cpu_rt_runtime", whole(cpu_rt_runtime)),
        ("cpu_shares", whole(cpu_shares)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some(Spanned::new(key.to_owned(), span?)))
    .collect();
    weights.extend(blkio_config.map(block_weights).unwrap_or_default());
    Tuning {
        swap_limit: size(memswap_limit),
        swappiness: mem_swappiness.map(|value| value.0.span),
        weights,
        lone_period,
        no_quota,
        cpu_set: filled(cpuset),
        oom_kill_disable: on(oom_kill_disable.as_ref()),
        oom_score: oom_score_adj,
    }
}

/// Each leaf of `blkio_config` that is written.
fn block_weights(written: BlockIo) -> Vec<Spanned<String>> {
    let BlockIo {
        span: _,
        weight,
        weight_device,
        device_read_bps,
        device_read_iops,
        device_write_bps,
        device_write_iops,
        extensions: _,
    } = written;
    [
        ("weight", weight.map(|weight| weight.span)),
        ("weight_device", weight_device.map(|list| list.span)),
        ("device_read_bps", device_read_bps.map(|list| list.span)),
        ("device_read_iops", device_read_iops.map(|list| list.span)),
        ("device_write_bps", device_write_bps.map(|list| list.span)),
        ("device_write_iops", device_write_iops.map(|list| list.span)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some(Spanned::new(format!("blkio_config.{key}"), span?)))
    .collect()
}

/// `gpus` means the capability `gpu`, written or not.
fn device_request(written: devices::DeviceRequest, graphics: bool) -> DeviceRequest {
    let devices::DeviceRequest {
        span,
        capabilities,
        driver,
        count: number,
        device_ids,
        options,
        extensions: _,
    } = written;
    let mut capabilities = items(capabilities);
    if graphics && !capabilities.iter().any(|capability| capability.value == "gpu") {
        capabilities.push(Text::new("gpu".to_owned(), span));
    }
    let count = match number.map(|number| number.0) {
        None => DeviceCount::Unset,
        // Loading puts `all` where neither a count nor ids are written.
        Some(number) if number.value < 0 && number.span == span && !graphics => DeviceCount::Unset,
        Some(number) if number.value < 0 => DeviceCount::All(number.span),
        Some(number) => count(Some(number)).map_or(DeviceCount::Unset, DeviceCount::Number),
    };
    DeviceRequest {
        span,
        in_gpus: graphics,
        driver: filled(driver),
        count,
        ids: items(device_ids),
        capabilities,
        options: by_name(options.map(|options| options.0)),
    }
}

fn generic_resource(written: keys::GenericResource) -> Option<GenericResource> {
    let keys::GenericResource { span: _, discrete_resource_spec, extensions: _ } = written;
    let keys::DiscreteResource { span, kind, value, extensions: _ } = discrete_resource_spec?;
    let value = value.unwrap_or_else(|| Spanned::new(0, span));
    Some(GenericResource { kind: filled(kind)?, value })
}

fn ulimit(written: ulimits::Ulimit, key: Span) -> Ulimit {
    match written {
        ulimits::Ulimit::Single(limit) => Ulimit { span: key, soft: limit.value, hard: limit.value },
        ulimits::Ulimit::Both(ulimits::SoftHard { span: _, soft, hard, extensions: _ }) => Ulimit {
            span: key,
            soft: soft.map_or(0, |soft| soft.value),
            hard: hard.map_or(0, |hard| hard.value),
        },
    }
}
