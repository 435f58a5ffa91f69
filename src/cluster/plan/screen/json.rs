//! The plan as `rcompose.plan.v1` (A102). Everything in it is masked already, but for `Step`s, which are not shown.

use serde_json::{Value, json};

use crate::cluster::object::Identity;
use crate::cluster::plan::change::{Change, Check, Conflict, FieldChange, Obstacle};
use crate::cluster::plan::orphan::{Fate, Orphan};
use crate::cluster::plan::{Note, Plan};

/// Name of the form.
pub(crate) const SCHEMA: &str = "rcompose.plan.v1";

/// Returns the plan as JSON.
pub(crate) fn json(plan: &Plan) -> Value {
    json!({
        "schema": SCHEMA,
        "context": plan.context,
        "server": plan.server,
        "namespace": plan.namespace,
        "project": plan.project,
        "approximate": plan.approximate,
        "summary": plan.summary(),
        "changes": plan.changes.iter().map(of_change).collect::<Vec<_>>(),
        "orphans": plan.orphans.iter().map(of_orphan).collect::<Vec<_>>(),
        "notes": plan.notes.iter().map(of_note).collect::<Vec<_>>(),
        "problems": plan.guards.iter().map(|guard| {
            json!({"code": guard.code.name(), "needs": needs(guard.obstacle), "message": guard.text, "help": [guard.help]})
        }).collect::<Vec<_>>(),
    })
}

fn named(identity: &Identity) -> Value {
    json!({
        "group": identity.group,
        "version": identity.version,
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
    })
}

/// Puts further keys beside the name of an object.
fn with(identity: &Identity, more: Value) -> Value {
    let mut object = named(identity);
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

fn of_change(change: &Change) -> Value {
    let check = match change.check {
        Check::Done => "done",
        Check::Later => "later",
        Check::Impossible => "impossible",
    };
    let problem = change.problem.as_ref().map(|problem| {
        json!({"code": problem.code.name(), "needs": needs(problem.obstacle), "message": problem.text, "help": problem.help})
    });
    with(
        &change.identity,
        json!({
            "service": change.service,
            "origin": change.place,
            "action": change.action.word(),
            "reason": change.reason,
            "check": check,
            "fields": change.fields.iter().map(of_field).collect::<Vec<_>>(),
            "conflicts": change.conflicts.iter().map(of_conflict).collect::<Vec<_>>(),
            "warnings": change.warnings,
            "notes": change.notes.iter().map(of_note).collect::<Vec<_>>(),
            "problem": problem,
        }),
    )
}

const fn needs(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Decision => "decision",
        Obstacle::Refused => "change",
    }
}

fn of_field(field: &FieldChange) -> Value {
    json!({
        "path": field.path,
        "op": field.op.word(),
        "before": field.before,
        "after": field.after,
        "masked": field.masked,
        "owner": field.owner,
    })
}

fn of_conflict(conflict: &Conflict) -> Value {
    json!({
        "path": conflict.path,
        "manager": conflict.manager,
        "operation": conflict.operation,
        "subresource": conflict.subresource,
        "since": conflict.since,
        "live": conflict.live,
        "ours": conflict.ours,
    })
}

fn of_orphan(orphan: &Orphan) -> Value {
    let reason = match &orphan.fate {
        Fate::Retained(reason) => Some(reason),
        _ => None,
    };
    with(
        &orphan.identity,
        json!({
            "service": orphan.service,
            "action": match orphan.fate { Fate::Kept => "keep", _ => orphan.fate.word() },
            "reason": reason,
            "size": orphan.size,
        }),
    )
}

fn of_note(note: &Note) -> Value {
    json!({"code": note.code.name(), "object": note.object.as_ref().map(named), "message": note.text})
}
