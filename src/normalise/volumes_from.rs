//! `volumes_from`: the mounts of another service become those of this one (N68, K109).

use std::collections::{BTreeMap, BTreeSet};

use super::containers::Containers;
use crate::compose::keys::scalar::Text;
use crate::diag::{Span, Spanned};
use crate::model::{Mount, Service, ServiceName};

/// One item, its name resolved.
struct Item {
    from: ServiceName,
    span: Span,
    /// `:ro`; place.
    read_only: Option<Span>,
}

/// Adds the mounts of other services to those that asked for them; own targets win, then earlier items.
pub(super) fn expand(
    written: BTreeMap<ServiceName, Vec<Text>>,
    containers: &Containers,
    services: &mut BTreeMap<ServiceName, Service>,
) {
    let mut items: BTreeMap<ServiceName, Vec<Item>> = BTreeMap::new();
    for (name, texts) in written {
        for text in texts {
            match read(&text, containers) {
                Some(item) => items.entry(name.clone()).or_default().push(item),
                None => {
                    if let Some(service) = services.get_mut(&name) {
                        service.target_only.foreign_mounts.push(text);
                    }
                }
            }
        }
    }
    let mut done = BTreeSet::new();
    let names: Vec<ServiceName> = items.keys().cloned().collect();
    for name in &names {
        resolve(name, &items, &mut done, services);
    }
}

/// `service[:ro|rw]`, `container:name[:ro|rw]`; `None` for a container that no service names.
fn read(text: &Text, containers: &Containers) -> Option<Item> {
    let (name, access) = match text.value.strip_suffix(":ro") {
        Some(name) => (name, Some(text.span)),
        None => (text.value.strip_suffix(":rw").unwrap_or(&text.value), None),
    };
    let from = match name.strip_prefix("container:") {
        Some(container) => containers.service(container)?.clone(),
        None => ServiceName::new(name),
    };
    Some(Item { from, span: text.span, read_only: access })
}

/// Completes a service after those that it takes from; a circle, which loading refuses, ends where it began.
fn resolve(
    start: &ServiceName,
    items: &BTreeMap<ServiceName, Vec<Item>>,
    done: &mut BTreeSet<ServiceName>,
    services: &mut BTreeMap<ServiceName, Service>,
) {
    // Each service is put on the stack twice: before and after those that it needs.
    let mut pending = vec![(start.clone(), false)];
    let mut entered = BTreeSet::new();
    while let Some((name, ready)) = pending.pop() {
        if done.contains(&name) {
            continue;
        }
        let wanted = items.get(&name).map(Vec::as_slice).unwrap_or_default();
        if !ready && entered.insert(name.clone()) {
            pending.push((name, true));
            pending.extend(wanted.iter().map(|item| (item.from.clone(), false)));
        } else if ready {
            take(&name, wanted, services);
            done.insert(name);
        }
    }
}

fn take(name: &ServiceName, wanted: &[Item], services: &mut BTreeMap<ServiceName, Service>) {
    let taken: Vec<Mount> = wanted
        .iter()
        .filter_map(|item| Some((item, services.get(&item.from)?)))
        .flat_map(|(item, service)| service.mounts.iter().map(move |mount| inherited(mount, item)))
        .collect();
    let is_unknown = |service: &Service| service.mounts.is_empty() && !service.image.facts.known;
    let unknown: Vec<_> = wanted
        .iter()
        .filter(|item| services.get(&item.from).is_some_and(is_unknown))
        .map(|item| Spanned::new(item.from.clone(), item.span))
        .collect();
    let Some(service) = services.get_mut(name) else { return };
    service.target_only.unknown_mounts = unknown;
    for mount in taken {
        if !service.mounts.iter().any(|own| own.target.value == mount.target.value) {
            service.mounts.push(mount);
        }
    }
}

fn inherited(mount: &Mount, item: &Item) -> Mount {
    let owner = mount.from_service.clone().unwrap_or_else(|| item.from.clone());
    Mount { from_service: Some(owner), read_only: item.read_only.or(mount.read_only), ..mount.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MountHints, MountSource};
    use crate::normalise::testing::{NOWHERE, at, project, service};

    fn mount(target: &str) -> Mount {
        Mount {
            span: NOWHERE,
            target: at(target.to_owned()),
            read_only: None,
            source: MountSource::Anonymous,
            consistency: None,
            keeps_data: false,
            from_service: None,
            hints: MountHints::default(),
        }
    }

    #[test]
    fn mounts_are_taken_along_the_chain_and_own_targets_win() {
        let with = |targets: &[&str]| Service {
            mounts: targets.iter().map(|target| mount(target)).collect(),
            ..service("x")
        };
        let mut services =
            project(vec![("a", with(&["/own"])), ("b", with(&["/own", "/b"])), ("c", with(&["/c"]))])
                .services;
        let written = BTreeMap::from([
            (ServiceName::new("a"), vec![at("b:ro".to_owned()), at("container:other".to_owned())]),
            (ServiceName::new("b"), vec![at("container:named".to_owned())]),
        ]);
        let mut containers = Containers::default();
        containers.add("named", &ServiceName::new("c"));
        expand(written, &containers, &mut services);
        let a = &services["a"];
        let mounts: Vec<_> = a
            .mounts
            .iter()
            .map(|mount| {
                let from = mount.from_service.as_ref().map(ServiceName::as_str);
                (mount.target.value.as_str(), from, mount.read_only.is_some())
            })
            .collect();
        assert_eq!(mounts, [("/own", None, false), ("/b", Some("b"), true), ("/c", Some("c"), true)]);
        assert_eq!(a.target_only.foreign_mounts.len(), 1);
    }

    #[test]
    fn circles_end() {
        let mut services = project(vec![("a", service("x")), ("b", service("x"))]).services;
        let written = BTreeMap::from([
            (ServiceName::new("a"), vec![at("b".to_owned())]),
            (ServiceName::new("b"), vec![at("a".to_owned())]),
        ]);
        expand(written, &Containers::default(), &mut services);
        assert!(services["a"].mounts.is_empty());
    }
}
