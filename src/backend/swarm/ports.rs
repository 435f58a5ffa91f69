//! Published ports (S70). Numbers belong to all nodes of a swarm, so services are looked at together.

use std::collections::BTreeMap;

use super::part::{Object, Part};
use super::plan::{Plan, Written};
use super::report::{Report, approximated, dropped, refused};
use crate::backend::codes::BackendCode;
use crate::diag::{Outcome, Span, Spanned};
use crate::model::{
    Endpoint, Exposed, HostIp, NetworkMode, PortMode, Protocol, Published, PublishedPort, ServiceName,
};

/// The `ports` of each service that has some.
pub(crate) type Ports<'a> = BTreeMap<&'a ServiceName, Part>;

/// Decides on all ports of the project.
pub(crate) fn ports<'a>(plan: &Plan<'a>, report: &mut Report<'_>) -> Ports<'a> {
    let mut taken = AllTaken::new();
    let mut result = Ports::new();
    for written in plan.services.values() {
        report.enter(written.name);
        let Published { ports, exposed } = &written.service.ports;
        report_exposed(exposed, report);
        if let Some(list) = of_service(written, ports, &mut taken, report) {
            result.insert(written.name, list);
        }
    }
    report.leave();
    result
}

/// Overlay networks have all ports open (S29).
fn report_exposed(exposed: &[Exposed], report: &mut Report<'_>) {
    if let Some(Exposed { port: _, protocol: _, span }) = exposed.first() {
        report.already_default("expose", *span);
    }
}

fn of_service<'a>(
    written: &Written<'a>,
    ports: &'a [PublishedPort],
    taken: &mut AllTaken<'a>,
    report: &mut Report<'_>,
) -> Option<Part> {
    if let (NetworkMode::Host(_), Some(first)) = (&written.service.network.mode, ports.first()) {
        report.already_default("ports", first.span);
        return None;
    }
    let round_robin = written
        .service
        .scale
        .endpoint
        .as_ref()
        .filter(|endpoint| endpoint.value == Endpoint::DnsRoundRobin)
        .map(|endpoint| endpoint.span);
    let mut items = Vec::new();
    let mut forced = None;
    for port in ports {
        let PublishedPort { span, target, published, host_ip, protocol, mode, name, app_protocol, hints: _ } =
            port;
        for (key, text) in [("ports.name", name), ("ports.app_protocol", app_protocol)] {
            if let Some(text) = text {
                report.already_default(key, text.span);
            }
        }
        if let HostIp::Loopback(address) = host_ip {
            report_loopback(written, port, *address, report);
            continue;
        }
        let mode = match (mode, round_robin) {
            (PortMode::Host(_), _) => "host",
            (PortMode::Ingress, Some(_)) => {
                forced.get_or_insert(*span);
                "host"
            }
            (PortMode::Ingress, None) => "ingress",
        };
        let number = published.as_ref().map(|range| first_of(written, range, target.value, report));
        if let Some(number) = number {
            let entry = Taken { service: written.name, port, number, mode };
            let same_number = taken.entry((number, *protocol)).or_default();
            if !may_publish(&entry, same_number, report) {
                continue;
            }
            same_number.push(entry);
        }
        items.push(item(target, number.zip(published.as_ref()), *protocol, mode, *span));
    }
    if let (Some(port), Some(endpoint)) = (forced, round_robin) {
        let message = format!("`{}`: ports are opened on the nodes that run a task", written.name);
        report.add(
            "ports",
            approximated(BackendCode::PortHostMode, port, message)
                .also(endpoint, "no routing to a service without an address")
                .help("write `mode: host` to say that it is meant, or drop `endpoint_mode: dnsrr`"),
        );
    }
    Part::unique_list(items)
}

fn item(
    target: &Spanned<u16>,
    published: Option<(u16, &Spanned<(u16, u16)>)>,
    protocol: Protocol,
    mode: &str,
    span: Span,
) -> Part {
    let mut object = Object::default();
    object.put("target", Part::written(target.value, "S70", target.span));
    object.put_opt("published", published.map(|(number, range)| Part::written(number, "S70", range.span)));
    object.put("protocol", Part::written(protocol.word(), "S70", span));
    object.put("mode", Part::written(mode, "S70", span));
    object.into_part_even_if_empty()
}

/// All published numbers in use, so that each looks at its own only.
type AllTaken<'a> = BTreeMap<(u16, Protocol), Vec<Taken<'a>>>;

/// A published number in use.
#[derive(Debug)]
struct Taken<'a> {
    service: &'a ServiceName,
    port: &'a PublishedPort,
    number: u16,
    mode: &'static str,
}

impl Taken<'_> {
    fn address(&self) -> Option<std::net::IpAddr> {
        match &self.port.host_ip {
            HostIp::Any | HostIp::Loopback(_) => None,
            HostIp::One(address) => Some(address.value),
        }
    }

    fn is_same_entry(&self, other: &Self) -> bool {
        self.service == other.service
            && self.port.target.value == other.port.target.value
            && self.address() == other.address()
            && self.mode == other.mode
    }
}

/// Reports what stands in the way of a number that others have; false where it is not to be written.
fn may_publish(entry: &Taken<'_>, same_number: &[Taken<'_>], report: &mut Report<'_>) -> bool {
    let Some(other) = same_number.iter().find(|other| {
        // Two services may open one number on their own nodes.
        other.service == entry.service || other.mode == "ingress" || entry.mode == "ingress"
    }) else {
        return report_address(entry, report);
    };
    if entry.is_same_entry(other) {
        return false;
    }
    let what = format!("{}/{}", entry.number, entry.port.protocol.word());
    if entry.address() != other.address() {
        let message = format!("`{}`: {what} is published once, on all addresses of all nodes", entry.service);
        report.add(
            "ports",
            dropped(BackendCode::PortHostIpDropped, entry.port.span, message)
                .also(other.port.span, "published here")
                .help("give each its own number"),
        );
        return false;
    }
    let message = if entry.service == other.service {
        format!("`{}` publishes {what} twice", entry.service)
    } else {
        format!("`{}` and `{}` publish {what}", other.service, entry.service)
    };
    report.add(
        "ports",
        refused(BackendCode::PortCollision, entry.port.span, message)
            .also(other.port.span, "the other one")
            .help("give each its own number"),
    );
    false
}

/// A number bound to one address is published on all (S70).
fn report_address(entry: &Taken<'_>, report: &mut Report<'_>) -> bool {
    if let HostIp::One(address) = &entry.port.host_ip {
        let message = format!(
            "`{}`: {}:{} is published on all addresses of all nodes",
            entry.service, address.value, entry.number
        );
        report.add(
            "ports",
            approximated(BackendCode::PortHostIpDropped, address.span, message)
                .help("close it by a firewall, or do not publish it"),
        );
    }
    true
}

fn first_of(written: &Written<'_>, range: &Spanned<(u16, u16)>, target: u16, report: &mut Report<'_>) -> u16 {
    let (first, last) = range.value;
    if first != last {
        let message = format!("`{}`: of {first}-{last} for {target}, {first} is published", written.name);
        report.add(
            "ports",
            approximated(BackendCode::PortRangeFirst, range.span, message).help("write one number"),
        );
    }
    first
}

fn report_loopback(written: &Written<'_>, port: &PublishedPort, address: Span, report: &mut Report<'_>) {
    let number = match &port.published {
        Some(Spanned { value: (first, last), .. }) if first != last => format!("{first}-{last}"),
        Some(published) => published.value.0.to_string(),
        None => port.target.value.to_string(),
    };
    let message =
        format!("`{}`: 127.0.0.1:{number} is not published; Swarm would open it on every node", written.name);
    report.add(
        "ports",
        dropped(BackendCode::PortLoopbackOnly, address, message)
            .outcome(Outcome::Dropped)
            .help("other services reach it by name; publish it without address if it may be open"),
    );
}
