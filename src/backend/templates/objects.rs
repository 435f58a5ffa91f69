//! What a `*.yaml.jinja` gives, as objects beside ours.

use serde_json::{Map, Value};

use super::{Template, invalid};
use crate::backend::{Document, FieldOrigin, decimal};
use crate::diag::{Sink, Span};
use crate::yaml::{self, Node};

/// Labels that say whose an object is (D5): those of any object of ours, but for its service.
const LABELS: [&str; 3] =
    ["app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of"];

/// Reads the objects of a text. `ours` gives labels and the order of keys, `taken` the names that are in use.
pub(super) fn read(
    template: &Template,
    text: &str,
    ours: &[Document],
    taken: &[(String, String)],
    sink: &mut Sink,
) -> Vec<Document> {
    let mut found = Sink::default();
    let nodes = yaml::parse(template.source, text, yaml::Options::default(), &mut found);
    if let Some(problem) =
        found.diagnostics().iter().find(|problem| problem.severity == crate::diag::Severity::Error)
    {
        // Its place is in what was rendered, which nobody can look at.
        let line = problem.span.map_or(1, |span| {
            let before = text.get(..span.start as usize).unwrap_or_default();
            before.matches('\n').count() + 1
        });
        sink.push(invalid(
            template,
            &format!("gives no YAML: {}, in line {line} of the result", problem.message),
        ));
        return Vec::new();
    }
    let mut documents: Vec<Document> = Vec::new();
    for node in nodes.iter().filter(|node| !node.is_null()) {
        match document(template, node, ours) {
            Err(reason) => sink.push(invalid(template, reason)),
            Ok(made) => {
                let known = |kind: &str, name: &str| kind == made.kind && name == made.name;
                let twice = taken.iter().any(|(kind, name)| known(kind, name))
                    || documents.iter().any(|other| known(&other.kind, &other.name));
                if twice {
                    let reason = format!("gives {} `{}`, which is there already", made.kind, made.name);
                    sink.push(invalid(template, &reason).help("change objects of ours with `patches`"));
                } else {
                    documents.push(made);
                }
            }
        }
    }
    documents
}

fn document(template: &Template, node: &Node, ours: &[Document]) -> Result<Document, &'static str> {
    let mut tree = json(node);
    let word = |place: &str| tree.pointer(place).and_then(Value::as_str).filter(|word| !word.is_empty());
    let (Some(_), Some(kind), Some(name)) = (word("/apiVersion"), word("/kind"), word("/metadata/name"))
    else {
        return Err("gives something that is no object: it has no `apiVersion`, `kind` or `metadata.name`");
    };
    let (kind, name) = (kind.to_owned(), name.to_owned());
    let first = ours.first();
    if let Some(metadata) = tree.get_mut("metadata").and_then(Value::as_object_mut) {
        let labels = metadata.entry("labels").or_insert_with(|| Value::Object(Map::new()));
        let Some(labels) = labels.as_object_mut() else { return Err("gives `labels` that are no mapping") };
        for key in LABELS {
            let place = format!("/metadata/labels/{}", key.replace('/', "~1"));
            if let Some(value) = first.and_then(|document| document.tree.pointer(&place)) {
                labels.insert(key.to_owned(), value.clone());
            }
        }
    }
    let namespace = ours.iter().find_map(|document| document.tree.pointer("/metadata/namespace"));
    if let (Some(namespace), false) = (namespace, is_of_the_cluster(&kind))
        && let Some(metadata) = tree.get_mut("metadata").and_then(Value::as_object_mut)
    {
        // What the template says of it counts (N112).
        metadata.entry("namespace").or_insert_with(|| namespace.clone());
    }
    let span = Span::new(template.source, 0, 0);
    Ok(Document {
        file_name: format!("{}-{name}.yaml", kind.to_ascii_lowercase()),
        secret: kind == "Secret" && (tree.get("data").is_some() || tree.get("stringData").is_some()),
        kind,
        name,
        tree,
        key_rank: first.map_or((|_, _| 0) as fn(&str, &str) -> u32, |document| document.key_rank),
        octal: decimal,
        signed: None,
        origins: vec![FieldOrigin { path: String::new(), span: Some(span), rule: "N115" }],
    })
}

/// Kinds of Kubernetes and of what is often beside it that belong to no namespace.
const OF_THE_CLUSTER: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "GatewayClass",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
    "VolumeSnapshotClass",
    "VolumeSnapshotContent",
];

/// Tells whether objects of a kind belong to no namespace; kinds called `Cluster…` mostly do not (`ClusterRole`).
fn is_of_the_cluster(kind: &str) -> bool {
    OF_THE_CLUSTER.contains(&kind) || kind.starts_with("Cluster")
}

fn json(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => (*value).into(),
        yaml::Value::Int(value) => i64::try_from(*value)
            .map(Value::from)
            .or_else(|_| u64::try_from(*value).map(Value::from))
            .unwrap_or(Value::Null),
        yaml::Value::Float(value) => serde_json::Number::from_f64(*value).map_or(Value::Null, Value::Number),
        yaml::Value::Timestamp(text) | yaml::Value::Text(text) => text.as_str().into(),
        yaml::Value::List(items) => items.iter().map(json).collect(),
        yaml::Value::Map(map) => {
            Value::Object(map.iter().map(|(key, entry)| (key.clone(), json(&entry.node))).collect())
        }
    }
}
