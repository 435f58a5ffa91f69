//! How the name of a service resolves: one address or one per pod, ready pods only or all, and what it calls itself
//! (N21, N28, N29).

use std::collections::BTreeMap;

use super::kind::WorkloadKind;
use super::options::Options;
use super::plan::running;
use super::pod::readiness::Readiness;
use super::ports::PortSet;
use crate::model::{Project, ServiceName};

/// How the name of a service resolves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// Without an address of its own: the name gives the address of each pod.
    pub(crate) headless: bool,
    /// Pods that are not ready are found too.
    pub(crate) unready_too: bool,
}

/// Decides for each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    _options: &Options,
    _kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    ports: &BTreeMap<&'a ServiceName, PortSet>,
    _readiness: &BTreeMap<&'a ServiceName, Readiness<'a>>,
) -> BTreeMap<&'a ServiceName, Shape> {
    running(project)
        .map(|(name, _)| {
            let headless = ports[name].ports.is_empty();
            (name, Shape { headless, unready_too: headless })
        })
        .collect()
}
