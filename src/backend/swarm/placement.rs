//! Where tasks run (S110, S51).

use super::draft::Draft;
use super::image::platform_constraints;
use super::legal::is_constraint;
use super::part::{Object, Part};
use super::plan::Written;
use super::report::dropped;
use crate::backend::codes::BackendCode;
use crate::model::{Constraint, ConstraintSubject, Placement};

/// Writes `deploy.placement`.
pub(crate) fn placement(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let Placement { constraints, spread, max_per_node } = &written.service.placement;
    let mut kept: Vec<Part> = Vec::new();
    for constraint in constraints {
        let Constraint { text, parsed: _ } = &constraint.value;
        if is_constraint(text) {
            kept.push(Part::written(text.as_str(), "S110", constraint.span));
            continue;
        }
        let message = format!("`{}`: Swarm does not take the constraint `{text}`", written.name);
        draft.report.add(
            "deploy.placement.constraints",
            dropped(BackendCode::PlacementConstraintDropped, constraint.span, message)
                .help("write `key==value` or `key!=value`"),
        );
    }
    kept.extend(platform_constraints(written, draft));
    let mut object = Object::default();
    object.put_opt("constraints", Part::list(kept));
    object.put_opt(
        "preferences",
        Part::list(spread.iter().map(|key| {
            let mut preference = Object::default();
            preference.put("spread", Part::written(key.value.as_str(), "S110", key.span));
            preference.into_part_even_if_empty()
        })),
    );
    let most = max_per_node.as_ref().filter(|most| most.value > 0);
    object.put_written("max_replicas_per_node", "S110", most);
    object.into_part()
}

/// Tells whether a constraint keeps all tasks of a service on one node (S91).
pub(crate) fn is_pinned(written: &Written<'_>) -> bool {
    written.service.placement.constraints.iter().any(|constraint| {
        let subject = constraint.parsed.as_ref();
        subject.is_some_and(|(subject, is_equal, _)| {
            *is_equal && matches!(subject, ConstraintSubject::Hostname | ConstraintSubject::Id)
        })
    })
}
