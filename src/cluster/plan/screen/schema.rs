//! The JSON schema of `rcompose.plan.v1`, for `rcompose schema plan` (A102).

use serde_json::{Value, json};

/// Returns the schema of what [`json`](super::json::json) makes.
pub(crate) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": super::json::SCHEMA,
        "description": "What a run of rcompose would do to a cluster. Secret values stand as marks, equal ones as equal marks.",
        "type": "object",
        "additionalProperties": false,
        "required": ["schema", "context", "server", "namespace", "project", "approximate", "summary", "changes", "orphans", "notes", "problems"],
        "properties": {
            "schema": {"const": super::json::SCHEMA},
            "context": {"type": "string", "description": "Context of the kubeconfig."},
            "server": {"type": "string", "description": "URL of the API server."},
            "namespace": {"type": "string"},
            "project": {"type": "string"},
            "approximate": {"type": "boolean", "description": "Compared without the server's dry-run."},
            "summary": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0},
                "description": "How many objects there are of each action."},
            "changes": {"type": "array", "items": change()},
            "orphans": {"type": "array", "items": orphan()},
            "notes": {"type": "array", "items": {"$ref": "#/$defs/note"}},
            "problems": {"type": "array", "items": {"$ref": "#/$defs/problem"}},
        },
        "$defs": {"note": note(), "object": object(&json!({}), &[]), "problem": problem()},
    })
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn maybe(description: &str) -> Value {
    json!({"type": ["string", "null"], "description": description})
}

/// An object named by group, version, kind, namespace and name, with further keys.
fn object(more: &Value, required: &[&str]) -> Value {
    let mut properties = json!({
        "group": text("Empty for core."),
        "version": {"type": "string"},
        "kind": {"type": "string"},
        "namespace": maybe("Null for objects of the whole cluster."),
        "name": {"type": "string"},
    });
    if let (Some(properties), Some(more)) = (properties.as_object_mut(), more.as_object()) {
        properties.extend(more.clone());
    }
    let named = ["group", "version", "kind", "namespace", "name"];
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": named.iter().chain(required).collect::<Vec<_>>(),
        "properties": properties,
    })
}

fn change() -> Value {
    let actions =
        ["create", "update", "claim", "adopt", "recreate", "conflict", "foreign", "rejected", "unchanged"];
    let more = json!({
        "service": maybe("Compose service."),
        "origin": maybe("Place in the Compose files, such as compose.yaml:3."),
        "action": {"enum": actions},
        "reason": maybe("Why, where the action alone does not say it."),
        "check": {"enum": ["done", "later", "impossible"],
            "description": "Whether the server has judged it: later, once namespace or kind exist; impossible, a webhook does no dry-run."},
        "fields": {"type": "array", "items": field()},
        "conflicts": {"type": "array", "items": conflict()},
        "warnings": {"type": "array", "items": text("Warning of the API server.")},
        "notes": {"type": "array", "items": {"$ref": "#/$defs/note"}},
        "problem": {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/problem"}]},
    });
    let required = [
        "service",
        "origin",
        "action",
        "reason",
        "check",
        "fields",
        "conflicts",
        "warnings",
        "notes",
        "problem",
    ];
    object(&more, &required)
}

fn field() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["path", "op", "before", "after", "masked", "owner"],
        "properties": {
            "path": text("With the keys of list items, such as spec.template.spec.containers[web].image."),
            "op": {"enum": ["add", "remove", "replace"]},
            "before": {"description": "Null where there was none."},
            "after": {"description": "Null where there is none."},
            "masked": {"type": "boolean", "description": "The values are marks."},
            "owner": maybe("Manager that owns the live value, where it is not rcompose."),
        },
    })
}

fn conflict() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["path", "manager", "operation", "subresource", "since", "live", "ours"],
        "properties": {
            "path": {"type": "string"},
            "manager": {"type": "string"},
            "operation": {"enum": ["Apply", "Update"]},
            "subresource": maybe("Such as scale."),
            "since": maybe("RFC 3339; the server may not know."),
            "live": {},
            "ours": {},
        },
    })
}

fn orphan() -> Value {
    let more = json!({
        "service": maybe("Compose service that it was made for."),
        "action": {"enum": ["keep", "delete", "superseded", "retained"]},
        "reason": maybe("Why it is retained."),
        "size": maybe("Storage that a claim asks for."),
    });
    object(&more, &["service", "action", "reason", "size"])
}

fn note() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["code", "object", "message"],
        "properties": {
            "code": text("As `rcompose explain` takes it."),
            "object": {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/object"}]},
            "message": {"type": "string"},
        },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["code", "needs", "message", "help"],
        "properties": {
            "code": text("As `rcompose explain` takes it."),
            "needs": {"enum": ["decision", "change"],
                "description": "A decision, given by a flag (exit 7), or another file or permission (exit 1)."},
            "message": {"type": "string"},
            "help": {"type": "array", "items": {"type": "string"}},
        },
    })
}
