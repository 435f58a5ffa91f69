//! Networks, and the names and hosts that a service sees on them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Metadata, NetworkName, ServiceName};
use crate::diag::{Span, Spanned};

/// How a service is connected.
#[derive(Clone, Debug)]
pub struct Networking {
    /// Own networks, the host's, none, or another service's.
    pub mode: NetworkMode,
    /// Names besides the service's own, in order of origin; each name once per origin.
    pub aliases: Vec<Alias>,
    /// `links` to other services: the service and the name it gets for this one.
    pub links: Vec<(ServiceName, Option<Spanned<String>>, Span)>,
    /// `external_links`.
    pub external_links: Vec<Spanned<String>>,
    /// `extra_hosts`.
    pub extra_hosts: Vec<ExtraHost>,
    /// Resolver settings.
    pub dns: Dns,
    /// `mac_address` of the service.
    pub mac_address: Option<Spanned<String>>,
}

/// How a container is attached.
#[derive(Clone, Debug)]
pub enum NetworkMode {
    /// To these networks; `network_mode: NAME` of a network counts as one.
    Networks(BTreeMap<NetworkName, Attachment>),
    /// `network_mode: host`.
    Host(Span),
    /// `network_mode: none`.
    None(Span),
    /// `network_mode: service:x`, or `container:x` where x is a service's `container_name`.
    Of(Spanned<ServiceName>),
    /// `network_mode: container:x` of a container that no service names.
    Container(Spanned<String>),
    /// `network_mode: bridge`, `default`, `nat`: the engine's own network, without names of other services.
    Engine(Spanned<String>),
}

/// One network of a service.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Place of the entry; of the service where it is the implied default network.
    pub span: Span,
    /// The author wrote it; false for the implied default network.
    pub written: bool,
    /// `ipv4_address`, `ipv6_address`.
    pub addresses: Vec<Spanned<String>>,
    /// `mac_address`.
    pub mac_address: Option<Spanned<String>>,
    /// `driver_opts`.
    pub driver_options: BTreeMap<String, Spanned<String>>,
    /// Names of `link_local_ips`, `priority`, `gw_priority`, `interface_name` where written.
    pub other: Vec<Spanned<&'static str>>,
}

/// A further name of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name as written.
    pub name: Spanned<String>,
    /// What gives it.
    pub origin: AliasOrigin,
}

/// What gives an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasOrigin {
    /// `networks.<network>.aliases`.
    Network(NetworkName),
    /// `container_name`.
    ContainerName,
    /// `hostname`.
    Hostname,
    /// `links: [this:alias]` of another service.
    Link {
        /// The service that wrote the link.
        by: ServiceName,
    },
}

/// One line of the hosts file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraHost {
    /// The name.
    pub host: Spanned<String>,
    /// The address.
    pub address: HostAddress,
}

/// The address of an extra host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAddress {
    /// An address.
    Ip(IpAddr),
    /// `host-gateway`.
    Gateway,
    /// Anything else, as written.
    Other(String),
}

/// Resolver settings.
#[derive(Clone, Debug, Default)]
pub struct Dns {
    /// `dns`.
    pub servers: Vec<Spanned<String>>,
    /// `dns_search`.
    pub search: Vec<Spanned<String>>,
    /// `dns_opt`.
    pub options: Vec<Spanned<String>>,
}

/// A top-level network.
#[derive(Clone, Debug)]
pub struct Network {
    /// Place of the key; `None` for the implied default network.
    pub span: Option<Span>,
    /// Real name; `written` tells whether its author chose it.
    pub name: String,
    /// `name:` as written, or the key of an external one.
    pub written_name: Option<Spanned<String>>,
    /// `external: true`; place.
    pub external: Option<Span>,
    /// `internal: true`; place.
    pub internal: Option<Span>,
    /// `attachable`.
    pub attachable: Option<Spanned<bool>>,
    /// `driver`.
    pub driver: Option<Spanned<String>>,
    /// `driver_opts`.
    pub driver_options: BTreeMap<String, Spanned<String>>,
    /// `enable_ipv4`.
    pub enable_ipv4: Option<Spanned<bool>>,
    /// `enable_ipv6`.
    pub enable_ipv6: Option<Spanned<bool>>,
    /// `ipam.driver`.
    pub ipam_driver: Option<Spanned<String>>,
    /// `ipam.config`.
    pub pools: Vec<AddressPool>,
    /// `ipam.options`.
    pub ipam_options: BTreeMap<String, Spanned<String>>,
    /// `labels`.
    pub labels: Metadata,
    /// `x-rcompose` of the network.
    pub hints: super::NetworkHints,
}

/// One pool of `ipam.config`.
#[derive(Clone, Debug, Default)]
pub struct AddressPool {
    /// `subnet`.
    pub subnet: Option<Spanned<String>>,
    /// `ip_range`.
    pub ip_range: Option<Spanned<String>>,
    /// `gateway`.
    pub gateway: Option<Spanned<String>>,
    /// `aux_addresses`.
    pub auxiliary: BTreeMap<String, Spanned<String>>,
}
