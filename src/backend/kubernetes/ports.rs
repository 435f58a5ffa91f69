//! The port set of a service (N20) and what containers say of it (N21, N22).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ContainerPort;

use super::object::Noted;
use super::options::Options;
use super::plan::{Facts, running};
use crate::diag::{Sink, Span};
use crate::model::{Project, Protocol, ServiceName};

/// Ports of a service, sorted by number, then protocol, each once (N20).
#[derive(Clone, Debug, Default)]
pub(crate) struct PortSet {
    /// The ports.
    pub(crate) ports: Vec<Port>,
}

/// One port of a set.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// Container port.
    pub(crate) number: u16,
    /// Protocol.
    pub(crate) protocol: Protocol,
    /// Its name in pod and Services (N21).
    pub(crate) name: String,
    /// `appProtocol` (N21).
    pub(crate) app_protocol: Option<String>,
    /// What gave it; the strongest source counts.
    pub(crate) source: PortSource,
    /// Where it is written, declared or found.
    pub(crate) span: Option<Span>,
    /// Number on the node, where the container takes one (N22, `mode: host`).
    pub(crate) host_port: Option<u16>,
}

/// Sources of N20, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PortSource {
    /// `ports`.
    Published,
    /// `expose`.
    Exposed,
    /// `EXPOSE` of the local Dockerfile.
    Dockerfile,
    /// A text of another service (N26).
    Text,
    /// A well-known image (N27).
    Image,
    /// A text of its own.
    Own,
}

/// Finds the ports of each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    _options: &Options,
    _sink: &mut Sink,
) -> BTreeMap<&'a ServiceName, PortSet> {
    running(project).map(|(name, _)| (name, PortSet::default())).collect()
}

/// Writes `ports` of a service's container: its whole port set.
pub(crate) fn container_ports(facts: &Facts<'_>) -> Vec<Noted<ContainerPort>> {
    facts
        .ports
        .ports
        .iter()
        .map(|port| {
            let value = ContainerPort {
                name: Some(port.name.clone()),
                container_port: port.number.into(),
                protocol: Some(port.protocol.word().to_ascii_uppercase()),
                host_port: port.host_port.map(Into::into),
                host_ip: None,
            };
            Noted::new(value, "N20", port.span)
        })
        .collect()
}
