//! What must be there before the rest can be judged at all: the namespace (A61), and the kinds that the project defines (A33, row 8).

use std::time::Duration;

use serde_json::json;

use super::{failed, midway, prepare};
use crate::cluster::aim::Aim;
use crate::cluster::client::{Api, Call};
use crate::cluster::codes::ClusterCode;
use crate::cluster::execute::{Done, Over, execute, tier};
use crate::cluster::failure::Class;
use crate::cluster::halt::{Ending, Halt};
use crate::cluster::kinds;
use crate::cluster::look::Sight;
use crate::cluster::plan::Plan;
use crate::cluster::plan::change::{Change, Check};
use crate::cluster::progress::Event;
use crate::cluster::read;
use crate::cluster::redact::Redactor;
use crate::cluster::remove::Removed;
use crate::diag::Code;

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
                    Err(Halt::namespace_terminating(&aim.namespace))
                }
                _ => Ok(()),
            }
        }
        Err(failure) => Err(Halt::before(&format!("create the namespace {}", aim.namespace), &failure)),
    }
}

/// What there is once the kinds are that others are of.
pub(super) struct Defined {
    pub(super) sight: Sight,
    pub(super) plan: Plan,
    pub(super) done: Done,
    /// Why it does not go on.
    pub(super) halts: Vec<Halt>,
}

/// Writes what others need to be judged at all, waits until the server knows it, and makes the plan anew (A33, row 8; A50).
pub(super) async fn definitions_first(
    api: &Api<'_>,
    aim: &Aim,
    sight: Sight,
    plan: Plan,
    redactor: &Redactor,
    over: &Over,
) -> Defined {
    let is_later = |change: &&Change| change.check == Check::Later;
    let mut first = Defined { sight, plan, done: Done::default(), halts: Vec::new() };
    if !first.plan.changes.iter().any(|change| is_later(&change)) {
        return first;
    }
    let (scopes, others): (Vec<Change>, Vec<Change>) =
        first.plan.changes.iter().cloned().partition(|change| tier(change) == kinds::Tier::Scope);
    first.done = execute(api, &first.sight, &scopes, over).await;
    first.halts.extend(failed(&first.done));
    if first.halts.is_empty() && over.get().is_none() {
        for change in others.iter().filter(is_later) {
            let (group, kind) = (change.identity.group.as_str(), change.identity.kind.as_str());
            first.halts.extend(served(api, group, kind).await.err());
        }
    }
    if first.halts.is_empty() && over.get().is_none() {
        match prepare(api, aim, redactor).await {
            Ok(again) => {
                first.halts.extend(refused(&again.plan));
                (first.sight, first.plan) = (again.sight, again.plan);
            }
            Err(halt) => first.halts.push(Halt { ending: Ending::PartWay, ..halt }),
        }
    }
    if !first.halts.is_empty() || over.get().is_some() {
        let others = others.iter().filter(|change| !change.steps.is_empty());
        first.done.untouched.extend(others.map(|change| change.identity.clone()));
        first.halts.push(midway(&first.done, &Removed::default()));
    }
    first
}

/// Puts in words what stands in the way now that the server can judge it.
fn refused(plan: &Plan) -> Vec<Halt> {
    let problems = plan.changes.iter().filter_map(|change| change.problem.as_ref());
    let problems = problems.map(|problem| (problem.code, &problem.text, problem.help.clone()));
    let guards = plan.guards.iter().map(|guard| (guard.code, &guard.text, vec![guard.help.clone()]));
    let halt = |(code, text, help): (Code, &String, Vec<String>)| Halt {
        code: Some(code),
        ending: Ending::PartWay,
        text: text.clone(),
        help,
    };
    problems.chain(guards).map(halt).collect()
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
