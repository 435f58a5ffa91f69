//! How the name of a service resolves: one address or one per pod, ready pods only or all, and what its pod is called
//! (N21, N28, N29).

use std::collections::{BTreeMap, BTreeSet};

use super::exposure;
use super::image_name::ImageName;
use super::kind::WorkloadKind;
use super::options::{Expose, Options};
use super::plan::running;
use super::pod::readiness::Readiness;
use super::ports::PortSet;
use crate::model::{BindDecision, Endpoint, MountSource, NetworkMode, Project, Service, ServiceName};

/// How the name of a service resolves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// Without an address of its own: the name gives the address of each pod.
    pub(crate) headless: bool,
    /// Pods that are not ready are found too.
    pub(crate) unready_too: bool,
    /// They are found because peers need each other before they are ready (N29).
    pub(crate) peers: bool,
    /// Host name of its pod, so that the service reaches itself (N28). Of a pod group the owner has it.
    pub(crate) own_hostname: Option<String>,
}

/// Decides for each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    options: &Options,
    kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    ports: &BTreeMap<&'a ServiceName, PortSet>,
    readiness: &BTreeMap<&'a ServiceName, Readiness<'a>>,
) -> BTreeMap<&'a ServiceName, Shape> {
    let in_cycles = peers(project);
    let mut shapes: BTreeMap<&ServiceName, Shape> = running(project)
        .map(|(name, service)| {
            let round_robin = service
                .scale
                .endpoint
                .as_ref()
                .is_some_and(|endpoint| endpoint.value == Endpoint::DnsRoundRobin);
            let headless = ports[name].ports.is_empty()
                || round_robin
                || exposure::of_service(options, service) == Expose::Headless;
            let assumed = matches!(readiness[name], Readiness::Assumed(_));
            let peers = in_cycles.contains(name) || (assumed && !service.reach.peer_ports.is_empty());
            let asked = service.hints.publish_not_ready.as_ref().map(|asked| asked.value);
            let unready_too = asked.unwrap_or(headless || peers);
            (name, Shape { headless, unready_too, peers, own_hostname: None })
        })
        .collect();
    for members in pods(project) {
        name_pod(project, kinds, &members, &mut shapes);
    }
    shapes
}

/// Returns the services of each pod, owner first.
fn pods(project: &Project) -> Vec<Vec<&ServiceName>> {
    let grouped: BTreeSet<&ServiceName> = project.groups.iter().flat_map(|group| &group.members).collect();
    let alone =
        running(project).map(|(name, _)| name).filter(|name| !grouped.contains(name)).map(|name| vec![name]);
    let groups = project.groups.iter().map(|group| {
        let others = group.members.iter().filter(|member| **member != group.owner);
        std::iter::once(&group.owner).chain(others).collect()
    });
    alone.chain(groups).collect()
}

/// Lets the services of a pod reach themselves by their names: by the host name of the pod, else by finding pods that
/// are not ready (N28).
fn name_pod<'a>(
    project: &'a Project,
    kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    members: &[&'a ServiceName],
    shapes: &mut BTreeMap<&'a ServiceName, Shape>,
) {
    let Some(owner) = members.first().copied() else { return };
    let services: Vec<(&ServiceName, &Service)> =
        members.iter().filter_map(|name| project.services.get_key_value(*name)).collect();
    let Some((_, owning)) = services.first() else { return };
    let own: BTreeSet<&str> = services
        .iter()
        .flat_map(|(_, service)| &service.reach.names_itself)
        .map(String::as_str)
        .filter(|name| is_label(name))
        .collect();
    let hostname = services.iter().find_map(|(_, service)| service.identity.hostname.as_ref());
    let several = owning.scale.replicas.as_ref().is_some_and(|replicas| replicas.value > 1)
        || matches!(kinds.get(owner), Some(WorkloadKind::DaemonSet | WorkloadKind::StatefulSet));
    let on_host = matches!(owning.network.mode, NetworkMode::Host(_));
    let keeps_name = services.iter().any(|(_, service)| keeps_data_under_its_host_name(service));
    let written = match hostname {
        None if several || on_host => None,
        None if own.len() == 1 => own.first().map(|name| (*name).to_owned()),
        None if own.is_empty() && keeps_name => Some(super::names::dns(owner.as_str())),
        Some(_) | None => None,
    };
    let called = match (hostname, &written) {
        (Some(hostname), _) => hostname.value.split('.').next().unwrap_or_default().to_ascii_lowercase(),
        (None, Some(written)) => written.clone(),
        (None, None) => String::new(),
    };
    for (name, service) in &services {
        let reaches_itself = service.reach.names_itself.iter().all(|own| *own == called || !is_label(own));
        if let Some(shape) = shapes.get_mut(name) {
            shape.unready_too |= !reaches_itself;
        }
    }
    if let Some(shape) = shapes.get_mut(owner) {
        shape.own_hostname = written;
    }
}

/// Its data directory carries the name of the host: each new pod would start empty beside it (N28).
fn keeps_data_under_its_host_name(service: &Service) -> bool {
    let image = service.image.reference.as_ref().map(|reference| ImageName::parse(&reference.value));
    let is_rabbit =
        image.is_some_and(|image| image.last == "rabbitmq") && service.reach.known_server.is_some();
    let keeps = |source: &MountSource| match source {
        MountSource::Volume(_) | MountSource::Cluster(_) => true,
        MountSource::Bind(bind) => matches!(bind.decision, BindDecision::Data { .. }),
        MountSource::Anonymous
        | MountSource::Tmpfs(_)
        | MountSource::Image { .. }
        | MountSource::NamedPipe(_) => false,
    };
    is_rabbit
        && service.mounts.iter().any(|mount| {
            super::storage::paths::is_at_or_below(&mount.target.value, "/var/lib/rabbitmq")
                && keeps(&mount.source)
        })
}

fn is_label(name: &str) -> bool {
    super::names::label(name) == name
}

/// Services of one image that name each other in a cycle: they become ready only together (N29).
fn peers(project: &Project) -> BTreeSet<&ServiceName> {
    let mut by_image: BTreeMap<&str, Vec<(&ServiceName, &Service)>> = BTreeMap::new();
    for (name, service) in running(project) {
        let reference = service.image.reference.as_ref().map(|reference| reference.value.as_str());
        let context = || service.image.build.as_ref().map(|build| build.context.value.as_str());
        if let Some(image) = reference.or_else(context) {
            by_image.entry(image).or_default().push((name, service));
        }
    }
    by_image.values().filter(|alike| alike.len() > 1).flat_map(|alike| in_cycle(alike)).collect()
}

fn in_cycle<'a>(alike: &[(&'a ServiceName, &'a Service)]) -> BTreeSet<&'a ServiceName> {
    let names: BTreeSet<&ServiceName> = alike.iter().map(|(name, _)| *name).collect();
    let mut named_by: BTreeMap<&ServiceName, BTreeSet<&ServiceName>> = BTreeMap::new();
    let mut naming: BTreeMap<&ServiceName, BTreeSet<&ServiceName>> = BTreeMap::new();
    for (name, service) in alike {
        for mention in &service.reach.named_by {
            if let Some(by) = names.get(&mention.by).filter(|by| **by != *name) {
                named_by.entry(*name).or_default().insert(*by);
                naming.entry(*by).or_default().insert(*name);
            }
        }
    }
    // What a service reaches both ways is its cycle; each is looked at once.
    let mut open = names;
    let mut cycles = BTreeSet::new();
    while let Some(start) = open.pop_first() {
        let forward = reached(start, &naming);
        let backward = reached(start, &named_by);
        let cycle: BTreeSet<&ServiceName> = forward.intersection(&backward).copied().collect();
        open.retain(|name| !cycle.contains(name));
        if cycle.len() > 1 {
            cycles.extend(cycle);
        }
    }
    cycles
}

fn reached<'a>(
    start: &'a ServiceName,
    edges: &BTreeMap<&'a ServiceName, BTreeSet<&'a ServiceName>>,
) -> BTreeSet<&'a ServiceName> {
    let mut reached = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        for next in edges.get(name).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::sample::{at, project, render, service, span};
    use crate::model::{Endpoint, Exposed, Mention, Protocol, Service, ServiceName};

    fn listening() -> Service {
        let mut service = service();
        service.ports.exposed.push(Exposed { port: 9200, protocol: Protocol::Tcp, span: span() });
        service
    }

    fn named_by(by: &str) -> Mention {
        let place = format!("services.{by}.environment.PEERS");
        Mention { by: ServiceName::new(by), place, span: span(), name: "peer".to_owned() }
    }

    #[test]
    fn services_without_a_known_port_resolve_to_their_pods() {
        let made = render(&project([("worker", service())]));
        let spec = &made.object("Service", "worker")["spec"];
        assert_eq!((&spec["clusterIP"], &spec["publishNotReadyAddresses"]), (&"None".into(), &true.into()));
        assert_eq!(spec.get("ports"), None);
    }

    #[test]
    fn round_robin_keeps_its_ports() {
        let mut web = listening();
        web.scale.endpoint = Some(at(Endpoint::DnsRoundRobin));
        let made = render(&project([("web", web)]));
        let spec = &made.object("Service", "web")["spec"];
        assert_eq!((&spec["clusterIP"], &spec["ports"][0]["port"]), (&"None".into(), &9200.into()));
        assert!(made.codes().contains(&"endpoint-mode-approximated"));
    }

    #[test]
    fn peers_of_one_image_find_each_other_before_they_are_ready() {
        let (mut one, mut two, mut client) = (listening(), listening(), listening());
        one.reach.named_by = vec![named_by("es02")];
        two.reach.named_by = vec![named_by("es01"), named_by("client")];
        client.image.reference = Some(at("example/client:1".to_owned()));
        let made = render(&project([("es01", one), ("es02", two), ("client", client)]));
        for (name, found) in
            [("es01", true.into()), ("es02", true.into()), ("client", serde_json::Value::Null)]
        {
            let spec = &made.object("Service", name)["spec"];
            assert_eq!(spec.get("publishNotReadyAddresses").cloned().unwrap_or_default(), found, "{name}");
        }
        assert_eq!(made.codes().iter().filter(|code| **code == "peers-before-ready").count(), 1);
    }

    #[test]
    fn a_service_with_several_own_names_is_found_before_it_is_ready() {
        let mut broker = listening();
        broker.reach.names_itself = vec!["broker".to_owned(), "kafka".to_owned()];
        let made = render(&project([("broker", broker)]));
        assert_eq!(made.object("Service", "broker")["spec"]["publishNotReadyAddresses"], true);
    }

    #[test]
    fn a_service_with_one_own_name_is_called_so() {
        let mut broker = listening();
        broker.reach.names_itself = vec!["broker".to_owned()];
        let made = render(&project([("broker", broker)]));
        assert_eq!(made.object("Service", "broker")["spec"].get("publishNotReadyAddresses"), None);
        assert_eq!(made.codes(), ["self-name-written"]);
    }
}
