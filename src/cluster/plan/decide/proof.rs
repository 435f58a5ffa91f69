//! What may be done once the server has said that it would take the new object (A41): make it anew, or claim a choice first (A28).

use serde_json::{Value, json};

use super::build::{with_check, with_reason};
use super::question::Proof;
use super::{Ask, Asked, Inquiry, Next};
use crate::cluster::codes::ClusterCode;
use crate::cluster::diff;
use crate::cluster::fields::set::FieldSet;
use crate::cluster::fields::{entry, predict};
use crate::cluster::kinds::Kind;
use crate::cluster::object::Live;
use crate::cluster::plan::change::{Action, Check, Obstacle, Problem, Step};
use crate::cluster::plan::probe;

impl Inquiry<'_> {
    pub(super) fn ask_proof(&mut self, proof: Proof) -> Next {
        let document = probe::document(&self.document);
        self.ask(Asked::Proof(proof), Ask::Create { document })
    }

    pub(super) fn proven(&mut self, proof: Proof, object: &Live, check: Check) -> Next {
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

    /// Predicts the object after our apply; `first` is a document that is applied before ours.
    pub(super) fn predicted(&self, live: &Live, first: Option<&Value>) -> Value {
        let mut owned = entry::own_fields(live).unwrap_or_default();
        if let Some(first) = first {
            owned.unite(&choice_of(first));
        }
        predict::applied(&self.desired.identity.kind, &self.document, live, &owned)
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
    // Who owns what is written back behind the object: else all of it would be ours by a create, and in conflict with ourselves.
    let of_subresource = |entry: &&Value| entry["subresource"].is_string();
    let managers = live.managed_fields().iter().filter(|entry| !of_subresource(entry));
    original["metadata"]["managedFields"] = managers.cloned().collect();
    original
}
