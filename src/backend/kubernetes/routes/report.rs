//! What is told of routes: of several services at once, and of proxies whose labels have no effect (N50 to N53).

use std::collections::BTreeMap;

use super::service::Wishes;
use super::{Certificate, Route, Through, foreign, service};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::exposure;
use crate::backend::kubernetes::plan::Plan;
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Sink, Span};
use crate::model::{Project, ServiceName};

/// Gives the one service without hosts the route for every host; of several nobody could tell which is meant.
pub(super) fn without_host(project: &Project, wishes: &mut BTreeMap<&ServiceName, Wishes>, sink: &mut Sink) {
    let asking: Vec<&ServiceName> =
        wishes.iter().filter(|(_, wishes)| wishes.any_host.is_some()).map(|(name, _)| *name).collect();
    if let [name] = asking[..] {
        let wishes = wishes.get_mut(name).expect("it was just found there");
        wishes.routes.extend(wishes.any_host.take());
        return;
    }
    for name in &asking {
        let Some(route) = wishes.get_mut(*name).and_then(|wishes| wishes.any_host.take()) else { continue };
        if !project.services[*name].selected {
            continue;
        }
        let others = problem::listed(asking.iter().filter(|other| *other != name).map(|name| name.as_str()));
        let message =
            format!("`{name}` has no host, and neither has {others}: requests cannot be told apart");
        sink.push(
            problem::of_service(KubernetesCode::IngressHostUnknown, name, message)
                .at(route.span)
                .outcome(Outcome::Refused)
                .help(
                    "`x-rcompose: {hosts: [NAME]}` of the service, or `domain: NAME` on top for all of them",
                ),
        );
    }
}

/// Refuses one host and path that lead to two places.
pub(super) fn twice(project: &Project, wishes: &BTreeMap<&ServiceName, Wishes>, sink: &mut Sink) {
    let mut first: BTreeMap<(Option<&str>, &str, bool), (&ServiceName, &Route)> = BTreeMap::new();
    for (name, wishes) in wishes {
        for route in &wishes.routes {
            let key = (route.host.as_deref(), route.path.as_str(), route.exact);
            let (other, known) = *first.entry(key).or_insert((name, route));
            let is_same = (other, known.port) == (*name, route.port);
            if is_same || !(project.services[*name].selected || project.services[other].selected) {
                continue;
            }
            let place = address(route);
            let message = format!("{place} leads to `{other}` {} and to `{name}` {}", known.port, route.port);
            sink.push(
                problem::of_service(BackendCode::PortCollision, name, message)
                    .at(route.span)
                    .also(known.span, "the first one")
                    .outcome(Outcome::Refused)
                    .help("give each a host or a path of its own"),
            );
        }
    }
}

/// Host and path, for messages.
pub(crate) fn address(route: &Route) -> String {
    format!("`{}{}`", route.host.as_deref().unwrap_or("*"), route.path)
}

/// Tells once a run of labels without effect, of proxies without work, of certificates that somebody must make.
pub(crate) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    report_labels(plan, sink);
    report_certificates(plan, sink);
    let idle: Vec<(&ServiceName, Span)> = plan
        .selected()
        .filter_map(|facts| Some((facts.name, foreign::reads_the_socket(plan.project, facts.service)?)))
        .collect();
    let Some((first, others)) = idle.split_first() else { return };
    let names = problem::listed(idle.iter().map(|(name, _)| name.as_str()));
    let message = format!("finds its work in Docker's socket, and nothing there in a cluster: {names}");
    let found = problem::of_project(KubernetesCode::ProxyReplaced, message)
        .at(first.1)
        .help("`--expose ingress` does its work; leave it out by a profile");
    sink.push(found.also_at(others.iter().map(|(_, span)| *span)));
}

/// Lists what labels ask for where nobody acts on them (N50).
fn report_labels(plan: &Plan<'_>, sink: &mut Sink) {
    let mut listed = Vec::new();
    let mut places = Vec::new();
    for facts in plan.selected() {
        if service::through(exposure::of_service(plan.options, facts.service)).is_some() {
            continue;
        }
        let foreign::Told { routes, lost } = foreign::of_service(facts.service);
        for route in &routes {
            let host = route.host.as_deref().unwrap_or("*");
            let port = route.port.map(|port| format!(" → {port}")).unwrap_or_default();
            listed.push(format!("`{}` {host}{}{port}", facts.name, route.path));
            places.push(route.span);
        }
        let identity = &facts.service.identity;
        let mut labels = identity.labels.iter().chain(&identity.service_labels);
        let reads = labels.any(|(label, _)| foreign::is_read_by_a_proxy(label));
        if let (true, true, Some(first)) = (routes.is_empty(), reads, lost.first()) {
            listed.push(format!("`{}` {}", facts.name, first.value));
            places.push(first.span);
        }
    }
    let Some((first, others)) = places.split_first() else { return };
    let message =
        format!("what is told to a reverse proxy has no effect in a cluster: {}", listed.join(", "));
    let found = problem::of_project(BackendCode::ForeignLabelsFound, message)
        .at(*first)
        .help("`--expose ingress` (or `gateway`) translates it");
    sink.push(found.also_at(others.iter().copied()));
}

/// Lists certificates that nobody of us makes (N53).
fn report_certificates(plan: &Plan<'_>, sink: &mut Sink) {
    let mut wanted: BTreeMap<&str, &Route> = BTreeMap::new();
    let mut is_ingress = false;
    for route in plan.selected().flat_map(|facts| &facts.routes) {
        if let Some(Certificate::Secret(secret)) = &route.certificate {
            wanted.entry(secret).or_insert(route);
            is_ingress |= route.through == Through::Ingress;
        }
    }
    let Some(first) = wanted.values().next() else { return };
    let names = problem::listed(wanted.keys());
    let message = format!("certificates must be there, each in a Secret: {names}");
    let help = if is_ingress {
        "cert-manager makes them: `x-rcompose: {annotations: {cert-manager.io/cluster-issuer: NAME}}`"
    } else {
        "make them with `kubectl create secret tls`, or with cert-manager"
    };
    let found = problem::of_project(KubernetesCode::TlsSecretMustExist, message).at(first.span).help(help);
    sink.push(found.also_at(wanted.values().skip(1).map(|route| route.span)));
}
