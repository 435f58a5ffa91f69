//! Which values of variables are hidden in what is said of a project (C43).
//!
//! Does not decide what is a secret: that was done when the project was understood (N103).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EnvironmentValue, Project, Service, ServiceName, VolumeName};

/// Shorter values stand in texts by chance.
const SHORTEST: usize = 6;
/// Letters alone that are fewer are a word, such as `postgres`: hidden, it would make messages unreadable.
const SHORTEST_OF_LETTERS: usize = 10;

/// Returns the secret values of variables that can be hidden wherever they stand: a file may repeat them in a command.
pub(crate) fn environment_values(project: &Project) -> Vec<&str> {
    let known = words(project);
    let values = project.services.values().flat_map(variables).filter_map(|value| match value {
        EnvironmentValue::Literal { value, sensitive: true } => Some(value.value.as_str()),
        EnvironmentValue::Literal { .. } | EnvironmentValue::Unset(_) => None,
    });
    values.filter(|value| is_telling(value) && !known.contains(value)).collect()
}

/// The variables of a service, those of its hints and of its hooks.
fn variables(service: &Service) -> impl Iterator<Item = &EnvironmentValue> {
    let hooks = service.lifecycle.hooks();
    let own = [&service.process.environment, &service.hints.environment];
    own.into_iter().chain(hooks.map(|(_, hook)| &hook.environment)).flat_map(BTreeMap::values)
}

/// What messages are made of: names of the project, whole and in their parts.
fn words(project: &Project) -> BTreeSet<&str> {
    let services = project.services.keys().map(ServiceName::as_str);
    let images = project.services.values().filter_map(|service| service.image.reference.as_ref());
    let volumes = project.volumes.keys().map(VolumeName::as_str);
    let own = std::iter::once(project.name.as_str());
    let names = services.chain(volumes).chain(images.map(|image| image.value.as_str())).chain(own);
    let parts = |name| {
        let of_path = str::split(name, ['/', ':', '@']);
        std::iter::once(name).chain(of_path).chain(name.split(|c: char| !c.is_alphanumeric()))
    };
    names.flat_map(parts).collect()
}

fn is_telling(value: &str) -> bool {
    let length = value.chars().count();
    let is_word = value.chars().all(char::is_alphabetic);
    length >= if is_word { SHORTEST_OF_LETTERS } else { SHORTEST }
}

#[cfg(test)]
mod tests {
    use super::is_telling;

    #[test]
    fn words_stay_readable() {
        assert!(["postgres", "secret", "a1"].iter().all(|value| !is_telling(value)));
        assert!(["hunter2", "correcthorsebattery"].iter().all(|value| is_telling(value)));
    }
}
