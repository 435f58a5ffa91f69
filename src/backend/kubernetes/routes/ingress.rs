//! The Ingress of a service: its hosts, paths and certificates (N52, N53).

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, ServiceBackendPort,
};

use super::{Certificate, Route, Through};
use crate::backend::kubernetes::metadata;
use crate::backend::kubernetes::object::{Noted, Notes, Object};
use crate::backend::kubernetes::plan::{Facts, Plan};

/// Makes the Ingress, if routes of the service go through one.
pub(super) fn object(plan: &Plan<'_>, facts: &Facts<'_>) -> Option<Object> {
    let routes: Vec<&Route> = facts.routes.iter().filter(|route| route.through == Through::Ingress).collect();
    if routes.is_empty() {
        return None;
    }
    let mut by_host: BTreeMap<Option<&str>, Vec<&Route>> = BTreeMap::new();
    for route in &routes {
        by_host.entry(route.host.as_deref()).or_default().push(route);
    }
    let rules = by_host.into_iter().map(|(host, routes)| rule(facts, host, &routes));
    let mut notes = Notes::default();
    let hints = &facts.service.hints;
    let annotations = metadata::annotations(&hints.annotations, "N52");
    let metadata = plan.metadata(facts.object_name.clone(), plan.labels(facts), annotations);
    let class =
        hints.ingress_class.as_ref().map(|class| Noted::written(class.value.clone(), "N52", class.span));
    let ingress = Ingress {
        metadata: notes.at("metadata", metadata),
        spec: Some(IngressSpec {
            ingress_class_name: notes.at_opt("spec.ingressClassName", class),
            rules: notes.list("spec.rules", rules),
            tls: notes.list("spec.tls", certificates(&routes)),
            ..IngressSpec::default()
        }),
        status: None,
    };
    notes.note("", "N52", None);
    Some(Object::new(notes.on(ingress)))
}

fn rule(facts: &Facts<'_>, host: Option<&str>, routes: &[&Route]) -> Noted<IngressRule> {
    let mut notes = Notes::default();
    let paths = routes.iter().map(|route| {
        let path = HTTPIngressPath {
            path: Some(route.path.clone()),
            path_type: if route.exact { "Exact" } else { "Prefix" }.to_owned(),
            backend: IngressBackend {
                resource: None,
                service: Some(IngressServiceBackend {
                    name: facts.object_name.clone(),
                    port: Some(ServiceBackendPort { name: None, number: Some(route.port.into()) }),
                }),
            },
        };
        Noted::written(path, "N52", route.span)
    });
    let paths = notes.list("http.paths", paths).unwrap_or_default();
    if let (Some(_), Some(first)) = (host, routes.first()) {
        notes.note("host", "N50", Some(first.span));
    }
    notes.on(IngressRule { host: host.map(ToOwned::to_owned), http: Some(HTTPIngressRuleValue { paths }) })
}

/// Puts hosts of one certificate together; paths are none of its business.
fn certificates(routes: &[&Route]) -> Vec<Noted<IngressTLS>> {
    let mut hosts: BTreeMap<&Certificate, Vec<&Route>> = BTreeMap::new();
    for route in routes {
        if let Some(certificate) = &route.certificate {
            hosts.entry(certificate).or_default().push(route);
        }
    }
    let made = hosts.into_iter().map(|(certificate, routes)| {
        let mut names: Vec<String> = routes.iter().filter_map(|route| route.host.clone()).collect();
        names.sort();
        names.dedup();
        let tls = IngressTLS {
            hosts: (!names.is_empty()).then_some(names),
            secret_name: match certificate {
                Certificate::Secret(name) => Some(name.clone()),
                Certificate::Controllers => None,
            },
        };
        Noted::new(tls, "N53", routes.first().map(|route| route.span))
    });
    made.collect()
}
