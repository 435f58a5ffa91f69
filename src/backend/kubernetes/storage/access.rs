//! Claims of the project: who uses them, how many pods at once, under which name (N61, N63, N72, N83).

use std::collections::{BTreeMap, BTreeSet};

use super::backing::{self, Backing};
use super::{fate, well_known};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::autoscaler;
use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::plan::{Plan, Pod, running};
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Sink, Span};
use crate::model::{
    AccessMode, Bind, BindDecision, BindPath, MountSource, Project, Service, ServiceName, Volume, VolumeName,
};

/// What a claim is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClaimKey<'a> {
    /// A volume of the project.
    Volume(&'a VolumeName),
    /// A cluster volume that the project does not declare.
    Cluster(&'a str),
    /// A directory that is mounted for its data.
    Directory(&'a BindPath),
}

/// One claim.
#[derive(Clone, Debug)]
pub(crate) struct Claim<'a> {
    /// Its name in the cluster.
    pub(crate) name: String,
    /// Place of the volume's key, of a directory the first mount.
    pub(crate) span: Span,
    /// The volume, where it is one of the project.
    pub(crate) volume: Option<&'a Volume>,
    /// It must exist.
    pub(crate) external: bool,
    /// Services that mount it, with the place of their first mount.
    pub(crate) users: BTreeMap<&'a ServiceName, Span>,
    /// How many pods mount it at once.
    pub(crate) pods: Pods,
    /// All mounts see a directory of it, since its root is not empty (N72).
    pub(crate) below_root: bool,
}

/// How many pods mount a claim at once (N63).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pods {
    /// One, which has to end before the next one starts.
    One,
    /// One each: every replica of a `StatefulSet` has its own claim (N71).
    PerReplica,
    /// Several on one node, by hint.
    OneNode,
    /// Several, on nodes of their own.
    Several,
    /// Any number: what stands behind it lets them.
    Any,
}

/// Claims of the project.
#[derive(Default)]
pub(crate) struct Claims<'a> {
    /// Services that use a claim which one pod alone may mount: their update must stop the old pod first (K32).
    pub(crate) single_writers: BTreeSet<ServiceName>,
    /// By what they are made for.
    pub(crate) by_key: BTreeMap<ClaimKey<'a>, Claim<'a>>,
}

/// Decides access modes.
pub(crate) fn of_volumes<'a>(
    project: &'a Project,
    kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    sink: &mut Sink,
) -> Claims<'a> {
    let mut by_key: BTreeMap<ClaimKey<'a>, Claim<'a>> = BTreeMap::new();
    let mut own_paths: BTreeSet<ClaimKey<'a>> = BTreeSet::new();
    for (name, service) in running(project) {
        for mount in fate::kept(service) {
            let Some(key) = key_of(project, &mount.source) else { continue };
            let claim = by_key.entry(key).or_insert_with(|| new_claim(project, key, mount.span));
            claim.users.entry(name).or_insert(mount.span);
            claim.below_root |= well_known::refuses_lost_and_found(service, &mount.target.value);
            if matches!(&mount.source, MountSource::Volume(usage) if usage.subpath.is_some()) {
                own_paths.insert(key);
            }
        }
    }
    // A template has no dots in its name, so two volumes could come to one.
    let mut template_names: BTreeMap<String, usize> = BTreeMap::new();
    for volume in project.volumes.keys() {
        *template_names.entry(names::label(volume.as_str())).or_default() += 1;
    }
    let mut single_writers = BTreeSet::new();
    for (key, claim) in &mut by_key {
        let on_server = claim.volume.map(backing::of_volume).is_some_and(|backing| is_on_server(&backing));
        claim.below_root &= !claim.external && !on_server && !own_paths.contains(key);
        let per_replica = !on_server && is_per_replica(project, kinds, &template_names, key, claim);
        let colocate = claim.volume.and_then(|volume| volume.hints.colocate.as_ref());
        let colocate = colocate.is_some_and(|colocate| colocate.value);
        let wide = access_hint(project, claim)
            .is_some_and(|mode| matches!(mode, AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany));
        claim.pods = if on_server || wide || claim.volume.is_some_and(backing::is_for_several_nodes) {
            Pods::Any
        } else if per_replica {
            Pods::PerReplica
        } else if pods(project, kinds, claim.users.keys().copied()) > 1 {
            if colocate { Pods::OneNode } else { Pods::Several }
        } else {
            Pods::One
        };
        if matches!(claim.pods, Pods::One | Pods::PerReplica | Pods::OneNode) {
            let owners = claim.users.keys().map(|user| owner(project, user));
            single_writers.extend(claim.users.keys().copied().chain(owners).cloned());
        }
    }
    report_equal_names(project, &by_key, sink);
    Claims { single_writers, by_key }
}

/// Returns the claims that members of a pod mount.
pub(crate) fn of_pod<'p, 'a>(
    plan: &'p Plan<'a>,
    pod: &Pod<'a, '_>,
) -> BTreeMap<&'p ClaimKey<'a>, &'p Claim<'a>> {
    let mounts = pod.members.iter().flat_map(|member| fate::kept(member.service));
    let keys = mounts.filter_map(|mount| key_of(plan.project, &mount.source));
    keys.filter_map(|key| plan.claims.by_key.get_key_value(&key)).collect()
}

/// Returns the access mode that a hint gives to a claim.
pub(crate) fn access_hint(project: &Project, claim: &Claim<'_>) -> Option<AccessMode> {
    let own = claim.volume.and_then(|volume| volume.hints.access_mode.as_ref());
    own.or(project.hints.access_mode.as_ref()).filter(|_| !claim.external).map(|mode| mode.value)
}

/// A writable volume of one `StatefulSet` alone is one of each replica's, unless a hint says otherwise (N71).
fn is_per_replica(
    project: &Project,
    kinds: &BTreeMap<&ServiceName, WorkloadKind>,
    template_names: &BTreeMap<String, usize>,
    key: &ClaimKey<'_>,
    claim: &Claim<'_>,
) -> bool {
    let ClaimKey::Volume(volume) = key else { return false };
    let mut users = claim.users.keys();
    let (Some(user), None) = (users.next(), users.next()) else { return false };
    let shared =
        claim.volume.and_then(|volume| volume.hints.per_replica.as_ref()).is_some_and(|hint| !hint.value);
    let writes = project.services.get(*user).is_some_and(|service| {
        service.mounts.iter().any(|mount| {
            matches!(&mount.source, MountSource::Volume(usage) if usage.volume == **volume)
                && mount.read_only.is_none()
        })
    });
    let legal = template_names.get(&names::label(volume.as_str())).is_none_or(|volumes| *volumes <= 1);
    !shared
        && writes
        && legal
        && !claim.external
        && kinds.get(owner(project, user)) == Some(&WorkloadKind::StatefulSet)
}

/// Returns what a mount's claim is made for, if it is of a claim.
pub(crate) fn key_of<'a>(project: &'a Project, source: &'a MountSource) -> Option<ClaimKey<'a>> {
    match source {
        MountSource::Volume(usage) => match backing::of_volume(project.volumes.get(&usage.volume)?) {
            Backing::Memory { .. } | Backing::Inline { .. } => None,
            Backing::Path(bind) => key_of_bind(bind),
            Backing::External(_)
            | Backing::Claim
            | Backing::Nfs { .. }
            | Backing::Share { .. }
            | Backing::Broken(_) => Some(ClaimKey::Volume(&usage.volume)),
        },
        MountSource::Cluster(name) => Some(match project.volumes.get_key_value(name.value.as_str()) {
            Some((key, _)) => ClaimKey::Volume(key),
            None => ClaimKey::Cluster(&name.value),
        }),
        MountSource::Bind(bind) => key_of_bind(bind),
        MountSource::Anonymous
        | MountSource::Tmpfs(_)
        | MountSource::Image { .. }
        | MountSource::NamedPipe(_) => None,
    }
}

/// A directory with data is a claim (N83).
fn key_of_bind(bind: &Bind) -> Option<ClaimKey<'_>> {
    matches!(bind.decision, BindDecision::Data { .. }).then_some(ClaimKey::Directory(&bind.path))
}

fn new_claim<'a>(project: &'a Project, key: ClaimKey<'a>, mounted: Span) -> Claim<'a> {
    let (name, span, volume, external) = match key {
        ClaimKey::Volume(key) => {
            let volume = project.volumes.get(key);
            let written = volume.and_then(|volume| volume.written_name.as_ref());
            let name = written.map_or(key.as_str(), |name| name.value.as_str());
            let external = volume.is_some_and(|volume| volume.external.is_some());
            let limit = if external { names::SUBDOMAIN_LIMIT } else { names::LABEL_LIMIT };
            (names::subdomain(name, limit), volume.map_or(mounted, |volume| volume.span), volume, external)
        }
        ClaimKey::Cluster(name) => (names::subdomain(name, names::SUBDOMAIN_LIMIT), mounted, None, true),
        ClaimKey::Directory(BindPath::Project(path) | BindPath::Host(path)) => {
            (names::label_between("bind-", path, ""), mounted, None, false)
        }
    };
    Claim { name, span, volume, external, users: BTreeMap::new(), pods: Pods::One, below_root: false }
}

fn is_on_server(backing: &Backing<'_>) -> bool {
    match backing {
        Backing::Nfs { .. } | Backing::Share { .. } => true,
        Backing::External(_)
        | Backing::Claim
        | Backing::Inline { .. }
        | Backing::Memory { .. }
        | Backing::Path(_)
        | Backing::Broken(_) => false,
    }
}

fn owner<'a>(project: &'a Project, name: &'a ServiceName) -> &'a ServiceName {
    project.groups.iter().find(|group| group.members.contains(name)).map_or(name, |group| &group.owner)
}

/// Counts the pods of services: those that share one count once; one that says nothing, or 0, is one.
fn pods<'a>(
    project: &'a Project,
    kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    users: impl Iterator<Item = &'a ServiceName>,
) -> u64 {
    let owners: BTreeSet<&ServiceName> = users.map(|user| owner(project, user)).collect();
    let replicas = |service: &Service| match &service.hints.autoscale {
        Some(wish) => autoscaler::most_pods(&wish.value, service).into(),
        None => service.scale.replicas.as_ref().map_or(1, |replicas| replicas.value.max(1)),
    };
    let of_owner = |name: &&ServiceName| match kinds.get(*name) {
        Some(WorkloadKind::DaemonSet) => u64::MAX,
        Some(
            WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::Job | WorkloadKind::CronJob,
        )
        | None => project.services.get(*name).map_or(1, replicas),
    };
    owners.iter().map(of_owner).fold(0, u64::saturating_add)
}

/// Two volumes whose names become one cannot both be had (N3, N83).
fn report_equal_names(project: &Project, claims: &BTreeMap<ClaimKey<'_>, Claim<'_>>, sink: &mut Sink) {
    let mut first: BTreeMap<&str, &Claim<'_>> = BTreeMap::new();
    for (key, claim) in claims {
        let other = *first.entry(&claim.name).or_insert(claim);
        let selected =
            |name: &ServiceName| project.services.get(name).is_some_and(|service| service.selected);
        let is_written = claim.users.keys().chain(other.users.keys()).any(|name| selected(name));
        // Two volumes may lead to one external claim.
        if std::ptr::eq(other, claim) || (other.external && claim.external) || !is_written {
            continue;
        }
        let message = format!("two volumes would both be the claim `{}`", claim.name);
        let help = match key {
            ClaimKey::Directory(_) => "mount a named volume instead of one of the directories",
            ClaimKey::Volume(_) | ClaimKey::Cluster(_) => "rename one of them",
        };
        sink.push(
            problem::of_project(BackendCode::NameCollision, message)
                .at(claim.span)
                .also(other.span, "the other one")
                .outcome(Outcome::Refused)
                .help(help),
        );
    }
}
