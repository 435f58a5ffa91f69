//! Environment variables (S22, S13), and texts that swarmkit expands (S14).

use serde_json::Value;

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::Part;
use super::plan::Written;
use super::report::{Place, dropped, noted};
use super::template::{Expanded, treat};
use crate::backend::codes::BackendCode;
use crate::diag::{Diagnostic, Outcome, Severity, Span};
use crate::model::{Environment, EnvironmentValue, ModelUse};

/// Writes all variables of a service as one map of strings.
pub(crate) fn environment(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let variables: &Environment = &written.service.process.environment;
    let mut entries: Vec<(String, Part)> = Vec::new();
    for (name, value) in variables {
        let part = match value {
            EnvironmentValue::Literal { value, sensitive } => {
                if *sensitive && draft.plan.sources.is_from_outside(value.span) {
                    let name = format!("{name} ({})", written.name);
                    draft.gathered.outside.push(Place { name, span: value.span });
                }
                if value.value.is_empty() {
                    note_empty(name, written, value.span, draft);
                }
                let text = template(&value.value, value.span, &format!("environment.{name}"), draft);
                Part::written(text, "S22", value.span)
            }
            EnvironmentValue::Unset(span) => {
                note_empty(name, written, *span, draft);
                Part::written(Value::Null, "S13", *span)
            }
        };
        entries.push((name.clone(), part));
    }
    for model in &written.service.target_only.models {
        entries.extend(model_variable(written, model, variables, draft));
    }
    Part::map(entries)
}

/// Makes a text safe in a place that swarmkit expands.
pub(crate) fn template(text: &str, span: Span, key: &str, draft: &mut Draft<'_, '_>) -> String {
    match treat(text) {
        Expanded::Plain => text.to_owned(),
        Expanded::Escaped(escaped) => escaped,
        Expanded::Kept => {
            draft.report.add(
                key,
                noted(
                    SwarmCode::StackTemplateKept,
                    span,
                    format!("`{key}` is a template that Swarm fills in"),
                ),
            );
            text.to_owned()
        }
    }
}

fn note_empty(name: &str, written: &Written<'_>, span: Span, draft: &mut Draft<'_, '_>) {
    draft.gathered.empty.push(Place { name: format!("{name} ({})", written.name), span });
}

/// Tells once which variables the docker CLI fills from its shell (S13); a warning where most shells have the name.
pub(crate) fn report_empty(draft: &mut Draft<'_, '_>) {
    let places = std::mem::take(&mut draft.gathered.empty);
    let (usual, other): (Vec<Place>, Vec<Place>) =
        places.into_iter().partition(|place| is_usual(place.name.split(' ').next().unwrap_or_default()));
    for (places, severity) in [(usual, Severity::Warning), (other, Severity::Note)] {
        let Some((first, others)) = places.split_first() else { continue };
        let names = places.iter().map(named).collect::<Vec<_>>().join(", ");
        let message = format!("empty here, filled from the shell that deploys: {names}");
        let mut finding = Diagnostic::new(SwarmCode::StackEnvEmpty, message)
            .severity(severity)
            .outcome(Outcome::Approximated)
            .at(first.span)
            .help("deploy with few variables: `env -i HOME=\"$HOME\" PATH=\"$PATH\" docker stack deploy …`");
        for place in others {
            finding = finding.also(place.span, named(place));
        }
        draft.report.add_general(finding);
    }
}

/// `NAME (service)` with the name in backticks.
fn named(place: &Place) -> String {
    match place.name.rsplit_once(" (") {
        Some((name, service)) => format!("`{name}` ({service}"),
        None => format!("`{}`", place.name),
    }
}

/// Names that a shell on any machine has.
fn is_usual(name: &str) -> bool {
    matches!(name, "HOME" | "PATH" | "USER" | "LANG" | "HOSTNAME" | "SHELL" | "TERM" | "TZ")
        || name.to_ascii_uppercase().ends_with("_PROXY")
}

/// The variable with the name of a model (S54, K105); nothing knows its endpoint.
fn model_variable(
    written: &Written<'_>,
    model: &ModelUse,
    variables: &Environment,
    draft: &mut Draft<'_, '_>,
) -> Option<(String, Part)> {
    let ModelUse { name, span, model, endpoint_variable, model_variable, settings } = model;
    let key = name.as_str().to_ascii_uppercase().replace('-', "_");
    let of = |variable: &Option<crate::diag::Spanned<String>>, default: String| {
        variable.as_ref().map_or(default, |variable| variable.value.clone())
    };
    let endpoint = of(endpoint_variable, format!("{key}_URL"));
    if !variables.contains_key(&endpoint) {
        let message = format!("`{}`: nothing says where model `{name}` is served", written.name);
        draft.report.add(
            "models",
            dropped(BackendCode::ModelEndpointUnknown, *span, message)
                .help(format!("set `{endpoint}` in `environment`")),
        );
    }
    for setting in settings {
        let message = format!("`{}`: settings of model `{name}` are left out", written.name);
        draft.report.add(
            "models",
            dropped(SwarmCode::StackKeyDropped, *setting, message).help("set them where the model is served"),
        );
    }
    let variable = of(model_variable, key);
    (!variables.contains_key(&variable))
        .then(|| (variable, Part::written(model.value.as_str(), "K105", model.span)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_every_shell_has_are_known() {
        assert!(["HOME", "http_proxy", "NO_PROXY", "TZ"].into_iter().all(is_usual));
        assert!(!["PROXY", "home", "PORT"].into_iter().any(is_usual));
    }
}
