//! An object of our name that is no member of ours (row 9): whose it is, and how it becomes ours where the user says so (A24).

use serde_json::{Value, json};

use super::build::with_reason;
use super::question::Proof;
use super::{Inquiry, Next};
use crate::cluster::codes::ClusterCode;
use crate::cluster::fields::conflict;
use crate::cluster::fields::migrate::{Migration, migration};
use crate::cluster::fields::path::Path;
use crate::cluster::fields::predict;
use crate::cluster::object::Live;
use crate::cluster::plan::change::{Action, Obstacle, Step};
use crate::cluster::plan::owner::Owner;

impl Inquiry<'_> {
    /// Row 9: an object of that name which is no member of ours.
    pub(super) fn met(&mut self, live: &Live) -> Next {
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

    pub(super) fn adopt(&mut self, migration: &Migration, object: &Live) -> Next {
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
