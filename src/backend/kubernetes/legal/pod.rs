//! The pod of a workload: its containers, volumes and settings.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use super::names::is_label;
use super::{Faults, Place, entries, is_port, items, number, text};
use crate::backend::kubernetes::metadata::is_subdomain;

/// Fields of a volume beside its source.
const NAME: &str = "name";

/// `templates`: names of the claims that each pod gets.
pub(super) fn check<'v>(here: &Place, pod: &'v Value, templates: &[&'v str], faults: &mut Faults) {
    settings(here, pod, faults);
    let mut volumes = volumes(here, pod, faults);
    for name in templates {
        faults.ask(here, volumes.insert(name), &format!("has the volume {name} twice"));
    }
    for (volume, used) in used_volumes(pod, &volumes) {
        faults.ask(&here.part(&format!("volume {volume}")), used, "is mounted by nobody");
    }
    let (mut names, mut port_names, mut node_ports) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (list, is_init) in [("/initContainers", true), ("/containers", false)] {
        for container in items(pod, list) {
            let name = text(container, "/name");
            let here = here.part(&format!("container {name}"));
            faults.ask(&here, is_label(name), "has no legal name");
            faults.ask(&here, names.insert(name), "has a name that is taken");
            faults.ask(&here, !text(container, "/image").trim().is_empty(), "has no image");
            mounts(&here, container, &volumes, faults);
            environment(&here, container, faults);
            let is_sidecar = text(container, "/restartPolicy") == "Always";
            for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
                if let Some(written) = container.get(probe) {
                    faults.ask(
                        &here,
                        !is_init || is_sidecar,
                        &format!("is probed by {probe} though it ends"),
                    );
                    probe_faults(&here, probe, written, faults);
                }
            }
            for handler in ["postStart", "preStop"] {
                if let Some(written) = container.pointer(&format!("/lifecycle/{handler}")) {
                    let one = written.as_object().is_some_and(|handlers| handlers.len() == 1);
                    faults.ask(&here, one, &format!("{handler} has not exactly one handler"));
                }
            }
            security(&here, container, faults);
            resources(&here, container, faults);
            for opened in items(container, "/ports") {
                let label = text(opened, "/name");
                faults.ask(
                    &here,
                    is_port(number(opened, "/containerPort")),
                    &format!("has the port {opened}"),
                );
                faults.ask(&here, is_port_name(label), &format!("has the port name {label}"));
                faults.ask(
                    &here,
                    port_names.insert(label),
                    &format!("has a port name that is taken: {label}"),
                );
                if let Some(node) = number(opened, "/hostPort") {
                    let key = (node, text(opened, "/protocol"), text(opened, "/hostIP"));
                    faults.ask(
                        &here,
                        is_port(Some(node)) && node_ports.insert(key),
                        &format!("opens {node} of the node twice"),
                    );
                }
            }
        }
    }
}

fn settings(here: &Place, pod: &Value, faults: &mut Faults) {
    faults.ask(here, items(pod, "/containers").next().is_some(), "has no container");
    if let Some(hostname) = pod.get("hostname").and_then(Value::as_str) {
        faults.ask(here, is_label(hostname), &format!("has the host name {hostname}"));
    }
    let grace = number(pod, "/terminationGracePeriodSeconds");
    faults.ask(here, grace.is_none_or(|grace| grace >= 0), "has a negative grace period");
    let mut addresses = BTreeSet::new();
    for alias in items(pod, "/hostAliases") {
        let address = text(alias, "/ip");
        faults.ask(here, address.parse::<IpAddr>().is_ok(), &format!("has the address {address}"));
        faults.ask(here, addresses.insert(address), &format!("has the address {address} twice"));
        for name in items(alias, "/hostnames").filter_map(Value::as_str) {
            faults.ask(here, is_subdomain(name), &format!("has the host {name}"));
        }
    }
    let searches: Vec<&str> = items(pod, "/dnsConfig/searches").filter_map(Value::as_str).collect();
    let characters = searches.iter().map(|search| search.len() + 1).sum::<usize>();
    faults.ask(here, searches.len() <= 32 && characters <= 2049, "searches too many domains");
    let needs_server = text(pod, "/dnsPolicy") == "None";
    faults.ask(
        here,
        !needs_server || items(pod, "/dnsConfig/nameservers").next().is_some(),
        "has no DNS server",
    );
    let mut sysctls = BTreeSet::new();
    for sysctl in items(pod, "/securityContext/sysctls") {
        let name = text(sysctl, "/name");
        faults.ask(here, sysctls.insert(name), &format!("sets {name} twice"));
    }
    let mut spreads = BTreeSet::new();
    for spread in items(pod, "/topologySpreadConstraints") {
        let key = (text(spread, "/topologyKey"), text(spread, "/whenUnsatisfiable"));
        faults.ask(here, spreads.insert(key), &format!("spreads twice by {}", key.0));
    }
    let shares = pod.get("shareProcessNamespace") == Some(&Value::Bool(true));
    faults.ask(here, !shares || pod.get("hostPID") != Some(&Value::Bool(true)), "shares processes twice");
}

/// Returns the names of the volumes.
fn volumes<'v>(here: &Place, pod: &'v Value, faults: &mut Faults) -> BTreeSet<&'v str> {
    let mut names = BTreeSet::new();
    for volume in items(pod, "/volumes") {
        let name = text(volume, "/name");
        let here = here.part(&format!("volume {name}"));
        faults.ask(&here, is_label(name), "has no legal name");
        faults.ask(&here, names.insert(name), "has a name that is taken");
        let sources = entries(volume, "").filter(|(key, _)| *key != NAME).count();
        faults.ask(&here, sources == 1, "has not exactly one source");
    }
    names
}

fn used_volumes<'v>(pod: &Value, volumes: &BTreeSet<&'v str>) -> Vec<(&'v str, bool)> {
    let mounted: BTreeSet<&str> = ["/initContainers", "/containers"]
        .iter()
        .flat_map(|list| items(pod, list))
        .flat_map(|container| items(container, "/volumeMounts").chain(items(container, "/volumeDevices")))
        .map(|mount| text(mount, "/name"))
        .collect();
    volumes.iter().map(|volume| (*volume, mounted.contains(volume))).collect()
}

fn mounts(here: &Place, container: &Value, volumes: &BTreeSet<&str>, faults: &mut Faults) {
    let privileged = container.pointer("/securityContext/privileged") == Some(&Value::Bool(true));
    let mut places = BTreeSet::new();
    for mount in items(container, "/volumeMounts") {
        let (volume, place) = (text(mount, "/name"), text(mount, "/mountPath"));
        faults.ask(here, volumes.contains(volume), &format!("mounts `{volume}`, which is no volume"));
        faults.ask(here, !place.is_empty(), "mounts nowhere");
        faults.ask(here, places.insert(place), &format!("mounts two things at {place}"));
        let within = text(mount, "/subPath");
        let leaves = within.starts_with('/') || within.split('/').any(|part| part == "..");
        faults.ask(here, !leaves, &format!("leaves a volume by {within}"));
        let both_ways = text(mount, "/mountPropagation") == "Bidirectional";
        faults.ask(here, !both_ways || privileged, "shares mounts with the node without privilege");
        let recursive = mount.get("recursiveReadOnly").is_some();
        let read_only = mount.get("readOnly") == Some(&Value::Bool(true));
        let alone = mount.get("mountPropagation").is_none();
        faults.ask(here, !recursive || (read_only && alone), "is recursively read-only and not read-only");
    }
}

fn environment(here: &Place, container: &Value, faults: &mut Faults) {
    let mut names = BTreeSet::new();
    for variable in items(container, "/env") {
        let name = text(variable, "/name");
        let legal = !name.is_empty() && !name.contains('=') && name.is_ascii();
        faults.ask(here, legal, &format!("has the variable {name}"));
        faults.ask(here, names.insert(name), &format!("sets {name} twice"));
        let both = variable.get("value").is_some() && variable.get("valueFrom").is_some();
        faults.ask(here, !both, &format!("sets {name} in two ways"));
    }
}

fn probe_faults(here: &Place, name: &str, probe: &Value, faults: &mut Faults) {
    const HANDLERS: [&str; 4] = ["exec", "grpc", "httpGet", "tcpSocket"];
    let handlers = HANDLERS.iter().filter(|handler| probe.get(**handler).is_some()).count();
    faults.ask(here, handlers == 1, &format!("{name} has not exactly one handler"));
    for field in ["periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"] {
        let written = number(probe, &format!("/{field}"));
        faults.ask(
            here,
            written.is_none_or(|number| number >= 1),
            &format!("{name} has {field} {}", written.unwrap_or_default()),
        );
    }
    for handler in ["grpc", "httpGet", "tcpSocket"] {
        if let Some(port) = probe.pointer(&format!("/{handler}/port")) {
            let named = port.as_str().is_some_and(is_port_name);
            faults.ask(here, named || is_port(port.as_i64()), &format!("{name} has the port {port}"));
        }
    }
    let command = probe.pointer("/exec").is_none_or(|_| items(probe, "/exec/command").next().is_some());
    faults.ask(here, command, &format!("{name} runs nothing"));
}

fn security(here: &Place, container: &Value, faults: &mut Faults) {
    let is = |field: &str, value: bool| {
        container.pointer(&format!("/securityContext/{field}")) == Some(&Value::Bool(value))
    };
    let escalates = is("privileged", true) && is("allowPrivilegeEscalation", false);
    faults.ask(here, !escalates, "is privileged and may not escalate");
    for field in ["runAsUser", "runAsGroup"] {
        let id = number(container, &format!("/securityContext/{field}"));
        faults.ask(
            here,
            id.is_none_or(|id| (0..=2_147_483_647).contains(&id)),
            &format!("has an illegal {field}"),
        );
    }
}

fn resources(here: &Place, container: &Value, faults: &mut Faults) {
    for (resource, limit) in entries(container, "/resources/limits") {
        let request = container.pointer("/resources/requests").and_then(|requests| requests.get(resource));
        if let (Some(limit), Some(request)) = (quantity(limit), request.and_then(quantity)) {
            faults.ask(here, request <= limit, &format!("requests more {resource} than its limit"));
        }
    }
}

/// Reads a quantity as thousandths.
fn quantity(value: &Value) -> Option<i128> {
    const UNITS: [(&str, i128); 13] = [
        ("Ei", 1 << 60),
        ("Pi", 1 << 50),
        ("Ti", 1 << 40),
        ("Gi", 1 << 30),
        ("Mi", 1 << 20),
        ("Ki", 1 << 10),
        ("E", 1_000_000_000_000_000_000),
        ("P", 1_000_000_000_000_000),
        ("T", 1_000_000_000_000),
        ("G", 1_000_000_000),
        ("M", 1_000_000),
        ("k", 1_000),
        ("", 1),
    ];
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    if let Some(milli) = text.strip_suffix('m') {
        return milli.parse().ok();
    }
    let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: i128 = text.strip_suffix(unit)?.parse().ok()?;
    Some(number * factor * 1000)
}

/// Tells whether a text is a name of a port: 15 characters, a letter among them, no two dashes in a row.
fn is_port_name(name: &str) -> bool {
    is_label(name)
        && name.len() <= 15
        && !name.contains("--")
        && name.contains(|c: char| c.is_ascii_lowercase())
}
