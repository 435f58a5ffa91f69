//! References of one object to another.

use serde_json::Value;

use super::{Faults, Place, items, kind, name, pod_of, text};

/// The cluster makes this one in every namespace.
const ROOT_CERTIFICATE: (&str, &str) = ("ConfigMap", "kube-root-ca.crt");

pub(super) fn check(
    here: &Place,
    object: &Value,
    objects: &[Value],
    is_external: &dyn Fn(&str, &str) -> bool,
    faults: &mut Faults,
) {
    let mut wanted: Vec<(&str, &str)> = pod_of(object).map(of_pod).unwrap_or_default();
    wanted.extend(of_kind(object));
    wanted.sort_unstable();
    wanted.dedup();
    for (wanted_kind, wanted_name) in wanted {
        let known = (wanted_kind, wanted_name) == ROOT_CERTIFICATE
            || objects.iter().any(|other| makes(kind(other), wanted_kind) && name(other) == wanted_name)
            || is_external(wanted_kind, wanted_name);
        faults.ask(here, known, &format!("refers to {wanted_kind} {wanted_name}, which is not there"));
    }
}

/// Tells whether an object of one kind is, or becomes, one of another.
fn makes(kind: &str, wanted: &str) -> bool {
    kind == wanted || (wanted == "Secret" && matches!(kind, "ExternalSecret" | "SealedSecret"))
}

fn of_pod(pod: &Value) -> Vec<(&str, &str)> {
    let mut wanted = Vec::new();
    if let Some(account) = pod.get("serviceAccountName").and_then(Value::as_str) {
        wanted.push(("ServiceAccount", account));
    }
    for volume in items(pod, "/volumes") {
        wanted.extend(of_volume(volume));
        wanted.extend(items(volume, "/projected/sources").flat_map(of_projection));
    }
    for container in items(pod, "/initContainers").chain(items(pod, "/containers")) {
        for variable in items(container, "/env") {
            wanted.extend(named("ConfigMap", variable, "/valueFrom/configMapKeyRef/name"));
            wanted.extend(named("Secret", variable, "/valueFrom/secretKeyRef/name"));
        }
    }
    wanted
}

fn of_volume(volume: &Value) -> Vec<(&str, &str)> {
    let places = [
        ("ConfigMap", "/configMap/name"),
        ("Secret", "/secret/secretName"),
        ("PersistentVolumeClaim", "/persistentVolumeClaim/claimName"),
    ];
    places.into_iter().filter_map(|(kind, path)| named(kind, volume, path)).collect()
}

fn of_projection(source: &Value) -> Vec<(&str, &str)> {
    let places = [("ConfigMap", "/configMap/name"), ("Secret", "/secret/name")];
    places.into_iter().filter_map(|(kind, path)| named(kind, source, path)).collect()
}

fn of_kind(object: &Value) -> Vec<(&str, &str)> {
    match kind(object) {
        "RoleBinding" => {
            let role = (text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
            let subjects =
                items(object, "/subjects").map(|subject| (text(subject, "/kind"), text(subject, "/name")));
            subjects.chain([role]).collect()
        }
        "Role" => items(object, "/rules")
            .filter(|rule| items(rule, "/resources").any(|resource| resource == "jobs"))
            .flat_map(|rule| items(rule, "/resourceNames").filter_map(Value::as_str))
            .map(|job| ("Job", job))
            .collect(),
        "HorizontalPodAutoscaler" => {
            vec![(text(object, "/spec/scaleTargetRef/kind"), text(object, "/spec/scaleTargetRef/name"))]
        }
        "Ingress" => items(object, "/spec/rules")
            .flat_map(|rule| items(rule, "/http/paths"))
            .map(|path| ("Service", text(path, "/backend/service/name")))
            .collect(),
        "HTTPRoute" => items(object, "/spec/rules")
            .flat_map(|rule| items(rule, "/backendRefs"))
            .map(|backend| ("Service", text(backend, "/name")))
            .collect(),
        _ => Vec::new(),
    }
}

fn named<'v>(kind: &'static str, value: &'v Value, path: &str) -> Option<(&'static str, &'v str)> {
    value.pointer(path).and_then(Value::as_str).map(|name| (kind, name))
}
