//! Taking over what `kubectl apply` (client side), `create` or `replace` made: their fields become ours, so that the next
//! apply can remove those that the project does not have (A24).

use serde_json::{Value, json};

use super::MANAGER;
use super::entry::{Entry, Operation, entries};
use super::path::Path;
use super::set::FieldSet;
use crate::cluster::object::Live;

/// Annotation in which `kubectl apply` keeps what it applied, secrets in the clear.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Managers of objects that were not made by an apply of the server's.
const CREATORS: &[&str] = &["before-first-apply", "kubectl-create", "kubectl-replace"];

/// A migration of one object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Migration {
    /// JSON Patch; the server answers 409 when the object has moved since it was read.
    pub(crate) patch: Value,
    /// Managers whose entries become ours.
    pub(crate) managers: Vec<String>,
    /// All that we own afterwards.
    pub(crate) fields: FieldSet,
}

impl Migration {
    /// Returns which fields the next apply removes: they become ours, the document lacks them, and nobody else has them.
    pub(crate) fn vanishing(&self, document: &Value, live: &Live) -> Vec<Path> {
        let keeps = |path: &Path| {
            path.value_in(document).is_some()
                || entries(live).iter().any(|entry| {
                    !self.managers.contains(&entry.manager) && !entry.is_ours() && entry.owns(path)
                })
        };
        let mut vanishing: Vec<Path> = Vec::new();
        for path in self.fields.members() {
            if path.value_in(&live.value).is_some()
                && !keeps(&path)
                && !vanishing.iter().any(|above| path.starts_with(above))
            {
                vanishing.push(path);
            }
        }
        vanishing
    }
}

/// Returns the migration that an object needs; `None` where nothing of it belongs to such a manager.
///
/// `former` is a manager that the user named with `--adopt=`: its entries become ours, however they were set.
pub(crate) fn migration(live: &Live, former: Option<&str>) -> Option<Migration> {
    let is_former = |entry: &Entry| former == Some(entry.manager.as_str()) && entry.subresource.is_none();
    let (old, kept): (Vec<(usize, Entry)>, _) =
        entries(live).into_iter().enumerate().partition(|(_, entry)| is_old(entry) || is_former(entry));
    let version = old.first()?.1.api_version.clone();
    let mut fields = FieldSet::default();
    for (_, entry) in old.iter().chain(kept.iter().filter(|(_, entry)| entry.is_ours())) {
        fields.unite(entry.fields.as_ref()?);
    }
    let raw = live.managed_fields();
    let mut list: Vec<Value> =
        kept.iter().filter(|(_, entry)| !entry.is_ours()).map(|(index, _)| raw[*index].clone()).collect();
    let mut ours = json!({"manager": MANAGER, "operation": "Apply", "apiVersion": version,
        "fieldsType": "FieldsV1", "fieldsV1": fields.written()});
    if let Some(time) = old.iter().find_map(|(_, entry)| entry.time.clone()) {
        ours["time"] = json!(time);
    }
    list.insert(0, ours);
    let patch = json!([
        {"op": "replace", "path": "/metadata/managedFields", "value": list},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version()},
    ]);
    let mut managers: Vec<String> = old.into_iter().map(|(_, entry)| entry.manager).collect();
    managers.dedup();
    Some(Migration { patch, managers, fields })
}

fn is_old(entry: &Entry) -> bool {
    let annotation = Path(
        ["metadata", "annotations", LAST_APPLIED]
            .map(|name| super::path::Element::Field(name.to_owned()))
            .to_vec(),
    );
    entry.operation == Operation::Update
        && entry.subresource.is_none()
        && (CREATORS.contains(&entry.manager.as_str()) || entry.owns(&annotation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(manager: &str) -> Live {
        let mut annotations = json!({});
        annotations[LAST_APPLIED] = json!("{}");
        let mut of_annotations = json!({});
        of_annotations[format!("f:{LAST_APPLIED}")] = json!({});
        Live::new(
            json!({"metadata": {"resourceVersion": "7", "annotations": annotations, "labels": {"extra": "1"}, "managedFields": [
            {"manager": manager, "operation": "Update", "apiVersion": "apps/v1", "time": "t", "fieldsType": "FieldsV1", "fieldsV1":
                {"f:metadata": {"f:annotations": of_annotations, "f:labels": {".": {}, "f:extra": {}}}, "f:spec": {"f:replicas": {}, "f:paused": {}}}},
            {"manager": "status", "operation": "Update", "apiVersion": "apps/v1", "subresource": "status", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:status": {"f:replicas": {}}}},
            {"manager": "edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:spec": {"f:paused": {}}}},
        ]}, "spec": {"replicas": 2, "paused": true}}),
        )
    }

    #[test]
    fn the_owner_of_the_annotation_is_migrated_whatever_its_name() {
        let migration = migration(&live("my-tool"), None).expect("there is something to migrate");
        assert_eq!(migration.managers, ["my-tool"]);
        let list = migration.patch[0]["value"].as_array().expect("a list");
        let names: Vec<&str> = list.iter().filter_map(|entry| entry["manager"].as_str()).collect();
        assert_eq!(names, ["rcompose", "status", "edit"]);
        assert_eq!(list[0]["operation"], "Apply");
        assert_eq!(
            migration.patch[1],
            json!({"op": "replace", "path": "/metadata/resourceVersion", "value": "7"})
        );
    }

    #[test]
    fn fields_that_the_document_lacks_vanish_unless_others_have_them() {
        let live = live("kubectl-client-side-apply");
        let document = json!({"metadata": {"labels": {"app": "x"}}, "spec": {"replicas": 3}});
        let vanishing =
            migration(&live, None).expect("there is something to migrate").vanishing(&document, &live);
        let shown: Vec<String> = vanishing.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
                "metadata.labels.extra"
            ]
        );
    }

    #[test]
    fn an_object_of_ours_needs_none() {
        for served in crate::cluster::fields::served::all() {
            assert_eq!(migration(&served.live, None), None, "{}", served.name);
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_not_touched() {
        let mut live = live("kubectl-create");
        live.value["metadata"]["managedFields"][0]["fieldsType"] = json!("FieldsV2");
        assert_eq!(migration(&live, None), None);
    }
}
