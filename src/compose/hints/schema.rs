//! The vocabulary as JSON schema, for editors and CI (`rcompose schema`). Made from the rows, so it cannot lag behind.

use serde_json::{Map, Value, json};

use super::KEY;
use super::rows::{CONTENT, KEYED, MOUNT, NETWORK, PORT, SERVICE, TOP, VOLUME};
use super::value::{Form, Row};

/// The dialect that all our schemas are written in.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Returns the schema of a Compose file as far as hints go: where `x-rcompose` may stand and what may stand in it.
/// `top` holds further keys that may stand at the top: settings.
pub(crate) fn hints(top: &[Row]) -> Value {
    let all: Vec<Row> = TOP.iter().chain(top).copied().collect();
    let long = |items: &str| json!({"type": "array", "items": {"type": ["object", "string", "number"], "properties": {KEY: {"$ref": items}}}});
    let named = |place: Value| json!({"type": "object", "additionalProperties": place});
    let with = |place: &str| named(json!({"type": ["object", "null"], "properties": {KEY: {"$ref": place}}}));
    json!({
        "$schema": DIALECT,
        "title": "x-rcompose in a Compose file",
        "type": "object",
        "properties": {
            KEY: {"$ref": "#/$defs/top"},
            "services": named(json!({
                "type": ["object", "null"],
                "properties": {
                    KEY: {"$ref": "#/$defs/service"},
                    "ports": long("#/$defs/port"),
                    "volumes": long("#/$defs/mount"),
                },
            })),
            "volumes": with("#/$defs/volume"),
            "networks": with("#/$defs/network"),
            "configs": with("#/$defs/content"),
            "secrets": with("#/$defs/content"),
        },
        "$defs": {
            "top": place(&all),
            "service": place(SERVICE),
            "port": place(PORT),
            "mount": place(MOUNT),
            "volume": place(VOLUME),
            "network": place(NETWORK),
            "content": place(CONTENT),
        },
    })
}

/// A place may stay empty, and so may each of its hints.
fn place(rows: &[Row]) -> Value {
    let mut schema = of_rows(rows);
    schema["type"] = json!(["object", "null"]);
    schema
}

/// Returns the schema of a mapping with these keys and no others.
pub(crate) fn of_rows(rows: &[Row]) -> Value {
    let mut properties = Map::new();
    for row in rows {
        let mut schema = of_form(&row.form, KEYED.iter().find(|(name, _)| *name == row.name));
        if !row.required {
            schema = json!({"anyOf": [schema, {"type": "null"}]});
        }
        schema["description"] = row.doc.into();
        properties.insert(row.name.to_owned(), schema);
    }
    let required: Vec<&str> = rows.iter().filter(|row| row.required).map(|row| row.name).collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn of_form(form: &Form, keyed: Option<&(&str, &super::value::Language)>) -> Value {
    match form {
        Form::Text => json!({"type": "string", "minLength": 1}),
        Form::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Form::Flag => json!({"enum": [true, false, "true", "false"]}),
        Form::Off => json!({"enum": [false, "false"]}),
        Form::Whole(least, most) => json!({"anyOf": [
            {"type": "integer", "minimum": least, "maximum": most},
            {"type": "string", "pattern": "^[+]?[0-9]+$"},
        ]}),
        Form::Word(words) => json!({"enum": words}),
        Form::Language(language) if language.bare => {
            json!({"anyOf": [{"type": "number"}, {"type": "string", "pattern": language.pattern}]})
        }
        Form::Language(language) => json!({"type": "string", "pattern": language.pattern}),
        Form::List(item) => json!({"type": "array", "items": of_form(item, None)}),
        Form::Named(value) => {
            let mut schema = json!({"type": "object", "additionalProperties": of_form(value, None)});
            if let Some((_, language)) = keyed {
                schema["propertyNames"] = json!({"pattern": language.pattern});
            }
            schema
        }
        Form::Rows(rows) => of_rows(rows),
        Form::Choosing { rows, among, needed } => {
            let mut schema = of_rows(rows);
            let mut ways: Vec<Value> = among.iter().map(|name| json!({"required": [name]})).collect();
            if !needed {
                ways.push(json!({"not": {"anyOf": ways}}));
            }
            schema["oneOf"] = ways.into();
            schema
        }
        Form::Object => json!({"type": "object"}),
        Form::Either(forms) => {
            json!({"anyOf": forms.iter().map(|form| of_form(form, keyed)).collect::<Vec<_>>()})
        }
    }
}
