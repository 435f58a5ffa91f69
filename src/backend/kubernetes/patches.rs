//! Patches by hint on finished objects (N121): operations of RFC 6902, or a mapping laid over as RFC 7386 says.
//!
//! Name, selectors and the labels that own objects stay, whatever a patch says; the result must still be an object that
//! the API knows, field by field.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, PersistentVolume, PersistentVolumeClaim, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::codes::KubernetesCode;
use super::labels;
use super::object::Object;
use super::plan::Plan;
use super::problem;
use crate::backend::FieldOrigin;
use crate::diag::{Diagnostic, Outcome, Sink, Span};
use crate::model::{Json, Patch, PatchKind, ServiceName};

/// Patches objects in the order of the file: those of the project, then those of each service by name.
pub(crate) fn apply(plan: &Plan<'_>, objects: &mut [Object], sink: &mut Sink) {
    for patch in &plan.project.hints.patches {
        one(patch, None, &BTreeSet::new(), objects, sink);
    }
    for facts in plan.selected() {
        let own = BTreeSet::from([facts.object_name.clone(), plan.derived_service_name(facts, "-published")]);
        for patch in &facts.service.hints.patches {
            one(patch, Some(facts.name), &own, objects, sink);
        }
    }
}

fn one(
    patch: &Patch,
    service: Option<&ServiceName>,
    own: &BTreeSet<String>,
    objects: &mut [Object],
    sink: &mut Sink,
) {
    let Patch { span, kind, name, change } = patch;
    let is_meant = |object: &&mut Object| {
        let named = match name {
            Some(name) => object.plain_name == name.value || object.name == name.value,
            None => own.contains(&object.plain_name),
        };
        object.kind == kind.value && named
    };
    let mut matched = false;
    let kinds: BTreeSet<&str> = objects.iter().map(|object| object.kind).collect();
    let known = crate::diag::nearest(&kind.value, kinds.iter().copied()).map(ToOwned::to_owned);
    for object in objects.iter_mut().filter(is_meant) {
        matched = true;
        match changed(&object.tree, change).and_then(|tree| checked(object.kind, &object.tree, tree)) {
            Ok(tree) => {
                object.tree = tree;
                object.origins.push(FieldOrigin { path: String::new(), span: Some(*span), rule: "N121" });
            }
            Err(fault) => sink.push(invalid(patch, service, object, &fault)),
        }
    }
    if !matched {
        sink.push(unmatched(patch, service, known.as_deref(), *span));
    }
}

fn invalid(patch: &Patch, service: Option<&ServiceName>, object: &Object, fault: &str) -> Diagnostic {
    let message = format!("the patch of {} `{}` {fault}", object.kind, object.name);
    placed(KubernetesCode::TemplateInvalid, message, service, patch.span)
        .help("a patch may change what the API takes, but for name, selectors and the labels of rcompose")
}

fn unmatched(patch: &Patch, service: Option<&ServiceName>, known: Option<&str>, span: Span) -> Diagnostic {
    let name = patch.name.as_ref().map_or_else(String::new, |name| format!(" `{}`", name.value));
    let message = format!("no {}{name} is written that the patch could change", patch.kind.value);
    let help = match known {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`rcompose convert` shows kinds and names; write names without their hash".to_owned(),
    };
    placed(KubernetesCode::PatchMatchesNothing, message, service, span).help(help)
}

fn placed(code: KubernetesCode, message: String, service: Option<&ServiceName>, span: Span) -> Diagnostic {
    let found = match service {
        Some(service) => {
            problem::of_service(code, service, message).path(format!("services.{service}.x-rcompose.patches"))
        }
        None => problem::of_project(code, message).path("x-rcompose.patches"),
    };
    found.outcome(Outcome::Refused).at(span)
}

fn changed(tree: &Value, change: &PatchKind) -> Result<Value, String> {
    let read = |json: &Json| serde_json::from_str::<Value>(&json.0).map_err(|_| "cannot be read".to_owned());
    let mut tree = tree.clone();
    match change {
        PatchKind::Merge(merge) => lay_over(&mut tree, read(&merge.value)?),
        PatchKind::Operations(operations) => {
            let operations = read(&operations.value)?;
            for operation in operations.as_array().into_iter().flatten() {
                operate(&mut tree, operation)?;
            }
        }
    }
    Ok(tree)
}

/// RFC 7386: mappings meet key by key, null removes, all else replaces.
fn lay_over(tree: &mut Value, over: Value) {
    let Value::Object(over) = over else {
        *tree = over;
        return;
    };
    if !tree.is_object() {
        *tree = Value::Object(Map::new());
    }
    let Some(map) = tree.as_object_mut() else { return };
    for (key, value) in over {
        if value.is_null() {
            map.remove(&key);
        } else {
            lay_over(map.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// One operation of RFC 6902.
fn operate(tree: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |key: &str| operation.get(key).and_then(Value::as_str);
    let word = text("op").ok_or("has an operation without `op`")?;
    let path = text("path").ok_or("has an operation without `path`")?;
    let value =
        || operation.get("value").cloned().ok_or_else(|| format!("has `{word}` of `{path}` without `value`"));
    let from = || text("from").ok_or_else(|| format!("has `{word}` of `{path}` without `from`"));
    match word {
        "add" => add(tree, path, value()?),
        "remove" => remove(tree, path).map(|_| ()),
        "replace" => {
            let value = value()?;
            *tree.pointer_mut(path).ok_or_else(|| absent(path))? = value;
            Ok(())
        }
        "move" => {
            let moved = remove(tree, from()?)?;
            add(tree, path, moved)
        }
        "copy" => {
            let from = from()?;
            let copied = tree.pointer(from).cloned().ok_or_else(|| absent(from))?;
            add(tree, path, copied)
        }
        "test" => match tree.pointer(path) {
            Some(found) if *found == value()? => Ok(()),
            Some(_) => Err(format!("expects another value at `{path}`")),
            None => Err(absent(path)),
        },
        other => Err(format!("has the operation `{other}`, which RFC 6902 does not know")),
    }
}

fn absent(path: &str) -> String {
    format!("names `{path}`, which is not there")
}

/// Parts a path into its parent and its last step.
fn parent<'t>(tree: &'t mut Value, path: &str) -> Result<(&'t mut Value, String), String> {
    let (above, last) = path.rsplit_once('/').ok_or_else(|| format!("has the path `{path}` without `/`"))?;
    let last = last.replace("~1", "/").replace("~0", "~");
    Ok((tree.pointer_mut(above).ok_or_else(|| absent(above))?, last))
}

fn add(tree: &mut Value, path: &str, value: Value) -> Result<(), String> {
    match parent(tree, path)? {
        (Value::Object(map), key) => {
            map.insert(key, value);
            Ok(())
        }
        (Value::Array(items), key) => {
            let at = if key == "-" { Some(items.len()) } else { key.parse().ok() };
            let at = at.filter(|at| *at <= items.len()).ok_or_else(|| absent(path))?;
            items.insert(at, value);
            Ok(())
        }
        _ => Err(absent(path)),
    }
}

fn remove(tree: &mut Value, path: &str) -> Result<Value, String> {
    match parent(tree, path)? {
        (Value::Object(map), key) => map.remove(&key).ok_or_else(|| absent(path)),
        (Value::Array(items), key) => {
            let at = key.parse::<usize>().ok().filter(|at| *at < items.len());
            Ok(items.remove(at.ok_or_else(|| absent(path))?))
        }
        _ => Err(absent(path)),
    }
}

/// Tells whether a patched object is still one, and still ours.
fn checked(kind: &str, before: &Value, after: Value) -> Result<Value, String> {
    const KEPT: [&str; 7] = [
        "/apiVersion",
        "/kind",
        "/metadata/name",
        "/metadata/namespace",
        "/spec/selector",
        "/spec/podSelector",
        "/spec/jobTemplate/spec/selector",
    ];
    if let Some(path) = KEPT.iter().find(|path| before.pointer(path) != after.pointer(path)) {
        return Err(format!("changes `{path}`, which stays"));
    }
    let own =
        |tree: &Value, place: &str, label: &str| tree.pointer(place).and_then(|map| map.get(label)).cloned();
    for place in ["/metadata/labels", "/spec/template/metadata/labels"] {
        if let Some(label) =
            labels::ALL.iter().find(|label| own(before, place, label) != own(&after, place, label))
        {
            return Err(format!("changes the label `{label}`, which stays"));
        }
    }
    typed(kind, &after)?;
    Ok(after)
}

/// Takes the object through its type and back: a field that the API does not know is lost on the way.
fn typed(kind: &str, tree: &Value) -> Result<(), String> {
    match kind {
        "ConfigMap" => through::<ConfigMap>(tree),
        "CronJob" => through::<CronJob>(tree),
        "DaemonSet" => through::<DaemonSet>(tree),
        "Deployment" => through::<Deployment>(tree),
        "HorizontalPodAutoscaler" => through::<HorizontalPodAutoscaler>(tree),
        "Ingress" => through::<Ingress>(tree),
        "Job" => through::<Job>(tree),
        "Namespace" => through::<Namespace>(tree),
        "NetworkPolicy" => through::<NetworkPolicy>(tree),
        "PersistentVolume" => through::<PersistentVolume>(tree),
        "PersistentVolumeClaim" => through::<PersistentVolumeClaim>(tree),
        "PodDisruptionBudget" => through::<PodDisruptionBudget>(tree),
        "Role" => through::<Role>(tree),
        "RoleBinding" => through::<RoleBinding>(tree),
        "Secret" => through::<Secret>(tree),
        "Service" => through::<Service>(tree),
        "ServiceAccount" => through::<ServiceAccount>(tree),
        "StatefulSet" => through::<StatefulSet>(tree),
        // Of custom kinds there are no types.
        _ => Ok(()),
    }
}

fn through<T: DeserializeOwned + Serialize>(tree: &Value) -> Result<(), String> {
    let typed: T =
        serde_json::from_value(tree.clone()).map_err(|error| format!("is no such object: {error}"))?;
    let back = serde_json::to_value(&typed).map_err(|error| format!("is no such object: {error}"))?;
    match lost(tree, &back, "") {
        Some(path) => Err(format!("sets `{path}`, which the API does not know")),
        None => Ok(()),
    }
}

/// Returns the first field that did not come back. What is empty may be left out.
fn lost(before: &Value, after: &Value, path: &str) -> Option<String> {
    match (before, after) {
        (Value::Object(before), _) => before.iter().find_map(|(key, value)| {
            let path = format!("{path}/{key}");
            match after.get(key) {
                Some(after) => lost(value, after, &path),
                None if is_empty(value) => None,
                None => Some(path),
            }
        }),
        (Value::Array(before), Value::Array(after)) => before
            .iter()
            .zip(after)
            .enumerate()
            .find_map(|(index, (before, after))| lost(before, after, &format!("{path}/{index}"))),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn after(change: &Value) -> Result<Value, String> {
        let mut tree = json!({"a": [1, 2], "b": {"c/d": 1}});
        for operation in change.as_array().into_iter().flatten() {
            operate(&mut tree, operation)?;
        }
        Ok(tree)
    }

    #[test]
    fn operations_do_as_their_rfc_says() {
        let change = json!([
            {"op": "add", "path": "/a/-", "value": 3},
            {"op": "remove", "path": "/a/0"},
            {"op": "replace", "path": "/b/c~1d", "value": 2},
            {"op": "copy", "from": "/b/c~1d", "path": "/x"},
            {"op": "move", "from": "/x", "path": "/y"},
            {"op": "test", "path": "/y", "value": 2},
        ]);
        assert_eq!(after(&change), Ok(json!({"a": [2, 3], "b": {"c/d": 2}, "y": 2})));
        for wrong in [
            json!([{"op": "remove", "path": "/z"}]),
            json!([{"op": "replace", "path": "/z", "value": 1}]),
            json!([{"op": "add", "path": "/a/9", "value": 1}]),
            json!([{"op": "test", "path": "/a/0", "value": 7}]),
            json!([{"op": "jump", "path": "/a"}]),
            json!([{"path": "/a"}]),
        ] {
            assert!(after(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_mapping_is_laid_over_and_null_removes() {
        let mut tree = json!({"a": {"b": 1, "c": 2}});
        lay_over(&mut tree, json!({"a": {"b": null, "d": [1]}}));
        assert_eq!(tree, json!({"a": {"c": 2, "d": [1]}}));
    }

    #[test]
    fn what_is_ours_stays_and_what_nobody_knows_is_told() {
        let before = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web"}},
            "spec": {"selector": {"a": "b"}},
        });
        let with = |path: &str, value: Value| {
            let mut after = before.clone();
            add(&mut after, path, value).map(|()| checked("Service", &before, after))
        };
        let fault = |path: &str, value: Value| with(path, value).and_then(|checked| checked).err();
        assert_eq!(fault("/spec/sessionAffinity", json!("ClientIP")), None);
        assert_eq!(
            fault("/spec/affinity", json!("x")).as_deref(),
            Some("sets `/spec/affinity`, which the API does not know")
        );
        assert_eq!(
            fault("/metadata/name", json!("x")).as_deref(),
            Some("changes `/metadata/name`, which stays")
        );
        assert!(fault("/spec/selector", json!({})).is_some());
        assert!(fault("/metadata/labels", json!({})).is_some());
    }
}
