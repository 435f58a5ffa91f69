//! The plan: what a run would do to a cluster, as a value that exists, and can be shown, before the first write (A1, A9).
//!
//! Pure. Who asks the server stands outside: it hands in what the project wants and what the server answered.

pub(crate) mod approximate;
pub(crate) mod change;
pub(crate) mod decide;
pub(crate) mod flags;
pub(crate) mod graph;
pub(crate) mod immutable;
pub(crate) mod lists;
pub(crate) mod orphan;
pub(crate) mod owner;
pub(crate) mod place;
pub(crate) mod probe;
pub(crate) mod prune;
pub(crate) mod screen;

use std::collections::BTreeMap;

use crate::diag::Code;
use change::{Action, Change, Obstacle};
use orphan::Orphan;

use super::object::Identity;

/// All that one run would do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Context of the kubeconfig, as the user names it.
    pub(crate) context: String,
    /// URL of the API server.
    pub(crate) server: String,
    /// Namespace of the project.
    pub(crate) namespace: String,
    /// Name of the project.
    pub(crate) project: String,
    /// One per object that the project wants, in the order of the backend; unchanged ones too.
    pub(crate) changes: Vec<Change>,
    /// Members that the project no longer wants.
    pub(crate) orphans: Vec<Orphan>,
    /// What is worth knowing beyond single changes.
    pub(crate) notes: Vec<Note>,
    /// What keeps the whole run back, such as too many deletions (A94).
    pub(crate) guards: Vec<Guard>,
    /// The parent must be written although no member is (A34).
    pub(crate) parent_differs: bool,
    /// Comparison without the server's dry-run (A101).
    pub(crate) approximate: bool,
    /// When it was made: seconds of the epoch by the server's clock, for ages; `None` where that did not say.
    pub(crate) now: Option<i64>,
}

/// Something worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// Its code.
    pub(crate) code: Code,
    /// The object; `None` for the run as a whole.
    pub(crate) object: Option<Identity>,
    /// Lower-case fragment, values masked.
    pub(crate) text: String,
}

/// A reason not to run that belongs to no single change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    /// Its code.
    pub(crate) code: Code,
    /// What is asked of the user.
    pub(crate) obstacle: Obstacle,
    /// The fact.
    pub(crate) text: String,
    /// The way out.
    pub(crate) help: String,
}

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing to write.
    Nothing,
    /// Can be carried out.
    Writes,
    /// Needs a decision: exit 7, nothing is written.
    Decision,
    /// Cannot be carried out: exit 1, nothing is written. Outranks a decision (A34).
    Refused,
}

impl Plan {
    /// Returns how many changes there are of each action, by its word; `orphan` for those that stay or go.
    pub(crate) fn summary(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.action.word()).or_default() += 1;
        }
        for orphan in &self.orphans {
            *counts.entry(orphan.fate.word()).or_default() += 1;
        }
        counts
    }

    /// Tells whether carrying it out would send a request that writes.
    pub(crate) fn is_writing(&self) -> bool {
        self.parent_differs
            || self.changes.iter().any(|change| !matches!(change.action, Action::Unchanged))
            || self.orphans.iter().any(|orphan| orphan.fate.is_deletion())
    }

    /// Tells whether the cluster differs from the project: what `diff` ends with 2 for. Kept orphans do not count.
    pub(crate) fn differs(&self) -> bool {
        self.changes.iter().any(|change| !matches!(change.action, Action::Unchanged | Action::Claim))
            || self.orphans.iter().any(|orphan| orphan.fate.is_deletion())
    }

    /// Returns what it comes to.
    pub(crate) fn verdict(&self) -> Verdict {
        let obstacles = || {
            let changes = self.changes.iter().filter_map(Change::obstacle);
            changes.chain(self.guards.iter().map(|guard| guard.obstacle))
        };
        if obstacles().any(|obstacle| obstacle == Obstacle::Refused) {
            Verdict::Refused
        } else if obstacles().next().is_some() {
            Verdict::Decision
        } else if self.is_writing() {
            Verdict::Writes
        } else {
            Verdict::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::change::{Check, Problem};
    use super::orphan::Fate;
    use super::*;
    use crate::cluster::codes::ClusterCode;

    fn change(action: Action, obstacle: Option<Obstacle>) -> Change {
        let problem = |obstacle| Problem {
            code: ClusterCode::ObjectForeign.into(),
            obstacle,
            text: String::new(),
            help: Vec::new(),
            span: None,
        };
        Change {
            identity: Identity {
                group: "apps".into(),
                version: "v1".into(),
                kind: "Deployment".into(),
                namespace: Some("shop".into()),
                name: "web".into(),
            },
            service: None,
            place: None,
            action,
            reason: None,
            fields: Vec::new(),
            conflicts: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            check: Check::Done,
            problem: obstacle.map(problem),
            steps: Vec::new(),
        }
    }

    fn plan(changes: Vec<Change>) -> Plan {
        Plan { changes, ..Plan::default() }
    }

    #[test]
    fn nothing_to_change_is_nothing_to_write() {
        let plan = plan(vec![change(Action::Unchanged, None)]);
        assert_eq!((plan.verdict(), plan.differs()), (Verdict::Nothing, false));
    }

    #[test]
    fn a_parent_that_differs_is_written() {
        let plan = Plan { parent_differs: true, ..plan(Vec::new()) };
        assert_eq!((plan.verdict(), plan.differs()), (Verdict::Writes, false));
    }

    #[test]
    fn a_refusal_outranks_a_decision_and_both_a_change() {
        let update = change(Action::Update, None);
        let foreign = change(Action::Foreign, Some(Obstacle::Decision));
        let rejected = change(Action::Rejected, Some(Obstacle::Refused));
        assert_eq!(plan(vec![update.clone()]).verdict(), Verdict::Writes);
        assert_eq!(plan(vec![update.clone(), foreign.clone()]).verdict(), Verdict::Decision);
        assert_eq!(plan(vec![update, foreign, rejected]).verdict(), Verdict::Refused);
    }

    #[test]
    fn a_guard_holds_the_whole_run() {
        let guard = Guard {
            code: ClusterCode::MassDelete.into(),
            obstacle: Obstacle::Decision,
            text: String::new(),
            help: String::new(),
        };
        let plan = Plan { guards: vec![guard], ..plan(vec![change(Action::Create, None)]) };
        assert_eq!(plan.verdict(), Verdict::Decision);
        assert_eq!(plan.guards[0].code.name(), "mass-delete");
    }

    #[test]
    fn orphans_that_stay_are_no_difference() {
        let orphan = |fate| Orphan {
            identity: change(Action::Create, None).identity,
            uid: "1".into(),
            service: None,
            fate,
            size: None,
        };
        let kept = Plan { orphans: vec![orphan(Fate::Kept)], ..Plan::default() };
        let gone = Plan { orphans: vec![orphan(Fate::Prune)], ..Plan::default() };
        assert_eq!((kept.differs(), kept.summary()["orphan"]), (false, 1));
        assert_eq!((gone.differs(), gone.summary()["delete"]), (true, 1));
    }

    #[test]
    fn a_problem_has_the_code_of_its_cause() {
        let foreign = change(Action::Foreign, Some(Obstacle::Decision));
        assert_eq!(foreign.problem.map(|problem| problem.code.name()), Some("object-foreign"));
    }
}
