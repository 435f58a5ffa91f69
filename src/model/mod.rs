//! The project as meant: plain data, between what Compose spells and what targets write.
//!
//! Every leaf that a user wrote carries its [`Span`](crate::diag::Span). No serde, no YAML, no Kubernetes, no I/O: what a
//! backend must know of the world (bind sources, Dockerfiles) was read once by `normalise` and lies here as bytes.
//! Backends take these structs apart field by field, without `..`, so that a new field stops the build wherever somebody
//! must decide.

mod build;
pub mod codes;
mod depends;
mod file;
mod health;
mod hints;
mod identity;
mod lifecycle;
mod name;
mod network;
mod port;
mod process;
mod project;
mod reach;
mod resources;
mod scale;
mod security;
mod service;
mod storage;
mod target_only;

pub use build::{Build, CopiedPath, ExposedPort, Image, ImageFacts, Platform, PullPolicy};
pub use depends::{Condition, Dependency};
pub use file::{File, Tree};
pub use health::{Check, Health, Test, Timing};
pub use hints::{
    AccessMode, Autoscale, BindHints, BindMode, Chart, Concurrency, ContentHints, Disruption, Exposure,
    HintedKind, HostRule, InitContainer, Json, MountHints, NetworkHints, NfsMode, Patch, PatchKind, Percent,
    PortHints, PortInference, Probe, ProbeHandler, ProbeStyle, ProbeWish, ProjectHints, PullHint, Quantity,
    RemoteSecret, ResourceAmounts, SecretStore, Seed, SeedHints, Sensitive, ServiceHints, Share, TextMap,
    Texts, Tls, TrafficPolicy, VolumeHints, VolumeKind, Written as WrittenHint,
};
pub use identity::{Identity, Metadata};
pub use lifecycle::{Hook, Kind, Lifecycle, Restart, RestartWhen};
pub use name::{ConfigName, ModelName, NetworkName, ProjectName, SecretName, ServiceName, VolumeName};
pub use network::{
    AddressPool, Alias, AliasOrigin, Attachment, Dns, ExtraHost, HostAddress, Network, NetworkMode,
    Networking,
};
pub use port::{Exposed, HostIp, PortMode, Protocol, Published, PublishedPort};
pub use process::{Environment, EnvironmentValue, Process, Words};
pub use project::{NameSource, PodGroup, Project};
pub use reach::{FoundBy, FoundPort, Mention, Reach};
pub use resources::{DeviceCount, DeviceRequest, GenericResource, Resources, Tuning, Ulimit};
pub use scale::{Constraint, ConstraintSubject, Endpoint, FailureAction, Order, Placement, Scale, Update};
pub use security::{Device, Kernel, Namespace, Security, SecurityOption, User};
pub use service::Service;
pub use storage::{
    Bind, BindDecision, BindPath, Config, Content, Grant, Mount, MountSource, OmitReason, Secret, Tmpfs,
    UnclearReason, Volume, VolumeDriver, VolumeUse,
};
pub use target_only::{CredentialSpec, Logging, ModelUse, Provider, TargetOnly};
