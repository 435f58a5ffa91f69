//! Fields that cannot change in place: compared here first, so that no server is asked in vain (A40).
//!
//! "Never any 422 is a recreate": what is not in this table is refused by the server and said so.

use serde_json::{Value, json};

use crate::backend::kubernetes::in_bytes;
use crate::cluster::fields::predict;
use crate::cluster::fields::set::FieldSet;
use crate::cluster::fields::unchanged::same_claim_templates;
use crate::cluster::object::{Desired, Live};

/// What such a difference asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Delete and make anew.
    Recreate {
        /// Field that cannot change.
        path: String,
        /// What is said of it, for people.
        reason: String,
        /// Pods and claims stay (`StatefulSet`).
        orphan: bool,
        /// Claims that grow afterwards: prefix of their names, storage.
        grow: Vec<(String, String)>,
    },
    /// Never done; the text is the fact, then the manual way.
    Refuse {
        /// Field that cannot change.
        path: String,
        /// The fact.
        reason: String,
        /// What people can do by hand.
        help: String,
    },
}

/// Returns what the differences between document and live object ask for; `None` where all may change in place.
pub(crate) fn remedy(desired: &Desired, live: &Live) -> Option<Remedy> {
    let (document, live) = (&desired.document, &live.value);
    match (desired.identity.group.as_str(), desired.identity.kind.as_str()) {
        ("apps", "StatefulSet") => {
            selector(document, live).or_else(|| stateful_set(&desired.identity.name, document, live))
        }
        ("apps", "Deployment" | "DaemonSet") => selector(document, live),
        ("batch", "Job") => job(document, live),
        ("", "Service") => service(document, live),
        ("", "PersistentVolumeClaim") => claim(document, live),
        ("", "ConfigMap" | "Secret") => data(document, live),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            differs(document, live, "/roleRef")
                .then(|| recreate("roleRef", "the role of a binding cannot change"))
        }
        _ => None,
    }
}

fn recreate(path: &str, reason: &str) -> Remedy {
    Remedy::Recreate { path: path.to_owned(), reason: reason.to_owned(), orphan: false, grow: Vec::new() }
}

/// Tells whether the document has something there and the live object has another.
fn differs(document: &Value, live: &Value, pointer: &str) -> bool {
    document.pointer(pointer).is_some_and(|want| live.pointer(pointer) != Some(want))
}

fn selector(document: &Value, live: &Value) -> Option<Remedy> {
    differs(document, live, "/spec/selector")
        .then(|| recreate("spec.selector", "the selector cannot change (pods end and start anew)"))
}

fn stateful_set(name: &str, document: &Value, live: &Value) -> Option<Remedy> {
    const MAY: &[&str] = &[
        "minReadySeconds",
        "ordinals",
        "persistentVolumeClaimRetentionPolicy",
        "replicas",
        "revisionHistoryLimit",
        "selector",
        "template",
        "updateStrategy",
        "volumeClaimTemplates",
    ];
    let empty = json!([]);
    let want = document.pointer("/spec/volumeClaimTemplates").unwrap_or(&empty);
    let have = live.pointer("/spec/volumeClaimTemplates").unwrap_or(&empty);
    if !same_claim_templates(want, have) {
        return Some(templates(name, want, have));
    }
    let spec = document.get("spec")?.as_object()?;
    let mut others = spec.keys().filter(|key| !MAY.contains(&key.as_str()));
    let other = others.find(|key| differs(document, live, &format!("/spec/{key}")))?;
    Some(Remedy::Recreate {
        path: format!("spec.{other}"),
        reason: format!("`{other}` of a StatefulSet cannot change (pods and claims stay)"),
        orphan: true,
        grow: Vec::new(),
    })
}

/// Templates are fixed, and claims made of them can only grow.
fn templates(set: &str, want: &Value, have: &Value) -> Remedy {
    let named = |list: &Value, name: &str| {
        list.as_array()?.iter().find(|item| item["metadata"]["name"] == name).cloned()
    };
    let mut grow = Vec::new();
    for template in want.as_array().into_iter().flatten() {
        let name = template["metadata"]["name"].as_str().unwrap_or_default();
        let Some(live) = named(have, name) else { continue };
        let (new, old) = (storage(&template["spec"]), storage(&live["spec"]));
        match (new.and_then(in_bytes), old.and_then(in_bytes)) {
            (Some(after), Some(before)) if after < before => {
                return shrink("spec.volumeClaimTemplates", name, old, new);
            }
            (Some(after), Some(before)) if after > before => {
                grow.push((format!("{name}-{set}-"), new.unwrap_or_default().to_owned()));
            }
            _ => {}
        }
        if let Some(field) = fixed(&template["spec"], &live["spec"]) {
            return fixed_field(&format!("spec.volumeClaimTemplates[{name}].spec.{field}"), field);
        }
    }
    Remedy::Recreate {
        path: "spec.volumeClaimTemplates".to_owned(),
        reason: "volumeClaimTemplates cannot change (pods and claims stay)".to_owned(),
        orphan: true,
        grow,
    }
}

fn job(document: &Value, live: &Value) -> Option<Remedy> {
    let field = ["completions", "completionMode", "selector"]
        .into_iter()
        .find(|field| differs(document, live, &format!("/spec/{field}")))
        .or_else(|| {
            let merged = predict::applied("Job", document, &Live::new(live.clone()), &FieldSet::default());
            (merged.pointer("/spec/template") != live.pointer("/spec/template")).then_some("template")
        })?;
    Some(recreate(&format!("spec.{field}"), "a Job cannot change (it runs again)"))
}

fn service(document: &Value, live: &Value) -> Option<Remedy> {
    let headless =
        |object: &Value| object.pointer("/spec/clusterIP").is_some_and(|address| address == "None");
    let has_address =
        live.pointer("/spec/clusterIP").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    // Dropping `None` is answered with 200, and the Service stays headless: only we can see it.
    (headless(document) != headless(live) && has_address)
        .then(|| recreate("spec.clusterIP", "a Service becomes headless, or ceases to be, only when it is made (its address changes, pods stay)"))
}

fn claim(document: &Value, live: &Value) -> Option<Remedy> {
    let (want, have) = (document.get("spec")?, live.get("spec")?);
    let (new, old) = (storage(want), storage(have));
    if let (Some(after), Some(before)) = (new.and_then(in_bytes), old.and_then(in_bytes))
        && after < before
    {
        let name = document["metadata"]["name"].as_str().unwrap_or_default();
        return Some(shrink("spec.resources.requests.storage", name, old, new));
    }
    let field = fixed(want, have)?;
    Some(fixed_field(&format!("spec.{field}"), field))
}

/// Returns the first field of a claim's `spec` that can never change and would.
fn fixed(want: &Value, have: &Value) -> Option<&'static str> {
    const FIXED: &[&str] = &[
        "accessModes",
        "dataSource",
        "dataSourceRef",
        "selector",
        "storageClassName",
        "volumeMode",
        "volumeName",
    ];
    FIXED
        .iter()
        .find(|field| want.get(**field).is_some_and(|value| have.get(**field) != Some(value)))
        .copied()
}

fn fixed_field(path: &str, field: &str) -> Remedy {
    Remedy::Refuse {
        path: path.to_owned(),
        reason: format!("`{field}` of a claim cannot change"),
        help: "write the old value; or make a volume under another name and copy the data".to_owned(),
    }
}

fn shrink(path: &str, name: &str, old: Option<&str>, new: Option<&str>) -> Remedy {
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    Remedy::Refuse {
        path: path.to_owned(),
        reason: format!("the claim `{name}` cannot become smaller: it has {old}, the file asks for {new}"),
        help: format!("write `{old}`; or make a volume under another name and copy the data"),
    }
}

fn storage(spec: &Value) -> Option<&str> {
    spec.pointer("/resources/requests/storage")?.as_str()
}

fn data(document: &Value, live: &Value) -> Option<Remedy> {
    if differs(document, live, "/type") {
        return Some(recreate("type", "the type of a Secret cannot change"));
    }
    let fixed = live["immutable"] == json!(true);
    let part = ["/data", "/binaryData"]
        .into_iter()
        .find(|part| fixed && document.pointer(part) != live.pointer(part))?;
    Some(recreate(part.trim_start_matches('/'), "its content was made immutable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::fields::served::{Served, all, desired, one};

    fn of(document: Value, live: Value) -> Option<Remedy> {
        remedy(&desired(document), &Live::new(live))
    }

    fn path(remedy: Option<Remedy>) -> String {
        match remedy {
            None => "-".to_owned(),
            Some(Remedy::Recreate { path, orphan: true, .. }) => format!("orphan {path}"),
            Some(Remedy::Recreate { path, .. }) => format!("recreate {path}"),
            Some(Remedy::Refuse { path, .. }) => format!("refuse {path}"),
        }
    }

    #[test]
    fn what_was_applied_needs_nothing() {
        for Served { name, desired, live } in all() {
            assert_eq!(remedy(&desired, &live), None, "{name}");
        }
    }

    /// Changes one field of a served object's document.
    fn with(name: &str, pointer: &str, value: Value) -> String {
        let Served { mut desired, live, .. } = one(name);
        let (above, last) = pointer.rsplit_once('/').expect("a pointer");
        desired.document.pointer_mut(above).expect("it is there")[last] = value;
        path(remedy(&desired, &live))
    }

    #[test]
    fn fixed_fields_of_workloads_ask_for_another_object() {
        let other = json!({"matchLabels": {"a": "b"}});
        assert_eq!(with("deployment-web", "/spec/selector", other.clone()), "recreate spec.selector");
        assert_eq!(with("daemonset-agent", "/spec/selector", other), "recreate spec.selector");
        assert_eq!(with("statefulset-db", "/spec/serviceName", json!("other")), "orphan spec.serviceName");
        assert_eq!(
            with("statefulset-db", "/spec/volumeClaimTemplates", json!([])),
            "orphan spec.volumeClaimTemplates"
        );
        assert_eq!(with("statefulset-db", "/spec/replicas", json!(9)), "-");
        assert_eq!(
            with("job-migrate-5cf09866fd", "/spec/completions", json!(9)),
            "recreate spec.completions"
        );
        assert_eq!(
            with("job-migrate-5cf09866fd", "/spec/template/spec/hostname", json!("x")),
            "recreate spec.template"
        );
        assert_eq!(with("rolebinding-web-wait", "/roleRef/name", json!("x")), "recreate roleRef");
    }

    #[test]
    fn claims_of_a_set_grow_after_it_and_never_shrink() {
        let Served { mut desired, live, .. } = one("statefulset-db");
        let size = "/spec/volumeClaimTemplates/0/spec/resources/requests/storage";
        *desired.document.pointer_mut(size).expect("it is there") = json!("900Gi");
        let Some(Remedy::Recreate { grow, orphan: true, .. }) = remedy(&desired, &live) else {
            panic!("it grows")
        };
        assert_eq!(grow.len(), 1);
        assert!(grow[0].0.ends_with("-db-") && grow[0].1 == "900Gi", "{grow:?}");
        *desired.document.pointer_mut(size).expect("it is there") = json!("1Mi");
        assert_eq!(path(remedy(&desired, &live)), "refuse spec.volumeClaimTemplates");
    }

    #[test]
    fn a_service_becomes_headless_only_anew_and_the_other_way() {
        let service = |address: Option<&str>| {
            let mut service =
                json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {}});
            if let Some(address) = address {
                service["spec"]["clusterIP"] = json!(address);
            }
            service
        };
        assert_eq!(path(of(service(Some("None")), service(Some("10.0.0.1")))), "recreate spec.clusterIP");
        assert_eq!(path(of(service(None), service(Some("None")))), "recreate spec.clusterIP");
        assert_eq!(path(of(service(None), service(Some("10.0.0.1")))), "-");
        assert_eq!(path(of(service(Some("None")), service(Some("None")))), "-");
    }

    #[test]
    fn claims_grow_and_are_never_recreated() {
        let claim = |size: &str, class: &str| {
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"},
                "spec": {"storageClassName": class, "resources": {"requests": {"storage": size}}}})
        };
        assert_eq!(path(of(claim("2Gi", "a"), claim("1Gi", "a"))), "-");
        assert_eq!(path(of(claim("1024Mi", "a"), claim("1Gi", "a"))), "-");
        assert_eq!(
            path(of(claim("900Mi", "a"), claim("1Gi", "a"))),
            "refuse spec.resources.requests.storage"
        );
        assert_eq!(path(of(claim("1Gi", "b"), claim("1Gi", "a"))), "refuse spec.storageClassName");
    }

    #[test]
    fn immutable_content_is_made_anew() {
        let map = |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "immutable": true, "data": {"k": value}});
        assert_eq!(path(of(map("2"), map("1"))), "recreate data");
        let secret = |sort: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "type": sort});
        assert_eq!(path(of(secret("x"), secret("Opaque"))), "recreate type");
    }
}
