//! The port set of a service (N20) and what containers say of it (N21, N22).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ContainerPort;

use super::codes::KubernetesCode;
use super::exposure;
use super::metadata;
use super::names;
use super::object::Noted;
use super::options::{InferPorts, Options};
use super::plan::{Facts, running};
use super::problem::Report;
use super::publish::{self, Way};
use crate::diag::{Sink, Span, Spanned};
use crate::model::{
    Exposed, ExposedPort, FoundBy, FoundPort, HostIp, Project, Protocol, Published, Reach, Service,
    ServiceName,
};

/// What one service may declare: more entries than that no load balancer takes.
const MOST_PORTS: usize = 256;

/// Ports of a service, sorted by number, then protocol, each once (N20).
#[derive(Clone, Debug, Default)]
pub(crate) struct PortSet {
    /// The ports.
    pub(crate) ports: Vec<Port>,
}

/// One port of a set.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// Container port.
    pub(crate) number: u16,
    /// Protocol.
    pub(crate) protocol: Protocol,
    /// Its name in pod and Services (N21).
    pub(crate) name: String,
    /// `appProtocol` (N21).
    pub(crate) app_protocol: Option<String>,
    /// What gave it; the strongest source counts.
    pub(crate) source: PortSource,
    /// Where it is written, declared or found.
    pub(crate) span: Option<Span>,
    /// Number on the node, where the container takes one (N22, `mode: host`), and the address that it is bound to.
    pub(crate) on_node: Option<(u16, Option<String>)>,
}

/// Sources of N20, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PortSource {
    /// `ports`.
    Published,
    /// `expose`.
    Exposed,
    /// `EXPOSE` of the local Dockerfile.
    Dockerfile,
    /// A text of another service (N26).
    Text,
    /// A well-known image (N27).
    Image,
    /// A text of its own.
    Own,
}

impl PortSource {
    /// Its author declared it, or built it into the image.
    pub(crate) fn is_declared(self) -> bool {
        self <= Self::Dockerfile
    }
}

/// One find, before finds of one port are put together.
struct Find {
    key: (u16, Protocol),
    source: PortSource,
    span: Option<Span>,
    /// What to tell of a port that is not declared in the Compose file.
    told: Option<String>,
}

/// Finds the ports of each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    options: &Options,
    sink: &mut Sink,
) -> BTreeMap<&'a ServiceName, PortSet> {
    let mut sets: BTreeMap<&ServiceName, PortSet> = BTreeMap::new();
    let mut unreported = Sink::default();
    for (name, service) in running(project) {
        let sink = if service.selected { &mut *sink } else { &mut unreported };
        let mut report = Report::new(name, sink);
        let found = strongest(finds(service, options));
        report_finds(name, service, &found, &mut report);
        sets.insert(name, set_of(project, options, service, &found, &mut report));
    }
    name_ports(project, &mut sets, sink);
    sets
}

/// Returns all finds of the sources of N20, in their order.
fn finds(service: &Service, options: &Options) -> Vec<Find> {
    let Published { ports, exposed } = &service.ports;
    let published = ports.iter().map(|port| Find {
        key: (port.target.value, port.protocol),
        source: PortSource::Published,
        span: Some(port.target.span),
        told: None,
    });
    let exposed = exposed.iter().map(|Exposed { port, protocol, span }| Find {
        key: (*port, *protocol),
        source: PortSource::Exposed,
        span: Some(*span),
        told: None,
    });
    let built = service.image.facts.exposed.iter().map(|ExposedPort { port, protocol, span }| Find {
        key: (*port, *protocol),
        source: PortSource::Dockerfile,
        span: Some(*span),
        told: Some(format!("listens on {} (`EXPOSE` of its Dockerfile)", written(*port, *protocol))),
    });
    let mut finds: Vec<Find> = published.chain(exposed).chain(built).collect();
    if exposure::inference(options, service) == InferPorts::All {
        finds.extend(found(&service.reach, false));
        // What only its own text says must not shut the other ports of a name that resolves to pods.
        if !finds.is_empty() {
            finds.extend(found(&service.reach, true));
        }
    }
    finds
}

/// Returns what the project's texts and the image's name tell, from the service's own texts or from all else.
fn found(reach: &Reach, own: bool) -> impl Iterator<Item = Find> {
    let Reach {
        found,
        named_by: _,
        names_itself: _,
        own_mentions: _,
        peer_ports: _,
        known_server: _,
        sql_database: _,
    } = reach;
    let told = move |FoundPort { port, protocol, by }: &FoundPort| {
        let number = written(*port, *protocol);
        let (source, span, told) = match by {
            FoundBy::Text(mention) => {
                let told = format!("listens on {number} (named in `{}`)", mention.place);
                (PortSource::Text, Some(mention.span), told)
            }
            FoundBy::Image(_) => {
                (PortSource::Image, None, format!("listens on {number} (usual for its image)"))
            }
            FoundBy::Own(mention) => {
                let told = format!("listens on {number} (named in its own `{}`)", mention.place);
                (PortSource::Own, Some(mention.span), told)
            }
        };
        Find { key: (*port, *protocol), source, span, told: Some(told) }
    };
    found.iter().filter(move |found| matches!(found.by, FoundBy::Own(_)) == own).map(told)
}

fn written(port: u16, protocol: Protocol) -> String {
    match protocol {
        Protocol::Tcp => port.to_string(),
        Protocol::Udp | Protocol::Sctp => format!("{port}/{}", protocol.word()),
    }
}

/// Keeps one find a port: of the strongest source, and there the first.
fn strongest(finds: Vec<Find>) -> BTreeMap<(u16, Protocol), Find> {
    let mut strongest: BTreeMap<(u16, Protocol), Find> = BTreeMap::new();
    for find in finds {
        match strongest.get(&find.key) {
            Some(known) if known.source <= find.source => {}
            _ => {
                strongest.insert(find.key, find);
            }
        }
    }
    strongest
}

fn report_finds(
    name: &ServiceName,
    service: &Service,
    found: &BTreeMap<(u16, Protocol), Find>,
    report: &mut Report<'_>,
) {
    let declared = service.ports.ports.len() + service.ports.exposed.len();
    if declared > MOST_PORTS {
        // The key that most of them stand in.
        let (ports, exposed) = (&service.ports.ports, &service.ports.exposed);
        let (key, span) = if ports.len() >= exposed.len() {
            ("ports", ports.first().map(|port| port.span))
        } else {
            ("expose", exposed.first().map(|port| port.span))
        };
        let span = span.unwrap_or(service.span);
        let fact = format!("declare {declared} ports, more than {MOST_PORTS}");
        let help = "declare fewer ports, or run the service with `network_mode: host`";
        report.refused(KubernetesCode::PortRangeTooLarge, key, span, &fact, help);
        return;
    }
    let known = service.reach.known_server.is_some() || found.values().any(|find| find.source.is_declared());
    for find in found.values() {
        let Some(told) = &find.told else { continue };
        let finding =
            super::problem::of_service(KubernetesCode::PortInferred, name, format!("`{name}` {told}"))
                .at(find.span.unwrap_or(service.span));
        let help = if known {
            "`expose:` declares ports"
        } else {
            "no other port of it is known, so none answers: `expose:` adds them"
        };
        report.push(finding.help(help));
    }
}

fn set_of(
    project: &Project,
    options: &Options,
    service: &Service,
    found: &BTreeMap<(u16, Protocol), Find>,
    report: &mut Report<'_>,
) -> PortSet {
    let ways = publish::ways(project, options, service);
    let on_node = |key: (u16, Protocol)| {
        ways.iter().find_map(|(port, way)| match way {
            Way::Node(number) if (port.target.value, port.protocol) == key => Some((*number, &port.host_ip)),
            _ => None,
        })
    };
    let ports = found.values().take(MOST_PORTS).map(|find| {
        let (number, protocol) = find.key;
        let node = on_node(find.key);
        Port {
            number,
            protocol,
            name: generated_name(number, protocol),
            app_protocol: app_protocol(service, find.key, report),
            source: find.source,
            span: find.span,
            on_node: node.map(|(number, address)| match address {
                HostIp::One(address) => (number, Some(address.value.to_string())),
                HostIp::Any | HostIp::Loopback(_) => (number, None),
            }),
        }
    });
    PortSet { ports: ports.collect() }
}

/// Returns `appProtocol` as the API takes it (N21).
fn app_protocol(service: &Service, key: (u16, Protocol), report: &mut Report<'_>) -> Option<String> {
    let mut entries = service.ports.ports.iter().filter(|port| (port.target.value, port.protocol) == key);
    let Spanned { value, span } = entries.find_map(|port| port.app_protocol.as_ref())?;
    match value.as_str() {
        "h2c" | "ws" | "wss" => Some(format!("kubernetes.io/{value}")),
        value if metadata::is_legal_key(value) => Some(value.to_owned()),
        value => {
            let fact = format!("names the protocol `{value}`, which no cluster takes");
            let help = "write `http`, `https`, `h2c`, `ws` or `wss`, or leave `app_protocol` out";
            report.dropped(KubernetesCode::PortOptionDropped, "ports", *span, &fact, help);
            None
        }
    }
}

/// Name of a port that its author gave none, or none that is legal.
pub(crate) fn generated_name(number: u16, protocol: Protocol) -> String {
    format!("port-{number}-{}", protocol.word())
}

/// Takes the names of authors over where they are legal and unique in the pod (N21).
fn name_ports(project: &Project, sets: &mut BTreeMap<&ServiceName, PortSet>, sink: &mut Sink) {
    let grouped = project.groups.iter().flat_map(|group| &group.members).collect::<BTreeSet<_>>();
    let pods: Vec<Vec<&ServiceName>> = sets
        .keys()
        .filter(|name| !grouped.contains(*name))
        .map(|name| vec![*name])
        .chain(project.groups.iter().map(|group| group.members.iter().collect()))
        .collect();
    let mut unreported = Sink::default();
    for members in pods {
        let mut taken: BTreeSet<String> = members
            .iter()
            .filter_map(|name| sets.get(name))
            .flat_map(|set| &set.ports)
            .map(|port| port.name.clone())
            .collect();
        for name in members {
            let (Some(set), Some(service)) = (sets.get_mut(name), project.services.get(name)) else {
                continue;
            };
            let sink = if service.selected { &mut *sink } else { &mut unreported };
            for port in &mut set.ports {
                name_port(service, port, &mut taken, &mut Report::new(name, sink));
            }
        }
    }
}

fn name_port(service: &Service, port: &mut Port, taken: &mut BTreeSet<String>, report: &mut Report<'_>) {
    let entries = service.ports.ports.iter();
    let mut entries =
        entries.filter(|entry| (entry.target.value, entry.protocol) == (port.number, port.protocol));
    let Some(Spanned { value, span }) = entries.find_map(|entry| entry.name.as_ref()) else { return };
    let wanted = names::port(value).filter(|name| *name == port.name || taken.insert(name.clone()));
    if let Some(wanted) = wanted {
        port.name = wanted;
    }
    if port.name != *value {
        let fact = format!("call {} `{value}`, which is written as `{}`", port.number, port.name);
        let help = "names of ports have at most 15 lower-case letters, digits and dashes, each once";
        report.approximated(KubernetesCode::NameShortened, "ports", *span, &fact, help);
    }
}

/// Writes `ports` of a service's container: its whole port set.
pub(crate) fn container_ports(facts: &Facts<'_>) -> Vec<Noted<ContainerPort>> {
    facts
        .ports
        .ports
        .iter()
        .map(|port| {
            let value = ContainerPort {
                name: Some(port.name.clone()),
                container_port: port.number.into(),
                protocol: Some(port.protocol.word().to_ascii_uppercase()),
                host_port: port.on_node.as_ref().map(|(number, _)| (*number).into()),
                host_ip: port.on_node.as_ref().and_then(|(_, address)| address.clone()),
            };
            Noted::new(value, "N20", port.span)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{
        at, port, project, render, render_with, service, span, with_plan,
    };
    use crate::model::{Mention, PodGroup};

    fn names_of(shop: &Project) -> (Vec<Vec<String>>, Vec<&'static str>) {
        with_plan(shop, |plan, _| {
            let names = |facts: &Facts<'_>| facts.ports.ports.iter().map(|port| port.name.clone()).collect();
            plan.all().map(names).collect()
        })
    }

    fn found(port: u16, by: FoundBy) -> FoundPort {
        FoundPort { port, protocol: Protocol::Tcp, by }
    }

    fn mention() -> Mention {
        let (by, place) = (ServiceName::new("app"), "services.app.environment.URL".to_owned());
        Mention { by, place, span: span(), name: "web".to_owned() }
    }

    #[test]
    fn ports_of_all_sources_stand_once_by_number_and_protocol() {
        let mut web = service();
        web.ports.ports = vec![port(Some(80), 8080, Protocol::Tcp), port(Some(53), 53, Protocol::Udp)];
        web.ports.exposed = vec![Exposed { port: 53, protocol: Protocol::Tcp, span: span() }];
        web.reach.found = vec![
            found(8080, FoundBy::Text(mention())),
            found(443, FoundBy::Text(mention())),
            found(443, FoundBy::Image("web".to_owned())),
            found(9, FoundBy::Own(mention())),
        ];
        let made = render(&project([("web", web)]));
        let ports = &made.object("Service", "web")["spec"]["ports"];
        let names: Vec<_> =
            ports.as_array().into_iter().flatten().map(|port| port["name"].as_str()).collect();
        let expected = ["port-9-tcp", "port-53-tcp", "port-53-udp", "port-443-tcp", "port-8080-tcp"];
        assert_eq!(names, expected.map(Some));
        let told: Vec<_> = made.found.iter().filter(|found| found.code.name() == "port-inferred").collect();
        let expected = "`web` listens on 443 (named in `services.app.environment.URL`)";
        assert_eq!((told.len(), told[1].message.as_str()), (2, expected));
    }

    #[test]
    fn what_only_its_own_text_says_shuts_no_ports() {
        let mut web = service();
        web.reach.found = vec![found(8080, FoundBy::Own(mention()))];
        let made = render(&project([("web", web)]));
        assert_eq!(made.object("Service", "web")["spec"]["clusterIP"], "None");
        assert_eq!(made.codes(), Vec::<&str>::new());
    }

    #[test]
    fn finds_count_only_where_they_are_wanted() {
        let mut web = service();
        web.reach.found = vec![found(443, FoundBy::Text(mention()))];
        let options = Options { infer_ports: Some(InferPorts::Declared), ..Options::default() };
        let made = render_with(&project([("web", web)]), options);
        assert_eq!(made.object("Service", "web")["spec"]["clusterIP"], "None");
    }

    #[test]
    fn a_name_is_taken_where_it_is_legal_and_free_in_the_pod() {
        let named = |name: &str, target| {
            let mut web = service();
            let entry = port(None, target, Protocol::Tcp);
            web.ports.ports = vec![crate::model::PublishedPort { name: Some(at(name.to_owned())), ..entry }];
            web
        };
        let mut shop =
            project([("a", named("http", 80)), ("b", named("http", 81)), ("c", named("HTTP", 82))]);
        let members = vec![ServiceName::new("a"), ServiceName::new("b")];
        shop.groups = vec![PodGroup { owner: ServiceName::new("a"), members }];
        assert_eq!(names_of(&shop).0, [["http"], ["port-81-tcp"], ["http"]]);
        let codes = render(&shop).codes();
        assert_eq!(codes.iter().filter(|code| **code == "name-shortened").count(), 2);
    }

    #[test]
    fn short_words_of_protocols_get_their_prefix() {
        let mut web = service();
        let with = |target, name: &str| crate::model::PublishedPort {
            app_protocol: Some(at(name.to_owned())),
            ..port(None, target, Protocol::Tcp)
        };
        web.ports.ports = vec![with(80, "http"), with(81, "ws"), with(82, "a b")];
        let made = render(&project([("web", web)]));
        let ports = &made.object("Service", "web")["spec"]["ports"];
        assert_eq!(
            (&ports[0]["appProtocol"], &ports[1]["appProtocol"]),
            (&"http".into(), &"kubernetes.io/ws".into())
        );
        assert_eq!(ports[2].get("appProtocol"), None);
        assert!(made.codes().contains(&"port-option-dropped"));
    }

    #[test]
    fn too_many_ports_are_refused() {
        let mut web = service();
        web.ports.exposed =
            (1..=257).map(|port| Exposed { port, protocol: Protocol::Udp, span: span() }).collect();
        assert_eq!(render(&project([("web", web)])).codes(), ["port-range-too-large"]);
    }
}
