//! Which members the project no longer wants, and what becomes of them (A90 to A97, A18).

use std::collections::BTreeSet;

use serde_json::Value;

use super::Guard;
use super::change::Obstacle;
use super::flags::Removal;
use super::orphan::{Fate, Orphan};
use crate::cluster::codes::ClusterCode;
use crate::cluster::object::{Desired, Identity, Live, SERVICE_LABEL};
use crate::cluster::references;

/// Kinds that are never deleted (A91). A namespace is no member at all.
const NEVER: &[&str] = &["CustomResourceDefinition", "StorageClass"];

/// Kinds that hold data.
const VOLUMES: &[&str] = &["PersistentVolume", "PersistentVolumeClaim"];

/// More members than this, and more than half of them, is asked about (A94).
const FEW: usize = 5;

/// All that decides about members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'a> {
    /// What the lists by set label brought, and claims of `StatefulSet`s (see [`is_claim_of_set`]).
    pub(crate) live: &'a [Live],
    /// What the project wants; empty for `down`.
    pub(crate) desired: &'a [Desired],
    /// Namespaces that the parent names, its own among them.
    pub(crate) namespaces: &'a BTreeSet<String>,
    /// Services that the model has but this run does not write: off by profile, or not selected (A93).
    pub(crate) kept_services: &'a BTreeSet<String>,
    /// What live pods name, as `Kind/name`: superseded objects among them stay (A18).
    pub(crate) in_use: &'a BTreeSet<String>,
    /// What the user allowed.
    pub(crate) removal: Removal,
    /// The run waited until all was ready, so nothing of the old templates runs any more.
    pub(crate) waited: bool,
}

/// Returns the members that are not wanted, in the order of their removal.
pub(crate) fn orphans(members: &Members<'_>) -> Vec<Orphan> {
    let kept = named_by_kept(members);
    let mut orphans: Vec<Orphan> = members
        .live
        .iter()
        .filter_map(|live| {
            let identity = live.identity()?;
            is_candidate(members, live, &identity, &kept).then(|| orphan(members, live, identity))
        })
        .collect();
    orphans.sort_by(|one, other| super::graph::removal_order(&one.identity, &other.identity));
    orphans
}

fn is_candidate(members: &Members<'_>, live: &Live, identity: &Identity, kept: &BTreeSet<String>) -> bool {
    let in_scope = identity.namespace.as_ref().is_none_or(|namespace| members.namespaces.contains(namespace));
    let wanted = members.desired.iter().any(|desired| desired.identity.same_object(identity));
    let of_kept = live.label(SERVICE_LABEL).is_some_and(|service| members.kept_services.contains(service));
    in_scope
        && !wanted
        && live.owner().is_none()
        && identity.kind != "Namespace"
        && !of_kept
        && !kept.contains(&identity.to_string())
}

/// What the templates of workloads of kept services name: they run on, and need it (A93).
fn named_by_kept(members: &Members<'_>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for live in members.live {
        let kept = live.label(SERVICE_LABEL).is_some_and(|service| members.kept_services.contains(service));
        if kept {
            named.extend(references::in_words(&live.value));
        }
    }
    named
}

fn orphan(members: &Members<'_>, live: &Live, identity: Identity) -> Orphan {
    let fate = fate(members, live, &identity);
    let size = live
        .value
        .pointer("/spec/resources/requests/storage")
        .or_else(|| live.value.pointer("/spec/capacity/storage"));
    Orphan {
        uid: live.uid().to_owned(),
        service: live.label(SERVICE_LABEL).map(str::to_owned),
        fate,
        size: size.and_then(Value::as_str).map(str::to_owned),
        identity,
    }
}

fn fate(members: &Members<'_>, live: &Live, identity: &Identity) -> Fate {
    if NEVER.contains(&identity.kind.as_str()) {
        return Fate::Retained("others may need it, so it is never deleted".to_owned());
    }
    if VOLUMES.contains(&identity.kind.as_str()) && !members.removal.volumes {
        // Nothing is wanted: that is `down`, where the flag has another name.
        let flag = if members.desired.is_empty() { "--volumes" } else { "--prune-volumes" };
        return Fate::Retained(format!("holds data (`{flag}` removes it)"));
    }
    if let Some(mark) = keep_mark(live) {
        return Fate::Retained(format!("kept by its annotation `{mark}`"));
    }
    if is_superseded(members.desired, live, identity) {
        if members.in_use.contains(&identity.to_string()) {
            return Fate::Retained("superseded, but a pod names it".to_owned());
        }
        if identity.kind == "Job" && !has_finished(live) {
            return Fate::Retained("superseded, but it still runs".to_owned());
        }
        return match (members.waited, members.removal.prune) {
            (true, _) | (_, true) => Fate::Superseded,
            _ => Fate::Retained("superseded (`--prune` removes it)".to_owned()),
        };
    }
    // Nothing wanted looks just like a file that was lost.
    let empty = members.desired.is_empty() && !members.removal.mass;
    if members.removal.prune && !empty { Fate::Prune } else { Fate::Kept }
}

/// Marks of an author that an object is not to be deleted (A92).
fn keep_mark(live: &Live) -> Option<String> {
    let is_mark = |key: &str, value: &str| match key {
        "rcompose/prune" | "helm.sh/resource-policy" | "cli-utils.sigs.k8s.io/on-remove" => value == "keep",
        "argocd.argoproj.io/sync-options" => value.split(',').any(|option| option.trim() == "Prune=false"),
        "client.lifecycle.config.k8s.io/deletion" => value == "detach",
        _ => key.ends_with(".toolkit.fluxcd.io/prune") && value == "disabled",
    };
    let mut marks = live.annotations().chain(live.labels()).filter(|(key, value)| is_mark(key, value));
    marks.next().map(|(key, value)| format!("{key}: {value}"))
}

/// Tells whether an object with other content stands in its place: one of the same name up to the hash (A18).
fn is_superseded(desired: &[Desired], live: &Live, identity: &Identity) -> bool {
    let hashed = match identity.kind.as_str() {
        "ConfigMap" | "Secret" => live.value["immutable"] == Value::Bool(true),
        "Job" => true,
        _ => false,
    };
    let Some(stem) = stem(&identity.name).filter(|_| hashed) else { return false };
    desired.iter().any(|desired| {
        let twin = &desired.identity;
        twin.kind == identity.kind
            && twin.namespace == identity.namespace
            && self::stem(&twin.name) == Some(stem)
    })
}

/// Returns a name up to its last `-<10 hex>`.
fn stem(name: &str) -> Option<&str> {
    let (stem, hash) = name.rsplit_once('-')?;
    let hex =
        hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    hex.then_some(stem)
}

fn has_finished(job: &Live) -> bool {
    let conditions = job.value.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        matches!(condition["type"].as_str(), Some("Complete" | "Failed")) && condition["status"] == "True"
    })
}

/// Tells whether a claim was made from a template of a `StatefulSet` of ours: `<template>-<set>-<n>`, with the two labels of
/// its selector and no set label (A91).
pub(crate) fn is_claim_of_set(claim: &Live, sets: &[Live]) -> bool {
    let Some(identity) = claim.identity().filter(|identity| identity.kind == "PersistentVolumeClaim") else {
        return false;
    };
    sets.iter().any(|set| {
        let Some(owner) = set
            .identity()
            .filter(|owner| owner.kind == "StatefulSet" && owner.namespace == identity.namespace)
        else {
            return false;
        };
        let selector = set.value.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
        let labelled = selector.is_some_and(|labels| {
            !labels.is_empty() && labels.iter().all(|(key, value)| claim.label(key) == value.as_str())
        });
        let templates = set.value.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
        let named =
            templates.into_iter().flatten().filter_map(|template| template["metadata"]["name"].as_str()).any(
                |name| {
                    let number = identity.name.strip_prefix(&format!("{name}-{}-", owner.name));
                    number.is_some_and(|number| {
                        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                    })
                },
            );
        labelled && named
    })
}

/// Returns what keeps back a run that would delete most of the members (A94); not for `down`.
pub(crate) fn guard(orphans: &[Orphan], members: usize, removal: Removal) -> Option<Guard> {
    // What is superseded has a twin: nothing is lost with it.
    let gone = orphans.iter().filter(|orphan| orphan.fate == Fate::Prune).count();
    (!removal.mass && members > FEW && gone * 2 > members).then(|| Guard {
        code: ClusterCode::MassDelete.into(),
        obstacle: Obstacle::Decision,
        text: format!("{gone} of {members} objects would be deleted"),
        help: "look at `rcompose diff --prune`; if it is right: `--allow-mass-delete`".to_owned(),
    })
}

#[cfg(test)]
#[path = "prune_tests.rs"]
mod tests;
