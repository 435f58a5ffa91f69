//! A place in a container and the volume behind it, before volumes of a pod have their names (N60).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, EmptyDirVolumeSource, HostPathVolumeSource, ImageVolumeSource, KeyToPath,
    NFSVolumeSource, PersistentVolumeClaimVolumeSource, SecretVolumeSource, Volume, VolumeMount,
};

use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::quantity;
use crate::diag::Span;
use crate::model::ServiceName;

/// What one container has at one place.
#[derive(Clone, Debug)]
pub(super) struct Mounted {
    /// The place, cleaned.
    pub(super) path: String,
    /// Path within the volume.
    pub(super) sub_path: Option<String>,
    /// The container may not write.
    pub(super) read_only: bool,
    /// `mountPropagation`.
    pub(super) propagation: Option<&'static str>,
    /// Mounts below it are read-only too, where the node can do that.
    pub(super) recursive_read_only: bool,
    /// The volume.
    pub(super) behind: Behind,
    /// Name of the volume, unless another one in the pod has it.
    pub(super) volume_name: String,
    /// Place of the entry.
    pub(super) span: Span,
    /// The rule that made it.
    pub(super) rule: &'static str,
}

/// What stands behind a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Behind {
    /// A claim.
    Claim(String),
    /// A `ConfigMap` or Secret.
    Content {
        /// It is a Secret.
        secret: bool,
        /// Its name.
        object: String,
        /// Which keys, under which paths; `None` is all under their keys.
        items: Option<Vec<KeyToPath>>,
        /// Unix mode of the files.
        mode: Option<i32>,
    },
    /// An empty directory of the pod.
    Empty,
    /// Memory of the pod, limited where a size is known.
    Memory(Option<i64>),
    /// A path of the node.
    Host {
        /// The path.
        path: String,
        /// What it must be.
        kind: Option<&'static str>,
    },
    /// The files of an image.
    Image(String),
    /// A directory of an NFS server.
    Nfs {
        /// Name or address of the server.
        server: String,
        /// Absolute path on it.
        path: String,
        /// Nobody may write.
        read_only: bool,
    },
}

impl Behind {
    /// Two mounts of one source in a pod are one volume; an empty directory belongs to one mount alone.
    const fn is_shared(&self) -> bool {
        match self {
            Self::Claim(_) | Self::Content { .. } | Self::Host { .. } | Self::Image(_) | Self::Nfs { .. } => {
                true
            }
            Self::Empty | Self::Memory(_) => false,
        }
    }

    fn volume(&self, name: String) -> Volume {
        let mut volume = Volume { name, ..Volume::default() };
        match self.clone() {
            Self::Claim(claim_name) => {
                volume.persistent_volume_claim =
                    Some(PersistentVolumeClaimVolumeSource { claim_name, read_only: None });
            }
            Self::Content { secret: false, object: name, items, mode: default_mode } => {
                volume.config_map = Some(ConfigMapVolumeSource { name, items, default_mode, optional: None });
            }
            Self::Content { secret: true, object, items, mode: default_mode } => {
                let secret_name = Some(object);
                volume.secret = Some(SecretVolumeSource { secret_name, items, default_mode, optional: None });
            }
            Self::Empty => volume.empty_dir = Some(EmptyDirVolumeSource::default()),
            Self::Memory(size) => {
                let size_limit = size.map(quantity::bytes);
                volume.empty_dir =
                    Some(EmptyDirVolumeSource { medium: Some("Memory".to_owned()), size_limit });
            }
            Self::Host { path, kind } => {
                volume.host_path = Some(HostPathVolumeSource { path, type_: kind.map(ToOwned::to_owned) });
            }
            Self::Image(reference) => {
                volume.image = Some(ImageVolumeSource { reference: Some(reference), pull_policy: None });
            }
            Self::Nfs { server, path, read_only } => {
                let read_only = read_only.then_some(true);
                volume.nfs = Some(NFSVolumeSource { server, path, read_only });
            }
        }
        volume
    }
}

/// Volumes of a pod by the places that need them.
pub(super) struct Named {
    /// The volumes, sorted by name.
    pub(super) volumes: Vec<Noted<Volume>>,
    /// Name of the volume at each place.
    names: BTreeMap<(ServiceName, String), String>,
}

/// Names the volumes of a pod: of two that would have one name the first by service and place keeps it (N60).
pub(super) fn name_volumes(members: &BTreeMap<&ServiceName, Vec<Mounted>>) -> Named {
    let mut known: Vec<(String, &Behind)> = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut volumes = Vec::new();
    let mut named = BTreeMap::new();
    for (service, mounts) in members {
        let mut mounts: Vec<&Mounted> = mounts.iter().collect();
        mounts.sort_by(|one, other| one.path.cmp(&other.path));
        for mount in mounts {
            let shared = known.iter().find(|(_, behind)| behind.is_shared() && **behind == mount.behind);
            let name = if let Some((name, _)) = shared {
                name.clone()
            } else {
                let wanted = &mount.volume_name;
                let place = format!("{service}:{}", mount.path);
                let name =
                    if taken.contains(wanted) { names::with_hash_of(wanted, &place) } else { wanted.clone() };
                taken.insert(name.clone());
                known.push((name.clone(), &mount.behind));
                volumes.push(Noted::written(mount.behind.volume(name.clone()), mount.rule, mount.span));
                name
            };
            named.insert(((*service).clone(), mount.path.clone()), name);
        }
    }
    volumes.sort_by(|one, other| one.value.name.cmp(&other.value.name));
    Named { volumes, names: named }
}

impl Named {
    /// Returns the name of the volume at a place.
    pub(super) fn at(&self, service: &ServiceName, path: &str) -> String {
        self.names.get(&(service.clone(), path.to_owned())).cloned().unwrap_or_default()
    }
}

impl Mounted {
    /// Writes the mount.
    pub(super) fn mount(&self, volume: String) -> Noted<VolumeMount> {
        let value = VolumeMount {
            name: volume,
            mount_path: self.path.clone(),
            sub_path: self.sub_path.clone(),
            read_only: self.read_only.then_some(true),
            mount_propagation: self.propagation.map(ToOwned::to_owned),
            recursive_read_only: self.recursive_read_only.then(|| "IfPossible".to_owned()),
            sub_path_expr: None,
        };
        Noted::written(value, self.rule, self.span)
    }
}

/// Makes a name of a volume from its kind and a source, or from the place where the source has no name (N60).
pub(super) fn volume_name(kind: &str, source: &str, path: &str) -> String {
    let base = match super::paths::base_name(source) {
        "" => super::paths::base_name(path),
        base => base,
    };
    names::label_between(&format!("{kind}-"), base, "")
}
