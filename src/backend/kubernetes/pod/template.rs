//! The pod template: what its members bring, put together (K2, K90).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, Container, KeyToPath, PodOS, PodSecurityContext, PodSpec, PodTemplateSpec,
    ProjectedVolumeSource, SeccompProfile, ServiceAccountTokenProjection, Volume, VolumeMount,
    VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::container::{self, Shared};
use super::wait_container::{self, TOKEN_VOLUME};
use super::waits::{self, JobNames};
use super::{
    devices, environment, fs_group, group, groups, hostname, image, namespaces, placement, pre_start,
    remaining, runtime, security, shm, standard, stop, sysctls, wishes,
};
use crate::backend::kubernetes::content::Contents;
use crate::backend::kubernetes::dns;
use crate::backend::kubernetes::metadata::Annotations;
use crate::backend::kubernetes::network_policy;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::routes;
use crate::backend::kubernetes::storage::pod::{MemberStorage, PodStorage};
use crate::backend::kubernetes::user_labels;
use crate::diag::Sink;
use crate::model::ServiceName;

/// Makes the template of a pod. `restart_policy` is written for Jobs; `account` where the pod waits for Jobs.
pub(crate) fn of_pod(
    plan: &Plan<'_>,
    contents: &Contents<'_>,
    pod: &Pod<'_, '_>,
    jobs: &JobNames<'_>,
    restart_policy: Option<Noted<String>>,
    account: Option<Noted<String>>,
    sink: &mut Sink,
) -> Noted<PodTemplateSpec> {
    group::check(plan, pod, sink);
    let PodVolumes { volumes, mut members } = volumes(plan, contents, pod, account.is_some(), sink);
    let fs_group = members.fs_group;
    let waits = waits::of_pod(plan, pod);
    let mut init_containers = wait_container::containers(plan, pod, &waits, jobs);
    let mut containers = Vec::new();
    let mut pre_starts = 1;
    let taken = pod.members.iter().map(|member| container::name(member)).collect();
    for member in &pod.members {
        let MemberVolumes { mounts, seeds, writes_claim } =
            members.of.remove(member.name).unwrap_or_default();
        let mut report = Report::new(member.name, sink);
        remaining::report(plan, member, namespaces::host_pid(pod).is_some(), &mut report);
        image::report_floating_database(member, writes_claim, &mut report);
        let shared = Shared {
            image: image::of_service(plan, member, &mut report),
            variables: environment::of_service(member, contents, plan.options.kube_version, &mut report),
            mounts,
        };
        init_containers.extend(seeds);
        init_containers.extend(wishes::init_containers(member, &shared.mounts, plan.options));
        let service = pre_start::Service {
            image: &shared.image,
            variables: &shared.variables,
            contents,
            mounts: &shared.mounts,
            taken: &taken,
        };
        let hooks = pre_start::containers(member, &service, pre_starts, plan.options, &mut report);
        pre_starts += hooks.len();
        init_containers.extend(hooks);
        let is_sidecar = group::is_sidecar(pod, member);
        let container = container::of_member(plan, pod, member, shared, &mut report);
        if is_sidecar { init_containers.push(container) } else { containers.push(container) }
    }
    // The order of the others means nothing, so it is the one of their names.
    containers.sort_by(|one, other| one.value.name.cmp(&other.value.name));
    let dns = dns::of_pod(plan, pod, sink);
    let mut placement = placement::of_pod(plan, pod, sink);
    let wishes = wishes::of_pod(pod, sink);
    placement.node_selector.extend(wishes.node_selector);
    let host_network = namespaces::host_network(pod);
    let own_policy = dns.policy.clone();
    let dns_policy =
        host_network.is_some().then(|| Noted::by_rule("ClusterFirstWithHostNet".to_owned(), "K86"));
    let os = operating_system(pod, &containers, &init_containers);
    let mut notes = Notes::default();
    let spec =
        PodSpec {
            affinity: notes.at_opt("affinity", placement.affinity),
            automount_service_account_token: Some(notes.at(
                "automountServiceAccountToken",
                wishes.token.unwrap_or_else(|| Noted::by_rule(false, "K2")),
            )),
            containers: notes.list("containers", containers).unwrap_or_default(),
            dns_config: notes.at_opt("dnsConfig", dns.config),
            dns_policy: notes.at_opt("dnsPolicy", own_policy.or(dns_policy)),
            enable_service_links: Some(notes.at("enableServiceLinks", Noted::by_rule(false, "K2"))),
            host_aliases: notes.list("hostAliases", dns.host_aliases),
            host_ipc: notes.at_opt("hostIPC", namespaces::host_ipc(pod)),
            host_network: notes.at_opt("hostNetwork", host_network),
            host_pid: notes.at_opt("hostPID", namespaces::host_pid(pod)),
            hostname: notes.at_opt("hostname", hostname::of_pod(pod, sink).or(dns.own_hostname)),
            image_pull_secrets: notes.list("imagePullSecrets", wishes.pull_secrets),
            init_containers: notes.list("initContainers", init_containers),
            node_selector: notes.map("nodeSelector", placement.node_selector),
            os: notes.at_opt("os", os),
            priority_class_name: notes.at_opt("priorityClassName", wishes.priority),
            restart_policy: notes.at_opt("restartPolicy", restart_policy),
            runtime_class_name: notes.at_opt("runtimeClassName", runtime::class(pod, sink)),
            security_context: notes.at_opt("securityContext", pod_security(plan, pod, fs_group, sink)),
            service_account_name: notes.at_opt("serviceAccountName", wishes.account.or(account)),
            share_process_namespace: notes.at_opt("shareProcessNamespace", namespaces::shared_processes(pod)),
            termination_grace_period_seconds: notes
                .at_opt("terminationGracePeriodSeconds", stop::grace_period(pod)),
            tolerations: notes.list("tolerations", wishes.tolerations),
            topology_spread_constraints: notes.list("topologySpreadConstraints", placement.spread),
            volumes: notes.list("volumes", volumes),
            ..PodSpec::default()
        };
    let spec = notes.on(spec);
    let mut notes = Notes::default();
    let template = PodTemplateSpec {
        metadata: Some(notes.at("metadata", pod_metadata(plan, pod, sink))),
        spec: Some(notes.at("spec", spec)),
    };
    let template = notes.on(template);
    standard::check(plan, pod, &template, sink);
    template
}

/// Labels and annotations of the pod: its owner's count before those of other members.
fn pod_metadata(plan: &Plan<'_>, pod: &Pod<'_, '_>, sink: &mut Sink) -> Noted<ObjectMeta> {
    let mut annotations = Annotations::new();
    let mut labels = BTreeMap::new();
    for member in owner_last(pod) {
        let identity = &member.service.identity;
        let labelled = routes::without_foreign(plan.options, member.service, &identity.labels);
        let sources = [&labelled, &identity.annotations];
        let mut report = Report::new(member.name, sink);
        annotations.extend(user_labels::annotations(&sources));
        annotations.extend(security::app_armor_annotation(
            member,
            &container::name(member),
            plan.options.kube_version,
        ));
        labels.extend(user_labels::allowed(&sources, plan.options, "labels", &mut report));
    }
    labels.extend(network_policy::pod_labels(plan, pod));
    labels.extend(plan.labels(pod.owner));
    let mut notes = Notes::default();
    let metadata = ObjectMeta {
        annotations: notes.map("annotations", annotations),
        labels: Some(notes.at("labels", Noted::by_rule(labels, "N10"))),
        ..ObjectMeta::default()
    };
    notes.on(metadata)
}

fn owner_last<'a, 'p>(pod: &Pod<'a, 'p>) -> Vec<&'p Facts<'a>> {
    let mut members = pod.members.clone();
    members.sort_by_key(|member| (member.name == pod.owner.name, std::cmp::Reverse(member.name)));
    members
}

fn pod_security(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    fs_group: fs_group::FsGroup,
    sink: &mut Sink,
) -> Option<Noted<PodSecurityContext>> {
    let is_windows = pod.members.iter().any(|member| member.is_windows());
    let sysctls = sysctls::of_pod(pod, plan.options, sink);
    let mut notes = Notes::default();
    let groups = groups::supplemental(pod, sink);
    let seccomp = SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None };
    let context = PodSecurityContext {
        fs_group: notes.at_opt("fsGroup", fs_group.group),
        fs_group_change_policy: notes.at_opt("fsGroupChangePolicy", fs_group.policy),
        seccomp_profile: (!is_windows).then(|| notes.at("seccompProfile", Noted::by_rule(seccomp, "K2"))),
        supplemental_groups: notes.list("supplementalGroups", groups),
        sysctls: notes.list("sysctls", sysctls),
        ..PodSecurityContext::default()
    };
    (context != PodSecurityContext::default()).then(|| notes.on(context))
}

/// Windows pods say so (K16); a stop signal is checked against the words of one system (K29).
fn operating_system(
    pod: &Pod<'_, '_>,
    containers: &[Noted<Container>],
    init_containers: &[Noted<Container>],
) -> Option<Noted<PodOS>> {
    let os = |name: &str| PodOS { name: name.to_owned() };
    if pod.members.iter().any(|member| member.is_windows()) {
        return Some(Noted::by_rule(os("windows"), "K16"));
    }
    let has_signal = |container: &Noted<Container>| {
        container.value.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.stop_signal.is_some())
    };
    let any = containers.iter().chain(init_containers).any(has_signal);
    any.then(|| Noted::by_rule(os("linux"), "K29"))
}

/// Volumes of a pod, and what its members need of them.
struct PodVolumes<'a> {
    volumes: Vec<Noted<Volume>>,
    members: AllMembers<'a>,
}

struct AllMembers<'a> {
    of: BTreeMap<&'a ServiceName, MemberVolumes>,
    fs_group: fs_group::FsGroup,
}

#[derive(Default)]
struct MemberVolumes {
    mounts: Vec<Noted<VolumeMount>>,
    seeds: Vec<Noted<Container>>,
    writes_claim: bool,
}

/// Adds what is not storage to the volumes of a pod: shared memory, devices, the token of waits.
fn volumes<'a>(
    plan: &Plan<'a>,
    contents: &Contents<'a>,
    pod: &Pod<'a, '_>,
    has_token: bool,
    sink: &mut Sink,
) -> PodVolumes<'a> {
    let storage = crate::backend::kubernetes::storage::pod::of_pod(plan, contents, pod, sink);
    let fs_group = fs_group::of_pod(pod, &storage, sink);
    let PodStorage { mut volumes, members: mut stored } = storage;
    let taken: BTreeSet<String> = volumes.iter().map(|volume| volume.value.name.clone()).collect();
    let mounts_shm = |name: &ServiceName| {
        let mounts = stored.get(name).map(|member| member.mounts.as_slice()).unwrap_or_default();
        mounts.iter().any(|mount| mount.value.mount_path == "/dev/shm")
    };
    let mut shm = shm::of_pod(pod, &taken, mounts_shm, sink);
    volumes.append(&mut shm.volumes);
    let mut of = BTreeMap::new();
    for member in &pod.members {
        let MemberStorage { mut mounts, seeds, writes_claim, file_group: _ } =
            stored.remove(member.name).unwrap_or_default();
        mounts.extend(shm.mounts.remove(member.name));
        for device in devices::of_host(member, plan.options) {
            mounts.push(devices::mount(device));
            volumes.push(devices::volume(device));
        }
        mounts.sort_by(|one, other| one.value.mount_path.cmp(&other.value.mount_path));
        of.insert(member.name, MemberVolumes { mounts, seeds, writes_claim: writes_claim.is_some() });
    }
    volumes.extend(has_token.then(token_volume));
    volumes.sort_by(|one, other| one.value.name.cmp(&other.value.name));
    volumes.dedup_by(|later, earlier| later.value == earlier.value);
    PodVolumes { volumes, members: AllMembers { of, fs_group } }
}

/// The token by which a wait asks the API server, and the certificate that it trusts (K63).
fn token_volume() -> Noted<Volume> {
    const SECONDS: i64 = 3600;
    let certificate = KeyToPath { key: "ca.crt".to_owned(), path: "ca.crt".to_owned(), mode: None };
    let sources = vec![
        VolumeProjection {
            service_account_token: Some(ServiceAccountTokenProjection {
                path: "token".to_owned(),
                expiration_seconds: Some(SECONDS),
                audience: None,
            }),
            ..VolumeProjection::default()
        },
        VolumeProjection {
            config_map: Some(ConfigMapProjection {
                name: "kube-root-ca.crt".to_owned(),
                items: Some(vec![certificate]),
                optional: None,
            }),
            ..VolumeProjection::default()
        },
    ];
    let volume = Volume {
        name: TOKEN_VOLUME.to_owned(),
        projected: Some(ProjectedVolumeSource { sources: Some(sources), default_mode: None }),
        ..Volume::default()
    };
    Noted::by_rule(volume, "K63")
}
