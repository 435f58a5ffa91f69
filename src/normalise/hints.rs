//! Written hints, which this version cannot carry yet: `x-rcompose` and the labels of kompose. Found by name and place, so
//! that each target can say so.

use crate::compose::keys::key_values::Labels;
use crate::compose::keys::named::Named;
use crate::compose::keys::service::Service;
use crate::compose::keys::top::Top;
use crate::diag::Spanned;
use crate::yaml::Mapping;

const HINTS: &str = "x-rcompose";
const KOMPOSE: &str = "kompose.";

/// Hints of a service, its ports and mounts, each with its path.
pub(super) fn of_service(name: &str, service: &Service) -> Vec<Spanned<String>> {
    let path = format!("services.{name}");
    let mut found = Vec::new();
    take(&path, &service.extensions, &mut found);
    let ports = service.ports.iter().flat_map(|ports| &ports.0.items);
    for (index, port) in ports.enumerate() {
        take(&format!("{path}.ports[{index}]"), &port.extensions, &mut found);
    }
    let mounts = service.volumes.iter().flat_map(|mounts| &mounts.0.items);
    for (index, mount) in mounts.enumerate() {
        take(&format!("{path}.volumes[{index}]"), &mount.extensions, &mut found);
    }
    labels(&format!("{path}.labels"), service.labels.as_ref(), &mut found);
    if let Some(deploy) = &service.deploy {
        take(&format!("{path}.deploy"), &deploy.extensions, &mut found);
        labels(&format!("{path}.deploy.labels"), deploy.labels.as_ref(), &mut found);
    }
    found
}

/// Hints of the project and its resources.
pub(super) fn of_project(top: &Top) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    if let Some(entry) = top.extensions.get(HINTS) {
        found.push(Spanned::new(HINTS.to_owned(), entry.key));
    }
    of_resources("networks", top.networks.as_ref(), |network| &network.extensions, &mut found);
    of_resources("volumes", top.volumes.as_ref(), |volume| &volume.extensions, &mut found);
    of_resources("configs", top.configs.as_ref(), |config| &config.extensions, &mut found);
    of_resources("secrets", top.secrets.as_ref(), |secret| &secret.extensions, &mut found);
    found
}

fn of_resources<T>(
    kind: &str,
    resources: Option<&Named<T>>,
    extensions: impl Fn(&T) -> &Mapping,
    found: &mut Vec<Spanned<String>>,
) {
    for (name, entry) in resources.iter().flat_map(|resources| &resources.entries) {
        take(&format!("{kind}.{name}"), extensions(&entry.value), found);
    }
}

fn take(path: &str, extensions: &Mapping, found: &mut Vec<Spanned<String>>) {
    if let Some(entry) = extensions.get(HINTS) {
        found.push(Spanned::new(format!("{path}.{HINTS}"), entry.key));
    }
}

fn labels(path: &str, labels: Option<&Labels>, found: &mut Vec<Spanned<String>>) {
    let entries = labels.iter().flat_map(|labels| &labels.0.entries);
    for (label, entry) in entries.filter(|(label, _)| label.starts_with(KOMPOSE)) {
        found.push(Spanned::new(format!("{path}.{label}"), entry.key));
    }
}
