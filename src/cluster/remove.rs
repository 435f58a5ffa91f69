//! Deletes members (A95): the ones that nobody needs any more, in the order that the plan gives, each guarded by its UID.

use futures::future::join_all;

use super::client::Api;
use super::execute::{Gone, Over, delete_and_wait, may_begin};
use super::failure::Class;
use super::look::Sight;
use super::object::Identity;
use super::plan::orphan::Orphan;
use super::progress::Event;

/// What became of the members.
#[derive(Debug, Default)]
pub(crate) struct Removed {
    /// They are gone.
    pub(crate) gone: Vec<Identity>,
    /// Another object has the name by now: left alone.
    pub(crate) replaced: Vec<Identity>,
    /// They do not go; what their deletion waits for.
    pub(crate) stuck: Vec<(Identity, Vec<String>)>,
    /// They could not be deleted.
    pub(crate) failed: Vec<(Identity, String)>,
    /// The run was over before it came to them.
    pub(crate) untouched: Vec<Identity>,
}

/// What became of one.
enum What {
    Done(Gone),
    Replaced,
    Untouched,
}

impl Removed {
    /// Tells whether all went that was to go.
    pub(crate) fn is_clean(&self) -> bool {
        self.stuck.is_empty() && self.failed.is_empty() && self.untouched.is_empty()
    }
}

/// Deletes members, group by group; the members of a group go together. Once the run is over nothing more is begun.
pub(crate) async fn remove(api: &Api<'_>, sight: &Sight, groups: &[Vec<Orphan>], over: &Over) -> Removed {
    let mut removed = Removed::default();
    for group in groups {
        let runs = group.iter().map(async |orphan| {
            let Orphan { identity, uid, .. } = orphan;
            let Some(kind) = sight.kind(identity) else {
                return (identity, Err("the server does not know its kind any more".to_owned()));
            };
            let _place = api.place().await;
            if !may_begin(api, over).await {
                return (identity, Ok(What::Untouched));
            }
            let done = delete_and_wait(api, kind, identity, uid, "Background").await;
            (
                identity,
                done.map(What::Done).or_else(|failure| match failure.class {
                    Class::Identity => Ok(What::Replaced),
                    _ => Err(failure.to_string()),
                }),
            )
        });
        for (identity, done) in join_all(runs).await {
            let object = identity.to_string();
            let identity = identity.clone();
            match done {
                Ok(What::Done(Gone::Gone)) => {
                    api.report(&Event::Done { object, what: "deleted" });
                    removed.gone.push(identity);
                }
                Ok(What::Done(Gone::Stuck(finalizers))) => {
                    let why = format!("does not go: {}", finalizers.join(", "));
                    api.report(&Event::Failed { object, why });
                    removed.stuck.push((identity, finalizers));
                }
                Ok(What::Untouched) => removed.untouched.push(identity),
                Ok(What::Replaced) => {
                    api.report(&Event::Done { object, what: "kept: another object has the name by now" });
                    removed.replaced.push(identity);
                }
                Err(why) => {
                    api.report(&Event::Failed { object, why: why.clone() });
                    removed.failed.push((identity, why));
                }
            }
        }
    }
    removed
}
