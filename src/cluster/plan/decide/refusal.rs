//! What a server refuses: what it cannot judge yet or at all (rows 7 and 8), what cannot change in place (A40), and plain faults.

use super::build::{with_check, with_reason, with_span};
use super::question::Proof;
use super::{Inquiry, Next};
use crate::cluster::codes::ClusterCode;
use crate::cluster::diff;
use crate::cluster::failure::{Class, Failure};
use crate::cluster::fields::claim;
use crate::cluster::plan::change::{Action, Check, Obstacle, Step};

impl Inquiry<'_> {
    pub(super) fn failed(&mut self, failure: &Failure) -> Next {
        match failure.class {
            Class::Conflict => self.conflict(failure),
            Class::Missing if self.is_made_first(failure) => {
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

    /// A new namespace brings no kind along: what nobody defines is refused at once.
    fn is_made_first(&self, failure: &Failure) -> bool {
        let identity = &self.desired.identity;
        let is_made = |name: &String| self.around.made.contains(name);
        is_made(&format!("{}/{}", identity.group, identity.kind))
            || failure.is_namespace_missing() && identity.namespace.as_ref().is_some_and(is_made)
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

    pub(super) fn rejected(&mut self, message: &str, failure: Option<&Failure>) -> Next {
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
}
