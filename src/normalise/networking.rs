//! How a service is connected, and the names and hosts that it sees (N30 to N38, K86).

use std::collections::{BTreeMap, BTreeSet};

use super::containers::Containers;
use super::values::{by_name, filled, items, texts};
use crate::compose::keys::extra_hosts::ExtraHosts;
use crate::compose::keys::list::{TextOrList, Texts};
use crate::compose::keys::named::{Keyed, Nullable};
use crate::compose::keys::networks::{ServiceNetwork, ServiceNetworks};
use crate::compose::keys::scalar::Text;
use crate::diag::{Span, Spanned};
use crate::model::{
    Alias, AliasOrigin, Attachment, Dns, ExtraHost, HostAddress, Identity, NetworkMode, NetworkName,
    Networking, Service, ServiceName,
};

/// What the author wrote.
pub(super) struct Written {
    pub(super) network_mode: Option<Text>,
    pub(super) networks: Option<ServiceNetworks>,
    pub(super) links: Option<Texts>,
    pub(super) external_links: Option<Texts>,
    pub(super) extra_hosts: Option<ExtraHosts>,
    pub(super) dns: Option<TextOrList>,
    pub(super) dns_search: Option<TextOrList>,
    pub(super) dns_opt: Option<Texts>,
    pub(super) mac_address: Option<Text>,
}

/// What is known of the project around a service.
pub(super) struct Surroundings<'a> {
    pub(super) containers: &'a Containers,
    /// Keys of the project's networks.
    pub(super) networks: &'a BTreeSet<String>,
    /// Place of the service's key: that of what loading put in.
    pub(super) key: Span,
}

/// Finds the connections; aliases that links of others give come later.
pub(super) fn networking(written: Written, identity: &Identity, around: &Surroundings) -> Networking {
    let Written {
        network_mode,
        networks,
        links,
        external_links,
        extra_hosts,
        dns,
        dns_search,
        dns_opt,
        mac_address,
    } = written;
    let mut aliases = Vec::new();
    let mode = match network_mode {
        Some(mode) => read_mode(mode, around),
        None => NetworkMode::Networks(attachments(networks, around, &mut aliases)),
    };
    let own_names =
        [(&identity.container_name, AliasOrigin::ContainerName), (&identity.hostname, AliasOrigin::Hostname)];
    for (name, origin) in own_names {
        if let Some(name) = name {
            aliases.push(Alias { name: name.clone(), origin });
        }
    }
    Networking {
        mode,
        aliases,
        links: items(links).iter().map(read_link).collect(),
        external_links: items(external_links),
        extra_hosts: extra_hosts.map(read_hosts).unwrap_or_default(),
        dns: Dns { servers: texts(dns), search: texts(dns_search), options: items(dns_opt) },
        mac_address: filled(mac_address),
    }
}

fn read_mode(mode: Text, around: &Surroundings) -> NetworkMode {
    let span = mode.span;
    match mode.value.as_str() {
        "host" => return NetworkMode::Host(span),
        "none" => return NetworkMode::None(span),
        _ => {}
    }
    if let Some(service) = mode.value.strip_prefix("service:") {
        return NetworkMode::Of(Spanned::new(ServiceName::new(service), span));
    }
    if let Some(container) = mode.value.strip_prefix("container:") {
        return match around.containers.service(container) {
            Some(service) => NetworkMode::Of(Spanned::new(service.clone(), span)),
            None => NetworkMode::Container(Spanned::new(container.to_owned(), span)),
        };
    }
    if around.networks.contains(&mode.value) {
        let attachment = attachment(Nullable::Null(span), span, true).0;
        return NetworkMode::Networks(BTreeMap::from([(NetworkName::new(mode.value), attachment)]));
    }
    NetworkMode::Engine(mode)
}

fn attachments(
    networks: Option<ServiceNetworks>,
    around: &Surroundings,
    aliases: &mut Vec<Alias>,
) -> BTreeMap<NetworkName, Attachment> {
    let entries = networks.map(|networks| networks.0.entries).unwrap_or_default();
    let attach = |(name, Keyed { key, value }): (String, Keyed<Nullable<ServiceNetwork>>)| {
        let (attachment, names) = attachment(value, key, key != around.key);
        let network = NetworkName::new(name);
        for name in names {
            aliases.push(Alias { name, origin: AliasOrigin::Network(network.clone()) });
        }
        (network, attachment)
    };
    entries.into_iter().map(attach).collect()
}

/// One network with the aliases on it.
fn attachment(written: Nullable<ServiceNetwork>, span: Span, is_written: bool) -> (Attachment, Vec<Text>) {
    let mut attachment = Attachment {
        span,
        written: is_written,
        addresses: Vec::new(),
        mac_address: None,
        driver_options: BTreeMap::new(),
        other: Vec::new(),
    };
    let Nullable::Value(ServiceNetwork {
        span: _,
        aliases,
        driver_opts,
        gw_priority,
        interface_name,
        ipv4_address,
        ipv6_address,
        link_local_ips,
        mac_address,
        priority,
        extensions: _,
    }) = written
    else {
        return (attachment, Vec::new());
    };
    attachment.addresses = [filled(ipv4_address), filled(ipv6_address)].into_iter().flatten().collect();
    attachment.mac_address = filled(mac_address);
    attachment.driver_options = by_name(driver_opts.map(|options| options.0));
    let other = [
        ("link_local_ips", link_local_ips.map(|list| list.span)),
        ("priority", priority.map(|number| number.span)),
        ("gw_priority", gw_priority.map(|number| number.span)),
        ("interface_name", filled(interface_name).map(|name| name.span)),
    ];
    attachment.other = other.into_iter().filter_map(|(key, span)| Some(Spanned::new(key, span?))).collect();
    (attachment, items(aliases))
}

/// `service[:alias]`; with two colons all of it is the service, as for Compose (L39).
fn read_link(text: &Text) -> (ServiceName, Option<Text>, Span) {
    let mut parts = text.value.split(':');
    let (service, alias) = match (parts.next(), parts.next(), parts.next()) {
        (Some(service), alias, None) => (service, alias.filter(|alias| !alias.is_empty())),
        _ => (text.value.as_str(), None),
    };
    let alias = alias.map(|alias| Text::new(alias.to_owned(), text.span));
    (ServiceName::new(service), alias, text.span)
}

fn read_hosts(hosts: ExtraHosts) -> Vec<ExtraHost> {
    let line = |(host, (span, addresses)): (String, (Span, Vec<Text>))| {
        addresses.into_iter().map(move |address| ExtraHost {
            host: Spanned::new(host.clone(), span),
            address: read_address(address.value),
        })
    };
    hosts.hosts.into_iter().flat_map(line).collect()
}

fn read_address(text: String) -> HostAddress {
    match text.parse() {
        Ok(address) => HostAddress::Ip(address),
        Err(_) if text == "host-gateway" => HostAddress::Gateway,
        Err(_) => HostAddress::Other(text),
    }
}

/// Gives each service the names that links of other services call it by.
pub(super) fn add_link_aliases(services: &mut BTreeMap<ServiceName, Service>) {
    let mut named: Vec<(ServiceName, Alias)> = Vec::new();
    for (by, service) in &*services {
        for (target, alias, _) in &service.network.links {
            if let Some(name) = alias.clone().filter(|alias| alias.value != target.as_str()) {
                named.push((target.clone(), Alias { name, origin: AliasOrigin::Link { by: by.clone() } }));
            }
        }
    }
    for (target, alias) in named {
        if let Some(service) = services.get_mut(&target) {
            service.network.aliases.push(alias);
        }
    }
}
