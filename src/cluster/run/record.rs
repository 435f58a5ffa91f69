//! The parent around a run: widened before the first write (A37), narrowed at every way out (A39).

use std::collections::BTreeSet;

use super::{LAST_WORDS, Outcome};
use crate::cluster::aim::Aim;
use crate::cluster::client::Api;
use crate::cluster::codes::ClusterCode;
use crate::cluster::execute::Over;
use crate::cluster::failure::Class;
use crate::cluster::halt::{Ending, Halt};
use crate::cluster::look::Sight;
use crate::cluster::object::Live;
use crate::cluster::plan::Plan;
use crate::cluster::state::parent::{Found, Parent};
use crate::cluster::when::to_micro_time;

/// Writes the parent so that it covers all that there is and all that will be, before anything is (A37).
pub(crate) async fn widen(
    api: &Api<'_>,
    aim: &Aim,
    sight: &Sight,
    plan: &Plan,
    phase: &str,
) -> Result<Found, Halt> {
    let before = sight.parent.as_ref();
    let mut parent = Parent::of(aim, before, sight.cluster.as_deref(), &sight.members);
    if let Some(before) = before {
        parent.kinds.extend(before.parent.kinds.iter().cloned());
        parent.namespaces.extend(before.parent.namespaces.iter().cloned());
        parent.state.revision = before.parent.state.revision;
        parent.state.deployed = before.parent.state.deployed;
    }
    let wanted = plan.changes.iter().filter(|change| change.identity.kind != "Namespace");
    parent.kinds.extend(wanted.map(|change| change.identity.group_kind()));
    parent.state.revision += 1;
    phase.clone_into(&mut parent.state.phase);
    parent.state.started = api.now().map(to_micro_time).unwrap_or_default();
    parent.state.by.clone_from(&aim.by);
    env!("CARGO_PKG_VERSION").clone_into(&mut parent.state.tool);
    let version = before.map(|found| found.resource_version.as_str());
    parent.write(api, &aim.namespace, &aim.project, version).await.map_err(|failure| match failure.class {
        Class::Race | Class::Conflict => {
            Halt::decision(ClusterCode::LockHeld, format!("somebody else works on `{}`", aim.project))
                .help("wait until it ends, and run the command again")
        }
        Class::Missing => Halt::namespace_missing(&aim.namespace),
        _ => Halt::before("write the parent of the project", &failure),
    })
}

/// Writes the parent as things are now (A39); best effort, since every way out comes through here.
pub(super) async fn narrow(
    api: &Api<'_>,
    aim: &Aim,
    sight: &Sight,
    outcome: &Outcome,
    found: &mut Found,
    over: &Over,
) {
    let gone = outcome.removed.gone.iter().filter_map(|identity| sight.member(identity));
    let gone: BTreeSet<&str> = gone.map(Live::uid).collect();
    let there = outcome.done.written.iter().chain(&sight.members).filter(|live| !gone.contains(live.uid()));
    let mut parent = Parent::of(aim, sight.parent.as_ref(), sight.cluster.as_deref(), there);
    parent.state = found.parent.state.clone();
    if outcome.ending == Ending::Reached {
        "idle".clone_into(&mut parent.state.phase);
        parent.state.deployed = parent.state.revision;
    } else {
        over.get().unwrap_or("failed").clone_into(&mut parent.state.phase);
        // What was begun may be there although no answer said so.
        parent.kinds.extend(found.parent.kinds.iter().cloned());
    }
    parent.state.cluster.clone_from(&found.parent.state.cluster);
    api.allow(LAST_WORDS);
    let write = parent.write(api, &aim.namespace, &aim.project, Some(&found.resource_version));
    match tokio::time::timeout(LAST_WORDS, write).await {
        Ok(Ok(written)) => *found = written,
        Ok(Err(failure)) => tracing::debug!(%failure, "the parent is not written"),
        Err(_) => tracing::debug!("the parent is not written in time"),
    }
}
