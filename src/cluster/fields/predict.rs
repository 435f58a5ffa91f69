//! What an apply would make of an object, without asking: for steps that a dry-run cannot chain, and for those who may only
//! read (A101). The server knows its defaults and we do not, so this is approximate.

use serde_json::{Map, Value};

use super::entry::{Entry, entries};
use super::path::Path;
use super::set::FieldSet;
use crate::cluster::list_keys::{self, ListType};
use crate::cluster::object::Live;

/// Returns the object after an apply of the document, with `owned` the fields that are ours before it.
pub(crate) fn applied(kind: &str, document: &Value, live: &Live, owned: &FieldSet) -> Value {
    let mut result = live.value.clone();
    let others: Vec<Entry> = entries(live).into_iter().filter(|entry| !entry.is_ours()).collect();
    remove(document, owned, &others, &mut result);
    overlay(kind, &mut Vec::new(), &mut result, document);
    result
}

/// Takes out what was ours alone and the document no longer has, the deepest first.
fn remove(document: &Value, owned: &FieldSet, others: &[Entry], result: &mut Value) {
    let mut gone: Vec<Path> = owned
        .members()
        .into_iter()
        .filter(|path| path.value_in(document).is_none() && !others.iter().any(|entry| entry.owns(path)))
        .collect();
    // An item that loses its keys first is not found again by them: it goes as a whole.
    let is_item = |path: &&Path| path.0.last().is_some_and(|element| element.keys().is_some());
    let items: Vec<Path> = gone.iter().filter(is_item).cloned().collect();
    gone.retain(|path| !items.iter().any(|item| path != item && path.starts_with(item)));
    gone.sort_by_key(|path| usize::MAX - path.0.len());
    for path in gone {
        path.remove_from(result);
    }
}

fn overlay<'a>(kind: &str, at: &mut Vec<&'a str>, result: &mut Value, document: &'a Value) {
    match (&mut *result, document) {
        (Value::Object(have), Value::Object(want)) if !list_keys::is_atomic_map(at) => {
            overlay_fields(kind, at, have, want);
        }
        (Value::Array(have), Value::Array(want)) => match list_keys::of(kind, at) {
            ListType::Map(keys) => overlay_items(kind, at, have, want, keys),
            ListType::Set => {
                let new: Vec<Value> = want.iter().filter(|item| !have.contains(item)).cloned().collect();
                have.extend(new);
            }
            ListType::Atomic => have.clone_from(want),
        },
        _ => *result = document.clone(),
    }
}

fn overlay_fields<'a>(
    kind: &str,
    at: &mut Vec<&'a str>,
    have: &mut Map<String, Value>,
    want: &'a Map<String, Value>,
) {
    for (key, value) in want {
        at.push(key);
        match have.get_mut(key) {
            Some(live) => overlay(kind, at, live, value),
            None => {
                have.insert(key.clone(), value.clone());
            }
        }
        at.pop();
    }
}

fn overlay_items<'a>(
    kind: &str,
    at: &mut Vec<&'a str>,
    have: &mut Vec<Value>,
    want: &'a [Value],
    keys: &[&str],
) {
    for item in want {
        let twin = have.iter_mut().find(|live| keys.iter().all(|key| live.get(key) == item.get(key)));
        match twin {
            Some(live) => overlay(kind, at, live, item),
            None => have.push(item.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::fields::entry::own_fields;
    use crate::cluster::fields::served::{Served, all, one};

    #[test]
    fn an_unchanged_document_changes_nothing() {
        for Served { name, desired, live } in all() {
            let own = own_fields(&live).expect("we applied it");
            let after = applied(&desired.identity.kind, &desired.document, &live, &own);
            let redactor = crate::cluster::redact::Redactor::new([0; 32]);
            let changes =
                crate::cluster::diff::compare(&desired.identity.kind, &live.value, &after, &redactor);
            // Claim templates are atomic, and the server adds to them.
            let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
            assert!(paths.iter().all(|path| *path == "spec.volumeClaimTemplates"), "{name}: {paths:?}");
        }
    }

    #[test]
    fn fields_of_ours_go_and_those_of_others_stay() {
        let Served { mut desired, mut live, .. } = one("deployment-web");
        live.value["metadata"]["labels"]["theirs"] = json!("1");
        desired.document["metadata"]["labels"]
            .as_object_mut()
            .expect("labels")
            .remove("app.kubernetes.io/part-of");
        desired.document["spec"]["template"]["spec"]["containers"][0]["image"] = json!("other:1");
        let own = own_fields(&live).expect("we applied it");
        let after = applied("Deployment", &desired.document, &live, &own);
        let labels = &after["metadata"]["labels"];
        assert_eq!((labels.get("app.kubernetes.io/part-of"), &labels["theirs"]), (None, &json!("1")));
        assert_eq!(after["spec"]["template"]["spec"]["containers"][0]["image"], "other:1");
    }

    #[test]
    fn an_item_of_a_list_goes_as_a_whole() {
        let env = json!([{"name": "KEPT", "value": "1"}, {"name": "GONE", "value": "2"}]);
        let of = |env: Value| json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "env": env}]}}}});
        let item = json!({".": {}, "f:name": {}, "f:value": {}});
        let owned = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:name": {},
            "f:env": {".": {}, "k:{\"name\":\"KEPT\"}": item, "k:{\"name\":\"GONE\"}": item}}}}}}});
        let owned = FieldSet::parse(&owned).expect("a set");
        let document = of(json!([{"name": "KEPT", "value": "1"}]));
        assert_eq!(applied("Deployment", &document, &Live::new(of(env)), &owned), document);
    }
}
