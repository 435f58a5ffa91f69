//! What says that a service is ready: its own test (K40), or one that is assumed (K45).

use std::collections::BTreeMap;

use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::plan::running;
use crate::backend::kubernetes::ports::PortSet;
use crate::diag::{Sink, Spanned};
use crate::model::{Check, Health, Project, ServiceName};

/// What says that a service is ready.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readiness<'a> {
    /// Nothing: a pod is ready when it runs.
    None,
    /// The test of its author or of its Dockerfile.
    Declared(&'a Spanned<Check>),
    /// A connection to this TCP port.
    Assumed(u16),
}

/// Decides for each service.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    _options: &Options,
    _kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    _ports: &BTreeMap<&'a ServiceName, PortSet>,
    _sink: &mut Sink,
) -> BTreeMap<&'a ServiceName, Readiness<'a>> {
    running(project)
        .map(|(name, service)| match &service.health {
            Health::Check(check) => (name, Readiness::Declared(check)),
            Health::Unknown | Health::Disabled(_) | Health::TimingOnly(_) => (name, Readiness::None),
        })
        .collect()
}
