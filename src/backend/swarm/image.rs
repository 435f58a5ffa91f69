//! The image of a service, and what would build or pull it (S20, S51, S52; K10 to K14).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::Part;
use super::plan::{Plan, Written};
use super::report::{Place, approximated, dropped, listed, noted, refused};
use crate::backend::codes::BackendCode;
use crate::backend::reference::Reference;
use crate::diag::{Diagnostic, Outcome, Severity, Spanned};
use crate::model::{Build, Image, PullPolicy};

/// Names the image of a service.
pub(crate) fn image(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Part {
    // The platform becomes a constraint (S51); what the Dockerfile says comes with the image.
    let Image { reference, build, pull, refresh_after, platform: _, facts: _ } = &written.service.image;
    let plan = draft.plan;
    let part = match (plan.options.images.get(written.name.as_str()), reference, build) {
        (Some(given), _, _) => Part::by_rule(given.as_str(), "K10"),
        (None, Some(reference), _) => Part::written(reference.value.as_str(), "K10", reference.span),
        (None, None, Some(build)) => Part::written(built_name(plan, written, build), "K11", build.span),
        // Loading refuses a service with neither.
        (None, None, None) => Part::written(default_name(plan, written), "K11", written.service.span),
    };
    if Reference::parse(part.value.as_str().unwrap_or_default()).is_none() {
        let span = reference.as_ref().map_or(written.service.span, |reference| reference.span);
        let message = format!("`{}`: {} is no legal image reference", written.name, part.value);
        draft.report.add(
            "image",
            refused(BackendCode::ImageInvalid, span, message).help("write `[REGISTRY/]NAME[:TAG][@DIGEST]`"),
        );
    }
    if let Some(build) = build {
        let name = part.value.as_str().unwrap_or_default().to_owned();
        let named = reference.is_some() || plan.options.images.contains_key(written.name.as_str());
        draft.gathered.built.push((Place { name, span: build.span }, named));
        report_settings(written, build, draft);
    }
    report_pull(written, pull.as_ref(), refresh_after.as_ref(), draft);
    part
}

/// Tells once which images must reach the nodes (K11, K12).
pub(crate) fn report_built(draft: &mut Draft<'_, '_>) {
    let (first, unnamed) = match draft.gathered.built.iter().find(|(_, named)| !named) {
        Some((place, _)) => (place.clone(), true),
        None => match draft.gathered.built.first() {
            Some((place, _)) => (place.clone(), false),
            None => return,
        },
    };
    let places = &draft.gathered.built;
    let names = listed(places.iter().map(|(place, _)| &place.name));
    let message = match places.len() {
        1 => format!("1 image is built here: {names}"),
        count => format!("{count} images are built here: {names}"),
    };
    let help = "`docker compose build`, then push them: every node pulls; with `--registry HOST/PATH` the names say where";
    let mut finding = Diagnostic::new(BackendCode::ImageMustBePushed, message).at(first.span).help(help);
    for (place, _) in places.iter().filter(|(place, _)| place.span != first.span) {
        finding = finding.also(place.span, format!("`{}`", place.name));
    }
    let finding =
        if unnamed { finding.outcome(Outcome::Approximated) } else { finding.severity(Severity::Note) };
    draft.report.add_general(finding);
}

fn built_name(plan: &Plan<'_>, written: &Written<'_>, build: &Build) -> String {
    build.tag.as_ref().map_or_else(|| default_name(plan, written), |tag| tag.value.clone())
}

/// The name that `docker compose build` gives (K11).
fn default_name(plan: &Plan<'_>, written: &Written<'_>) -> String {
    let registry = plan.options.registry.as_ref().map_or_else(String::new, |registry| format!("{registry}/"));
    let tag = plan.options.tag.as_deref().unwrap_or("latest");
    let name: String = format!("{}-{}", plan.project.name, written.name)
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' })
        .collect();
    format!("{registry}{name}:{tag}")
}

fn report_settings(written: &Written<'_>, build: &Build, draft: &mut Draft<'_, '_>) {
    let Build { span, context: _, local_context: _, tag: _, settings } = build;
    if settings.is_empty() {
        return;
    }
    let keys = listed(settings.iter().map(|setting| setting.value));
    draft.report.add(
        "build",
        dropped(
            BackendCode::BuildSettingNotEmitted,
            *span,
            format!("`{}`: {keys} of `build` act when the image is built", written.name),
        )
        .help("nothing to do: `docker compose build` reads them"),
    );
}

/// `docker stack deploy` looks tags up itself (S52).
fn report_pull(
    written: &Written<'_>,
    pull: Option<&Spanned<PullPolicy>>,
    refresh_after: Option<&Spanned<String>>,
    draft: &mut Draft<'_, '_>,
) {
    let (key, span) = match (pull, refresh_after) {
        (None, None) => return,
        (Some(Spanned { value: PullPolicy::Always, span }), _) => {
            return draft.report.already_default("pull_policy", *span);
        }
        (_, Some(after)) => ("pull_refresh_after", after.span),
        (Some(pull), None) => ("pull_policy", pull.span),
    };
    draft.report.add(
        key,
        dropped(
            SwarmCode::StackPullPolicy,
            span,
            format!("`{}`: `{key}` is decided when the stack is deployed", written.name),
        )
        .help("`docker stack deploy --resolve-image never` takes images as the nodes have them"),
    );
}

/// Constraints that keep a service on nodes of its platform (S51); none beside those of its author.
pub(crate) fn platform_constraints(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Vec<Part> {
    use crate::model::ConstraintSubject::{Architecture, Os};
    let Some(platform) = &written.service.image.platform else { return Vec::new() };
    let by_author = |constraint: &Spanned<crate::model::Constraint>| {
        constraint.parsed.as_ref().is_some_and(|(subject, _, _)| matches!(subject, Os | Architecture))
    };
    if written.service.placement.constraints.iter().any(by_author) {
        draft.report.add(
            "platform",
            noted(
                BackendCode::AlreadyDefault,
                platform.span,
                format!("`{}`: constraints of its author decide on the platform", written.name),
            ),
        );
        return Vec::new();
    }
    let mut constraints = vec![format!("node.platform.os=={}", platform.os)];
    let variant = platform.variant.as_deref().unwrap_or_default();
    constraints.extend(platform.architecture.as_deref().map(|word| {
        let arch = match (word, variant) {
            ("amd64", _) => "x86_64",
            ("arm64", _) => "aarch64",
            ("arm", "v6") => "armv6l",
            ("arm", _) => "armv7l",
            ("386", _) => "i686",
            (other, _) => other,
        };
        format!("node.platform.arch=={arch}")
    }));
    constraints.retain(|text| super::legal::is_constraint(text));
    draft.report.add(
        "platform",
        approximated(
            SwarmCode::StackPlatformConstraint,
            platform.span,
            format!("`{}` runs only where {}", written.name, listed(&constraints)),
        )
        .help("nodes must be of that platform: Swarm does not emulate another one"),
    );
    constraints.into_iter().map(|text| Part::written(text, "S51", platform.span)).collect()
}
