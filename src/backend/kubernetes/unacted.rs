//! Hints that nothing here acts on yet: each is refused, so that none is lost in silence.

use super::problem::{of_project, of_service};
use crate::backend::codes::BackendCode;
use crate::diag::{Diagnostic, Outcome, Sink};
use crate::model::{Project, WrittenHint};

/// Hints by place that no part of this target reads yet.
const PROJECT: &[&str] =
    &["expose", "secret-store", "rewrite-names", "domain", "gateway-class", "api-server"];
const SERVICE: &[&str] = &[
    "hpa",
    "pdb",
    "secret-environment",
    "expose",
    "hosts",
    "tls",
    "ingress-class",
    "gateway",
    "annotations",
    "node-port",
    "external-traffic-policy",
    "source-ranges",
    "load-balancer-class",
    "split-protocols",
];
const PORT: &[&str] = &["expose", "node-port", "hosts"];
const MOUNT: &[&str] = &[];
const VOLUME: &[&str] = &["nfs"];
const NETWORK: &[&str] = &["allow-from"];
const CONTENT: &[&str] = &["key", "remote", "sensitive"];

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
        for port in &service.ports.ports {
            refuse(port.hints.written(), PORT, format!("{path}.ports"), Some(name));
        }
        for mount in &service.mounts {
            refuse(mount.hints.written(), MOUNT, format!("{path}.volumes"), Some(name));
        }
    }
    for (name, volume) in &project.volumes {
        refuse(volume.hints.written(), VOLUME, format!("volumes.{name}"), None);
    }
    for (name, network) in &project.networks {
        refuse(network.hints.written(), NETWORK, format!("networks.{name}"), None);
    }
    for (name, config) in &project.configs {
        refuse(config.hints.written(), CONTENT, format!("configs.{name}"), None);
    }
    for (name, secret) in &project.secrets {
        refuse(secret.hints.written(), CONTENT, format!("secrets.{name}"), None);
    }
}
