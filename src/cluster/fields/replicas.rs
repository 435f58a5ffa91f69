//! The number of replicas between the file and what scales (A23).

use serde_json::{Value, json};

use super::entry::{entries, other_owners};
use super::path::Path;
use crate::cluster::object::{Identity, Live};

fn place() -> Path {
    Path::fields("spec.replicas")
}

/// Returns the document without its number of replicas.
pub(crate) fn without(document: &Value) -> Value {
    let mut document = document.clone();
    place().remove_from(&mut document);
    document
}

/// Tells whether the document has a number of replicas.
pub(crate) fn written(document: &Value) -> bool {
    place().value_in(document).is_some()
}

/// Returns the little document that keeps the live number while we let go of it; `None` where it is not ours alone to lose.
///
/// Without it the number would fall to 1, since nobody would own it.
pub(crate) fn hand_over(identity: &Identity, document: &Value, live: &Live) -> Option<Value> {
    let ours = entries(live).iter().any(|entry| entry.is_ours() && entry.owns(&place()));
    let number = place().value_in(&live.value)?;
    (ours && !written(document) && other_owners(live, &place()).is_empty()).then(|| {
        let mut little = json!({"apiVersion": identity.api_version(), "kind": identity.kind,
            "metadata": {"name": identity.name}, "spec": {"replicas": number}});
        if let Some(namespace) = &identity.namespace {
            little["metadata"]["namespace"] = json!(namespace);
        }
        little
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::fields::served::{Served, one};

    /// A Deployment of ours with a number of replicas that we applied.
    fn scaled() -> Served {
        let mut served = one("deployment-web");
        served.live.value["spec"]["replicas"] = json!(4);
        served.live.value["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"] = json!({});
        served
    }

    #[test]
    fn a_number_that_we_own_is_handed_over_before_we_let_go() {
        let Served { desired, live, .. } = scaled();
        let little = hand_over(&desired.identity, &without(&desired.document), &live).expect("we own it");
        assert_eq!(little["spec"], json!({"replicas": 4}));
    }

    #[test]
    fn nothing_is_handed_over_that_stays_ours_or_is_somebody_elses() {
        let Served { desired, mut live, .. } = scaled();
        let mut with = desired.document.clone();
        with["spec"]["replicas"] = json!(4);
        assert_eq!(hand_over(&desired.identity, &with, &live), None);
        let other = json!({"manager": "hpa", "operation": "Update", "apiVersion": "apps/v1", "subresource": "scale",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:replicas": {}}}});
        live.value["metadata"]["managedFields"].as_array_mut().expect("a list").push(other);
        assert_eq!(hand_over(&desired.identity, &desired.document, &live), None);
    }
}
