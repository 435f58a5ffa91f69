//! `values.yaml` while it grows: what fills the holes, so that the default chart is the raw objects.

use serde_json::{Map, Value};

/// The values.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// By service, then by name of the value.
    services: Map<String, Value>,
    /// By claim.
    volumes: Map<String, Value>,
    /// By plain name of the Secret.
    secrets: Map<String, Value>,
}

impl Values {
    /// Sets a value of a service, such as `image`.
    pub(super) fn of_service(&mut self, service: &str, name: &str, value: Value) {
        inner(&mut self.services, service).insert(name.to_owned(), value);
    }

    /// Sets a variable of a service.
    pub(super) fn variable(&mut self, service: &str, name: &str, value: &str) {
        inner(inner(&mut self.services, service), "env").insert(name.to_owned(), value.into());
    }

    /// Returns the value of a variable that was set.
    pub(super) fn get_variable(&self, service: &str, name: &str) -> Option<&str> {
        self.services.get(service)?.get("env")?.get(name)?.as_str()
    }

    /// Sets the values of a claim.
    pub(super) fn volume(&mut self, name: &str, value: Value) {
        self.volumes.insert(name.to_owned(), value);
    }

    /// Sets the values of a Secret.
    pub(super) fn secret(&mut self, name: &str, value: Value) {
        self.secrets.insert(name.to_owned(), value);
    }

    /// Returns the names of services.
    pub(super) fn services(&self) -> impl Iterator<Item = &String> {
        self.services.keys()
    }

    /// Tells whether secret data stands in it in the clear.
    pub(super) fn has_secret_data(&self) -> bool {
        self.secrets.values().any(|secret| secret["data"].as_object().is_some_and(|data| !data.is_empty()))
    }

    /// Returns the whole tree.
    pub(super) fn tree(&self) -> Value {
        let mut tree = Map::new();
        for (name, map) in
            [("services", &self.services), ("volumes", &self.volumes), ("secrets", &self.secrets)]
        {
            tree.insert(name.to_owned(), Value::Object(map.clone()));
        }
        tree.insert("imagePullSecrets".to_owned(), Value::Array(Vec::new()));
        tree.insert("commonAnnotations".to_owned(), Value::Object(Map::new()));
        Value::Object(tree)
    }
}

fn inner<'m>(map: &'m mut Map<String, Value>, key: &str) -> &'m mut Map<String, Value> {
    let value = map.entry(key.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    value.as_object_mut().expect("only maps are put in here")
}

/// Order of keys in `values.yaml`: what people change most stands first.
pub(super) fn key_rank(parent: &str, key: &str) -> u32 {
    const FIRST: [&str; 12] = [
        "services",
        "volumes",
        "secrets",
        "imagePullSecrets",
        "commonAnnotations",
        "image",
        "replicas",
        "repository",
        "tag",
        "digest",
        "type",
        "size",
    ];
    // Names of users are sorted as names.
    if matches!(
        parent,
        "services" | "volumes" | "secrets" | "env" | "data" | "podAnnotations" | "annotations"
    ) {
        return 0;
    }
    FIRST.iter().zip(0..).find(|(first, _)| **first == key).map_or(100, |(_, rank)| rank)
}
