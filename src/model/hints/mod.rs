//! What users tell rcompose itself: `x-rcompose`, the labels of kompose, flags that stand for hints (N120, N122, C26).
//!
//! One struct per place where hints stand. Which of several writings counts is decided before (`normalise`): each hint is
//! here at most once, with the place of the one that won. Knows no target: which of them act is the backends' to say.

mod project;
mod service;
mod storage;
mod words;
mod written;

pub use project::{Chart, Patch, PatchKind, ProjectHints, SecretStore};
pub use service::{
    Autoscale, Disruption, HostRule, InitContainer, Percent, PortHints, Probe, ProbeHandler, ProbeWish,
    ResourceAmounts, Sensitive, ServiceHints, Share, Tls,
};
pub use storage::{BindHints, ContentHints, MountHints, NetworkHints, RemoteSecret, SeedHints, VolumeHints};
pub use words::{
    AccessMode, BindMode, Concurrency, Exposure, HintedKind, NfsMode, PortInference, ProbeStyle, PullHint,
    Seed, TrafficPolicy, VolumeKind,
};

pub use written::Written;

use crate::diag::Spanned;

/// A Kubernetes quantity as its author wrote it, such as `250m`, `1.5Gi`, `100`: checked, not converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity(pub String);

/// A value of free form, such as a toleration: JSON text, keys sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub String);

/// Texts in the author's order, with the place of the list.
pub type Texts = Spanned<Vec<Spanned<String>>>;

/// Texts by name.
pub type TextMap = std::collections::BTreeMap<String, Spanned<String>>;
