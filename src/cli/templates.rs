//! `--templates DIR`: the files that users add, and what they see of the project (N115).

use std::path::Path;

use serde_json::{Map, Value, json};

use super::session::Session;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::templates::{SUFFIX, Template};
use crate::compose::Project;
use crate::compose::print::Printer;
use crate::diag::Diagnostic;

/// Largest template that is read.
const LIMIT: u64 = 1024 * 1024;
/// Where users write hints.
const HINTS: &str = "x-rcompose";

/// Reads all templates of a directory, by name; what cannot be read is reported.
pub(crate) fn read(directory: &str, session: &mut Session<'_, '_>) -> Vec<Template> {
    let path = Path::new(directory);
    let names = match session.host.list(path) {
        Ok(names) => names,
        Err(error) => {
            session.sink.push(unreadable(directory, &error.to_string()));
            return Vec::new();
        }
    };
    let mut templates = Vec::new();
    for name in names.into_iter().filter(|name| name.ends_with(SUFFIX)) {
        let shown = format!("{}/{name}", directory.trim_end_matches('/'));
        let bytes = session.host.read(&path.join(&name), LIMIT).map_err(|error| error.to_string());
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned()));
        match text {
            Ok(text) => {
                let source = session.sources.add(shown, text.clone());
                templates.push(Template { name, source, text });
            }
            Err(reason) => session.sink.push(unreadable(&shown, &reason)),
        }
    }
    templates
}

fn unreadable(shown: &str, reason: &str) -> Diagnostic {
    Diagnostic::new(KubernetesCode::TemplateInvalid, format!("`{shown}` cannot be read: {reason}"))
}

/// What templates see of the services: as they are after loading, extensions too; never the environment, which may hold
/// secrets.
pub(crate) fn services(project: &Project) -> Value {
    let whole = project.print(Printer { yaml: true }).to_json();
    let services = whole["services"].as_object().into_iter().flatten();
    services
        .map(|(name, service)| {
            let hints = service.get(HINTS).cloned().unwrap_or_else(|| json!({}));
            let mut seen = Map::new();
            seen.insert("name".to_owned(), name.as_str().into());
            seen.insert("hints".to_owned(), hints);
            for (key, empty) in [("ports", json!([])), ("labels", json!({}))] {
                seen.insert(key.to_owned(), service.get(key).cloned().unwrap_or(empty));
            }
            let extensions = service.as_object().into_iter().flatten();
            let extensions = extensions.filter(|(key, _)| key.starts_with("x-") && *key != HINTS);
            seen.extend(extensions.map(|(key, value)| (key.clone(), value.clone())));
            Value::Object(seen)
        })
        .collect()
}
