//! What must be there before the rest can be judged at all: the namespace (A61), and the kinds that the project defines (A33, row 8).

use std::time::Duration;

use serde_json::json;

use super::prepare;
use crate::cluster::aim::Aim;
use crate::cluster::client::{Api, Call, Class};
use crate::cluster::codes::ClusterCode;
use crate::cluster::execute::{Over, execute, tier};
use crate::cluster::halt::{Ending, Halt};
use crate::cluster::kinds;
use crate::cluster::look::Sight;
use crate::cluster::plan::change::{Change, Check};
use crate::cluster::plan::{Plan, Verdict};
use crate::cluster::progress::Event;
use crate::cluster::read;
use crate::cluster::redact::Redactor;

/// How long a definition may take to be served.
const DEFINED: Duration = Duration::from_secs(60);
/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(250);

/// Makes the namespace, which is no member; one that exists is left as it is (A61).
pub(super) async fn create_namespace(api: &Api<'_>, aim: &Aim) -> Result<(), Halt> {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": aim.namespace}});
    match api.call(Call::post("/api/v1/namespaces", namespace)).await {
        Ok(_) => {
            api.report(&Event::Done { object: format!("Namespace/{}", aim.namespace), what: "created" });
            Ok(())
        }
        Err(failure) if failure.class == Class::Exists => {
            // One that is on its way out takes nothing in.
            let path = format!("/api/v1/namespaces/{}", aim.namespace);
            match api.call(Call::get(path)).await {
                Ok(answer) if answer.body.pointer("/metadata/deletionTimestamp").is_some() => {
                    Err(terminating(aim))
                }
                _ => Ok(()),
            }
        }
        Err(failure) => Err(Halt::before(&format!("create the namespace {}", aim.namespace), &failure)),
    }
}

/// The namespace is going away.
pub(crate) fn terminating(aim: &Aim) -> Halt {
    let text = format!("the namespace {} is being deleted", aim.namespace);
    Halt::refused(ClusterCode::NamespaceTerminating, text)
        .help("wait until it is gone, then apply with `--create-namespace`")
}

/// Writes what others need to be judged at all, waits until the server knows it, and makes the plan anew (A33, row 8; A50).
pub(super) async fn definitions_first(
    api: &Api<'_>,
    aim: &Aim,
    sight: Sight,
    plan: Plan,
    redactor: &Redactor,
    over: &Over,
) -> Result<(Sight, Plan), (Sight, Box<Halt>)> {
    if !plan.changes.iter().any(|change| change.check == Check::Later) {
        return Ok((sight, plan));
    }
    let is_scope = |change: &&Change| tier(change) == kinds::Tier::Scope;
    let first: Vec<Change> = plan.changes.iter().filter(is_scope).cloned().collect();
    let done = execute(api, &sight, &first, over).await;
    if let Some((identity, failure, _)) = done.failed.first() {
        let halt = Halt::midway(&format!("`{identity}`"), failure);
        return Err((sight, Box::new(halt)));
    }
    for change in plan.changes.iter().filter(|change| change.check == Check::Later) {
        let (group, kind) = (change.identity.group.as_str(), change.identity.kind.as_str());
        if let Err(halt) = served(api, group, kind).await {
            return Err((sight, Box::new(halt)));
        }
    }
    match prepare(api, aim, redactor).await {
        Ok(again) if matches!(again.plan.verdict(), Verdict::Writes | Verdict::Nothing) => {
            Ok((again.sight, again.plan))
        }
        Ok(_) => {
            let text = "the server does not take what it could not judge before: `rcompose diff` says what";
            let halt = Halt { ending: Ending::PartWay, ..Halt::refused(ClusterCode::StoppedMidway, text) };
            Err((sight, Box::new(halt)))
        }
        Err(halt) => Err((sight, Box::new(halt))),
    }
}

/// Waits until the server serves a kind that was defined just now.
async fn served(api: &Api<'_>, group: &str, kind: &str) -> Result<(), Halt> {
    let end = api.deadline().min(tokio::time::Instant::now() + DEFINED);
    loop {
        match read::discover(api, group, kind).await {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if tokio::time::Instant::now() < end => tokio::time::sleep(LOOK).await,
            Ok(None) => {
                let text =
                    format!("the server does not serve the kind {kind} of {group}, although it was defined");
                return Err(Halt {
                    ending: Ending::PartWay,
                    ..Halt::refused(ClusterCode::StoppedMidway, text)
                });
            }
            Err(failure) => return Err(Halt::midway(&format!("ask for the kind {kind}"), &failure)),
        }
    }
}
