//! What is decided about services before the first object is made, in the order of N146 (steps 2 to 4).
//!
//! Steps compute over all active services, so that an object never depends on what else was asked for; only objects of
//! selected ones are written, and only these give messages. Each step is a function that takes what stands above it.
//! Services with a provider have no object at all (K106) and are not in the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::alias::{self, Aliases};
use super::kind::{self, WorkloadKind};
use super::labels::{self, Labels};
use super::options::Options;
use super::pod::readiness::{self, Readiness};
use super::ports::{self, PortSet};
use super::routes::{self, Route};
use super::shape::{self, Shape};
use super::storage::access::{self, Claims};
use super::{names, network_policy};
use crate::diag::{Sink, Sources};
use crate::model::{HintedKind, Project, Service, ServiceName};

/// The project with all that is known before objects are made.
pub(crate) struct Plan<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// What the user chose.
    pub(crate) options: &'a Options,
    /// The texts that spans point into.
    pub(crate) sources: &'a Sources,
    /// Facts by service; providers are not among them.
    pub(crate) services: BTreeMap<&'a ServiceName, Facts<'a>>,
    /// Names of Services that users gave: services and their aliases; derived names give way to them (N3).
    pub(crate) service_names: BTreeSet<String>,
    /// Further names of services (N30, N31).
    pub(crate) aliases: Aliases<'a>,
    /// Network policies are written (N40).
    pub(crate) policies: bool,
    /// Claims with their access modes (N63).
    pub(crate) claims: Claims<'a>,
}

/// What is known of one service.
pub(crate) struct Facts<'a> {
    /// Its Compose name.
    pub(crate) name: &'a ServiceName,
    /// What it means.
    pub(crate) service: &'a Service,
    /// Name of the objects named after it: `S` (N2).
    pub(crate) object_name: String,
    /// The service whose pod it runs in: itself, but for members of a pod group (K90).
    pub(crate) owner: &'a ServiceName,
    /// Kind of its own; in a pod group the owner gives the kind of the pod (K90).
    pub(crate) kind: WorkloadKind,
    /// Its ports (N20).
    pub(crate) ports: PortSet,
    /// HTTP routes that lead to it (N50).
    pub(crate) routes: Vec<Route>,
    /// What says that it is ready (K40, K45).
    pub(crate) readiness: Readiness<'a>,
    /// How its name resolves (N21, N28, N29).
    pub(crate) shape: Shape,
}

impl Facts<'_> {
    /// Returns the name that its objects are made of: that of the hint, else its own (N2).
    pub(crate) fn written_name(&self) -> &str {
        let hint = self.service.hints.name.as_ref();
        hint.map_or(self.name.as_str(), |name| name.value.as_str())
    }
}

/// Services that run in one pod: mostly one (K90).
pub(crate) struct Pod<'a, 'p> {
    /// Gives name, labels, kind, replicas.
    pub(crate) owner: &'p Facts<'a>,
    /// All members in start order, the owner among them.
    pub(crate) members: Vec<&'p Facts<'a>>,
}

impl<'a> Plan<'a> {
    /// Decides all that objects read.
    pub(crate) fn new(
        project: &'a Project,
        options: &'a Options,
        sources: &'a Sources,
        sink: &mut Sink,
    ) -> Self {
        let owners = owners(project);
        let object_names = object_names(project);
        let aliases = alias::of_project(project, &object_names, sink);
        let service_names = object_names.values().chain(aliases.by_name.keys()).cloned().collect();
        let kinds = kind::of_services(project, sink);
        let ports = ports::of_services(project, options, sink);
        let mut routes = routes::of_services(project, options, &ports, sink);
        let readiness = readiness::of_services(project, options, &kinds, &ports, sink);
        let shapes = shape::of_services(project, options, &kinds, &ports, &readiness);
        let claims = access::of_volumes(project, &kinds, sink);
        let policies = network_policy::wanted(project, options, sink);
        let services = running(project)
            .map(|(name, service)| {
                let facts = Facts {
                    name,
                    service,
                    object_name: object_names[name].clone(),
                    owner: owners[name],
                    kind: kinds[name],
                    ports: ports[name].clone(),
                    routes: routes.remove(name).unwrap_or_default(),
                    readiness: readiness[name],
                    shape: shapes[name].clone(),
                };
                (name, facts)
            })
            .collect();
        Self { project, options, sources, services, service_names, aliases, policies, claims }
    }

    /// Returns the facts of a service that runs in the cluster; `None` for providers and inactive ones.
    pub(crate) fn get(&self, name: &ServiceName) -> Option<&Facts<'a>> {
        self.services.get(name)
    }

    /// Returns the facts of all services that run, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Facts<'a>> {
        self.services.values()
    }

    /// Returns the facts of services whose objects are written, by name.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &Facts<'a>> {
        self.all().filter(|facts| facts.service.selected)
    }

    /// Returns the pods that are written, by the name of their owner. A pod is written whole when one member is selected.
    pub(crate) fn pods(&self) -> Vec<Pod<'a, '_>> {
        let owners: BTreeSet<&ServiceName> = self.selected().map(|facts| facts.owner).collect();
        owners.into_iter().map(|owner| self.pod(owner)).collect()
    }

    /// Returns the pod in which a service runs.
    pub(crate) fn pod_of(&self, facts: &Facts<'a>) -> Pod<'a, '_> {
        self.pod(facts.owner)
    }

    /// Returns what the objects of this project are told apart by (N10, A13).
    pub(crate) fn instance(&self) -> &str {
        self.project.instance()
    }

    /// Returns the labels of the objects of a service.
    pub(crate) fn labels(&self, facts: &Facts<'_>) -> Labels {
        labels::of_service(self.instance(), self.project.name.as_str(), facts.name.as_str())
    }

    /// Returns the labels of objects that belong to the project as a whole.
    pub(crate) fn project_labels(&self) -> Labels {
        labels::of_project(self.instance(), self.project.name.as_str())
    }

    /// Returns the selector of the pods that a service runs in.
    pub(crate) fn selector(&self, facts: &Facts<'_>) -> Labels {
        labels::selector(self.instance(), facts.owner.as_str())
    }

    /// Returns the name of a Service derived from a service's, such as `web-published` (N2, N3).
    pub(crate) fn derived_service_name(&self, facts: &Facts<'_>, suffix: &str) -> String {
        names::derived("Service", facts.written_name(), suffix, &self.service_names)
    }

    fn pod(&self, owner: &ServiceName) -> Pod<'a, '_> {
        let group = self.project.groups.iter().find(|group| group.owner == *owner);
        let members = match group {
            Some(group) => group.members.iter().filter_map(|member| self.get(member)).collect(),
            None => self.get(owner).into_iter().collect(),
        };
        let owner = self.get(owner).expect("owners are services that run");
        Pod { owner, members }
    }
}

/// Returns the services that run in the cluster (K106).
pub(crate) fn running(project: &Project) -> impl Iterator<Item = (&ServiceName, &Service)> {
    project.services.iter().filter(|(_, service)| service.target_only.provider.is_none())
}

/// Says in whose pod each service runs (K90).
fn owners(project: &Project) -> BTreeMap<&ServiceName, &ServiceName> {
    let mut owners: BTreeMap<_, _> = running(project).map(|(name, _)| (name, name)).collect();
    for group in &project.groups {
        owners.extend(group.members.iter().map(|member| (member, &group.owner)));
    }
    owners
}

/// Names the objects of each service (N2).
fn object_names(project: &Project) -> BTreeMap<&ServiceName, String> {
    let name = |(name, service): (&'_ ServiceName, &Service)| {
        let hints = &service.hints;
        let written = hints.name.as_ref().map_or(name.as_str(), |hint| hint.value.as_str());
        let is_long = matches!(
            hints.kind.as_ref().map(|kind| kind.value),
            Some(HintedKind::StatefulSet | HintedKind::CronJob)
        );
        // Controllers add to the names of these two.
        if is_long { names::dns_for_controller(written) } else { names::dns(written) }
    };
    running(project).map(|(key, service)| (key, name((key, service)))).collect()
}
