//! The JSON schema of `rcompose.check.v1` (C41).

use serde_json::{Value, json};

/// Returns the schema of what [`json`](super::json()) renders.
pub(crate) fn check_schema() -> Value {
    let text = json!({"type": "string"});
    let count = json!({"type": "integer", "minimum": 0});
    let position = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["line", "column", "offset"],
        "properties": {
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
            "offset": count,
        },
    });
    let range = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["start", "end"],
        "properties": {"start": position, "end": position},
    });
    let label = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["file", "range", "text"],
        "properties": {"file": text, "range": range, "text": text},
    });
    let diagnostic = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["code", "level", "message"],
        "properties": {
            "code": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"},
            "level": {"enum": ["error", "warning", "note", "allowed"]},
            "outcome": {"enum": ["approximated", "dropped", "refused"]},
            "target": text,
            "service": text,
            "message": text,
            "file": text,
            "range": range,
            "path": text,
            "label": text,
            "labels": {"type": "array", "items": label},
            "trace": {"type": "array", "items": text},
            "help": text,
            "suggestion": {"type": "object", "required": ["replace"], "properties": {"replace": text}},
            "reason": text,
        },
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rcompose.check.v1",
        "type": "object",
        "additionalProperties": false,
        "required": ["schema", "diagnostics", "summary"],
        "properties": {
            "schema": {"const": "rcompose.check.v1"},
            "diagnostics": {"type": "array", "items": diagnostic},
            "summary": {
                "type": "object",
                "additionalProperties": false,
                "required": ["error", "warning", "note", "allowed"],
                "properties": {"error": count, "warning": count, "note": count, "allowed": count},
            },
        },
    })
}
