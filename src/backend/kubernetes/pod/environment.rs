//! Environment of a container (K23, K105).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, SecretKeySelector};

use super::command::escape;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::content::{Contents, Held};
use crate::backend::kubernetes::content::{EnvironmentSecret, hook_key};
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::KubeVersion;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Severity, Span, Spanned};
use crate::model::{Environment, EnvironmentValue, ModelName, ModelUse, SecretName, TextMap};

/// Variables by name, which is their order in the output: bytes of the name.
pub(crate) type Variables = BTreeMap<String, Noted<EnvVar>>;

/// Makes the variables of a service's container.
pub(crate) fn of_service(
    facts: &Facts<'_>,
    contents: &Contents<'_>,
    version: KubeVersion,
    report: &mut Report<'_>,
) -> Variables {
    let secret = contents.environment.get(facts.name);
    let mut variables = of_environment(&facts.service.process.environment, secret);
    variables.extend(of_secrets(&facts.service.hints.secret_environment, contents));
    report_left_out(&facts.service.process.environment, version, report);
    for model in &facts.service.target_only.models {
        let known = facts.service.hints.model_endpoints.get(model.name.as_str());
        variables.extend(known.map(|endpoint| endpoint_variable(model, endpoint)));
        let variable = model_variable(model, known.is_some(), report);
        variables.insert(variable.value.name.clone(), variable);
    }
    variables.retain(|name, _| is_supported(name, version));
    variables
}

/// Makes variables of what is written; those without a value are left out.
fn of_environment(environment: &Environment, secret: Option<&EnvironmentSecret<'_>>) -> Variables {
    variables(environment, |name| {
        let secret = secret.filter(|secret| secret.variables.contains(name))?;
        Some((secret.name.clone(), name.to_owned()))
    })
}

/// Makes the variables of a `pre_start` hook, counted from zero.
pub(crate) fn of_hook(facts: &Facts<'_>, hook: usize, contents: &Contents<'_>) -> Variables {
    let Some(written) = facts.service.lifecycle.pre_start.get(hook) else { return Variables::new() };
    let secret = contents.environment.get(facts.name);
    variables(&written.environment, |name| {
        let secret = secret.filter(|secret| secret.hooks.contains(&(hook, name)))?;
        Some((secret.name.clone(), hook_key(hook, name)))
    })
}

/// Makes variables; `held` names the Secret and the key that hold one.
fn variables(environment: &Environment, held: impl Fn(&str) -> Option<(String, String)>) -> Variables {
    let variable = |(name, value): (&String, &EnvironmentValue)| match value {
        EnvironmentValue::Unset(_) => None,
        EnvironmentValue::Literal { value, sensitive: _ } => {
            let variable = match held(name) {
                Some((secret, key)) => from_secret(name, &secret, &key, value.span),
                None => literal(name, value),
            };
            Some((name.clone(), variable))
        }
    };
    environment.iter().filter_map(variable).collect()
}

/// Makes the variables that Compose secrets give by hint (N102).
fn of_secrets(wished: &TextMap, contents: &Contents<'_>) -> Variables {
    let variable = |(name, secret): (&String, &Spanned<String>)| {
        let source = contents.secrets.get(&SecretName::new(secret.value.as_str()))?;
        let Held::One(keyed) = &source.held else { return None };
        Some((name.clone(), from_secret(name, &source.object, &keyed.key, secret.span)))
    };
    wished.iter().filter_map(variable).collect()
}

/// Tells whether the server takes a name: from 1.32 any printable ASCII but `=`.
pub(crate) fn is_supported(name: &str, version: KubeVersion) -> bool {
    let strict_start = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '.' | '_');
    let strict = name.starts_with(strict_start)
        && name.chars().all(|c| strict_start(c) || c.is_ascii_digit())
        && name != "."
        && !name.starts_with("..");
    let relaxed = !name.is_empty() && name.chars().all(|c| (' '..='~').contains(&c) && c != '=');
    strict || (version.has(32) && relaxed)
}

fn literal(name: &str, value: &Spanned<String>) -> Noted<EnvVar> {
    let variable = EnvVar { name: name.to_owned(), value: Some(escape(value)), ..EnvVar::default() };
    Noted::written(variable, "K23", value.span)
}

/// The kubelet does not expand what it takes from a Secret, so nothing is escaped (K21).
fn from_secret(name: &str, secret: &str, key: &str, span: Span) -> Noted<EnvVar> {
    let variable = EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: secret.to_owned(),
                key: key.to_owned(),
                optional: None,
            }),
            ..EnvVarSource::default()
        }),
        value: None,
    };
    Noted::written(variable, "N102", span)
}

fn report_left_out(environment: &Environment, version: KubeVersion, report: &mut Report<'_>) {
    let unset: Vec<Span> = environment
        .values()
        .filter_map(|value| match value {
            EnvironmentValue::Unset(span) => Some(*span),
            EnvironmentValue::Literal { .. } => None,
        })
        .collect();
    if let Some((first, others)) = unset.split_first() {
        let fact = match unset.len() {
            1 => "has a variable without a value, set nowhere: it is left out".to_owned(),
            number => format!("has {number} variables without a value, set nowhere: they are left out"),
        };
        let found = report.finding(
            KubernetesCode::EnvironmentUnset,
            "environment",
            *first,
            &fact,
            "Docker also removes the image's own value; write an empty value (`NAME=`) to do so here",
        );
        report.push(found.outcome(Outcome::Approximated).also_at(others.iter().copied()));
    }
    for (name, value) in environment {
        let EnvironmentValue::Literal { value, sensitive: _ } = value else { continue };
        if !is_supported(name, version) {
            report.dropped(
                KubernetesCode::EnvironmentNameUnsupported,
                &format!("environment.{name}"),
                value.span,
                &format!("is left out: Kubernetes 1.{} does not take such a name", version.minor),
                "use letters, digits, `_`, `-` and `.`; `--kube-version 1.32` takes any printable ASCII",
            );
        }
    }
}

/// The variable that says where a model is served, by hint.
fn endpoint_variable(model: &ModelUse, endpoint: &Spanned<String>) -> (String, Noted<EnvVar>) {
    let written = model.endpoint_variable.as_ref().map(|variable| variable.value.clone());
    let name =
        written.unwrap_or_else(|| format!("{}_URL", model.name.as_str().to_uppercase().replace('-', "_")));
    let variable = EnvVar { name: name.clone(), value: Some(escape(&endpoint.value)), ..EnvVar::default() };
    (name, Noted::written(variable, "K105", endpoint.span))
}

/// The variable that names a model; where it is served is not known here.
fn model_variable(model: &ModelUse, is_known: bool, report: &mut Report<'_>) -> Noted<EnvVar> {
    let ModelUse { name, span, model: reference, endpoint_variable, model_variable, settings } = model;
    let key = name.as_str().to_uppercase().replace('-', "_");
    let endpoint =
        endpoint_variable.as_ref().map_or_else(|| format!("{key}_URL"), |variable| variable.value.clone());
    let finding = report
        .finding(
            BackendCode::ModelEndpointUnknown,
            &format!("models.{name}"),
            *span,
            &format!("has no endpoint here: `{endpoint}` is not set"),
            &format!("set `{endpoint}` in `environment` to the address of a service that serves the model"),
        )
        .outcome(Outcome::Dropped);
    if !is_known {
        report.push(finding);
    }
    report_settings(name, settings, report);
    let variable = EnvVar {
        name: model_variable.as_ref().map_or(key, |variable| variable.value.clone()),
        value: Some(escape(reference)),
        value_from: None,
    };
    Noted::written(variable, "K105", *span).also("K105", Some(reference.span))
}

/// Tells of settings of a model, which no variable carries.
fn report_settings(name: &ModelName, settings: &[Span], report: &mut Report<'_>) {
    let Some((first, others)) = settings.split_first() else { return };
    let found = report.finding(
        BackendCode::ModelEndpointUnknown,
        &format!("models.{name}"),
        *first,
        "has settings that are left out: they are for the program that serves the model",
        "set them where the model is served",
    );
    let found = found.also_at(others.iter().copied());
    report.push(found.severity(Severity::Note).outcome(Outcome::Dropped));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    fn text(value: &str) -> EnvironmentValue {
        EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: false }
    }

    #[test]
    fn values_are_escaped_and_unset_variables_left_out() {
        let environment = Environment::from([
            ("B".to_owned(), text("$(x)")),
            ("A".to_owned(), EnvironmentValue::Unset(at(()).span)),
        ]);
        let variables = of_environment(&environment, None);
        assert_eq!(variables.keys().collect::<Vec<_>>(), ["B"]);
        assert_eq!(variables["B"].value.value.as_deref(), Some("$$(x)"));
    }

    #[test]
    fn sensitive_values_come_from_the_secret_unescaped() {
        let secret =
            EnvironmentSecret { name: "web-env-1".to_owned(), variables: ["P"].into(), hooks: [].into() };
        let variables = of_environment(&Environment::from([("P".to_owned(), text("$$"))]), Some(&secret));
        let source = variables["P"].value.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref());
        assert_eq!(
            source.map(|source| (source.name.as_str(), source.key.as_str())),
            Some(("web-env-1", "P"))
        );
        assert_eq!(variables["P"].value.value, None);
    }

    #[test]
    fn names_are_free_from_1_32() {
        let version = |minor| KubeVersion { minor };
        assert!(is_supported("a.b-C_1", version(29)));
        assert_eq!(
            ["1A", "", ".", "..a", "a b", "a=b"].map(|name| is_supported(name, version(29))),
            [false; 6]
        );
        assert!(is_supported("1A b", version(32)));
        assert!(!is_supported("ä", version(32)) && !is_supported("a=b", version(32)));
    }
}
