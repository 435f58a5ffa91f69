//! Secrets of a chart: data comes from values, and the name follows the data, so that a new value rolls its users (N114).

use serde_json::{Map, Value, json};

use super::holes::{Hole, Holes};
use super::references::References;
use super::values::Values;
use super::{Part, go};
use crate::backend::{Document, decimal};

/// Kinds that stand for a Secret and are no business of values.
const OTHERS: [&str; 2] = ["ExternalSecret", "SealedSecret"];

/// Makes Secrets depend on values, and whatever refers to them.
pub(super) fn of(parts: &mut Vec<Part>, references: &References, chart: &str, values: &mut Values) {
    let mut known: Vec<(String, String)> = Vec::new();
    // A PersistentVolume cannot change, so what it names has one name for ever (N70).
    let of_volume = |name: &str, parts: &[Part]| {
        let holders = references.secrets.iter().filter(|reference| reference.name == name);
        holders.into_iter().any(|holder| parts[holder.part].document.kind == "PersistentVolume")
    };
    for number in 0..parts.len() {
        if parts[number].document.kind == "Secret" && !of_volume(&parts[number].document.name, parts) {
            let part = &mut parts[number];
            let plain = plain_name(&part.document);
            known.push((part.document.name.clone(), plain.clone()));
            let data = part.document.tree.get("data").cloned().unwrap_or_else(|| json!({}));
            values.secret(&plain, json!({ "data": data, "existingSecret": null }));
            from_values(part, chart, &plain);
        }
    }
    let others: Vec<String> = parts
        .iter()
        .filter(|part| {
            let of_volume = part.document.kind == "Secret" && of_volume(&part.document.name, parts);
            of_volume || OTHERS.contains(&part.document.kind.as_str())
        })
        .map(|part| part.document.name.clone())
        .collect();
    for reference in &references.secrets {
        if others.contains(&reference.name) {
            continue;
        }
        let plain = known.iter().find(|(name, _)| *name == reference.name).map(|(_, plain)| plain.clone());
        let plain = plain.unwrap_or_else(|| {
            let name = reference.name.clone();
            values.secret(&name, json!({ "data": {}, "existingSecret": name }));
            let document = referred(parts, &name);
            let mut part = Part { document, holes: Holes::default(), around: None, helper: String::new() };
            from_values(&mut part, chart, &name);
            parts.push(part);
            known.push((name.clone(), name.clone()));
            name
        });
        let text = format!("{{{{ {} | quote }}}}", include(chart, &plain));
        parts[reference.part].holes.put(reference.place.clone(), Hole::Value(text));
    }
}

/// The name without hash, which its file has.
fn plain_name(document: &Document) -> String {
    let file = document.file_name.strip_suffix(".yaml").unwrap_or(&document.file_name);
    file.strip_prefix("secret-").unwrap_or(&document.name).to_owned()
}

fn include(chart: &str, plain: &str) -> String {
    format!("include {} (list $ {})", go::string(&format!("{chart}.secret")), go::string(plain))
}

/// Data, name and presence of a Secret come from values.
fn from_values(part: &mut Part, chart: &str, plain: &str) {
    let secret = format!("(index $.Values.secrets {})", go::string(plain));
    part.holes.put("/metadata/name", Hole::Value(format!("{{{{ {} | quote }}}}", include(chart, plain))));
    let data = vec![
        format!("{{{{- with {secret}.data }}}}"),
        "data:".to_owned(),
        "  {{- range $key, $value := . }}".to_owned(),
        "  {{ $key | quote }}: {{ $value | quote }}".to_owned(),
        "  {{- end }}".to_owned(),
        "{{- end }}".to_owned(),
    ];
    part.holes.put("/data", Hole::Lines(data));
    part.around = Some((format!("{{{{- if not {secret}.existingSecret }}}}"), "{{- end }}".to_owned()));
    // What is secret is in the values alone.
    part.document.secret = false;
}

/// A Secret that must exist: with data in the values, the chart makes it.
fn referred(parts: &[Part], name: &str) -> Document {
    let labels = parts.first().and_then(|part| part.document.tree.pointer("/metadata/labels"));
    let mut labels = labels.and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    labels.remove("app.kubernetes.io/name");
    labels.remove("helm.sh/chart");
    let key_rank = parts.first().map_or((|_, _| 0) as fn(&str, &str) -> u32, |part| part.document.key_rank);
    Document {
        file_name: format!("secret-{name}.yaml"),
        kind: "Secret".to_owned(),
        name: name.to_owned(),
        tree: json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "name": name, "labels": labels },
            "immutable": true,
            "type": "Opaque",
        }),
        key_rank,
        octal: decimal,
        signed: None,
        origins: Vec::new(),
        secret: false,
    }
}

/// Returns the helper that names a Secret.
pub(super) fn helper(chart: &str) -> String {
    let name = go::string(&format!("{chart}.secret"));
    format!(
        "\
{{{{- /* Name of a Secret: one that exists, or ours, which follows its data. Takes the root and the plain name. */ -}}}}
{{{{- define {name} -}}}}
{{{{- $secret := index (index . 0).Values.secrets (index . 1) -}}}}
{{{{- if $secret.existingSecret -}}}}
{{{{- $secret.existingSecret -}}}}
{{{{- else -}}}}
{{{{- printf \"%s-%s\" (index . 1) ($secret.data | toJson | sha256sum | trunc 10) -}}}}
{{{{- end -}}}}
{{{{- end -}}}}
"
    )
}
