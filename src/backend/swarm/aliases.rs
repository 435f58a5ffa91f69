//! Further names of a service on its networks (S25, S26, S76).

use std::collections::BTreeMap;

use super::codes::SwarmCode;
use super::draft::Draft;
use super::plan::Written;
use super::report::{approximated, dropped};
use crate::backend::codes::BackendCode;
use crate::diag::{Diagnostic, Span};
use crate::model::{Alias, AliasOrigin, NetworkName};

/// Names on each network, with place and rule.
pub(crate) type Aliases<'a> = BTreeMap<&'a NetworkName, Vec<(String, Option<Span>, &'static str)>>;

/// Collects the names of a service; those that nobody could use, or that are another service's, are left out.
pub(crate) fn aliases<'a>(written: &Written<'a>, draft: &mut Draft<'_, '_>) -> Aliases<'a> {
    let mut result = Aliases::new();
    let shared: Vec<&'a NetworkName> = written
        .networks
        .iter()
        .copied()
        .filter(|network| draft.plan.is_shared(network, written.name))
        .collect();
    if written.stack_name != written.name.as_str() {
        for network in &shared {
            result.entry(network).or_default().push((written.name.to_string(), None, "S25"));
        }
    }
    for Alias { name, origin } in &written.service.network.aliases {
        let on: Vec<&'a NetworkName> = match origin {
            // Swarm's own names answer to it (S26).
            AliasOrigin::Hostname => continue,
            AliasOrigin::Network(network) => {
                written.networks.iter().copied().filter(|own| *own == network).collect()
            }
            AliasOrigin::ContainerName | AliasOrigin::Link { .. } => {
                report(written, &name.value, name.span, origin, !shared.is_empty(), draft);
                if name.value == written.name.as_str()
                    || draft.plan.is_other_service(&name.value, written.name)
                {
                    continue;
                }
                shared.clone()
            }
        };
        for network in on {
            let names = result.entry(network).or_default();
            if !names.iter().any(|(other, _, _)| *other == name.value) {
                let rule = if matches!(origin, AliasOrigin::Network(_)) { "S76" } else { "S26" };
                names.push((name.value.clone(), Some(name.span), rule));
            }
        }
    }
    result
}

fn report(
    written: &Written<'_>,
    alias: &str,
    span: Span,
    origin: &AliasOrigin,
    is_shared: bool,
    draft: &mut Draft<'_, '_>,
) {
    let service = written.name;
    let is_container_name = *origin == AliasOrigin::ContainerName;
    let key = if is_container_name { "container_name" } else { "networks" };
    if draft.plan.is_other_service(alias, service) {
        let message = format!("`{service}` is not called `{alias}`: that is another service");
        draft.report.add(
            key,
            dropped(BackendCode::AliasShared, span, message).help("give the name to one of them only"),
        );
    } else if is_container_name {
        let finding: Diagnostic = if alias == service.as_str() {
            dropped(
                SwarmCode::ContainerNameDropped,
                span,
                format!("`{alias}` is the name of the service already; Swarm names its containers itself"),
            )
        } else if is_shared {
            approximated(
                SwarmCode::ContainerNameDropped,
                span,
                format!("`{alias}` becomes an alias of `{service}`"),
            )
        } else {
            dropped(
                SwarmCode::ContainerNameDropped,
                span,
                format!("`{service}` is not called `{alias}`: Swarm names its containers itself"),
            )
        };
        draft.report.add(key, finding.help("use the service's name"));
    }
}
