//! Fields that others own (row 6): yielded to an autoscaler, taken where the user says so, else shown with both values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Ask, Asked, Inquiry, Next};
use crate::cluster::codes::ClusterCode;
use crate::cluster::failure::Failure;
use crate::cluster::fields::conflict::{self, Contested};
use crate::cluster::fields::path::Path;
use crate::cluster::fields::{HAND_OVER_MANAGER, replicas, unchanged};
use crate::cluster::object::Live;
use crate::cluster::plan::change::{Action, Conflict, Obstacle, Problem};

impl Inquiry<'_> {
    pub(super) fn conflict(&mut self, failure: &Failure) -> Next {
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
    pub(super) fn may_take(&self, contested: &Contested) -> bool {
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
                "`spec.replicas` of `{}` stays {}: {manager} scales it; the file says {}",
                self.desired.identity,
                shown(theirs),
                shown(ours)
            ),
        );
        self.document = replicas::without(&self.document);
    }

    pub(super) fn contested(&mut self, contested: &[Contested], picture: Option<&Live>) -> Next {
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
}

fn is_secret_variable(one: &Contested) -> bool {
    let path = one.shown();
    let name = path.rsplit_once("env[").and_then(|(_, rest)| rest.split_once(']')).map(|(name, _)| name);
    name.is_some_and(crate::diag::looks_secret)
}
