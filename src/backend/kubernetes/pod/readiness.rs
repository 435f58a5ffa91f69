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
    Check, Condition, FoundBy, Health, NetworkMode, Project, Protocol, PublishedPort, Service, ServiceName,
};

/// What says that a service is ready.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readiness<'a> {
    /// Nothing: a pod is ready when it runs.
    None,
    /// The test of its author or of its Dockerfile.
    Declared(&'a Spanned<Check>),
    /// A connection to this TCP port.
    Assumed(u16),
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
                    } else if kinds[name] == WorkloadKind::Job || grouped.contains(name) {
                        Readiness::None
                    } else if let Some((port, span)) = own_single_port(service, &ports[name], project) {
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
fn first_tcp_port(ports: &PortSet) -> Option<u16> {
    let strength = |port: &Port| if port.source.is_declared() { PortSource::Published } else { port.source };
    let tcp = ports.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
    tcp.min_by_key(|port| (strength(port), port.number)).map(|port| port.number)
}

/// The one port that the author wrote and published, if nothing speaks against taking it for the program (K45 b).
fn own_single_port(service: &Service, ports: &PortSet, project: &Project) -> Option<(u16, Span)> {
    let mut own = ports.ports.iter().filter(|port| port.source.is_declared());
    let (port, None) = (own.next()?, own.next()) else { return None };
    let published = service.ports.ports.iter().find(|published| is_same(published, port))?;
    let texts_name_another = service.reach.found.iter().any(|found| {
        matches!(found.by, FoundBy::Text(_)) && (found.port, found.protocol) != (port.number, port.protocol)
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
