//! What values change in Services that lead in from outside, and in Ingresses (N114, D3).

use serde_json::{Value, json};

use super::holes::Hole;
use super::metadata::annotations;
use super::pods::{container_name, service, unless_empty};
use super::values::Values;
use super::{Part, text_at};

/// Finds the spots of a published Service or an Ingress.
pub(super) fn of(part: &mut Part, values: &mut Values) {
    let tree = &part.document.tree;
    let Some(label) = text_at(tree, "/metadata/labels/app.kubernetes.io~1name") else { return };
    let name = container_name(label);
    match part.document.kind.as_str() {
        "Service" if is_published(&part.document.name, label) => published(part, &name, values),
        "Ingress" => ingress(part, &name, values),
        _ => {}
    }
}

/// Its name is derived from the service's; a service that is called so itself has a longer label (N2, N3).
fn is_published(object: &str, label: &str) -> bool {
    let suffixed = |plain: &str| object.starts_with(&format!("{plain}-published"));
    let plain = container_name(label);
    suffixed(&plain) || suffixed(&format!("svc-{plain}"))
}

fn published(part: &mut Part, name: &str, values: &mut Values) {
    let tree = &part.document.tree;
    let own = |place: &str, empty: Value| tree.pointer(place).cloned().unwrap_or(empty);
    values.of_service(
        name,
        "published",
        json!({
            "type": own("/spec/type", json!("ClusterIP")),
            "annotations": own("/metadata/annotations", json!({})),
            "loadBalancerSourceRanges": own("/spec/loadBalancerSourceRanges", json!([])),
        }),
    );
    let value = format!("{}.published", service(name));
    part.holes.put("/spec/type", Hole::Value(format!("{{{{ {value}.type }}}}")));
    let ranges = unless_empty(&format!("{value}.loadBalancerSourceRanges"), "loadBalancerSourceRanges");
    part.holes.put("/spec/loadBalancerSourceRanges", Hole::Lines(ranges));
    annotations(part, &with_common(&value));
}

/// Annotations of the value win over those for all objects.
fn with_common(value: &str) -> String {
    format!("merge (dict) (default dict {value}.annotations) (default dict $.Values.commonAnnotations)")
}

/// Hosts change one for one, in rules and in TLS: the shape of the rules is the project's.
fn ingress(part: &mut Part, name: &str, values: &mut Values) {
    let tree = &part.document.tree;
    let rules = super::references::places(tree, "/spec/rules");
    let hosts: Vec<(String, String)> = rules
        .iter()
        .filter_map(|rule| {
            let place = format!("{rule}/host");
            let host = text_at(tree, &place)?.to_owned();
            Some((place, host))
        })
        .collect();
    let mut all: Vec<String> = hosts.iter().map(|(_, host)| host.clone()).collect();
    all.dedup();
    let secrets: Vec<(String, Value)> = super::references::places(tree, "/spec/tls")
        .into_iter()
        .map(|tls| {
            let secret = tree.pointer(&format!("{tls}/secretName")).cloned().unwrap_or(Value::Null);
            (tls, secret)
        })
        .collect();
    let in_tls: Vec<(String, String)> = secrets
        .iter()
        .flat_map(|(tls, _)| super::references::places(tree, &format!("{tls}/hosts")))
        .filter_map(|place| text_at(tree, &place).map(|host| (place.clone(), host.to_owned())))
        .collect();
    let class = tree.pointer("/spec/ingressClassName").cloned().unwrap_or(Value::Null);
    let tls: Vec<Value> = secrets.iter().map(|(_, secret)| secret.clone()).collect();
    let own = tree.pointer("/metadata/annotations").cloned().unwrap_or_else(|| json!({}));
    let value = format!("{}.ingress", service(name));
    for (place, host) in hosts.into_iter().chain(in_tls) {
        if let Some(index) = all.iter().position(|known| *known == host) {
            part.holes.put(place, Hole::Value(format!("{{{{ index {value}.hosts {index} | quote }}}}")));
        }
    }
    for (index, (place, _)) in secrets.iter().enumerate() {
        let secret = format!("(index {value}.tls {index})");
        let lines = vec![
            format!("{{{{- with {secret} }}}}"),
            "secretName: {{ . | quote }}".to_owned(),
            "{{- end }}".to_owned(),
        ];
        part.holes.put(format!("{place}/secretName"), Hole::Lines(lines));
    }
    let lines = vec![
        format!("{{{{- with {value}.className }}}}"),
        "ingressClassName: {{ . | quote }}".to_owned(),
        "{{- end }}".to_owned(),
    ];
    part.holes.put("/spec/ingressClassName", Hole::Lines(lines));
    annotations(part, &with_common(&value));
    values.of_service(
        name,
        "ingress",
        json!({"hosts": all, "className": class, "tls": tls, "annotations": own}),
    );
}
