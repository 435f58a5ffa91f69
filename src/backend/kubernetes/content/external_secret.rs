//! `ExternalSecrets`: a store outside the cluster has the values, a controller fetches them (N93).

use serde::Serialize;

use super::carrier::Carrier;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::labels::Labels;
use crate::backend::kubernetes::metadata::Annotations;
use crate::backend::kubernetes::object::{Noted, Notes, Object};
use crate::backend::kubernetes::plan::Plan;
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Sink, Span};
use crate::model::RemoteSecret;

const VERSION: &str = "external-secrets.io/v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    refresh_interval: &'static str,
    secret_store_ref: StoreRef,
    target: Target,
    data: Vec<Datum>,
}

#[derive(Serialize)]
struct StoreRef {
    name: String,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    name: String,
    creation_policy: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Datum {
    secret_key: String,
    remote_ref: RemoteRef,
}

#[derive(Serialize)]
struct RemoteRef {
    key: String,
    property: String,
}

/// What the store is asked for.
pub(crate) struct Wanted<'w> {
    /// Name of the Secret that is made.
    pub(crate) name: String,
    /// Its labels.
    pub(crate) labels: Labels,
    /// Its annotations.
    pub(crate) annotations: Annotations,
    /// Its keys, each with the place that wants it.
    pub(crate) keys: Vec<(&'w str, Span)>,
    /// Where the store has it, where its author says so.
    pub(crate) remote: Option<&'w RemoteSecret>,
    /// The rule that wants it, and the place.
    pub(crate) origin: (&'static str, Span),
}

/// Makes the object of content; `None` where no store is named.
pub(super) fn of_carrier(plan: &Plan<'_>, carrier: &Carrier<'_>) -> Option<Object> {
    let keys = carrier.entries.iter().map(|entry| (entry.key.as_str(), entry.span)).collect();
    let wanted = Wanted {
        name: carrier.name.clone(),
        labels: carrier.labels.clone(),
        annotations: carrier.annotations.clone(),
        keys,
        remote: carrier.remote,
        origin: (carrier.rule, carrier.span),
    };
    object(plan, wanted)
}

/// Makes the object; `None` where no store is named.
pub(crate) fn object(plan: &Plan<'_>, wanted: Wanted<'_>) -> Option<Object> {
    let store = plan.project.hints.secret_store.as_ref()?;
    let Wanted { name, labels, annotations, keys, remote, origin: (rule, span) } = wanted;
    let usual = format!("{}/{name}", plan.project.name);
    let data = keys.into_iter().map(|(key, span)| {
        let datum = Datum {
            secret_key: key.to_owned(),
            remote_ref: RemoteRef {
                key: remote.map_or_else(|| usual.clone(), |remote| remote.key.value.clone()),
                property: remote
                    .and_then(|remote| remote.property.as_ref())
                    .map_or_else(|| key.to_owned(), |property| property.value.clone()),
            },
        };
        Noted::written(datum, "N93", span)
    });
    let mut notes = Notes::default();
    notes.note("", rule, Some(span));
    notes.note("secretStoreRef", "N93", Some(store.span));
    let spec = Spec {
        refresh_interval: "1h0m0s",
        secret_store_ref: StoreRef {
            name: store.value.name.value.clone(),
            kind: if store.value.cluster_wide { "ClusterSecretStore" } else { "SecretStore" },
        },
        target: Target { name: name.clone(), creation_policy: "Owner" },
        data: notes.list("data", data).unwrap_or_default(),
    };
    let metadata = plan.metadata(name, labels, annotations);
    Some(Object::custom("ExternalSecret", VERSION, metadata, notes.on(spec)))
}

/// Tells once that a store is missing, or that nothing follows a value that changes there.
pub(super) fn report(plan: &Plan<'_>, places: impl Iterator<Item = Span>, sink: &mut Sink) {
    let Some(first) = places.min() else { return };
    if plan.project.hints.secret_store.is_none() {
        let message = "`--secrets external-secrets` asks a store, and none is named";
        sink.push(
            problem::of_project(BackendCode::SecretNeedsTool, message)
                .at(first)
                .outcome(Outcome::Refused)
                .help("top-level `x-rcompose: {secret-store: {name: NAME, kind: ClusterSecretStore}}`"),
        );
        return;
    }
    let message = "a new value in the store reaches files, and rolls no pods";
    let found = problem::of_project(KubernetesCode::SecretRotationManual, message).at(first);
    sink.push(found.help("`rcompose restart`, or `kubectl rollout restart`, makes pods take it"));
}
