//! Bases and overlays of a few objects. That kustomize makes the same of them is proven in `tests/gitops.rs`.

#![expect(
    clippy::disallowed_methods,
    clippy::needless_raw_string_hashes,
    reason = "what the macros of snapbox expand to, and how it writes inline snapshots"
)]

use serde_json::{Value, json};

use super::*;
use crate::backend::decimal;

fn object(kind: &str, name: &str, spec: &Value) -> Document {
    Document {
        file_name: format!("{}-{name}.yaml", kind.to_lowercase()),
        kind: kind.to_owned(),
        name: name.to_owned(),
        tree: json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec}),
        key_rank: |_, _| 0,
        octal: decimal,
        signed: None,
        origins: Vec::new(),
        secret: kind == "Secret",
    }
}

fn artefacts(documents: Vec<Document>) -> Artefacts {
    Artefacts { headline: "project shop for Kubernetes".to_owned(), documents, ..Artefacts::default() }
}

fn file<'a>(artefacts: &'a Artefacts, name: &str) -> &'a Document {
    let found = artefacts.documents.iter().find(|document| document.file_name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn text(document: &Document) -> String {
    crate::yaml::write(&document.tree, document.key_rank, 2)
}

#[test]
fn a_base_lists_its_objects_in_the_order_of_output_n113() {
    let base = artefacts(vec![object("Secret", "b", &json!({})), object("Service", "a", &json!({}))]);
    let mut sink = Sink::default();
    let made = assemble(base, Vec::new(), Some("shop"), &mut sink);
    snapbox::assert_data_eq!(
        text(file(&made, "base/kustomization.yaml")),
        snapbox::str![[r#"
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources:
  - secret-b.yaml
  - service-a.yaml

"#]]
    );
    assert_eq!(made.words.as_deref(), Some("2 objects"));
    assert!(made.needs_directory.is_some() && sink.diagnostics().is_empty());
}

#[test]
fn an_overlay_says_what_is_new_changed_and_gone_n113() {
    let base = artefacts(vec![
        object("Service", "my.db", &json!({"a/b": 1, "gone": true})),
        object("Deployment", "web", &json!({})),
    ]);
    let prod = artefacts(vec![
        object("Service", "my.db", &json!({"a/b": 2})),
        object("DaemonSet", "web", &json!({})),
    ]);
    let made = assemble(base, vec![("prod".to_owned(), prod)], None, &mut Sink::default());
    // Snapshots would take the backslash for a slash of Windows.
    let expected = "apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
  - daemonset-web.yaml
patches:
  - target:
      kind: Service
      name: my\\.db
    patch: |
      - op: remove
        path: /spec/gone
      - op: replace
        path: /spec/a~1b
        value: 2
  - target:
      kind: Deployment
      name: web
    patch: |
      apiVersion: v1
      kind: Deployment
      metadata:
        name: web
      $patch: delete
";
    assert_eq!(text(file(&made, "overlays/prod/kustomization.yaml")), expected);
    assert_eq!(file(&made, "overlays/prod/daemonset-web.yaml").kind, "DaemonSet");
    assert_eq!(made.words.as_deref(), Some("2 objects and 1 overlay"));
}

#[test]
fn a_patch_of_a_secret_is_secret_n113() {
    let secret = |value: &str| artefacts(vec![object("Secret", "smb", &json!({"password": value}))]);
    let made = assemble(secret("a"), vec![("prod".to_owned(), secret("b"))], None, &mut Sink::default());
    assert!(file(&made, "overlays/prod/kustomization.yaml").secret);
    assert!(!file(&made, "base/kustomization.yaml").secret);
}

#[test]
fn annotations_that_kustomize_acts_on_are_reported_n113() {
    let mut odd = object("Service", "a", &json!({}));
    odd.tree["metadata"]["annotations"] = json!({"config.kubernetes.io/local-config": "true", "team": "a"});
    let mut sink = Sink::default();
    assemble(artefacts(vec![odd]), Vec::new(), None, &mut sink);
    let [found] = sink.diagnostics() else { panic!("one finding") };
    assert_eq!(found.code.name(), "overlay-not-expressible");
    assert!(
        found.message.ends_with("`config.kubernetes.io/local-config` of Service `a`"),
        "{}",
        found.message
    );
}

#[test]
fn characters_that_kustomize_does_not_read_back_are_reported_n113() {
    let texts =
        [("a", "\u{7f}"), ("b", "\u{85}"), ("c", "\u{9f}"), ("d", "\u{ffff}"), ("e", "\u{7}\u{a0}\u{2028}")];
    let odd = texts.map(|(name, text)| object("Service", name, &json!([text])));
    let mut sink = Sink::default();
    assemble(artefacts(odd.into()), Vec::new(), None, &mut sink);
    let [found] = sink.diagnostics() else { panic!("one finding") };
    let expected = "control characters in Service `a`, Service `b`, Service `c`, Service `d`";
    assert!(found.message.ends_with(expected), "{}", found.message);
}
