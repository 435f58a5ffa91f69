//! Labels, host name and domain of a service (S23, S24, S26, S27).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::environment::template;
use super::part::{Object, Part, text_map};
use super::plan::Written;
use super::report::{approximated, dropped, listed, noted};
use crate::backend::codes::BackendCode;
use crate::diag::Severity;
use crate::model::Identity;

/// Programs that read labels of containers on one engine, and `deploy.labels` in Swarm mode.
const LABEL_READERS: [&str; 2] = ["traefik.", "caddy"];

/// Writes host name and container labels; `container_name` is an alias, `deploy.labels` stand in `deploy`.
pub(crate) fn put(written: &Written<'_>, object: &mut Object, draft: &mut Draft<'_, '_>) {
    let Identity {
        container_name: _,
        hostname,
        domain,
        labels,
        annotations,
        service_labels,
        // Loading has acted on them.
        profiles: _,
    } = &written.service.identity;
    let name = written.name;
    if let Some(hostname) = hostname {
        let text = match domain {
            Some(domain) => format!("{}.{}", hostname.value, domain.value),
            None => hostname.value.clone(),
        };
        let text = template(&text, hostname.span, "hostname", draft);
        object.put("hostname", Part::written(text, "S26", hostname.span));
    }
    if let Some(domain) = domain {
        let finding = if hostname.is_some() {
            approximated(
                BackendCode::DomainnameDropped,
                domain.span,
                format!("`{name}`: `domainname` is part of `hostname`"),
            )
        } else {
            dropped(
                BackendCode::DomainnameDropped,
                domain.span,
                format!("`{name}`: Swarm gives containers no domain name"),
            )
        };
        draft
            .report
            .add("domainname", finding.help("give the full name to the program by a setting of its own"));
    }
    object.put_opt("labels", text_map(labels, "S23"));
    let found: Vec<_> =
        labels.iter().filter(|(key, _)| LABEL_READERS.iter().any(|start| key.starts_with(start))).collect();
    let in_deploy = service_labels.keys().any(|key| LABEL_READERS.iter().any(|start| key.starts_with(start)));
    if let (Some((first, text)), false) = (found.first(), in_deploy) {
        let message =
            format!("`{name}`: labels such as `{first}` are read from `deploy.labels` in Swarm mode");
        draft.report.add(
            "labels",
            noted(BackendCode::ForeignLabelsFound, text.span, message)
                .severity(Severity::Note)
                .help("write them below `deploy.labels`"),
        );
    }
    let mut places = annotations.values().map(|text| text.span);
    if let Some(first) = places.next() {
        let message =
            format!("`{name}`: annotations {} are left out: Swarm has none", listed(annotations.keys()));
        let found = dropped(SwarmCode::StackKeyDropped, first, message).help("labels reach the container");
        draft.report.add("annotations", found.also_at(places));
    }
}
