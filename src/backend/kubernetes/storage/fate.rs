//! Which mounts of a service come to anything: what only shielded the files of an image from a mount of source code is
//! left out with that (N62).

use super::paths::is_at_or_below;
use crate::model::{BindDecision, Mount, MountSource, OmitReason, Service};

/// Tells whether a mount is left out because it only kept a mount of source code from hiding the image's files.
pub(super) fn only_shields(service: &Service, mount: &Mount) -> bool {
    let code = service.mounts.iter().filter(|other| match &other.source {
        MountSource::Bind(bind) => {
            matches!(bind.decision, BindDecision::Omitted(OmitReason::SourceCode { .. }))
        }
        _ => false,
    });
    let can = match &mount.source {
        MountSource::Anonymous | MountSource::Volume(_) => true,
        MountSource::Bind(_)
        | MountSource::Tmpfs(_)
        | MountSource::Image { .. }
        | MountSource::NamedPipe(_)
        | MountSource::Cluster(_) => false,
    };
    let targets: Vec<&str> = code.map(|mount| mount.target.value.as_str()).collect();
    can && targets.iter().any(|target| is_at_or_below(&mount.target.value, target))
}

/// Returns the mounts that something is made of or told about.
pub(super) fn kept(service: &Service) -> impl Iterator<Item = &Mount> {
    service.mounts.iter().filter(|mount| !only_shields(service, mount))
}
