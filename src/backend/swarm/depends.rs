//! What a service waits for (S30), and whether a lost wait weighs on its restarts.

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::Part;
use super::plan::{Plan, Written};
use super::report::{Place, dropped};
use crate::backend::codes::BackendCode;
use crate::model::{Condition, Dependency};

/// Writes the names of the written services that a service depends on.
pub(crate) fn depends_on(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let plan = draft.plan;
    let mut names: Vec<(&str, &Dependency)> = Vec::new();
    for dependency in &written.service.depends {
        // A wait for a service that is not written is met (K106), or its author did not ask for it.
        let Some(stack_name) = plan.stack_name(&dependency.on) else { continue };
        names.push((stack_name, dependency));
        report(written, dependency, draft);
    }
    names.sort_by_key(|(name, _)| *name);
    Part::unique_list(names.iter().map(|(name, dependency)| Part::written(*name, "S30", dependency.span)))
}

/// Tells whether a service depends on another one that is written.
pub(crate) fn has_dependencies(written: &Written<'_>, plan: &Plan<'_>) -> bool {
    written.service.depends.iter().any(|dependency| plan.stack_name(&dependency.on).is_some())
}

/// Returns the first dependency whose state Compose waits for and Swarm does not.
pub(crate) fn lost_wait<'a>(written: &Written<'a>, plan: &Plan<'_>) -> Option<&'a Dependency> {
    written.service.depends.iter().find(|dependency| {
        dependency.condition.value != Condition::Started && plan.stack_name(&dependency.on).is_some()
    })
}

fn report(written: &Written<'_>, dependency: &Dependency, draft: &mut Draft<'_, '_>) {
    // `required` is met: the other service is written.
    let Dependency { on, span, condition, required: _, restart, implied: _ } = dependency;
    let wait = match condition.value {
        Condition::Started => None,
        Condition::Healthy => Some(format!("waiting for `{on}` to be healthy")),
        Condition::Completed => Some(format!("waiting for `{on}` to complete")),
    };
    match wait {
        Some(wait) => draft.report.add(
            "depends_on",
            dropped(BackendCode::WaitNotRendered, *span, format!("`{}` starts without {wait}", written.name))
                .label(format!("`{}` without {wait}", written.name))
                .help("Swarm starts all at once; let the client retry. The restart policy tries again"),
        ),
        None => {
            draft.gathered.order.push(Place { name: written.name.to_string(), span: *span });
        }
    }
    if let Some(span) = restart {
        let message = format!("`{}` is not restarted when `{on}` is replaced", written.name);
        draft.report.add(
            "depends_on",
            dropped(SwarmCode::StackKeyDropped, *span, message).help("let the client connect again"),
        );
    }
}
