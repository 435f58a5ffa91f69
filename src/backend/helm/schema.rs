//! `values.schema.json`: what values may be, so that a mistyped one is refused and not ignored (N114).

use serde_json::{Map, Value, json};

/// Returns the schema of the values, closed but for `global`, which Helm adds in a chart of charts.
pub(super) fn of(values: &Value) -> Value {
    let inner = |key: &str, of: fn(&Map<String, Value>) -> Value| {
        let entries = values[key].as_object().into_iter().flatten();
        closed(
            entries.filter_map(|(name, value)| Some((name.clone(), of(value.as_object()?)))).collect(),
            true,
        )
    };
    let mut properties = Map::new();
    properties.insert("global".to_owned(), json!({ "type": "object" }));
    properties.insert("services".to_owned(), inner("services", service));
    properties.insert("volumes".to_owned(), inner("volumes", volume));
    properties.insert("secrets".to_owned(), inner("secrets", secret));
    properties.insert("imagePullSecrets".to_owned(), pull_secrets());
    properties.insert("commonAnnotations".to_owned(), texts());
    let mut schema = closed(properties, false);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema
}

fn service(values: &Map<String, Value>) -> Value {
    let property = |(name, value): (&String, &Value)| {
        let schema = match name.as_str() {
            "image" => image(),
            "replicas" => json!({ "type": ["integer", "null"], "minimum": 0 }),
            "env" => variables(value),
            "published" => published(),
            "ingress" => ingress(value),
            "podAnnotations" | "nodeSelector" => texts(),
            "tolerations" => json!({ "type": "array", "items": { "type": "object" } }),
            _ => json!({ "type": "object" }),
        };
        (name.clone(), schema)
    };
    closed(values.iter().map(property).collect(), false)
}

fn image() -> Value {
    let properties = json!({
        "repository": { "type": "string", "minLength": 1 },
        "tag": { "type": ["string", "null"] },
        "digest": { "type": ["string", "null"] },
        "pullPolicy": { "enum": ["Always", "IfNotPresent", "Never", null] },
    });
    closed(properties.as_object().cloned().unwrap_or_default(), false)
}

/// Numbers are texts, too: `--set-string`.
fn variables(value: &Value) -> Value {
    let names = value.as_object().into_iter().flat_map(Map::keys);
    closed(names.map(|name| (name.clone(), json!({ "type": ["string", "null"] }))).collect(), false)
}

fn published() -> Value {
    let properties = json!({
        "type": { "enum": ["ClusterIP", "NodePort", "LoadBalancer"] },
        "annotations": texts(),
        "loadBalancerSourceRanges": { "type": "array", "items": { "type": "string" } },
    });
    closed(properties.as_object().cloned().unwrap_or_default(), false)
}

/// Hosts and Secrets change one for one.
fn ingress(value: &Value) -> Value {
    let count = |key: &str| value[key].as_array().map_or(0, Vec::len);
    let (hosts, tls) = (count("hosts"), count("tls"));
    let properties = json!({
        "hosts": { "type": "array", "items": { "type": "string" }, "minItems": hosts, "maxItems": hosts },
        "className": { "type": ["string", "null"] },
        "tls": { "type": "array", "items": { "type": ["string", "null"] }, "minItems": tls, "maxItems": tls },
        "annotations": texts(),
    });
    closed(properties.as_object().cloned().unwrap_or_default(), false)
}

fn volume(values: &Map<String, Value>) -> Value {
    let property = |name: &String| {
        let schema = match name.as_str() {
            "size" => json!({ "type": "string", "minLength": 1 }),
            "accessMode" => {
                json!({ "enum": ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"] })
            }
            _ => json!({ "type": ["string", "null"] }),
        };
        (name.clone(), schema)
    };
    closed(values.keys().map(property).collect(), false)
}

fn secret(_: &Map<String, Value>) -> Value {
    let properties = json!({
        "data": {
            "type": "object",
            "description": "by key, in base64",
            "additionalProperties": { "type": "string", "contentEncoding": "base64" },
        },
        "existingSecret": { "type": ["string", "null"], "description": "a Secret that is there already" },
    });
    closed(properties.as_object().cloned().unwrap_or_default(), false)
}

fn pull_secrets() -> Value {
    let name =
        json!({ "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } });
    json!({ "type": "array", "items": name })
}

fn texts() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

/// An object without further keys. `whole`: all keys must be there; templates look into them.
fn closed(properties: Map<String, Value>, whole: bool) -> Value {
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    if whole && !properties.is_empty() {
        schema["required"] = properties.keys().cloned().collect();
    }
    schema["properties"] = Value::Object(properties);
    schema
}
