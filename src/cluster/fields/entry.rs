//! Entries of `managedFields`: which manager set which fields, how and when.

use std::collections::BTreeMap;

use serde_json::Value;

use super::MANAGER;
use super::path::Path;
use super::set::FieldSet;
use crate::cluster::object::Live;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Name of the manager.
    pub(crate) manager: String,
    /// How it set them.
    pub(crate) operation: Operation,
    /// Version that its paths are of.
    pub(crate) api_version: String,
    /// Subresource that it wrote through, such as `scale`.
    pub(crate) subresource: Option<String>,
    /// When, RFC 3339; may be absent.
    pub(crate) time: Option<String>,
    /// The fields; `None` where they are in a form that we cannot read.
    pub(crate) fields: Option<FieldSet>,
}

/// How a manager sets fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Server-side apply.
    Apply,
    /// Everything else.
    Update,
}

impl Operation {
    /// Returns the word of the API.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

impl Entry {
    fn parse(entry: &Value) -> Self {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let readable = text("fieldsType") == Some("FieldsV1");
        Self {
            manager: text("manager").unwrap_or_default().to_owned(),
            operation: if text("operation") == Some("Apply") { Operation::Apply } else { Operation::Update },
            api_version: text("apiVersion").unwrap_or_default().to_owned(),
            subresource: text("subresource").map(str::to_owned),
            time: text("time").map(str::to_owned),
            fields: entry.get("fieldsV1").filter(|_| readable).and_then(FieldSet::parse),
        }
    }

    /// Tells whether it is one of ours: what `rcompose` applied to the object itself.
    pub(crate) fn is_ours(&self) -> bool {
        self.manager == MANAGER && self.operation == Operation::Apply && self.subresource.is_none()
    }

    /// Tells whether it has a field.
    pub(crate) fn owns(&self, path: &Path) -> bool {
        self.fields.as_ref().is_some_and(|fields| fields.covers(path))
    }
}

/// Returns all entries of an object.
pub(crate) fn entries(live: &Live) -> Vec<Entry> {
    live.managed_fields().iter().map(Entry::parse).collect()
}

/// Returns the fields that we own; `None` where there is no entry of ours, or none that we can read.
pub(crate) fn own_fields(live: &Live) -> Option<FieldSet> {
    entries(live).into_iter().find(Entry::is_ours)?.fields
}

/// Returns what the server notes of our applies, but for the time: the version and the fields.
pub(crate) fn own_entry(live: &Live) -> Option<(String, Option<FieldSet>)> {
    entries(live).into_iter().find(Entry::is_ours).map(|entry| (entry.api_version, entry.fields))
}

/// Returns by shown path which manager, but us, owns a field; of several the first that the server names.
pub(crate) fn owners_by_path(live: &Live) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for entry in entries(live).into_iter().filter(|entry| !entry.is_ours()) {
        for path in entry.fields.as_ref().map(FieldSet::members).unwrap_or_default() {
            owners.entry(path.to_string()).or_insert_with(|| entry.manager.clone());
        }
    }
    owners
}

/// Returns the managers, but us, that own a field.
pub(crate) fn other_owners(live: &Live, path: &Path) -> Vec<String> {
    let mut owners: Vec<String> = entries(live)
        .into_iter()
        .filter(|entry| !entry.is_ours() && entry.owns(path))
        .map(|entry| entry.manager)
        .collect();
    owners.dedup();
    owners
}
