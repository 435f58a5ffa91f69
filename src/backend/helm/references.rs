//! Where objects name Secrets, claims and Jobs: places known by the API, never found by searching text.

use serde_json::Value;

use super::{Part, template_of};

/// A name at a place of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Which object, by its number.
    pub(super) part: usize,
    /// Where in it, as a JSON pointer.
    pub(super) place: String,
    /// The name.
    pub(super) name: String,
}

/// All references of a chart.
#[derive(Clone, Debug, Default)]
pub(super) struct References {
    /// To Secrets.
    pub(super) secrets: Vec<Reference>,
    /// To claims.
    pub(super) claims: Vec<Reference>,
}

/// Finds references in all objects.
pub(super) fn find(parts: &[Part]) -> References {
    let mut found = References::default();
    for (number, part) in parts.iter().enumerate() {
        let tree = &part.document.tree;
        if let Some(template) = template_of(&part.document.kind) {
            of_pod(number, tree, &format!("{template}/spec"), &mut found);
        }
        if part.document.kind == "PersistentVolume" {
            note(number, tree, "/spec/csi/nodeStageSecretRef/name".to_owned(), &mut found.secrets);
        }
    }
    found
}

fn of_pod(number: usize, tree: &Value, pod: &str, found: &mut References) {
    for volume in places(tree, &format!("{pod}/volumes")) {
        note(number, tree, format!("{volume}/secret/secretName"), &mut found.secrets);
        note(number, tree, format!("{volume}/persistentVolumeClaim/claimName"), &mut found.claims);
        for source in places(tree, &format!("{volume}/projected/sources")) {
            note(number, tree, format!("{source}/secret/name"), &mut found.secrets);
        }
    }
    for list in ["containers", "initContainers"] {
        for container in places(tree, &format!("{pod}/{list}")) {
            for variable in places(tree, &format!("{container}/env")) {
                note(number, tree, format!("{variable}/valueFrom/secretKeyRef/name"), &mut found.secrets);
            }
            for source in places(tree, &format!("{container}/envFrom")) {
                note(number, tree, format!("{source}/secretRef/name"), &mut found.secrets);
            }
        }
    }
}

/// Returns the places of the items of a list.
pub(super) fn places(tree: &Value, list: &str) -> Vec<String> {
    let count = tree.pointer(list).and_then(Value::as_array).map_or(0, Vec::len);
    (0..count).map(|index| format!("{list}/{index}")).collect()
}

fn note(part: usize, tree: &Value, place: String, found: &mut Vec<Reference>) {
    if let Some(name) = super::text_at(tree, &place) {
        found.push(Reference { part, name: name.to_owned(), place });
    }
}
