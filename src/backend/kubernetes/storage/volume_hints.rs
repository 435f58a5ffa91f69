//! What is told of hints of volumes, and of options, that nothing can carry (N70, N120).

use super::backing::Backing;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Sink, Span};
use crate::model::codes::SharedCode;
use crate::model::{Volume, VolumeName};

/// Hints of a volume that its claim carries.
const OF_CLAIMS: &[&str] =
    &["size", "storage-class", "access-mode", "colocate", "per-replica", "selector", "annotations"];

/// The hint `nfs` speaks of directories of NFS servers only (N70).
pub(super) fn report_nfs(key: &VolumeName, volume: &Volume, backing: &Backing<'_>, sink: &mut Sink) {
    if let Some(hint) = &volume.hints.nfs
        && !matches!(backing, Backing::Nfs { .. } | Backing::Inline { .. } | Backing::Broken(_))
    {
        idle(key, "nfs", hint.span, "the volume is none of an NFS server", sink);
    }
}

fn idle(key: &VolumeName, hint: &str, span: Span, reason: &str, sink: &mut Sink) {
    let message = format!("hint `{hint}` of `volumes.{key}` has no effect: {reason}");
    let found = problem::of_project(SharedCode::HintNotApplicable, message).at(span);
    let path = format!("volumes.{key}.x-rcompose.{hint}");
    sink.push(found.outcome(Outcome::Dropped).path(path).help("remove it"));
}

/// Hints that speak of a claim, of a volume that is none.
pub(super) fn report_of_claims(key: &VolumeName, volume: &Volume, sink: &mut Sink) {
    for (hint, span) in volume.hints.written() {
        if OF_CLAIMS.contains(&hint) {
            idle(key, hint, span, "no claim is made for the volume", sink);
        }
    }
}

/// Options of a mount, where pods mount a directory of a server for themselves (N70).
pub(super) fn report_mount_options(
    key: &VolumeName,
    volume: &Volume,
    backing: &Backing<'_>,
    sink: &mut Sink,
) {
    let Backing::Inline { server: _, path: _, read_only: _, options } = backing else { return };
    let Some(place) = volume.driver.options.get("o").filter(|_| !options.is_empty()) else { return };
    let names = problem::listed(options.iter().map(String::as_str));
    let path = format!("volumes.{key}.driver_opts.o");
    let message = format!("{names} of `{path}` have no place in a pod and are left out");
    sink.push(
        problem::of_project(KubernetesCode::VolumeOptionDropped, message)
            .at(place.span)
            .path(path)
            .outcome(Outcome::Approximated)
            .help("without `nfs: inline` a PersistentVolume carries them"),
    );
}
