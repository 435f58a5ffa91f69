//! One step of a change as requests (A23, A24, A38, A41).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cluster::client::{Api, Call, Content};
use crate::cluster::failure::{Class, Failure};
use crate::cluster::fields::{HAND_OVER_MANAGER, MANAGER};
use crate::cluster::object::{Identity, Live};
use crate::cluster::plan::change::{Change, Step};
use crate::cluster::plan::probe;
use crate::cluster::progress::Event;
use crate::cluster::read::{self, Served};

/// How often it is looked whether an object is gone.
const LOOK: Duration = Duration::from_millis(500);

/// Applies a document.
pub(crate) fn apply(kind: &Served, identity: &Identity, document: Value, force: bool) -> Call {
    Call::patch(kind.object(identity), Content::Apply, document)
        .with("fieldManager", MANAGER)
        .with("fieldValidation", "Strict")
        .with_if(force, "force", "true")
}

/// Makes a new object, strictly, if not by a dry-run.
pub(crate) fn create(kind: &Served, identity: &Identity, document: Value) -> Call {
    Call::post(kind.collection(identity.namespace.as_deref().unwrap_or_default()), document)
        .with("fieldManager", MANAGER)
        .with("fieldValidation", "Strict")
}

/// Runs one step; returns the object where the step writes it.
pub(super) async fn run(
    api: &Api<'_>,
    kind: &Served,
    change: &Change,
    step: &Step,
) -> Result<Option<Live>, Failure> {
    let identity = &change.identity;
    match step {
        Step::AwaitGone { uid } => match wait_until_gone(api, kind, identity, uid).await? {
            Gone::Gone => Ok(None),
            Gone::Stuck(finalizers) => Err(Failure::stuck(&finalizers)),
        },
        Step::Migrate { patch } => {
            let call = Call::patch(kind.object(identity), Content::Patch, patch.clone());
            api.call(call.with("fieldManager", MANAGER)).await.map(|_| None)
        }
        Step::HandOver { document } => {
            let call = Call::patch(kind.object(identity), Content::Apply, document.clone());
            api.call(call.with("fieldManager", HAND_OVER_MANAGER)).await.map(|_| None)
        }
        Step::Apply { document, force } => {
            let answer = api.call(apply(kind, identity, document.clone(), *force)).await?;
            for warning in answer.warnings {
                api.report(&Event::of_server(identity, &warning));
            }
            Ok(Some(Live::new(answer.body)))
        }
        Step::GrowClaims { prefix, request } => grow(api, identity, prefix, request).await.map(|()| None),
        Step::Delete { uid, orphan, original: _ } => {
            prove(api, kind, change).await?;
            let propagation = if *orphan { "Orphan" } else { "Foreground" };
            match delete_and_wait(api, kind, identity, uid, propagation).await? {
                Gone::Gone => Ok(None),
                Gone::Stuck(finalizers) => Err(Failure::stuck(&finalizers)),
            }
        }
    }
}

/// Lets the claims of a `StatefulSet` ask for more: its own templates do not reach those that there are (A40).
async fn grow(api: &Api<'_>, set: &Identity, prefix: &str, request: &str) -> Result<(), Failure> {
    let Some(kind) = Served::known("", "PersistentVolumeClaim") else { return Ok(()) };
    let namespace = set.namespace.as_deref().unwrap_or_default();
    let claims = read::list(api, &kind, namespace, "").await?;
    let is_of_set = |name: &str| {
        let number = name.strip_prefix(prefix);
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
    };
    for identity in claims.iter().filter_map(Live::identity).filter(|identity| is_of_set(&identity.name)) {
        let patch = json!({"spec": {"resources": {"requests": {"storage": request}}}});
        let call = Call::patch(kind.object(&identity), Content::Merge, patch);
        api.call(call.with("fieldManager", MANAGER)).await?;
    }
    Ok(())
}

/// Asks once more whether what is to take the place of an object would be accepted: what is deleted is gone (A41).
async fn prove(api: &Api<'_>, kind: &Served, change: &Change) -> Result<(), Failure> {
    let document = change.steps.iter().find_map(|step| match step {
        Step::Apply { document, .. } => Some(probe::document(document)),
        _ => None,
    });
    let Some(document) = document else { return Ok(()) };
    match api.call(create(kind, &change.identity, document).with("dryRun", "All")).await {
        Err(failure) if !failure.is_without_dry_run() => Err(failure),
        _ => Ok(()),
    }
}

/// Puts back what was deleted, where what was to take its place is refused (A41). Says what came of it, if anything was deleted.
pub(super) async fn restore(api: &Api<'_>, kind: &Served, change: &Change, done: &[Step]) -> Option<String> {
    let mut original = done.iter().find_map(|step| match step {
        Step::Delete { original, .. } => Some(original.clone()),
        _ => None,
    })?;
    let managers = original.pointer_mut("/metadata/managedFields").map(Value::take);
    if let Some(metadata) = original["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    let namespace = change.identity.namespace.as_deref().unwrap_or_default();
    let call = Call::post(kind.collection(namespace), original).with("fieldManager", HAND_OVER_MANAGER);
    Some(match api.call(call).await {
        Ok(answer) => {
            give_back(api, kind, &Live::new(answer.body), managers).await;
            "the object as it was is put back".to_owned()
        }
        Err(failure) if failure.class == Class::Exists => {
            "another object of that name is there by now".to_owned()
        }
        Err(failure) => format!("the object as it was could not be put back: {failure}"),
    })
}

/// Gives the fields of an object back to those who had them. Where that fails, they belong to a hand-over, which stops nobody.
async fn give_back(api: &Api<'_>, kind: &Served, live: &Live, managers: Option<Value>) {
    let Some((managers, identity)) = managers.zip(live.identity()) else { return };
    // Not by version: its controller writes a status at once, and claims that again the next time it does.
    let patch = json!([
        {"op": "test", "path": "/metadata/uid", "value": live.uid()},
        {"op": "replace", "path": "/metadata/managedFields", "value": managers},
    ]);
    let call = Call::patch(kind.object(&identity), Content::Patch, patch);
    if let Err(failure) = api.call(call.with("fieldManager", HAND_OVER_MANAGER)).await {
        tracing::debug!(%failure, "the managers of {identity} are not written back");
    }
}

/// Whether an object went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It did, or another is in its place.
    Gone,
    /// Time is over, and these finalizers are left.
    Stuck(Vec<String>),
}

/// Deletes an object that has this UID, and waits until it is gone.
///
/// # Errors
/// The server's; [`Class::Identity`] where another object has the name.
pub(crate) async fn delete_and_wait(
    api: &Api<'_>,
    kind: &Served,
    identity: &Identity,
    uid: &str,
    propagation: &str,
) -> Result<Gone, Failure> {
    let options = json!({
        "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}, "propagationPolicy": propagation,
    });
    match api.call(Call::delete(kind.object(identity), options)).await {
        Ok(_) => wait_until_gone(api, kind, identity, uid).await,
        Err(failure) if failure.class == Class::Missing => Ok(Gone::Gone),
        Err(failure) => Err(failure),
    }
}

/// Waits until the object with this UID is gone, to the end of the run.
///
/// # Errors
/// The server's.
pub(crate) async fn wait_until_gone(
    api: &Api<'_>,
    kind: &Served,
    identity: &Identity,
    uid: &str,
) -> Result<Gone, Failure> {
    let begun = Instant::now();
    let (mut pause, mut is_told) = (Duration::from_millis(20), false);
    loop {
        let Some(live) = read::get(api, kind, identity).await? else { return Ok(Gone::Gone) };
        if live.uid() != uid {
            return Ok(Gone::Gone);
        }
        let finalizers: Vec<String> = live.finalizers().into_iter().map(ToOwned::to_owned).collect();
        if Instant::now() + pause >= api.deadline() {
            return Ok(Gone::Stuck(finalizers));
        }
        if !is_told && begun.elapsed() >= Duration::from_secs(5) {
            is_told = true;
            let for_whom = if finalizers.is_empty() { "to go".to_owned() } else { finalizers.join(", ") };
            api.report(&Event::Waiting(format!("{identity} waits for {for_whom}")));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LOOK);
    }
}
