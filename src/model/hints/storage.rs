//! Hints of volumes, mounts, networks, configs and secrets.

use std::collections::BTreeMap;

use super::{AccessMode, BindMode, NfsMode, Quantity, Seed, TextMap, Texts};
use crate::diag::Spanned;

/// Hints of a top-level volume.
#[derive(Clone, Debug, Default)]
pub struct VolumeHints {
    /// `size`.
    pub size: Option<Spanned<Quantity>>,
    /// `storage-class`.
    pub storage_class: Option<Spanned<String>>,
    /// `access-mode`.
    pub access_mode: Option<Spanned<AccessMode>>,
    /// `colocate`: all users on one node (N63).
    pub colocate: Option<Spanned<bool>>,
    /// `seed`.
    pub seed: Option<Spanned<Seed>>,
    /// `subpath` of each mount.
    pub subpath: Option<Spanned<String>>,
    /// `per-replica` (N71).
    pub per_replica: Option<Spanned<bool>>,
    /// `selector` of the disk that it wants.
    pub selector: TextMap,
    /// `nfs` (N70).
    pub nfs: Option<Spanned<NfsMode>>,
    /// `annotations`.
    pub annotations: TextMap,
}

/// Hints of one mount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MountHints {
    /// `bind`.
    pub bind: Option<Spanned<BindMode>>,
    /// `seed`.
    pub seed: Option<Spanned<Seed>>,
    /// `subpath`.
    pub subpath: Option<Spanned<String>>,
    /// `size`.
    pub size: Option<Spanned<Quantity>>,
}

/// `bind` of a service: for all paths of the host, or by target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BindHints {
    /// For all.
    pub all: Option<Spanned<BindMode>>,
    /// By path in the container, cleaned.
    pub by_target: BTreeMap<String, Spanned<BindMode>>,
}

/// `seed` of a service, by path in the container, cleaned.
pub type SeedHints = BTreeMap<String, Spanned<Seed>>;

/// Hints of a top-level network.
#[derive(Clone, Debug, Default)]
pub struct NetworkHints {
    /// `allow-from`: namespaces whose pods may reach it (N42).
    pub allow_from: Option<Texts>,
}

/// Hints of a top-level config or secret.
#[derive(Clone, Debug, Default)]
pub struct ContentHints {
    /// `key` inside an external object (N90).
    pub key: Option<Spanned<String>>,
    /// `remote` (N93).
    pub remote: Option<Spanned<RemoteSecret>>,
    /// `sensitive: true`: a config is kept as a secret.
    pub sensitive: Option<Spanned<bool>>,
}

/// Where a secret lies in its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSecret {
    /// `key`.
    pub key: Spanned<String>,
    /// `property`.
    pub property: Option<Spanned<String>>,
}
