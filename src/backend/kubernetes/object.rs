//! Rendered objects, and the notes that say where their fields come from.
//!
//! A helper returns the part it made as [`Noted`]: the typed value with notes relative to that part. The one struct
//! literal of an object takes such parts in with [`Notes::at`], which puts the field's path before their notes:
//!
//! ```text
//! let mut notes = Notes::default();
//! let spec = DeploymentSpec {
//!     replicas: notes.at_opt("replicas", replicas(service)),
//!     strategy: Some(notes.at("strategy", strategy(facts))),
//!     ..
//! };
//! notes.on(spec)
//! ```
//!
//! Paths are written as the API server writes them in its messages: `spec.containers[0].image`, `metadata.labels[a.b/c]`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, Resource};
use serde::Serialize;

use crate::backend::{Document, FieldOrigin, decimal};
use crate::diag::Span;

/// A part of an object with the notes of its fields, paths relative to the part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Noted<T> {
    /// The part.
    pub(crate) value: T,
    /// Where its fields come from.
    pub(crate) origins: Vec<FieldOrigin>,
}

impl<T> Noted<T> {
    /// Makes a part that a rule alone wrote.
    pub(crate) fn by_rule(value: T, rule: &'static str) -> Self {
        Self::new(value, rule, None)
    }

    /// Makes a part that a rule made of one place in the user's files.
    pub(crate) fn written(value: T, rule: &'static str, span: Span) -> Self {
        Self::new(value, rule, Some(span))
    }

    /// Makes a part as a whole of one origin.
    pub(crate) fn new(value: T, rule: &'static str, span: Option<Span>) -> Self {
        Self { value, origins: vec![FieldOrigin { path: String::new(), span, rule }] }
    }

    /// Notes one more origin of the part as a whole.
    #[must_use]
    pub(crate) fn also(mut self, rule: &'static str, span: Option<Span>) -> Self {
        self.origins.push(FieldOrigin { path: String::new(), span, rule });
        self
    }

    /// Changes the value and keeps the notes, whose paths must still fit.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Noted<U> {
        Noted { value: change(self.value), origins: self.origins }
    }
}

/// Collects the notes of the parts of one object while its struct literal is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    origins: Vec<FieldOrigin>,
}

impl Notes {
    /// Takes a part in as the field at `path`.
    pub(crate) fn at<T>(&mut self, path: &str, part: Noted<T>) -> T {
        self.origins.extend(
            part.origins.into_iter().map(|origin| FieldOrigin { path: join(path, &origin.path), ..origin }),
        );
        part.value
    }

    /// Takes a part in, where there is one.
    pub(crate) fn at_opt<T>(&mut self, path: &str, part: Option<Noted<T>>) -> Option<T> {
        part.map(|part| self.at(path, part))
    }

    /// Takes the items of a list in, in their final order; no items, no list.
    pub(crate) fn list<T>(
        &mut self,
        path: &str,
        items: impl IntoIterator<Item = Noted<T>>,
    ) -> Option<Vec<T>> {
        let items: Vec<T> = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| self.at(&format!("{path}[{index}]"), item))
            .collect();
        (!items.is_empty()).then_some(items)
    }

    /// Takes the entries of a map in; no entries, no map.
    pub(crate) fn map<M: FromIterator<(String, T)>, T>(
        &mut self,
        path: &str,
        entries: impl IntoIterator<Item = (String, Noted<T>)>,
    ) -> Option<M> {
        let entries: Vec<(String, T)> = entries
            .into_iter()
            .map(|(key, value)| {
                let value = self.at(&format!("{path}[{key}]"), value);
                (key, value)
            })
            .collect();
        (!entries.is_empty()).then(|| entries.into_iter().collect())
    }

    /// Notes the origin of a field that the literal writes itself.
    pub(crate) fn note(&mut self, path: &str, rule: &'static str, span: Option<Span>) {
        self.origins.push(FieldOrigin { path: path.to_owned(), span, rule });
    }

    /// Puts the notes on the finished value.
    pub(crate) fn on<T>(self, value: T) -> Noted<T> {
        Noted { value, origins: self.origins }
    }
}

/// Puts two paths together.
fn join(path: &str, tail: &str) -> String {
    match (path.is_empty(), tail.is_empty()) {
        (true, _) => tail.to_owned(),
        (_, true) => path.to_owned(),
        _ if tail.starts_with('[') => format!("{path}{tail}"),
        _ => format!("{path}.{tail}"),
    }
}

/// One finished object, before it is put in order.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Kind, such as `Deployment`.
    pub(crate) kind: &'static str,
    /// Name in the cluster.
    pub(crate) name: String,
    /// Name without content hash, for files (N111).
    pub(crate) plain_name: String,
    /// The object.
    pub(crate) tree: serde_json::Value,
    /// Where its parts come from.
    pub(crate) origins: Vec<FieldOrigin>,
    /// Holds secret data in the clear (C22).
    pub(crate) secret: bool,
}

impl Object {
    /// Makes an object whose name carries no hash.
    pub(crate) fn new<T>(noted: Noted<T>) -> Self
    where
        T: Resource + Metadata<Ty = ObjectMeta> + Serialize,
    {
        let plain_name = noted.value.metadata().name.clone();
        Self::hashed(noted, plain_name.expect("every object of ours has a name"))
    }

    /// Makes an object whose name carries a hash of its content; `plain_name` is the name without it.
    pub(crate) fn hashed<T>(noted: Noted<T>, plain_name: String) -> Self
    where
        T: Resource + Metadata<Ty = ObjectMeta> + Serialize,
    {
        let name = noted.value.metadata().name.clone().expect("every object of ours has a name");
        let tree =
            serde_json::to_value(&noted.value).expect("typed objects have text keys and finite numbers");
        Self { kind: T::KIND, name, plain_name, tree, origins: noted.origins, secret: false }
    }

    /// Makes an object of a kind that a custom resource definition brings: there are no types of it.
    pub(crate) fn custom<S: Serialize>(
        kind: &'static str,
        version: &'static str,
        metadata: Noted<ObjectMeta>,
        spec: Noted<S>,
    ) -> Self {
        let name = metadata.value.name.clone().expect("every object of ours has a name");
        let tree = |value: serde_json::Result<serde_json::Value>| {
            value.expect("typed objects have text keys and finite numbers")
        };
        let mut notes = Notes::default();
        let metadata = tree(serde_json::to_value(notes.at("metadata", metadata)));
        let spec = tree(serde_json::to_value(notes.at("spec", spec)));
        let tree =
            serde_json::json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec});
        Self { kind, plain_name: name.clone(), name, tree, origins: notes.on(()).origins, secret: false }
    }

    /// Marks that it holds secret data in the clear (C22).
    #[must_use]
    pub(crate) fn with_secret_data(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Makes the artefact of it, under a file name.
    pub(crate) fn into_document(self, file_name: String) -> Document {
        let Self { kind, name, plain_name: _, tree, origins, secret } = self;
        Document {
            file_name,
            kind: kind.to_owned(),
            name,
            tree,
            key_rank,
            octal: decimal,
            signed: None,
            origins,
            secret,
        }
    }
}

/// Order of keys: what identifies an object or an item first, all else by name (`docs/design/dependencies.md`, section 4).
pub(crate) fn key_rank(parent: &str, key: &str) -> u32 {
    const FIRST: [&str; 5] = ["apiVersion", "kind", "metadata", "name", "namespace"];
    const USER_KEYS: [&str; 5] = ["annotations", "binaryData", "data", "labels", "matchLabels"];
    if USER_KEYS.contains(&parent) {
        return 0;
    }
    FIRST.iter().zip(0..).find(|(first, _)| **first == key).map_or(100, |(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths<T>(noted: &Noted<T>) -> Vec<&str> {
        noted.origins.iter().map(|origin| origin.path.as_str()).collect()
    }

    #[test]
    fn nested_parts_get_the_path_of_their_field() {
        let mut inner = Notes::default();
        let items = inner.list("items", [Noted::by_rule(1, "K1"), Noted::by_rule(2, "K2")]);
        let inner = inner.on(items);
        let mut outer = Notes::default();
        let value = outer.at("spec", inner);
        assert_eq!(value, Some(vec![1, 2]));
        assert_eq!(paths(&outer.on(())), ["spec.items[0]", "spec.items[1]"]);
    }

    #[test]
    fn keys_of_maps_stand_in_brackets() {
        let mut notes = Notes::default();
        let map: Option<std::collections::BTreeMap<String, i32>> =
            notes.map("metadata.labels", [("a.b/c".to_owned(), Noted::by_rule(1, "N10"))]);
        assert_eq!(map.map(|map| map.len()), Some(1));
        assert_eq!(paths(&notes.on(())), ["metadata.labels[a.b/c]"]);
    }

    #[test]
    fn empty_lists_are_left_out() {
        assert_eq!(Notes::default().list::<i32>("x", []), None);
    }

    #[test]
    fn identifying_keys_come_first() {
        let mut keys = ["spec", "kind", "metadata", "apiVersion"];
        keys.sort_by_key(|key| (key_rank("", key), *key));
        assert_eq!(keys, ["apiVersion", "kind", "metadata", "spec"]);
        assert_eq!(key_rank("data", "name"), key_rank("data", "a"));
    }
}
