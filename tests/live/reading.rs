//! What tests read: of plans and reports, of objects and who owns their fields.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::Run;
use crate::project::Project;

/// Returns what a plan says of one object.
pub(crate) fn find<'p>(plan: &'p Value, object: &str) -> &'p Value {
    let changes = plan["changes"].as_array().expect("a plan has changes").iter();
    let named = |change: &&Value| {
        change["kind"]
            .as_str()
            .zip(change["name"].as_str())
            .is_some_and(|(kind, name)| object == format!("{kind}/{name}"))
    };
    changes.into_iter().find(named).unwrap_or_else(|| panic!("no {object} in {plan:#}"))
}

/// Returns the report of a run that wrote: it stands behind the plan.
pub(crate) fn result(run: &Run) -> Value {
    let mut documents = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>();
    let result = documents.by_ref().last().expect("a report").expect("it is JSON");
    assert_eq!(result["schema"], "rcompose.result.v1", "{}{}", run.stdout, run.stderr);
    result
}

/// Returns what became of each object by a report.
pub(crate) fn outcomes(result: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let objects = result["objects"].as_array().expect("a report has objects").iter();
    objects.map(|object| (text(&object["object"]), text(&object["state"]))).collect()
}

/// Returns the state that the parent holds.
pub(crate) fn state(project: &Project) -> Value {
    let parent = project.get("configmap/rcompose.shop");
    serde_json::from_str(parent["data"]["state.json"].as_str().expect("a state")).expect("it is JSON")
}

/// Returns `MANAGER OPERATION` of those who own fields of an object, but for its status and what controllers write beside it.
pub(crate) fn managers(object: &Value) -> Vec<String> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array).expect("it is managed");
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let of_main = entries.iter().filter(|entry| entry["subresource"].is_null());
    of_main
        .map(|entry| format!("{} {}", text(entry, "manager"), text(entry, "operation")))
        .filter(|manager| !manager.starts_with("kube-controller-manager "))
        .collect()
}
