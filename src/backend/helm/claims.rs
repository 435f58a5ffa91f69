//! What values change in claims; whoever has a claim already names it instead (N114).

use serde_json::{Value, json};

use super::holes::{Hole, below};
use super::pods::unless_null;
use super::references::References;
use super::values::Values;
use super::{Part, go, text_at};

/// Helm leaves objects with this annotation in place: data outlives the release.
const KEEP: &str = "helm.sh/resource-policy";

/// Finds the spots of a claim, or of the claim templates of a `StatefulSet`.
pub(super) fn of(part: &mut Part, values: &mut Values) {
    match part.document.kind.as_str() {
        "PersistentVolumeClaim" => {
            let name = part.document.name.clone();
            let mut value = spots(part, "", &name);
            value["existingClaim"] = Value::Null;
            values.volume(&name, value);
            part.around =
                Some((format!("{{{{- if not {}.existingClaim }}}}", volume(&name)), "{{- end }}".to_owned()));
            keep(part);
        }
        "StatefulSet" => {
            for template in super::references::places(&part.document.tree, "/spec/volumeClaimTemplates") {
                let name = text_at(&part.document.tree, &format!("{template}/metadata/name"));
                let name = name.unwrap_or_default().to_owned();
                let value = spots(part, &template, &name);
                values.volume(&name, value);
            }
        }
        _ => {}
    }
}

fn volume(name: &str) -> String {
    format!("(index $.Values.volumes {})", go::string(name))
}

/// Notes the holes of a claim at a place, and returns what fills them.
fn spots(part: &mut Part, at: &str, name: &str) -> Value {
    let tree = &part.document.tree;
    let places = [
        ("size", format!("{at}/spec/resources/requests/storage")),
        ("accessMode", format!("{at}/spec/accessModes/0")),
    ];
    let mut value = json!({});
    for (key, place) in places {
        value[key] = tree.pointer(&place).cloned().unwrap_or(Value::Null);
        part.holes.put(place, Hole::Value(format!("{{{{ {}.{key} | quote }}}}", volume(name))));
    }
    // An empty class is one, too: none is provisioned.
    let place = format!("{at}/spec/storageClassName");
    value["storageClass"] = tree.pointer(&place).cloned().unwrap_or(Value::Null);
    let class = format!("{}.storageClass", volume(name));
    part.holes
        .put(place, Hole::Lines(unless_null(&class, format!("storageClassName: {{{{ {class} | quote }}}}"))));
    value
}

fn keep(part: &mut Part) {
    let line = format!("{KEEP}: keep");
    let place = "/metadata/annotations";
    if part.document.tree.pointer(place).is_some() {
        part.holes.put(below(place, KEEP), Hole::Lines(vec![line]));
    } else {
        let common = format!(
            "{{{{- range $key, $value := omit (default dict $.Values.commonAnnotations) {} }}}}",
            go::string(KEEP)
        );
        let lines = vec![
            "annotations:".to_owned(),
            format!("  {line}"),
            format!("  {common}"),
            "  {{ $key | quote }}: {{ $value | quote }}".to_owned(),
            "  {{- end }}".to_owned(),
        ];
        part.holes.put(place, Hole::Lines(lines));
    }
}

/// Lets pods mount what the values name.
pub(super) fn referred(parts: &mut [Part], references: &References, values: &mut Values) {
    let ours: Vec<String> = parts
        .iter()
        .filter(|part| part.document.kind == "PersistentVolumeClaim")
        .map(|part| part.document.name.clone())
        .collect();
    for reference in &references.claims {
        if !ours.contains(&reference.name) {
            // It must be there; where it is called otherwise, this is the place to say so.
            values.volume(&reference.name, json!({ "existingClaim": reference.name }));
        }
        let name = go::string(&reference.name);
        let text = format!("{{{{ {}.existingClaim | default {name} | quote }}}}", volume(&reference.name));
        parts[reference.part].holes.put(reference.place.clone(), Hole::Value(text));
    }
}
