//! Hints on how a service is reached that have no effect where it is reached otherwise (N24, N50).

use super::exposure;
use super::options::Expose;
use super::plan::{Facts, Plan};
use super::problem::Report;
use super::publish::{self, How};
use super::routes::Through;
use crate::diag::{Outcome, Sink, Span};
use crate::model::codes::SharedCode;

/// Reports such hints of selected services.
pub(crate) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    for facts in plan.selected() {
        let mut report = Report::new(facts.name, sink);
        for (hint, span, needs) in idle(plan, facts) {
            let fact = format!("has no effect: it needs {needs}");
            let found =
                report.finding(SharedCode::HintNotApplicable, &format!("x-rcompose.{hint}"), span, &fact, "");
            report.push(found.outcome(Outcome::Dropped));
        }
    }
}

/// Returns hints that do nothing, and what they would need.
fn idle(plan: &Plan<'_>, facts: &Facts<'_>) -> Vec<(&'static str, Span, &'static str)> {
    let hints = &facts.service.hints;
    let published = publish::outside(plan, facts);
    let is = |how| published.iter().any(|entry| entry.how == how);
    let (balanced, on_nodes) = (is(How::Balancer), is(How::Nodes));
    let through = |through| facts.routes.iter().any(|route| route.through == through);
    let routed = !facts.routes.is_empty();
    // Where a route was asked for and cannot be had, an error says why.
    let wants_routes = |expose| matches!(expose, Expose::Ingress | Expose::Gateway);
    let asked = routed || wants_routes(exposure::of_service(plan.options, facts.service));
    let both = published.iter().any(|entry| entry.protocol == crate::model::Protocol::Udp)
        && published.iter().any(|entry| entry.protocol != crate::model::Protocol::Udp);
    let own_gateway = facts.routes.iter().any(|route| route.through == Through::Gateway);
    let host_ports = facts.ports.ports.iter().any(|port| port.on_node.is_some());
    let node_ports =
        published.iter().any(|entry| entry.how == How::Nodes && entry.wished_node_port.is_some());
    let cases: [(&'static str, Option<Span>, bool, &'static str); 11] = [
        ("source-ranges", hints.source_ranges.as_ref().map(|hint| hint.span), balanced, "a load balancer"),
        (
            "load-balancer-class",
            hints.load_balancer_class.as_ref().map(|hint| hint.span),
            balanced,
            "a load balancer",
        ),
        (
            "external-traffic-policy",
            hints.traffic_policy.as_ref().map(|hint| hint.span),
            balanced || on_nodes,
            "a load balancer or ports of nodes",
        ),
        ("node-port", hints.node_port.as_ref().map(|hint| hint.span), node_ports, "`expose: nodeport`"),
        (
            "split-protocols",
            hints.split_protocols.as_ref().map(|hint| hint.span),
            both,
            "published TCP and UDP ports",
        ),
        ("hosts", hints.hosts.as_ref().map(|hint| hint.span), asked, "`expose: ingress` or `gateway`"),
        ("tls", hints.tls.as_ref().map(|hint| hint.span), asked, "`expose: ingress` or `gateway`"),
        (
            "ingress-class",
            hints.ingress_class.as_ref().map(|hint| hint.span),
            through(Through::Ingress),
            "`expose: ingress`",
        ),
        ("gateway", hints.gateway.as_ref().map(|hint| hint.span), own_gateway, "`expose: gateway`"),
        (
            "annotations",
            hints.annotations.values().next().map(|hint| hint.span),
            routed || !published.is_empty(),
            "a published port",
        ),
        (
            "host-port",
            hints.host_port.as_ref().filter(|hint| hint.value).map(|hint| hint.span),
            host_ports,
            "a port with `mode: host`",
        ),
    ];
    let mut idle: Vec<_> = cases
        .into_iter()
        .filter_map(|(hint, span, acts, needs)| Some((hint, span?, needs)).filter(|_| !acts))
        .collect();
    for port in &facts.service.ports.ports {
        let expose = exposure::of_port(plan.options, facts.service, port);
        if let Some(hint) = port.hints.node_port.as_ref().filter(|_| expose != Expose::NodePort) {
            idle.push(("node-port", hint.span, "`expose: nodeport`"));
        }
        if let Some(hint) = port.hints.hosts.as_ref().filter(|_| !asked && !wants_routes(expose)) {
            idle.push(("hosts", hint.span, "`expose: ingress` or `gateway`"));
        }
    }
    idle
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::sample::{at, port, project, render, service};
    use crate::model::{Exposure, Protocol, TrafficPolicy};

    #[test]
    fn hints_of_another_way_are_told() {
        let mut web = service();
        web.ports.ports = vec![port(Some(8080), 80, Protocol::Tcp)];
        web.hints.expose = Some(at(Exposure::NodePort));
        web.hints.source_ranges = Some(at(vec![at("10.0.0.0/8".to_owned())]));
        web.hints.traffic_policy = Some(at(TrafficPolicy::Local));
        web.hints.ingress_class = Some(at("nginx".to_owned()));
        let made = render(&project([("web", web)]));
        assert_eq!(made.codes().iter().filter(|code| **code == "hint-not-applicable").count(), 2);
        let spec = &made.object("Service", "web-published")["spec"];
        assert_eq!(
            (&spec["externalTrafficPolicy"], spec.get("loadBalancerSourceRanges")),
            (&"Local".into(), None)
        );
    }
}
