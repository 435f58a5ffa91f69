//! What hints alone say of a pod: account, pull secrets, tolerations, nodes, priority, containers before its own (N120).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, EnvVar, LocalObjectReference, Toleration, VolumeMount};

use super::command::{escape, escaped};
use super::harden;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::plan::{Facts, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{InitContainer, ServiceHints, ServiceName};

/// Fields of a pod that only hints fill.
#[derive(Default)]
pub(crate) struct PodWishes {
    /// `serviceAccountName`.
    pub(crate) account: Option<Noted<String>>,
    /// `automountServiceAccountToken`, where it is wanted.
    pub(crate) token: Option<Noted<bool>>,
    /// `imagePullSecrets`.
    pub(crate) pull_secrets: Vec<Noted<LocalObjectReference>>,
    /// `tolerations`.
    pub(crate) tolerations: Vec<Noted<Toleration>>,
    /// `nodeSelector`.
    pub(crate) node_selector: BTreeMap<String, Noted<String>>,
    /// `priorityClassName`.
    pub(crate) priority: Option<Noted<String>>,
}

/// Reads the hints of a pod: one value is the owner's, else that of the first member that has one; lists add up (K90).
pub(crate) fn of_pod(pod: &Pod<'_, '_>, sink: &mut Sink) -> PodWishes {
    let mut pull_secrets: Vec<Noted<LocalObjectReference>> = Vec::new();
    let mut tolerations: Vec<Noted<Toleration>> = Vec::new();
    let mut node_selector = BTreeMap::new();
    for member in &pod.members {
        let hints = &member.service.hints;
        for secret in hints.image_pull_secrets.iter().flat_map(|secrets| &secrets.value) {
            let reference = LocalObjectReference { name: secret.value.clone() };
            if !pull_secrets.iter().any(|known| known.value == reference) {
                pull_secrets.push(Noted::written(reference, "K17", secret.span));
            }
        }
        for toleration in tolerations_of(member, sink) {
            if !tolerations.iter().any(|known| known.value == toleration.value) {
                tolerations.push(toleration);
            }
        }
        let labels = hints.node_selector.iter();
        node_selector.extend(
            labels.map(|(key, value)| (key.clone(), Noted::written(value.value.clone(), "N120", value.span))),
        );
    }
    PodWishes {
        account: account(pod),
        token: first(pod, |hints| hints.automount_token.as_ref())
            .filter(|token| token.value)
            .map(|token| Noted::written(true, "N120", token.span)),
        pull_secrets,
        tolerations,
        node_selector,
        priority: first(pod, |hints| hints.priority_class.as_ref())
            .map(|class| Noted::written(class.value.clone(), "N120", class.span)),
    }
}

/// Returns the account that a hint gives to a pod.
pub(crate) fn account(pod: &Pod<'_, '_>) -> Option<Noted<String>> {
    let account = first(pod, |hints| hints.service_account.as_ref())?;
    Some(Noted::written(account.value.clone(), "N120", account.span))
}

/// Returns a hint of the owner, else of the first member by name that has it.
pub(crate) fn first<'p, T>(
    pod: &Pod<'_, 'p>,
    of: impl Fn(&'p ServiceHints) -> Option<&'p Spanned<T>>,
) -> Option<&'p Spanned<T>> {
    let mut others: Vec<_> = pod.members.iter().filter(|member| member.name != pod.owner.name).collect();
    others.sort_by_key(|member| member.name);
    of(&pod.owner.service.hints).or_else(|| others.into_iter().find_map(|member| of(&member.service.hints)))
}

fn tolerations_of(member: &Facts<'_>, sink: &mut Sink) -> Vec<Noted<Toleration>> {
    let Some(hint) = &member.service.hints.tolerations else { return Vec::new() };
    let mut tolerations = Vec::new();
    for written in &hint.value {
        let read = serde_json::from_str::<serde_json::Value>(&written.0).ok();
        let typed = read.as_ref().and_then(|tree| serde_json::from_value::<Toleration>(tree.clone()).ok());
        // A key that the API does not know is lost on the way through its type.
        let whole = typed.filter(|typed| serde_json::to_value(typed).ok() == read);
        match whole {
            Some(toleration) => tolerations.push(Noted::written(toleration, "N120", hint.span)),
            None => refuse(member.name, hint.span, &written.0, sink),
        }
    }
    tolerations
}

fn refuse(name: &ServiceName, span: Span, written: &str, sink: &mut Sink) {
    let report = Report::new(name, sink);
    let found = report
        .finding(
            SharedCode::HintValueInvalid,
            "x-rcompose.tolerations",
            span,
            &format!("holds `{written}`, which is no toleration"),
            "write `key`, `operator`, `value`, `effect` and `tolerationSeconds` as the API has them",
        )
        .outcome(Outcome::Refused);
    sink.push(found);
}

/// Makes the containers that run to their end before a member starts; they see what it mounts.
pub(crate) fn init_containers(
    member: &Facts<'_>,
    mounts: &[Noted<VolumeMount>],
    options: &Options,
) -> Vec<Noted<Container>> {
    let written = member.service.hints.init_containers.iter().enumerate();
    written.map(|(index, written)| init_container(member, index + 1, written, mounts, options)).collect()
}

fn init_container(
    member: &Facts<'_>,
    number: usize,
    written: &InitContainer,
    mounts: &[Noted<VolumeMount>],
    options: &Options,
) -> Noted<Container> {
    let InitContainer { span, name, image, command, arguments, environment } = written;
    let generated = || names::label_between("", member.name.as_str(), &format!("-init-{number}"));
    let words = |words: &[String]| (!words.is_empty()).then(|| escaped(words));
    let variables = environment.iter().map(|(name, value)| {
        let variable = EnvVar { name: name.clone(), value: Some(escape(&value.value)), ..EnvVar::default() };
        Noted::written(variable, "N120", value.span)
    });
    let mut notes = Notes::default();
    let container = Container {
        name: name.as_ref().map_or_else(generated, |name| name.value.clone()),
        image: Some(notes.at("image", Noted::written(image.value.clone(), "N120", image.span))),
        command: words(command),
        args: words(arguments),
        env: notes.list("env", variables),
        security_context: harden::context(options, None).map(|context| context.value),
        volume_mounts: notes.list("volumeMounts", mounts.iter().cloned()),
        ..Container::default()
    };
    notes.on(container).also("N120", Some(*span))
}
