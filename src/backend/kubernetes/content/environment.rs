//! Secrets of sensitive environment values: one for each service that has such, hooks before its start included (N102).

use std::collections::BTreeSet;

use super::Wanted;
use super::carrier::{Carrier, Entry, Kind};
use super::keys;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::metadata::Annotations;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::pod::environment::is_supported;
use crate::backend::kubernetes::problem;
use crate::diag::{Severity, Sink};
use crate::model::{Environment, EnvironmentValue};

/// Sensitive variables of one service, and the object that holds them.
pub(super) struct Moved<'a> {
    /// Index of the object.
    pub(super) carrier: usize,
    /// Variables of the service.
    pub(super) variables: BTreeSet<&'a str>,
    /// Variables of its `pre_start` hooks, by their index.
    pub(super) hooks: BTreeSet<(usize, &'a str)>,
}

/// Makes the key of a variable of a `pre_start` hook, counted from zero.
pub(crate) fn hook_key(hook: usize, variable: &str) -> String {
    format!("pre-start-{}.{variable}", hook + 1)
}

/// Takes the sensitive values of a service in, those of its `pre_start` hooks (K93) too.
pub(super) fn of_service<'a>(plan: &Plan<'a>, facts: &Facts<'a>, wanted: &mut Wanted<'a>, sink: &mut Sink) {
    let mut entries = Vec::new();
    let own = Place { key: "environment".to_owned(), hook: None };
    let variables = take(plan, facts, &facts.service.process.environment, &own, &mut entries, sink);
    let mut hooks = BTreeSet::new();
    for (index, hook) in facts.service.lifecycle.pre_start.iter().enumerate() {
        let place = Place { key: format!("pre_start[{index}].environment"), hook: Some(index) };
        let taken = take(plan, facts, &hook.environment, &place, &mut entries, sink);
        hooks.extend(taken.into_iter().map(|name| (index, name)));
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
        named: None,
        told,
        remote: None,
    });
    wanted.environment.insert(facts.name, Moved { carrier, variables, hooks });
}

/// Where variables are written.
struct Place {
    /// Their mapping below the service.
    key: String,
    /// The `pre_start` hook that has them.
    hook: Option<usize>,
}

/// Takes the sensitive values of one environment in; returns their names.
fn take<'a>(
    plan: &Plan<'a>,
    facts: &Facts<'a>,
    environment: &'a Environment,
    place: &Place,
    entries: &mut Vec<Entry<'a>>,
    sink: &mut Sink,
) -> BTreeSet<&'a str> {
    let mut variables = BTreeSet::new();
    for (name, value) in environment {
        let EnvironmentValue::Literal { value, sensitive: true } = value else { continue };
        if keys::is_legal(name) {
            variables.insert(name.as_str());
            let outside = plan.sources.is_from_outside(value.span);
            entries.push(Entry {
                key: place.hook.map_or_else(|| name.clone(), |hook| hook_key(hook, name)),
                bytes: value.value.as_bytes(),
                span: value.span,
                outside,
            });
        } else if is_supported(name, plan.options.kube_version) {
            // Another name is left out of the container, which is told there.
            let message = format!(
                "`{name}` of `{}` looks secret, and its name is no key of a Secret: it stays",
                facts.name
            );
            sink.push(
                problem::of_service(KubernetesCode::SecretDetected, facts.name, message)
                    .at(value.span)
                    .path(format!("services.{}.{}.{name}", facts.name, place.key))
                    .severity(Severity::Warning)
                    .help("use letters, digits, dashes, underscores and dots in the name"),
            );
        }
    }
    variables
}

/// Tells once a run which values were moved, by the names of their variables only.
pub(super) fn report(wanted: &Wanted<'_>, sink: &mut Sink) {
    let listed: Vec<String> = wanted
        .environment
        .iter()
        .map(|(service, Moved { carrier: _, variables, hooks })| {
            let names: BTreeSet<&str> =
                variables.iter().copied().chain(hooks.iter().map(|(_, name)| *name)).collect();
            format!("{} of `{service}`", problem::listed(names))
        })
        .collect();
    let places: Vec<_> = wanted
        .environment
        .values()
        .filter_map(|moved| wanted.carriers.get(moved.carrier))
        .flat_map(|carrier| carrier.entries.iter().map(|entry| entry.span))
        .collect();
    let Some((first, others)) = places.split_first() else { return };
    let message = format!("values that look secret are moved to Secrets: {}", listed.join("; "));
    let found = problem::of_project(KubernetesCode::SecretDetected, message).at(*first);
    sink.push(found.also_at(others.iter().copied()));
}
