//! Network policies.

use std::net::IpAddr;

use serde_json::Value;

use super::{Faults, Place, is_port, items, selects_a_pod, text};

pub(super) fn check(here: &Place, object: &Value, objects: &[Value], faults: &mut Faults) {
    if let Some(labels) = object.pointer("/spec/podSelector/matchLabels") {
        faults.ask(here, selects_a_pod(objects, labels), "selects no pod");
    }
    let types: Vec<&str> = items(object, "/spec/policyTypes").filter_map(Value::as_str).collect();
    for (field, kind) in [("/spec/ingress", "Ingress"), ("/spec/egress", "Egress")] {
        let written = object.pointer(field);
        faults.ask(
            here,
            written.is_none() || types.contains(&kind),
            &format!("has rules of a type it is not: {kind}"),
        );
        let empty = written.and_then(Value::as_array).is_some_and(Vec::is_empty);
        faults.ask(here, !empty, &format!("has an empty list: {kind}"));
        for rule in items(object, field) {
            rule_faults(here, rule, faults);
        }
    }
}

fn rule_faults(here: &Place, rule: &Value, faults: &mut Faults) {
    for port in items(rule, "/ports") {
        let number = port.get("port").and_then(Value::as_i64);
        faults.ask(here, is_port(number), &format!("has the port {number:?}"));
        let protocol = text(port, "/protocol");
        faults.ask(here, matches!(protocol, "TCP" | "UDP" | "SCTP"), &format!("has the protocol {protocol}"));
    }
    for peer in items(rule, "/from").chain(items(rule, "/to")) {
        if let Some(block) = peer.pointer("/ipBlock/cidr").and_then(Value::as_str) {
            faults.ask(here, is_block(block), &format!("has the block {block}"));
            faults.ask(
                here,
                peer.as_object().is_some_and(|peer| peer.len() == 1),
                "mixes a block with selectors",
            );
        }
    }
}

fn is_block(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u8>()) else { return false };
    bits <= if address.is_ipv4() { 32 } else { 128 }
}
