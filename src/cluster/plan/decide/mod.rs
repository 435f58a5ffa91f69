//! What is done to one object: A33 as a conversation. [`Inquiry::begin`] says what must be asked of the server, if anything;
//! each answer leads to the next question or to the [`Change`](super::change::Change). Whoever asks does the requests, all of them dry-runs or reads.

mod build;
mod conflict;
mod owner;
mod proof;
mod question;
mod refusal;

use std::collections::BTreeSet;

use serde_json::Value;

use super::Note;
use super::change::{Action, Check, Obstacle, Step};
use super::flags::Flags;
use super::immutable::{self, Remedy};
use super::owner::Owner;
use crate::cluster::codes::ClusterCode;
use crate::cluster::diff;
use crate::cluster::fields::path::Path;
use crate::cluster::fields::{entry, replicas, unchanged};
use crate::cluster::object::{Desired, Live};
use crate::cluster::redact::Redactor;
use build::with_span;
use question::{Asked, Proof};

pub(crate) use question::{Answer, Ask, Next};

/// What all objects of a run share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    /// Id of our set (A15).
    pub(crate) set: &'a str,
    /// What the user allowed.
    pub(crate) flags: &'a Flags,
    /// Hides what is secret; knows the desired and the live objects.
    pub(crate) redactor: &'a Redactor,
    /// Namespaces and `group/Kind` of custom resources that this run makes first (row 8).
    pub(crate) made: &'a BTreeSet<String>,
}

/// The questions about one object.
pub(crate) struct Inquiry<'a> {
    around: Circumstances<'a>,
    desired: &'a Desired,
    live: Option<Live>,
    /// The document, without what was yielded.
    document: Value,
    asked: Asked,
    forced: bool,
    adopted: Option<Owner>,
    notes: Vec<Note>,
    warnings: Vec<String>,
    /// New objects are shown with the defaults of the server (`--show-defaults`).
    shows_defaults: bool,
    /// Questions so far: a server that answers in circles is not asked for ever.
    asked_times: u8,
}

/// More questions than the longest way through the table takes.
const MOST_QUESTIONS: u8 = 8;

impl<'a> Inquiry<'a> {
    /// Begins with what the lists by set label brought.
    pub(crate) fn begin(
        desired: &'a Desired,
        listed: Option<Live>,
        around: Circumstances<'a>,
    ) -> (Self, Next) {
        let mut inquiry = Self {
            around,
            desired,
            live: listed,
            document: desired.document.clone(),
            asked: Asked::Nothing,
            forced: false,
            adopted: None,
            notes: Vec::new(),
            warnings: Vec::new(),
            shows_defaults: false,
            asked_times: 0,
        };
        let next = inquiry.first();
        (inquiry, next)
    }

    fn first(&mut self) -> Next {
        if self.desired.identity.namespace.is_none()
            && self.desired.identity.kind != "Namespace"
            && !self.around.flags.allow_cluster_scoped
        {
            return self.refused(
                ClusterCode::ClusterScoped,
                Action::Rejected,
                Obstacle::Refused,
                format!("`{}` belongs to the whole cluster", self.desired.identity),
                vec!["`--allow-cluster-scoped`, or leave it to those who run the cluster".to_owned()],
            );
        }
        let Some(live) = &self.live else { return self.ask_apply(false) };
        if live.deletion_timestamp().is_some() {
            return self.ask_proof(Proof::Terminating);
        }
        if unchanged::holds(self.desired, live) {
            return self.done(Action::Unchanged, Vec::new(), Vec::new());
        }
        self.immutable().unwrap_or_else(|| self.ask_apply(false))
    }

    /// Shows new objects as the server completes them; by default they are shown as we write them (row 3).
    pub(crate) fn show_defaults(&mut self) {
        self.shows_defaults = true;
    }

    /// Takes an answer.
    pub(crate) fn answer(&mut self, answer: Answer) -> Next {
        let asked = std::mem::replace(&mut self.asked, Asked::Nothing);
        match (asked, answer) {
            (Asked::Proof(proof), Answer::Accepted { object, warnings, .. }) => {
                self.warnings = warnings;
                self.proven(proof, &object, Check::Done)
            }
            (Asked::Proof(proof), Answer::Refused(failure)) if failure.is_without_dry_run() => {
                self.note_not_previewed(&failure);
                let object = Live::new(self.document.clone());
                self.proven(proof, &object, Check::Impossible)
            }
            (Asked::Picture(contested), Answer::Accepted { object, .. }) => {
                self.contested(&contested, Some(&object))
            }
            (Asked::Picture(contested), _) => self.contested(&contested, None),
            (Asked::Owner, Answer::Found(Some(live))) => self.met(&live),
            (_, Answer::Accepted { created, object, warnings }) => self.accepted(created, &object, warnings),
            (_, Answer::Refused(failure)) => self.failed(&failure),
            // It went between two questions.
            (_, Answer::Found(_)) => self.ask_apply(false),
        }
    }

    fn ask(&mut self, asked: Asked, ask: Ask) -> Next {
        self.asked_times += 1;
        if self.asked_times > MOST_QUESTIONS {
            return self.rejected("it changes faster than it can be read", None);
        }
        self.asked = asked;
        Next::Ask(ask)
    }

    fn ask_apply(&mut self, force: bool) -> Next {
        self.forced = force;
        let document = self.document.clone();
        self.ask(Asked::Apply, Ask::Apply { document, force })
    }

    /// Asks for what A40 demands, if anything.
    fn immutable(&mut self) -> Option<Next> {
        match immutable::remedy(self.desired, self.live.as_ref()?)? {
            Remedy::Recreate { path, reason, orphan, grow } => {
                Some(self.ask_proof(Proof::Recreate { path, reason, orphan, grow }))
            }
            Remedy::Refuse { path, reason, help } => {
                let span = self.span(&path);
                let next = self.refused(
                    ClusterCode::ClaimShrink,
                    Action::Rejected,
                    Obstacle::Refused,
                    reason,
                    vec![help],
                );
                Some(with_span(next, span))
            }
        }
    }

    fn accepted(&mut self, created: bool, object: &Live, warnings: Vec<String>) -> Next {
        self.warnings = warnings;
        if created {
            let shown = if self.shows_defaults { &object.value } else { &self.document };
            let fields = diff::of_new(&self.desired.identity.kind, shown, self.around.redactor);
            let steps = vec![Step::Apply { document: self.document.clone(), force: false }];
            self.live = None;
            return self.done(Action::Create, fields, steps);
        }
        let Some(live) = self.live.clone() else { return self.ask(Asked::Owner, Ask::Get) };
        let hand_over = replicas::hand_over(&self.desired.identity, &self.document, &live);
        let mut after = object.value.clone();
        if let Some(little) = &hand_over {
            // What the server shows is the fall to 1 that the hand-over prevents.
            Path::fields("spec.replicas").put_in(&mut after, little["spec"]["replicas"].clone());
        }
        let fields = self.compare(&live, &after);
        self.note_kept(&live);
        let mut steps: Vec<Step> =
            hand_over.into_iter().map(|document| Step::HandOver { document }).collect();
        steps.push(self.apply(self.document.clone(), self.forced));
        if self.adopted.is_some() {
            return self.done(Action::Adopt, fields, steps);
        }
        if !fields.is_empty() {
            return self.done(Action::Update, fields, steps);
        }
        let owns_the_same = entry::own_entry(&live) == entry::own_entry(object);
        let is_applied = owns_the_same && steps.len() == 1;
        if is_applied {
            self.done(Action::Unchanged, fields, Vec::new())
        } else {
            self.done(Action::Claim, fields, steps)
        }
    }
}

#[cfg(test)]
mod tests;
