//! One service.

use super::{
    Dependency, Grant, Health, Identity, Image, Kernel, Lifecycle, Mount, Networking, Placement, Process,
    Published, Reach, Resources, Scale, Security, ServiceHints, TargetOnly, Update,
};
use crate::diag::{Span, Spanned};

/// What one Compose service means.
#[derive(Clone, Debug)]
pub struct Service {
    /// Place of the service's key.
    pub span: Span,
    /// Asked for, or needed by one that is (L43). The others are computed with and not written.
    pub selected: bool,
    /// What is run.
    pub image: Image,
    /// How it is started.
    pub process: Process,
    /// Kind of work, restart, stop, hooks.
    pub lifecycle: Lifecycle,
    /// When it counts as healthy.
    pub health: Health,
    /// How many.
    pub scale: Scale,
    /// How a new version replaces the old one.
    pub update: Option<Spanned<Update>>,
    /// How an old version comes back.
    pub rollback: Option<Spanned<Update>>,
    /// Where.
    pub placement: Placement,
    /// What it may use.
    pub resources: Resources,
    /// What it may do.
    pub security: Security,
    /// Namespaces, sysctls, devices.
    pub kernel: Kernel,
    /// What must be there before it, sorted by name.
    pub depends: Vec<Dependency>,
    /// Names and labels.
    pub identity: Identity,
    /// Published and exposed ports.
    pub ports: Published,
    /// Networks and names on them.
    pub network: Networking,
    /// What is mounted, in the author's order; `tmpfs` entries after `volumes`.
    pub mounts: Vec<Mount>,
    /// Configs granted to it.
    pub configs: Vec<Grant<super::ConfigName>>,
    /// Secrets granted to it.
    pub secrets: Vec<Grant<super::SecretName>>,
    /// Who names it, on which ports (N26, N27).
    pub reach: Reach,
    /// `x-rcompose` and label vocabularies.
    pub hints: Box<ServiceHints>,
    /// What only one target, or none, can act on.
    pub target_only: TargetOnly,
}
