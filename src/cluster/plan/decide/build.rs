//! Puts a [`Change`] together: its fields as they may be shown, its notes, its place in the user's files. Decides nothing.

use serde_json::{Value, json};

use super::{Inquiry, Next};
use crate::cluster::codes::ClusterCode;
use crate::cluster::diff;
use crate::cluster::failure::Failure;
use crate::cluster::fields::entry;
use crate::cluster::fields::path::Path;
use crate::cluster::object::Live;
use crate::cluster::plan::change::{Action, Change, Check, FieldChange, Obstacle, Problem, Step};
use crate::cluster::plan::{Note, place};

impl Inquiry<'_> {
    pub(super) fn compare(&self, live: &Live, after: &Value) -> Vec<FieldChange> {
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
    pub(super) fn apply(&self, mut document: Value, force: bool) -> Step {
        if let Some(live) = self.live.as_ref().filter(|live| !live.uid().is_empty()) {
            document["metadata"]["uid"] = json!(live.uid());
        }
        Step::Apply { document, force }
    }

    /// Says which fields stay although we let go of them (A25).
    pub(super) fn note_kept(&mut self, live: &Live) {
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
                    format!(
                        "`{path}` of `{}` stays: also owned by {}",
                        self.desired.identity,
                        owners.join(", ")
                    ),
                );
            }
        }
    }

    pub(super) fn note_not_previewed(&mut self, failure: &Failure) {
        let why = self.around.redactor.redact(&failure.message);
        let text = format!("`{}` is not previewed: {why}", self.desired.identity);
        self.note(ClusterCode::ObjectNotPreviewed, text);
    }

    pub(super) fn note(&mut self, code: ClusterCode, text: String) {
        self.notes.push(Note { code: code.into(), object: Some(self.desired.identity.clone()), text });
    }

    pub(super) fn done(&mut self, action: Action, fields: Vec<FieldChange>, steps: Vec<Step>) -> Next {
        let mut change = self.change(action, fields, steps);
        if let Some(owner) = &self.adopted {
            change.reason = Some(format!("belonged to {}", owner.shown()));
        }
        Next::Done(Box::new(change))
    }

    pub(super) fn refused(
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

    pub(super) fn change(&mut self, action: Action, fields: Vec<FieldChange>, steps: Vec<Step>) -> Change {
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
        }
    }

    /// Finds the place in the user's files for a path that the server named, with items by index.
    pub(super) fn span(&self, path: &str) -> Option<crate::diag::Span> {
        let steps: Vec<String> = path
            .trim_start_matches('.')
            .split(['.', '[', ']'])
            .filter(|step| !step.is_empty())
            .map(|step| step.trim_matches('"').to_owned())
            .collect();
        place::nearest(&self.desired.origins, &steps)
    }

    pub(super) fn span_of(&self, path: &Path) -> Option<crate::diag::Span> {
        place::nearest(&self.desired.origins, &path.by_index(&self.desired.document)?)
    }
}

pub(super) fn with_check(next: Next, check: Check) -> Next {
    match next {
        Next::Done(mut change) => {
            change.check = check;
            Next::Done(change)
        }
        ask @ Next::Ask(_) => ask,
    }
}

pub(super) fn with_reason(next: Next, reason: String) -> Next {
    match next {
        Next::Done(mut change) => {
            change.reason = Some(reason);
            Next::Done(change)
        }
        ask @ Next::Ask(_) => ask,
    }
}

pub(super) fn with_span(next: Next, span: Option<crate::diag::Span>) -> Next {
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
