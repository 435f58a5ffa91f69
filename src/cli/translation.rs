//! A project on its way to one target: backends made from flags, and the line that sums a run up.

use anstyle::Style;

use super::mapping::Mapping;
use super::sealing::{Form, Sealer};
use super::session::Session;
use super::templates as user_templates;
use crate::backend::helm::{self, About};
use crate::backend::kubernetes::Kubernetes;
use crate::backend::swarm::{StackPlace, Swarm};
use crate::backend::{Artefacts, Backend, Target, templates};
use crate::diag::Spanned;
use crate::diag::render::Counts;
use crate::model::{Chart, Project};

const DIM: Style = Style::new().dimmed();

/// Renders a project for one target, its Secrets sealed where that is asked for; problems go to the sink. An overlay needs
/// more than one project: see `overlays`.
pub(crate) fn translate(
    target: Target,
    project: &Project,
    mapping: &Mapping,
    place: StackPlace,
    sealer: Option<&Sealer<'_>>,
    session: &mut Session<'_, '_>,
) -> Artefacts {
    let mut artefacts = render(target, project, mapping, place, session);
    let about = about(project);
    if let Some(sealer) = sealer {
        let form = if target == Target::Helm { Form::Template(&about) } else { Form::File };
        sealer.seal(&mut artefacts, &form, session);
    }
    session.account_for(&artefacts);
    if target == Target::Helm { helm::chart(artefacts, &about) } else { artefacts }
}

/// Renders the objects of a project, or its stack file, with what templates of the user add.
pub(crate) fn render(
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
    with_templates(target, artefacts, project, mapping, session)
}

/// What a chart says of itself: what the hint `chart` says (N114).
fn about(project: &Project) -> About {
    let mut about = About::of(project.name.as_str());
    if let Some(Chart { version, app_version, description }) =
        project.hints.chart.as_ref().map(|hint| &hint.value)
    {
        let text = |hint: &Option<Spanned<String>>| hint.as_ref().map(|hint| hint.value.clone());
        about.version = text(version).unwrap_or(about.version);
        about.app_version = text(app_version);
        about.description = text(description);
    }
    about
}

/// Adds what templates of the user give (N115).
fn with_templates(
    target: Target,
    artefacts: Artefacts,
    project: &Project,
    mapping: &Mapping,
    session: &mut Session<'_, '_>,
) -> Artefacts {
    let Some(directory) = mapping.templates.as_ref().filter(|_| target.has_objects()) else {
        return artefacts;
    };
    let templates = user_templates::read(directory, session);
    let hinted = project.hints.namespace.as_ref().map(|hint| &hint.value);
    let data = serde_json::json!({
        "project": project.name.as_str(),
        "namespace": session.globals.namespace.as_ref().or(hinted),
        "services": session.services,
    });
    templates::apply(artefacts, &templates, &data, &mut session.sink)
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
