//! Charts of a few objects. That Helm makes the raw objects of them is proven in `tests/gitops.rs`.

use serde_json::{Value, json};

use super::*;
use crate::backend::decimal;

fn object(kind: &str, name: &str, tree: &Value) -> Document {
    let mut whole = json!({
        "apiVersion": "v1", "kind": kind,
        "metadata": {"name": name, "labels": {
            "app.kubernetes.io/managed-by": "rcompose", "app.kubernetes.io/name": "web",
        }},
    });
    for (key, value) in tree.as_object().expect("a mapping") {
        whole[key] = value.clone();
    }
    Document {
        file_name: format!("{}-{name}.yaml", kind.to_lowercase()),
        kind: kind.to_owned(),
        name: name.to_owned(),
        tree: whole,
        key_rank: |_, _| 0,
        octal: decimal,
        signed: None,
        origins: Vec::new(),
        secret: kind == "Secret",
    }
}

fn made(documents: Vec<Document>) -> Artefacts {
    let artefacts =
        Artefacts { headline: "project shop for Kubernetes".to_owned(), documents, ..Artefacts::default() };
    chart(artefacts, &About::of("shop"))
}

fn file(artefacts: &Artefacts, path: &str) -> String {
    let found = artefacts.files.iter().find(|file| file.path == path);
    let bytes = found.unwrap_or_else(|| panic!("no {path}")).bytes.clone();
    String::from_utf8(bytes).expect("templates are text")
}

fn values(artefacts: &Artefacts) -> &Value {
    &artefacts.documents.iter().find(|document| document.file_name == "values.yaml").expect("values").tree
}

#[test]
fn an_ingress_takes_hosts_class_and_secrets_n114() {
    let rule = |host: &str| json!({"host": host, "http": {"paths": []}});
    let made = made(vec![object(
        "Ingress",
        "web",
        &json!({"spec": {
            "ingressClassName": "nginx",
            "rules": [rule("a.example.com"), rule("b.example.com")],
            "tls": [{"hosts": ["b.example.com"], "secretName": "b-tls"}],
        }}),
    )]);
    let expected = json!({
        "hosts": ["a.example.com", "b.example.com"], "className": "nginx", "tls": ["b-tls"], "annotations": {},
    });
    assert_eq!(values(&made)["services"]["web"]["ingress"], expected);
    let text = file(&made, "templates/ingress-web.yaml");
    for line in [
        "    - host: {{ index (index $.Values.services \"web\").ingress.hosts 0 | quote }}\n",
        "        - {{ index (index $.Values.services \"web\").ingress.hosts 1 | quote }}\n",
        "      {{- with (index (index $.Values.services \"web\").ingress.tls 0) }}\n",
        "  ingressClassName: {{ . | quote }}\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
}

#[test]
fn a_secret_of_a_volume_that_cannot_change_keeps_its_name_n70_n114() {
    let volume = object(
        "PersistentVolume",
        "shop-media",
        &json!({"spec": {"csi": {"nodeStageSecretRef": {"name": "media-smb", "namespace": "here"}}}}),
    );
    let secret = object("Secret", "media-smb", &json!({"data": {"password": "eA=="}}));
    let made = made(vec![secret, volume]);
    let text = file(&made, "templates/persistentvolume-shop-media.yaml");
    assert!(text.contains("name: media-smb\n"), "{text}");
    assert!(text.contains("namespace: {{ $.Release.Namespace | quote }}\n"), "{text}");
    assert_eq!(values(&made)["secrets"], json!({}));
    let path = "templates/secret-media-smb.yaml";
    assert!(
        made.files.iter().any(|file| file.path == path && file.secret),
        "its data stands in the template"
    );
}

#[test]
fn what_stands_for_a_secret_is_left_to_whoever_fills_it_n93_n114() {
    let pod = |name: &str| {
        json!({"spec": {"template": {"spec": {
            "containers": [{"name": "web", "image": "x:1"}],
            "volumes": [{"name": "v", "secret": {"secretName": name}}],
        }}}})
    };
    let made = made(vec![
        object("ExternalSecret", "key", &json!({"spec": {}})),
        object(
            "SealedSecret",
            "key-0123456789",
            &json!({"metadata": {"name": "key-0123456789", "namespace": "shop"}}),
        ),
        object("Deployment", "web", &pod("key")),
        object("Deployment", "other", &pod("key-0123456789")),
    ]);
    assert!(file(&made, "templates/deployment-web.yaml").contains("secretName: key\n"));
    assert!(file(&made, "templates/deployment-other.yaml").contains("secretName: key-0123456789\n"));
    // It is sealed for one namespace.
    assert!(file(&made, "templates/sealedsecret-key-0123456789.yaml").contains("namespace: shop\n"));
    assert_eq!(values(&made)["secrets"], json!({}));
}

#[test]
fn secret_data_stands_in_the_values_alone_n114() {
    let made = made(vec![object("Secret", "key-0123456789", &json!({"data": {"k": "aHVzaA=="}}))]);
    assert!(made.files.iter().all(|file| !String::from_utf8_lossy(&file.bytes).contains("aHVzaA==")));
    assert!(made.files.iter().all(|file| !file.secret));
    assert!(made.documents.iter().any(|document| document.file_name == "values.yaml" && document.secret));
}

#[test]
fn a_namespace_is_said_by_helm_n112_n114() {
    let made = made(vec![
        object("Namespace", "shop", &json!({})),
        object(
            "RoleBinding",
            "web-wait",
            &json!({"subjects": [{"kind": "ServiceAccount", "namespace": "shop"}]}),
        ),
        object("Service", "web", &json!({"metadata": {"name": "web", "namespace": "shop", "labels": {}}})),
    ]);
    assert!(!made.files.iter().any(|file| file.path.contains("namespace-")));
    assert!(!file(&made, "templates/service-web.yaml").contains("namespace"));
    let subject = "    namespace: {{ $.Release.Namespace | quote }}\n";
    assert!(file(&made, "templates/rolebinding-web-wait.yaml").contains(subject));
    assert_eq!(made.words.as_deref(), Some("a chart of 2 objects"));
}
