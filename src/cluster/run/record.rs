//! The parent around a run: widened before the first write (A37), narrowed at every way out (A39).

use std::collections::BTreeSet;

use super::{LAST_WORDS, Outcome};
use crate::cluster::aim::Aim;
use crate::cluster::client::{Api, Class, to_micro_time};
use crate::cluster::codes::ClusterCode;
use crate::cluster::execute::Over;
use crate::cluster::halt::{Ending, Halt};
use crate::cluster::look::Sight;
use crate::cluster::object::{Live, SERVICE_LABEL};
use crate::cluster::plan::Plan;
use crate::cluster::state::parent::{Found, Item, Parent, State};

/// Writes the parent so that it covers all that there is and all that will be, before anything is (A37).
pub(crate) async fn widen(
    api: &Api<'_>,
    aim: &Aim,
    sight: &Sight,
    plan: &Plan,
    phase: &str,
) -> Result<Found, Halt> {
    let before = sight.parent.as_ref();
    let mut parent = exact(aim, sight, &[], &BTreeSet::new());
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
        Class::Missing => Halt::refused(
            ClusterCode::NamespaceMissing,
            format!("the namespace {} is not there", aim.namespace),
        )
        .help("`--create-namespace` makes it"),
        _ => Halt::before("write the parent of the project", &failure),
    })
}

/// Returns what the parent says after a run: the kinds of all members that there are, and the members themselves.
pub(crate) fn exact(aim: &Aim, sight: &Sight, written: &[Live], gone: &BTreeSet<String>) -> Parent {
    let before = sight.parent.as_ref().map(|found| &found.parent);
    let (mut items, mut known) = (Vec::new(), BTreeSet::new());
    for live in written.iter().chain(&sight.members) {
        let Some(identity) = live.identity() else { continue };
        let (kind, name) = (identity.group_kind(), identity.name.clone());
        if identity.kind == "Namespace"
            || gone.contains(live.uid())
            || !known.insert((kind.clone(), name.clone()))
        {
            continue;
        }
        let service = live.label(SERVICE_LABEL).map(ToOwned::to_owned);
        items.push(Item { kind, name, uid: live.uid().to_owned(), service });
    }
    let source = aim.source.as_ref();
    Parent {
        kinds: items.iter().map(|item| item.kind.clone()).collect(),
        namespaces: BTreeSet::new(),
        source_id: source.map(|source| source.id.clone()).or_else(|| before?.source_id.clone()),
        source: source.map(|source| source.shown.clone()).or_else(|| before?.source.clone()),
        instance: before.map_or_else(|| aim.instance.clone(), |before| before.instance.clone()),
        state: State {
            phase: "idle".to_owned(),
            cluster: sight
                .cluster
                .clone()
                .or_else(|| Some(before?.state.cluster.clone()))
                .unwrap_or_default(),
            ..before.map(|before| before.state.clone()).unwrap_or_default()
        },
        inventory: items,
    }
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
    let gone: BTreeSet<String> = outcome
        .removed
        .gone
        .iter()
        .filter_map(|identity| sight.member(identity))
        .map(|live| live.uid().to_owned())
        .collect();
    let mut parent = exact(aim, sight, &outcome.done.written, &gone);
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
