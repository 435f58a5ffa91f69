//! Ingresses, routes and gateways, and wishes for Secrets: kinds without types here are looked at closely.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::is_label;
use super::{Faults, Place, is_port, items, kind, name, number, text};
use crate::backend::kubernetes::metadata::is_subdomain;

pub(super) fn check(here: &Place, object: &Value, objects: &[Value], faults: &mut Faults) {
    match kind(object) {
        "Ingress" => ingress(here, object, objects, faults),
        "HTTPRoute" => route(here, object, objects, faults),
        "Gateway" => gateway(here, object, faults),
        _ => external_secret(here, object, faults),
    }
}

fn ingress(here: &Place, object: &Value, objects: &[Value], faults: &mut Faults) {
    let rules: Vec<&Value> = items(object, "/spec/rules").collect();
    faults.ask(here, !rules.is_empty(), "has no rule");
    let mut hosts = BTreeSet::new();
    for rule in rules {
        let host = text(rule, "/host");
        faults.ask(here, host.is_empty() || is_host(host), &format!("has the host {host}"));
        faults.ask(here, hosts.insert(host), &format!("has two rules for the host {host}"));
        for path in items(rule, "/http/paths") {
            let kind = text(path, "/pathType");
            faults.ask(here, matches!(kind, "Prefix" | "Exact"), &format!("has the type of path {kind}"));
            faults.ask(here, text(path, "/path").starts_with('/'), "has a path without a root");
            let port = number(path, "/backend/service/port/number");
            let service = text(path, "/backend/service/name");
            faults.ask(
                here,
                has_port(objects, service, port),
                &format!("leads to no port of {service}: {port:?}"),
            );
        }
    }
    for host in items(object, "/spec/tls").flat_map(|tls| items(tls, "/hosts")).filter_map(Value::as_str) {
        faults.ask(
            here,
            hosts.contains(host),
            &format!("has a certificate for {host}, which is no host of it"),
        );
    }
}

fn route(here: &Place, object: &Value, objects: &[Value], faults: &mut Faults) {
    for host in items(object, "/spec/hostnames").filter_map(Value::as_str) {
        faults.ask(here, is_host(host), &format!("has the host {host}"));
    }
    faults.ask(here, items(object, "/spec/parentRefs").count() == 1, "has not exactly one gateway");
    let rules: Vec<&Value> = items(object, "/spec/rules").collect();
    faults.ask(here, (1..=16).contains(&rules.len()), "has no rule, or more than the API takes");
    for rule in rules {
        for path in items(rule, "/matches") {
            let kind = text(path, "/path/type");
            faults.ask(here, matches!(kind, "PathPrefix" | "Exact"), &format!("has the type of path {kind}"));
            faults.ask(here, text(path, "/path/value").starts_with('/'), "has a path without a root");
        }
        for backend in items(rule, "/backendRefs") {
            let (service, port) = (text(backend, "/name"), number(backend, "/port"));
            faults.ask(
                here,
                has_port(objects, service, port),
                &format!("leads to no port of {service}: {port:?}"),
            );
        }
    }
}

fn gateway(here: &Place, object: &Value, faults: &mut Faults) {
    faults.ask(here, !text(object, "/spec/gatewayClassName").is_empty(), "has no class");
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    let listeners: Vec<&Value> = items(object, "/spec/listeners").collect();
    faults.ask(here, (1..=64).contains(&listeners.len()), "has no listener, or more than the API takes");
    for listener in listeners {
        let (name, host) = (text(listener, "/name"), text(listener, "/hostname"));
        let here = here.part(&format!("listener {name}"));
        faults.ask(&here, is_label(name) && names.insert(name), "has a name that is taken or illegal");
        faults.ask(&here, is_port(number(listener, "/port")), "has no port");
        let place = (number(listener, "/port"), text(listener, "/protocol"), host);
        faults.ask(&here, places.insert(place), "is told from another by nothing");
        faults.ask(&here, host.is_empty() || is_host(host), &format!("has the host {host}"));
        let secured = items(listener, "/tls/certificateRefs").count() > 0;
        faults.ask(&here, secured == (text(listener, "/protocol") == "HTTPS"), "has a certificate or none");
    }
}

fn external_secret(here: &Place, object: &Value, faults: &mut Faults) {
    let store = text(object, "/spec/secretStoreRef/kind");
    faults.ask(
        here,
        matches!(store, "SecretStore" | "ClusterSecretStore"),
        &format!("has the store {store}"),
    );
    faults.ask(here, !text(object, "/spec/secretStoreRef/name").is_empty(), "names no store");
    faults.ask(here, text(object, "/spec/target/name") == name(object), "makes a Secret of another name");
    let mut keys = BTreeSet::new();
    for datum in items(object, "/spec/data") {
        let key = text(datum, "/secretKey");
        faults.ask(here, keys.insert(key), &format!("has the key {key} twice"));
        faults.ask(here, !text(datum, "/remoteRef/key").is_empty(), &format!("asks for nothing with {key}"));
    }
    faults.ask(here, !keys.is_empty(), "asks for nothing");
}

fn is_host(host: &str) -> bool {
    is_subdomain(host.strip_prefix("*.").unwrap_or(host))
}

fn has_port(objects: &[Value], service: &str, port: Option<i64>) -> bool {
    let found = objects.iter().find(|object| kind(object) == "Service" && name(object) == service);
    found.is_some_and(|found| {
        items(found, "/spec/ports")
            .any(|known| number(known, "/port") == port && text(known, "/protocol") == "TCP")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::faults;

    #[test]
    fn routes_lead_to_ports_by_legal_hosts() {
        let service = json!({"kind": "Service", "metadata": {"name": "web"}, "spec": {"clusterIP": "None", "ports": [
            {"name": "a", "port": 80, "targetPort": 80, "protocol": "TCP"}]}});
        let path = |port: u16| json!({"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": port}}}});
        let ingress = json!({"kind": "Ingress", "metadata": {"name": "web"}, "spec": {"rules": [
            {"host": "a.b", "http": {"paths": [path(80)]}}, {"host": "A", "http": {"paths": [path(81)]}}],
            "tls": [{"hosts": ["c"]}]}});
        let expected = [
            "Ingress web: has the host A",
            "Ingress web: leads to no port of web: Some(81)",
            "Ingress web: has a certificate for c, which is no host of it",
        ];
        assert_eq!(faults(&[service, ingress], &|_, _| false), expected);
    }

    #[test]
    fn listeners_can_be_told_apart() {
        let listener = |name: &str| json!({"name": name, "port": 80, "protocol": "HTTP"});
        let gateway = json!({"kind": "Gateway", "metadata": {"name": "g"}, "spec": {"gatewayClassName": "x",
            "listeners": [listener("a"), listener("b")]}});
        assert_eq!(
            faults(&[gateway], &|_, _| false),
            ["Gateway g listener b: is told from another by nothing"]
        );
    }
}
