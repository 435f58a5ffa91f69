//! Templates over an object: what they see, what they give, how they fail.

use serde_json::{Value, json};

use super::*;
use crate::backend::decimal;
use crate::diag::Sources;

fn service() -> Document {
    Document {
        file_name: "service-web.yaml".to_owned(),
        kind: "Service".to_owned(),
        name: "web".to_owned(),
        tree: json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {
            "app.kubernetes.io/instance": "shop", "app.kubernetes.io/managed-by": "rcompose",
            "app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop",
        }}}),
        key_rank: |_, _| 0,
        octal: decimal,
        signed: None,
        origins: Vec::new(),
        secret: false,
    }
}

/// Renders templates; gives the artefacts, and places and messages of what was found.
fn applied(templates: &[(&str, &str)]) -> (Artefacts, Vec<String>) {
    let mut sources = Sources::default();
    let templates: Vec<Template> = templates
        .iter()
        .map(|(name, text)| {
            let source = sources.add(*name, *text);
            Template { name: (*name).to_owned(), source, text: (*text).to_owned() }
        })
        .collect();
    let data = json!({
        "project": "shop", "namespace": null,
        "services": [{"name": "web", "ports": [{"target": 80}], "labels": {}, "hints": {}, "x-team": "mill"}],
    });
    let mut sink = Sink::default();
    let artefacts = Artefacts { documents: vec![service()], ..Artefacts::default() };
    let made = apply(artefacts, &templates, &data, &mut sink);
    let told = sink.diagnostics().iter().map(|found| {
        let place = found.span.map(|span| sources.place(span)).unwrap_or_default();
        format!("{place}: {}", found.message)
    });
    (made, told.collect())
}

#[test]
fn a_template_gives_objects_with_our_labels_n115() {
    let text = "\
<%# one monitor each %>
<% for service in services %>
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: <%= service.name %>, labels: {team: <%= service['x-team'] %>, app.kubernetes.io/managed-by: me}}
spec:
  port: <%= service.ports[0].target %>
  count: <%= objects | length %>
  keep: '{{ this }} ${that}'
<% endfor %>
";
    let (made, told) = applied(&[("monitors.yaml.jinja", text)]);
    assert_eq!(told, [] as [&str; 0]);
    let added = &made.documents[1];
    assert_eq!(added.file_name, "servicemonitor-web.yaml");
    assert_eq!(added.tree["spec"], json!({"port": 80, "count": 1, "keep": "{{ this }} ${that}"}));
    let expected = json!({
        "app.kubernetes.io/instance": "shop", "app.kubernetes.io/managed-by": "rcompose",
        "app.kubernetes.io/part-of": "shop", "team": "mill",
    });
    assert_eq!(added.tree["metadata"]["labels"], expected);
    assert_eq!(added.origins[0].rule, "N115");
}

#[test]
fn what_others_are_of_or_lie_in_stands_before_them_n110() {
    let widget = "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a}\n";
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.org}\n";
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n";
    let (made, told) = applied(&[("all.yaml", &[widget, namespace, definition].join("---\n"))]);
    assert_eq!(told, Vec::<String>::new());
    let kinds: Vec<&str> = made.documents.iter().map(|document| document.kind.as_str()).collect();
    assert_eq!(kinds, ["Service", "Namespace", "CustomResourceDefinition", "Widget"]);
}

#[test]
fn others_are_files_and_need_a_directory_n115() {
    let (made, told) = applied(&[
        ("_line.jinja", "<%= object.kind %>/<%= object.metadata.name %>\n"),
        ("list.txt.jinja", "<% for object in objects %><% include '_line.jinja' %><% endfor %>"),
        ("tree.yaml.txt.jinja", "<%= objects[0].metadata | yaml %>\n"),
    ]);
    assert_eq!(told, [] as [&str; 0]);
    let text = |index: usize| String::from_utf8_lossy(&made.files[index].bytes).into_owned();
    assert_eq!((made.files.len(), made.files[0].path.as_str()), (2, "list.txt"));
    assert_eq!(text(0), "Service/web\n");
    assert!(text(1).ends_with("\nname: web\n"), "{}", text(1));
    assert_eq!(made.needs_directory.as_deref(), Some("template `list.txt.jinja` gives a file of its own"));
}

#[test]
fn mistakes_are_told_with_file_and_line_n115() {
    let object = |name: &str| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n");
    for (text, expected) in [
        ("a\n<% for %>\n", "x.yaml.jinja:2:"),
        ("a: 1\nb: <%= servces %>\n", "x.yaml.jinja:2:8: `x.yaml.jinja` cannot be rendered: undefined value"),
        ("a: <%= project.x.y %>\n", "x.yaml.jinja:1:"),
        ("<% include 'y.jinja' %>\n", "x.yaml.jinja:1:"),
        ("a: [\n", "x.yaml.jinja:1:1: `x.yaml.jinja` gives no YAML:"),
        ("a: 1\n", "x.yaml.jinja:1:1: `x.yaml.jinja` gives something that is no object"),
        (&object("web"), "x.yaml.jinja:1:1: `x.yaml.jinja` gives Service `web`, which is there already"),
        (
            &format!("{}---\n{}", object("a"), object("a")),
            "x.yaml.jinja:1:1: `x.yaml.jinja` gives Service `a`, which is there already",
        ),
        ("<% for a in range(99999) %><% for b in range(99999) %><% endfor %><% endfor %>", "x.yaml.jinja:1:"),
    ] {
        let (_, told) = applied(&[("x.yaml.jinja", text)]);
        assert!(told.len() == 1 && told[0].starts_with(expected), "{text}: {told:?}");
    }
}

#[test]
fn a_template_changes_nothing_of_ours_and_gives_the_same_each_time_n115() {
    let text = "<% for object in objects %><%= object | json %>\n<% endfor %>";
    let (one, other) = (applied(&[("a.txt.jinja", text)]), applied(&[("a.txt.jinja", text)]));
    assert_eq!(one.0.files[0].bytes, other.0.files[0].bytes);
    assert_eq!(one.0.documents[0].tree, service().tree);
    let none: Value = applied(&[("now.txt.jinja", "<%= now() %>")]).1.into();
    assert!(none[0].as_str().is_some_and(|told| told.contains("now")), "{none}");
}
