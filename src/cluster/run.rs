//! The order of a run that writes (A36–A39): lock, look again, widen the parent, write, prune, narrow. What is written, the plan
//! says; how it is told, `cli`.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::{Either, select};
use futures::pin_mut;
use serde_json::json;

use super::aim::Aim;
use super::client::{Api, Call, Class, to_micro_time};
use super::codes::ClusterCode;
use super::execute::{Done, Over, execute, tier};
use super::halt::{Ending, Halt};
use super::identity;
use super::kinds;
use super::link::Planned;
use super::look::{Sight, look};
use super::object::{Identity, Live};
use super::plan::change::{Change, Check};
use super::plan::graph;
use super::plan::orphan::{Fate, Orphan};
use super::plan::{Plan, Verdict};
use super::progress::Event;
use super::read;
use super::redact::Redactor;
use super::remove::{Removed, remove};
use super::round::plan;
use super::state::lock::{self, Asked, Lock};
use super::state::parent::{self, Found, Item, Parent};

/// How long a definition may take to be served.
const DEFINED: Duration = Duration::from_secs(60);
/// How long the last words may take (A39).
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How it ended.
    pub(crate) ending: Ending,
    /// Why, where it did not reach its end.
    pub(crate) halts: Vec<Halt>,
    /// The changes.
    pub(crate) done: Done,
    /// The deletions.
    pub(crate) removed: Removed,
    /// Nothing of the project is left, so the lock goes, too.
    is_empty: bool,
}

impl Outcome {
    fn of(ending: Ending) -> Self {
        Self {
            ending,
            halts: Vec::new(),
            done: Done::default(),
            removed: Removed::default(),
            is_empty: false,
        }
    }

    fn halted(halt: Halt) -> Self {
        let ending = halt.ending;
        Self { halts: vec![halt], ..Self::of(ending) }
    }
}

/// Looks and plans.
///
/// # Errors
/// There is nothing to plan against, or nobody may look.
pub(crate) async fn prepare(api: &Api<'_>, aim: &Aim, redactor: &Redactor) -> Result<Planned, Halt> {
    let sight = look(api, aim).await?;
    let mut redactor = redactor.clone();
    for live in &sight.members {
        redactor.learn(&live.value);
    }
    let plan = plan(api, aim, &sight, &redactor).await?;
    Ok(Planned { sight, plan, redactor })
}

/// Carries a plan out that was agreed to, until it is done or the user wants it to end.
pub(crate) async fn carry_out(api: &Api<'_>, aim: &Aim, agreed: Planned) -> Outcome {
    if aim.create_namespace
        && let Err(halt) = create_namespace(api, aim).await
    {
        return Outcome::halted(halt);
    }
    let lock = match take_lock(api, aim).await {
        Ok(lock) => lock,
        Err(halt) => return Outcome::halted(halt),
    };
    let outcome = {
        let over = Over::new(None);
        let work = locked(api, aim, agreed, &over);
        let guard = guard(api, lock.as_ref(), &over);
        pin_mut!(work, guard);
        match select(work, guard).await {
            Either::Left((outcome, _)) => outcome,
            // Whatever ended it: what is under way ends by itself, nothing more begins, the last words are said.
            Either::Right((reason, work)) => {
                let patience = tokio::time::sleep(LAST_WORDS * 2);
                let second = stopped();
                pin_mut!(patience, second);
                let mut outcome = match select(work, select(patience, second)).await {
                    Either::Left((outcome, _)) => outcome,
                    Either::Right(_) => Outcome::of(reason.ending),
                };
                if outcome.ending != Ending::Reached {
                    outcome.ending = reason.ending;
                }
                outcome.halts.push(reason);
                outcome
            }
        }
    };
    if let Some(lock) = lock {
        let freed = async { if outcome.is_empty { lock.remove(api).await } else { lock.release(api).await } };
        let _ = tokio::time::timeout(LAST_WORDS, freed).await;
    }
    outcome
}

/// Ends when the lock is lost or the user has had enough.
async fn guard(api: &Api<'_>, lock: Option<&Lock>, over: &Over) -> Halt {
    let stop = stopped();
    let lost = async {
        match lock {
            Some(lock) => lock.keep(api).await,
            None => std::future::pending().await,
        }
    };
    pin_mut!(lost, stop);
    let halt = match select(lost, stop).await {
        Either::Left((other, _)) => Halt {
            ending: Ending::PartWay,
            ..Halt::decision(
                ClusterCode::LockHeld,
                format!("the lock was lost to `{other}`: nothing more is written"),
            )
        },
        Either::Right(_) => Halt {
            ending: Ending::Interrupted,
            ..Halt::refused(
                ClusterCode::Interrupted,
                "interrupted: nothing more is begun, nothing is rolled back",
            )
        }
        .help("the same command goes on from here"),
    };
    over.set(Some(if halt.ending == Ending::Interrupted { "interrupted" } else { "failed" }));
    halt
}

/// Ends with Ctrl-C or SIGTERM.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut ended) = signal(SignalKind::terminate()) else { return std::future::pending().await };
        let (interrupted, ended) = (tokio::signal::ctrl_c(), ended.recv());
        pin_mut!(interrupted, ended);
        select(interrupted, ended).await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Makes the namespace, which is no member; one that exists is left as it is (A61).
async fn create_namespace(api: &Api<'_>, aim: &Aim) -> Result<(), Halt> {
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

async fn take_lock(api: &Api<'_>, aim: &Aim) -> Result<Option<Lock>, Halt> {
    let name = identity::parent_name(&aim.project);
    let asked = lock::take(api, &aim.namespace, &name, &aim.holder).await;
    match asked.map_err(|failure| Halt::before("take the lock", &failure))? {
        Asked::Held(lock) => Ok(Some(lock)),
        Asked::Taken { holder, since } => {
            let since = if since.is_empty() { String::new() } else { format!(" since {since}") };
            let text = format!("`{holder}` works on `{}`{since}", aim.project);
            Err(Halt::decision(ClusterCode::LockHeld, text)
                .help("wait until it ends; the lock lapses thirty seconds after its holder was heard last"))
        }
        Asked::Forbidden => {
            let text = "without rights on Leases nothing but the version of the parent keeps two runs apart";
            api.report(&Event::Warning(ClusterCode::PermissionDegraded.into(), text.to_owned()));
            Ok(None)
        }
    }
}

/// What is done under the lock.
async fn locked(api: &Api<'_>, aim: &Aim, agreed: Planned, over: &Over) -> Outcome {
    // Between the plan and the lock somebody else may have written: then the plan is made anew (A36).
    let Planned { sight, plan, redactor } = match again(api, aim, agreed).await {
        Ok(planned) => planned,
        Err(halt) => return Outcome::halted(halt),
    };
    let mut found =
        match widen(api, aim, &sight, &plan, if aim.is_down { "removing" } else { "applying" }).await {
            Ok(found) => found,
            Err(halt) => return Outcome::halted(halt),
        };
    let mut outcome = Outcome::of(Ending::Reached);
    let (sight, plan) = match definitions_first(api, aim, sight, plan, &redactor, over).await {
        Ok(both) => both,
        Err((sight, halt)) => {
            outcome.ending = Ending::PartWay;
            outcome.halts.push(*halt);
            narrow(api, aim, &sight, &outcome, &mut found, over).await;
            return outcome;
        }
    };
    outcome.done = execute(api, &sight, &plan.changes, over).await;
    for (identity, failure, restored) in &outcome.done.failed {
        let mut halt = Halt::midway(&format!("`{identity}`"), failure);
        halt.help.extend(restored.clone());
        outcome.halts.push(halt);
    }
    if outcome.done.failed.is_empty() && over.get().is_none() {
        outcome.removed = remove(api, &sight, &groups(&plan.orphans)).await;
        outcome.halts.extend(halts_of(&outcome.removed));
        if !outcome.removed.is_clean() {
            outcome.ending = Ending::NotReady;
        }
    } else {
        outcome.ending = Ending::PartWay;
        outcome.halts.push(midway(&outcome.done));
    }
    // What stays, volumes say, is found again by its label (A15).
    if aim.is_down && !aim.is_part && outcome.ending == Ending::Reached {
        if let Err(failure) = parent::remove(api, &aim.namespace, &aim.project, &found).await {
            outcome.ending = Ending::NotReady;
            outcome.halts.push(Halt::midway("remove the parent of the project", &failure));
        }
        outcome.is_empty = true;
        return outcome;
    }
    narrow(api, aim, &sight, &outcome, &mut found, over).await;
    outcome
}

fn midway(done: &Done) -> Halt {
    let names = |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let written =
        done.written.iter().filter_map(Live::identity).map(|identity| identity.to_string()).collect();
    let untouched = done.untouched.iter().map(ToString::to_string).collect();
    let text = format!("stopped: written {}; untouched {}", names(written), names(untouched));
    Halt { ending: Ending::PartWay, ..Halt::refused(ClusterCode::StoppedMidway, text) }
        .help("the same command goes on from here, once the reason is gone")
}

/// Puts those that go into groups, each gone before the next begins (A55).
fn groups(orphans: &[Orphan]) -> Vec<Vec<Orphan>> {
    let going = orphans.iter().filter(|orphan| matches!(orphan.fate, Fate::Prune | Fate::Superseded));
    let going: Vec<&Orphan> = going.collect();
    let identities: Vec<&Identity> = going.iter().map(|orphan| &orphan.identity).collect();
    let steps = graph::removal_steps(&identities).into_iter();
    steps.map(|step| step.into_iter().map(|at| going[at].clone()).collect()).collect()
}

/// Puts failed deletions in words.
pub(crate) fn halts_of(removed: &Removed) -> Vec<Halt> {
    let stuck = removed.stuck.iter().map(|(identity, finalizers)| {
        let text = format!("`{identity}` does not go: {}", finalizers.join(", "));
        Halt { ending: Ending::NotReady, ..Halt::refused(ClusterCode::FinalizerStuck, text) }
    });
    let failed = removed.failed.iter().map(|(identity, why)| {
        let text = format!("`{identity}` cannot be deleted: {why}");
        Halt { ending: Ending::NotReady, ..Halt::refused(ClusterCode::PruneFailed, text) }
    });
    stuck.chain(failed).collect()
}

/// Reads the parent again, and all else too where a revision came in between.
async fn again(api: &Api<'_>, aim: &Aim, agreed: Planned) -> Result<Planned, Halt> {
    let now = parent::read(api, &aim.namespace, &aim.project).await;
    let now = now.map_err(|failure| Halt::before("read the parent of the project", &failure))?;
    let version = |found: Option<&Found>| found.map(|found| found.resource_version.clone());
    let now = now.and_then(Result::ok);
    if version(now.as_ref()) == version(agreed.sight.parent.as_ref()) && !aim.create_namespace {
        return Ok(agreed);
    }
    let planned = prepare(api, aim, &agreed.redactor).await?;
    let is_fine = matches!(planned.plan.verdict(), Verdict::Writes | Verdict::Nothing);
    if is_fine && (aim.create_namespace || planned.plan.summary() == agreed.plan.summary()) {
        return Ok(planned);
    }
    Err(Halt::decision(ClusterCode::LockHeld, "somebody else wrote to the project since the plan was shown")
        .help("run the command again: it shows the plan as it is now"))
}

/// Writes what others need to be judged at all, waits until the server knows it, and makes the plan anew (A33, row 8; A50).
async fn definitions_first(
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
            Ok(None) if tokio::time::Instant::now() < end => tokio::time::sleep(LAST_WORDS / 20).await,
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
        let service = live.label(super::object::SERVICE_LABEL).map(ToOwned::to_owned);
        items.push(Item { kind, name, uid: live.uid().to_owned(), service });
    }
    let source = aim.source.as_ref();
    Parent {
        kinds: items.iter().map(|item| item.kind.clone()).collect(),
        namespaces: BTreeSet::new(),
        source_id: source.map(|source| source.id.clone()).or_else(|| before?.source_id.clone()),
        source: source.map(|source| source.shown.clone()).or_else(|| before?.source.clone()),
        instance: before.map_or_else(|| aim.project.clone(), |before| before.instance.clone()),
        state: super::state::parent::State {
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
async fn narrow(api: &Api<'_>, aim: &Aim, sight: &Sight, outcome: &Outcome, found: &mut Found, over: &Over) {
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
    let write = parent.write(api, &aim.namespace, &aim.project, Some(&found.resource_version));
    match tokio::time::timeout(LAST_WORDS, write).await {
        Ok(Ok(written)) => *found = written,
        Ok(Err(failure)) => tracing::debug!(%failure, "the parent is not written"),
        Err(_) => tracing::debug!("the parent is not written in time"),
    }
}
