//! Carries changes out, step by step, tier by tier (A38). What the steps are, the plan says; nothing is decided here but when to
//! stop.

mod step;

use std::cell::Cell;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, sleep};

use super::client::Api;
use super::failure::Failure;
use super::kinds;
use super::look::Sight;
use super::object::{Identity, Live};
use super::plan::change::{Action, Change};
use super::progress::Event;
use super::read::Served;

pub(crate) use step::{Gone, apply, create, delete_and_wait};

/// How often it is looked whether the lock is heard of again.
const LOOK: Duration = Duration::from_millis(100);

/// Why nothing more is begun, in the word for the parent's phase; `None` while all is well.
pub(crate) type Over = Cell<Option<&'static str>>;

/// What became of the changes.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Objects as the server answered.
    pub(crate) written: Vec<Live>,
    /// What failed, and why.
    pub(crate) failed: Vec<(Identity, Failure, Option<String>)>,
    /// What was not begun, since something had failed or the run was interrupted.
    pub(crate) untouched: Vec<Identity>,
}

impl Done {
    /// Adds what was done after it.
    pub(crate) fn extend(&mut self, later: Self) {
        let Self { written, failed, untouched } = later;
        self.written.extend(written);
        self.failed.extend(failed);
        self.untouched.extend(untouched);
    }
}

/// Carries all changes out; after a first failure nothing more is begun (A54).
pub(crate) async fn execute(api: &Api<'_>, sight: &Sight, changes: &[Change], over: &Over) -> Done {
    let mut done = Done::default();
    let mut tiers: Vec<_> = changes.iter().map(tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    for tier in tiers {
        let of_tier = changes.iter().filter(|change| self::tier(change) == tier && is_work(change));
        let runs = of_tier.map(|change| one(api, sight, change, over));
        for (change, outcome) in join_all(runs).await {
            match outcome {
                Outcome::Written(live) => done.written.extend(live),
                Outcome::Failed(failure, more) => {
                    done.failed.push((change.identity.clone(), failure, more));
                }
                Outcome::Untouched => done.untouched.push(change.identity.clone()),
            }
        }
    }
    done
}

/// Returns how early a change is carried out.
pub(crate) fn tier(change: &Change) -> kinds::Tier {
    kinds::tier(&change.identity.group, &change.identity.kind)
}

fn is_work(change: &Change) -> bool {
    !change.steps.is_empty()
}

/// Waits while the lock is not heard of; tells whether a change may begin at all.
pub(crate) async fn may_begin(api: &Api<'_>, over: &Over) -> bool {
    while over.get().is_none() && !api.may_begin() && Instant::now() < api.deadline() {
        sleep(LOOK).await;
    }
    over.get().is_none()
}

enum Outcome {
    Written(Option<Live>),
    Failed(Failure, Option<String>),
    Untouched,
}

async fn one<'c>(api: &Api<'_>, sight: &Sight, change: &'c Change, over: &Over) -> (&'c Change, Outcome) {
    let Some(kind) = sight.kind(&change.identity) else { return (change, Outcome::Untouched) };
    // All of a tier begin at once, but wait here for their place: what has none yet when something fails is not begun.
    let _place = api.place().await;
    if !may_begin(api, over).await {
        return (change, Outcome::Untouched);
    }
    let outcome = steps(api, kind, change).await;
    match &outcome {
        Outcome::Failed(failure, _) => {
            over.set(over.get().or(Some("failed")));
            let (object, why) = (change.identity.to_string(), failure.message.clone());
            api.report(&Event::Failed { object, why });
        }
        Outcome::Written(_) => {
            api.report(&Event::Done { object: change.identity.to_string(), what: past(change.action) });
        }
        Outcome::Untouched => {}
    }
    (change, outcome)
}

async fn steps(api: &Api<'_>, kind: &Served, change: &Change) -> Outcome {
    let mut last = None;
    for (at, step) in change.steps.iter().enumerate() {
        match step::run(api, kind, change, step).await {
            Ok(Some(live)) => last = Some(live),
            Ok(None) => {}
            Err(failure) => {
                let restored = step::restore(api, kind, change, &change.steps[..at]).await;
                return Outcome::Failed(failure, restored);
            }
        }
    }
    Outcome::Written(last)
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Claim => "claimed",
        Action::Adopt => "adopted",
        Action::Recreate => "recreated",
        Action::Conflict | Action::Foreign | Action::Rejected | Action::Unchanged => "left alone",
    }
}
