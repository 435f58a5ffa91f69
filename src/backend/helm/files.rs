//! The files of a chart. Layout only.

use serde_json::{Map, Value};

use super::values::{self, Values};
use super::{About, Part, go, print, schema, secrets, text_file};
use crate::backend::{Artefacts, DataFile, Document, decimal};

/// What is no part of a packed chart.
const IGNORED: &str = "# rcompose: what is no part of the chart\n.rcompose-files\n.git/\n";

/// Writes everything.
pub(super) fn write(
    parts: Vec<Part>,
    beside: Vec<DataFile>,
    headline: String,
    about: &About,
    values: &Values,
    words: String,
    closing: Vec<String>,
) -> Artefacts {
    let tree = values.tree();
    let schema = format!("{:#}\n", schema::of(&tree));
    let helpers = parts.iter().map(|part| part.helper.as_str()).collect::<Vec<_>>().concat();
    let helpers = format!("{}{}{helpers}", image_helper(&about.name), secrets::helper(&about.name));
    let mut files = vec![
        text_file("values.schema.json", schema, false),
        text_file(".helmignore", IGNORED.to_owned(), false),
        text_file("templates/_helpers.tpl", helpers, false),
        text_file("templates/NOTES.txt", notes(values), false),
    ];
    for part in parts {
        let path = format!("templates/{}", part.document.file_name);
        files.push(text_file(path, template(&part, &headline), part.document.secret));
    }
    files.extend(beside);
    let documents = vec![
        document("Chart.yaml", about_tree(about), false),
        document("values.yaml", tree, values.has_secret_data()),
    ];
    let needs_directory = Some("a chart is a directory".to_owned());
    Artefacts { headline, documents, files, needs_directory, words: Some(words), closing }
}

fn template(part: &Part, headline: &str) -> String {
    let map = part.document.tree.as_object().cloned().unwrap_or_else(Map::new);
    let text = print::mapping(&map, "", 0, &part.holes, part.document.key_rank);
    let headline = go::literal(headline);
    match &part.around {
        Some((before, after)) => format!("# rcompose: {headline}\n{before}\n{text}{after}\n"),
        None => format!("# rcompose: {headline}\n{text}"),
    }
}

fn image_helper(chart: &str) -> String {
    let name = go::string(&format!("{chart}.image"));
    format!(
        "\
{{{{- /* An image of its parts. */ -}}}}
{{{{- define {name} -}}}}
{{{{- .repository -}}}}{{{{- with .tag -}}}}:{{{{- . -}}}}{{{{- end -}}}}{{{{- with .digest -}}}}@{{{{- . -}}}}{{{{- end -}}}}
{{{{- end -}}}}
"
    )
}

/// Only what is true of every release.
fn notes(values: &Values) -> String {
    let services: Vec<&str> = values.services().map(String::as_str).collect();
    format!(
        "\
Services: {}.

  kubectl --namespace {{{{ .Release.Namespace }}}} get pods,services

The names of the services are fixed, since they dial each other by them: a second release goes to a namespace of its own.
",
        go::literal(&services.join(", "))
    )
}

fn about_tree(about: &About) -> Value {
    let About { name, version, app_version, description } = about;
    let description = description.clone().unwrap_or_else(|| format!("The Compose project {name}"));
    let mut tree = Map::new();
    for (key, text) in [
        ("apiVersion", "v2"),
        ("name", name.as_str()),
        ("description", description.as_str()),
        ("type", "application"),
        ("version", version.as_str()),
    ] {
        tree.insert(key.to_owned(), text.into());
    }
    if let Some(app_version) = app_version {
        tree.insert("appVersion".to_owned(), app_version.as_str().into());
    }
    Value::Object(tree)
}

fn document(file_name: &str, tree: Value, secret: bool) -> Document {
    Document {
        file_name: file_name.to_owned(),
        kind: "Chart".to_owned(),
        name: String::new(),
        tree,
        key_rank: rank,
        octal: decimal,
        signed: None,
        origins: Vec::new(),
        secret,
    }
}

fn rank(parent: &str, key: &str) -> u32 {
    const CHART: [&str; 3] = ["apiVersion", "name", "description"];
    match CHART.iter().zip(0..).find(|(first, _)| parent.is_empty() && **first == key) {
        Some((_, rank)) => rank,
        None => values::key_rank(parent, key) + 10,
    }
}
