//! Services that share a namespace, and so one pod (K90): who owns it and in which order its members start.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Mount, MountSource, Namespace, NetworkMode, PodGroup, Project, Service, ServiceName};

/// Who joins whom.
struct Joins {
    /// Targets of `network_mode`, `ipc` and `pid` of each service.
    of: BTreeMap<ServiceName, BTreeSet<ServiceName>>,
    /// Services whose network another one joins.
    networks: BTreeSet<ServiceName>,
    joined: BTreeSet<ServiceName>,
}

/// Finds the groups, sorted by their owner.
/// With `by_volume`, services that mount one named volume run in one pod too (C26).
pub(super) fn find(project: &Project, by_volume: bool) -> Vec<PodGroup> {
    let joins = joins(project);
    let mut groups: Vec<PodGroup> = components(&joins, &hinted(project, by_volume))
        .into_iter()
        .map(|members| PodGroup {
            owner: owner(&joins, &members),
            members: in_start_order(project, &joins, &members),
        })
        .collect();
    groups.sort_by(|one, other| one.owner.cmp(&other.owner));
    groups
}

/// Names the pod of services that share a volume (`--service-group-name`, C26): its owner has the hint `name`.
pub(super) fn name_shared(project: &mut Project, name: &str, span: Span, sink: &mut Sink) {
    let sharing = sharing(project);
    let shares = |group: &&PodGroup| sharing.iter().flatten().any(|member| group.members.contains(member));
    let owners: Vec<ServiceName> =
        project.groups.iter().filter(shares).map(|group| group.owner.clone()).collect();
    if let [first, second, ..] = owners.as_slice() {
        let message = format!("`{name}` would name the pods of `{first}`, `{second}` and perhaps others");
        let found = Diagnostic::new(SharedCode::HintValueInvalid, message).at(span);
        sink.push(found.help("leave `--service-group-name` out, or write the hint `name` in each"));
        return;
    }
    if let Some(owner) = owners.first().and_then(|owner| project.services.get_mut(owner)) {
        owner.hints.name = Some(Spanned::new(name.to_owned(), span));
    }
}

fn joins(project: &Project) -> Joins {
    let mut joins = Joins { of: BTreeMap::new(), networks: BTreeSet::new(), joined: BTreeSet::new() };
    for (name, service) in &project.services {
        for (target, network) in targets(service) {
            if target != name && project.services.contains_key(target) {
                joins.of.entry(name.clone()).or_default().insert(target.clone());
                joins.joined.insert(target.clone());
                if network {
                    joins.networks.insert(target.clone());
                }
            }
        }
    }
    joins
}

/// The services that a service joins, and whether it joins their network.
fn targets(service: &Service) -> impl Iterator<Item = (&ServiceName, bool)> {
    let network = match &service.network.mode {
        NetworkMode::Of(target) => Some((&target.value, true)),
        _ => None,
    };
    let namespaces = [&service.kernel.ipc, &service.kernel.pid].into_iter().flatten();
    network.into_iter().chain(namespaces.filter_map(|namespace| match &namespace.value {
        Namespace::Of(target) => Some((target, false)),
        _ => None,
    }))
}

/// Services that hints put together.
fn hinted(project: &Project, by_volume: bool) -> Vec<Vec<&ServiceName>> {
    let mut groups: BTreeMap<&str, Vec<&ServiceName>> = BTreeMap::new();
    for (name, service) in &project.services {
        if let Some(group) = &service.hints.group {
            groups.entry(&group.value).or_default().push(name);
        }
    }
    let sharing = if by_volume { sharing(project) } else { Vec::new() };
    groups.into_values().filter(|members| members.len() > 1).chain(sharing).collect()
}

/// Services that share a volume, volume by volume.
fn sharing(project: &Project) -> Vec<Vec<&ServiceName>> {
    let mut users: BTreeMap<&str, BTreeSet<&ServiceName>> = BTreeMap::new();
    for (name, service) in &project.services {
        for volume in service.mounts.iter().filter_map(named_volume) {
            users.entry(volume).or_default().insert(name);
        }
    }
    let several = users.into_values().filter(|users| users.len() > 1);
    several.map(|users| users.into_iter().collect()).collect()
}

fn named_volume(mount: &Mount) -> Option<&str> {
    match &mount.source {
        MountSource::Volume(used) => Some(used.volume.as_str()),
        _ => None,
    }
}

/// Services that are connected by joins or hints, in whatever direction.
fn components(joins: &Joins, hinted: &[Vec<&ServiceName>]) -> Vec<BTreeSet<ServiceName>> {
    let mut neighbours: BTreeMap<&ServiceName, BTreeSet<&ServiceName>> = BTreeMap::new();
    for pair in hinted.iter().flat_map(|group| group.windows(2)) {
        neighbours.entry(pair[0]).or_default().insert(pair[1]);
        neighbours.entry(pair[1]).or_default().insert(pair[0]);
    }
    for (name, target) in joins.of.iter().flat_map(|(name, targets)| targets.iter().map(move |to| (name, to)))
    {
        neighbours.entry(name).or_default().insert(target);
        neighbours.entry(target).or_default().insert(name);
    }
    let mut seen: BTreeSet<&ServiceName> = BTreeSet::new();
    let mut components = Vec::new();
    for start in neighbours.keys() {
        let mut component = BTreeSet::new();
        let mut pending = vec![*start];
        while let Some(name) = pending.pop() {
            if seen.insert(name) {
                component.insert(name.clone());
                pending.extend(neighbours.get(name).into_iter().flatten());
            }
        }
        if !component.is_empty() {
            components.push(component);
        }
    }
    components
}

/// The joined service that joins none; of several the one whose network is joined, else the first by name. In a circle,
/// which loading lets through only by container names, the first that is joined.
fn owner(joins: &Joins, members: &BTreeSet<ServiceName>) -> ServiceName {
    let joined: Vec<&ServiceName> = members.iter().filter(|name| joins.joined.contains(*name)).collect();
    let mut roots = joined.iter().filter(|name| !joins.of.contains_key(**name));
    let network = roots.clone().find(|name| joins.networks.contains(**name));
    let owner = network.or_else(|| roots.next()).or(joined.first());
    // Nobody joins anybody in a group by hint.
    let owner = owner.copied().or_else(|| members.first());
    owner.expect("a group has members").clone()
}

/// What is joined or depended on comes first; else by name.
fn in_start_order(project: &Project, joins: &Joins, members: &BTreeSet<ServiceName>) -> Vec<ServiceName> {
    let before = |name: &ServiceName| -> BTreeSet<ServiceName> {
        let joined = joins.of.get(name).into_iter().flatten();
        let depends = project.services.get(name).into_iter().flat_map(|service| &service.depends);
        let all = joined.chain(depends.map(|dependency| &dependency.on));
        all.filter(|other| members.contains(*other) && *other != name).cloned().collect()
    };
    let mut waiting: BTreeMap<&ServiceName, BTreeSet<ServiceName>> =
        members.iter().map(|name| (name, before(name))).collect();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().find(|(_, before)| before.is_empty()).map(|(name, _)| *name);
        // A circle is broken at its first name.
        let next = ready.or_else(|| waiting.keys().next().copied()).expect("somebody is waiting");
        waiting.remove(next);
        for before in waiting.values_mut() {
            before.remove(next);
        }
        order.push(next.clone());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Condition, Dependency};
    use crate::normalise::testing::{NOWHERE, at, project, service};

    fn network(to: &str) -> Service {
        let mut service = service("x");
        service.network.mode = NetworkMode::Of(at(ServiceName::new(to)));
        service
    }

    fn ipc(to: &str) -> Service {
        let mut service = service("x");
        service.kernel.ipc = Some(at(Namespace::Of(ServiceName::new(to))));
        service
    }

    fn check(services: Vec<(&str, Service)>, expected: &[(&str, &[&str])]) {
        let groups = find(&project(services), false);
        let groups: Vec<_> = groups
            .iter()
            .map(|group| {
                (group.owner.as_str(), group.members.iter().map(ServiceName::as_str).collect::<Vec<_>>())
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(owner, members)| (*owner, members.to_vec())).collect();
        assert_eq!(groups, expected);
    }

    #[test]
    fn the_joined_service_owns_the_pod() {
        check(
            vec![("a", network("vpn")), ("b", service("x")), ("vpn", service("x"))],
            &[("vpn", &["vpn", "a"])],
        );
        check(vec![("a", service("x"))], &[]);
    }

    #[test]
    fn joins_in_a_row_make_one_pod() {
        check(
            vec![("a", network("b")), ("b", ipc("c")), ("c", service("x")), ("d", network("b"))],
            &[("c", &["c", "b", "a", "d"])],
        );
    }

    #[test]
    fn the_network_decides_between_several_owners() {
        let mut both = network("z");
        both.kernel.ipc = Some(at(Namespace::Of(ServiceName::new("a"))));
        check(vec![("a", service("x")), ("m", both), ("z", service("x"))], &[("z", &["a", "z", "m"])]);
    }

    #[test]
    fn dependencies_order_the_members() {
        let mut first = network("vpn");
        first.depends = vec![Dependency {
            on: ServiceName::new("b"),
            span: NOWHERE,
            condition: at(Condition::Healthy),
            required: true,
            restart: None,
            implied: false,
        }];
        check(
            vec![("a", first), ("b", network("vpn")), ("vpn", service("x"))],
            &[("vpn", &["vpn", "b", "a"])],
        );
    }

    #[test]
    fn circles_end() {
        check(vec![("a", network("b")), ("b", ipc("a"))], &[("a", &["a", "b"])]);
    }
}
