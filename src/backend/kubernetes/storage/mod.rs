//! Volumes of pods and claims of the project: one file per subject.

pub(crate) mod access;
mod backing;
mod binds;
pub(crate) mod claims;
mod copy_up;
mod fate;
mod grants;
mod image_volumes;
mod mounted;
pub(crate) mod paths;
pub(crate) mod pod;
mod volume_hints;
mod well_known;

pub(crate) use claims::objects;

use crate::model::{Bind, MountSource, Project};

/// Returns the path of the host that a mount is of: written there, or what its volume is made from (N70).
pub(crate) fn bind_of<'a>(project: &'a Project, source: &'a MountSource) -> Option<&'a Bind> {
    match source {
        MountSource::Bind(bind) => Some(bind),
        MountSource::Volume(usage) => project.volumes.get(&usage.volume)?.bind.as_ref(),
        MountSource::Anonymous
        | MountSource::Tmpfs(_)
        | MountSource::Image { .. }
        | MountSource::NamedPipe(_)
        | MountSource::Cluster(_) => None,
    }
}
mod wishes;
