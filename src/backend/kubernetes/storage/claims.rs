//! Claims and `PersistentVolumes` of the project, and what is told of volumes (N61, N63, N64, N70).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, NFSVolumeSource, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeClaimSpec, PersistentVolumeSpec, Secret, SecretReference, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::access::{self, Claim, ClaimKey, Pods};
use super::backing::{self, Backing};
use super::{fate, volume_hints, wishes};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::content::{external_secret, slow_hash};
use crate::backend::kubernetes::metadata::{self, Annotations};
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::{Noted, Notes, Object};
use crate::backend::kubernetes::options::Secrets;
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::problem;
use crate::backend::kubernetes::quantity;
use crate::diag::{Outcome, Severity, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Metadata, MountSource, Volume, VolumeName};

/// Driver of Windows shares.
const SHARE_DRIVER: &str = "smb.csi.k8s.io";
/// Driver of NFS, where a hint asks for one.
const NFS_DRIVER: &str = "nfs.csi.k8s.io";

/// Makes claims and `PersistentVolumes` of volumes that pods to be written use.
pub(crate) fn objects(plan: &Plan<'_>, sink: &mut Sink) -> Vec<Object> {
    let used: Vec<(&ClaimKey<'_>, &Claim<'_>)> = used(plan);
    let mut objects = Vec::new();
    for (key, claim) in &used {
        if let ClaimKey::Volume(name) = key
            && let Some(volume) = claim.volume
        {
            report_volume(plan, name, volume, claim, sink);
        }
        if claim.external {
            continue;
        }
        if claim.pods == Pods::PerReplica {
            report_per_replica(plan, claim, sink);
            continue;
        }
        let on_server = server_volume(plan, key, claim);
        objects.push(claim_object(plan, key, claim, on_server.as_ref().map(|volume| volume.name.clone())));
        if let Some(volume) = on_server {
            objects.extend(volume.credentials(plan, sink));
            objects.push(volume.object(plan));
        }
        report_shared(plan, key, claim, sink);
    }
    report_without_claim(plan, sink);
    super::binds::report_nested(plan, sink);
    super::copy_up::report(plan, sink);
    super::image_volumes::report(plan, sink);
    report_once(plan, &used, sink);
    objects
}

/// Returns the claims that pods to be written mount.
fn used<'p, 'a>(plan: &'p Plan<'a>) -> Vec<(&'p ClaimKey<'a>, &'p Claim<'a>)> {
    let owners: BTreeSet<_> = plan.pods().into_iter().map(|pod| pod.owner.name).collect();
    let is_written = |claim: &Claim<'_>| {
        claim.users.keys().filter_map(|user| plan.get(user)).any(|facts| owners.contains(facts.owner))
    };
    plan.claims.by_key.iter().filter(|(_, claim)| is_written(claim)).collect()
}

/// Size of a claim, and where it is written; `None` where it is assumed (N64).
fn size(plan: &Plan<'_>, key: &ClaimKey<'_>, claim: &Claim<'_>) -> (Quantity, Option<Span>) {
    if let Some(hint) = wishes::size(plan, key, claim) {
        return (Quantity(hint.value.0.clone()), Some(hint.span));
    }
    let written = claim.volume.and_then(|volume| Some((backing::written_size(volume)?, size_place(volume))));
    match (written, &plan.options.pvc_request_size) {
        (Some((bytes, place)), _) => (quantity::bytes(bytes), Some(place)),
        (None, Some(size)) => (Quantity(size.clone()), None),
        (None, None) => match &plan.project.hints.volume_size {
            Some(size) => (Quantity(size.value.0.clone()), Some(size.span)),
            None => (Quantity("1Gi".to_owned()), None),
        },
    }
}

fn size_place(volume: &Volume) -> Span {
    let options = &volume.driver.options;
    let place = options.get("size").or(options.get("o")).or(volume.cluster_spec.as_ref());
    place.map_or(volume.span, |option| option.span)
}

fn access_modes(plan: &Plan<'_>, claim: &Claim<'_>) -> Vec<String> {
    if let Some(mode) = access::access_hint(plan.project, claim) {
        return vec![mode.word().to_owned()];
    }
    let mode = match claim.pods {
        Pods::One | Pods::PerReplica | Pods::OneNode => "ReadWriteOnce",
        Pods::Several | Pods::Any => "ReadWriteMany",
    };
    vec![mode.to_owned()]
}

fn claim_object(
    plan: &Plan<'_>,
    key: &ClaimKey<'_>,
    claim: &Claim<'_>,
    volume_name: Option<String>,
) -> Object {
    let mut notes = Notes::default();
    let (size, written) = size(plan, key, claim);
    let class = wishes::class(plan, key, claim);
    if let (Some(class), None) = (class, &volume_name) {
        notes.note("spec.storageClassName", "N120", Some(class.span));
    }
    notes.note("", if claim.volume.is_some() { "N61" } else { "N83" }, Some(claim.span));
    if let Some(name) = claim.volume.and_then(|volume| volume.written_name.as_ref()) {
        notes.note("metadata.name", "N61", Some(name.span));
    }
    notes.note("spec.accessModes", "N63", claim.users.values().next().copied());
    notes.note("spec.resources.requests.storage", "N64", written);
    if volume_name.is_some() {
        notes.note("spec.volumeName", "N70", Some(claim.span));
    }
    let object = PersistentVolumeClaim {
        metadata: notes
            .at("metadata", plan.metadata(claim.name.clone(), plan.project_labels(), annotations(claim))),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(access_modes(plan, claim)),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), size)])),
                limits: None,
            }),
            // A volume of a file server has a class of its own, which nobody provisions.
            storage_class_name: volume_name.clone().or_else(|| class.map(|class| class.value.clone())),
            selector: selector(claim),
            volume_name,
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    };
    Object::new(notes.on(object))
}

/// Annotations of a claim: its labels, and what a hint adds (N61).
fn annotations(claim: &Claim<'_>) -> Annotations {
    let Some(volume) = claim.volume else { return Annotations::new() };
    let mut all = metadata::annotations(&volume.labels, "N61");
    all.extend(metadata::annotations(&volume.hints.annotations, "N120"));
    all
}

/// The disk that a claim wants (N61).
fn selector(claim: &Claim<'_>) -> Option<LabelSelector> {
    let wanted = claim.volume.map(|volume| &volume.hints.selector).filter(|selector| !selector.is_empty())?;
    let labels = wanted.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect();
    Some(LabelSelector { match_labels: Some(labels), match_expressions: None })
}

/// Makes the claims that each pod of a `StatefulSet` gets (N71).
pub(crate) fn templates(plan: &Plan<'_>, pod: &Pod<'_, '_>) -> Vec<Noted<PersistentVolumeClaim>> {
    let claims = access::of_pod(plan, pod).into_iter().filter(|(_, claim)| claim.pods == Pods::PerReplica);
    claims.map(|(key, claim)| template(plan, key, claim)).collect()
}

fn template(plan: &Plan<'_>, key: &ClaimKey<'_>, claim: &Claim<'_>) -> Noted<PersistentVolumeClaim> {
    let mut notes = Notes::default();
    let (size, written) = size(plan, key, claim);
    let class = wishes::class(plan, key, claim);
    notes.note("", "N71", Some(claim.span));
    notes.note("spec.resources.requests.storage", "N64", written);
    let metadata = ObjectMeta {
        name: Some(names::label(&claim.name)),
        annotations: notes.map("metadata.annotations", annotations(claim)),
        ..ObjectMeta::default()
    };
    let claim = PersistentVolumeClaim {
        metadata,
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(access_modes(plan, claim)),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), size)])),
                limits: None,
            }),
            selector: selector(claim),
            storage_class_name: class.map(|class| class.value.clone()),
            // What the server writes into a template it compares with the next one (K5).
            volume_mode: Some("Filesystem".to_owned()),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    };
    notes.on(claim)
}

/// A volume of a file server, which no provisioner makes.
struct ServerVolume<'a> {
    name: String,
    key: &'a VolumeName,
    span: Span,
    backing: Backing<'a>,
    size: Quantity,
}

fn server_volume<'a>(plan: &Plan<'a>, key: &ClaimKey<'a>, claim: &Claim<'a>) -> Option<ServerVolume<'a>> {
    let key_of = key;
    let (ClaimKey::Volume(key), Some(volume)) = (key, claim.volume) else { return None };
    let backing = backing::of_volume(volume);
    if !matches!(backing, Backing::Nfs { .. } | Backing::Share { .. }) {
        return None;
    }
    // Volumes belong to no namespace, so two installations of one project must not have one name.
    let parts = [plan.options.namespace.as_deref(), Some(plan.project.name.as_str()), Some(key.as_str())];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join("-");
    let name = names::subdomain(&name, names::LABEL_LIMIT);
    Some(ServerVolume { name, key, span: claim.span, backing, size: size(plan, key_of, claim).0 })
}

impl ServerVolume<'_> {
    /// Makes the volume. The class is one that nobody provisions, so that no other claim takes it.
    fn object(self, plan: &Plan<'_>) -> Object {
        let credentials = self.secret_name();
        let Self { name, key: _, span, backing, size } = self;
        let (nfs, csi, options) = match backing {
            Backing::Nfs { server, path, options, by_driver: true } => {
                let attributes = [("server", server), ("share", path)];
                let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
                let csi = CSIPersistentVolumeSource {
                    driver: NFS_DRIVER.to_owned(),
                    volume_handle: name.clone(),
                    volume_attributes: Some(attributes.into()),
                    ..CSIPersistentVolumeSource::default()
                };
                (None, Some(csi), options)
            }
            Backing::Nfs { server, path, options, by_driver: false } => {
                let source =
                    NFSVolumeSource { server: server.to_owned(), path: path.to_owned(), read_only: None };
                (Some(source), None, options)
            }
            Backing::Share { source, options, credentials: _ } => {
                let csi = CSIPersistentVolumeSource {
                    driver: SHARE_DRIVER.to_owned(),
                    volume_handle: name.clone(),
                    volume_attributes: Some(BTreeMap::from([("source".to_owned(), source.to_owned())])),
                    node_stage_secret_ref: credentials.map(|secret| SecretReference {
                        name: Some(secret),
                        namespace: plan.options.namespace.clone(),
                    }),
                    ..CSIPersistentVolumeSource::default()
                };
                (None, Some(csi), options)
            }
            Backing::External(_)
            | Backing::Claim
            | Backing::Inline { .. }
            | Backing::Memory { .. }
            | Backing::Path(_)
            | Backing::Broken(_) => (None, None, Vec::new()),
        };
        let mut notes = Notes::default();
        notes.note("", "N70", Some(span));
        let object = PersistentVolume {
            metadata: notes.at("metadata", plan.cluster_metadata(name.clone(), Annotations::new())),
            spec: Some(PersistentVolumeSpec {
                access_modes: Some(vec!["ReadWriteMany".to_owned()]),
                capacity: Some(BTreeMap::from([("storage".to_owned(), size)])),
                mount_options: (!options.is_empty()).then_some(options),
                nfs,
                csi,
                persistent_volume_reclaim_policy: Some("Retain".to_owned()),
                storage_class_name: Some(name),
                volume_mode: Some("Filesystem".to_owned()),
                ..PersistentVolumeSpec::default()
            }),
            status: None,
        };
        Object::new(notes.on(object))
    }

    fn secret_name(&self) -> Option<String> {
        match &self.backing {
            Backing::Share { credentials, .. } if !credentials.is_empty() => {
                Some(names::subdomain(&format!("{}-smb", self.key), names::LABEL_LIMIT))
            }
            _ => None,
        }
    }

    /// Makes the Secret of a share's user. Its name has no hash: the volume that refers to it is immutable.
    fn credentials(&self, plan: &Plan<'_>, sink: &mut Sink) -> Option<Object> {
        let name = self.secret_name()?;
        let Backing::Share { source: _, options: _, credentials } = &self.backing else { return None };
        if plan.options.namespace.is_none() {
            let message =
                format!("`volumes.{}` names a Secret by its namespace, which is not said", self.key);
            sink.push(
                problem::of_project(KubernetesCode::NamespaceNeeded, message)
                    .at(self.span)
                    .outcome(Outcome::Refused)
                    .help("say it with `-n`"),
            );
        }
        if plan.options.secrets == Secrets::ExternalSecrets {
            let keys = credentials.keys().map(|key| (*key, self.span)).collect();
            return external_secret::object(
                plan,
                external_secret::Wanted {
                    name,
                    labels: plan.project_labels(),
                    annotations: Annotations::new(),
                    keys,
                    remote: None,
                    origin: ("N70", self.span),
                },
            );
        }
        if !plan.options.secrets.carries_data() {
            let message =
                format!("must exist before pods can start: Secret `{name}` with `username` and `password`");
            sink.push(problem::of_project(BackendCode::SecretExternal, message).at(self.span));
            return None;
        }
        let mut notes = Notes::default();
        notes.note("", "N70", Some(self.span));
        let data = credentials.iter().map(|(key, value)| {
            let bytes = ByteString(value.as_bytes().to_vec());
            ((*key).to_owned(), Noted::written(bytes, "N70", self.span))
        });
        let mut annotations = Annotations::new();
        if plan.options.secrets.seals() {
            // Its name says nothing of its content, so this does: else what is sealed would be kept for ever.
            let values = credentials.iter().map(|(key, value)| (*key, value.as_bytes()));
            let hash = slow_hash(plan.instance(), &name, values);
            annotations.insert("rcompose/content".to_owned(), Noted::by_rule(hash, "N93"));
        }
        let secret = Secret {
            metadata: notes.at("metadata", plan.metadata(name, plan.project_labels(), annotations)),
            type_: Some("Opaque".to_owned()),
            immutable: None,
            data: notes.map("data", data),
            string_data: None,
        };
        Some(Object::new(notes.on(secret)).with_secret_data())
    }
}

/// Tells of a volume's keys.
fn report_volume(plan: &Plan<'_>, key: &VolumeName, volume: &Volume, claim: &Claim<'_>, sink: &mut Sink) {
    let Volume {
        span: _,
        name: _,
        written_name,
        external,
        driver,
        bind: _,
        labels: _,
        cluster_spec: _,
        hints: _,
    } = volume;
    let backing = backing::of_volume(volume);
    volume_hints::report_nfs(key, volume, &backing, sink);
    let finding = |code: crate::diag::Code, path: &str, span: Span, fact: &str| {
        let path = format!("volumes.{key}{path}");
        problem::of_project(code, format!("`{path}` {fact}")).at(span).path(path)
    };
    if let Some(span) = external {
        volume_hints::report_of_claims(key, volume, sink);
        let name = written_name.as_ref().map_or(key.as_str(), |name| name.value.as_str());
        if claim.name != name {
            let fact = format!("is looked up as `{}`: no claim can be called `{name}`", claim.name);
            let found = finding(BackendCode::NameChanged.into(), "", *span, &fact);
            sink.push(found.severity(Severity::Note).outcome(Outcome::Approximated));
        }
        return;
    }
    if let Backing::Broken(span) = backing {
        let fact = "names no server, or no absolute path on it";
        let found = finding(SharedCode::BadVolume.into(), ".driver_opts", span, fact);
        sink.push(found.outcome(Outcome::Refused).help("write `o: addr=SERVER` and `device: \":/path\"`"));
        return;
    }
    if let Some(name) = driver.name.as_ref().filter(|_| !backing::is_local(volume)) {
        let fact = format!("is `{}`, which has no counterpart: a plain claim is written", name.value);
        let found = finding(KubernetesCode::VolumeDriverDropped.into(), ".driver", name.span, &fact);
        sink.push(found.outcome(Outcome::Approximated).help("choose a storage class that offers the same"));
    } else if let Some(Spanned { value: _, span }) = &driver.name {
        sink.push(finding(BackendCode::AlreadyDefault.into(), ".driver", *span, "says what is so anyway"));
    }
    report_options(key, volume, &backing, sink);
    let driver = match backing {
        Backing::Share { .. } => Some(SHARE_DRIVER),
        Backing::Nfs { by_driver: true, .. } => Some(NFS_DRIVER),
        _ => None,
    };
    if let Some(driver) = driver {
        let fact = format!("needs the driver `{driver}` in the cluster");
        sink.push(finding(KubernetesCode::VolumeNeedsCsi.into(), "", claim.span, &fact));
    }
    if matches!(backing, Backing::Share { .. }) {
        report_credentials(plan, key, volume, &backing, sink);
    }
}

fn report_options(key: &VolumeName, volume: &Volume, backing: &Backing<'_>, sink: &mut Sink) {
    if let (Backing::Memory { .. }, Some(written)) = (backing, volume.driver.options.get("o")) {
        let path = format!("volumes.{key}.driver_opts.o");
        for option in backing::memory_options(volume) {
            let message = format!("`{path}` has the option `{option}`, which has no counterpart");
            sink.push(
                problem::of_project(BackendCode::TmpfsOptionDropped, message)
                    .at(written.span)
                    .path(path.clone())
                    .outcome(Outcome::Dropped)
                    .help("everybody may read and write there"),
            );
        }
    }
    let unused = backing::unused_options(volume, backing);
    let Some(((_, first), others)) = unused.split_first() else { return };
    let path = format!("volumes.{key}.driver_opts");
    let names = problem::listed(unused.iter().map(|(name, _)| *name));
    let message = format!("{names} of `{path}` have no counterpart and are left out");
    sink.push(
        problem::of_project(KubernetesCode::VolumeOptionDropped, message)
            .at(*first)
            .also_at(others.iter().map(|(_, span)| *span))
            .path(path)
            .outcome(Outcome::Approximated)
            .help("choose a storage class that offers the same"),
    );
}

/// The password of a share that stands in no Compose file (N93).
fn report_credentials(
    plan: &Plan<'_>,
    key: &VolumeName,
    volume: &Volume,
    backing: &Backing<'_>,
    sink: &mut Sink,
) {
    let Backing::Share { source: _, options: _, credentials } = backing else { return };
    let Some(options) = volume.driver.options.get("o") else { return };
    let outside = plan.sources.is_from_outside(options.span);
    if outside && !credentials.is_empty() && plan.options.secrets == Secrets::Inline {
        let message =
            format!("values from outside the Compose files stand in the output, for `volumes.{key}`");
        sink.push(
            problem::of_project(BackendCode::SecretInOutput, message)
                .at(options.span)
                .help("`--secrets reference` writes none; else keep the output out of version control"),
        );
    }
}

/// Tells of a claim that several pods mount (N63).
fn report_shared(plan: &Plan<'_>, key: &ClaimKey<'_>, claim: &Claim<'_>, sink: &mut Sink) {
    if claim.pods == Pods::OneNode {
        let users = problem::listed(claim.users.keys().map(|name| name.as_str()));
        let message = format!("all that mount `{}` run on one node: {users}", claim.name);
        sink.push(problem::of_project(KubernetesCode::VolumeColocated, message).at(claim.span));
        return;
    }
    if claim.pods != Pods::Several {
        return;
    }
    let users = problem::listed(claim.users.keys().map(|name| name.as_str()));
    let message = format!("several pods mount `{}`: {users}", claim.name);
    let help = if holds_sockets(plan, key, claim) {
        "sockets work between pods of one node only: run the services in one pod"
    } else {
        "use a storage class that offers ReadWriteMany, or one service with one replica"
    };
    let mut places = claim.users.values();
    let found = problem::of_project(KubernetesCode::VolumeNeedsRwx, message).help(help);
    let found = found.at_opt(places.next().copied());
    sink.push(places.fold(found, |found, span| found.also(*span, "here too")));
}

/// Tells of data that replicas do not share (N71).
fn report_per_replica(plan: &Plan<'_>, claim: &Claim<'_>, sink: &mut Sink) {
    let several = claim
        .users
        .keys()
        .filter_map(|user| plan.get(user))
        .any(|facts| facts.service.scale.replicas.as_ref().is_some_and(|replicas| replicas.value > 1));
    if several {
        let message = format!("each replica has its own `{}`", claim.name);
        sink.push(
            problem::of_project(KubernetesCode::VolumePerReplica, message)
                .at(claim.span)
                .outcome(Outcome::Approximated)
                .help("`x-rcompose: {per-replica: false}` on the volume shares one"),
        );
    }
}

/// Tells whether a claim is mounted where sockets stand.
fn holds_sockets(plan: &Plan<'_>, key: &ClaimKey<'_>, claim: &Claim<'_>) -> bool {
    let users = claim.users.keys().filter_map(|user| plan.get(user));
    users.flat_map(|facts| fate::kept(facts.service)).any(|mount| {
        let target = &mount.target.value;
        access::key_of(plan.project, &mount.source).as_ref() == Some(key)
            && ["/run", "/var/run"].iter().any(|run| super::paths::is_at_or_below(target, run))
    })
}

/// Volumes that are no claim: memory, paths of the host, and what pods mount for themselves (N70).
fn report_without_claim(plan: &Plan<'_>, sink: &mut Sink) {
    let all_users = users_of_volumes(plan);
    for (key, volume) in &plan.project.volumes {
        let backing = backing::of_volume(volume);
        let is_memory = match backing {
            Backing::Memory { .. } => true,
            Backing::Path(_) | Backing::Inline { .. } => false,
            Backing::External(_)
            | Backing::Claim
            | Backing::Nfs { .. }
            | Backing::Share { .. }
            | Backing::Broken(_) => continue,
        };
        let users = all_users.get(key).map_or(&[][..], Vec::as_slice);
        if !users.iter().any(|facts| facts.service.selected) {
            continue;
        }
        volume_hints::report_nfs(key, volume, &backing, sink);
        if is_memory || matches!(backing, Backing::Inline { .. }) {
            volume_hints::report_of_claims(key, volume, sink);
        }
        volume_hints::report_mount_options(key, volume, &backing, sink);
        report_options(key, volume, &backing, sink);
        report_labels(key, &volume.labels, sink);
        let replicas =
            |facts: &&Facts<'_>| facts.service.scale.replicas.as_ref().map_or(1, |replicas| replicas.value);
        if is_memory && users.iter().map(replicas).fold(0, u64::saturating_add) > 1 {
            let names = problem::listed(users.iter().map(|facts| facts.name.as_str()));
            let message = format!("`volumes.{key}` is memory, and each pod has its own: {names}");
            sink.push(
                problem::of_project(KubernetesCode::VolumeDriverDropped, message)
                    .at(volume.span)
                    .outcome(Outcome::Approximated)
                    .help("use a volume without `type: tmpfs` to share files"),
            );
        }
    }
}

/// Lists the services that mount each volume.
fn users_of_volumes<'p, 'a>(plan: &'p Plan<'a>) -> BTreeMap<&'a VolumeName, Vec<&'p Facts<'a>>> {
    let mut users: BTreeMap<&VolumeName, Vec<&Facts<'_>>> = BTreeMap::new();
    for facts in plan.all() {
        let volumes: BTreeSet<&VolumeName> = fate::kept(facts.service)
            .filter_map(|mount| match &mount.source {
                MountSource::Volume(usage) => Some(&usage.volume),
                _ => None,
            })
            .collect();
        for volume in volumes {
            users.entry(volume).or_default().push(facts);
        }
    }
    users
}

fn report_labels(key: &VolumeName, labels: &Metadata, sink: &mut Sink) {
    let mut places = labels.values().map(|label| label.span);
    if let Some(first) = places.next() {
        let message =
            format!("labels of `volumes.{key}` are left out: nothing is made that could carry them");
        let found =
            problem::of_project(KubernetesCode::VolumeOptionDropped, message).at(first).also_at(places);
        sink.push(found.outcome(Outcome::Dropped).path(format!("volumes.{key}.labels")));
    }
}

/// Tells once which sizes are assumed, and which claims must exist.
fn report_once(plan: &Plan<'_>, used: &[(&ClaimKey<'_>, &Claim<'_>)], sink: &mut Sink) {
    let written = |key: &ClaimKey<'_>, claim: &Claim<'_>| {
        claim.volume.and_then(backing::written_size).is_some()
            || wishes::size(plan, key, claim).is_some()
            || plan.project.hints.volume_size.is_some()
    };
    let assumed: Vec<&Claim<'_>> = used
        .iter()
        .filter(|(key, claim)| {
            !claim.external && !written(key, claim) && plan.options.pvc_request_size.is_none()
        })
        .map(|(_, claim)| *claim)
        .collect();
    let listed = |claims: &[&Claim<'_>]| problem::listed(claims.iter().map(|claim| claim.name.as_str()));
    if let Some((first, others)) = assumed.split_first() {
        let message = format!("claims of unknown size ask for 1Gi: {}", listed(&assumed));
        let found = problem::of_project(KubernetesCode::VolumeSizeAssumed, message)
            .at(first.span)
            .help("`--pvc-request-size SIZE`, or `driver_opts: {size: 10G}` on a volume");
        sink.push(found.also_at(others.iter().map(|claim| claim.span)));
    }
    let external: Vec<&Claim<'_>> =
        used.iter().map(|(_, claim)| *claim).filter(|claim| claim.external).collect();
    if let Some((first, others)) = external.split_first() {
        let message = format!("claims that must exist before pods can start: {}", listed(&external));
        let found = problem::of_project(KubernetesCode::VolumeExternal, message).at(first.span);
        sink.push(found.also_at(others.iter().map(|claim| claim.span)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::backing::tests::volume;
    use crate::backend::kubernetes::Options;
    use crate::backend::kubernetes::sample::{at, mount, project, render, render_with, service, span};
    use crate::model::{MountSource, Project, Service, Volume, VolumeName, VolumeUse};

    /// A service that mounts the volume `data`.
    fn user(target: &str) -> Service {
        let mut made = service();
        let (volume, labels) = (VolumeName::new("data"), crate::model::Metadata::new());
        let usage = VolumeUse { volume, no_copy: None, subpath: None, labels };
        made.mounts.push(mount(target, MountSource::Volume(usage)));
        made
    }

    fn with_volume<'n>(services: impl IntoIterator<Item = (&'n str, Service)>, volume: Volume) -> Project {
        let mut shop = project(services);
        shop.volumes.insert(VolumeName::new("data"), volume);
        shop
    }

    #[test]
    fn one_pod_alone_writes_a_claim() {
        let made = render(&with_volume([("db", user("/x"))], volume(&[("size", "10G")])));
        let spec = &made.object("PersistentVolumeClaim", "data")["spec"];
        assert_eq!(spec["accessModes"], serde_json::json!(["ReadWriteOnce"]));
        assert_eq!(spec["resources"]["requests"]["storage"], "10Gi");
        assert_eq!(made.object("Deployment", "db")["spec"]["strategy"]["type"], "Recreate");
        assert!(!made.codes().contains(&"volume-size-assumed"));
    }

    #[test]
    fn readers_count_as_users() {
        let mut reader = user("/y");
        reader.mounts[0].read_only = Some(span());
        let made = render(&with_volume([("app", user("/x")), ("web", reader)], volume(&[])));
        let spec = &made.object("PersistentVolumeClaim", "data")["spec"];
        assert_eq!(spec["accessModes"], serde_json::json!(["ReadWriteMany"]));
        assert_eq!(made.object("Deployment", "web")["spec"]["strategy"]["type"], "RollingUpdate");
        let codes = made.codes();
        assert!(codes.contains(&"volume-needs-rwx") && codes.contains(&"volume-size-assumed"));
    }

    #[test]
    fn replicas_are_several_pods() {
        let mut web = user("/x");
        web.scale.replicas = Some(at(2));
        assert!(render(&with_volume([("web", web)], volume(&[]))).codes().contains(&"volume-needs-rwx"));
    }

    #[test]
    fn an_external_claim_is_only_referred_to() {
        let written_name = Some(at("my_data".to_owned()));
        let external = Volume { external: Some(span()), written_name, ..volume(&[]) };
        let made = render(&with_volume([("db", user("/x"))], external));
        assert!(!made.objects().iter().any(|object| object.starts_with("PersistentVolumeClaim")));
        let volumes = &made.object("Deployment", "db")["spec"]["template"]["spec"]["volumes"];
        assert_eq!(volumes[0]["persistentVolumeClaim"]["claimName"], "my-data");
        assert!(made.codes().contains(&"volume-external") && made.codes().contains(&"name-changed"));
    }

    #[test]
    fn every_mount_of_a_database_volume_sees_the_same_directory() {
        let (mut db, backup) = (user("/var/lib/mysql"), user("/backup"));
        db.image.reference = Some(at("mysql:8".to_owned()));
        let made = render(&with_volume([("db", db), ("backup", backup)], volume(&[])));
        for name in ["db", "backup"] {
            let template = &made.object("Deployment", name)["spec"]["template"]["spec"];
            assert_eq!(template["containers"][0]["volumeMounts"][0]["subPath"], "data", "{name}");
        }
    }

    #[test]
    fn a_windows_share_needs_a_namespace_for_its_secret() {
        let options = [("type", "cifs"), ("device", "//h/s"), ("o", "username=u,password=p")];
        let shop = with_volume([("web", user("/x"))], volume(&options));
        assert!(render(&shop).codes().contains(&"namespace-needed"));
        let options = Options { namespace: Some("prod".to_owned()), ..Options::default() };
        let made = render_with(&shop, options);
        assert!(!made.codes().contains(&"namespace-needed"));
        let csi = &made.object("PersistentVolume", "prod-shop-data")["spec"]["csi"];
        assert_eq!(csi["nodeStageSecretRef"], serde_json::json!({"name": "data-smb", "namespace": "prod"}));
        assert_eq!(made.object("Secret", "data-smb")["data"]["password"], "cA==");
    }

    #[test]
    fn memory_of_a_driver_is_no_claim() {
        let made =
            render(&with_volume([("web", user("/x"))], volume(&[("type", "tmpfs"), ("o", "size=1m")])));
        let volumes = &made.object("Deployment", "web")["spec"]["template"]["spec"]["volumes"];
        assert_eq!(volumes[0]["emptyDir"], serde_json::json!({"medium": "Memory", "sizeLimit": "1Mi"}));
        assert!(!made.objects().iter().any(|object| object.starts_with("PersistentVolumeClaim")));
    }

    #[test]
    fn two_volumes_of_one_name_are_refused() {
        let mut web = user("/x");
        let usage = |key| VolumeUse {
            volume: VolumeName::new(key),
            no_copy: None,
            subpath: None,
            labels: crate::model::Metadata::new(),
        };
        web.mounts = vec![
            mount("/x", MountSource::Volume(usage("my_data"))),
            mount("/y", MountSource::Volume(usage("my-data"))),
        ];
        let mut shop = project([("web", web)]);
        shop.volumes.extend(["my_data", "my-data"].map(|key| (VolumeName::new(key), volume(&[]))));
        assert!(render(&shop).codes().contains(&"name-collision"));
    }
}
