//! Walks two states of an object side by side, lists by the keys of their items.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::cluster::fields::path::{Element, Path};
use crate::cluster::list_keys::{self, ListType};
use crate::cluster::plan::change::{FieldChange, Op};
use crate::cluster::redact::{Redactor, is_secret_place};
use crate::diag::looks_secret;

pub(super) fn walk(kind: &str, before: &Value, after: &Value, redactor: &Redactor) -> Vec<FieldChange> {
    let mut walker = Walker { kind, redactor, path: Path::default(), names: Vec::new(), changes: Vec::new() };
    walker.compare(Some(before), Some(after));
    walker.changes
}

struct Walker<'a> {
    kind: &'a str,
    redactor: &'a Redactor,
    path: Path,
    /// Names of the fields above, items left out.
    names: Vec<String>,
    changes: Vec<FieldChange>,
}

impl Walker<'_> {
    fn compare(&mut self, before: Option<&Value>, after: Option<&Value>) {
        if before == after {
            return;
        }
        match (before, after) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => self.fields(Some(one), Some(other)),
            // What comes or goes as a whole is told field by field.
            (Some(Value::Object(one)), None) if !one.is_empty() => self.fields(Some(one), None),
            (None, Some(Value::Object(other))) if !other.is_empty() => self.fields(None, Some(other)),
            (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => self.list(before, after),
            _ => self.note(before, after),
        }
    }

    fn fields(&mut self, before: Option<&Map<String, Value>>, after: Option<&Map<String, Value>>) {
        let keys: BTreeSet<&String> = before.into_iter().chain(after).flat_map(Map::keys).collect();
        for key in keys {
            self.path.0.push(Element::Field(key.clone()));
            self.names.push(key.clone());
            self.compare(before.and_then(|map| map.get(key)), after.and_then(|map| map.get(key)));
            self.names.pop();
            self.path.0.pop();
        }
    }

    fn list(&mut self, before: Option<&Value>, after: Option<&Value>) {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let keys = list_keys::of(self.kind, &names);
        let (one, other) = (items(before), items(after));
        let (Some(one_keys), Some(other_keys)) = (elements(keys, one), elements(keys, other)) else {
            return self.note(before, after);
        };
        for (element, item) in one_keys.iter().zip(one) {
            let twin = other_keys.iter().position(|key| key == element).and_then(|index| other.get(index));
            self.item(element, Some(item), twin, keys);
        }
        for (element, item) in other_keys.iter().zip(other) {
            if !one_keys.contains(element) {
                self.item(element, None, Some(item), keys);
            }
        }
        self.order(&one_keys, &other_keys);
    }

    /// Compares one item of a list; its keys name it and are no news.
    fn item(&mut self, element: &Element, before: Option<&Value>, after: Option<&Value>, keys: ListType) {
        self.path.0.push(element.clone());
        match keys {
            ListType::Map(keys) if before.is_none() || after.is_none() => {
                let (one, other) =
                    (before.map(|item| without(item, keys)), after.map(|item| without(item, keys)));
                let is_bare =
                    |item: &Option<Value>| item.as_ref().and_then(Value::as_object).is_none_or(Map::is_empty);
                if is_bare(&one) && is_bare(&other) {
                    self.note(before, after);
                } else {
                    self.compare(one.as_ref(), other.as_ref());
                }
            }
            _ => self.compare(before, after),
        }
        self.path.0.pop();
    }

    /// Says when the items that both have stand in another order: containers start and variables expand in it.
    fn order(&mut self, before: &[Element], after: &[Element]) {
        let common = |one: &[Element], other: &[Element]| -> Vec<String> {
            one.iter().filter(|element| other.contains(element)).map(shown).collect()
        };
        let (one, other) = (common(before, after), common(after, before));
        if one != other {
            self.changes.push(FieldChange {
                path: format!("{} (order)", self.path),
                op: Op::Replace,
                before: Some(Value::from(one)),
                after: Some(Value::from(other)),
                masked: false,
                owner: None,
            });
        }
    }

    fn note(&mut self, before: Option<&Value>, after: Option<&Value>) {
        let path = self.path.to_string();
        let secret = is_secret_place(self.kind, &path) || self.is_secret_variable();
        let shown =
            |value: &Value| if secret { self.redactor.mask(value) } else { self.redactor.value(value) };
        let (one, other) = (before.map(shown), after.map(shown));
        let op = match (before, after) {
            (None, _) => Op::Add,
            (_, None) => Op::Remove,
            _ => Op::Replace,
        };
        let masked = one.as_ref() != before || other.as_ref() != after;
        self.changes.push(FieldChange { path, op, before: one, after: other, masked, owner: None });
    }

    /// Tells whether we stand at the value of a variable whose name says that it is secret.
    fn is_secret_variable(&self) -> bool {
        let [.., Element::Field(list), element, Element::Field(value)] = self.path.0.as_slice() else {
            return false;
        };
        let name = element.keys().and_then(|keys| keys.get("name").and_then(Value::as_str).map(looks_secret));
        list == "env" && value == "value" && name == Some(true)
    }
}

fn items(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Names the items of a list; `None` where it is atomic, or an item lacks a key or shares it with another.
fn elements(keys: ListType, items: &[Value]) -> Option<Vec<Element>> {
    let elements: Vec<Element> = match keys {
        ListType::Atomic => return None,
        ListType::Set => items.iter().map(Element::of_value).collect(),
        ListType::Map(keys) => {
            let named = items.iter().map(|item| {
                let pairs = keys.iter().map(|key| Some(((*key).to_owned(), item.get(key)?.clone())));
                Some(Element::of_keys(&pairs.collect::<Option<Map<String, Value>>>()?))
            });
            named.collect::<Option<Vec<Element>>>()?
        }
    };
    let unique: BTreeSet<&Element> = elements.iter().collect();
    (unique.len() == elements.len()).then_some(elements)
}

fn without(item: &Value, keys: &[&str]) -> Value {
    let mut item = item.clone();
    if let Some(map) = item.as_object_mut() {
        map.retain(|key, _| !keys.contains(&key.as_str()));
    }
    item
}

fn shown(element: &Element) -> String {
    Path(vec![element.clone()]).to_string().trim_matches(['[', ']']).to_owned()
}
