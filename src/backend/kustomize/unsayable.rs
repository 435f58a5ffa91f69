//! What kustomize cannot carry: annotations that it takes for its own orders, and characters that it does not read back.

use serde_json::Value;

use super::codes::KustomizeCode;
use crate::backend::{Document, Target};
use crate::diag::{Diagnostic, Outcome, Sink};

/// Prefixes of kustomize and of the tools that it shares its reader with.
const PREFIXES: [&str; 4] = [
    "config.kubernetes.io/",
    "internal.config.kubernetes.io/",
    "alpha.config.kubernetes.io/",
    "kustomize.config.k8s.io/",
];

/// Reports what will not come out as it stands, or not at all (N113).
pub(super) fn report<'d>(documents: impl Iterator<Item = &'d Document> + Clone, sink: &mut Sink) {
    let annotations = sorted(documents.clone().flat_map(annotations));
    if !annotations.is_empty() {
        let message = format!("kustomize keeps annotations for itself: {}", annotations.join(", "));
        let help = "rename the label in the Compose file, or write the objects without kustomize: `--to k8s`";
        sink.push(found(message, help));
    }
    let texts = sorted(documents.filter(|document| has_controls(&document.tree)).map(shown));
    if !texts.is_empty() {
        let message = format!("kustomize does not read back control characters in {}", texts.join(", "));
        let help = "take U+007F to U+009F, U+FFFE and U+FFFF out of the texts, or write the objects without kustomize: \
                    `--to k8s`";
        sink.push(found(message, help));
    }
}

fn found(message: String, help: &str) -> Diagnostic {
    Diagnostic {
        target: Some(Target::Kustomize.name()),
        outcome: Some(Outcome::Approximated),
        help: Some(help.to_owned()),
        ..Diagnostic::new(KustomizeCode::OverlayNotExpressible, message)
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

fn shown(document: &Document) -> String {
    format!("{} `{}`", document.kind, document.name)
}

fn annotations(document: &Document) -> Vec<String> {
    let annotations = document.tree.pointer("/metadata/annotations").and_then(Value::as_object);
    let keys = annotations.into_iter().flat_map(serde_json::Map::keys);
    let own = keys.filter(|key| PREFIXES.iter().any(|prefix| key.starts_with(prefix)));
    own.map(|key| format!("`{key}` of {}", shown(document))).collect()
}

/// It writes them as they are and then refuses them, or takes U+0085 for a line break.
fn has_controls(tree: &Value) -> bool {
    let holds = |text: &str| {
        text.chars().any(|letter| matches!(letter, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
    };
    match tree {
        Value::String(text) => holds(text),
        Value::Array(items) => items.iter().any(has_controls),
        Value::Object(map) => map.iter().any(|(key, value)| holds(key) || has_controls(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
