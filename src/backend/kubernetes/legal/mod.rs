//! What the API server and the cluster ask of finished objects beyond their schemas: legal and unique names, references
//! that lead somewhere, numbers in range, exactly one of several fields.
//!
//! Reads trees, not our types, so that it sees what is really written. Reports faults of ours, never of users.

mod content;
mod names;
mod pod;
mod policy;
mod references;
mod route;
mod service;
mod storage;
mod workload;

use std::collections::BTreeSet;

use serde_json::Value;

/// Returns what is wrong with objects that belong together. `is_external` says which objects, by kind and name, are
/// known to exist without being among them.
pub fn faults(objects: &[Value], is_external: &dyn Fn(&str, &str) -> bool) -> Vec<String> {
    let mut faults = Faults::default();
    let mut seen = BTreeSet::new();
    for object in objects {
        let here = Place::of(object);
        if !seen.insert(here.shown.clone()) {
            faults.add(&here, "is written twice");
        }
        names::check(&here, object, &mut faults);
        match kind(object) {
            "ConfigMap" | "Secret" => content::check(&here, object, &mut faults),
            "Service" => service::check(&here, object, objects, &mut faults),
            "NetworkPolicy" => policy::check(&here, object, objects, &mut faults),
            "PersistentVolume" | "PersistentVolumeClaim" => {
                storage::check(&here, object, objects, &mut faults);
            }
            "Ingress" | "HTTPRoute" | "Gateway" | "ExternalSecret" => {
                route::check(&here, object, objects, &mut faults);
            }
            _ => workload::check(&here, object, &mut faults),
        }
        if let Some(pod) = pod_of(object) {
            let templates: Vec<&str> = items(object, "/spec/volumeClaimTemplates")
                .map(|claim| text(claim, "/metadata/name"))
                .collect();
            pod::check(&here, pod, &templates, &mut faults);
        }
        references::check(&here, object, objects, is_external, &mut faults);
    }
    faults.found
}

/// Collects what is wrong.
#[derive(Default)]
struct Faults {
    found: Vec<String>,
}

impl Faults {
    fn add(&mut self, place: &Place, fault: &str) {
        self.found.push(format!("{}: {fault}", place.shown));
    }

    /// Adds a fault unless it is none.
    fn ask(&mut self, place: &Place, holds: bool, fault: &str) {
        if !holds {
            self.add(place, fault);
        }
    }
}

/// An object, or a part of one, for messages.
#[derive(Clone, Debug)]
struct Place {
    shown: String,
}

impl Place {
    fn of(object: &Value) -> Self {
        Self { shown: format!("{} {}", kind(object), name(object)) }
    }

    fn part(&self, part: &str) -> Self {
        Self { shown: format!("{} {part}", self.shown) }
    }
}

fn kind(object: &Value) -> &str {
    text(object, "/kind")
}

fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// Returns a text, the empty one where there is none.
fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the items of a list, none where there is none.
fn items<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

/// Returns the entries of a map, none where there is none.
fn entries<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    value
        .pointer(path)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// Path of the pod template in an object of this kind.
fn template_path(kind: &str) -> Option<&'static str> {
    match kind {
        "Deployment" | "DaemonSet" | "StatefulSet" | "Job" => Some("/spec/template"),
        "CronJob" => Some("/spec/jobTemplate/spec/template"),
        _ => None,
    }
}

fn pod_of(object: &Value) -> Option<&Value> {
    object.pointer(template_path(kind(object))?)?.get("spec")
}

/// Tells whether some pod has all labels of a selector.
fn selects_a_pod(objects: &[Value], selector: &Value) -> bool {
    objects.iter().filter_map(|object| object.pointer(template_path(kind(object))?)).any(|template| {
        let mut wanted = entries(selector, "");
        wanted.all(|(key, value)| {
            template.pointer("/metadata/labels").and_then(|labels| labels.get(key)) == Some(value)
        })
    })
}

/// Returns a number, where it is one.
fn number(value: &Value, path: &str) -> Option<i64> {
    value.pointer(path).and_then(Value::as_i64)
}

/// Tells whether a number is a port.
fn is_port(number: Option<i64>) -> bool {
    number.is_some_and(|number| (1..=65_535).contains(&number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(objects: &[Value], expected: &[&str]) {
        assert_eq!(faults(objects, &|_, _| false), expected);
    }

    fn deployment(pod: &Value) -> Value {
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod},
            },
        })
    }

    fn container(more: &Value) -> Value {
        let mut container = json!({"name": "web", "image": "nginx"});
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            container[key] = value;
        }
        json!({"containers": [container]})
    }

    #[test]
    fn a_plain_workload_has_no_faults() {
        check(&[deployment(&container(&json!({})))], &[]);
    }

    #[test]
    fn names_are_legal_and_unique() {
        let service = |name: &str| json!({"kind": "Service", "metadata": {"name": name}, "spec": {"clusterIP": "None"}});
        check(&[service("1a")], &["Service 1a: has no legal name"]);
        check(&[service("a"), service("a")], &["Service a: is written twice"]);
        let labels =
            json!({"kind": "ServiceAccount", "metadata": {"name": "a", "labels": {"a b": "c", "d": "-"}}});
        check(&[labels], &["ServiceAccount a: has the label a b: c", "ServiceAccount a: has the label d: -"]);
    }

    #[test]
    fn services_find_pods_and_name_their_ports() {
        let service = json!({
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "api"}, "ports": [
                {"name": "a", "port": 80, "targetPort": 80, "protocol": "TCP"},
                {"name": "a", "port": 80, "targetPort": 0, "protocol": "TCP"},
            ]},
        });
        let expected = [
            "Service web: selects no pod",
            "Service web port 80: has the target 0",
            "Service web port 80: is written twice",
            "Service web port 80: has a name that is taken: a",
        ];
        check(&[deployment(&container(&json!({}))), service], &expected);
    }

    #[test]
    fn selectors_match_their_own_template() {
        let mut object = deployment(&container(&json!({})));
        object["spec"]["selector"]["matchLabels"]["app"] = json!("api");
        check(&[object], &["Deployment web: does not select its own pods"]);
    }

    #[test]
    fn mounts_have_a_volume_and_a_place_of_their_own() {
        let mounts = json!({"volumeMounts": [
            {"name": "x", "mountPath": "/a"},
            {"name": "y", "mountPath": "/a", "subPath": "../b"},
        ]});
        let mut pod = container(&mounts);
        pod["volumes"] = json!([{"name": "x", "emptyDir": {}}, {"name": "z"}]);
        let expected = [
            "Deployment web volume z: has not exactly one source",
            "Deployment web volume z: is mounted by nobody",
            "Deployment web container web: mounts `y`, which is no volume",
            "Deployment web container web: mounts two things at /a",
            "Deployment web container web: leaves a volume by ../b",
        ];
        check(&[deployment(&pod)], &expected);
    }

    #[test]
    fn probes_have_one_handler() {
        let probe = json!({"readinessProbe": {"tcpSocket": {"port": 0}, "exec": {"command": ["x"]}, "periodSeconds": 0}});
        let expected = [
            "Deployment web container web: readinessProbe has not exactly one handler",
            "Deployment web container web: readinessProbe has periodSeconds 0",
            "Deployment web container web: readinessProbe has the port 0",
        ];
        check(&[deployment(&container(&probe))], &expected);
    }

    #[test]
    fn references_lead_to_objects() {
        let env = json!({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]});
        let objects = [deployment(&container(&env))];
        assert_eq!(
            faults(&objects, &|_, _| false),
            ["Deployment web: refers to Secret s, which is not there"]
        );
        assert_eq!(faults(&objects, &|kind, name| (kind, name) == ("Secret", "s")), Vec::<String>::new());
    }

    #[test]
    fn content_has_legal_keys_and_a_limit() {
        let map = json!({"kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"..a": "x", "b": "y".repeat(1_048_576)}});
        check(&[map], &["ConfigMap m: has the key ..a", "ConfigMap m: holds 1048577 bytes"]);
    }

    #[test]
    fn requests_stay_below_limits() {
        let resources = json!({"resources": {"requests": {"memory": "1Gi", "cpu": "500m"}, "limits": {"memory": "512Mi", "cpu": "1"}}});
        check(
            &[deployment(&container(&resources))],
            &["Deployment web container web: requests more memory than its limit"],
        );
    }
}
