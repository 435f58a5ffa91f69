//! The test that saves a request (A29): does the object hold exactly what we applied, and is that what we want?
//!
//! Any doubt counts as changed, never the other way: the server then judges.

use serde_json::{Map, Value};

use super::entry::{Entry, entries};
use super::path::Element;
use super::set::FieldSet;
use crate::cluster::object::{Desired, Live};

/// Tells whether applying the document would surely change nothing.
pub(crate) fn holds(desired: &Desired, live: &Live) -> bool {
    holds_for(&desired.document, &desired.identity.api_version(), live)
}

/// As [`holds`], for a document that differs from the desired one, such as one without `replicas` (A23).
pub(crate) fn holds_for(document: &Value, api_version: &str, live: &Live) -> bool {
    let ours: Vec<Entry> = entries(live).into_iter().filter(Entry::is_ours).collect();
    let [entry] = ours.as_slice() else { return false };
    let Some(fields) = entry.fields.as_ref().filter(|_| entry.api_version == api_version) else {
        return false;
    };
    let (Value::Object(want), Value::Object(have)) = (document, &live.value) else { return false };
    let root: Map<String, Value> =
        want.iter().filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind")).map(owned).collect();
    same_fields(fields, &root, have, &mut Vec::new())
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    let value = match value {
        Value::Object(metadata) if key == "metadata" => {
            let named = |key: &String| matches!(key.as_str(), "name" | "namespace");
            Value::Object(
                metadata
                    .iter()
                    .filter(|(key, _)| !named(key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            )
        }
        _ => value.clone(),
    };
    (key.clone(), value)
}

/// Compares below one place; `at` holds the names of the fields above.
fn same<'a>(set: &FieldSet, want: &'a Value, have: &Value, at: &mut Vec<&'a str>) -> bool {
    if set.children.is_empty() {
        return same_whole(want, have, at);
    }
    match (want, have) {
        (Value::Object(want), Value::Object(have)) => same_fields(set, want, have, at),
        (Value::Array(want), Value::Array(have)) => same_items(set, want, have, at),
        _ => false,
    }
}

fn same_fields<'a>(
    set: &FieldSet,
    want: &'a Map<String, Value>,
    have: &Map<String, Value>,
    at: &mut Vec<&'a str>,
) -> bool {
    let mut count = 0;
    for (key, value) in want {
        if is_stripped(key, value, at) {
            continue;
        }
        count += 1;
        let (Some(child), Some(live)) = (set.children.get(&Element::Field(key.clone())), have.get(key))
        else {
            return false;
        };
        at.push(key);
        let equal = same(child, value, live, at);
        at.pop();
        if !equal {
            return false;
        }
    }
    count == set.children.len()
}

/// The server keeps no account of metadata that only names the object.
fn is_stripped(key: &str, value: &Value, at: &[&str]) -> bool {
    at.is_empty() && key == "metadata" && value.as_object().is_some_and(Map::is_empty)
}

fn same_items<'a>(set: &FieldSet, want: &'a [Value], have: &[Value], at: &mut Vec<&'a str>) -> bool {
    // Each item has its own child: two with the same keys, or one too few, differ in number.
    want.len() == set.children.len()
        && set.children.iter().all(|(element, child)| {
            let (Some(wanted), Some(live)) = (only(want, element), only(have, element)) else { return false };
            match element {
                Element::Field(_) => false,
                Element::Key(_) => child.itself && same(child, wanted, live, at),
                Element::Value(_) | Element::Index(_) => same(child, wanted, live, at),
            }
        })
}

/// Returns the one item that an element names; `None` where there is none or more than one.
fn only<'v>(items: &'v [Value], element: &Element) -> Option<&'v Value> {
    if let Element::Index(index) = element {
        return items.get(*index);
    }
    let keys = element.keys();
    let mut named = items.iter().filter(|item| match (&keys, element) {
        (Some(keys), _) => keys.iter().all(|(key, value)| item.get(key) == Some(value)),
        (None, Element::Value(_)) => Element::of_value(item) == *element,
        (None, _) => false,
    });
    named.next().filter(|_| named.next().is_none())
}

/// Compares what one manager owns as a whole: a scalar, an atomic list or map, an empty map.
fn same_whole(want: &Value, have: &Value, at: &[&str]) -> bool {
    if at == ["spec", "volumeClaimTemplates"] {
        return same_claim_templates(want, have);
    }
    !want.is_null() && want == have
}

/// Compares lists of claim templates, but for what the server adds to them.
pub(crate) fn same_claim_templates(want: &Value, have: &Value) -> bool {
    without_defaults(want, want) == without_defaults(have, want)
}

/// Claim templates without what the server adds to them: type, status, the usual volume mode (A29).
fn without_defaults(templates: &Value, want: &Value) -> Option<Vec<Value>> {
    let templates = templates.as_array()?;
    let plain = templates.iter().enumerate().map(|(index, template)| {
        let mut template = template.clone();
        let map = template.as_object_mut()?;
        map.remove("apiVersion");
        map.remove("kind");
        map.remove("status");
        let written = want.get(index).and_then(|want| want.pointer("/spec/volumeMode")).is_some();
        if let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut)
            && !written
            && spec.get("volumeMode").and_then(Value::as_str) == Some("Filesystem")
        {
            spec.remove("volumeMode");
        }
        Some(template)
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::fields::served::{Served, all, changes_and_deletions};

    #[test]
    fn what_was_applied_is_unchanged() {
        for Served { name, desired, live } in all() {
            assert!(holds(&desired, &live), "{name}");
        }
    }

    #[test]
    fn each_change_and_each_deletion_is_seen() {
        let mut tried = 0;
        for Served { name, desired, live } in all() {
            for (what, document) in changes_and_deletions(&desired.document) {
                tried += 1;
                let changed = Desired { document, ..desired.clone() };
                assert!(!holds(&changed, &live), "{name}: {what}");
            }
        }
        assert!(tried > 1000, "{tried}");
    }

    #[test]
    fn each_change_of_a_live_value_is_seen() {
        let mut tried = 0;
        for Served { name, desired, live } in all() {
            let own = crate::cluster::fields::entry::own_fields(&live).expect("we applied it");
            for path in own.members() {
                let Some(value) =
                    path.value_in(&live.value).filter(|value| !value.is_object() && !value.is_array())
                else {
                    continue;
                };
                let mut moved = live.clone();
                path.put_in(&mut moved.value, json!(format!("{value}x")));
                tried += 1;
                assert!(!holds(&desired, &moved), "{name}: {path}");
            }
        }
        assert!(tried > 400, "{tried}");
    }

    #[test]
    fn fields_that_others_add_are_not_ours() {
        for Served { name, desired, mut live } in all() {
            live.value["metadata"]["annotations"]["of.others/x"] = json!("1");
            live.value["status"] = json!({"observedGeneration": 3});
            assert!(holds(&desired, &live), "{name}");
        }
    }

    #[test]
    fn doubt_about_the_entry_is_a_change() {
        let Served { desired, live, .. } = all().swap_remove(0);
        let with = |change: fn(&mut Value)| {
            let mut live = live.clone();
            change(&mut live.value["metadata"]["managedFields"]);
            holds(&desired, &live)
        };
        assert!(with(|_| {}));
        assert!(!with(|entries| *entries = json!([])));
        assert!(!with(|entries| entries[0]["apiVersion"] = json!("v9")));
        assert!(!with(|entries| entries[0]["fieldsType"] = json!("FieldsV2")));
        assert!(!with(|entries| entries[0]["manager"] = json!("kubectl")));
        assert!(!with(|entries| entries[0]["subresource"] = json!("scale")));
        assert!(!with(|entries| {
            let first = entries[0].clone();
            entries.as_array_mut().expect("a list").push(first);
        }));
    }
}
