//! Bind mounts: what is mounted in their place, and what is told of it (N80 to N87, N144).

use k8s_openapi::api::core::v1::KeyToPath;

use super::access::ClaimKey;
use super::fate;
use super::mounted::{Behind, Mounted, volume_name};
use super::paths;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::content::{Contents, Held, Keyed, Source};
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::{self, Report};
use crate::diag::{Outcome, Severity, Sink};
use crate::model::codes::SharedCode;
use crate::model::{Bind, BindDecision, BindPath, Mount, OmitReason, UnclearReason};

/// Unix mode of a file that its owner may execute.
const EXECUTABLE: i32 = 0o755;

/// One bind mount of a member of a pod.
pub(super) struct Bound<'a, 'p> {
    pub(super) plan: &'p Plan<'a>,
    pub(super) contents: &'p Contents<'a>,
    pub(super) member: &'p Facts<'a>,
    pub(super) mount: &'a Mount,
    pub(super) bind: &'a Bind,
    /// Places of the member's other mounts.
    pub(super) places: &'p [String],
}

impl Bound<'_, '_> {
    /// Says what is mounted in the place of a bind mount.
    pub(super) fn mounted(&self, report: &mut Report<'_>) -> Vec<Mounted> {
        let Bind {
            source: _,
            path: _,
            propagation: _,
            recursive: _,
            selinux: _,
            create_host_path: _,
            decision,
            sensitive: _,
            skipped: _,
        } = self.bind;
        self.report_skipped(report);
        if !matches!(decision, BindDecision::HostPath { .. }) {
            self.report_options(report);
        }
        match decision {
            BindDecision::Null | BindDecision::File(_) | BindDecision::Directory(_) => self.content(report),
            BindDecision::HostPath { directory } => vec![self.host_path(*directory, report)],
            BindDecision::Data { holds_files, absolute } => self.data(*holds_files, *absolute, report),
            BindDecision::Scratch { missing } => vec![self.scratch(*missing, report)],
            BindDecision::Omitted(reason) => {
                self.report_omitted(*reason, report);
                Vec::new()
            }
            BindDecision::Unclear(reason) => {
                self.report_unclear(*reason, report);
                Vec::new()
            }
            BindDecision::TooLarge(files) => {
                self.report_too_large(files, report);
                Vec::new()
            }
            BindDecision::Unreadable(text) => {
                let fact = format!("mount `{}`, which cannot be read: {text}", self.shown());
                let help = "correct its rights, or mount a named volume";
                report.refused(SharedCode::FileUnreadable, "volumes", self.mount.span, &fact, help);
                Vec::new()
            }
        }
    }

    /// The source as its author wrote it.
    fn shown(&self) -> &str {
        match &self.bind.path {
            BindPath::Project(path) | BindPath::Host(path) => path,
        }
    }

    fn mounted_as(&self, behind: Behind, volume_name: String, rule: &'static str) -> Mounted {
        Mounted {
            path: self.mount.target.value.clone(),
            sub_path: None,
            read_only: self.mount.read_only.is_some(),
            propagation: None,
            recursive_read_only: false,
            behind,
            volume_name,
            span: self.mount.span,
            rule,
        }
    }

    /// Configuration: a file by its key, a directory as a whole, or file by file where a mount lies below it (N82, N87).
    fn content(&self, report: &mut Report<'_>) -> Vec<Mounted> {
        let Some(Source { secret, object, held }) = self.contents.of_bind(self.bind) else {
            return Vec::new();
        };
        if self.mount.read_only.is_none() && !matches!(self.bind.decision, BindDecision::Null) {
            let fact = format!("mount `{}` for writing: as configuration it is read-only", self.shown());
            let help = "add `:ro` if reading is enough, else mount a volume";
            report.approximated(KubernetesCode::BindReadOnly, "volumes", self.mount.span, &fact, help);
        }
        let name = volume_name("bind", self.shown(), &self.mount.target.value);
        let behind = |items| Behind::Content { secret: *secret, object: object.clone(), items, mode: None };
        let whole = |items| self.mounted_as(behind(items), name.clone(), "N82");
        match held {
            Held::One(file) => {
                let items = file.executable.then(|| vec![item(file)]);
                vec![Mounted { sub_path: Some(file.path.clone()), ..whole(items) }]
            }
            Held::Directory(files) => {
                let items = items_of(files);
                let below = |place: &&String| paths::is_below(place, &self.mount.target.value);
                let Some(below) = self.places.iter().find(below) else { return vec![whole(items)] };
                let fact = format!("mount a directory with another mount, `{below}`, below it: file by file");
                let help = "files of the image in that directory stay visible";
                report.approximated(
                    KubernetesCode::BindDirectorySplit,
                    "volumes",
                    self.mount.span,
                    &fact,
                    help,
                );
                split(&whole(items), files, self.places)
            }
        }
    }

    fn host_path(&self, directory: bool, report: &mut Report<'_>) -> Mounted {
        let path = self.shown();
        let socket = std::path::Path::new(path).extension().is_some_and(|extension| extension == "sock");
        let (propagation, recursive_read_only) = self.host_options(report);
        let help = if path.ends_with("docker.sock") {
            "nodes run containerd and have no such socket: leave the mount out"
        } else {
            "the path is now one of the pod's node, whichever that is; `deploy: {mode: global}` runs one a node"
        };
        let fact = format!("mount `{path}` of the node");
        report.noted(BackendCode::BindHostPath, "volumes", self.mount.span, &fact, help);
        let kind = match (directory, self.bind.create_host_path) {
            (false, _) => socket.then_some("Socket"),
            // As the engine does.
            (true, Some(true)) => Some("DirectoryOrCreate"),
            (true, Some(false)) => Some("Directory"),
            (true, None) => None,
        };
        let behind = Behind::Host { path: path.to_owned(), kind };
        // Two paths of the node may end alike, so all of it is in the name.
        let whole =
            if path.trim_matches('/').is_empty() { paths::base_name(&self.mount.target.value) } else { path };
        let name = names::label_between("bind-", whole, "");
        Mounted { propagation, recursive_read_only, ..self.mounted_as(behind, name, "N85") }
    }

    /// Returns how mounts of the node and of the container below a path of the node are seen by the other side.
    fn host_options(&self, report: &mut Report<'_>) -> (Option<&'static str>, bool) {
        let privileged =
            self.member.service.security.privileged.as_ref().is_some_and(|privileged| privileged.value);
        let mut propagation = None;
        if let Some(written) = &self.bind.propagation {
            match written.value.as_str() {
                "rslave" | "slave" => propagation = Some("HostToContainer"),
                "rshared" | "shared" if privileged => propagation = Some("Bidirectional"),
                "private" | "rprivate" => report.already_default("volumes", written.span),
                other => self.drop_option(other, written.span, report),
            }
        }
        let mut recursive = false;
        if let Some(written) = &self.bind.recursive {
            let can = self.mount.read_only.is_some()
                && propagation.is_none()
                && self.plan.options.kube_version.has(31);
            match written.value.as_str() {
                "readonly" if can => recursive = true,
                "enabled" => report.already_default("volumes", written.span),
                other => self.drop_option(other, written.span, report),
            }
        }
        if let Some(written) = &self.bind.selinux {
            self.drop_option(&written.value, written.span, report);
        }
        (propagation, recursive)
    }

    /// Options that mean something on a path of the node only.
    fn report_options(&self, report: &mut Report<'_>) {
        if let Some(written) = &self.bind.propagation {
            match written.value.as_str() {
                "private" | "rprivate" => report.already_default("volumes", written.span),
                other => self.drop_option(other, written.span, report),
            }
        }
        if let Some(written) = &self.bind.recursive {
            match written.value.as_str() {
                "enabled" => report.already_default("volumes", written.span),
                other => self.drop_option(other, written.span, report),
            }
        }
        // Volumes of a pod are relabelled for it anyway.
        if let Some(written) = &self.bind.selinux {
            report.already_default("volumes", written.span);
        }
    }

    fn drop_option(&self, option: &str, span: crate::diag::Span, report: &mut Report<'_>) {
        let fact = format!("mount `{}` with the option `{option}`, which has no counterpart", self.shown());
        report.dropped(BackendCode::MountOptionDropped, "volumes", span, &fact, "leave the option out");
    }

    /// A directory with data is a claim (N83).
    fn data(&self, holds_files: bool, absolute: bool, report: &mut Report<'_>) -> Vec<Mounted> {
        let Some(claim) = self.plan.claims.by_key.get(&ClaimKey::Directory(&self.bind.path)) else {
            return Vec::new();
        };
        let shown = self.shown();
        if self.bind.create_host_path != Some(true) && !holds_files && !absolute {
            let fact = format!(
                "mount `{shown}`, which is not there or empty: the claim `{}` starts empty",
                claim.name
            );
            let help = "create the directory, or mount a named volume";
            report.approximated(BackendCode::BindSourceMissing, "volumes", self.mount.span, &fact, help);
        } else {
            let (content, severity) = match (holds_files, absolute) {
                (true, _) => (": its files are not copied", Severity::Warning),
                (false, true) => (": what is there is not copied", Severity::Warning),
                (false, false) => (", empty at first", Severity::Note),
            };
            let fact =
                format!("mount the directory `{shown}`, which becomes the claim `{}`{content}", claim.name);
            let help =
                "`kubectl cp` copies files into a running container; a named volume says what is meant";
            let code = KubernetesCode::BindData;
            let found = report.finding(code, "volumes", self.mount.span, &fact, help);
            report.push(found.severity(severity).outcome(Outcome::Approximated));
        }
        let behind = Behind::Claim(claim.name.clone());
        let sub_path = claim.below_root.then(|| "data".to_owned());
        vec![Mounted { sub_path, ..self.mounted_as(behind, names::label(&claim.name), "N83") }]
    }

    fn scratch(&self, missing: bool, report: &mut Report<'_>) -> Mounted {
        let shown = self.shown();
        if missing {
            let fact = format!("mount `{shown}`, which is not there: an empty directory stands in its place");
            let help = "create it, or leave the mount out";
            report.approximated(BackendCode::BindSourceMissing, "volumes", self.mount.span, &fact, help);
        } else {
            let fact = format!("mount `{shown}`: an empty directory that lives as long as the pod");
            let help = "mount a named volume to keep what is written there";
            report.approximated(KubernetesCode::BindData, "volumes", self.mount.span, &fact, help);
        }
        let name = volume_name("bind", shown, &self.mount.target.value);
        self.mounted_as(Behind::Empty, name, "N80")
    }

    fn report_omitted(&self, reason: OmitReason, report: &mut Report<'_>) {
        let (shown, span) = (self.shown(), self.mount.span);
        match reason {
            OmitReason::Timezone => {
                let fact = format!("mount `{shown}`, which a node has in its own way: it is left out");
                let help = "set `TZ` in the environment";
                report.dropped(KubernetesCode::BindTimezoneDropped, "volumes", span, &fact, help);
            }
            OmitReason::SourceCode { copied } => {
                let (rest, severity) = if copied {
                    ("the image has it", Severity::Note)
                } else {
                    ("and the Dockerfile copies nothing, so the image lacks it", Severity::Warning)
                };
                let fact = format!("mount source code, `{shown}`, over the image: it is left out, {rest}");
                let help =
                    "`COPY` the sources in the Dockerfile; `develop` is for changes while Compose runs";
                let found = report.finding(BackendCode::BindSourceCode, "volumes", span, &fact, help);
                report.push(found.severity(severity).outcome(Outcome::Dropped));
            }
            OmitReason::MissingFile => {
                let fact = format!("mount `{shown}`, which is not there: it is left out");
                let help = "create the file, or correct its path";
                report.dropped(BackendCode::BindSourceMissing, "volumes", span, &fact, help);
            }
            // The author said so: nothing to tell.
            OmitReason::Hint => {}
            OmitReason::Special => {
                let fact = format!("mount `{shown}`, no file or directory of the project: it is left out");
                report.dropped(KubernetesCode::BindFileSkipped, "volumes", span, &fact, "");
            }
        }
    }

    fn report_unclear(&self, reason: UnclearReason, report: &mut Report<'_>) {
        let shown = self.shown();
        let (fact, help) = match reason {
            UnclearReason::AbsoluteFile => (
                format!("mount `{shown}`, a file outside the project that differs from machine to machine"),
                "put it into the project and mount it by a relative path",
            ),
            UnclearReason::WrittenFile => (
                format!("mount `{shown}`, a file that a program writes, and no volume holds a single file"),
                "mount its directory",
            ),
            UnclearReason::CodeTree => (
                format!("mount `{shown}`, a tree of source code"),
                "build an image that has it, or mount a named volume",
            ),
            UnclearReason::RelativeHostPath => (
                format!("mount `{shown}` by the hint `host`, and no node has a path of the project"),
                "write the absolute path that it has on the nodes",
            ),
            UnclearReason::NeedsHint => (
                format!("mount `{shown}` without a hint, and `--bind-policy error` asks for one"),
                "say what it is: `x-rcompose: {bind: config}`, `secret`, `volume`, `host` or `omit`",
            ),
        };
        report.refused(KubernetesCode::BindUnclear, "volumes", self.mount.span, &fact, help);
    }

    fn report_too_large(&self, files: &[(String, u64)], report: &mut Report<'_>) {
        let listed: Vec<String> = files.iter().map(|(path, size)| format!("`{path}` {size}")).collect();
        let fact =
            format!("mount `{}`, too much for a ConfigMap; in bytes: {}", self.shown(), listed.join(", "));
        let help = "put it into an image or a volume";
        report.refused(BackendCode::ConfigTooLarge, "volumes", self.mount.span, &fact, help);
    }

    fn report_skipped(&self, report: &mut Report<'_>) {
        if self.bind.skipped.is_empty() {
            return;
        }
        let files: Vec<String> =
            self.bind.skipped.iter().map(|(path, reason)| format!("`{path}` ({reason})")).collect();
        let fact = format!("mount `{}` without {}", self.shown(), files.join(", "));
        report.noted(KubernetesCode::BindFileSkipped, "volumes", self.mount.span, &fact, "");
    }
}

/// Lists keys with their paths, where any differs from its path or may be executed (N82).
pub(super) fn items_of(files: &[Keyed]) -> Option<Vec<KeyToPath>> {
    let plain = files.iter().all(|file| file.key == file.path && !file.executable);
    (!plain).then(|| files.iter().map(item).collect())
}

fn item(file: &Keyed) -> KeyToPath {
    let mode = file.executable.then_some(EXECUTABLE);
    KeyToPath { key: file.key.clone(), path: file.path.clone(), mode }
}

/// Mounts a directory file by file, but for places where another mount stands (N87).
pub(super) fn split(whole: &Mounted, files: &[Keyed], places: &[String]) -> Vec<Mounted> {
    let below: Vec<&String> = places.iter().filter(|place| paths::is_below(place, &whole.path)).collect();
    files
        .iter()
        .map(|file| Mounted {
            path: paths::clean(&format!("{}/{}", whole.path, file.path)),
            sub_path: Some(file.path.clone()),
            ..whole.clone()
        })
        .filter(|mounted| !below.iter().any(|place| paths::is_at_or_below(&mounted.path, place)))
        .collect()
}

/// Directories with data that lie in each other share files under Compose, and as claims do not (N83).
pub(super) fn report_nested(plan: &Plan<'_>, sink: &mut Sink) {
    let mut binds: Vec<(&BindPath, &Mount, bool, bool)> = Vec::new();
    for facts in plan.all() {
        for mount in fate::kept(facts.service) {
            if let Some(bind) = super::bind_of(plan.project, &mount.source) {
                let is_data = matches!(bind.decision, BindDecision::Data { .. });
                if !binds.iter().any(|(path, ..)| *path == &bind.path) {
                    binds.push((&bind.path, mount, is_data, facts.service.selected));
                }
            }
        }
    }
    for (outer, outer_mount, outer_data, outer_selected) in &binds {
        for (inner, inner_mount, inner_data, inner_selected) in &binds {
            let nested = match (outer, inner) {
                (BindPath::Project(outer), BindPath::Project(inner)) => {
                    outer != "." && paths::is_below(&format!("/{inner}"), &format!("/{outer}"))
                }
                (BindPath::Host(outer), BindPath::Host(inner)) => {
                    outer != "/" && paths::is_below(inner, outer)
                }
                _ => false,
            };
            if !nested || !(*outer_data || *inner_data) || !(*outer_selected || *inner_selected) {
                continue;
            }
            let (BindPath::Project(inner) | BindPath::Host(inner)) = inner;
            let (BindPath::Project(outer) | BindPath::Host(outer)) = outer;
            let message = format!("`{inner}` lies in `{outer}`, but as volumes they share no files");
            sink.push(
                problem::of_project(KubernetesCode::BindData, message)
                    .at(inner_mount.span)
                    .also(outer_mount.span, "the outer one")
                    .severity(Severity::Warning)
                    .outcome(Outcome::Approximated)
                    .help("mount one named volume in both services"),
            );
        }
    }
}
