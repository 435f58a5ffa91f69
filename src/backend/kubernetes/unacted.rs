//! Hints that nothing here acts on yet: each is refused, so that none is lost in silence.

use super::problem::{of_project, of_service};
use crate::backend::codes::BackendCode;
use crate::diag::{Diagnostic, Outcome, Sink};
use crate::model::{Project, WrittenHint};

/// Hints by place that no part of this target reads yet.
const PROJECT: &[&str] = &[];
const SERVICE: &[&str] = &["secret-environment"];
const VOLUME: &[&str] = &["nfs"];
const CONTENT: &[&str] = &["key", "sensitive"];

/// Refuses them.
pub(crate) fn report(project: &Project, sink: &mut Sink) {
    let mut refuse = |hints: Vec<WrittenHint>,
                      unread: &[&str],
                      path: String,
                      service: Option<&crate::model::ServiceName>| {
        for (hint, span) in hints.into_iter().filter(|(hint, _)| unread.contains(hint)) {
            let message = format!("hint `{hint}` of `{path}` cannot be carried by this version");
            let found: Diagnostic = match service {
                Some(service) => of_service(BackendCode::NotYetSupported, service, message),
                None => of_project(BackendCode::NotYetSupported, message),
            };
            sink.push(
                found
                    .outcome(Outcome::Refused)
                    .at(span)
                    .path(path.as_str())
                    .help("leave it out for this target"),
            );
        }
    };
    refuse(project.hints.written(), PROJECT, "x-rcompose".to_owned(), None);
    for (name, service) in project.services.iter().filter(|(_, service)| service.selected) {
        let path = format!("services.{name}");
        refuse(service.hints.written(), SERVICE, path.clone(), Some(name));
    }
    for (name, volume) in &project.volumes {
        refuse(volume.hints.written(), VOLUME, format!("volumes.{name}"), None);
    }
    for (name, config) in &project.configs {
        refuse(config.hints.written(), CONTENT, format!("configs.{name}"), None);
    }
    for (name, secret) in &project.secrets {
        refuse(secret.hints.written(), CONTENT, format!("secrets.{name}"), None);
    }
}
