//! On which networks a service is, through `network_mode` too (K86, K90, N41).

use std::collections::BTreeSet;

use crate::model::{Network, NetworkMode, NetworkName, Project, Service};

/// How a service is connected, its own way or that of the service whose network it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Membership<'a> {
    /// To these networks of the project.
    Networks(BTreeSet<&'a NetworkName>),
    /// To the node's own.
    Host,
    /// To nothing.
    Closed,
    /// To the engine's own network, which knows no names.
    Engine,
}

impl<'a> Membership<'a> {
    /// Finds out how a service is connected.
    pub(crate) fn of(project: &'a Project, service: &'a Service) -> Self {
        let mut service = service;
        // Loading refuses cycles; counting makes this end whatever it is given.
        for _ in 0..=project.services.len() {
            match &service.network.mode {
                NetworkMode::Networks(networks) => return Self::Networks(networks.keys().collect()),
                NetworkMode::Host(_) => return Self::Host,
                NetworkMode::None(_) => return Self::Closed,
                NetworkMode::Engine(_) | NetworkMode::Container(_) => return Self::Engine,
                NetworkMode::Of(other) => match project.services.get(&other.value) {
                    Some(owner) => service = owner,
                    None => return Self::Engine,
                },
            }
        }
        Self::Engine
    }

    /// Returns the networks of the project, none for the other ways.
    pub(crate) fn networks(&self) -> impl Iterator<Item = &'a NetworkName> {
        let networks = match self {
            Self::Networks(networks) => Some(networks),
            Self::Host | Self::Closed | Self::Engine => None,
        };
        networks.into_iter().flatten().copied()
    }

    /// Tells whether two services can reach each other.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Networks(one), Self::Networks(other)) => !one.is_disjoint(other),
            // The node reaches all pods, and they reach the node.
            (Self::Engine, Self::Engine) | (Self::Host, _) | (_, Self::Host) => true,
            (Self::Closed | Self::Networks(_) | Self::Engine, _) => false,
        }
    }

    /// Tells whether there are networks and all of them are internal: no way to or from the outside.
    pub(crate) fn is_internal(&self, project: &Project) -> bool {
        let mut networks = self.networks().peekable();
        networks.peek().is_some()
            && networks
                .all(|name| project.networks.get(name).is_some_and(|network| network.internal.is_some()))
    }
}

/// Tells whether a network can be shared with other projects (N41): external, or its author chose the name.
pub(crate) fn is_shared(network: &Network) -> bool {
    network.external.is_some() || network.written_name.is_some()
}
