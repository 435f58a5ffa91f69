//! What the daemon refuses although the CLI takes it (S11, S14).

use std::collections::BTreeMap;

use serde_json::Value;

use super::constraint::is_constraint;
use super::shape::nanos;
use super::{Breaches, entries, items, text};
use crate::backend::DataFile;
use crate::backend::swarm::data::Kind;
use crate::backend::swarm::mounts::cleaned;
use crate::backend::swarm::names;
use crate::backend::swarm::quantities::{Cpus, LEAST_MEMORY, cpus};
use crate::backend::swarm::template::{Expanded, treat};

/// Checks a tree that has the shape of a stack file.
pub(crate) fn check(stack_name: &str, tree: &Value, files: &[DataFile], found: &mut Breaches) {
    let mut published = BTreeMap::new();
    for (name, service) in entries(&tree["services"]) {
        let path = format!("services.{name}");
        // Its length is told as `stack-name-too-long`: another stack name makes it legal.
        if !names::is_legal(&format!("{stack_name}_{name}")) {
            found.add(&path, "is no name of a service");
        }
        check_templates(service, &path, found);
        check_targets(service, &path, found);
        check_ports(name, service, &mut published, &path, found);
        check_health(&service["healthcheck"], &path, found);
        check_deploy(&service["deploy"], &path, found);
    }
    for (name, network) in entries(&tree["networks"]) {
        let real = network["name"].as_str().map_or_else(|| format!("{stack_name}_{name}"), str::to_owned);
        if network["external"] != true && !names::is_legal(&real) {
            found.add(&format!("networks.{name}"), "has no name of a network");
        }
    }
    for (name, volume) in entries(&tree["volumes"]) {
        for key in ["driver_opts", "labels"] {
            for (_, value) in entries(&volume[key]) {
                check_template(text(value), &format!("volumes.{name}.{key}"), found);
            }
        }
    }
    for kind in [Kind::Config, Kind::Secret] {
        for (name, object) in entries(&tree[kind.plural()]) {
            check_data(stack_name, kind, name, object, files, found);
        }
    }
}

/// A port that other services must leave alone.
#[derive(Debug)]
struct Published<'a> {
    service: &'a str,
    is_ingress: bool,
}

fn check_ports<'a>(
    name: &'a str,
    service: &'a Value,
    published: &mut BTreeMap<(u64, &'a str), Vec<Published<'a>>>,
    path: &str,
    found: &mut Breaches,
) {
    for port in items(&service["ports"]) {
        let is_ingress = port["mode"] != "host";
        if is_ingress && service["deploy"]["endpoint_mode"] == "dnsrr" {
            found.add(&format!("{path}.ports"), "are routed to a service without an address");
        }
        for key in ["target", "published"] {
            if port.get(key).and_then(Value::as_u64).is_some_and(|number| number > 65_535) {
                found.add(&format!("{path}.ports"), format!("have a `{key}` above 65535"));
            }
        }
        let Some(number) = port["published"].as_u64() else { continue };
        let protocol = text(&port["protocol"]);
        let same_number = published.entry((number, protocol)).or_default();
        let is_taken =
            same_number.iter().any(|other| other.service == name || other.is_ingress || is_ingress);
        if is_taken {
            found.add(&format!("{path}.ports"), format!("publish {number}/{protocol}, which is taken"));
        }
        same_number.push(Published { service: name, is_ingress });
    }
}

fn check_targets(service: &Value, path: &str, found: &mut Breaches) {
    let mounts = items(&service["volumes"]).map(|mount| text(&mount["target"]).to_owned());
    let mounts: Vec<String> = mounts.collect();
    if let Some(relative) = mounts.iter().find(|target| !target.starts_with('/') && !is_windows(target)) {
        found.add(&format!("{path}.volumes"), format!("have the relative target `{relative}`"));
    }
    check_unique(mounts.iter().map(|target| cleaned(target)), &format!("{path}.volumes"), found);
    for (kind, directory) in [("configs", ""), ("secrets", "/run/secrets")] {
        let targets = items(&service[kind]).map(|grant| {
            let source = grant.as_str().unwrap_or(text(&grant["source"]));
            let target = grant["target"].as_str().unwrap_or(source);
            cleaned(&if target.starts_with('/') {
                target.to_owned()
            } else {
                format!("{directory}/{target}")
            })
        });
        check_unique(targets, &format!("{path}.{kind}"), found);
    }
}

fn is_windows(target: &str) -> bool {
    target.starts_with(r"\\") || target.as_bytes().get(1) == Some(&b':')
}

fn check_unique(targets: impl Iterator<Item = String>, path: &str, found: &mut Breaches) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for target in targets {
        *seen.entry(target).or_default() += 1;
    }
    for (target, _) in seen.into_iter().filter(|(_, count)| *count > 1) {
        found.add(path, format!("have the target `{target}` twice"));
    }
}

/// Values that swarmkit expands must be templates that it takes (S14).
fn check_templates(service: &Value, path: &str, found: &mut Breaches) {
    for (name, value) in entries(&service["environment"]) {
        check_template(text(value), &format!("{path}.environment.{name}"), found);
    }
    check_template(text(&service["hostname"]), &format!("{path}.hostname"), found);
    for mount in items(&service["volumes"]) {
        for key in ["source", "target"] {
            check_template(text(&mount[key]), &format!("{path}.volumes.{key}"), found);
        }
    }
}

fn check_template(value: &str, path: &str, found: &mut Breaches) {
    if matches!(treat(value), Expanded::Escaped(_)) {
        found.add(path, "is a template that swarmkit refuses");
    }
}

fn check_health(health: &Value, path: &str, found: &mut Breaches) {
    for key in ["interval", "timeout", "start_period", "start_interval"] {
        let time = health[key].as_str().and_then(nanos).unwrap_or_default();
        if (1..1_000_000).contains(&time) {
            found.add(&format!("{path}.healthcheck.{key}"), "is shorter than 1ms");
        }
    }
}

fn check_deploy(deploy: &Value, path: &str, found: &mut Breaches) {
    let path = format!("{path}.deploy");
    if text(&deploy["mode"]).ends_with("-job") && deploy.get("update_config").is_some() {
        found.add(&format!("{path}.update_config"), "stands in a job");
    }
    for constraint in items(&deploy["placement"]["constraints"]) {
        if !is_constraint(text(constraint)) {
            found.add(&format!("{path}.placement.constraints"), "have one that swarmkit refuses");
        }
    }
    for part in ["limits", "reservations"] {
        let resources = &deploy["resources"][part];
        if let Some(text) = resources["cpus"].as_str()
            && (is_too_precise(text) || !matches!(cpus(text), Cpus::Unlimited | Cpus::Text(_)))
        {
            found.add(&format!("{path}.resources.{part}.cpus"), "is no number that the engine takes");
        }
        if let Some(text) = resources["memory"].as_str()
            && !bytes(text).is_some_and(|bytes| bytes == 0 || bytes >= LEAST_MEMORY)
        {
            found.add(&format!("{path}.resources.{part}.memory"), "is no size that the engine takes");
        }
    }
}

/// Tells whether a number has parts of a nanosecond, so to speak: the tenth decimal.
fn is_too_precise(number: &str) -> bool {
    number.split_once('.').is_some_and(|(_, fraction)| fraction.trim_end_matches('0').len() > 9)
}

/// Reads the sizes that we write.
fn bytes(text: &str) -> Option<i64> {
    let (digits, unit) = match text.strip_suffix(['M', 'G']) {
        Some(digits) if text.ends_with('M') => (digits, 1 << 20),
        Some(digits) => (digits, 1 << 30),
        None => (text, 1),
    };
    digits.parse::<i64>().ok()?.checked_mul(unit)
}

fn check_data(
    stack_name: &str,
    kind: Kind,
    name: &str,
    object: &Value,
    files: &[DataFile],
    found: &mut Breaches,
) {
    let path = format!("{}.{name}", kind.plural());
    if object["external"] == true {
        return;
    }
    let real = object["name"].as_str().map_or_else(|| format!("{stack_name}_{name}"), str::to_owned);
    if !names::is_legal_data_name(&real) || real.len() > names::LONGEST_DATA_NAME {
        found.add(&path, format!("has no legal name: `{real}`"));
    }
    let file = object["file"].as_str().and_then(|file| file.strip_prefix("./"));
    let data = files.iter().find(|data| Some(data.path.as_str()) == file);
    if data.is_some_and(|data| !(1..=kind.most_bytes()).contains(&data.bytes.len())) {
        found.add(&path, "is empty or too large");
    }
}
