//! The order of a run that writes (A36–A39): lock, look again, widen the parent, write, prune, narrow. What is written, the plan
//! says; how it is told, `cli`.

mod first;
mod lock;
mod record;

use std::time::Duration;

use futures::future::{Either, select};
use futures::pin_mut;

use super::aim::Aim;
use super::client::Api;
use super::codes::ClusterCode;
use super::execute::{Done, Over, execute};
use super::failure::{Class, Failure};
use super::halt::{Ending, Halt};
use super::look::{Sight, look};
use super::object::{Identity, Live};
use super::plan::orphan::Orphan;
use super::plan::{Plan, Verdict, graph};
use super::redact::Redactor;
use super::remove::{Removed, remove};
use super::round::plan;
use super::state::parent::{self, Found};
use first::{Defined, create_namespace, definitions_first};
use lock::{guard, stopped, take_lock};
use record::{narrow, widen};

/// How long the last words may take (A39).
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What was seen, and the plan that follows from it.
pub(crate) struct Planned {
    /// What there is.
    pub(crate) sight: Sight,
    /// What is to be done.
    pub(crate) plan: Plan,
    /// Knows the secrets of the cluster too, by now.
    pub(crate) redactor: Redactor,
}

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

    /// Tells whether something that was to be done was not begun.
    const fn is_short(&self) -> bool {
        !self.done.untouched.is_empty() || !self.removed.untouched.is_empty()
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
                api.end_within(LAST_WORDS);
                let patience = tokio::time::sleep(LAST_WORDS * 3);
                let second = stopped();
                pin_mut!(patience, second);
                match select(work, select(patience, second)).await {
                    // All was done by then.
                    Either::Left((outcome, _)) if outcome.ending == Ending::Reached => outcome,
                    Either::Left((mut outcome, _)) => {
                        outcome.ending = reason.ending;
                        outcome.halts.push(reason);
                        outcome
                    }
                    // Who asks twice does not wait for the lock either: it lapses by itself.
                    Either::Right(_) => return Outcome::halted(reason),
                }
            }
        }
    };
    if let Some(lock) = lock {
        api.allow(LAST_WORDS);
        let freed = async { if outcome.is_empty { lock.remove(api).await } else { lock.release(api).await } };
        let _ = tokio::time::timeout(LAST_WORDS, freed).await;
    }
    outcome
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
    let first = definitions_first(api, aim, sight, plan, &redactor, over).await;
    let Defined { sight, plan, done, halts } = first;
    outcome.done = done;
    if !halts.is_empty() {
        outcome.ending = ending_of(&outcome.done);
        outcome.halts.extend(halts);
        narrow(api, aim, &sight, &outcome, &mut found, over).await;
        return outcome;
    }
    let done = execute(api, &sight, &plan.changes, over).await;
    outcome.halts.extend(failed(&done));
    outcome.done.extend(done);
    if outcome.done.failed.is_empty() && outcome.done.untouched.is_empty() {
        outcome.removed = remove(api, &sight, &groups(&plan.orphans), over).await;
        outcome.halts.extend(halts_of(&outcome.removed));
        if !outcome.removed.is_clean() {
            outcome.ending = Ending::NotReady;
        }
    }
    if !outcome.done.failed.is_empty() || outcome.is_short() {
        outcome.ending = ending_of(&outcome.done);
        outcome.halts.push(midway(&outcome.done, &outcome.removed));
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

/// Tells how a run ends in which changes failed: waiting in vain for old objects to go is no error of the API (row 44).
fn ending_of(done: &Done) -> Ending {
    let only_stuck = done.failed.iter().all(|(_, failure, _)| failure.class == Class::Stuck);
    if only_stuck && !done.failed.is_empty() { Ending::NotReady } else { Ending::PartWay }
}

/// Puts failed changes in words.
fn failed(done: &Done) -> Vec<Halt> {
    let halt = |(identity, failure, restored): &(Identity, Failure, Option<String>)| {
        let doing = format!("`{identity}`");
        let mut halt = match failure.class {
            Class::Stuck => Halt {
                ending: Ending::NotReady,
                ..Halt::refused(ClusterCode::FinalizerStuck, format!("{doing}: {failure}"))
            },
            _ => Halt::midway(&doing, failure),
        };
        halt.help.extend(restored.clone());
        halt
    };
    done.failed.iter().map(halt).collect()
}

fn midway(done: &Done, removed: &Removed) -> Halt {
    let names = |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let written =
        done.written.iter().filter_map(Live::identity).map(|identity| identity.to_string()).collect();
    let untouched = done.untouched.iter().chain(&removed.untouched).map(ToString::to_string).collect();
    let gone: Vec<String> = removed.gone.iter().map(ToString::to_string).collect();
    let gone = if gone.is_empty() { String::new() } else { format!("; deleted {}", gone.join(", ")) };
    let text = format!("stopped: written {}{gone}; untouched {}", names(written), names(untouched));
    Halt { ending: Ending::PartWay, ..Halt::refused(ClusterCode::StoppedMidway, text) }
        .help("the same command goes on from here, once the reason is gone")
}

/// Puts those that go into groups, each gone before the next begins (A55).
fn groups(orphans: &[Orphan]) -> Vec<Vec<Orphan>> {
    let going = orphans.iter().filter(|orphan| orphan.fate.is_deletion());
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
