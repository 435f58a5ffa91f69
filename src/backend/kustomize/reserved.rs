//! Annotations that kustomize takes for its own orders: it acts on them, or strips them.

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

/// Reports annotations that will not come out as they stand (N113).
pub(super) fn report<'d>(documents: impl Iterator<Item = &'d Document>, sink: &mut Sink) {
    let mut found: Vec<String> = documents.flat_map(of_one).collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        return;
    }
    let message = format!("kustomize keeps annotations for itself: {}", found.join(", "));
    sink.push(Diagnostic {
        target: Some(Target::Kustomize.name()),
        outcome: Some(Outcome::Approximated),
        help: Some(
            "rename the label in the Compose file, or write the objects without kustomize: `--to k8s`"
                .to_owned(),
        ),
        ..Diagnostic::new(KustomizeCode::OverlayNotExpressible, message)
    });
}

fn of_one(document: &Document) -> Vec<String> {
    let annotations = document.tree.pointer("/metadata/annotations").and_then(serde_json::Value::as_object);
    let keys = annotations.into_iter().flat_map(serde_json::Map::keys);
    let own = keys.filter(|key| PREFIXES.iter().any(|prefix| key.starts_with(prefix)));
    own.map(|key| format!("`{key}` of {} `{}`", document.kind, document.name)).collect()
}
