//! Volumes and mounts of one pod (N60 to N62, N66, N67, N69, N82, N85, N91).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, Volume, VolumeMount};

use super::access::{self, ClaimKey, Pods};
use super::backing::{self, Backing};
use super::binds::Bound;
use super::copy_up;
use super::fate;
use super::grants::Granted;
use super::mounted::{self, Behind, Mounted, volume_name};
use super::paths;
use super::wishes;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::content::Contents;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::{Feature, Options};
use crate::backend::kubernetes::plan::{Facts, Plan, Pod};
use crate::backend::kubernetes::pod::shm::report_above_limit;
use crate::backend::kubernetes::pod::{container, fs_group, harden, image, security};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{BindDecision, Mount, MountSource, Seed, ServiceName, Tmpfs, VolumeKind, VolumeUse};

/// What a pod mounts.
#[derive(Default)]
pub(crate) struct PodStorage<'a> {
    /// Volumes, sorted by name. `shm` and `wait-token` are added by the pod template and give way to these names.
    pub(crate) volumes: Vec<Noted<Volume>>,
    /// By member what its container mounts and what fills it, for members that mount something.
    pub(crate) members: BTreeMap<&'a ServiceName, MemberStorage>,
}

/// What one container mounts.
#[derive(Default)]
pub(crate) struct MemberStorage {
    /// Mounts, sorted by path.
    pub(crate) mounts: Vec<Noted<VolumeMount>>,
    /// Init containers that fill its volumes (N67, N69), in order.
    pub(crate) seeds: Vec<Noted<Container>>,
    /// It mounts a claim that it may write: place of the first such mount (K71).
    pub(crate) writes_claim: Option<Span>,
    /// Group that configs and secrets ask for, where K71 sets none (N91).
    pub(crate) file_group: Option<Noted<i64>>,
}

/// Decides what a pod mounts.
pub(crate) fn of_pod<'a>(
    plan: &Plan<'a>,
    contents: &Contents<'a>,
    pod: &Pod<'a, '_>,
    sink: &mut Sink,
) -> PodStorage<'a> {
    let mut places: BTreeMap<&ServiceName, Vec<Mounted>> = BTreeMap::new();
    let mut groups = BTreeMap::new();
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        let granted = granted(member, contents);
        groups.insert(member.name, granted.iter().find_map(|grant| grant.group(member)));
        places.insert(member.name, of_member(plan, contents, member, &granted, &mut report));
    }
    let named = mounted::name_volumes(&places);
    // Members of the pod keep their names (N3).
    let mut seed_names: BTreeSet<String> = pod.members.iter().map(|member| container::name(member)).collect();
    let mut members = BTreeMap::new();
    for member in &pod.members {
        let mut mounts = places.remove(member.name).unwrap_or_default();
        mounts.sort_by(|one, other| one.path.cmp(&other.path));
        let writes_claim = mounts
            .iter()
            .find(|mount| matches!(mount.behind, Behind::Claim(_)) && !mount.read_only)
            .map(|mount| mount.span);
        let volume_at = |path: &str| named.at(member.name, path);
        let seeds = seeds(plan, member, volume_at, &mut seed_names, sink);
        let mounts = mounts.iter().map(|mount| mount.mount(volume_at(&mount.path))).collect();
        let file_group = groups.remove(member.name).flatten();
        members.insert(member.name, MemberStorage { mounts, seeds, writes_claim, file_group });
    }
    // A claim of each replica is a template of its workload, not a volume of the pod (N71).
    let own: BTreeSet<&str> = access::of_pod(plan, pod)
        .into_values()
        .filter(|claim| claim.pods == Pods::PerReplica)
        .map(|claim| claim.name.as_str())
        .collect();
    let mut volumes = named.volumes;
    volumes.retain(|volume| {
        let claim = volume.value.persistent_volume_claim.as_ref();
        claim.is_none_or(|claim| !own.contains(claim.claim_name.as_str()))
    });
    let storage = PodStorage { volumes, members };
    // The group is one for the whole pod, so it is known last (N91).
    let has_group = fs_group::has_one(pod, &storage);
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        for grant in granted(member, contents) {
            grant.report(member, has_group, &mut report);
        }
    }
    storage
}

fn granted<'g>(member: &'g Facts<'_>, contents: &'g Contents<'_>) -> Vec<Granted<'g>> {
    let configs = member.service.configs.iter().map(|grant| Granted::config(grant, contents));
    let secrets = member.service.secrets.iter().map(|grant| Granted::secret(grant, contents));
    configs.chain(secrets).collect()
}

/// Returns all that a container mounts.
fn of_member<'a>(
    plan: &Plan<'a>,
    contents: &Contents<'a>,
    member: &Facts<'a>,
    granted: &[Granted<'_>],
    report: &mut Report<'_>,
) -> Vec<Mounted> {
    let places = places(member, granted);
    let mut mounts = Vec::new();
    for mount in &member.service.mounts {
        if fate::only_shields(member.service, mount) {
            let fact = format!(
                "mount a volume at `{}` only to keep source code from it: left out",
                mount.target.value
            );
            report.dropped(BackendCode::BindSourceCode, "volumes", mount.span, &fact, "");
        } else {
            mounts.extend(of_mount(plan, contents, member, mount, &places, report));
        }
    }
    mounts.extend(granted.iter().flat_map(|grant| grant.mounted(&places)));
    report_double(&mounts, report);
    mounts
}

/// Returns the places where a container has something mounted.
fn places(member: &Facts<'_>, granted: &[Granted<'_>]) -> Vec<String> {
    let comes_to_something = |mount: &&Mount| match &mount.source {
        MountSource::Bind(bind) => match bind.decision {
            BindDecision::Omitted(_)
            | BindDecision::Unclear(_)
            | BindDecision::TooLarge(_)
            | BindDecision::Unreadable(_) => false,
            BindDecision::Null
            | BindDecision::HostPath { .. }
            | BindDecision::Scratch { .. }
            | BindDecision::Data { .. }
            | BindDecision::File(_)
            | BindDecision::Directory(_) => true,
        },
        MountSource::Volume(_)
        | MountSource::Anonymous
        | MountSource::Tmpfs(_)
        | MountSource::Image { .. }
        | MountSource::NamedPipe(_)
        | MountSource::Cluster(_) => true,
    };
    let mounts = fate::kept(member.service).filter(comes_to_something);
    mounts.map(|mount| mount.target.value.clone()).chain(granted.iter().map(Granted::path)).collect()
}

/// Two of mount, config and secret on one path (N60).
fn report_double(mounts: &[Mounted], report: &mut Report<'_>) {
    let mut first: BTreeMap<&str, &Mounted> = BTreeMap::new();
    for mount in mounts {
        let other = *first.entry(&mount.path).or_insert(mount);
        if !std::ptr::eq(other, mount) {
            let fact = format!("mount two things at `{}`", mount.path);
            let help = "give each its own `target`";
            let found = report.finding(SharedCode::DuplicateTarget, "volumes", mount.span, &fact, help);
            report.push(found.also(other.span, "the other one").outcome(Outcome::Refused));
        }
    }
}

fn of_mount<'a>(
    plan: &Plan<'a>,
    contents: &Contents<'a>,
    member: &Facts<'a>,
    mount: &'a Mount,
    places: &[String],
    report: &mut Report<'_>,
) -> Vec<Mounted> {
    let Mount { span, target, read_only, source, consistency, keeps_data: _, from_service, hints: _ } = mount;
    if let Some(consistency) = consistency {
        report.already_default("volumes", consistency.span);
    }
    if let Some(other) = from_service
        && matches!(source, MountSource::Anonymous | MountSource::Tmpfs(_))
    {
        let fact =
            format!("takes `{}` of `{other}`, which is that container's alone: it is left out", target.value);
        let help = "use a named volume in both services";
        report.dropped(BackendCode::VolumesFromDropped, "volumes_from", *span, &fact, help);
        return Vec::new();
    }
    let made = |behind, volume_name, rule| Mounted {
        path: target.value.clone(),
        sub_path: None,
        read_only: read_only.is_some(),
        propagation: None,
        recursive_read_only: false,
        behind,
        volume_name,
        span: *span,
        rule,
    };
    match source {
        MountSource::Volume(usage) => match plan.project.volumes.get(&usage.volume).map(backing::of_volume) {
            Some(Backing::Path(bind)) => {
                Bound { plan, contents, member, mount, bind, places }.mounted(report)
            }
            Some(Backing::Memory { size }) => {
                if let Some(size) = size {
                    report_above_limit(member, "volumes", &Spanned::new(size, *span), report);
                }
                let name = volume_name("tmpfs", usage.volume.as_str(), &target.value);
                let sub_path = of_use(usage, report);
                vec![Mounted { sub_path, ..made(Behind::Memory(size), name, "N70") }]
            }
            Some(Backing::Inline { server, path, read_only, options: _ }) => {
                let behind = Behind::Nfs { server: server.to_owned(), path: path.to_owned(), read_only };
                let sub_path = of_use(usage, report).or_else(|| wishes::subpath(plan, member.service, mount));
                vec![Mounted { sub_path, ..made(behind, names::label(usage.volume.as_str()), "N70") }]
            }
            Some(
                Backing::External(_)
                | Backing::Claim
                | Backing::Nfs { .. }
                | Backing::Share { .. }
                | Backing::Broken(_),
            )
            | None => of_volume(plan, member, mount, usage, made, report),
        },
        // A hint asks for it.
        MountSource::Anonymous
            if member
                .service
                .hints
                .volume_kind
                .as_ref()
                .is_some_and(|kind| kind.value == VolumeKind::Empty) =>
        {
            vec![made(Behind::Empty, volume_name("anonymous", "", &target.value), "N120")]
        }
        MountSource::Anonymous => {
            let fact =
                format!("mount a volume without name at `{}`, which lives as long as the pod", target.value);
            let help = "name it in the top-level `volumes` to keep what is written there";
            report.approximated(BackendCode::VolumeAnonymous, "volumes", *span, &fact, help);
            vec![made(Behind::Empty, volume_name("anonymous", "", &target.value), "N62")]
        }
        MountSource::Bind(bind) => Bound { plan, contents, member, mount, bind, places }.mounted(report),
        MountSource::Tmpfs(tmpfs) => {
            report_tmpfs(tmpfs, report);
            if let Some(size) = &tmpfs.size {
                report_above_limit(member, if tmpfs.short { "tmpfs" } else { "volumes" }, size, report);
            }
            let size = tmpfs.size.as_ref().map(|size| size.value).filter(|size| *size > 0);
            vec![made(Behind::Memory(size), volume_name("tmpfs", "", &target.value), "N66")]
        }
        MountSource::Image { reference, subpath } => {
            let name = volume_name("image", &reference.value, &target.value);
            let mounts = mounts_images(plan.options);
            let behind = if mounts { Behind::Image(reference.value.clone()) } else { Behind::Empty };
            let sub_path = subpath
                .as_ref()
                .filter(|_| mounts)
                .and_then(|subpath| below_root(&relative(subpath), report));
            vec![Mounted { sub_path, ..made(behind, name, "N67") }]
        }
        MountSource::NamedPipe(path) => {
            let fact = format!("mount the pipe `{}` of the node", path.value);
            let help = "the pipe is now one of the pod's node, whichever that is";
            report.noted(BackendCode::BindHostPath, "volumes", path.span, &fact, help);
            let behind = Behind::Host { path: path.value.clone(), kind: None };
            vec![made(behind, volume_name("bind", &path.value, &target.value), "N68")]
        }
        MountSource::Cluster(_) => {
            let key = access::key_of(plan.project, source);
            of_claim(plan, key).map(|claim| made(claim.0, claim.1, "N68")).into_iter().collect()
        }
    }
}

/// Tells whether the cluster mounts images itself (N67).
fn mounts_images(options: &Options) -> bool {
    options.kube_version.has(35)
        || (options.kube_version.has(33) && options.features.contains(&Feature::ImageVolume))
}

/// Returns the claim of a mount and the name of its volume.
fn of_claim(plan: &Plan<'_>, key: Option<ClaimKey<'_>>) -> Option<(Behind, String)> {
    let claim = plan.claims.by_key.get(&key?)?;
    Some((Behind::Claim(claim.name.clone()), names::label(&claim.name)))
}

/// A named volume: its claim (N61).
fn of_volume<'a>(
    plan: &Plan<'a>,
    member: &Facts<'_>,
    mount: &'a Mount,
    usage: &'a VolumeUse,
    made: impl Fn(Behind, String, &'static str) -> Mounted,
    report: &mut Report<'_>,
) -> Vec<Mounted> {
    let sub_path = of_use(usage, report).or_else(|| wishes::subpath(plan, member.service, mount));
    let key = access::key_of(plan.project, &mount.source);
    let below = key.and_then(|key| plan.claims.by_key.get(&key)).is_some_and(|claim| claim.below_root);
    let sub_path = sub_path.or_else(|| below.then(|| "data".to_owned()));
    let mounted = of_claim(plan, key).map(|(behind, name)| Mounted { sub_path, ..made(behind, name, "N61") });
    mounted.into_iter().collect()
}

/// Returns the path within a named volume that a mount sees; tells nothing.
fn of_volume_path(plan: &Plan<'_>, member: &Facts<'_>, mount: &Mount, usage: &VolumeUse) -> Option<String> {
    let unheard = &mut Sink::default();
    let own = of_use(usage, &mut Report::new(member.name, unheard));
    let key = access::key_of(plan.project, &mount.source);
    let below = key.and_then(|key| plan.claims.by_key.get(&key)).is_some_and(|claim| claim.below_root);
    own.or_else(|| wishes::subpath(plan, member.service, mount)).or_else(|| below.then(|| "data".to_owned()))
}

/// Returns the path within a named volume, and tells of the other options of its use.
fn of_use(usage: &VolumeUse, report: &mut Report<'_>) -> Option<String> {
    let VolumeUse { volume: _, no_copy, subpath, labels } = usage;
    if let Some(span) = no_copy {
        report.already_default("volumes", *span);
    }
    if let Some(label) = labels.values().next() {
        let fact = "label a mount, which is no object of its own: the labels are left out";
        let help = "write them on the top-level volume";
        report.dropped(BackendCode::MountOptionDropped, "volumes", label.span, fact, help);
    }
    subpath.as_ref().and_then(|subpath| below_root(subpath, report))
}

/// A path within an image may be written from its root.
fn relative(subpath: &Spanned<String>) -> Spanned<String> {
    Spanned::new(subpath.value.trim_start_matches('/').to_owned(), subpath.span)
}

/// Returns a path within a volume; one that leads out of it is refused, as by the engine.
fn below_root(subpath: &Spanned<String>, report: &mut Report<'_>) -> Option<String> {
    let written = &subpath.value;
    if written.starts_with('/') || written.split('/').any(|part| part == "..") {
        let fact = format!("mount `{written}` of a volume, which leads out of it");
        let help = "write a path relative to the volume, without `..`";
        report.refused(SharedCode::BadVolume, "volumes", subpath.span, &fact, help);
        return None;
    }
    Some(paths::clean(written).trim_start_matches('/').to_owned()).filter(|path| !path.is_empty())
}

/// Options of memory: an empty directory is everybody's, and has no flags (N66).
fn report_tmpfs(tmpfs: &Tmpfs, report: &mut Report<'_>) {
    let Tmpfs { size: _, mode, options, short: _ } = tmpfs;
    let help = "everybody may read and write there";
    if let Some(mode) = mode.as_ref().filter(|mode| mode.value != 0o1777) {
        let fact = format!("has the mode {:o}, which has no counterpart", mode.value);
        report.dropped(BackendCode::TmpfsOptionDropped, "tmpfs", mode.span, &fact, help);
    }
    for option in options.iter().filter(|option| !matches!(option.value.as_str(), "rw" | "exec")) {
        let fact = format!("has the option `{}`, which has no counterpart", option.value);
        report.dropped(BackendCode::TmpfsOptionDropped, "tmpfs", option.span, &fact, help);
    }
}

/// Makes the containers that fill volumes of a member before it starts.
fn seeds(
    plan: &Plan<'_>,
    member: &Facts<'_>,
    volume_at: impl Fn(&str) -> String,
    taken: &mut BTreeSet<String>,
    sink: &mut Sink,
) -> Vec<Noted<Container>> {
    let mut seeds = Vec::new();
    for mount in &member.service.mounts {
        if let (Some(seed), MountSource::Volume(usage)) =
            (wishes::seed(plan, member.service, mount), &mount.source)
            && seed.value == Seed::Image
        {
            let unheard = &mut Sink::default();
            let report = &mut Report::new(member.name, unheard);
            let image = image::of_service(plan, member, report).reference.value;
            let context = security::context(plan, member, report).map(|context| context.value);
            let volume = volume_at(&mount.target.value);
            let sub_path = of_volume_path(plan, member, mount, usage);
            let mut container =
                copy_up::seed(&volume, &image, Some(&mount.target.value), taken, context, seed.span);
            for mounted in container.value.volume_mounts.iter_mut().flatten() {
                mounted.sub_path.clone_from(&sub_path);
            }
            seeds.push(container);
        }
        if mounts_images(plan.options) {
            continue;
        }
        if let MountSource::Image { reference, subpath } = &mount.source {
            copy_up::report_copied(member, mount, &reference.value, sink);
            let subpath = subpath.as_ref().map(|subpath| subpath.value.as_str());
            let volume = volume_at(&mount.target.value);
            seeds.push(copy_up::seed(
                &volume,
                &reference.value,
                subpath,
                taken,
                harden::context(plan.options, None).map(|context| context.value),
                mount.span,
            ));
        }
    }
    seeds
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::backend::kubernetes::sample::{
        Rendered, at, bind, file, mount, project, render, render_with, service, span,
    };
    use crate::backend::kubernetes::{Feature, KubeVersion, Options};
    use crate::model::{BindPath, OmitReason, Service};

    fn with_mounts(mounts: Vec<Mount>) -> Service {
        Service { mounts, ..service() }
    }

    fn web(mounts: Vec<Mount>) -> Rendered {
        render(&project([("web", with_mounts(mounts))]))
    }

    fn pod(made: &Rendered) -> &Value {
        &made.object("Deployment", "web")["spec"]["template"]["spec"]
    }

    fn mounts(made: &Rendered) -> &Value {
        &pod(made)["containers"][0]["volumeMounts"]
    }

    fn directory(files: &[(&str, &str)]) -> BindDecision {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), file(path, text)));
        BindDecision::Directory(files.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_file_of_configuration_is_mounted_by_its_key() {
        let conf = bind("conf/nginx.conf", BindDecision::File(file("conf/nginx.conf", "x")));
        let made = web(vec![mount("/etc/nginx/nginx.conf", MountSource::Bind(conf))]);
        let expected = json!([{"name": "bind-nginx-conf", "mountPath": "/etc/nginx/nginx.conf", "subPath": "nginx.conf"}]);
        assert_eq!(*mounts(&made), expected);
        let name = pod(&made)["volumes"][0]["configMap"]["name"].as_str().unwrap_or_default().to_owned();
        assert_eq!(made.object("ConfigMap", &name)["data"], json!({"nginx.conf": "x"}));
        assert_eq!(made.codes(), ["bind-read-only"]);
    }

    #[test]
    fn keys_of_a_directory_are_put_back_under_their_paths() {
        let source = MountSource::Bind(bind("conf", directory(&[("a/x", "1"), ("b", "2")])));
        let made = web(vec![Mount { read_only: Some(span()), ..mount("/etc/app", source) }]);
        assert_eq!(*mounts(&made), json!([{"name": "bind-conf", "mountPath": "/etc/app", "readOnly": true}]));
        let items = &pod(&made)["volumes"][0]["configMap"]["items"];
        assert_eq!(*items, json!([{"key": "a_x", "path": "a/x"}, {"key": "b", "path": "b"}]));
    }

    #[test]
    fn a_directory_with_a_mount_below_it_is_mounted_file_by_file() {
        let source = MountSource::Bind(bind("conf", directory(&[("a", "1"), ("cache/x", "2")])));
        let made = web(vec![mount("/etc/app", source), mount("/etc/app/cache", MountSource::Anonymous)]);
        let places: Vec<_> =
            mounts(&made).as_array().into_iter().flatten().map(|mount| mount["mountPath"].as_str()).collect();
        assert_eq!(places, [Some("/etc/app/a"), Some("/etc/app/cache")]);
        assert!(made.codes().contains(&"bind-directory-split"));
    }

    #[test]
    fn a_secret_file_makes_a_secret() {
        let mut secret = bind(".env", BindDecision::File(file(".env", "A=b")));
        secret.sensitive = true;
        let made = web(vec![mount("/app/.env", MountSource::Bind(secret))]);
        assert!(
            made.objects().iter().any(|object| object.starts_with("Secret env-")),
            "{:?}",
            made.objects()
        );
        assert!(made.codes().contains(&"secret-in-output"));
    }

    #[test]
    fn volumes_of_one_name_are_told_apart() {
        let tmpfs = || MountSource::Tmpfs(Tmpfs { size: Some(at(64 << 20)), ..Tmpfs::default() });
        let made = web(vec![mount("/b/run", tmpfs()), mount("/a/run", tmpfs())]);
        let names: Vec<_> =
            mounts(&made).as_array().into_iter().flatten().map(|mount| mount["name"].as_str()).collect();
        let other = format!("tmpfs-run-{}", names::hash(b"web:/b/run"));
        assert_eq!(names, [Some("tmpfs-run"), Some(other.as_str())]);
        assert_eq!(pod(&made)["volumes"][0]["emptyDir"], json!({"medium": "Memory", "sizeLimit": "64Mi"}));
    }

    #[test]
    fn one_source_is_one_volume() {
        let conf = || MountSource::Bind(bind("x.conf", BindDecision::File(file("x.conf", "x"))));
        let made = web(vec![mount("/a.conf", conf()), mount("/b.conf", conf())]);
        assert_eq!(pod(&made)["volumes"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn source_code_is_left_out_with_what_shields_from_it() {
        let code = bind(".", BindDecision::Omitted(OmitReason::SourceCode { copied: true }));
        let made = web(vec![
            mount("/app", MountSource::Bind(code)),
            mount("/app/node_modules", MountSource::Anonymous),
        ]);
        assert_eq!(mounts(&made), &Value::Null);
        assert_eq!(made.codes(), ["bind-source-code", "bind-source-code"]);
    }

    #[test]
    fn a_path_of_the_node_stays_one() {
        let mut root = bind("", BindDecision::HostPath { directory: false });
        root.path = BindPath::Host("/".to_owned());
        root.propagation = Some(at("rslave".to_owned()));
        let made = web(vec![Mount { read_only: Some(span()), ..mount("/host", MountSource::Bind(root)) }]);
        let expected = json!([{
            "name": "bind-host", "mountPath": "/host", "readOnly": true, "mountPropagation": "HostToContainer"
        }]);
        assert_eq!(*mounts(&made), expected);
        assert_eq!(pod(&made)["volumes"][0]["hostPath"], json!({"path": "/"}));
        assert_eq!(made.codes(), ["bind-host-path"]);
    }

    #[test]
    fn a_directory_with_data_is_a_claim() {
        let data = bind("data/mysql", BindDecision::Data { holds_files: true, absolute: false });
        let made = web(vec![mount("/srv", MountSource::Bind(data))]);
        assert!(made.objects().contains(&"PersistentVolumeClaim bind-data-mysql".to_owned()));
        assert_eq!(made.finding("bind-data").severity, crate::diag::Severity::Warning);
    }

    #[test]
    fn images_are_copied_or_mounted_by_version() {
        let image = || MountSource::Image {
            reference: at("example/site:3".to_owned()),
            subpath: Some(at("/html".to_owned())),
        };
        let shop = || project([("web", with_mounts(vec![mount("/srv", image())]))]);
        let made = render(&shop());
        let seed = &pod(&made)["initContainers"][0];
        assert_eq!((&seed["name"], &seed["image"]), (&"seed-image-site-3".into(), &"example/site:3".into()));
        assert!(seed["args"][0].as_str().is_some_and(|script| script.contains("cp -a '/html/.' $d/")));
        let kube_version = KubeVersion::parse("1.33").expect("a version");
        let features = [Feature::ImageVolume].into();
        let made = render_with(&shop(), Options { kube_version, features, ..Options::default() });
        assert_eq!(mounts(&made)[0]["subPath"], "html");
        assert_eq!(pod(&made)["volumes"][0]["image"], json!({"reference": "example/site:3"}));
    }

    #[test]
    fn two_things_at_one_place_are_refused() {
        let made =
            web(vec![mount("/x", MountSource::Anonymous), mount("/x", MountSource::Tmpfs(Tmpfs::default()))]);
        assert!(made.codes().contains(&"duplicate-target"));
    }

    #[test]
    fn paths_out_of_a_volume_are_refused() {
        let (out, codes) = crate::backend::kubernetes::testing::report_of(|report| {
            below_root(&at("../x".to_owned()), report)
        });
        assert_eq!((out, codes), (None, vec!["bad-volume".to_owned()]));
    }
}
