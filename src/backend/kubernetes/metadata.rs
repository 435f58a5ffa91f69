//! What identifies an object: name, labels, annotations, and the namespace where one is said (N10, N11, N112).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::labels::Labels;
use super::object::{Noted, Notes, Object};
use super::plan::Plan;
use super::problem;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::diag::{Outcome, Sink, Span};
use crate::model::Metadata;

/// Annotations by key.
pub(crate) type Annotations = BTreeMap<String, Noted<String>>;

/// Annotation that holds what has no legal key (K100).
const ILLEGAL_KEYS: &str = "rcompose/labels";

/// Label by which a namespace refuses pods (K, section 14).
const ENFORCED_LEVEL: &str = "pod-security.kubernetes.io/enforce";

/// What the server takes on one object, keys and values together.
const ANNOTATIONS_LIMIT: usize = 256 << 10;

impl Plan<'_> {
    /// Makes the metadata of an object in the namespace.
    pub(crate) fn metadata(
        &self,
        name: String,
        labels: Labels,
        annotations: Annotations,
    ) -> Noted<ObjectMeta> {
        let mut notes = Notes::default();
        notes.note("name", "N2", None);
        notes.note("labels", "N10", None);
        if self.options.namespace.is_some() {
            notes.note("namespace", "N112", None);
        }
        let metadata = ObjectMeta {
            name: Some(name),
            namespace: self.options.namespace.clone(),
            labels: Some(labels),
            annotations: notes.map("annotations", annotations),
            ..ObjectMeta::default()
        };
        notes.on(metadata)
    }

    /// Makes the metadata of an object that belongs to no namespace.
    pub(crate) fn cluster_metadata(&self, name: String, annotations: Annotations) -> Noted<ObjectMeta> {
        self.metadata(name, self.project_labels(), annotations)
            .map(|metadata| ObjectMeta { namespace: None, ..metadata })
    }
}

/// Makes the Namespace object, where one is said and asked for (N112).
pub(crate) fn namespace(plan: &Plan<'_>) -> Option<Object> {
    let name = plan.options.namespace.clone().filter(|_| plan.options.create_namespace)?;
    let mut notes = Notes::default();
    let mut labels = plan.project_labels();
    if let Some(level) = plan.options.pod_security {
        labels.insert(ENFORCED_LEVEL.to_owned(), level.word().to_owned());
    }
    let metadata = plan.metadata(name, labels, Annotations::new());
    let metadata = notes.at("metadata", metadata.map(|metadata| ObjectMeta { namespace: None, ..metadata }));
    Some(Object::new(notes.on(Namespace { metadata, spec: None, status: None })))
}

/// Makes annotations of labels that users wrote; what has no legal key goes together into one annotation (K100).
pub(crate) fn annotations(metadata: &Metadata, rule: &'static str) -> Annotations {
    let (legal, illegal): (Vec<_>, Vec<_>) = metadata.iter().partition(|(key, _)| is_legal_key(key));
    let mut annotations: Annotations = legal
        .into_iter()
        .map(|(key, value)| (key.clone(), Noted::written(value.value.clone(), rule, value.span)))
        .collect();
    let places: Vec<Span> = illegal.iter().map(|(_, value)| value.span).collect();
    let rest: BTreeMap<&str, &str> =
        illegal.into_iter().map(|(key, value)| (key.as_str(), value.value.as_str())).collect();
    if let Some((first, others)) = places.split_first() {
        let text = serde_json::to_string(&rest).expect("texts become JSON");
        let noted = Noted::written(text, rule, *first);
        let noted = others.iter().fold(noted, |noted, place| noted.also(rule, Some(*place)));
        annotations.insert(ILLEGAL_KEYS.to_owned(), noted);
    }
    annotations
}

/// Tells whether the server takes a key of an annotation: an optional DNS subdomain, and a name (N11).
pub(crate) fn is_legal_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(&prefix.to_ascii_lowercase()) && is_key_name(name),
        None => is_key_name(key),
    }
}

/// Tells whether a text is a DNS subdomain.
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= super::names::SUBDOMAIN_LIMIT && text.split('.').all(is_subdomain_part)
}

fn is_subdomain_part(part: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !part.is_empty() && part.chars().all(legal) && !part.starts_with('-') && !part.ends_with('-')
}

fn is_key_name(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=super::names::LABEL_LIMIT).contains(&name.len())
        && name.chars().all(inside)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Refuses objects with more annotations than the server takes (N11).
pub(crate) fn check_annotations(objects: &[Object], sink: &mut Sink) {
    for object in objects {
        let at = ["/metadata/annotations", "/spec/template/metadata/annotations"];
        let sizes = at.iter().filter_map(|path| object.tree.pointer(path)?.as_object()).map(|annotations| {
            annotations
                .iter()
                .map(|(key, value)| key.len() + value.as_str().map_or(0, str::len))
                .sum::<usize>()
        });
        if sizes.max().is_some_and(|size| size > ANNOTATIONS_LIMIT) {
            let message = format!("annotations of {} `{}` are larger than 256 KiB", object.kind, object.name);
            let span =
                object.origins.iter().find(|origin| origin.path.contains("annotations")).and_then(|o| o.span);
            sink.push(
                problem::of_project(KubernetesCode::AnnotationsTooLarge, message)
                    .at_opt(span)
                    .outcome(Outcome::Refused)
                    .help("move large texts from labels into a config"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    #[test]
    fn an_object_with_more_annotations_than_the_server_takes_is_refused() {
        let refused = |size: usize| {
            let object = Object {
                kind: "Deployment",
                name: "web".to_owned(),
                plain_name: "web".to_owned(),
                tree: serde_json::json!({"metadata": {"annotations": {"a": "x".repeat(size)}}}),
                origins: Vec::new(),
                secret: false,
            };
            let mut sink = Sink::default();
            check_annotations(&[object], &mut sink);
            sink.has_errors()
        };
        assert!(!refused(ANNOTATIONS_LIMIT - 1));
        assert!(refused(ANNOTATIONS_LIMIT));
    }

    #[test]
    fn illegal_keys_travel_in_one_annotation() {
        let labels = Metadata::from([
            ("team".to_owned(), at("a".to_owned())),
            ("a b".to_owned(), at("c".to_owned())),
            ("Example.com/x".to_owned(), at("d".to_owned())),
            ("a/b/c".to_owned(), at(String::new())),
        ]);
        let made: Vec<(String, String)> =
            annotations(&labels, "K100").into_iter().map(|(key, noted)| (key, noted.value)).collect();
        let expected =
            [("Example.com/x", "d"), ("rcompose/labels", r#"{"a b":"c","a/b/c":""}"#), ("team", "a")];
        assert_eq!(made, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn names_of_keys_have_a_limit() {
        assert!(is_legal_key(&"a".repeat(63)) && !is_legal_key(&"a".repeat(64)));
        assert!(!is_legal_key("-a") && !is_legal_key("") && !is_legal_key("/a"));
    }
}
