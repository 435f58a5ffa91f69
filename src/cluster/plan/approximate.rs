//! The same decisions without a server to ask (A101): for those who may only read.
//!
//! The questions of an [`Inquiry`] are answered from `managedFields`. What only the server knows is not in the answers: its
//! defaults, its refusals, and objects of our names that are no members of ours.

use serde_json::{Value, json};

use super::change::{Change, Check};
use super::decide::{Answer, Ask, Circumstances, Inquiry, Next};
use crate::cluster::failure::{Cause, Class, Failure};
use crate::cluster::fields::conflict::{self, Contested};
use crate::cluster::fields::entry::{self, Operation};
use crate::cluster::fields::predict;
use crate::cluster::object::{Desired, Live};

/// Decides about one object from what the lists brought.
pub(crate) fn change(desired: &Desired, listed: Option<Live>, around: Circumstances<'_>) -> Change {
    let live = listed.clone();
    let (mut inquiry, mut next) = Inquiry::begin(desired, listed, around);
    loop {
        match next {
            Next::Done(mut change) => {
                // Nobody has judged it, whatever the answers below pretend.
                change.check = Check::Impossible;
                return *change;
            }
            Next::Ask(ask) => next = inquiry.answer(answer(&desired.identity.kind, ask, live.as_ref())),
        }
    }
}

fn answer(kind: &str, ask: Ask, live: Option<&Live>) -> Answer {
    match (ask, live) {
        (Ask::Get, live) => Answer::Found(live.cloned()),
        (Ask::Create { document } | Ask::Apply { document, .. }, None)
        | (Ask::Create { document }, Some(_)) => accepted(true, document),
        (Ask::Apply { document, force }, Some(live)) => {
            let contested = conflict::foreseen(&document, live);
            if !force && !contested.is_empty() {
                return Answer::Refused(refusal(&contested));
            }
            let owned = entry::own_fields(live).unwrap_or_default();
            accepted(false, predict::applied(kind, &document, live, &owned))
        }
    }
}

fn accepted(created: bool, object: Value) -> Answer {
    Answer::Accepted { created, object: Live::new(object), warnings: Vec::new() }
}

/// The answer of a server that meets these conflicts.
fn refusal(contested: &[Contested]) -> Failure {
    let cause = |one: &Contested| {
        let through = one.subresource.as_ref().map(|name| format!(" with subresource {}", json!(name)));
        let using = if one.operation == Operation::Update { " using the same version" } else { "" };
        Cause {
            reason: "FieldManagerConflict".to_owned(),
            message: format!("conflict with {}{}{using}", json!(one.manager), through.unwrap_or_default()),
            field: one.field.clone(),
        }
    };
    Failure {
        class: Class::Conflict,
        status: None,
        reason: "Conflict".to_owned(),
        message: "others own fields".to_owned(),
        causes: contested.iter().map(cause).collect(),
        retry_after: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cluster::fields::served::{Served, all, one};
    use crate::cluster::plan::change::{Action, Step};
    use crate::cluster::plan::flags::Flags;
    use crate::cluster::redact::Redactor;

    fn decided(desired: &Desired, live: Option<Live>) -> Change {
        let flags = Flags { allow_cluster_scoped: true, ..Flags::default() };
        let (redactor, made) = (Redactor::new([0; 32]), BTreeSet::new());
        change(desired, live, Circumstances { set: "id", flags: &flags, redactor: &redactor, made: &made })
    }

    #[test]
    fn what_was_applied_is_unchanged_and_what_is_not_there_is_created() {
        for Served { name, desired, live } in all() {
            assert_eq!(decided(&desired, Some(live)).action, Action::Unchanged, "{name}");
            assert_eq!(decided(&desired, None).action, Action::Create, "{name}");
        }
    }

    #[test]
    fn values_of_others_are_conflicts_and_replicas_are_yielded() {
        let Served { mut desired, mut live, .. } = one("deployment-web");
        desired.document["spec"]["replicas"] = json!(3);
        live.value["spec"]["replicas"] = json!(7);
        let mut entry = json!({"manager": "m", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:replicas": {}}}});
        live.value["metadata"]["managedFields"].as_array_mut().expect("a list").push(entry.clone());
        let found = decided(&desired, Some(live.clone()));
        assert_eq!((found.action, found.conflicts[0].manager.as_str()), (Action::Conflict, "m"));
        entry["subresource"] = json!("scale");
        live.value["metadata"]["managedFields"][1] = entry;
        let found = decided(&desired, Some(live));
        assert_eq!((found.action, found.notes[0].code.name()), (Action::Unchanged, "field-yielded"));
    }

    #[test]
    fn a_change_is_told_and_marked_as_not_judged() {
        let Served { mut desired, live, .. } = one("deployment-web");
        desired.document["spec"]["template"]["spec"]["containers"][0]["image"] = json!("new:1");
        let found = decided(&desired, Some(live.clone()));
        assert_eq!((found.action, found.check), (Action::Update, Check::Impossible));
        assert_eq!(found.fields[0].path, "spec.template.spec.containers[web].image");
        desired.document["spec"]["selector"] = json!({"matchLabels": {"a": "b"}});
        let found = decided(&desired, Some(live));
        assert!(matches!(found.steps.first(), Some(Step::Delete { .. })), "{found:?}");
    }
}
