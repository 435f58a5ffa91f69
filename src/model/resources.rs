//! What a container may use. Legacy keys and `deploy.resources` are one value here; loading refuses different ones.

use std::collections::BTreeMap;

use crate::diag::{Span, Spanned};

/// Limits, reservations, devices, tuning.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// `limits.cpus`, `cpus`, or quota over period; in decimal text as written, such as `0.5`.
    pub cpu_limit: Option<Spanned<String>>,
    /// `reservations.cpus`, in decimal text.
    pub cpu_reservation: Option<Spanned<String>>,
    /// `limits.memory`, `mem_limit`; bytes.
    pub memory_limit: Option<Spanned<i64>>,
    /// `reservations.memory`, `mem_reservation`; bytes.
    pub memory_reservation: Option<Spanned<i64>>,
    /// `memory_reservation` stands in `deploy.resources.reservations`, not in `mem_reservation`.
    pub memory_reserved_in_deploy: bool,
    /// `limits.pids`, `pids_limit`.
    pub pids: Option<Spanned<i64>>,
    /// `pids` stands in `deploy.resources.limits`, not in `pids_limit`.
    pub pids_in_deploy: bool,
    /// `shm_size`; bytes.
    pub shm: Option<Spanned<i64>>,
    /// `storage_opt`.
    pub storage: BTreeMap<String, Spanned<String>>,
    /// `gpus` and `reservations.devices`.
    pub devices: Vec<DeviceRequest>,
    /// `reservations.generic_resources`.
    pub generic: Vec<GenericResource>,
    /// `ulimits`.
    pub ulimits: BTreeMap<String, Ulimit>,
    /// What tunes without isolating, by its Compose key.
    pub tuning: Tuning,
}

/// Keys without a counterpart outside Docker's own engine, kept for reports and for Swarm.
#[derive(Clone, Debug, Default)]
pub struct Tuning {
    /// `memswap_limit`; bytes, -1 unlimited.
    pub swap_limit: Option<Spanned<i64>>,
    /// `mem_swappiness`.
    pub swappiness: Option<Span>,
    /// `cpu_shares`, `cpu_count`, `cpu_percent`, `cpu_rt_period`, `cpu_rt_runtime`, `blkio_config` and its leaves.
    pub weights: Vec<Spanned<String>>,
    /// `cpu_period` without a quota.
    pub lone_period: Option<Span>,
    /// `cpu_quota` that limits nothing: zero, or -1.
    pub no_quota: Option<Span>,
    /// `cpuset`.
    pub cpu_set: Option<Spanned<String>>,
    /// `oom_kill_disable: true`.
    pub oom_kill_disable: Option<Span>,
    /// `oom_score_adj`.
    pub oom_score: Option<Spanned<i64>>,
}

/// One request for devices.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// Place of the request.
    pub span: Span,
    /// It stands in `gpus`, not in `deploy.resources.reservations.devices`.
    pub in_gpus: bool,
    /// `driver`.
    pub driver: Option<Spanned<String>>,
    /// `count`.
    pub count: DeviceCount,
    /// `device_ids`.
    pub ids: Vec<Spanned<String>>,
    /// `capabilities`.
    pub capabilities: Vec<Spanned<String>>,
    /// `options`.
    pub options: BTreeMap<String, Spanned<String>>,
}

/// `count` of a device request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceCount {
    /// Not written, and no ids: all.
    Unset,
    /// `all` or -1; place.
    All(Span),
    /// A number.
    Number(Spanned<u64>),
}

/// One generic resource.
#[derive(Clone, Debug)]
pub struct GenericResource {
    /// `kind`.
    pub kind: Spanned<String>,
    /// `value`.
    pub value: Spanned<i64>,
}

/// One ulimit.
#[derive(Clone, Debug)]
pub struct Ulimit {
    /// Place of the key.
    pub span: Span,
    /// Soft limit, -1 unlimited.
    pub soft: i64,
    /// Hard limit, -1 unlimited.
    pub hard: i64,
}
