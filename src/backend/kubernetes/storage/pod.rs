//! Volumes and mounts of one pod (N60 to N62, N66, N67, N69, N82, N85, N91).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Volume, VolumeMount};

use crate::backend::kubernetes::content::Contents;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Plan, Pod};
use crate::diag::{Sink, Span};
use crate::model::ServiceName;

/// What a pod mounts.
#[derive(Default)]
pub(crate) struct PodStorage<'a> {
    /// Volumes, sorted by name. `shm` and `wait-token` are added by the pod template and give way to these names.
    pub(crate) volumes: Vec<Noted<Volume>>,
    /// By member what its container mounts and what fills it, for members that mount something.
    pub(crate) members: BTreeMap<&'a ServiceName, MemberStorage>,
}

/// What one container mounts.
#[derive(Default)]
pub(crate) struct MemberStorage {
    /// Mounts, sorted by path.
    pub(crate) mounts: Vec<Noted<VolumeMount>>,
    /// Init containers that fill its volumes (N67, N69), in order.
    pub(crate) seeds: Vec<Noted<Container>>,
    /// It mounts a claim that it may write: place of the first such mount (K71).
    pub(crate) writes_claim: Option<Span>,
    /// Group that configs and secrets ask for, where K71 sets none (N91).
    pub(crate) file_group: Option<Noted<i64>>,
}

/// Decides what a pod mounts.
pub(crate) fn of_pod<'a>(
    _plan: &Plan<'a>,
    _contents: &Contents<'a>,
    _pod: &Pod<'a, '_>,
    _sink: &mut Sink,
) -> PodStorage<'a> {
    PodStorage::default()
}
