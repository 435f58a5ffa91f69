//! Objects of the Gateway API: the route of a service, and the Gateway where the project makes its own (N52, N53).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::{Certificate, Route, Through};
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::metadata::{self, Annotations};
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::{Noted, Notes, Object};
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Sink, Spanned};

const GROUP: &str = "gateway.networking.k8s.io";
const VERSION: &str = "gateway.networking.k8s.io/v1";

/// Makes the routes of selected services, and the Gateway that they share.
pub(super) fn objects(plan: &Plan<'_>, sink: &mut Sink) -> Vec<Object> {
    let mut objects = Vec::new();
    let mut own = Vec::new();
    let mut annotations = Annotations::new();
    for facts in plan.selected() {
        let routes: Vec<&Route> =
            facts.routes.iter().filter(|route| route.through == Through::Gateway).collect();
        let Some(first) = routes.first() else { continue };
        let Some(gateway) = gateway_of(plan, facts) else {
            let message = format!("nothing says which gateway leads to `{}`", facts.name);
            sink.push(
                problem::of_service(KubernetesCode::GatewayUnknown, facts.name, message)
                    .at(first.span)
                    .outcome(Outcome::Refused)
                    .help("`x-rcompose: {gateway: NAME}` of the service, or `gateway-class: NAME` on top for one of its own"),
            );
            continue;
        };
        if gateway.is_own {
            own.extend(routes.iter().copied());
            annotations.extend(metadata::annotations(&facts.service.hints.annotations, "N53"));
        }
        objects.extend(of_service(plan, facts, &gateway.name, &routes));
    }
    objects
        .extend(class(plan).filter(|_| !own.is_empty()).map(|class| gateway(plan, class, &own, annotations)));
    objects
}

/// The gateway that routes are hung up on.
struct Parent {
    name: String,
    /// The project makes it.
    is_own: bool,
}

fn gateway_of(plan: &Plan<'_>, facts: &Facts<'_>) -> Option<Parent> {
    if let Some(gateway) = &facts.service.hints.gateway {
        return Some(Parent { name: gateway.value.clone(), is_own: false });
    }
    class(plan).map(|_| Parent { name: names::dns(plan.project.name.as_str()), is_own: true })
}

/// Class of the Gateway that the project makes.
fn class<'p>(plan: &'p Plan<'_>) -> Option<&'p Spanned<String>> {
    plan.project.hints.gateway_class.as_ref()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteSpec {
    parent_refs: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hostnames: Vec<String>,
    rules: Vec<serde_json::Value>,
}

/// Makes a route for each set of hosts that share their paths: within one route every path counts for every host.
fn of_service(plan: &Plan<'_>, facts: &Facts<'_>, gateway: &str, routes: &[&Route]) -> Vec<Object> {
    type Rules = Vec<(String, bool, u16)>;
    let mut by_host: BTreeMap<Option<&str>, Vec<&Route>> = BTreeMap::new();
    for route in routes {
        by_host.entry(route.host.as_deref()).or_default().push(route);
    }
    let mut groups: Vec<(Rules, Vec<&str>, Vec<&Route>)> = Vec::new();
    for (host, routes) in by_host {
        let rules: Rules = routes.iter().map(|route| (route.path.clone(), route.exact, route.port)).collect();
        match groups
            .iter_mut()
            .find(|(known, hosts, _)| *known == rules && !hosts.is_empty() && host.is_some())
        {
            Some((_, hosts, _)) => hosts.extend(host),
            None => groups.push((rules, host.into_iter().collect(), routes)),
        }
    }
    let single = groups.len() == 1;
    let made = groups.into_iter().enumerate().map(|(number, (_, hosts, routes))| {
        let name = if single || number == 0 {
            facts.object_name.clone()
        } else {
            names::derived("HTTPRoute", facts.name.as_str(), &format!("-{}", number + 1), &plan.service_names)
        };
        let mut notes = Notes::default();
        let rules = routes.iter().map(|route| Noted::written(rule(facts, route), "N52", route.span));
        let spec = RouteSpec {
            parent_refs: vec![json!({"group": GROUP, "kind": "Gateway", "name": gateway})],
            hostnames: hosts.into_iter().map(ToOwned::to_owned).collect(),
            rules: notes.list("rules", rules).unwrap_or_default(),
        };
        notes.note("parentRefs", "N52", None);
        notes.note("hostnames", "N50", routes.first().map(|route| route.span));
        let annotations = metadata::annotations(&facts.service.hints.annotations, "N52");
        let metadata = plan.metadata(name, plan.labels(facts), annotations);
        Object::custom("HTTPRoute", VERSION, metadata, notes.on(spec))
    });
    made.collect()
}

fn rule(facts: &Facts<'_>, route: &Route) -> serde_json::Value {
    let kind = if route.exact { "Exact" } else { "PathPrefix" };
    json!({
        "matches": [{"path": {"type": kind, "value": route.path}}],
        "backendRefs": [{
            "group": "",
            "kind": "Service",
            "name": facts.object_name,
            "port": route.port,
            "weight": 1,
        }],
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GatewaySpec {
    gateway_class_name: String,
    listeners: Vec<serde_json::Value>,
}

/// Makes the Gateway: HTTP for all, HTTPS for each host with a certificate.
fn gateway(plan: &Plan<'_>, class: &Spanned<String>, routes: &[&Route], annotations: Annotations) -> Object {
    let mut secured: BTreeMap<(Option<&str>, &str), &Route> = BTreeMap::new();
    for route in routes {
        if let Some(Certificate::Secret(secret)) = &route.certificate {
            secured.entry((route.host.as_deref(), secret)).or_insert(route);
        }
    }
    let http = Noted::by_rule(json!({"name": "http", "port": 80, "protocol": "HTTP"}), "N52");
    let https = secured.into_iter().enumerate().map(|(number, ((host, secret), route))| {
        let mut listener = json!({
            "name": format!("https-{}", number + 1),
            "port": 443,
            "protocol": "HTTPS",
            "tls": {"certificateRefs": [{"group": "", "kind": "Secret", "name": secret}]},
        });
        if let Some(host) = host {
            listener["hostname"] = json!(host);
        }
        Noted::written(listener, "N53", route.span)
    });
    let mut notes = Notes::default();
    let spec = GatewaySpec {
        gateway_class_name: notes
            .at("gatewayClassName", Noted::written(class.value.clone(), "N52", class.span)),
        listeners: notes.list("listeners", std::iter::once(http).chain(https)).unwrap_or_default(),
    };
    let name = names::dns(plan.project.name.as_str());
    let metadata = plan.metadata(name, plan.project_labels(), annotations);
    Object::custom("Gateway", VERSION, metadata, notes.on(spec))
}
