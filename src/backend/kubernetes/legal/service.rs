//! Services.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::is_label;
use super::{Faults, Place, is_port, items, number, selects_a_pod, text};
use crate::backend::kubernetes::metadata::is_legal_key;

pub(super) fn check(here: &Place, object: &Value, objects: &[Value], faults: &mut Faults) {
    if let Some(selector) = object.pointer("/spec/selector") {
        faults.ask(here, selects_a_pod(objects, selector), "selects no pod");
    }
    let headless = text(object, "/spec/clusterIP") == "None";
    let kind = text(object, "/spec/type");
    let ports = items(object, "/spec/ports").count();
    faults.ask(here, headless || ports > 0, "has an address and no port");
    faults.ask(
        here,
        !headless || matches!(kind, "" | "ClusterIP"),
        "has no address, and a type that needs one",
    );
    let (mut names, mut numbers, mut node_ports) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for port in items(object, "/spec/ports") {
        let written = number(port, "/port");
        let here = here.part(&format!("port {}", written.unwrap_or_default()));
        faults.ask(&here, is_port(written), "is none");
        if let Some(target) = port.get("targetPort") {
            let by_name = target.as_str().is_some_and(is_label);
            faults.ask(&here, by_name || is_port(target.as_i64()), &format!("has the target {target}"));
        }
        let protocol = text(port, "/protocol");
        faults.ask(
            &here,
            matches!(protocol, "TCP" | "UDP" | "SCTP"),
            &format!("has the protocol {protocol}"),
        );
        faults.ask(&here, numbers.insert((written, protocol)), "is written twice");
        let name = text(port, "/name");
        faults.ask(&here, is_label(name) || (name.is_empty() && ports == 1), &format!("has the name {name}"));
        faults.ask(&here, names.insert(name), &format!("has a name that is taken: {name}"));
        if let Some(app) = port.get("appProtocol").and_then(Value::as_str) {
            faults.ask(&here, is_legal_key(app), &format!("has the application protocol {app}"));
        }
        if let Some(on_node) = number(port, "/nodePort") {
            let legal = (30_000..=32_767).contains(&on_node) && matches!(kind, "NodePort" | "LoadBalancer");
            faults.ask(&here, legal, &format!("has the node port {on_node}"));
            faults.ask(&here, node_ports.insert((on_node, protocol)), "has a node port that is taken");
        }
    }
}
