//! What a run does to one object that the project wants.

use std::fmt;

use serde_json::Value;

use super::Note;
use crate::cluster::object::Identity;
use crate::diag::{Code, Span};

/// One object of the project, compared with the cluster. Values in it are masked, those of its steps are not.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Which object.
    pub(crate) identity: Identity,
    /// Compose service that it is made for.
    pub(crate) service: Option<String>,
    /// Where that stands, such as `compose.yaml:3`.
    pub(crate) place: Option<String>,
    /// What is done.
    pub(crate) action: Action,
    /// Why, where the action alone does not say it.
    pub(crate) reason: Option<String>,
    /// Fields that change, by path.
    pub(crate) fields: Vec<FieldChange>,
    /// Fields that others own.
    pub(crate) conflicts: Vec<Conflict>,
    /// `Warning` headers of the server.
    pub(crate) warnings: Vec<String>,
    /// What is worth knowing of it.
    pub(crate) notes: Vec<Note>,
    /// Whether the server has judged it.
    pub(crate) check: Check,
    /// What stands in the way; `None` where the flags let it pass.
    pub(crate) problem: Option<Problem>,
    /// What carrying it out takes, in order.
    pub(crate) steps: Vec<Step>,
}

impl Change {
    /// Returns what is asked of the user before it can be carried out.
    pub(crate) fn obstacle(&self) -> Option<Obstacle> {
        self.problem.as_ref().map(|problem| problem.obstacle)
    }
}

/// What is done to an object (A33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    /// It is not there.
    Create,
    /// Its fields change in place.
    Update,
    /// Nothing changes but who owns the fields (row 4).
    Claim,
    /// It belonged to nobody, or to a tool that the user named (row 9).
    Adopt,
    /// It is deleted and made anew (A41).
    Recreate,
    /// Another manager owns fields (A22).
    Conflict,
    /// It belongs to another tool or set (A4).
    Foreign,
    /// The server does not take it (row 7), or its change is never made (a claim that shrinks).
    Rejected,
    /// Nothing.
    Unchanged,
}

impl Action {
    /// Returns the word of reports.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Claim => "claim",
            Self::Adopt => "adopt",
            Self::Recreate => "recreate",
            Self::Conflict => "conflict",
            Self::Foreign => "foreign",
            Self::Rejected => "rejected",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Whether the server has judged a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Check {
    /// It has.
    #[default]
    Done,
    /// Not yet: namespace or kind come first. Judged again before any other member is written (row 8).
    Later,
    /// It cannot: a webhook does no dry-run (row 7).
    Impossible,
}

/// What keeps a change back, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Its code.
    pub(crate) code: Code,
    /// What is asked of the user.
    pub(crate) obstacle: Obstacle,
    /// The fact; values masked.
    pub(crate) text: String,
    /// The ways out, one a line.
    pub(crate) help: Vec<String>,
    /// The place in the user's files that the server's words are about.
    pub(crate) span: Option<Span>,
}

/// What is asked of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// A decision, given by a flag: exit 7.
    Decision,
    /// Another file or another permission: exit 1.
    Refused,
}

/// One field that changes; values are as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldChange {
    /// Path with the keys of list items, such as `spec.template.spec.containers[web].image`.
    pub(crate) path: String,
    /// How it changes.
    pub(crate) op: Op,
    /// Value before; `None` where there was none.
    pub(crate) before: Option<Value>,
    /// Value after; `None` where there is none.
    pub(crate) after: Option<Value>,
    /// The values stand behind masks.
    pub(crate) masked: bool,
    /// Who owns the live value, where it is not us.
    pub(crate) owner: Option<String>,
}

/// How a field changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// It comes.
    Add,
    /// It goes.
    Remove,
    /// It becomes another.
    Replace,
}

impl Op {
    /// Returns the word of reports.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// A field that we write and another manager owns; values are as they may be shown (A22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// Path, as in [`FieldChange`].
    pub(crate) path: String,
    /// Name of the manager.
    pub(crate) manager: String,
    /// `Apply` or `Update`.
    pub(crate) operation: String,
    /// Subresource that it wrote through, such as `scale`.
    pub(crate) subresource: Option<String>,
    /// Since when, RFC 3339; entries may have no time.
    pub(crate) since: Option<String>,
    /// Live value.
    pub(crate) live: Option<Value>,
    /// Our value.
    pub(crate) ours: Option<Value>,
}

/// One request of carrying a change out. Documents hold secrets: `Debug` does not show them.
#[derive(Clone)]
pub(crate) enum Step {
    /// Waits until the object with this UID is gone (row 0).
    AwaitGone {
        /// The object that is going.
        uid: String,
    },
    /// JSON Patch on `managedFields` and the old annotation (A24).
    Migrate {
        /// The patch, resource version tested in it.
        patch: Value,
    },
    /// Apply as `rcompose-handover`, so that a field keeps its value while we let go of it (A23).
    HandOver {
        /// The little document.
        document: Value,
    },
    /// Apply as `rcompose`.
    Apply {
        /// The document; with `metadata.uid` where the plan saw a live object, so that no other one is met (A38).
        document: Value,
        /// Takes fields from others (A22).
        force: bool,
    },
    /// Claims of a `StatefulSet` grow to what its templates now ask for: all named `<prefix><number>`.
    GrowClaims {
        /// `<template>-<set>-`.
        prefix: String,
        /// Storage to ask for.
        request: String,
    },
    /// Delete with the UID as precondition; then wait until it is gone (A41).
    Delete {
        /// The precondition.
        uid: String,
        /// Leaves dependents alone (`StatefulSet`).
        orphan: bool,
        /// What is put back when the new one is refused after all, without the fields that the server sets.
        original: Value,
    },
}

impl Step {
    /// Returns the word of logs.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::AwaitGone { .. } => "await-gone",
            Self::Migrate { .. } => "migrate",
            Self::HandOver { .. } => "hand-over",
            Self::Apply { .. } => "apply",
            Self::GrowClaims { .. } => "grow-claims",
            Self::Delete { .. } => "delete",
        }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
