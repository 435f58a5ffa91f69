//! Flags of kompose (C26, N147): those that cost nothing act, the others say what stands for them. Hidden from the help.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::codes::CliCode;
use super::session::Session;
use super::severity::Verdict;
use super::usage::UsageError;
use crate::compose::hints::forms::LABEL;
use crate::diag::{Diagnostic, Span, Spanned};
use crate::yaml::{Entry, Node};

/// The flags.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one per switch of kompose")]
pub(crate) struct Kompose {
    #[arg(long, hide = true, conflicts_with = "output")]
    pub(crate) stdout: bool,
    #[arg(short = 'j', long, hide = true)]
    pub(crate) json: bool,
    #[arg(short = 'c', long, hide = true)]
    pub(crate) chart: bool,
    #[arg(long, value_name = "KIND", hide = true)]
    controller: Option<String>,
    #[arg(short = 'd', long, hide = true)]
    deployment: bool,
    #[arg(long, hide = true)]
    daemon_set: bool,
    #[arg(long, alias = "replicationController", hide = true)]
    replication_controller: bool,
    #[arg(long, value_name = "N", hide = true)]
    replicas: Option<u32>,
    #[arg(long, value_name = "KIND", hide = true)]
    volumes: Option<String>,
    #[arg(long, hide = true)]
    emptyvols: bool,
    #[arg(
        long,
        value_name = "MODE",
        alias = "multiple-container-mode",
        value_parser = PossibleValuesParser::new(["label", "volume"]),
        num_args = 0..=1,
        default_missing_value = "label",
        hide = true
    )]
    service_group_mode: Option<String>,
    #[arg(long, value_name = "NAME", value_parser = object_name, hide = true)]
    service_group_name: Option<String>,
    #[arg(long, hide = true)]
    error_on_warning: bool,
    #[arg(long, hide = true)]
    suppress_warnings: bool,
    #[arg(long, value_name = "NAME", hide = true)]
    provider: Option<String>,
    #[arg(long, value_name = "HOW", hide = true)]
    build: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) generate_network_policies: bool,
    #[arg(long, hide = true)]
    secrets_as_files: bool,
    #[arg(short = 'y', long, hide = true)]
    yaml: bool,
    #[arg(long, hide = true)]
    with_kompose_annotation: bool,
    #[arg(long, value_name = "N", value_parser = indent, hide = true)]
    pub(crate) indent: Option<usize>,
    #[arg(long, hide = true)]
    no_interpolate: bool,
    #[arg(long, num_args = 0..=1, default_missing_value = "", hide = true)]
    push_image: Option<String>,
    #[arg(long, hide = true)]
    push_image_registry: Option<String>,
    #[arg(long, hide = true)]
    push_command: Option<String>,
    #[arg(long, hide = true)]
    build_command: Option<String>,
    #[arg(long, hide = true)]
    build_repo: Option<String>,
    #[arg(long, hide = true)]
    build_branch: Option<String>,
    #[arg(long, hide = true)]
    deployment_config: bool,
    #[arg(long, hide = true)]
    insecure_repository: bool,
}

impl Kompose {
    /// Acts on the flags: hints for all services, and how much findings weigh.
    ///
    /// # Errors
    /// A flag that means something else here, with what stands for it.
    pub(crate) fn apply(&self, session: &mut Session<'_, '_>) -> Result<(), UsageError> {
        self.refuse()?;
        self.hint(session)?;
        if self.error_on_warning {
            session.wishes.add(Verdict::Deny, "warnings", &crate::codes()).map_err(UsageError::new)?;
        }
        session.globals.quiet |= self.suppress_warnings;
        let group_name = self.service_group_name.is_some() && !self.groups_by_volume();
        let ignored = [
            ("--secrets-as-files", self.secrets_as_files),
            ("--yaml", self.yaml),
            ("--with-kompose-annotation", self.with_kompose_annotation),
            ("--service-group-name", group_name),
            ("--indent", self.indent.is_some() && (self.json || self.chart)),
        ];
        for (flag, _) in ignored.into_iter().filter(|(_, given)| *given) {
            let message = format!("`{flag}` of kompose has no effect here");
            session.sink.push(Diagnostic::new(CliCode::KomposeOptionIgnored, message).help("drop it"));
        }
        Ok(())
    }

    fn refuse(&self) -> Result<(), UsageError> {
        let local = self.build.as_deref().is_some_and(|how| how != "none");
        let other = self.provider.as_deref().is_some_and(|name| name != "kubernetes");
        let push = "images are pushed by `docker compose push`; `--registry` and `--tag` name them";
        let build = "images are built by `docker compose build`; `--registry` and `--tag` name them";
        let refused = [
            (
                self.replication_controller,
                "--replication-controller",
                "a Deployment is meant: `--controller deployment`",
            ),
            (self.no_interpolate, "--no-interpolate", "use `rcompose config --no-interpolate`"),
            (other, "--provider", "Kubernetes objects are written; OpenShift takes them"),
            (local, "--build", build),
            (self.build_command.is_some(), "--build-command", build),
            (self.build_repo.is_some(), "--build-repo", build),
            (self.build_branch.is_some(), "--build-branch", build),
            (self.push_image.is_some(), "--push-image", push),
            (self.push_image_registry.is_some(), "--push-image-registry", push),
            (self.push_command.is_some(), "--push-command", push),
            (
                self.deployment_config,
                "--deployment-config",
                "a Deployment is meant: `--controller deployment`",
            ),
            (self.insecure_repository, "--insecure-repository", push),
        ];
        match refused.into_iter().find(|(given, _, _)| *given) {
            Some((_, flag, instead)) => Err(UsageError::new(format!("`{flag}` of kompose: {instead}"))),
            None => Ok(()),
        }
    }

    fn hint(&self, session: &mut Session<'_, '_>) -> Result<(), UsageError> {
        let controller = match self.controller.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None if self.daemon_set => Some("DaemonSet"),
            None if self.deployment => Some("Deployment"),
            None => None,
            Some("deployment") => Some("Deployment"),
            Some("daemonset") => Some("DaemonSet"),
            Some("statefulset") => Some("StatefulSet"),
            Some("replicationcontroller") => {
                let message = "`--controller` of kompose: a Deployment is meant: `--controller deployment`";
                return Err(UsageError::new(message));
            }
            Some(other) => {
                let message =
                    format!("`{other}` is no value of `--controller`: deployment, daemonset, statefulset");
                return Err(UsageError::new(message));
            }
        };
        let volumes = match self.volumes.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None if self.emptyvols => Some(("volume-kind", "empty")),
            None => None,
            Some("persistentvolumeclaim") => Some(("volume-kind", "claim")),
            Some("emptydir") => Some(("volume-kind", "empty")),
            Some("hostpath") => Some(("bind", "host")),
            Some("configmap") => Some(("bind", "config")),
            Some(other) => {
                let known = "persistentVolumeClaim, emptyDir, hostPath, configMap";
                return Err(UsageError::new(format!("`{other}` is no value of `--volumes`: {known}")));
            }
        };
        for (hint, word) in controller.map(|kind| ("kind", kind)).into_iter().chain(volumes) {
            let span = place(session, word);
            let node = Node::text(span, word);
            session.outside.flags.insert(hint.to_owned(), Entry { key: span, node });
        }
        if let Some(replicas) = self.replicas {
            let span = place(session, &format!("--replicas {replicas}"));
            session.outside.replicas = Some(Spanned::new(replicas, span));
        }
        // Groups by label need no flag here (N122).
        if self.groups_by_volume() {
            let name = self.service_group_name.clone();
            let text = name.as_ref().map_or_else(
                || "--service-group-mode volume".to_owned(),
                |name| format!("--service-group-name {name}"),
            );
            session.outside.group_by_volume = Some(Spanned::new(name, place(session, &text)));
        }
        Ok(())
    }

    fn groups_by_volume(&self) -> bool {
        self.service_group_mode.as_deref() == Some("volume")
    }
}

/// Widths that kompose's users ask for; others make no better YAML.
fn indent(text: &str) -> Result<usize, String> {
    match text {
        "2" => Ok(2),
        "4" => Ok(4),
        _ => Err("2 or 4 is meant".to_owned()),
    }
}

fn object_name(text: &str) -> Result<String, String> {
    if (LABEL.fits)(text) { Ok(text.to_owned()) } else { Err(format!("{} is meant", LABEL.meant)) }
}

/// Gives a flag a place that messages can name.
fn place(session: &mut Session<'_, '_>, text: &str) -> Span {
    let source = session.sources.add("command line", text);
    Span::new(source, 0, u32::try_from(text.len()).unwrap_or(0))
}
