//! Sorted names, one a line: `--services` and its sisters.

use std::collections::BTreeSet;

use crate::compose::Project;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Selected services.
    Services,
    /// Used volumes.
    Volumes,
    /// Used networks.
    Networks,
    /// Used models.
    Models,
    /// All profiles of all services.
    Profiles,
    /// Images of selected services; one that is only built has Compose's own name.
    Images,
}

/// Returns the sorted lines of a list.
pub(crate) fn list(project: &Project, what: List) -> Vec<String> {
    let names: BTreeSet<String> = match what {
        List::Services => project.selected.clone(),
        List::Volumes => project.used.volumes.clone(),
        List::Networks => project.used.networks.clone(),
        List::Models => project.used.models.iter().filter_map(|name| model(project, name)).collect(),
        List::Profiles => profiles(project),
        List::Images => {
            let mut images: Vec<String> = project.selected.iter().map(|name| image(project, name)).collect();
            images.sort();
            return images;
        }
    };
    names.into_iter().collect()
}

fn model(project: &Project, name: &str) -> Option<String> {
    let entry = project.top.models.as_ref()?.entries.get(name)?;
    entry.value.model.as_ref().map(|model| model.value.clone())
}

fn profiles(project: &Project) -> BTreeSet<String> {
    let written = project.services().filter_map(|(_, service)| service.value.profiles.as_ref());
    written.flat_map(|profiles| profiles.items.iter().map(|item| item.value.clone())).collect()
}

fn image(project: &Project, name: &str) -> String {
    let written = project.service(name).and_then(|service| service.value.image.as_ref());
    match written {
        Some(image) if !image.value.is_empty() => image.value.clone(),
        _ => format!("{}-{name}", project.name),
    }
}
