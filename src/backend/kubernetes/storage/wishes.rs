//! Hints on claims: those of the volume win, then those of a mount, then those of a service that mounts it (N120).

use super::access::{self, Claim, ClaimKey};
use crate::backend::kubernetes::plan::Plan;
use crate::diag::Spanned;
use crate::model::{Mount, MountHints, Quantity, Seed, Service, ServiceHints, VolumeHints};

/// Returns the nearest hint on a claim.
fn nearest<'p, T>(
    plan: &Plan<'p>,
    key: &ClaimKey<'_>,
    claim: &Claim<'p>,
    of_volume: impl Fn(&'p VolumeHints) -> Option<&'p Spanned<T>>,
    of_mount: impl Fn(&'p MountHints) -> Option<&'p Spanned<T>>,
    of_service: impl Fn(&'p ServiceHints) -> Option<&'p Spanned<T>>,
) -> Option<&'p Spanned<T>> {
    let users = || claim.users.keys().filter_map(|user| plan.project.services.get(*user));
    let is_of_claim = |mount: &&Mount| access::key_of(plan.project, &mount.source).as_ref() == Some(key);
    claim
        .volume
        .and_then(|volume| of_volume(&volume.hints))
        .or_else(|| {
            let mounts = users().flat_map(|service| &service.mounts).filter(is_of_claim);
            mounts.into_iter().find_map(|mount| of_mount(&mount.hints))
        })
        .or_else(|| users().find_map(|service| of_service(&service.hints)))
}

/// Returns the size that a hint gives to a claim (N64).
pub(super) fn size<'p>(
    plan: &Plan<'p>,
    key: &ClaimKey<'_>,
    claim: &Claim<'p>,
) -> Option<&'p Spanned<Quantity>> {
    nearest(
        plan,
        key,
        claim,
        |hints| hints.size.as_ref(),
        |hints| hints.size.as_ref(),
        |hints| hints.size.as_ref(),
    )
}

/// Returns the storage class that a hint gives to a claim; the project's is for all.
pub(super) fn class<'p>(
    plan: &Plan<'p>,
    key: &ClaimKey<'_>,
    claim: &Claim<'p>,
) -> Option<&'p Spanned<String>> {
    let near = nearest(
        plan,
        key,
        claim,
        |hints| hints.storage_class.as_ref(),
        |_| None,
        |hints| hints.storage_class.as_ref(),
    );
    near.or(plan.project.hints.storage_class.as_ref())
}

/// Returns the directory of a volume that a mount sees by a hint: the mount's own, the volume's, the service's.
pub(super) fn subpath(plan: &Plan<'_>, service: &Service, mount: &Mount) -> Option<String> {
    let of_volume = || {
        let crate::model::MountSource::Volume(usage) = &mount.source else { return None };
        plan.project.volumes.get(&usage.volume)?.hints.subpath.as_ref()
    };
    let hint = mount.hints.subpath.as_ref().or_else(of_volume).or(service.hints.subpath.as_ref());
    hint.map(|path| path.value.clone())
}

/// Returns what is said of filling a mount from the image; that of the volume speaks to the first user by name (N69).
pub(super) fn seed<'p>(plan: &Plan<'p>, service: &'p Service, mount: &'p Mount) -> Option<&'p Spanned<Seed>> {
    let of_volume = || {
        let crate::model::MountSource::Volume(usage) = &mount.source else { return None };
        let hint = plan.project.volumes.get(&usage.volume)?.hints.seed.as_ref()?;
        let first = plan.project.services.values().find(|user| {
            user.mounts.iter().any(|other| match &other.source {
                crate::model::MountSource::Volume(other) => other.volume == usage.volume,
                _ => false,
            })
        });
        (hint.value == Seed::None || first.is_some_and(|first| std::ptr::eq(first, service))).then_some(hint)
    };
    mount.hints.seed.as_ref().or_else(|| service.hints.seed.get(&mount.target.value)).or_else(of_volume)
}
