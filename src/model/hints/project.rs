//! Hints of the whole project: top-level `x-rcompose`, and the same keys in the settings file of the project (C12, D18).

use std::collections::BTreeMap;

use super::{AccessMode, Exposure, Json, PortInference, Quantity, Texts};
use crate::diag::{Span, Spanned};

/// Hints of the project. Those that a service can have as well are defaults for its services, and stand there too.
#[derive(Clone, Debug, Default)]
pub struct ProjectHints {
    /// `instance`: what objects are told apart by, in place of the project's name (N10, A13).
    pub instance: Option<Spanned<String>>,
    /// `namespace`: as `-n`.
    pub namespace: Option<Spanned<String>>,
    /// `storage-class` of claims.
    pub storage_class: Option<Spanned<String>>,
    /// `volume-size` of claims that say none.
    pub volume_size: Option<Spanned<Quantity>>,
    /// `access-mode` of claims.
    pub access_mode: Option<Spanned<AccessMode>>,
    /// `image-pull-secrets`.
    pub image_pull_secrets: Option<Texts>,
    /// `service-account`.
    pub service_account: Option<Spanned<String>>,
    /// `expose`.
    pub expose: Option<Spanned<Exposure>>,
    /// `tolerations`, as the API takes them.
    pub tolerations: Option<Spanned<Vec<Json>>>,
    /// `secret-store` (N93).
    pub secret_store: Option<Spanned<SecretStore>>,
    /// `overlays`: Compose files by the name of the overlay (N113).
    pub overlays: BTreeMap<String, Texts>,
    /// `chart` (N114).
    pub chart: Option<Spanned<Chart>>,
    /// `patches` (N121).
    pub patches: Vec<Patch>,
    /// `rewrite-names` (N4).
    pub rewrite_names: Option<Spanned<bool>>,
    /// `infer-ports` (N20).
    pub infer_ports: Option<Spanned<PortInference>>,
    /// `domain`: hosts are `<service>.<domain>` (N50).
    pub domain: Option<Spanned<String>>,
    /// `gateway-class` (N52).
    pub gateway_class: Option<Spanned<String>>,
    /// `api-server`: `CIDR:PORT` each (N46).
    pub api_server: Option<Texts>,
}

/// Where secrets are kept outside the cluster (N93).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretStore {
    /// `name`.
    pub name: Spanned<String>,
    /// `kind: ClusterSecretStore`; else `SecretStore`.
    pub cluster_wide: bool,
}

/// What a chart says of itself (N114).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// `version`.
    pub version: Option<Spanned<String>>,
    /// `app-version`.
    pub app_version: Option<Spanned<String>>,
    /// `description`.
    pub description: Option<Spanned<String>>,
}

/// A change of a finished object (N121).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Place of the entry.
    pub span: Span,
    /// `target.kind`.
    pub kind: Spanned<String>,
    /// `target.name`, without hash; in a service absent means its own objects.
    pub name: Option<Spanned<String>>,
    /// What is changed.
    pub change: PatchKind,
}

/// How a patch is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchKind {
    /// `json`: a list of operations (RFC 6902).
    Operations(Spanned<Json>),
    /// `merge`: a mapping that is laid over the object (RFC 7386).
    Merge(Spanned<Json>),
}
