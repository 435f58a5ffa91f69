//! What is done to one object: A33 as a conversation. [`Inquiry::begin`] says what must be asked of the server, if anything;
//! each answer leads to the next question or to the [`Change`]. Whoever asks does the requests, all of them dry-runs or reads.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Note;
use super::change::{Action, Change, Check, Conflict, FieldChange, Obstacle, Problem, Seen, Step};
use super::flags::Flags;
use super::immutable::{self, Remedy};
use super::owner::Owner;
use super::probe;
use crate::cluster::client::{Class, Failure};
use crate::cluster::codes::ClusterCode;
use crate::cluster::diff;
use crate::cluster::fields::conflict::{self, Contested};
use crate::cluster::fields::migrate::{Migration, migration};
use crate::cluster::fields::path::Path;
use crate::cluster::fields::set::FieldSet;
use crate::cluster::fields::{HAND_OVER_MANAGER, claim, entry, predict, replicas, unchanged};
use crate::cluster::kinds::Kind;
use crate::cluster::object::{Desired, Live};
use crate::cluster::redact::Redactor;

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

/// What is to be done next.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// Ask the server, then [`Inquiry::answer`].
    Ask(Ask),
    /// Nothing more is to be asked.
    Done(Box<Change>),
}

/// A question to the server. Documents hold secrets: `Debug` does not show them.
#[derive(Clone)]
pub(crate) enum Ask {
    /// Dry-run of an apply as `rcompose`, strict.
    Apply {
        /// The document.
        document: Value,
        /// With `force`.
        force: bool,
    },
    /// Dry-run of a create (POST), strict: the proof of A41. The document has a name of its own.
    Create {
        /// The document.
        document: Value,
    },
    /// Read the object itself: it was not among the listed ones (row 9).
    Get,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Apply { force: false, .. } => "apply",
            Self::Apply { force: true, .. } => "apply by force",
            Self::Create { .. } => "create",
            Self::Get => "get",
        })
    }
}

/// What the server said.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// 200 or 201 of a dry-run.
    Accepted {
        /// It was 201: there was no such object.
        created: bool,
        /// The object as it would be.
        object: Live,
        /// `Warning` headers.
        warnings: Vec<String>,
    },
    /// Answer of a GET; `None` for 404.
    Found(Option<Live>),
    /// Anything else. Failures that concern the whole run (no login, no network) need not come here.
    Refused(Failure),
}

/// What was asked last.
enum Asked {
    Nothing,
    /// An apply; by force or not.
    Apply,
    /// A forced apply that only shows what a conflict is about.
    Picture(Vec<Contested>),
    /// The object that an apply had met.
    Owner,
    /// Whether a new object of that name would be accepted.
    Proof(Proof),
}

/// What a proof is for.
enum Proof {
    /// The old object is going (row 0).
    Terminating,
    Recreate {
        path: String,
        reason: String,
        orphan: bool,
        grow: Vec<(String, String)>,
    },
    /// The document to apply first (A28).
    Claim(Value),
    /// Taking over an object of `kubectl` (A24).
    Adopt(Box<Migration>),
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

    // Questions

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

    fn ask_proof(&mut self, proof: Proof) -> Next {
        let document = probe::document(&self.document);
        self.ask(Asked::Proof(proof), Ask::Create { document })
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

    // Answers

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

    fn failed(&mut self, failure: &Failure) -> Next {
        match failure.class {
            Class::Conflict => self.conflict(failure),
            Class::Missing if self.is_made_first() => {
                let fields = diff::of_new(&self.desired.identity.kind, &self.document, self.around.redactor);
                let steps = vec![Step::Apply { document: self.document.clone(), force: false }];
                let next = self.done(Action::Create, fields, steps);
                with_check(next, Check::Later)
            }
            _ if failure.is_without_dry_run() => self.not_previewed(failure),
            Class::Rejected => self.not_taken(failure),
            _ => self.rejected(&failure.message, Some(failure)),
        }
    }

    fn is_made_first(&self) -> bool {
        let identity = &self.desired.identity;
        let kind = format!("{}/{}", identity.group, identity.kind);
        self.around.made.contains(&kind)
            || identity.namespace.as_ref().is_some_and(|namespace| self.around.made.contains(namespace))
    }

    fn conflict(&mut self, failure: &Failure) -> Next {
        let Some(live) = self.live.clone() else { return self.ask(Asked::Owner, Ask::Get) };
        let contested = conflict::resolve(&failure.causes, Some(&live));
        if contested.iter().any(Contested::is_scaled) && replicas::written(&self.document) {
            self.yield_replicas(&contested, &live);
            if unchanged::holds_for(&self.document, &self.desired.identity.api_version(), &live) {
                return self.done(Action::Unchanged, Vec::new(), Vec::new());
            }
            return self.ask_apply(false);
        }
        if !self.forced && !contested.is_empty() && contested.iter().all(|one| self.may_take(one)) {
            return self.ask_apply(true);
        }
        let document = self.document.clone();
        self.ask(Asked::Picture(contested), Ask::Apply { document, force: true })
    }

    /// Our own hand-over, and managers that the user named.
    fn may_take(&self, contested: &Contested) -> bool {
        contested.manager == HAND_OVER_MANAGER || self.around.flags.force_conflicts.covers(&contested.manager)
    }

    fn yield_replicas(&mut self, contested: &[Contested], live: &Live) {
        let manager =
            contested.iter().find(|one| one.is_scaled()).map(|one| one.manager.clone()).unwrap_or_default();
        let place = Path::fields("spec.replicas");
        let (theirs, ours) = (place.value_in(&live.value).cloned(), place.value_in(&self.document).cloned());
        let shown =
            |value: Option<Value>| value.map_or_else(|| "unset".to_owned(), |value| value.to_string());
        self.note(
            ClusterCode::FieldYielded,
            format!(
                "`spec.replicas` stays {}: {manager} scales it; the file says {}",
                shown(theirs),
                shown(ours)
            ),
        );
        self.document = replicas::without(&self.document);
    }

    fn contested(&mut self, contested: &[Contested], picture: Option<&Live>) -> Next {
        let live = self.live.clone();
        let redactor = self.around.redactor;
        let kind = self.desired.identity.kind.clone();
        let shown = |one: &Contested, object: &Value| {
            let value = one.value_in(object)?;
            let masked =
                crate::cluster::redact::is_secret_place(&kind, &one.shown()) || is_secret_variable(one);
            Some(if masked { redactor.mask(value) } else { redactor.value(value) })
        };
        let conflicts: Vec<Conflict> = contested
            .iter()
            .map(|one| Conflict {
                path: one.shown(),
                manager: one.manager.clone(),
                operation: one.operation.word().to_owned(),
                subresource: one.subresource.clone(),
                since: one.since.clone(),
                live: live.as_ref().and_then(|live| shown(one, &live.value)),
                ours: shown(one, &self.document),
            })
            .collect();
        let managers: BTreeSet<&str> = conflicts.iter().map(|one| one.manager.as_str()).collect();
        let names: Vec<&str> = managers.into_iter().collect();
        let text = match conflicts.first() {
            Some(first) => format!(
                "`{}` of `{}` is owned by {}{}",
                first.path,
                self.desired.identity,
                names.join(", "),
                if conflicts.len() > 1 {
                    format!(" (and {} more fields)", conflicts.len() - 1)
                } else {
                    String::new()
                }
            ),
            None => format!("others own fields of `{}`", self.desired.identity),
        };
        let help = vec![
            format!("take over: `rcompose apply --force-conflicts={}`", names.join(",")),
            "keep theirs: write the live value into the Compose file".to_owned(),
            "leave it to them: take the setting out of the Compose file".to_owned(),
        ];
        let fields = match (picture, &self.live) {
            (Some(picture), Some(live)) => self.compare(&live.clone(), &picture.value),
            _ => Vec::new(),
        };
        let span = contested.first().and_then(|one| one.path.as_ref()).and_then(|path| self.span_of(path));
        let mut change = self.change(Action::Conflict, fields, Vec::new());
        change.problem = Some(Problem {
            code: ClusterCode::FieldConflict.into(),
            obstacle: Obstacle::Decision,
            text,
            help,
            span,
        });
        change.conflicts = conflicts;
        Next::Done(Box::new(change))
    }

    /// Row 9: an object of that name which is no member of ours.
    fn met(&mut self, live: &Live) -> Next {
        let owner = Owner::of(live, self.around.set);
        let terminating = live.deletion_timestamp().is_some();
        self.live = Some(live.clone());
        if owner == Owner::Us {
            return self.first();
        }
        if !owner.is_adopted(&self.around.flags.adopt) {
            return self.foreign(&owner);
        }
        if terminating {
            return self.ask_proof(Proof::Terminating);
        }
        let manager = owner.manager();
        self.adopted = Some(owner);
        if let Some(next) = self.immutable() {
            return next;
        }
        match migration(live, manager) {
            // Defaults may be owned by the creator, so an apply before the migration would prove nothing (A24).
            Some(migration) => self.ask_proof(Proof::Adopt(Box::new(migration))),
            None => self.ask_apply(false),
        }
    }

    fn foreign(&mut self, owner: &Owner) -> Next {
        let identity = &self.desired.identity;
        let take = match owner {
            Owner::Nobody => Some("take it over: `--adopt`".to_owned()),
            Owner::Controller(_) | Owner::Set(_) | Owner::Us => None,
            _ => owner.word().map(|word| format!("take it over: `--adopt={word}`")),
        };
        let other = "rename the service, or use another namespace (`-n`)".to_owned();
        let text = format!("`{identity}` exists and belongs to {}", owner.shown());
        let help = take.into_iter().chain([other]).collect();
        let next = self.refused(ClusterCode::ObjectForeign, Action::Foreign, Obstacle::Decision, text, help);
        with_reason(next, format!("belongs to {}", owner.shown()))
    }

    fn not_previewed(&mut self, failure: &Failure) -> Next {
        self.note_not_previewed(failure);
        let document = self.document.clone();
        let (action, fields) = match self.live.clone() {
            None => {
                (Action::Create, diff::of_new(&self.desired.identity.kind, &document, self.around.redactor))
            }
            Some(live) => (Action::Update, self.compare(&live, &self.predicted(&live, None))),
        };
        let steps = vec![self.apply(document, self.forced)];
        let next = self.done(action, fields, steps);
        with_check(next, Check::Impossible)
    }

    /// 400, 422 and the like: a choice to claim first, a field that cannot change, or a fault (row 7).
    fn not_taken(&mut self, failure: &Failure) -> Next {
        let fields: Vec<&str> = failure.causes.iter().map(|cause| cause.field.as_str()).collect();
        if let Some(live) = &self.live {
            if let Some(first) = claim::first(&self.desired.identity.kind, &self.document, live, &fields) {
                return self.ask_proof(Proof::Claim(first));
            }
            if self.may_be_recreated(failure) {
                let path = fields.first().map_or("spec", |field| field.trim_start_matches('.')).to_owned();
                let reason = format!("`{path}` cannot change");
                let orphan = self.desired.identity.kind == "StatefulSet";
                return self.ask_proof(Proof::Recreate { path, reason, orphan, grow: Vec::new() });
            }
        }
        self.rejected(&failure.message, Some(failure))
    }

    /// The server's own words, after our table has not seen it; custom resources only where the user named them (A40).
    fn may_be_recreated(&self, failure: &Failure) -> bool {
        let says = ["field is immutable", "may not change once set", "updates to statefulset spec"];
        let immutable = says.iter().any(|words| failure.message.contains(words))
            || failure.causes.iter().any(|cause| cause.message.contains("immutable"));
        let identity = &self.desired.identity;
        match identity.kind.as_str() {
            "PersistentVolumeClaim" | "PersistentVolume" | "Namespace" => false,
            _ if identity.known_kind().is_some_and(|kind| !kind.is_discovered()) => immutable,
            _ => immutable && self.around.flags.allow_recreate.names(identity),
        }
    }

    fn rejected(&mut self, message: &str, failure: Option<&Failure>) -> Next {
        let span =
            failure.and_then(|failure| failure.causes.iter().find_map(|cause| self.span(&cause.field)));
        let text =
            format!("`{}` is not taken: {}", self.desired.identity, self.around.redactor.redact(message));
        let help = if failure.is_some_and(Failure::is_our_document) {
            vec!["this is a bug of rcompose: please report it".to_owned()]
        } else {
            Vec::new()
        };
        let next = self.refused(ClusterCode::ObjectRejected, Action::Rejected, Obstacle::Refused, text, help);
        let next = with_reason(next, self.around.redactor.redact(message));
        with_span(next, span)
    }

    // What a proof allows

    fn proven(&mut self, proof: Proof, object: &Live, check: Check) -> Next {
        let next = match proof {
            Proof::Terminating => self.after_termination(),
            Proof::Recreate { path, reason, orphan, grow } => self.recreate(&path, &reason, orphan, grow),
            Proof::Claim(first) => self.claim_first(first),
            Proof::Adopt(migration) => self.adopt(&migration, object),
        };
        with_check(next, check)
    }

    fn after_termination(&mut self) -> Next {
        let Some(live) = self.live.take() else { return self.ask_apply(false) };
        let fields = diff::of_new(&self.desired.identity.kind, &self.document, self.around.redactor);
        let steps = vec![
            Step::AwaitGone { uid: live.uid().to_owned() },
            Step::Apply { document: self.document.clone(), force: false },
        ];
        let reason = if self.desired.identity.kind == "PersistentVolumeClaim" {
            "the old one is being deleted: comes back empty"
        } else {
            "the old one is being deleted"
        };
        let next = self.done(Action::Create, fields, steps);
        with_reason(next, reason.to_owned())
    }

    fn recreate(&mut self, path: &str, reason: &str, orphan: bool, grow: Vec<(String, String)>) -> Next {
        let Some(live) = self.live.clone() else { return self.ask_apply(false) };
        let predicted = self.predicted(&live, None);
        let fields = self.compare(&live, &predicted);
        let mut steps = vec![
            Step::Delete { uid: live.uid().to_owned(), orphan, original: original(&live) },
            Step::Apply { document: self.document.clone(), force: false },
        ];
        steps.extend(grow.into_iter().map(|(prefix, request)| Step::GrowClaims { prefix, request }));
        let identity = &self.desired.identity;
        let permit = &self.around.flags.allow_recreate;
        let custom = identity.known_kind().is_none_or(Kind::is_discovered);
        let permitted = if custom { permit.names(identity) } else { permit.covers_object(identity) };
        let span = self.span(path);
        let problem = (!permitted).then(|| Problem {
            code: ClusterCode::ObjectRecreate.into(),
            obstacle: Obstacle::Refused,
            text: format!("`{identity}` must be deleted and made anew: {reason}"),
            help: vec![format!("`--allow-recreate={identity}`")],
            span,
        });
        let mut change = self.change(Action::Recreate, fields, steps);
        change.reason = Some(reason.to_owned());
        change.problem = problem;
        Next::Done(Box::new(change))
    }

    fn claim_first(&mut self, first: Value) -> Next {
        let Some(live) = self.live.clone() else { return self.ask_apply(false) };
        let predicted = self.predicted(&live, Some(&first));
        let fields = self.compare(&live, &predicted);
        let steps = vec![self.apply(first, self.forced), self.apply(self.document.clone(), self.forced)];
        let action = if self.adopted.is_some() { Action::Adopt } else { Action::Update };
        self.done(action, fields, steps)
    }

    fn adopt(&mut self, migration: &Migration, object: &Live) -> Next {
        let Some(live) = self.live.clone() else { return self.ask_apply(false) };
        let mut moved = live.clone();
        moved.value["metadata"]["managedFields"] = migration.patch[0]["value"].clone();
        // The proof was a create, which meets no other manager.
        let contested = conflict::foreseen(&self.document, &moved);
        if !contested.iter().all(|one| self.may_take(one)) {
            return self.contested(&contested, None);
        }
        let mut after =
            predict::applied(&self.desired.identity.kind, &self.document, &moved, &migration.fields);
        for path in migration.vanishing(&self.document, &live) {
            // A default that leaves with its owner comes back at once.
            if let Some(default) = path.value_in(&object.value).filter(|_| is_default_place(&path)) {
                restore(&path, &mut after, default.clone());
            }
        }
        let fields = self.compare(&live, &after);
        let steps = vec![
            Step::Migrate { patch: migration.patch.clone() },
            self.apply(self.document.clone(), !contested.is_empty()),
        ];
        let next = self.done(Action::Adopt, fields, steps);
        with_reason(next, format!("fields of {} become ours", migration.managers.join(", ")))
    }

    // Parts

    /// Predicts the object after our apply; `first` is a document that is applied before ours.
    fn predicted(&self, live: &Live, first: Option<&Value>) -> Value {
        let mut owned = entry::own_fields(live).unwrap_or_default();
        if let Some(first) = first {
            owned.unite(&choice_of(first));
        }
        predict::applied(&self.desired.identity.kind, &self.document, live, &owned)
    }

    fn compare(&self, live: &Live, after: &Value) -> Vec<FieldChange> {
        let mut fields = diff::compare(&self.desired.identity.kind, &live.value, after, self.around.redactor);
        if fields.iter().any(|field| field.before.is_some()) {
            let owners = entry::owners_by_path(live);
            for field in fields.iter_mut().filter(|field| field.before.is_some()) {
                field.owner = owners.get(&field.path).cloned();
            }
        }
        fields
    }

    /// Makes the step of an apply, to the very object that was seen (A38).
    fn apply(&self, mut document: Value, force: bool) -> Step {
        if let Some(live) = self.live.as_ref().filter(|live| !live.uid().is_empty()) {
            document["metadata"]["uid"] = json!(live.uid());
        }
        Step::Apply { document, force }
    }

    /// Says which fields stay although we let go of them (A25).
    fn note_kept(&mut self, live: &Live) {
        let own = entry::own_fields(live).unwrap_or_default();
        for path in own.members() {
            let gone = path.value_in(&self.document).is_none() && path.value_in(&live.value).is_some();
            // A number of replicas that was yielded or handed over has a note of its own.
            if !gone || path == Path::fields("spec.replicas") {
                continue;
            }
            let owners = entry::other_owners(live, &path);
            if !owners.is_empty() {
                self.note(
                    ClusterCode::FieldKept,
                    format!("`{path}` stays: also owned by {}", owners.join(", ")),
                );
            }
        }
    }

    fn note_not_previewed(&mut self, failure: &Failure) {
        let text = format!("not previewed: {}", self.around.redactor.redact(&failure.message));
        self.note(ClusterCode::ObjectNotPreviewed, text);
    }

    fn note(&mut self, code: ClusterCode, text: String) {
        self.notes.push(Note { code: code.into(), object: Some(self.desired.identity.clone()), text });
    }

    fn done(&mut self, action: Action, fields: Vec<FieldChange>, steps: Vec<Step>) -> Next {
        let mut change = self.change(action, fields, steps);
        if let Some(owner) = &self.adopted {
            change.reason = Some(format!("belonged to {}", owner.shown()));
        }
        Next::Done(Box::new(change))
    }

    fn refused(
        &mut self,
        code: ClusterCode,
        action: Action,
        obstacle: Obstacle,
        text: String,
        help: Vec<String>,
    ) -> Next {
        let mut change = self.change(action, Vec::new(), Vec::new());
        change.reason = Some(text.clone());
        change.problem = Some(Problem { code: code.into(), obstacle, text, help, span: None });
        Next::Done(Box::new(change))
    }

    fn change(&mut self, action: Action, fields: Vec<FieldChange>, steps: Vec<Step>) -> Change {
        let redactor = self.around.redactor;
        Change {
            identity: self.desired.identity.clone(),
            service: self.desired.service.clone(),
            place: self.desired.place.clone(),
            action,
            reason: None,
            fields,
            conflicts: Vec::new(),
            warnings: std::mem::take(&mut self.warnings).iter().map(|text| redactor.redact(text)).collect(),
            notes: std::mem::take(&mut self.notes),
            check: Check::Done,
            problem: None,
            steps,
            seen: self.live.as_ref().map(Seen::of),
        }
    }

    /// Finds the place in the user's files for a path that the server named, with items by index.
    fn span(&self, path: &str) -> Option<crate::diag::Span> {
        let steps: Vec<String> = path
            .trim_start_matches('.')
            .split(['.', '[', ']'])
            .filter(|step| !step.is_empty())
            .map(|step| step.trim_matches('"').to_owned())
            .collect();
        super::place::nearest(&self.desired.origins, &steps)
    }

    fn span_of(&self, path: &Path) -> Option<crate::diag::Span> {
        super::place::nearest(&self.desired.origins, &path.by_index(&self.desired.document)?)
    }
}

/// The fields of the choice that is claimed with the first of two applies.
fn choice_of(first: &Value) -> FieldSet {
    let mut fields = json!({});
    for choice in ["strategy", "updateStrategy"] {
        if let Some(parts) = first["spec"][choice].as_object() {
            for part in parts.keys() {
                fields["f:spec"][format!("f:{choice}")][format!("f:{part}")] = json!({});
            }
        }
    }
    FieldSet::parse(&fields).unwrap_or_default()
}

fn is_secret_variable(one: &Contested) -> bool {
    let path = one.shown();
    let name = path.rsplit_once("env[").and_then(|(_, rest)| rest.split_once(']')).map(|(name, _)| name);
    name.is_some_and(crate::diag::looks_secret)
}

/// Labels and annotations have no defaults.
fn is_default_place(path: &Path) -> bool {
    !path.starts_with(&Path::fields("metadata"))
}

/// Puts a value back, with the maps above it.
fn restore(path: &Path, object: &mut Value, value: Value) {
    for length in 1..path.0.len() {
        let above = Path(path.0[..length].to_vec());
        if above.value_in(object).is_none() && above.put_in(object, json!({})).is_none() {
            return;
        }
    }
    path.put_in(object, value);
}

/// The object as it can be made again: without the fields that the server sets.
fn original(live: &Live) -> Value {
    let mut original = diff::comparable(&live.value);
    if live.value["kind"] == "Job" {
        // The selector and its labels are made with the Job.
        if let Some(spec) = original["spec"].as_object_mut() {
            spec.remove("selector");
        }
        if let Some(labels) =
            original.pointer_mut("/spec/template/metadata/labels").and_then(Value::as_object_mut)
        {
            labels.retain(|key, _| {
                !key.contains("controller-uid") && key != "job-name" && key != "batch.kubernetes.io/job-name"
            });
        }
    }
    original
}

fn with_check(next: Next, check: Check) -> Next {
    match next {
        Next::Done(mut change) => {
            change.check = check;
            Next::Done(change)
        }
        ask @ Next::Ask(_) => ask,
    }
}

fn with_reason(next: Next, reason: String) -> Next {
    match next {
        Next::Done(mut change) => {
            change.reason = Some(reason);
            Next::Done(change)
        }
        ask @ Next::Ask(_) => ask,
    }
}

fn with_span(next: Next, span: Option<crate::diag::Span>) -> Next {
    match next {
        Next::Done(mut change) => {
            if let Some(problem) = &mut change.problem {
                problem.span = span;
            }
            Next::Done(change)
        }
        ask @ Next::Ask(_) => ask,
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
