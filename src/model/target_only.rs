//! What only one target, or none, can act on: kept for Swarm and for reports.

use std::collections::BTreeMap;

use super::{Content, ModelName, ServiceName};
use crate::diag::{Span, Spanned};

/// Keys that most targets report and leave out.
#[derive(Clone, Debug, Default)]
pub struct TargetOnly {
    /// `logging`.
    pub logging: Option<Logging>,
    /// `credential_spec`.
    pub credential_spec: Option<CredentialSpec>,
    /// `attach`.
    pub attach: Option<Spanned<bool>>,
    /// `develop`.
    pub develop: Option<Span>,
    /// `models`.
    pub models: Vec<ModelUse>,
    /// `provider`.
    pub provider: Option<Provider>,
    /// `volumes_from: container:…` of containers that no service names.
    pub foreign_mounts: Vec<Spanned<String>>,
    /// `volumes_from` of services that mount nothing, and of whose images nobody knows what they declare as volumes.
    pub unknown_mounts: Vec<Spanned<ServiceName>>,
}

/// `logging`.
#[derive(Clone, Debug)]
pub struct Logging {
    /// Place of the key.
    pub span: Span,
    /// `driver`.
    pub driver: Option<Spanned<String>>,
    /// `options`.
    pub options: BTreeMap<String, Spanned<String>>,
}

/// `credential_spec`.
#[derive(Clone, Debug)]
pub struct CredentialSpec {
    /// Place of the key.
    pub span: Span,
    /// `config`.
    pub config: Option<Spanned<String>>,
    /// `file`.
    pub file: Option<Spanned<String>>,
    /// What that file holds, where it lies with the project.
    pub file_content: Option<Content>,
    /// `registry`.
    pub registry: Option<Spanned<String>>,
}

/// One entry of a service's `models`, with the model it means.
#[derive(Clone, Debug)]
pub struct ModelUse {
    /// Key of the top-level model.
    pub name: ModelName,
    /// Place of the entry.
    pub span: Span,
    /// `model` of the top-level entry.
    pub model: Spanned<String>,
    /// `endpoint_var`.
    pub endpoint_variable: Option<Spanned<String>>,
    /// `model_var`.
    pub model_variable: Option<Spanned<String>>,
    /// `context_size` or `runtime_flags` was written.
    pub settings: Vec<Span>,
}

/// `provider`.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Place of the key.
    pub span: Span,
    /// `type`.
    pub kind: Spanned<String>,
}
