//! What makes one tree of another, as operations of RFC 6902. Pure; knows nothing of Kubernetes but that items of its
//! lists are known by a name.

use serde_json::{Map, Value, json};

/// More pairs of items than this are not compared: the list is replaced as a whole.
const MOST_PAIRS: usize = 1 << 20;

/// Returns the operations, in the order in which they must run.
pub(super) fn operations(old: &Value, new: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    compare("", old, new, &mut found);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<Value>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(old), Value::Object(new)) => maps(path, old, new, found),
        (Value::Array(old), Value::Array(new)) => lists(path, old, new, found),
        _ => found.push(json!({ "op": "replace", "path": path, "value": new })),
    }
}

fn maps(path: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Value>) {
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        found.push(json!({ "op": "remove", "path": below(path, key) }));
    }
    for (key, value) in new {
        match old.get(key) {
            Some(old) => compare(&below(path, key), old, value, found),
            None => found.push(json!({ "op": "add", "path": below(path, key), "value": value })),
        }
    }
}

/// Items that stay keep their order among each other; the others go and come at their places.
fn lists(path: &str, old: &[Value], new: &[Value], found: &mut Vec<Value>) {
    let Some(pairs) = pairs(old, new).filter(|pairs| !pairs.is_empty()) else {
        found.push(json!({ "op": "replace", "path": path, "value": new }));
        return;
    };
    let stays =
        |index: usize, side: fn(&(usize, usize)) -> usize| pairs.iter().any(|pair| side(pair) == index);
    // From the end, so that the places of those before do not move.
    for index in (0..old.len()).rev().filter(|index| !stays(*index, |pair| pair.0)) {
        found.push(json!({ "op": "remove", "path": format!("{path}/{index}") }));
    }
    for (index, value) in new.iter().enumerate().filter(|(index, _)| !stays(*index, |pair| pair.1)) {
        found.push(json!({ "op": "add", "path": format!("{path}/{index}"), "value": value }));
    }
    for (before, after) in &pairs {
        compare(&format!("{path}/{after}"), &old[*before], &new[*after], found);
    }
}

/// Pairs items that are the same thing, as many as keep their order. `None`: too many to compare.
fn pairs(old: &[Value], new: &[Value]) -> Option<Vec<(usize, usize)>> {
    let (before, after): (Vec<String>, Vec<String>) =
        (old.iter().map(identity).collect(), new.iter().map(identity).collect());
    if before.len().checked_mul(after.len())? > MOST_PAIRS {
        return None;
    }
    // Length of the longest common part of what is left from each pair of places.
    let mut lengths = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for one in (0..before.len()).rev() {
        for other in (0..after.len()).rev() {
            lengths[one][other] = if before[one] == after[other] {
                lengths[one + 1][other + 1] + 1
            } else {
                lengths[one + 1][other].max(lengths[one][other + 1])
            };
        }
    }
    let (mut one, mut other, mut found) = (0, 0, Vec::new());
    while one < before.len() && other < after.len() {
        if before[one] == after[other] {
            found.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if lengths[one + 1][other] >= lengths[one][other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    Some(found)
}

/// What makes an item the same in two lists: its name, else all of it.
fn identity(item: &Value) -> String {
    match item.get("name").and_then(Value::as_str) {
        // A path may be mounted twice from one volume.
        Some(name) => match item.get("mountPath").and_then(Value::as_str) {
            Some(path) => format!("at {path}"),
            None => format!("name {name}"),
        },
        None => item.to_string(),
    }
}

fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs operations as RFC 6902 says.
    fn patched(old: &Value, operations: &[Value]) -> Value {
        let mut tree = old.clone();
        for operation in operations {
            let path = operation["path"].as_str().expect("a path");
            let value = operation.get("value").cloned();
            if path.is_empty() {
                tree = value.expect("a value");
                continue;
            }
            let (above, last) = path.rsplit_once('/').expect("a pointer");
            let last = last.replace("~1", "/").replace("~0", "~");
            match (tree.pointer_mut(above).expect("it is there"), operation["op"].as_str()) {
                (Value::Object(map), Some("remove")) => drop(map.remove(&last).expect("it is there")),
                (Value::Object(map), Some("add" | "replace")) => {
                    map.insert(last, value.expect("a value"));
                }
                (Value::Array(items), op) => {
                    let index: usize = last.parse().expect("an index");
                    match op {
                        Some("remove") => drop(items.remove(index)),
                        Some("add") => items.insert(index, value.expect("a value")),
                        _ => items[index] = value.expect("a value"),
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        tree
    }

    #[test]
    fn operations_make_the_new_tree_of_the_old_one() {
        let named = |names: &[&str]| -> Value {
            names.iter().map(|name| json!({"name": name, "value": format!("{}!", name.len())})).collect()
        };
        let trees = [
            json!({"a": 1, "b": {"c/d": [1, 2, 3], "e~f": "x"}}),
            json!({"a": 2, "b": {"c/d": [3, 1], "g": null}}),
            json!({"env": named(&["A", "B", "C"])}),
            json!({"env": named(&["C", "A", "NEW", "B", "LAST"])}),
            json!({"env": [{"name": "A", "value": "changed"}, {"name": "C"}]}),
            json!({"env": []}),
            json!({}),
            json!({"env": "text"}),
        ];
        for old in &trees {
            for new in &trees {
                assert_eq!(patched(old, &operations(old, new)), *new, "{old} to {new}");
            }
        }
    }

    #[test]
    fn a_changed_item_is_changed_where_it_stands() {
        let old = json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]});
        let new = json!({"env": [{"name": "B", "value": "3"}]});
        let expected = [
            json!({"op": "remove", "path": "/env/0"}),
            json!({"op": "replace", "path": "/env/0/value", "value": "3"}),
        ];
        assert_eq!(operations(&old, &new), expected);
    }

    #[test]
    fn very_long_lists_are_replaced() {
        let list = |start: usize| -> Value { (start..start + 2000).map(Value::from).collect() };
        let found = operations(&list(0), &list(1));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["op"], "replace");
    }
}
