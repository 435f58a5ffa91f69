//! Files of an image in a volume: those that Docker copies into a new one (N69), those of an image that is mounted (N67).

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, SecurityContext, VolumeMount};

use super::access;
use super::fate;
use super::well_known::{self, ImageFiles};
use super::wishes;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::{self, Report};
use crate::diag::{Outcome, Severity, Sink, Span};
use crate::model::{Mount, MountSource, VolumeUse};

/// Where a seed container mounts the volume that it fills.
const SEED: &str = "/rcompose-seed";

/// Tells of new volumes that stay empty here: each that hides files for sure, and once all that might.
pub(super) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    let mut unknown: Vec<(String, Span)> = Vec::new();
    for facts in plan.selected() {
        let open = |mount: &&Mount| {
            is_filled_by_docker(plan, mount) && wishes::seed(plan, facts.service, mount).is_none()
        };
        for mount in fate::kept(facts.service).filter(open) {
            let target = &mount.target.value;
            match well_known::files_at(facts.service, mount) {
                ImageFiles::Some => {
                    let fact = format!(
                        "mount a new volume at `{target}`, where the image holds files: it stays empty"
                    );
                    let help =
                        "let the program fill it at its start, or mount it where the image holds nothing";
                    let code = KubernetesCode::VolumeContentNotCopied;
                    let mut report = Report::new(facts.name, sink);
                    let found = report.finding(code, "volumes", mount.span, &fact, help);
                    report.push(found.severity(Severity::Warning).outcome(Outcome::Dropped));
                }
                // Without a name only what is known to be hidden is worth a word.
                ImageFiles::Unknown if matches!(mount.source, MountSource::Volume(_)) => {
                    let refuses = well_known::refuses_lost_and_found(facts.service, target);
                    if !refuses {
                        unknown.push((format!("`{target}` of `{}`", facts.name), mount.span));
                    }
                }
                ImageFiles::Unknown | ImageFiles::None => {}
            }
        }
    }
    let Some(((_, first), others)) = unknown.split_first() else { return };
    let listed: Vec<&str> = unknown.iter().map(|(place, _)| place.as_str()).collect();
    let message =
        format!("new volumes are not filled with what images may hold there: {}", listed.join(", "));
    let found = problem::of_project(KubernetesCode::VolumeContentNotCopied, message)
        .at(*first)
        .outcome(Outcome::Dropped)
        .help("Docker does so; let the program fill them at its start if it needs these files");
    sink.push(found.also_at(others.iter().map(|(_, span)| *span)));
}

/// Docker fills volumes of its own, named or not, unless told otherwise.
fn is_filled_by_docker(plan: &Plan<'_>, mount: &Mount) -> bool {
    match &mount.source {
        MountSource::Anonymous => true,
        MountSource::Volume(VolumeUse { no_copy, subpath, .. }) => {
            let key = access::key_of(plan.project, &mount.source);
            let claim = key.and_then(|key| plan.claims.by_key.get(&key));
            no_copy.is_none() && subpath.is_none() && claim.is_some_and(|claim| !claim.external)
        }
        MountSource::Bind(_)
        | MountSource::Tmpfs(_)
        | MountSource::Image { .. }
        | MountSource::NamedPipe(_)
        | MountSource::Cluster(_) => false,
    }
}

/// Makes the container that copies the files of an image into an empty directory (N67).
pub(super) fn seed(
    volume: &str,
    image: &str,
    subpath: Option<&str>,
    taken: &mut BTreeSet<String>,
    context: Option<SecurityContext>,
    span: Span,
) -> Noted<Container> {
    let wanted = names::label_between("seed-", volume, "");
    let name = if taken.insert(wanted.clone()) { wanted } else { names::with_hash_of(&wanted, volume) };
    let script = subpath.map_or_else(copy_all, copy_below);
    let mount =
        VolumeMount { name: volume.to_owned(), mount_path: SEED.to_owned(), ..VolumeMount::default() };
    let container = Container {
        name,
        image: Some(image.to_owned()),
        command: Some(vec!["/bin/sh".to_owned(), "-c".to_owned()]),
        args: Some(vec![script]),
        security_context: context,
        volume_mounts: Some(vec![mount]),
        ..Container::default()
    };
    Noted::written(container, "N67", span)
}

/// Copies all that the image holds, but for what the runtime makes and the volume itself.
fn copy_all() -> String {
    format!(
        "for f in /* /.[!.]*; do case \"$f\" in /proc|/sys|/dev|{SEED}) ;; \
         *) [ ! -e \"$f\" ] || cp -a \"$f\" {SEED}/ || exit 1;; esac; done"
    )
}

/// Copies a directory of the image once, and again after a copy that broke off (N69).
fn copy_below(subpath: &str) -> String {
    let target = super::paths::clean(subpath).replace('\'', r"'\''");
    format!(
        "[ -d '{target}' ] || exit 0\n\
         d={SEED}; if [ ! -e $d/.rcompose-seeding ]; then for f in $d/* $d/.[!.]*; do case \"$f\" in \
         */lost+found) ;; *) [ -e \"$f\" ] && exit 0;; esac; done; fi\n\
         : > $d/.rcompose-seeding && cp -a '{target}/.' $d/ && rm $d/.rcompose-seeding\n"
    )
}

/// Tells that the files are copied, and what that takes.
pub(super) fn report_copied(facts: &Facts<'_>, mount: &Mount, image: &str, sink: &mut Sink) {
    let fact = format!(
        "mount the image `{image}`: its files are copied when the pod starts, which takes `sh` and `cp`"
    );
    let help = "`--feature image-volume`, or a `--kube-version` that mounts images";
    Report::new(facts.name, sink).approximated(
        KubernetesCode::VolumeImageCopied,
        "volumes",
        mount.span,
        &fact,
        help,
    );
}
