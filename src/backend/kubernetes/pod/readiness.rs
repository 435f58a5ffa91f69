//! What says that a service is ready: its own test (K40), or one that is assumed (K45).

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::options::{Options, Probes};
use crate::backend::kubernetes::plan::running;
use crate::backend::kubernetes::ports::{Port, PortSet, PortSource};
use crate::backend::kubernetes::problem::{of_project, of_service};
use crate::diag::{Outcome, Severity, Sink, Span, Spanned};
use crate::model::{
    Check, Condition, FoundBy, Health, NetworkMode, Probe, ProbeHandler, ProbeWish, Project, Protocol,
    PublishedPort, Service, ServiceName,
};

/// Seconds between the runs of an assumed test, and for one run (K45).
pub(super) const ASSUMED_SECONDS: u8 = 5;
/// Failures in a row after which an assumed test has failed (K45).
pub(super) const ASSUMED_FAILURES: u8 = 3;

/// What says that a service is ready.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readiness<'a> {
    /// Nothing: a pod is ready when it runs.
    None,
    /// The test of its author or of its Dockerfile.
    Declared(&'a Spanned<Check>),
    /// A connection to this TCP port.
    Assumed(u16),
    /// What a hint asks in place of a test of Compose, or without one.
    Wished(Wished<'a>),
}

/// A probe by hint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wished<'a> {
    /// The probe.
    pub(crate) probe: &'a Probe,
    /// Place of the hint.
    pub(crate) span: Span,
    /// The port that it means where it names none.
    pub(crate) port: Option<u16>,
    /// Whose times count where it names none.
    pub(crate) check: Option<&'a Check>,
}

/// Decides for each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    options: &Options,
    kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    ports: &BTreeMap<&'a ServiceName, PortSet>,
    sink: &mut Sink,
) -> BTreeMap<&'a ServiceName, Readiness<'a>> {
    let awaited = awaited_healthy(project);
    let grouped: BTreeSet<&ServiceName> = project.groups.iter().flat_map(|group| &group.members).collect();
    let mut own_ports = Vec::new();
    let readiness = running(project)
        .map(|(name, service)| {
            let decided = match &service.health {
                _ if wished(service, &ports[name]).is_some() => {
                    wished(service, &ports[name]).map_or(Readiness::None, Readiness::Wished)
                }
                Health::Check(check) => Readiness::Declared(check),
                Health::Disabled(_) => Readiness::None,
                Health::Unknown | Health::TimingOnly(_) if options.probes == Probes::Declared => {
                    Readiness::None
                }
                Health::Unknown | Health::TimingOnly(_) => {
                    if let Some(edge) = awaited.get(name) {
                        let port = first_tcp_port(&ports[name]);
                        report_awaited(name, service, port, *edge, sink);
                        port.map_or(Readiness::None, Readiness::Assumed)
                    } else if kinds[name].ends() || grouped.contains(name) {
                        Readiness::None
                    } else if let Some((port, span)) = own_single_port(name, service, &ports[name], project) {
                        own_ports.extend(service.selected.then_some((name, port, span)));
                        Readiness::Assumed(port)
                    } else {
                        Readiness::None
                    }
                }
            };
            (name, decided)
        })
        .collect();
    report_own_ports(&own_ports, sink);
    readiness
}

/// A probe by hint that asks otherwise than by a command, or where Compose has no test (N120).
fn wished<'a>(service: &'a Service, ports: &PortSet) -> Option<Wished<'a>> {
    let hint = service.hints.readiness.as_ref()?;
    let ProbeWish::With(probe) = &hint.value else { return None };
    // A command, and times alone, were laid over the health check.
    let is_check = matches!(service.health, Health::Check(_))
        && !matches!(
            probe.handler.as_ref().map(|handler| &handler.value),
            Some(ProbeHandler::Http { .. } | ProbeHandler::Tcp(_) | ProbeHandler::Grpc(_))
        );
    let check = match &service.health {
        Health::Check(check) => Some(&check.value),
        _ => None,
    };
    (!is_check).then(|| Wished { probe, span: hint.span, port: first_tcp_port(ports), check })
}

/// Returns the services that another one waits for to be healthy, with the place of the first such condition.
fn awaited_healthy(project: &Project) -> BTreeMap<&ServiceName, Span> {
    let mut awaited = BTreeMap::new();
    for (_, service) in running(project) {
        for edge in service.depends.iter().filter(|edge| edge.condition.value == Condition::Healthy) {
            awaited.entry(&edge.on).or_insert(edge.condition.span);
        }
    }
    awaited
}

/// The port that a wait needs: the author's own before those found in texts, these before the image's; the lowest.
pub(super) fn first_tcp_port(ports: &PortSet) -> Option<u16> {
    let strength = |port: &Port| if port.source.is_declared() { PortSource::Published } else { port.source };
    let tcp = ports.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
    tcp.min_by_key(|port| (strength(port), port.number)).map(|port| port.number)
}

/// The one port that the author wrote and published, if nothing speaks against taking it for the program (K45 b).
fn own_single_port(
    name: &ServiceName,
    service: &Service,
    ports: &PortSet,
    project: &Project,
) -> Option<(u16, Span)> {
    let mut own = ports.ports.iter().filter(|port| port.source.is_declared());
    let (port, None) = (own.next()?, own.next()) else { return None };
    let published = service.ports.ports.iter().find(|published| is_same(published, port))?;
    let texts_name_another = service.reach.found.iter().any(|found| {
        // What it tells a proxy of itself is no other's word.
        matches!(&found.by, FoundBy::Text(mention) if mention.by != *name)
            && (found.port, found.protocol) != (port.number, port.protocol)
    });
    let image_fits = service
        .reach
        .known_server
        .as_ref()
        .is_none_or(|row| row.contains(&(port.number, port.protocol)) && !service.reach.sql_database);
    let fits =
        port.protocol == Protocol::Tcp && publishes(service, project) && !texts_name_another && image_fits;
    fits.then_some((port.number, published.span))
}

fn is_same(published: &PublishedPort, port: &Port) -> bool {
    (published.target.value, published.protocol) == (port.number, port.protocol)
}

/// Tells whether Docker publishes the service's ports at all (N22).
fn publishes(service: &Service, project: &Project) -> bool {
    match &service.network.mode {
        NetworkMode::Networks(networks) => {
            let is_internal =
                |name| project.networks.get(name).is_some_and(|network| network.internal.is_some());
            networks.is_empty() || !networks.keys().all(is_internal)
        }
        NetworkMode::Engine(_) => true,
        NetworkMode::Host(_) | NetworkMode::None(_) | NetworkMode::Of(_) | NetworkMode::Container(_) => false,
    }
}

fn report_awaited(name: &ServiceName, service: &Service, port: Option<u16>, edge: Span, sink: &mut Sink) {
    if !service.selected {
        return;
    }
    let message = match port {
        Some(port) => {
            format!(
                "`{name}` is waited for until it is healthy and has no test: it counts as ready when port {port} accepts"
            )
        }
        None => format!(
            "`{name}` is waited for until it is healthy, and has neither a test nor a known port: the wait ends when it runs"
        ),
    };
    let finding = of_service(KubernetesCode::ReadinessAssumed, name, message)
        .severity(Severity::Warning)
        .outcome(Outcome::Approximated)
        .at(edge)
        .path(format!("services.{name}.healthcheck"))
        .help(format!("write `healthcheck` in `{name}`"));
    sink.push(finding);
}

fn report_own_ports(services: &[(&ServiceName, u16, Span)], sink: &mut Sink) {
    let Some((_, _, first)) = services.first() else { return };
    let places: Vec<String> = services.iter().map(|(name, port, _)| format!("`{name}` {port}")).collect();
    let message =
        format!("without a healthcheck, pods count as ready when their port accepts: {}", places.join(", "));
    let mut finding = of_project(KubernetesCode::ReadinessAssumed, message)
        .outcome(Outcome::Approximated)
        .at(*first)
        .help("write `healthcheck`; `healthcheck: {disable: true}` or `--probes declared` writes no probe");
    for (_, _, span) in &services[1..] {
        finding = finding.also(*span, "its only port");
    }
    sink.push(finding);
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::options::{Options, Probes};
    use crate::backend::kubernetes::sample::{
        Rendered, at, network, port, project, render, render_with, service, span,
    };
    use crate::diag::Severity;
    use crate::model::{
        Condition, Dependency, Exposed, FoundBy, FoundPort, Health, HostIp, Kind, Mention, NetworkName,
        Project, Protocol, Service, ServiceName,
    };

    fn published() -> Service {
        let mut web = service();
        web.ports.ports = vec![port(Some(8080), 80, Protocol::Tcp)];
        web
    }

    fn with(change: impl FnOnce(&mut Service)) -> Project {
        let mut web = published();
        change(&mut web);
        project([("web", web)])
    }

    fn probed(rendered: &Rendered) -> Option<u64> {
        let container = &rendered.object("Deployment", "web")["spec"]["template"]["spec"]["containers"][0];
        container["readinessProbe"]["tcpSocket"]["port"].as_u64()
    }

    fn found(port: u16, by: FoundBy) -> FoundPort {
        FoundPort { port, protocol: Protocol::Tcp, by }
    }

    fn mention() -> Mention {
        let place = "services.api.environment.URL".to_owned();
        Mention { by: ServiceName::new("api"), place, span: span(), name: "web".to_owned() }
    }

    #[test]
    fn the_only_published_port_says_when_a_pod_is_ready() {
        let rendered = render(&with(|_| {}));
        assert_eq!(probed(&rendered), Some(80));
        assert_eq!(rendered.finding("readiness-assumed").severity, Severity::Note);
        let loopback = with(|web| web.ports.ports[0].host_ip = HostIp::Loopback(span()));
        assert_eq!(probed(&render(&loopback)), Some(80));
    }

    #[test]
    fn nothing_is_assumed_of_several_ports_or_other_protocols() {
        let exposed = || Exposed { port: 9000, protocol: Protocol::Tcp, span: span() };
        assert_eq!(probed(&render(&with(|web| web.ports.exposed = vec![exposed()]))), None);
        assert_eq!(probed(&render(&with(|web| web.ports.ports[0].protocol = Protocol::Udp))), None);
        let only_exposed = with(|web| {
            web.ports.ports = Vec::new();
            web.ports.exposed = vec![exposed()];
        });
        assert_eq!(probed(&render(&only_exposed)), None);
    }

    #[test]
    fn nothing_is_assumed_when_others_name_another_port() {
        let other = with(|web| web.reach.found = vec![found(9000, FoundBy::Text(mention()))]);
        assert_eq!(probed(&render(&other)), None);
        let same = with(|web| web.reach.found = vec![found(80, FoundBy::Text(mention()))]);
        assert_eq!(probed(&render(&same)), Some(80));
    }

    #[test]
    fn a_well_known_image_must_listen_there_and_bear_a_bare_connection() {
        let known = |row: &[u16], sql| {
            let row = row.iter().map(|port| (*port, Protocol::Tcp)).collect();
            probed(&render(&with(|web| {
                web.reach.known_server = Some(row);
                web.reach.sql_database = sql;
            })))
        };
        assert_eq!(known(&[80, 443], false), Some(80));
        assert_eq!(known(&[9000], false), None);
        assert_eq!(known(&[80], true), None);
    }

    #[test]
    fn nothing_is_assumed_where_docker_publishes_nothing() {
        let mut inner = with(|_| {});
        let internal = crate::model::Network { internal: Some(span()), ..network("default") };
        inner.networks.insert(NetworkName::new("default"), internal);
        assert_eq!(probed(&render(&inner)), None);
    }

    #[test]
    fn whoever_declines_gets_no_probe() {
        assert_eq!(probed(&render(&with(|web| web.health = Health::Disabled(span())))), None);
        let options = Options { probes: Probes::Declared, ..Options::default() };
        assert_eq!(probed(&render_with(&with(|_| {}), options)), None);
    }

    #[test]
    fn jobs_are_not_waited_for_by_their_port() {
        let rendered = render(&with(|web| web.lifecycle.kind = Kind::OneShot(span())));
        assert!(!rendered.codes().contains(&"readiness-assumed"));
    }

    #[test]
    fn who_waits_for_health_gets_the_best_known_port() {
        let shop = |change: &dyn Fn(&mut Service)| {
            let mut web = service();
            change(&mut web);
            let mut api = service();
            api.depends = vec![Dependency {
                on: ServiceName::new("web"),
                span: span(),
                condition: at(Condition::Healthy),
                required: true,
                restart: None,
                implied: false,
            }];
            render(&project([("api", api), ("web", web)]))
        };
        let texts_first = shop(&|web: &mut Service| {
            web.reach.found =
                vec![found(9000, FoundBy::Text(mention())), found(80, FoundBy::Image("nginx".to_owned()))];
        });
        assert_eq!(probed(&texts_first), Some(9000));
        assert_eq!(texts_first.finding("readiness-assumed").severity, Severity::Warning);
        let unknown = shop(&|_: &mut Service| {});
        assert_eq!(probed(&unknown), None);
        assert!(unknown.finding("readiness-assumed").message.contains("neither a test nor a known port"));
    }
}
