//! Secrets of sensitive environment values: one for each service that has such (N102).

use std::collections::BTreeSet;

use super::Wanted;
use super::carrier::{Carrier, Entry, Kind};
use super::keys;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::metadata::Annotations;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem;
use crate::diag::{Severity, Sink};
use crate::model::EnvironmentValue;

/// Takes the sensitive values of a service in.
pub(super) fn of_service<'a>(plan: &Plan<'a>, facts: &Facts<'a>, wanted: &mut Wanted<'a>, sink: &mut Sink) {
    let mut entries = Vec::new();
    let mut variables = BTreeSet::new();
    for (name, value) in &facts.service.process.environment {
        let EnvironmentValue::Literal { value, sensitive: true } = value else { continue };
        if keys::is_legal(name) {
            variables.insert(name.as_str());
            let outside = plan.sources.is_from_outside(value.span);
            entries.push(Entry {
                key: name.clone(),
                bytes: value.value.as_bytes(),
                span: value.span,
                outside,
            });
        } else {
            let message = format!(
                "`{name}` of `{}` looks secret, and its name is no key of a Secret: it stays",
                facts.name
            );
            sink.push(
                problem::of_service(KubernetesCode::SecretDetected, facts.name, message)
                    .at(value.span)
                    .path(format!("services.{}.environment.{name}", facts.name))
                    .severity(Severity::Warning)
                    .help("use letters, digits, dashes, underscores and dots in the name"),
            );
        }
    }
    let Some(first) = entries.first() else { return };
    let span = first.span;
    let told = format!("the environment of `{}`", facts.name);
    let carrier = wanted.carry(Carrier {
        kind: Kind::Secret,
        plain_name: names::dns_before_digest(facts.name.as_str(), "-env"),
        name: String::new(),
        original: facts.name.to_string(),
        labels: plan.labels(facts),
        annotations: Annotations::new(),
        entries,
        rule: "N102",
        span,
        told,
        remote: None,
    });
    wanted.environment.insert(facts.name, (carrier, variables));
}

/// Tells once a run which values were moved, by the names of their variables only.
pub(super) fn report(wanted: &Wanted<'_>, sink: &mut Sink) {
    let listed: Vec<String> = wanted
        .environment
        .iter()
        .map(|(service, (_, variables))| format!("{} of `{service}`", problem::listed(variables)))
        .collect();
    let places: Vec<_> = wanted
        .environment
        .values()
        .filter_map(|(carrier, _)| wanted.carriers.get(*carrier))
        .flat_map(|carrier| carrier.entries.iter().map(|entry| entry.span))
        .collect();
    let Some((first, others)) = places.split_first() else { return };
    let message = format!("values that look secret are moved to Secrets: {}", listed.join("; "));
    let found = problem::of_project(KubernetesCode::SecretDetected, message).at(*first);
    sink.push(others.iter().fold(found, |found, span| found.also(*span, "")));
}
