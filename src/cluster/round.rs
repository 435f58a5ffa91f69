//! Makes the plan: puts the questions of the pure half to the server, dry-runs and reads, all objects at once (A33, A34).

use std::borrow::Cow;
use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::Value;

use super::access::Need;
use super::aim::Aim;
use super::client::Api;
use super::codes::ClusterCode;
use super::execute::{apply, create};
use super::failure::{Class, Failure};
use super::halt::Halt;
use super::identity;
use super::look::{Sight, permission_missing};
use super::object::{Desired, INSTANCE_LABEL, Live, SET_LABEL};
use super::plan::Plan;
use super::plan::change::Change;
use super::plan::decide::{Answer, Ask, Circumstances, Inquiry, Next};
use super::plan::orphan::{Fate, Orphan};
use super::plan::prune::Members;
use super::plan::{Note, approximate, lists, prune};
use super::progress::Event;
use super::read::{self, Served};
use super::redact::Redactor;
use super::state::parent::{Found, Parent};

/// Asks about all objects and puts the answers together.
///
/// # Errors
/// The run as a whole cannot go on: no login, no network, no namespace, no rights.
pub(crate) async fn plan(api: &Api<'_>, aim: &Aim, sight: &Sight, redactor: &Redactor) -> Result<Plan, Halt> {
    let placed = placed(&aim.desired, sight);
    let wanted: &[Desired] = if aim.is_down { &[] } else { &placed };
    refuse_faults(wanted)?;
    let is_approximate = rights(api, aim, sight, wanted).await?;
    let (set, made) = (identity::of_project(&aim.project, &aim.namespace), made(aim));
    let around = Circumstances { set: &set, flags: &aim.flags, redactor, made: &made };
    let changes = if is_approximate {
        wanted
            .iter()
            .map(|desired| approximate::change(desired, sight.member(&desired.identity).cloned(), around))
            .collect()
    } else {
        let asked = wanted.iter().map(|desired| inquire(api, aim, sight, desired, around));
        join_all(asked).await.into_iter().collect::<Result<Vec<Change>, Halt>>()?
    };
    let mut plan = Plan {
        context: aim.context.clone(),
        server: aim.server.clone(),
        namespace: aim.namespace.clone(),
        project: aim.project.clone(),
        changes,
        approximate: is_approximate,
        now: api.now().map(|(seconds, _)| seconds),
        ..Plan::default()
    };
    orphans(api, aim, sight, wanted, &mut plan).await?;
    let says_so = |found: &Found| {
        found.parent.says_the_same(&Parent::of(
            aim,
            sight.parent.as_ref(),
            sight.cluster.as_deref(),
            &sight.members,
        ))
    };
    plan.parent_differs =
        if aim.is_down { sight.parent.is_some() } else { !sight.parent.as_ref().is_some_and(says_so) };
    if plan.is_writing() && !aim.is_down {
        externals(api, aim, sight, wanted).await?;
    }
    Ok(plan)
}

/// Takes the namespace from objects of kinds that, as only the server knows, have none (A61).
fn placed<'d>(desired: &'d [Desired], sight: &Sight) -> Cow<'d, [Desired]> {
    let is_outside = |desired: &Desired| {
        desired.identity.namespace.is_some()
            && sight.kind(&desired.identity).is_some_and(|kind| !kind.namespaced)
    };
    if !desired.iter().any(is_outside) {
        return Cow::Borrowed(desired);
    }
    let mut desired = desired.to_vec();
    for desired in desired.iter_mut().filter(|desired| is_outside(desired)) {
        desired.identity.namespace = None;
    }
    Cow::Owned(desired)
}

/// Documents that a server refuses, or takes and never calls unchanged, are ours to mend (A26, A27).
fn refuse_faults(wanted: &[Desired]) -> Result<(), Halt> {
    let faults = lists::faults(wanted);
    if faults.is_empty() {
        return Ok(());
    }
    Err(Halt::refused(ClusterCode::ObjectRejected, faults.join("; "))
        .help("if no template or patch of yours made it, this is a bug of rcompose"))
}

/// Checks what we may do to the kinds that are wanted; returns whether the dry-run is out of reach, so that the plan is made here.
async fn rights(api: &Api<'_>, aim: &Aim, sight: &Sight, wanted: &[Desired]) -> Result<bool, Halt> {
    if aim.read_only {
        return Ok(true);
    }
    let wanted =
        wanted.iter().map(|desired| &desired.identity).filter(|identity| identity.namespace.is_some());
    let kinds: BTreeSet<&Served> = wanted.filter_map(|identity| sight.kind(identity)).collect();
    let of_kind = |kind: &&Served| ["create", "patch"].map(|verb| Need::new(&kind.group, &kind.plural, verb));
    let mut needs: Vec<Need> = kinds.iter().flat_map(of_kind).collect();
    if aim.writes && aim.removal.prune {
        let members = sight.members.iter().filter_map(Live::identity);
        let kinds: BTreeSet<&Served> =
            members.filter_map(|identity| sight.kind(&identity)).filter(|kind| kind.namespaced).collect();
        needs.extend(kinds.iter().map(|kind| Need::new(&kind.group, &kind.plural, "delete")));
    }
    let lacking = sight.rights.lacking(api, needs).await;
    let lacking = lacking.map_err(|failure| Halt::before("ask what you may do", &failure))?;
    if lacking.is_empty() {
        return Ok(false);
    }
    if aim.writes {
        return Err(permission_missing(&aim.namespace, &lacking));
    }
    let words: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    let text = format!("the server's dry-run needs rights that you do not have: {}", words.join(", "));
    api.report(&Event::Warning(ClusterCode::PermissionDegraded.into(), text));
    Ok(true)
}

/// Names what this run makes before anything that needs it: the namespace, and the kinds of definitions.
fn made(aim: &Aim) -> BTreeSet<String> {
    let mut made: BTreeSet<String> = aim
        .desired
        .iter()
        .filter(|desired| desired.identity.kind == "CustomResourceDefinition")
        .filter_map(|desired| {
            let of = |pointer: &str| desired.document.pointer(pointer).and_then(Value::as_str);
            Some(format!("{}/{}", of("/spec/group")?, of("/spec/names/kind")?))
        })
        .collect();
    if aim.create_namespace {
        made.insert(aim.namespace.clone());
    }
    made
}

async fn inquire(
    api: &Api<'_>,
    aim: &Aim,
    sight: &Sight,
    desired: &Desired,
    around: Circumstances<'_>,
) -> Result<Change, Halt> {
    let (mut inquiry, mut next) = Inquiry::begin(desired, sight.member(&desired.identity).cloned(), around);
    if aim.show_defaults {
        inquiry.show_defaults();
    }
    loop {
        match next {
            Next::Done(change) => return Ok(*change),
            Next::Ask(ask) => next = inquiry.answer(put(api, aim, sight, desired, ask).await?),
        }
    }
}

/// Puts one question. What concerns the whole run ends it; all else is for the pure half.
async fn put(api: &Api<'_>, aim: &Aim, sight: &Sight, desired: &Desired, ask: Ask) -> Result<Answer, Halt> {
    let identity = &desired.identity;
    let Some(kind) = sight.kind(identity) else {
        let text = format!("the server does not know the kind {}", identity.group_kind());
        return Ok(Answer::Refused(Failure::missing(text)));
    };
    let call = match ask {
        Ask::Apply { document, force } => apply(kind, identity, document, force),
        Ask::Create { document } => create(kind, identity, document),
        Ask::Get => {
            return match read::get(api, kind, identity).await {
                Ok(found) => Ok(Answer::Found(found)),
                Err(failure) => whole(aim, identity, failure),
            };
        }
    };
    match api.call(call.with("dryRun", "All")).await {
        Ok(answer) => Ok(Answer::Accepted {
            created: answer.status == 201,
            object: Live::new(answer.body),
            warnings: answer.warnings,
        }),
        Err(failure) => whole(aim, identity, failure),
    }
}

/// Tells failures of one object from those of the run.
fn whole(aim: &Aim, identity: &super::object::Identity, failure: Failure) -> Result<Answer, Halt> {
    let doing = || format!("ask about `{identity}`");
    match failure.class {
        Class::Auth | Class::Transient | Class::Busy => Err(Halt::before(&doing(), &failure)),
        Class::Forbidden if failure.is_namespace_terminating() => {
            Err(Halt::namespace_terminating(&aim.namespace))
        }
        Class::Missing if !aim.create_namespace && failure.is_namespace_missing() => {
            Err(Halt::namespace_missing(&aim.namespace))
        }
        _ => Ok(Answer::Refused(failure)),
    }
}

/// Finds the members that the project no longer wants, and what becomes of them (A90–A96).
async fn orphans(
    api: &Api<'_>,
    aim: &Aim,
    sight: &Sight,
    wanted: &[Desired],
    plan: &mut Plan,
) -> Result<(), Halt> {
    let parent = sight.parent.as_ref().map(|found| &found.parent);
    let instance = parent.map_or(aim.instance.as_str(), |parent| parent.instance.as_str());
    let selector = format!("{INSTANCE_LABEL}={instance}");
    let mut namespaces: BTreeSet<String> = parent.map(|parent| parent.namespaces.clone()).unwrap_or_default();
    namespaces.insert(aim.namespace.clone());
    let mut in_use = BTreeSet::new();
    if aim.removal.prune && !aim.is_down {
        let pods = listed(api, "Pod", "pods", aim, &selector).await?;
        in_use.extend(pods.iter().flat_map(|pod| super::references::in_words(&pod.value)));
    }
    let mut live = sight.members.clone();
    if aim.removal.volumes {
        let claims = listed(api, "PersistentVolumeClaim", "persistentvolumeclaims", aim, &selector).await?;
        let unlabelled = claims.into_iter().filter(|claim| claim.label(SET_LABEL).is_none());
        live.extend(unlabelled.filter(|claim| prune::is_claim_of_set(claim, &sight.members)));
    }
    let kept_services = if aim.is_down { BTreeSet::new() } else { sleeping(aim, wanted) };
    let members = Members {
        live: &live,
        desired: wanted,
        namespaces: &namespaces,
        kept_services: &kept_services,
        in_use: &in_use,
        removal: aim.removal,
        waited: false,
    };
    plan.orphans = prune::orphans(&members);
    if aim.is_part {
        let asked = |orphan: &Orphan| {
            aim.is_down
                && orphan.service.is_some()
                && aim.desired.iter().any(|desired| desired.service == orphan.service)
        };
        plan.orphans.retain(asked);
    }
    if !aim.is_down {
        plan.guards.extend(prune::guard(&plan.orphans, live.len(), aim.removal));
    }
    plan.notes.extend(notes(aim, &plan.orphans));
    Ok(())
}

/// Returns services of the model that this run does not write: off by profile, or not selected (A93).
fn sleeping(aim: &Aim, wanted: &[Desired]) -> BTreeSet<String> {
    let is_written =
        |service: &&String| wanted.iter().any(|desired| desired.service.as_ref() == Some(service));
    aim.services.iter().filter(|service| !is_written(service)).cloned().collect()
}

/// Says what stays, and how it would go (A96).
fn notes(aim: &Aim, orphans: &[Orphan]) -> Vec<Note> {
    let kept = orphans.iter().filter(|orphan| orphan.fate == Fate::Kept).count();
    let mut notes = Vec::new();
    if kept > 0 {
        let word = if kept == 1 { "orphan" } else { "orphans" };
        notes.push(Note {
            code: ClusterCode::OrphansKept.into(),
            object: None,
            text: format!(
                "{kept} {word} kept: `rcompose apply --prune` removes what the project no longer has"
            ),
        });
    }
    for orphan in orphans.iter().filter(|_| aim.removal.prune) {
        if let Fate::Retained(why) = &orphan.fate {
            notes.push(Note {
                code: ClusterCode::PruneRetained.into(),
                object: Some(orphan.identity.clone()),
                text: format!("`{}` stays: {why}", orphan.identity),
            });
        }
    }
    notes
}

async fn listed(
    api: &Api<'_>,
    kind: &str,
    plural: &str,
    aim: &Aim,
    selector: &str,
) -> Result<Vec<Live>, Halt> {
    let kind = Served {
        group: String::new(),
        version: "v1".to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced: true,
    };
    let list = read::list(api, &kind, &aim.namespace, selector).await;
    list.map_err(|failure| Halt::before(&format!("list {plural}"), &failure))
}

/// Looks whether what the project takes as given is there: before the first write, since its pods would wait for ever (A63).
async fn externals(api: &Api<'_>, aim: &Aim, sight: &Sight, wanted: &[Desired]) -> Result<(), Halt> {
    let named = super::external::named(wanted);
    let looked = named.iter().map(async |identity| {
        let Some(kind) =
            sight.kind(identity).cloned().or_else(|| Served::known(&identity.group, &identity.kind))
        else {
            return Ok(true);
        };
        match read::get(api, &kind, identity).await {
            Ok(found) => Ok(found.is_some()),
            // Who may not look does not know.
            Err(failure) if failure.class == Class::Forbidden => Ok(true),
            Err(failure) => Err(Halt::before(&format!("look for `{identity}`"), &failure)),
        }
    });
    let mut missing = Vec::new();
    for (identity, found) in named.iter().zip(join_all(looked).await) {
        if !found? {
            missing.push(format!("`{identity}`"));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let text = format!(
        "not in the namespace {}, and not made by the project: {}",
        aim.namespace,
        missing.join(", ")
    );
    Err(Halt::refused(ClusterCode::ExternalMissing, text).help("make it first, or take `external` out"))
}
