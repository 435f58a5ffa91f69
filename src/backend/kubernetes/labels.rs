//! Labels of objects and the selectors of their pods (N10). Who adds further labels to pods does so beside these.

use std::collections::BTreeMap;

use super::names;

/// Label of what belongs to one deployment of a project; first half of every selector.
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";
/// Label of what belongs to one service; second half of every selector.
pub(crate) const NAME: &str = "app.kubernetes.io/name";
const PART_OF: &str = "app.kubernetes.io/part-of";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Keys that nobody else may set.
pub(crate) const ALL: [&str; 4] = [INSTANCE, MANAGED_BY, NAME, PART_OF];

/// Labels by key.
pub(crate) type Labels = BTreeMap<String, String>;

/// Labels of an object that belongs to the project as a whole: claims, networks, `ConfigMaps`.
pub(crate) fn of_project(instance: &str, project: &str) -> Labels {
    let project = names::label_value(project);
    BTreeMap::from([
        (INSTANCE.to_owned(), names::label_value(instance)),
        (MANAGED_BY.to_owned(), "rcompose".to_owned()),
        (PART_OF.to_owned(), project),
    ])
}

/// Labels of an object that is named after a service, and of its pods.
pub(crate) fn of_service(instance: &str, project: &str, service: &str) -> Labels {
    let mut labels = of_project(instance, project);
    labels.insert(NAME.to_owned(), names::label_value(service));
    labels
}

/// The selector of a service's pods: these two labels, for ever (D5).
pub(crate) fn selector(instance: &str, service: &str) -> Labels {
    BTreeMap::from([
        (INSTANCE.to_owned(), names::label_value(instance)),
        (NAME.to_owned(), names::label_value(service)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selector_is_a_part_of_the_labels() {
        let labels = of_service("shop", "shop", "my_db");
        assert!(selector("shop", "my_db").iter().all(|(key, value)| labels.get(key) == Some(value)));
        assert_eq!(labels.len(), 4);
    }

    #[test]
    fn objects_of_the_project_name_no_service() {
        assert!(!of_project("shop", "shop").contains_key(NAME));
    }
}
