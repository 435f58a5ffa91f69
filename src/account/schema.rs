//! The JSON schema of `rcompose.report.v1` (C25).

use serde_json::{Value, json};

use super::Fate;

/// Returns the schema of what [`json`](super::json) renders.
pub(crate) fn report_schema() -> Value {
    let text = json!({"type": "string"});
    let count = json!({"type": "integer", "minimum": 0});
    let object = |required: &[&str], properties: Value| {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": required,
            "properties": properties,
        })
    };
    let position = object(
        &["line", "column", "offset"],
        json!({
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
            "offset": count,
        }),
    );
    let range = object(&["start", "end"], json!({"start": position, "end": position}));
    let finding = object(
        &["code", "level", "message"],
        json!({
            "code": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"},
            "level": {"enum": ["error", "warning", "note", "allowed"]},
            "outcome": {"enum": ["approximated", "dropped", "refused"]},
            "message": text,
        }),
    );
    let field = object(
        &["object", "file", "rule"],
        json!({
            "object": text,
            "file": text,
            "path": text,
            "rule": {"type": "string", "pattern": "^[A-Z][0-9]+$"},
        }),
    );
    let words = Fate::ALL.map(Fate::word);
    let key = object(
        &["path", "key", "file", "range", "outcome", "fields", "findings"],
        json!({
            "path": text,
            "key": text,
            "service": text,
            "file": text,
            "range": range,
            "outcome": {"enum": words},
            "fields": {"type": "array", "items": field},
            "findings": {"type": "array", "items": finding},
        }),
    );
    let counts: serde_json::Map<String, Value> =
        words.iter().map(|word| ((*word).to_owned(), count.clone())).collect();
    let mut schema = object(
        &["schema", "project", "target", "keys", "others", "summary"],
        json!({
            "schema": {"const": "rcompose.report.v1"},
            "project": text,
            "target": {"enum": ["kubernetes", "kustomize", "helm", "swarm"]},
            "keys": {"type": "array", "items": key},
            "others": {"type": "array", "items": finding},
            "summary": object(&words, counts.into()),
        }),
    );
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("rcompose.report.v1");
    schema
}
