//! Commands that run before a container starts: `pre_start` (K93).

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, SecurityContext, VolumeMount, WindowsSecurityContextOptions};

use super::command::escaped;
use super::environment::{self, Variables};
use super::image::ContainerImage;
use super::{harden, user};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::content::Contents;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::diag::Spanned;
use crate::model::{Hook, Words};

/// What hooks take over from their service.
pub(crate) struct Service<'s> {
    /// Its image.
    pub(crate) image: &'s ContainerImage,
    /// Its variables.
    pub(crate) variables: &'s Variables,
    /// What holds its secret values.
    pub(crate) contents: &'s Contents<'s>,
    /// Its mounts.
    pub(crate) mounts: &'s [Noted<VolumeMount>],
    /// Containers of its pod that keep their names (N3).
    pub(crate) taken: &'s BTreeSet<String>,
}

/// Makes the init containers of a service; `first` counts through the pod.
pub(crate) fn containers(
    facts: &Facts<'_>,
    service: &Service<'_>,
    first: usize,
    options: &Options,
    report: &mut Report<'_>,
) -> Vec<Noted<Container>> {
    facts
        .service
        .lifecycle
        .pre_start
        .iter()
        .enumerate()
        .map(|(index, hook)| {
            let own = environment::of_hook(facts, index, service.contents);
            container(facts, (hook, own), first + index, service, options, report)
        })
        .collect()
}

fn container(
    facts: &Facts<'_>,
    (hook, own_variables): (&Hook, Variables),
    number: usize,
    service: &Service<'_>,
    options: &Options,
    report: &mut Report<'_>,
) -> Noted<Container> {
    let Hook { span, command, image, user, privileged, working_dir, environment: _, per_replica } = hook;
    if !per_replica.as_ref().is_some_and(|per_replica| per_replica.value) {
        report.approximated(
            KubernetesCode::PreStartEveryPod,
            "pre_start",
            *span,
            "runs in each new pod, not once: it must stand being repeated",
            "make it a service that others await with `service_completed_successfully`",
        );
    }
    let mut variables = service.variables.clone();
    variables.extend(own_variables);
    variables.retain(|name, _| environment::is_supported(name, options.kube_version));
    let mut notes = Notes::default();
    let own_image = image.as_ref().map(|image| Noted::written(image.value.clone(), "K93", image.span));
    let pull_policy = if own_image.is_some() { None } else { service.image.pull_policy.clone() };
    let wanted = format!("pre-start-{number}");
    let name = if service.taken.contains(&wanted) {
        names::with_hash_of(&wanted, &format!("Container/{wanted}"))
    } else {
        wanted
    };
    let container = Container {
        name,
        image: Some(notes.at("image", own_image.unwrap_or_else(|| service.image.reference.clone()))),
        image_pull_policy: notes.at_opt("imagePullPolicy", pull_policy),
        args: notes.at_opt("args", words(command)),
        env: notes.list("env", variables.into_values()),
        security_context: notes
            .at_opt("securityContext", context(facts, user.as_ref(), privileged.as_ref(), options, report)),
        volume_mounts: notes.list("volumeMounts", service.mounts.iter().cloned()),
        working_dir: working_dir.as_ref().map(|directory| directory.value.clone()),
        ..Container::default()
    };
    notes.note("", "K93", Some(*span));
    notes.on(container)
}

/// The engine sets the command only, and takes the image's entrypoint.
fn words(command: &Words) -> Option<Noted<Vec<String>>> {
    match command {
        Words::Words(words) => Some(Noted::written(escaped(words), "K93", words.span)),
        Words::Inherit | Words::Cleared(_) => None,
    }
}

/// The hook's own user and rights; where silent the image's user runs, not the service's.
fn context(
    facts: &Facts<'_>,
    user: Option<&Spanned<String>>,
    privileged: Option<&Spanned<bool>>,
    options: &Options,
    report: &mut Report<'_>,
) -> Option<Noted<SecurityContext>> {
    if facts.is_windows() {
        return harden::windows_context(options, user.map(windows_context));
    }
    let parsed = user.map(|user| Spanned::new(user::parse(user), user.span));
    let ids = user::ids("pre_start.user", parsed.as_ref(), None, report);
    let privileged = privileged.filter(|privileged| privileged.value);
    if let Some(privileged) = privileged {
        report.noted(
            BackendCode::HostAccess,
            "pre_start.privileged",
            privileged.span,
            "gives the hook all rights on its node",
            "",
        );
    }
    let mut notes = Notes::default();
    let context = SecurityContext {
        privileged: notes
            .at_opt("privileged", privileged.map(|privileged| Noted::written(true, "K93", privileged.span))),
        ..ids.into_context(SecurityContext::default())
    };
    let context = (context != SecurityContext::default()).then(|| notes.on(context));
    harden::context(options, context)
}

/// On Windows the API takes users by name (K16).
fn windows_context(user: &Spanned<String>) -> Noted<SecurityContext> {
    let options = WindowsSecurityContextOptions {
        run_as_user_name: Some(user.value.clone()),
        ..WindowsSecurityContextOptions::default()
    };
    let context = SecurityContext { windows_options: Some(options), ..SecurityContext::default() };
    Noted::written(context, "K93", user.span)
}
