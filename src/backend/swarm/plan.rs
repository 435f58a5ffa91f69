//! What must be known of all services before one of them is written: which are written, under which names, on which
//! networks, doing what kind of work.

use std::collections::{BTreeMap, BTreeSet};

use super::names;
use super::options::Options;
use super::report::{Report, approximated, noted};
use crate::backend::codes::BackendCode;
use crate::backend::swarm::codes::SwarmCode;
use crate::diag::{Diagnostic, Outcome, Sources};
use crate::model::{NetworkMode, NetworkName, Project, Service, ServiceName};

/// The project, and what is known of it as a whole.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// What the user chose.
    pub(crate) options: &'a Options,
    /// The texts that places point into.
    pub(crate) sources: &'a Sources,
    /// The services that are written, by their Compose name.
    pub(crate) services: BTreeMap<&'a ServiceName, Written<'a>>,
    /// The services on each network.
    members: BTreeMap<&'a NetworkName, BTreeSet<&'a ServiceName>>,
    /// The services by the names that they have, in the project or in the stack.
    by_name: BTreeMap<String, BTreeSet<&'a ServiceName>>,
}

/// A service that is written.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    /// Its Compose name.
    pub(crate) name: &'a ServiceName,
    /// Its name in the stack (S25).
    pub(crate) stack_name: String,
    /// What it means.
    pub(crate) service: &'a Service,
    /// Networks of the project that it is on; those of the service whose network it wanted to share (S85).
    pub(crate) networks: BTreeSet<&'a NetworkName>,
}

impl<'a> Plan<'a> {
    /// Looks at the whole project; names that must change are reported.
    pub(crate) fn new(
        project: &'a Project,
        options: &'a Options,
        sources: &'a Sources,
        report: &mut Report<'_>,
    ) -> Self {
        let written: Vec<(&ServiceName, &Service)> = project
            .services
            .iter()
            .filter(|(_, service)| service.selected && service.target_only.provider.is_none())
            .collect();
        let names = stack_names(project, &written, report);
        let services: BTreeMap<_, _> = written
            .into_iter()
            .zip(names)
            .map(|((name, service), stack_name)| {
                let networks = networks_of(project, service);
                (name, Written { name, stack_name, service, networks })
            })
            .collect();
        let (mut members, mut by_name) =
            (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for (name, Written { stack_name, networks, .. }) in &services {
            for network in networks {
                members.entry(*network).or_default().insert(*name);
            }
            for text in [name.as_str(), stack_name] {
                by_name.entry(text.to_owned()).or_default().insert(*name);
            }
        }
        Self { project, options, sources, services, members, by_name }
    }

    /// Returns the name that a service has in the stack, if it is written.
    pub(crate) fn stack_name(&self, name: &ServiceName) -> Option<&str> {
        self.services.get(name).map(|written| written.stack_name.as_str())
    }

    /// Tells whether another service is on a network.
    pub(crate) fn is_shared(&self, network: &NetworkName, service: &ServiceName) -> bool {
        self.members.get(network).is_some_and(|members| members.iter().any(|other| *other != service))
    }

    /// Tells whether a name is the one of another service than `own`.
    pub(crate) fn is_other_service(&self, name: &str, own: &ServiceName) -> bool {
        self.by_name.get(name).is_some_and(|services| services.iter().any(|other| *other != own))
    }
}

/// Follows `network_mode: service:x` to a service with networks of its own.
fn networks_of<'a>(project: &'a Project, service: &'a Service) -> BTreeSet<&'a NetworkName> {
    let mut seen = BTreeSet::new();
    let mut service = service;
    loop {
        match &service.network.mode {
            NetworkMode::Networks(networks) => return networks.keys().collect(),
            NetworkMode::Of(other) if seen.insert(&other.value) => match project.services.get(&other.value) {
                Some(next) => service = next,
                None => return BTreeSet::new(),
            },
            NetworkMode::Of(_)
            | NetworkMode::Host(_)
            | NetworkMode::None(_)
            | NetworkMode::Container(_)
            | NetworkMode::Engine(_) => return BTreeSet::new(),
        }
    }
}

/// Gives each service the name it has in the stack (S25, S11).
fn stack_names(
    project: &Project,
    written: &[(&ServiceName, &Service)],
    report: &mut Report<'_>,
) -> Vec<String> {
    let prefix = format!("{}_", project.name);
    let names: Vec<String> = written.iter().map(|(name, _)| names::nearest(&prefix, name.as_str())).collect();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        by_name.entry(name).or_default().push(index);
    }
    for (index, (name, service)) in written.iter().enumerate() {
        report.enter(name);
        let stack_name = &names[index];
        let twin = by_name[stack_name.as_str()].iter().copied().find(|other| *other != index);
        if stack_name != name.as_str() {
            report.add(
                "",
                match twin {
                    Some(other) => Diagnostic::new(
                        BackendCode::NameCollision,
                        format!(
                            "services `{name}` and `{}` are both called `{stack_name}` in a swarm",
                            written[other].0
                        ),
                    )
                    .at(service.span)
                    .outcome(Outcome::Refused)
                    .also(written[other].1.span, "the other one")
                    .help("rename one of them"),
                    None => approximated(
                        BackendCode::NameChanged,
                        service.span,
                        format!(
                            "service `{name}` is called `{stack_name}` in the stack: Swarm refuses the name"
                        ),
                    )
                    .help("the old name stays as an alias where other services can see it"),
                },
            );
        }
        let length = prefix.len() + stack_name.len();
        if length > names::LONGEST_NAME {
            let message = format!(
                "`{prefix}{stack_name}` has {length} characters; Swarm takes {}",
                names::LONGEST_NAME
            );
            report.add(
                "",
                noted(SwarmCode::StackNameTooLong, service.span, message)
                    .help("deploy under a shorter stack name, or convert with `-p NAME`"),
            );
        }
    }
    report.leave();
    names
}
