//! A project on its way to one target: backends made from flags, and the line that sums a run up.

use anstyle::Style;

use super::mapping::Mapping;
use super::session::Session;
use crate::backend::helm::{self, About};
use crate::backend::kubernetes::Kubernetes;
use crate::backend::swarm::{StackPlace, Swarm};
use crate::backend::{Artefacts, Backend, Target};
use crate::diag::render::Counts;
use crate::model::Project;

const DIM: Style = Style::new().dimmed();

/// Renders a project for one target; problems go to the sink. An overlay needs more than one project: see `overlays`.
pub(crate) fn translate(
    target: Target,
    project: &Project,
    mapping: &Mapping,
    place: StackPlace,
    session: &mut Session<'_, '_>,
) -> Artefacts {
    let namespace = session.globals.namespace.as_deref();
    let backend: Box<dyn Backend> = match target {
        Target::Kubernetes | Target::Kustomize | Target::Helm => {
            Box::new(Kubernetes { options: mapping.kubernetes(namespace, &session.wishes) })
        }
        Target::Swarm => Box::new(Swarm { options: mapping.swarm(place) }),
    };
    let artefacts = backend.render(project, &session.sources, &mut session.sink);
    tracing::debug!(target = target.name(), documents = artefacts.documents.len(), "rendered");
    if target == Target::Helm { helm::chart(artefacts, &About::of(project.name.as_str())) } else { artefacts }
}

/// Returns the last line of a run: what came out, what was found, where to read on.
pub(crate) fn summary(subject: &str, product: &str, counts: Counts) -> String {
    let words = counts.words();
    let hint = if words.is_empty() { "" } else { " (rcompose explain CODE)" };
    let parts: Vec<String> = std::iter::once(product.to_owned()).chain(words).collect();
    format!("{subject}: {}{DIM}{hint}{DIM:#}\n", parts.join(", "))
}

/// Says in words what artefacts are.
pub(crate) fn in_words(artefacts: &Artefacts) -> String {
    if let Some(words) = &artefacts.words {
        return words.clone();
    }
    match artefacts.documents.as_slice() {
        [document] if document.kind == "Stack" => "1 stack file".to_owned(),
        [_] => "1 object".to_owned(),
        documents => format!("{} objects", documents.len()),
    }
}
