//! Hints of one service and of its ports.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::{
    BindHints, Concurrency, Exposure, HintedKind, Json, Patch, PortInference, ProbeStyle, PullHint, Quantity,
    SeedHints, TextMap, Texts, TrafficPolicy, VolumeKind,
};
use crate::diag::{Span, Spanned};
use crate::model::{Environment, Test};

/// Hints of a service, by group as the vocabulary has them (N120).
#[derive(Clone, Debug, Default)]
pub struct ServiceHints {
    /// `kind`.
    pub kind: Option<Spanned<HintedKind>>,
    /// `schedule`, five fields.
    pub schedule: Option<Spanned<String>>,
    /// `time-zone` of the schedule.
    pub time_zone: Option<Spanned<String>>,
    /// `concurrency-policy`.
    pub concurrency: Option<Spanned<Concurrency>>,
    /// `completions`.
    pub completions: Option<Spanned<u32>>,
    /// `backoff-limit`.
    pub backoff_limit: Option<Spanned<u32>>,
    /// `name` of its objects; the Compose name resolves as well.
    pub name: Option<Spanned<String>>,
    /// `group`: services of one group run in one pod (K90).
    pub group: Option<Spanned<String>>,
    /// `replicas`.
    pub replicas: Option<Spanned<u32>>,
    /// `replicas` by `--replicas`: only where the file has none (C26).
    pub default_replicas: Option<Spanned<u32>>,
    /// `hpa`.
    pub autoscale: Option<Spanned<Autoscale>>,
    /// `pdb`.
    pub disruption: Option<Spanned<Disruption>>,
    /// `patches`.
    pub patches: Vec<Patch>,

    /// `image-pull-policy`.
    pub pull: Option<Spanned<PullHint>>,
    /// `image-pull-secrets`.
    pub image_pull_secrets: Option<Texts>,
    /// `stop-signal`.
    pub stop_signal: Option<Spanned<String>>,
    /// `environment`, over Compose's.
    pub environment: Environment,
    /// `secret-environment`: the Compose secret that gives each variable.
    pub secret_environment: TextMap,
    /// `sensitive`.
    pub sensitive: Option<Spanned<Sensitive>>,
    /// `init-containers`.
    pub init_containers: Vec<InitContainer>,
    /// `model-endpoints`: address by model.
    pub model_endpoints: TextMap,

    /// `liveness`.
    pub liveness: Option<Spanned<ProbeWish>>,
    /// `readiness`.
    pub readiness: Option<Spanned<ProbeWish>>,
    /// `startup`.
    pub startup: Option<Spanned<ProbeWish>>,
    /// `probes`.
    pub probes: Option<Spanned<ProbeStyle>>,

    /// `service-account`.
    pub service_account: Option<Spanned<String>>,
    /// `automount-token`.
    pub automount_token: Option<Spanned<bool>>,
    /// `fs-group`; 0 is none.
    pub fs_group: Option<Spanned<i64>>,
    /// `seccomp-profile`: a path on the node.
    pub seccomp_profile: Option<Spanned<String>>,
    /// `runtime-class`.
    pub runtime_class: Option<Spanned<String>>,

    /// `requests`.
    pub requests: ResourceAmounts,
    /// `limits`.
    pub limits: ResourceAmounts,
    /// `device-resources`: how many of each resource that a plugin offers.
    pub device_resources: BTreeMap<String, Spanned<u32>>,
    /// `tolerations`, as the API takes them.
    pub tolerations: Option<Spanned<Vec<Json>>>,
    /// `node`: the name of the one that it runs on.
    pub node: Option<Spanned<String>>,
    /// `constraints`, as in `deploy.placement`.
    pub constraints: Option<Texts>,
    /// `node-selector`.
    pub node_selector: TextMap,
    /// `priority-class`.
    pub priority_class: Option<Spanned<String>>,

    /// `expose`.
    pub expose: Option<Spanned<Exposure>>,
    /// `hosts`.
    pub hosts: Option<Spanned<Vec<HostRule>>>,
    /// `tls`.
    pub tls: Option<Spanned<Tls>>,
    /// `ingress-class`.
    pub ingress_class: Option<Spanned<String>>,
    /// `gateway`: the name of one that is there.
    pub gateway: Option<Spanned<String>>,
    /// `annotations` of what publishes it.
    pub annotations: TextMap,
    /// `node-port`.
    pub node_port: Option<Spanned<u16>>,
    /// `external-traffic-policy`.
    pub traffic_policy: Option<Spanned<TrafficPolicy>>,
    /// `host-port`: ports of host mode are opened on nodes.
    pub host_port: Option<Spanned<bool>>,
    /// `source-ranges`: who may reach what is published.
    pub source_ranges: Option<Texts>,
    /// `load-balancer-class`.
    pub load_balancer_class: Option<Spanned<String>>,
    /// `split-protocols`.
    pub split_protocols: Option<Spanned<bool>>,
    /// `publish-not-ready`.
    pub publish_not_ready: Option<Spanned<bool>>,
    /// `infer-ports`.
    pub infer_ports: Option<Spanned<PortInference>>,
    /// `host-gateway`.
    pub host_gateway: Option<Spanned<IpAddr>>,
    /// `dns-policy: none`; place.
    pub own_dns: Option<Span>,

    /// `bind`; acted on when binds were decided, kept for what it says of missing directories (N85).
    pub bind: BindHints,
    /// `seed`.
    pub seed: SeedHints,
    /// `volume-kind` of its named volumes.
    pub volume_kind: Option<Spanned<VolumeKind>>,
    /// `size` of its claims.
    pub size: Option<Spanned<Quantity>>,
    /// `storage-class` of its claims.
    pub storage_class: Option<Spanned<String>>,
    /// `subpath` of its claims.
    pub subpath: Option<Spanned<String>>,
}

/// Hints of one entry of `ports`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortHints {
    /// `expose`.
    pub expose: Option<Spanned<Exposure>>,
    /// `node-port`.
    pub node_port: Option<Spanned<u16>>,
    /// `hosts`.
    pub hosts: Option<Spanned<Vec<HostRule>>>,
}

/// A host, with or without a path: `shop.example.com/api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    /// Place of the entry.
    pub span: Span,
    /// The host as written; `None` where only a path is known (kompose's `service.expose.path`).
    pub host: Option<String>,
    /// The path, with its leading `/`.
    pub path: Option<String>,
}

/// Which certificate a host is served with (N53).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// `false`.
    Off,
    /// `true`: one that somebody makes for it.
    Issued,
    /// The Secret that holds it.
    Named(String),
    /// The controller's own: kompose's `tls-secret: true`.
    Default,
}

/// `hpa`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscale {
    /// `min`; absent is 1.
    pub min: Option<Spanned<u32>>,
    /// `max`.
    pub max: Option<Spanned<u32>>,
    /// `cpu`, in percent of the request.
    pub cpu: Option<Spanned<Percent>>,
    /// `memory`.
    pub memory: Option<Spanned<Share>>,
}

/// A number of hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub u32);

/// A part of the request, or an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// In percent.
    Percent(Percent),
    /// As it is.
    Amount(Quantity),
}

/// `pdb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disruption {
    /// `false`.
    Off,
    /// `true`: by the rule (K98).
    On,
    /// `min-available`: a number, or `70%`.
    MinAvailable(String),
    /// `max-unavailable`: a number, or `70%`.
    MaxUnavailable(String),
}

/// `sensitive` (N103).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sensitive {
    /// `false`: no value is; `true`: by the rule.
    All(bool),
    /// By variable; of the others by the rule.
    Variables(BTreeMap<String, bool>),
}

/// One entry of `init-containers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitContainer {
    /// Place of the entry.
    pub span: Span,
    /// `name`; absent: `init-<n>`.
    pub name: Option<Spanned<String>>,
    /// `image`.
    pub image: Spanned<String>,
    /// `command`.
    pub command: Vec<String>,
    /// `args`.
    pub arguments: Vec<String>,
    /// `environment`.
    pub environment: TextMap,
}

/// `liveness`, `readiness`, `startup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeWish {
    /// `false`: none.
    Off,
    /// `true`: by the rules.
    On,
    /// This one; what it leaves open is by the rules.
    With(Box<Probe>),
}

/// A probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub handler: Option<Spanned<ProbeHandler>>,
    /// `interval`.
    pub interval: Option<Spanned<Duration>>,
    /// `timeout`.
    pub timeout: Option<Spanned<Duration>>,
    /// `retries`.
    pub retries: Option<Spanned<u32>>,
    /// `start-period`.
    pub start_period: Option<Spanned<Duration>>,
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeHandler {
    /// `http`.
    Http {
        /// `path`; absent is `/`.
        path: Option<String>,
        /// `port`; absent: as the rules find one.
        port: Option<u16>,
        /// `scheme: HTTPS`.
        tls: bool,
        /// `host`: the `Host` header.
        host: Option<String>,
    },
    /// `tcp`.
    Tcp(u16),
    /// `grpc`.
    Grpc(u16),
    /// `exec`, or kompose's `test`.
    Command(Test),
}

/// `requests` and `limits`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceAmounts {
    /// `cpu`.
    pub cpu: Option<Spanned<Quantity>>,
    /// `memory`.
    pub memory: Option<Spanned<Quantity>>,
    /// `ephemeral-storage`.
    pub ephemeral_storage: Option<Spanned<Quantity>>,
}
