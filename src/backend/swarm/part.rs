//! Parts of a stack file while it is put together: values with notes that say where they come from.
//!
//! Paths are `services.web.ports[0].published`; keys that their author chose and that hold a dot stand in brackets.

use serde_json::{Map, Value};

use crate::backend::FieldOrigin;
use crate::diag::{Span, Spanned};

/// A value and where its parts come from; paths begin at the value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// The value.
    pub(crate) value: Value,
    /// Where its parts come from.
    pub(crate) origins: Vec<FieldOrigin>,
}

impl Part {
    /// Makes a value of one origin.
    pub(crate) fn new(value: impl Into<Value>, rule: &'static str, span: Option<Span>) -> Self {
        Self { value: value.into(), origins: vec![FieldOrigin { path: String::new(), span, rule }] }
    }

    /// Makes a value that a rule made of one place in the user's files.
    pub(crate) fn written(value: impl Into<Value>, rule: &'static str, span: Span) -> Self {
        Self::new(value, rule, Some(span))
    }

    /// Makes a value that a rule alone wrote.
    pub(crate) fn by_rule(value: impl Into<Value>, rule: &'static str) -> Self {
        Self::new(value, rule, None)
    }

    /// Notes one more origin of the value as a whole.
    #[must_use]
    pub(crate) fn also(mut self, rule: &'static str, span: Option<Span>) -> Self {
        self.origins.push(FieldOrigin { path: String::new(), span, rule });
        self
    }

    /// Makes a list; no items, no list.
    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut values = Vec::new();
        let mut origins = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            values.push(item.value);
            origins.extend(nested(&format!("[{index}]"), item.origins));
        }
        (!values.is_empty()).then_some(Self { value: Value::Array(values), origins })
    }

    /// Makes a list in which nothing stands twice, as the schema of stack files asks; the first place stays.
    pub(crate) fn unique_list(items: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut kept: Vec<Self> = Vec::new();
        for item in items {
            if !kept.iter().any(|other| other.value == item.value) {
                kept.push(item);
            }
        }
        Self::list(kept)
    }

    /// Makes a map whose keys are the author's; no entries, no map.
    pub(crate) fn map(entries: impl IntoIterator<Item = (String, Self)>) -> Option<Self> {
        let mut object = Object::default();
        entries.into_iter().for_each(|(key, part)| object.put(&key, part));
        object.into_part()
    }
}

/// Makes a list of the texts that users wrote, nothing twice.
pub(crate) fn texts(values: &[Spanned<String>], rule: &'static str) -> Option<Part> {
    Part::unique_list(values.iter().map(|text| Part::written(text.value.as_str(), rule, text.span)))
}

/// Makes a map of texts that users wrote.
pub(crate) fn text_map<'a>(
    entries: impl IntoIterator<Item = (&'a String, &'a Spanned<String>)>,
    rule: &'static str,
) -> Option<Part> {
    Part::map(
        entries
            .into_iter()
            .map(|(key, text)| (key.clone(), Part::written(text.value.as_str(), rule, text.span))),
    )
}

/// An object while its keys are put in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    fields: Map<String, Value>,
    origins: Vec<FieldOrigin>,
}

impl Object {
    /// Puts a part in.
    pub(crate) fn put(&mut self, key: &str, part: Part) {
        let path = if key.contains(['.', '[', ']']) { format!("[{key}]") } else { key.to_owned() };
        self.origins.extend(nested(&path, part.origins));
        self.fields.insert(key.to_owned(), part.value);
    }

    /// Puts a part in, where there is one.
    pub(crate) fn put_opt(&mut self, key: &str, part: Option<Part>) {
        if let Some(part) = part {
            self.put(key, part);
        }
    }

    /// Puts in what a user wrote, where it was written.
    pub(crate) fn put_written<T: Clone + Into<Value>>(
        &mut self,
        key: &str,
        rule: &'static str,
        value: Option<&Spanned<T>>,
    ) {
        self.put_opt(key, value.map(|value| Part::written(value.value.clone(), rule, value.span)));
    }

    /// Tells whether nothing was put in.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Finishes it; nothing where nothing was put in.
    pub(crate) fn into_part(self) -> Option<Part> {
        (!self.is_empty()).then(|| self.into_part_even_if_empty())
    }

    /// Finishes it.
    pub(crate) fn into_part_even_if_empty(self) -> Part {
        Part { value: Value::Object(self.fields), origins: self.origins }
    }
}

fn nested(path: &str, origins: Vec<FieldOrigin>) -> impl Iterator<Item = FieldOrigin> + use<'_> {
    origins.into_iter().map(move |origin| FieldOrigin { path: join(path, &origin.path), ..origin })
}

fn join(path: &str, tail: &str) -> String {
    match (path.is_empty(), tail.is_empty()) {
        (true, _) => tail.to_owned(),
        (_, true) => path.to_owned(),
        _ if tail.starts_with('[') => format!("{path}{tail}"),
        _ => format!("{path}.{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_get_the_path_of_what_they_are_in() {
        let mut item = Object::default();
        item.put("target", Part::by_rule(80, "S70"));
        let mut service = Object::default();
        service.put_opt("ports", Part::list([item.into_part_even_if_empty()]));
        let services = Part::map([("my.web".to_owned(), service.into_part_even_if_empty())]);
        let part = services.expect("it has an entry");
        assert_eq!(part.value, serde_json::json!({"my.web": {"ports": [{"target": 80}]}}));
        let paths: Vec<_> = part.origins.iter().map(|origin| origin.path.as_str()).collect();
        assert_eq!(paths, ["[my.web].ports[0].target"]);
    }

    #[test]
    fn nothing_stands_twice_in_a_set() {
        let list = Part::unique_list(["a", "b", "a"].map(|text| Part::by_rule(text, "S32")));
        assert_eq!(list.map(|part| part.value), Some(serde_json::json!(["a", "b"])));
        assert_eq!(Part::list([]), None);
    }
}
