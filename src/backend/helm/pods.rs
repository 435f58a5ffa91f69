//! What values change in pods: images, variables, resources, and where and how often pods run (N114).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::holes::{Hole, below};
use super::metadata::map_of;
use super::references::places;
use super::values::Values;
use super::{Part, go, template_of, text_at};
use crate::backend::image_parts;

/// Finds the spots of the pod of an object, if it has one.
pub(super) fn of(part: &mut Part, chart: &str, values: &mut Values) {
    let Some(template) = template_of(&part.document.kind) else { return };
    let pod = format!("{template}/spec");
    let owner = owner(&part.document.tree, &pod);
    if matches!(part.document.kind.as_str(), "Deployment" | "StatefulSet") {
        replicas(part, &owner, values);
    }
    let services = service_containers(&part.document.tree, &pod);
    for (place, service) in &services {
        container(part, place, service, chart, values);
    }
    for place in places(&part.document.tree, &format!("{pod}/initContainers")) {
        if !services.iter().any(|(known, _)| *known == place) {
            follower(part, &place, &services, chart, values);
        }
    }
    scheduling(part, &pod, &owner, values);
    pod_annotations(part, template, &owner, values);
}

/// Returns what stands for a service in template text.
pub(super) fn service(name: &str) -> String {
    format!("(index $.Values.services {})", go::string(name))
}

/// Containers that are services, with their names: all but those that run before them and end.
fn service_containers(tree: &Value, pod: &str) -> Vec<(String, String)> {
    let ends = |place: &String| text_at(tree, &format!("{place}/restartPolicy")) != Some("Always");
    let sidecars = places(tree, &format!("{pod}/initContainers")).into_iter().filter(|place| !ends(place));
    places(tree, &format!("{pod}/containers"))
        .into_iter()
        .chain(sidecars)
        .filter_map(|place| {
            let name = text_at(tree, &format!("{place}/name"))?.to_owned();
            Some((place, name))
        })
        .collect()
}

/// Returns the service that the pod is named after: the container of its label, else the first one.
fn owner(tree: &Value, pod: &str) -> String {
    let label = text_at(tree, "/metadata/labels/app.kubernetes.io~1name").unwrap_or_default();
    let wanted = container_name(label);
    let names: Vec<String> = service_containers(tree, pod).into_iter().map(|(_, name)| name).collect();
    let found = names.iter().find(|name| **name == wanted).or(names.first());
    found.cloned().unwrap_or(wanted)
}

/// Returns the container of a service by the service's label.
pub(super) fn container_name(label: &str) -> String {
    let plain = label.to_ascii_lowercase();
    let plain: String =
        plain.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    plain.trim_matches('-').to_owned()
}

/// Absent replicas stay absent: an autoscaler, or nobody, sets them.
fn replicas(part: &mut Part, owner: &str, values: &mut Values) {
    let replicas = part.document.tree.pointer("/spec/replicas").cloned().unwrap_or(Value::Null);
    values.of_service(owner, "replicas", replicas);
    let value = format!("{}.replicas", service(owner));
    let lines = unless_null(&value, format!("replicas: {{{{ int {value} }}}}"));
    part.holes.put("/spec/replicas", Hole::Lines(lines));
}

fn container(part: &mut Part, place: &str, name: &str, chart: &str, values: &mut Values) {
    let tree = &part.document.tree;
    let image = text_at(tree, &format!("{place}/image")).unwrap_or_default();
    let policy = tree.pointer(&format!("{place}/imagePullPolicy")).cloned().unwrap_or(Value::Null);
    let (repository, tag, digest) = image_parts(image);
    values.of_service(
        name,
        "image",
        json!({"repository": repository, "tag": tag, "digest": digest, "pullPolicy": policy}),
    );
    let resources = tree.pointer(&format!("{place}/resources")).cloned();
    values.of_service(name, "resources", resources.unwrap_or_else(|| Value::Object(Map::new())));
    let literals: Vec<(String, String, String)> = literals(tree, place);
    for (_, variable, value) in &literals {
        values.variable(name, variable, value);
    }
    image_holes(part, place, name, chart);
    for (at, variable, _) in &literals {
        variable_holes(part, at, name, variable);
    }
    let value = format!("{}.resources", service(name));
    part.holes.put(format!("{place}/resources"), Hole::Lines(unless_empty(&value, "resources")));
}

fn image_holes(part: &mut Part, place: &str, name: &str, chart: &str) {
    let image = format!("{}.image", service(name));
    let include = format!("{{{{ include {} {image} | quote }}}}", go::string(&format!("{chart}.image")));
    part.holes.put(format!("{place}/image"), Hole::Value(include));
    let policy = format!("{image}.pullPolicy");
    let lines = unless_null(&policy, format!("imagePullPolicy: {{{{ {policy} }}}}"));
    part.holes.put(format!("{place}/imagePullPolicy"), Hole::Lines(lines));
}

/// A dollar that is put in is one for the container, too: the kubelet takes two for one (K21).
fn variable_holes(part: &mut Part, at: &str, name: &str, variable: &str) {
    let value = format!("(index {}.env {})", service(name), go::string(variable));
    part.holes.put(
        at,
        Hole::Around(format!("{{{{- if not (kindIs \"invalid\" {value}) }}}}"), "{{- end }}".into()),
    );
    part.holes
        .put(format!("{at}/value"), Hole::Value(format!("{{{{ {value} | replace \"$\" \"$$\" | quote }}}}")));
}

/// Returns places, names and values of variables that hold nothing for the kubelet. Of one name, the last counts there,
/// so only names that stand once become values.
fn literals(tree: &Value, container: &str) -> Vec<(String, String, String)> {
    let list = format!("{container}/env");
    let variables = tree.pointer(&list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let name = |variable: &Value| variable["name"].as_str().unwrap_or_default().to_owned();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for variable in variables {
        *seen.entry(name(variable)).or_default() += 1;
    }
    let found = variables.iter().enumerate().filter_map(|(index, variable)| {
        let value = variable.get("value").and_then(Value::as_str)?;
        let name = name(variable);
        (seen[&name] == 1 && !value.contains('$'))
            .then(|| (format!("{list}/{index}"), name, value.to_owned()))
    });
    found.collect()
}

/// What runs before a service from its image, such as a hook, follows it: image, and variables that are the same.
fn follower(part: &mut Part, place: &str, services: &[(String, String)], chart: &str, values: &Values) {
    let tree = &part.document.tree;
    let image = text_at(tree, &format!("{place}/image"));
    let same = services.iter().find(|(other, _)| text_at(tree, &format!("{other}/image")) == image);
    let Some((_, name)) = same else { return };
    let literals = literals(tree, place);
    image_holes(part, place, name, chart);
    for (at, variable, value) in literals {
        if values.get_variable(name, &variable) == Some(value.as_str()) {
            variable_holes(part, &at, name, &variable);
        }
    }
}

fn scheduling(part: &mut Part, pod: &str, owner: &str, values: &mut Values) {
    for (key, empty) in [("nodeSelector", json!({})), ("tolerations", json!([]))] {
        let place = below(pod, key);
        values.of_service(owner, key, part.document.tree.pointer(&place).cloned().unwrap_or(empty));
        part.holes.put(place, Hole::Lines(unless_empty(&format!("{}.{key}", service(owner)), key)));
    }
    let place = below(pod, "imagePullSecrets");
    if part.document.tree.pointer(&place).is_some() {
        let lines = ["{{- range $.Values.imagePullSecrets }}", "- {{ toJson . }}", "{{- end }}"];
        part.holes.tail(place, lines.map(str::to_owned).into());
    } else {
        part.holes.put(place, Hole::Lines(unless_empty("$.Values.imagePullSecrets", "imagePullSecrets")));
    }
}

fn pod_annotations(part: &mut Part, template: &str, owner: &str, values: &mut Values) {
    let place = format!("{template}/metadata/annotations");
    let own = part.document.tree.pointer(&place).cloned().unwrap_or_else(|| json!({}));
    values.of_service(owner, "podAnnotations", own);
    let source = format!("{}.podAnnotations", service(owner));
    part.holes.put(place, Hole::Lines(map_of("annotations", &source)));
}

/// Returns the lines of an entry that is left out when its value is null.
pub(super) fn unless_null(value: &str, line: String) -> Vec<String> {
    vec![format!("{{{{- if not (kindIs \"invalid\" {value}) }}}}"), line, "{{- end }}".to_owned()]
}

/// Returns the lines of an entry that is left out when its value is empty.
pub(super) fn unless_empty(value: &str, key: &str) -> Vec<String> {
    vec![format!("{{{{- with {value} }}}}"), format!("{key}: {{{{ toJson . }}}}"), "{{- end }}".to_owned()]
}
