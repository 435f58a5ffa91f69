//! Paths to fields, with the items of lists named by their keys, as `managedFields` names them.

use std::fmt;

use serde_json::{Map, Value};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Element {
    /// Field of a struct, key of a map (`f:`).
    Field(String),
    /// Item of a list by its keys (`k:`): JSON text with sorted keys and no blanks.
    Key(String),
    /// Item of a set by its value (`v:`): JSON text.
    Value(String),
    /// Item of a list by its place (`i:`).
    Index(usize),
}

impl Element {
    /// Names the item of a list with these keys.
    pub(crate) fn of_keys(keys: &Map<String, Value>) -> Self {
        Self::Key(text(&Value::Object(keys.clone())))
    }

    /// Names the item of a set.
    pub(crate) fn of_value(value: &Value) -> Self {
        Self::Value(text(value))
    }

    /// Reads `f:spec`, `k:{"name":"web"}`, `v:"x"`, `i:0`.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        let (sort, rest) = written.split_once(':')?;
        Some(match sort {
            "f" => Self::Field(rest.to_owned()),
            "k" => Self::of_keys(serde_json::from_str::<Value>(rest).ok()?.as_object()?),
            "v" => Self::of_value(&serde_json::from_str(rest).ok()?),
            "i" => Self::Index(rest.parse().ok()?),
            _ => return None,
        })
    }

    /// Writes what [`Element::parse`] reads.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(keys) => format!("k:{keys}"),
            Self::Value(value) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    /// Returns the keys of a `k:` item.
    pub(crate) fn keys(&self) -> Option<Map<String, Value>> {
        let Self::Key(keys) = self else { return None };
        serde_json::from_str(keys).ok()
    }

    /// Writes it as the API server does in messages, where a dot in a name cannot be told from one between names (A22).
    fn in_messages(&self) -> String {
        match self {
            Self::Field(name) => format!(".{name}"),
            Self::Key(_) => {
                let keys = self.keys().unwrap_or_default();
                let pairs: Vec<String> =
                    keys.iter().map(|(key, value)| format!("{key}={}", text(value))).collect();
                format!("[{}]", pairs.join(","))
            }
            Self::Value(value) => format!("[={value}]"),
            Self::Index(index) => format!("[{index}]"),
        }
    }
}

/// serde's maps are sorted, so equal keys give equal text.
fn text(value: &Value) -> String {
    value.to_string()
}

/// A path from the root of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(pub(crate) Vec<Element>);

impl Path {
    /// Makes a path of fields only, written with dots.
    pub(crate) fn fields(dotted: &str) -> Self {
        Self(dotted.split('.').map(|name| Element::Field(name.to_owned())).collect())
    }

    /// Returns the path one step further.
    #[must_use]
    pub(crate) fn join(&self, element: Element) -> Self {
        let mut elements = self.0.clone();
        elements.push(element);
        Self(elements)
    }

    /// Tells whether it is, or lies below, another one.
    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Finds its value in an object.
    pub(crate) fn value_in<'v>(&self, object: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(object, |value, element| step(value, element))
    }

    /// Takes its value out of an object; maps that this empties stay.
    pub(crate) fn remove_from(&self, object: &mut Value) -> Option<Value> {
        let (last, above) = self.0.split_last()?;
        let mut value = object;
        for element in above {
            value = step_mut(value, element)?;
        }
        match (last, &mut *value) {
            (Element::Field(name), Value::Object(map)) => map.remove(name),
            (_, Value::Array(items)) => position(items, last).map(|index| items.remove(index)),
            _ => None,
        }
    }

    /// Puts a value there, where all above it exists.
    pub(crate) fn put_in(&self, object: &mut Value, new: Value) -> Option<()> {
        let (last, above) = self.0.split_last()?;
        let mut value = object;
        for element in above {
            value = step_mut(value, element)?;
        }
        match (last, value) {
            (Element::Field(name), Value::Object(map)) => {
                map.insert(name.clone(), new);
                Some(())
            }
            (_, Value::Array(items)) => {
                let index = position(items, last)?;
                items[index] = new;
                Some(())
            }
            _ => None,
        }
    }

    /// Writes it as messages of the API server do.
    pub(crate) fn in_messages(&self) -> String {
        self.0.iter().map(Element::in_messages).collect()
    }

    /// Returns its steps with the items of lists by their place in `object`, as origins name them.
    pub(crate) fn by_index(&self, object: &Value) -> Option<Vec<String>> {
        let mut value = object;
        let mut steps = Vec::with_capacity(self.0.len());
        for element in &self.0 {
            steps.push(match (element, value) {
                (Element::Field(name), _) => name.clone(),
                (_, Value::Array(items)) => position(items, element)?.to_string(),
                _ => return None,
            });
            value = step(value, element)?;
        }
        Some(steps)
    }
}

fn step<'v>(value: &'v Value, element: &Element) -> Option<&'v Value> {
    match (element, value) {
        (Element::Field(name), Value::Object(map)) => map.get(name),
        (_, Value::Array(items)) => items.get(position(items, element)?),
        _ => None,
    }
}

fn step_mut<'v>(value: &'v mut Value, element: &Element) -> Option<&'v mut Value> {
    match (element, value) {
        (Element::Field(name), Value::Object(map)) => map.get_mut(name),
        (_, Value::Array(items)) => {
            let index = position(items, element)?;
            items.get_mut(index)
        }
        _ => None,
    }
}

fn position(items: &[Value], element: &Element) -> Option<usize> {
    match element {
        Element::Field(_) => None,
        Element::Key(_) => {
            let keys = element.keys()?;
            items.iter().position(|item| keys.iter().all(|(key, value)| item.get(key) == Some(value)))
        }
        Element::Value(written) => items.iter().position(|item| text(item) == *written),
        Element::Index(index) => (*index < items.len()).then_some(*index),
    }
}

/// `spec.template.spec.containers[web].ports[80/TCP].name`, `metadata.labels[a.b/c]`.
impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, element) in self.0.iter().enumerate() {
            match element {
                Element::Field(name) if is_plain(name) && index == 0 => formatter.write_str(name)?,
                Element::Field(name) if is_plain(name) => write!(formatter, ".{name}")?,
                Element::Field(name) => write!(formatter, "[{name}]")?,
                Element::Key(_) => {
                    let keys = element.keys().unwrap_or_default();
                    let values: Vec<String> = keys.values().map(bare).collect();
                    write!(formatter, "[{}]", values.join("/"))?;
                }
                Element::Value(written) => {
                    let value = serde_json::from_str::<Value>(written).map(|value| bare(&value));
                    write!(formatter, "[{}]", value.as_deref().unwrap_or(written))?;
                }
                Element::Index(place) => write!(formatter, "[{place}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| text(value), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(elements: &[&str]) -> Path {
        Path(elements.iter().map(|element| Element::parse(element).expect("a legal element")).collect())
    }

    #[test]
    fn paths_are_shown_by_the_keys_of_items() {
        let shown = |elements: &[&str]| path(elements).to_string();
        assert_eq!(
            shown(&["f:spec", "f:containers", "k:{\"name\":\"web\"}", "f:image"]),
            "spec.containers[web].image"
        );
        assert_eq!(shown(&["f:ports", "k:{\"protocol\":\"TCP\",\"containerPort\":80}"]), "ports[80/TCP]");
        assert_eq!(shown(&["f:metadata", "f:labels", "f:a.b/c"]), "metadata.labels[a.b/c]");
        assert_eq!(shown(&["f:finalizers", "v:\"x/y\""]), "finalizers[x/y]");
    }

    #[test]
    fn messages_name_them_otherwise() {
        let path = path(&["f:ports", "k:{\"protocol\":\"TCP\",\"containerPort\":80}", "f:name"]);
        assert_eq!(path.in_messages(), ".ports[containerPort=80,protocol=\"TCP\"].name");
    }

    #[test]
    fn items_are_found_by_their_keys() {
        let mut object = json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]});
        let path = path(&["f:env", "k:{\"name\":\"B\"}", "f:value"]);
        assert_eq!(path.value_in(&object), Some(&json!("2")));
        assert_eq!(path.by_index(&object), Some(vec!["env".into(), "1".into(), "value".into()]));
        assert_eq!(path.put_in(&mut object, json!("3")), Some(()));
        assert_eq!(path.remove_from(&mut object), Some(json!("3")));
        assert_eq!(object, json!({"env": [{"name": "A", "value": "1"}, {"name": "B"}]}));
    }

    #[test]
    fn nonsense_is_no_element() {
        for written in ["", ".", "x:1", "k:1", "k:{", "v:", "i:-1"] {
            assert_eq!(Element::parse(written), None, "{written}");
        }
    }
}
