//! What every object says of itself in a chart: who manages it, of which chart it is, annotations for all (N114).

use serde_json::Value;

use super::holes::{Hole, below};
use super::{Part, go};

/// Annotations of the objects themselves.
const ANNOTATIONS: &str = "/metadata/annotations";

/// Takes out where the objects go: `helm -n` says that. A sealed Secret is sealed for one namespace.
pub(super) fn without_namespace(part: &mut Part) {
    const RELEASE: &str = "{{ $.Release.Namespace | quote }}";
    if part.document.kind == "SealedSecret" {
        return;
    }
    if let Some(metadata) = part.document.tree.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("namespace");
    }
    let subjects = super::references::places(&part.document.tree, "/subjects");
    let places = subjects.iter().map(|subject| format!("{subject}/namespace"));
    for place in places.chain(["/spec/csi/nodeStageSecretRef/namespace".to_owned()]) {
        if part.document.tree.pointer(&place).is_some() {
            part.holes.put(place, Hole::Value(RELEASE.to_owned()));
        }
    }
}

/// Marks an object as Helm's. Never selectors and pod templates: they say what they say in the raw objects.
pub(super) fn of(part: &mut Part) {
    let labels = "/metadata/labels";
    part.holes.put(
        below(labels, "app.kubernetes.io/managed-by"),
        Hole::Value("{{ $.Release.Service | quote }}".into()),
    );
    let chart = "{{ printf \"%s-%s\" $.Chart.Name $.Chart.Version | replace \"+\" \"_\" | trunc 63 | trimSuffix \"-\" \
                 | quote }}";
    part.holes.put(below(labels, "helm.sh/chart"), Hole::Lines(vec![format!("helm.sh/chart: {chart}")]));
    common_annotations(part);
}

/// Annotations that the user of the chart wants on all objects; those of the object win.
fn common_annotations(part: &mut Part) {
    if !part.holes.of(ANNOTATIONS).is_empty() {
        return;
    }
    let own = part.document.tree.pointer(ANNOTATIONS).and_then(Value::as_object);
    let own: Option<Vec<String>> = own.map(|map| map.keys().map(|key| go::string(key)).collect());
    match own {
        Some(keys) => {
            let source = format!("omit (default dict $.Values.commonAnnotations) {}", keys.join(" "));
            part.holes.tail(ANNOTATIONS, entries("range $key, $value :=", &source));
        }
        None => annotations(part, "$.Values.commonAnnotations"),
    }
}

/// Puts annotations of values where the object has none of its own.
pub(super) fn annotations(part: &mut Part, source: &str) {
    part.holes.put(ANNOTATIONS, Hole::Lines(map_of("annotations", source)));
}

/// Returns the lines of a map of texts that is left out when empty. `quote`, since JSON leaves some characters as they
/// are that no reader of YAML takes.
pub(super) fn map_of(key: &str, source: &str) -> Vec<String> {
    let mut lines = vec![format!("{{{{- with {source} }}}}"), format!("{key}:")];
    lines.extend(entries("range $key, $value :=", ".").into_iter().map(|line| format!("  {line}")));
    lines.push("{{- end }}".to_owned());
    lines
}

fn entries(range: &str, source: &str) -> Vec<String> {
    vec![
        format!("{{{{- {range} {source} }}}}"),
        "{{ $key | quote }}: {{ $value | quote }}".to_owned(),
        "{{- end }}".to_owned(),
    ]
}
