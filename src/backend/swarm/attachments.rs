//! The networks of a service and its names on them (S76, S77, S85).

use super::aliases::{Aliases, aliases};
use super::draft::Draft;
use super::kernel::report_shared;
use super::part::{Object, Part, text_map};
use super::plan::Written;
use super::report::{approximated, dropped, listed, noted};
use crate::backend::codes::BackendCode;
use crate::diag::Span;
use crate::model::{Attachment, Dns, ExtraHost, HostAddress, NetworkMode, NetworkName, Networking};
use serde_json::Value;

/// The network that the CLI makes for every stack.
pub(crate) const DEFAULT: &str = "default";

/// Writes networks, resolver and hosts of a service.
pub(crate) fn put(written: &Written<'_>, object: &mut Object, draft: &mut Draft<'_, '_>) {
    let Networking {
        mode,
        aliases: _,
        // What links name is an alias of the other service; the order is one of `depends_on`.
        links: _,
        external_links,
        extra_hosts,
        dns,
        mac_address,
    } = &written.service.network;
    object.put_opt("networks", networks(written, mode, draft));
    object.put_opt("extra_hosts", hosts(written, extra_hosts, draft));
    put_dns(written, dns, object, draft);
    if let Some(first) = external_links.first() {
        let names = listed(external_links.iter().map(|link| &link.value));
        let message = format!("`{}` is not linked to {names}: containers outside of the stack", written.name);
        draft.report.add(
            "external_links",
            dropped(BackendCode::ExternalLinksDropped, first.span, message)
                .help("put both on one `external` network and use the service's name")
                .also_at(external_links[1..].iter().map(|link| link.span)),
        );
    }
    if let Some(address) = mac_address {
        report_mac(written, address.span, draft);
    }
}

fn networks(written: &Written<'_>, mode: &NetworkMode, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let aliases = aliases(written, draft);
    match mode {
        NetworkMode::Networks(attachments) => {
            for (network, attachment) in attachments {
                report_attachment(written, network, attachment, draft);
            }
            let entries = attachments.iter().map(|(name, attachment)| {
                (name, Some(attachment), Part::written(Value::Null, "S76", attachment.span))
            });
            attached(written, entries.collect(), &aliases)
        }
        NetworkMode::Of(other) => {
            report_shared(written, "network_mode", other.span, other.value.as_str(), draft);
            let entries = written
                .networks
                .iter()
                .map(|name| (*name, None, Part::written(Value::Null, "S85", other.span)));
            attached(written, entries.collect(), &aliases)
        }
        NetworkMode::Container(other) => {
            report_shared(written, "network_mode", other.span, &other.value, draft);
            None
        }
        NetworkMode::Host(span) => {
            let message = format!("`{}` uses the network of its node", written.name);
            draft.report.add(
                "network_mode",
                noted(BackendCode::HostAccess, *span, message)
                    .help("publish ports instead, where the program allows it"),
            );
            predefined("host", *span, draft)
        }
        NetworkMode::Engine(word) => predefined("bridge", word.span, draft),
        NetworkMode::None(span) => {
            let key = format!("{}-none", written.stack_name);
            let message = format!("`{}` is alone on a network of its own, not without one", written.name);
            draft.report.add(
                "network_mode",
                approximated(BackendCode::NetworkNoneApproximated, *span, message)
                    .help("Swarm starts nothing without a network"),
            );
            draft.closed.push(key.clone());
            Part::list([Part::written(key, "S85", *span)])
        }
    }
}

/// Names a network that every node has; its key is settled with the top-level networks.
fn predefined(name: &'static str, span: Span, draft: &mut Draft<'_, '_>) -> Option<Part> {
    draft.predefined.insert(name);
    Part::list([Part::written(super::networks::predefined_key(name, draft.plan), "S85", span)])
}

type Entry<'a> = (&'a NetworkName, Option<&'a Attachment>, Part);

/// Writes a list where no network has settings, else a map; nothing for the default network alone (S75).
fn attached(_written: &Written<'_>, entries: Vec<Entry<'_>>, aliases: &Aliases<'_>) -> Option<Part> {
    let mut map: Vec<(String, Part)> = Vec::new();
    for (name, attachment, null) in entries {
        let mut object = Object::default();
        let names = aliases.get(name).into_iter().flatten();
        object.put_opt(
            "aliases",
            Part::unique_list(names.map(|(text, span, rule)| Part::new(text.as_str(), rule, *span))),
        );
        object.put_opt(
            "driver_opts",
            attachment.and_then(|attachment| text_map(&attachment.driver_options, "S76")),
        );
        map.push((super::networks::key(name), object.into_part().unwrap_or(null)));
    }
    if map.iter().any(|(_, part)| !part.value.is_null()) {
        return Part::map(map);
    }
    if matches!(map.as_slice(), [(name, _)] if name == DEFAULT) {
        return None;
    }
    Part::list(map.into_iter().map(|(name, part)| Part { value: name.into(), origins: part.origins }))
}

fn report_attachment(
    written: &Written<'_>,
    network: &NetworkName,
    attachment: &Attachment,
    draft: &mut Draft<'_, '_>,
) {
    let Attachment { span: _, written: _, addresses, mac_address, driver_options: _, other } = attachment;
    let key = format!("networks.{network}");
    if let Some(first) = addresses.first() {
        let message = format!("`{}` gets an address on `{network}` that Swarm chooses", written.name);
        draft.report.add(
            &key,
            dropped(BackendCode::NetworkAddressDropped, first.span, message)
                .help("use the service's name")
                .also_at(addresses[1..].iter().map(|address| address.span)),
        );
    }
    if let Some(first) = other.first() {
        let keys = listed(other.iter().map(|key| key.value));
        let message = format!("`{}`: {keys} on `{network}` are left out", written.name);
        draft.report.add(
            &key,
            dropped(BackendCode::NetworkOptionDropped, first.span, message)
                .help("Swarm has no such settings")
                .also_at(other[1..].iter().map(|key| key.span)),
        );
    }
    if let Some(address) = mac_address {
        report_mac(written, address.span, draft);
    }
}

fn report_mac(written: &Written<'_>, span: Span, draft: &mut Draft<'_, '_>) {
    let message = format!("`{}` gets a hardware address that Swarm chooses", written.name);
    draft.report.add(
        "mac_address",
        dropped(BackendCode::MacAddressDropped, span, message).help("tasks of a service cannot share one"),
    );
}

/// Writes `extra_hosts` as `host:address`, IPv6 bare (S50).
fn hosts(written: &Written<'_>, hosts: &[ExtraHost], draft: &mut Draft<'_, '_>) -> Option<Part> {
    let mut lines = Vec::new();
    for ExtraHost { host, address } in hosts {
        let address = match address {
            HostAddress::Ip(ip) => ip.to_string(),
            HostAddress::Gateway => "host-gateway".to_owned(),
            HostAddress::Other(text) => {
                let message = format!("`{}`: `{text}` is no address for `{}`", written.name, host.value);
                draft.report.add(
                    "extra_hosts",
                    dropped(BackendCode::ExtraHostInvalid, host.span, message)
                        .help("write an address, or use a service's name"),
                );
                continue;
            }
        };
        lines.push(Part::written(format!("{}:{address}", host.value), "S50", host.span));
    }
    Part::unique_list(lines)
}

fn put_dns(written: &Written<'_>, dns: &Dns, object: &mut Object, draft: &mut Draft<'_, '_>) {
    let Dns { servers, search, options } = dns;
    object.put_opt("dns", super::part::texts(servers, "S32"));
    object.put_opt("dns_search", super::part::texts(search, "S32"));
    if let Some(first) = options.first() {
        let message = format!("`{}`: options of the resolver are left out", written.name);
        let found = dropped(BackendCode::DnsOptionDropped, first.span, message)
            .help("set them in daemon.json of the nodes");
        let others = options[1..].iter();
        draft.report.add("dns_opt", found.also_at(others.map(|option| option.span)));
    }
}
