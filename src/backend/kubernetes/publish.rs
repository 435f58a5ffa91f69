//! What becomes of each entry of `ports`: published, on the node, or inside only; and what is told of it (N22, N23).
//!
//! Writes nothing: `ports.rs` asks for ports of the node, `service.rs` for what `S-published` holds.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::KubernetesCode;
use super::exposure;
use super::membership::Membership;
use super::options::{Expose, Options};
use super::plan::{Facts, Plan};
use super::problem::{self, Report};
use super::routes;
use crate::backend::codes::BackendCode;
use crate::diag::{Outcome, Sink, Span};
use crate::model::{HostIp, PortMode, Project, Protocol, PublishedPort, Service};

/// What becomes of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Published under this number.
    Outside(u16),
    /// Opened on the node under this number (`mode: host`).
    Node(u16),
    /// Inside only: no number of the host was asked for.
    Ephemeral,
    /// Inside only: bound to the host's own loopback address.
    Loopback,
    /// Inside only: Docker publishes nothing from these networks either.
    Internal,
    /// Compose discards `ports` of a service on the host's network.
    Discarded,
}

/// Decides for each entry of `ports` of a service, in their order.
pub(crate) fn ways<'a>(
    project: &Project,
    options: &Options,
    service: &'a Service,
) -> Vec<(&'a PublishedPort, Way)> {
    let membership = Membership::of(project, service);
    let mut on_node = BTreeSet::new();
    let decide = |port: &'a PublishedPort| {
        let way = match (&membership, &port.host_ip, &port.published) {
            (Membership::Host, _, _) => Way::Discarded,
            (Membership::Closed, _, _) => Way::Internal,
            _ if membership.is_internal(project) => Way::Internal,
            (_, HostIp::Loopback(_), _) => Way::Loopback,
            (_, _, None) => Way::Ephemeral,
            (_, _, Some(published)) => {
                let number = published.value.0;
                let by_hint = service.hints.host_port.as_ref().map(|hint| hint.value);
                let permitted = exposure::opens_on_nodes(options, service);
                let host_mode =
                    (matches!(port.mode, PortMode::Host(_)) && permitted) || by_hint == Some(true);
                // The API takes one number of the node for each port of a container.
                if host_mode && on_node.insert((port.target.value, port.protocol)) {
                    Way::Node(number)
                } else {
                    Way::Outside(number)
                }
            }
        };
        (port, way)
    };
    service.ports.ports.iter().map(decide).collect()
}

/// One entry of `S-published`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    /// Number outside.
    pub(crate) number: u16,
    /// Protocol.
    pub(crate) protocol: Protocol,
    /// Container port.
    pub(crate) target: u16,
    /// How it is reached.
    pub(crate) how: How,
    /// The number on the nodes that a hint asks for.
    pub(crate) wished_node_port: Option<u16>,
    /// Place of the entry.
    pub(crate) span: Span,
}

/// How a Service makes a number reachable, which decides its type (N24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    /// By an address of its own.
    Balancer,
    /// On every node.
    Nodes,
    /// Inside the cluster.
    Inside,
}

impl How {
    /// Finds out how a Service does it; `None` where nothing is published. What routes do not carry keeps its number.
    pub(crate) const fn of(expose: Expose) -> Option<Self> {
        match expose {
            Expose::LoadBalancer | Expose::Headless | Expose::Ingress | Expose::Gateway => {
                Some(Self::Balancer)
            }
            Expose::NodePort => Some(Self::Nodes),
            Expose::ClusterIp => Some(Self::Inside),
            Expose::None => None,
        }
    }
}

/// Returns what `S-published` holds, sorted by number and protocol; repeats once.
pub(crate) fn outside(plan: &Plan<'_>, facts: &Facts<'_>) -> Vec<Outside> {
    let mut entries: BTreeMap<(u16, Protocol), Outside> = BTreeMap::new();
    // Of several ports the first has the number that the service asks for.
    let mut of_service = facts.service.hints.node_port.as_ref().map(|hint| hint.value);
    for (port, way) in ways(plan.project, plan.options, facts.service) {
        if let Way::Outside(number) = way {
            let (target, span) = (port.target.value, port.span);
            let Some(how) = How::of(exposure::of_port(plan.options, facts.service, port)) else { continue };
            let routed = facts.routes.iter().any(|route| route.port == target);
            if routed && port.protocol == Protocol::Tcp {
                continue;
            }
            let of_port = port.hints.node_port.as_ref().map(|hint| hint.value);
            let wished_node_port =
                if how == How::Nodes { of_port.or_else(|| of_service.take()) } else { None };
            let entry = Outside { number, protocol: port.protocol, target, how, wished_node_port, span };
            entries.entry((number, port.protocol)).or_insert(entry);
        }
    }
    entries.into_values().collect()
}

/// Returns what each Service that publishes holds, by the end of its name: mostly one (N24).
pub(crate) fn groups(plan: &Plan<'_>, facts: &Facts<'_>) -> Vec<(&'static str, Vec<Outside>)> {
    let mut grouped: BTreeMap<How, Vec<Outside>> = BTreeMap::new();
    let mut datagrams = Vec::new();
    let all = outside(plan, facts);
    let splits = splits_protocols(facts) && all.iter().any(|entry| entry.protocol != Protocol::Udp);
    for entry in all {
        if splits && entry.protocol == Protocol::Udp {
            datagrams.push(entry);
        } else {
            grouped.entry(entry.how).or_default().push(entry);
        }
    }
    // The way that the service as a whole asks for has the main name, else the first.
    let usual = How::of(exposure::of_service(plan.options, facts.service));
    let main = usual.filter(|how| grouped.contains_key(how)).or(grouped.keys().next().copied());
    grouped
        .into_iter()
        .map(|(how, entries)| {
            let suffix = match how {
                _ if Some(how) == main => "-published",
                How::Balancer => "-published-balancer",
                How::Nodes => "-published-nodes",
                How::Inside => "-published-inside",
            };
            (suffix, entries)
        })
        .chain((!datagrams.is_empty()).then_some(("-published-udp", datagrams)))
        .collect()
}

/// Tells whether a balancer gets one protocol only, where both have one number (N22).
fn splits_protocols(facts: &Facts<'_>) -> bool {
    facts.service.hints.split_protocols.as_ref().is_some_and(|hint| hint.value)
}

/// Returns container ports that are reached from outside, through `S-published` or the node (N43).
pub(crate) fn reached_from_outside(plan: &Plan<'_>, facts: &Facts<'_>) -> BTreeMap<(u16, Protocol), Span> {
    let on_node = ways(plan.project, plan.options, facts.service)
        .into_iter()
        .filter(|(_, way)| matches!(way, Way::Node(_)))
        .map(|(port, _)| ((port.target.value, port.protocol), port.span));
    let routed = facts.routes.iter().map(|route| ((route.port, Protocol::Tcp), route.span));
    let outside = outside(plan, facts).into_iter().map(|entry| ((entry.target, entry.protocol), entry.span));
    // The first place counts, so the balancer's entries are put in last.
    on_node.chain(routed).chain(outside).collect()
}

/// Reports what becomes of the entries of each selected service, and between services.
pub(crate) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    for facts in plan.selected() {
        let mut report = Report::new(facts.name, sink);
        for (port, way) in ways(plan.project, plan.options, facts.service) {
            let how = How::of(exposure::of_port(plan.options, facts.service, port));
            report_entry(plan, facts, port, (way, how), &mut report);
        }
        report_double_targets(plan, facts, &mut report);
        report_mixed_protocols(plan, facts, &mut report);
    }
    report_between_services(plan, sink);
    report_published(plan, sink);
}

fn report_entry(
    plan: &Plan<'_>,
    facts: &Facts<'_>,
    port: &PublishedPort,
    (way, how): (Way, Option<How>),
    report: &mut Report<'_>,
) {
    let options = plan.options;
    let PublishedPort {
        span,
        target,
        published,
        host_ip,
        protocol,
        mode,
        name: _,
        app_protocol: _,
        hints: _,
    } = port;
    let target = format!("{}/{}", target.value, protocol.word());
    match way {
        Way::Discarded => return,
        Way::Internal => {
            let fact = format!("publishes {target} from networks that have no way out: it stays inside");
            let help = "add a network that is not internal, or leave the port out";
            report.dropped(KubernetesCode::PortOnInternalNetwork, "ports", *span, &fact, help);
            return;
        }
        Way::Loopback => {
            let fact = format!("binds {target} to the loopback address: it is not published");
            let number = published.as_ref().map_or(port.target.value, |published| published.value.0);
            let (service, target) = (&facts.object_name, port.target.value);
            let help = format!(
                "`kubectl port-forward service/{service} {number}:{target}` opens it on your machine"
            );
            report.approximated(BackendCode::PortLoopbackOnly, "ports", *span, &fact, &help);
            return;
        }
        Way::Ephemeral => {
            let fact = format!("gives {target} no number of the host: it is reachable inside only");
            let help = format!("write a number to publish it, such as `8080:{}`", port.target.value);
            report.approximated(KubernetesCode::PortEphemeral, "ports", *span, &fact, &help);
            return;
        }
        Way::Outside(_) | Way::Node(_) => {}
    }
    // What has a route is found by its host: the number counts no more.
    let routed =
        port.protocol == Protocol::Tcp && facts.routes.iter().any(|route| route.port == port.target.value);
    if (how.is_none() && matches!(way, Way::Outside(_))) || routed {
        return;
    }
    let guarded = facts.service.hints.source_ranges.is_some();
    if let (HostIp::One(address), Way::Outside(_), false) = (host_ip, way, guarded) {
        let fact = format!("binds {target} to one address, {}: it is published on all", address.value);
        let help =
            "`x-rcompose: {source-ranges: [CIDR]}` keeps others out; `--expose none` leaves it unpublished";
        report.approximated(BackendCode::PortHostIpDropped, "ports", address.span, &fact, help);
    }
    if let Some(published) = published
        && published.value.0 != published.value.1
    {
        let (first, last) = published.value;
        let fact = format!("offers {first}-{last} for {target}: {first} is published");
        let help = "write one number";
        report.approximated(BackendCode::PortRangeFirst, "ports", published.span, &fact, help);
    }
    if let (PortMode::Host(place), Way::Outside(_)) = (mode, way)
        && !exposure::opens_on_nodes(options, facts.service)
    {
        let fact = format!("opens {target} on single nodes: it is published like the others");
        let help = "`--allow host-port`, or `x-rcompose: {host-port: true}`, opens it on the nodes that run the service";
        report.approximated(BackendCode::PortHostMode, "ports", *place, &fact, help);
    }
}

/// One number for two targets works with two addresses of the host only, and a cluster's Service has one.
fn report_double_targets(plan: &Plan<'_>, facts: &Facts<'_>, report: &mut Report<'_>) {
    let mut first: BTreeMap<(u16, Protocol), &PublishedPort> = BTreeMap::new();
    for (port, way) in ways(plan.project, plan.options, facts.service) {
        let Way::Outside(number) = way else { continue };
        let seen = *first.entry((number, port.protocol)).or_insert(port);
        let published = |target: u16| {
            let mut entries = outside(plan, facts).into_iter();
            entries.any(|entry| (entry.target, entry.protocol) == (target, port.protocol))
        };
        if seen.target.value != port.target.value && published(seen.target.value) {
            let (one, other) = (seen.target.value, port.target.value);
            let fact = format!("publishes {one} and {other} under {number}/{}", port.protocol.word());
            let help = "give each a number of its own: a Service has one address";
            let found = report.finding(BackendCode::PortCollision, "ports", port.span, &fact, help);
            report.push(found.also(seen.span, "the first one").outcome(Outcome::Refused));
        }
    }
}

fn report_mixed_protocols(plan: &Plan<'_>, facts: &Facts<'_>, report: &mut Report<'_>) {
    if splits_protocols(facts) {
        return;
    }
    let entries = outside(plan, facts);
    let numbers: BTreeSet<u16> = entries
        .windows(2)
        .filter(|pair| pair[0].number == pair[1].number)
        .map(|pair| pair[0].number)
        .collect();
    for number in numbers {
        let Some(entry) = entries.iter().find(|entry| entry.number == number) else { continue };
        let fact = format!("publishes {number} for several protocols: some load balancers refuse that");
        let help =
            "`x-rcompose: {split-protocols: true}` makes two Services of it, each with its own address";
        report.noted(KubernetesCode::PortMixedProtocols, "ports", entry.span, &fact, help);
    }
}

/// Compares numbers between services (N23).
fn report_between_services(plan: &Plan<'_>, sink: &mut Sink) {
    let mut balanced: BTreeMap<(u16, Protocol), (&Facts<'_>, Span)> = BTreeMap::new();
    let mut on_nodes: BTreeMap<(u16, Protocol), (&Facts<'_>, Span)> = BTreeMap::new();
    for facts in plan.all() {
        let node_ports = outside(plan, facts)
            .into_iter()
            .filter_map(|entry| Some((node_port(&entry)?, entry.protocol, entry.span)));
        let host_ports =
            ways(plan.project, plan.options, facts.service).into_iter().filter_map(|(port, way)| match way {
                Way::Node(number) => Some((number, port.protocol, port.span)),
                _ => None,
            });
        for (number, protocol, span) in node_ports.chain(host_ports) {
            let (other, place) = *on_nodes.entry((number, protocol)).or_insert((facts, span));
            if other.name != facts.name && (facts.service.selected || other.service.selected) {
                let word = protocol.word();
                let message =
                    format!("`{}` and `{}` open {number}/{word} on the nodes", other.name, facts.name);
                sink.push(
                    problem::of_service(BackendCode::PortCollision, facts.name, message)
                        .at(span)
                        .also(place, "the first one")
                        .outcome(Outcome::Refused)
                        .help("give each a number of its own"),
                );
            }
        }
        for entry in outside(plan, facts).into_iter().filter(|entry| entry.how == How::Balancer) {
            let (other, place) =
                *balanced.entry((entry.number, entry.protocol)).or_insert((facts, entry.span));
            if other.name != facts.name && (facts.service.selected || other.service.selected) {
                let (number, word) = (entry.number, entry.protocol.word());
                let message = format!("`{}` and `{}` both publish {number}/{word}", other.name, facts.name);
                sink.push(
                    problem::of_service(BackendCode::PortPublishedTwice, facts.name, message)
                        .at(entry.span)
                        .also(place, "the first one")
                        .help("each gets an address of its own; where the cluster has one, give each its own number"),
                );
            }
        }
    }
}

/// Returns the number to open on each node, where the API takes the wished or the published one (N24).
pub(crate) fn node_port(entry: &Outside) -> Option<u16> {
    let legal = |number: &u16| (30_000..=32_767).contains(number);
    let usual = Some(entry.number).filter(|_| entry.how == How::Nodes);
    entry.wished_node_port.or(usual).filter(legal)
}

/// Says once what is reachable from outside.
fn report_published(plan: &Plan<'_>, sink: &mut Sink) {
    let (mut listed, mut inside) = (Vec::new(), Vec::new());
    let mut first = None;
    let (mut kept_inside, mut inside_only) = (false, true);
    for facts in plan.selected() {
        for entry in outside(plan, facts) {
            let on_nodes = node_port(&entry);
            let Outside { number, protocol, target, how, wished_node_port: _, span } = entry;
            inside_only &= how == How::Inside;
            let told = if how == How::Inside { &mut inside } else { &mut listed };
            let (name, word) = (facts.name, protocol.word());
            told.push(match (how, on_nodes) {
                (How::Balancer | How::Inside, _) => format!("`{name}` {number}→{target}/{word}"),
                (How::Nodes, Some(number)) => format!("`{name}` {number}→{target}/{word} on each node"),
                (How::Nodes, None) => format!("`{name}` {target}/{word} on each node"),
            });
            first = first.or(Some(span));
        }
        for route in &facts.routes {
            inside_only = false;
            listed.push(format!("`{}` {}→{}/tcp", facts.name, routes::address(route), route.port));
            first = first.or(Some(route.span));
        }
        for (port, way) in ways(plan.project, plan.options, facts.service) {
            let target = port.target.value;
            match way {
                Way::Node(number) => {
                    inside_only = false;
                    listed.push(format!(
                        "`{}` {number}→{target}/{} on its node",
                        facts.name,
                        port.protocol.word()
                    ));
                    first = first.or(Some(port.span));
                }
                Way::Outside(_) => kept_inside = true,
                Way::Ephemeral | Way::Loopback | Way::Internal | Way::Discarded => {}
            }
        }
    }
    let help = if inside_only {
        "these numbers answer inside the cluster only (`--expose clusterip`)"
    } else {
        "`--expose none` publishes nothing; `127.0.0.1:` before a number keeps it inside"
    };
    let mut parts = Vec::new();
    for (what, told) in [("reachable from outside", listed), ("published inside the cluster", inside)] {
        if !told.is_empty() {
            parts.push(format!("{what}: {}", told.join(", ")));
        }
    }
    if !parts.is_empty() {
        let message = parts.join("; ");
        let found = problem::of_project(KubernetesCode::PublishedExternally, message);
        sink.push(found.at_opt(first).help(help));
    } else if kept_inside {
        let message = "nothing is reachable from outside: `--expose none`";
        sink.push(problem::of_project(KubernetesCode::PublishedExternally, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::options::Permit;
    use crate::backend::kubernetes::sample::{
        at, network, on_networks, port, project, render, render_with, service, span,
    };
    use crate::model::{NetworkName, PublishedPort, Service};

    fn publishing(ports: Vec<PublishedPort>) -> Service {
        let mut service = service();
        service.ports.ports = ports;
        service
    }

    fn tcp(published: u16, target: u16) -> PublishedPort {
        port(Some(published), target, Protocol::Tcp)
    }

    /// `number name` of the entries of `web-published`, and the codes of `ports`.
    fn published(ports: Vec<PublishedPort>, options: Options) -> (Vec<String>, Vec<&'static str>) {
        let made = render_with(&project([("web", publishing(ports))]), options);
        let written = made.objects().contains(&"Service web-published".to_owned());
        let entries = if written {
            &made.object("Service", "web-published")["spec"]["ports"]
        } else {
            &serde_json::Value::Null
        };
        let entries = entries.as_array().into_iter().flatten();
        let entries = entries
            .map(|entry| format!("{} {}", entry["name"].as_str().unwrap_or_default(), entry["targetPort"]));
        let codes = made.codes().into_iter().filter(|code| !matches!(*code, "readiness-assumed")).collect();
        (entries.collect(), codes)
    }

    #[test]
    fn numbers_are_published_in_order_and_once() {
        let ports = vec![tcp(8080, 80), tcp(53, 53), port(Some(53), 53, Protocol::Udp), tcp(8080, 80)];
        let (entries, codes) = published(ports, Options::default());
        assert_eq!(entries, ["port-53-tcp 53", "port-53-udp 53", "port-8080-tcp 80"]);
        assert_eq!(codes, ["port-mixed-protocols", "published-externally"]);
    }

    #[test]
    fn what_is_not_published_is_told() {
        let loopback = PublishedPort { host_ip: HostIp::Loopback(span()), ..tcp(1, 1) };
        let ports = vec![loopback, port(None, 2, Protocol::Tcp)];
        assert_eq!(
            published(ports, Options::default()),
            (vec![], vec!["port-loopback-only", "port-ephemeral"])
        );
    }

    #[test]
    fn one_address_a_range_and_the_host_mode_are_approximated() {
        let address = HostIp::One(at("10.0.0.1".parse().expect("an address")));
        let ports = vec![
            PublishedPort { host_ip: address, ..tcp(1, 1) },
            PublishedPort { published: Some(at((8000, 8010))), ..tcp(0, 80) },
            PublishedPort { mode: PortMode::Host(span()), ..tcp(3, 3) },
        ];
        let (entries, codes) = published(ports, Options::default());
        assert_eq!(entries, ["port-1-tcp 1", "port-3-tcp 3", "port-8000-tcp 80"]);
        assert_eq!(
            codes,
            ["port-host-ip-dropped", "port-range-first", "port-host-mode", "published-externally"]
        );
    }

    #[test]
    fn a_port_of_the_node_is_none_of_the_balancer() {
        let mut options = Options::default();
        options.permits.insert(Permit::HostPort);
        let host = |number| PublishedPort { mode: PortMode::Host(span()), ..tcp(number, 80) };
        let (entries, codes) = published(vec![host(8080), host(8081)], options);
        assert_eq!((entries, codes), (vec!["port-8081-tcp 80".to_owned()], vec!["published-externally"]));
    }

    #[test]
    fn one_number_for_two_targets_is_refused() {
        assert_eq!(published(vec![tcp(80, 1), tcp(80, 2)], Options::default()).1[0], "port-collision");
    }

    #[test]
    fn nodes_open_numbers_of_their_range_only() {
        let options = || Options { expose: Some(Expose::NodePort), ..Options::default() };
        let made = render_with(&project([("web", publishing(vec![tcp(80, 80), tcp(30080, 81)]))]), options());
        let ports = &made.object("Service", "web-published")["spec"]["ports"];
        assert_eq!((ports[0].get("nodePort"), &ports[1]["nodePort"]), (None, &30080.into()));
        assert!(made.codes().contains(&"node-port-assigned"));
        let two = [("a", publishing(vec![tcp(30080, 1)])), ("b", publishing(vec![tcp(30080, 2)]))];
        assert!(render_with(&project(two), options()).codes().contains(&"port-collision"));
    }

    #[test]
    fn nothing_is_published_where_that_is_said() {
        let options = Options { expose: Some(Expose::None), ..Options::default() };
        assert_eq!(published(vec![tcp(80, 80)], options), (vec![], vec!["published-externally"]));
    }

    #[test]
    fn internal_networks_publish_nothing() {
        let mut web = publishing(vec![tcp(80, 80)]);
        web.network.mode = on_networks(["back"]);
        let mut shop = project([("web", web)]);
        let internal = crate::model::Network { internal: Some(span()), ..network("back") };
        shop.networks.insert(NetworkName::new("back"), internal);
        let made = render(&shop);
        assert!(made.codes().contains(&"port-on-internal-network"));
        assert!(!made.objects().contains(&"Service web-published".to_owned()));
    }

    #[test]
    fn two_services_with_one_number_each_have_an_address() {
        let two = [("a", publishing(vec![tcp(80, 1)])), ("b", publishing(vec![tcp(80, 2)]))];
        assert!(render(&project(two)).codes().contains(&"port-published-twice"));
    }
}
