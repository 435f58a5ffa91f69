//! `ConfigMaps` and Secrets.

use std::collections::BTreeSet;

use k8s_openapi::ByteString;
use serde_json::Value;

use super::{Faults, Place, entries, kind};

const LIMIT: usize = 1 << 20;

pub(super) fn check(here: &Place, object: &Value, faults: &mut Faults) {
    let is_secret = kind(object) == "Secret";
    let mut keys = BTreeSet::new();
    let mut size = 0;
    for (field, encoded) in [("/data", is_secret), ("/binaryData", true), ("/stringData", false)] {
        for (key, value) in entries(object, field) {
            faults.ask(here, is_key(key), &format!("has the key {key}"));
            faults.ask(here, keys.insert(key), &format!("has the key {key} twice"));
            let text = value.as_str().unwrap_or_default();
            let bytes = if encoded {
                serde_json::from_value(value.clone()).map(|ByteString(bytes)| bytes.len()).ok()
            } else {
                Some(text.len())
            };
            match bytes {
                Some(bytes) => size += bytes,
                None => faults.add(here, &format!("holds no base64 under {key}")),
            }
        }
    }
    faults.ask(here, size <= LIMIT, &format!("holds {size} bytes"));
}

fn is_key(key: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=253).contains(&key.len()) && key.chars().all(legal) && key != "." && !key.starts_with("..")
}
