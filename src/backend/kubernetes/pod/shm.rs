//! Shared memory of a container (K56).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, Volume, VolumeMount};

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Facts, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::quantity;
use crate::diag::{Sink, Spanned};
use crate::model::{Namespace, ServiceName};

/// Where it is mounted.
const PATH: &str = "/dev/shm";
/// What every runtime gives without being asked.
const USUAL_BYTES: i64 = 64 << 20;

/// Volumes of shared memory, and the mount of each member that uses one.
#[derive(Default)]
pub(crate) struct PodShm<'a> {
    /// The volumes.
    pub(crate) volumes: Vec<Noted<Volume>>,
    /// Mounts by member.
    pub(crate) mounts: BTreeMap<&'a ServiceName, Noted<VolumeMount>>,
}

/// Makes volumes of `shm_size`. `taken`: names of the pod's other volumes, which keep theirs. `mounts_there`: members
/// that mount something of their own at the path, which beats the size, as in the engine.
pub(crate) fn of_pod<'a>(
    pod: &Pod<'a, '_>,
    taken: &BTreeSet<String>,
    mounts_there: impl Fn(&ServiceName) -> bool,
    sink: &mut Sink,
) -> PodShm<'a> {
    let mut shm = PodShm::default();
    let mut taken = taken.clone();
    for member in &pod.members {
        let Some(size) = &member.service.resources.shm else { continue };
        let mut report = Report::new(member.name, sink);
        if !is_written(member, size, &mut report) {
            continue;
        }
        report_above_limit(member, "shm_size", size, &mut report);
        let users: Vec<&Facts<'a>> = pod
            .members
            .iter()
            .filter(|user| user.name == member.name || joins_ipc(user, member.name))
            .filter(|user| !mounts_there(user.name))
            .copied()
            .collect();
        if users.is_empty() {
            continue;
        }
        let name = if taken.contains("shm") {
            names::with_hash_of("shm", &format!("{}:{PATH}", member.name))
        } else {
            "shm".to_owned()
        };
        taken.insert(name.clone());
        let mount = VolumeMount { name: name.clone(), mount_path: PATH.to_owned(), ..VolumeMount::default() };
        let memory = EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: Some(quantity::bytes(size.value)),
        };
        let volume = Volume { name, empty_dir: Some(memory), ..Volume::default() };
        shm.volumes.push(Noted::written(volume, "K56", size.span));
        let mounts = users.iter().map(|user| (user.name, Noted::written(mount.clone(), "K56", size.span)));
        shm.mounts.extend(mounts);
    }
    shm
}

fn is_written(facts: &Facts<'_>, size: &Spanned<i64>, report: &mut Report<'_>) -> bool {
    if size.value <= 0 {
        return false;
    }
    if facts.is_windows() {
        report.linux_only("shm_size", Some(size.span));
        return false;
    }
    // The engine takes the shared memory of the host or of the joined container, whatever the size says.
    let has_anothers = facts.uses_host_ipc() || ipc_of(facts).is_some();
    if has_anothers || size.value == USUAL_BYTES {
        report.already_default("shm_size", size.span);
        return false;
    }
    true
}

/// Tells of memory for files that is more than the container may have (K56, N66).
pub(crate) fn report_above_limit(facts: &Facts<'_>, key: &str, size: &Spanned<i64>, report: &mut Report<'_>) {
    let limit = facts.service.resources.memory_limit.as_ref().filter(|limit| limit.value > 0);
    if limit.is_some_and(|limit| size.value > limit.value) {
        report.noted(
            KubernetesCode::ShmAboveMemoryLimit,
            key,
            size.span,
            "counts as memory of the container and is above its limit",
            "raise the memory limit",
        );
    }
}

fn joins_ipc(facts: &Facts<'_>, owner: &ServiceName) -> bool {
    ipc_of(facts) == Some(owner)
}

fn ipc_of<'a>(facts: &Facts<'a>) -> Option<&'a ServiceName> {
    match &facts.service.kernel.ipc {
        Some(Spanned { value: Namespace::Of(owner), span: _ }) => Some(owner),
        _ => None,
    }
}
