//! Kubernetes objects on a way through typed ones, which know no other field and no other type.

use k8s_openapi::api;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Returns the objects of a text that a way through typed objects changes: fields that Kubernetes does not know, wrong types.
pub(crate) fn untyped(text: &str) -> Vec<String> {
    let documents: Vec<Value> = match serde_saphyr::from_multiple(text) {
        Ok(documents) => documents,
        Err(error) => return vec![error.to_string()],
    };
    documents
        .into_iter()
        .filter(|document| !document.is_null())
        .filter_map(|document| {
            let name = format!("{}/{}", document["kind"], document["metadata"]["name"]);
            match typed(&document) {
                Ok(back) if back == document => None,
                Ok(back) => Some(format!("{name}: {document} comes back as {back}")),
                Err(error) => Some(format!("{name}: {error}")),
            }
        })
        .collect()
}

fn typed(document: &Value) -> Result<Value, String> {
    let kind = document["kind"].as_str().unwrap_or_default();
    match (document["apiVersion"].as_str().unwrap_or_default(), kind) {
        ("v1", "ConfigMap") => through::<api::core::v1::ConfigMap>(document),
        ("v1", "Namespace") => through::<api::core::v1::Namespace>(document),
        ("v1", "PersistentVolume") => through::<api::core::v1::PersistentVolume>(document),
        ("v1", "PersistentVolumeClaim") => through::<api::core::v1::PersistentVolumeClaim>(document),
        ("v1", "Secret") => through::<api::core::v1::Secret>(document),
        ("v1", "Service") => through::<api::core::v1::Service>(document),
        ("v1", "ServiceAccount") => through::<api::core::v1::ServiceAccount>(document),
        ("apps/v1", "DaemonSet") => through::<api::apps::v1::DaemonSet>(document),
        ("apps/v1", "Deployment") => through::<api::apps::v1::Deployment>(document),
        ("apps/v1", "StatefulSet") => through::<api::apps::v1::StatefulSet>(document),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => {
            through::<api::autoscaling::v2::HorizontalPodAutoscaler>(document)
        }
        ("batch/v1", "CronJob") => through::<api::batch::v1::CronJob>(document),
        ("batch/v1", "Job") => through::<api::batch::v1::Job>(document),
        ("networking.k8s.io/v1", "Ingress") => through::<api::networking::v1::Ingress>(document),
        ("networking.k8s.io/v1", "NetworkPolicy") => through::<api::networking::v1::NetworkPolicy>(document),
        ("policy/v1", "PodDisruptionBudget") => through::<api::policy::v1::PodDisruptionBudget>(document),
        ("rbac.authorization.k8s.io/v1", "Role") => through::<api::rbac::v1::Role>(document),
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => through::<api::rbac::v1::RoleBinding>(document),
        // Served by a custom resource definition: there are no types.
        ("gateway.networking.k8s.io/v1", "Gateway" | "HTTPRoute")
        | ("external-secrets.io/v1", "ExternalSecret") => Ok(document.clone()),
        (version, kind) => Err(format!("a kind that nobody writes: {version} {kind}")),
    }
}

fn through<T: DeserializeOwned + Serialize>(document: &Value) -> Result<Value, String> {
    let object: T = serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(object).map_err(|error| error.to_string())
}
