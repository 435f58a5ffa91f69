//! What is told of networks: what a cluster's own network has no counterpart for (N37, N41, N48).

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::membership;
use super::plan::Plan;
use super::problem::{self, Report};
use super::texts;
use crate::backend::codes::BackendCode;
use crate::diag::{Diagnostic, Outcome, Severity, Sink, Span, Spanned};
use crate::model::{AddressPool, Attachment, Network, NetworkMode, NetworkName, Networking};

/// Tells of networks that selected services use, and of how they are attached.
pub(crate) fn report(plan: &Plan<'_>, sink: &mut Sink) {
    let mut used: BTreeSet<&NetworkName> = BTreeSet::new();
    for facts in plan.selected() {
        let Networking {
            mode,
            aliases: _,
            links: _,
            external_links: _,
            extra_hosts: _,
            dns: _,
            mac_address: _,
        } = &facts.service.network;
        if let NetworkMode::Networks(attached) = mode {
            for (name, attachment) in attached {
                used.insert(name);
                report_attachment(plan, name, attachment, &mut Report::new(facts.name, sink));
            }
        }
    }
    for name in used {
        if let Some(network) = plan.project.networks.get(name) {
            report_network(plan, name, network, sink);
        }
    }
}

fn report_attachment(plan: &Plan<'_>, name: &NetworkName, attachment: &Attachment, report: &mut Report<'_>) {
    let Attachment { span: _, written: _, addresses, mac_address, driver_options, other } = attachment;
    for address in addresses {
        let used = address
            .value
            .parse::<IpAddr>()
            .map(|_| texts_with(plan, |text| texts::names_host(text, &address.value)))
            .unwrap_or_default();
        let fact = if used.is_empty() {
            format!("asks for the address {}: the cluster gives out addresses", address.value)
        } else {
            let places = problem::listed(used.iter().map(|(place, _)| place));
            format!("asks for the address {}, and these texts use it in vain: {places}", address.value)
        };
        let key = format!("networks.{name}");
        let help = "use the service's name instead of an address";
        let found = report.finding(BackendCode::NetworkAddressDropped, &key, address.span, &fact, help);
        report.push(with_places(found.outcome(Outcome::Dropped), &used));
    }
    if let Some(address) = mac_address {
        let key = format!("networks.{name}.mac_address");
        let help = "leave it out: the cluster gives out hardware addresses";
        report.dropped(BackendCode::MacAddressDropped, &key, address.span, "is left out", help);
    }
    for Spanned { value: option, span } in other {
        let key = format!("networks.{name}.{option}");
        report.dropped(BackendCode::NetworkOptionDropped, &key, *span, "has no counterpart in a cluster", "");
    }
    if let Some(span) = first_place(driver_options.values().map(|option| option.span)) {
        let key = format!("networks.{name}.driver_opts");
        report.dropped(BackendCode::NetworkOptionDropped, &key, span, "have no counterpart in a cluster", "");
    }
}

fn report_network(plan: &Plan<'_>, name: &NetworkName, network: &Network, sink: &mut Sink) {
    let Network {
        span: _,
        name: real_name,
        written_name: _,
        external,
        internal: _,
        attachable,
        driver,
        driver_options,
        enable_ipv4,
        enable_ipv6,
        ipam_driver,
        pools,
        ipam_options,
        labels,
        hints: _,
    } = network;
    let finding = |code: BackendCode, key: &str, span: Span, fact: &str| {
        let path = if key.is_empty() { format!("networks.{name}") } else { format!("networks.{name}.{key}") };
        problem::of_project(code, format!("`{path}` {fact}")).at(span).path(path)
    };
    let dropped = |key: &str, span: Span| {
        let fact = "is left out: the cluster has its own network";
        finding(BackendCode::NetworkOptionDropped, key, span, fact).outcome(Outcome::Dropped)
    };
    if let Some(span) = external {
        let fact = format!("is external: nothing is made, pods of any namespace on `{real_name}` are let in");
        sink.push(finding(BackendCode::NetworkExternal, "", *span, &fact));
    }
    if let Some(attachable) = attachable.as_ref().filter(|attachable| attachable.value) {
        sink.push(finding(
            BackendCode::AlreadyDefault,
            "attachable",
            attachable.span,
            "says what is so anyway",
        ));
    }
    if let Some(driver) = driver {
        if matches!(driver.value.as_str(), "bridge" | "overlay" | "default" | "nat") {
            sink.push(finding(
                BackendCode::AlreadyDefault,
                "driver",
                driver.span,
                "means the cluster's own network",
            ));
        } else {
            let fact = format!("names `{}`: the cluster's own network is used", driver.value);
            let found = finding(BackendCode::NetworkDriverDropped, "driver", driver.span, &fact);
            let help = "leave the driver out, or let the cluster's network plugin do the same";
            sink.push(found.outcome(Outcome::Dropped).help(help));
        }
    }
    if let Some(span) = first_place(driver_options.values().map(|option| option.span)) {
        sink.push(dropped("driver_opts", span));
    }
    match enable_ipv4 {
        Some(Spanned { value: true, span }) => {
            sink.push(finding(BackendCode::AlreadyDefault, "enable_ipv4", *span, "says what is so anyway"));
        }
        Some(Spanned { value: false, span }) => sink.push(dropped("enable_ipv4", *span)),
        None => {}
    }
    if let Some(Spanned { value: true, span }) = enable_ipv6 {
        sink.push(dropped("enable_ipv6", *span));
    }
    match ipam_driver {
        Some(driver) if driver.value == "default" => {
            sink.push(finding(
                BackendCode::AlreadyDefault,
                "ipam.driver",
                driver.span,
                "says what is so anyway",
            ));
        }
        Some(driver) => sink.push(dropped("ipam.driver", driver.span)),
        None => {}
    }
    if let Some(span) = first_place(ipam_options.values().map(|option| option.span)) {
        sink.push(dropped("ipam.options", span));
    }
    report_pools(plan, name, pools, sink);
    if !plan.policies
        && let Some(span) = first_place(labels.values().map(|label| label.span))
    {
        sink.push(dropped("labels", span));
    }
}

/// Pools of addresses: a warning where a text uses an address of one.
fn report_pools(plan: &Plan<'_>, name: &NetworkName, pools: &[AddressPool], sink: &mut Sink) {
    let mut places = Vec::new();
    let mut used = Vec::new();
    for AddressPool { subnet, ip_range, gateway, auxiliary } in pools {
        let written = [subnet, ip_range, gateway].into_iter().flatten().chain(auxiliary.values());
        places.extend(written.map(|address| address.span));
        if let Some(subnet) = subnet.as_ref().and_then(|subnet| Subnet::parse(&subnet.value)) {
            used.extend(texts_with(plan, |text| addresses_in(text).any(|address| subnet.holds(address))));
        }
    }
    let Some(first) = places.first() else { return };
    let path = format!("networks.{name}.ipam.config");
    let fact = if used.is_empty() {
        format!("`{path}` is left out: the cluster gives out addresses")
    } else {
        let texts = problem::listed(used.iter().map(|(place, _)| place));
        format!("`{path}` is left out, and these texts use its addresses in vain: {texts}")
    };
    let severity = if used.is_empty() { Severity::Note } else { Severity::Warning };
    let found = problem::of_project(BackendCode::NetworkAddressDropped, fact)
        .at(*first)
        .path(path)
        .severity(severity)
        .outcome(Outcome::Dropped)
        .help("use names of services instead of addresses");
    let found = found.also_at(places[1..].iter().copied());
    sink.push(with_places(found, &used));
}

fn first_place(mut places: impl Iterator<Item = Span>) -> Option<Span> {
    places.next()
}

/// Returns the texts of services that are written in which something is found, with their places.
fn texts_with(plan: &Plan<'_>, holds: impl Fn(&str) -> bool) -> Vec<(String, Span)> {
    plan.selected()
        .flat_map(|facts| {
            let texts = texts::of_service(plan.project, facts.service).into_iter();
            texts
                .filter(|text| holds(&text.content))
                .map(|text| (format!("{}: {}", facts.name, text.place), text.span))
        })
        .collect()
}

fn with_places(found: Diagnostic, used: &[(String, Span)]) -> Diagnostic {
    used.iter().fold(found, |found, (_, span)| found.also(*span, "used here"))
}

/// Tells whether an address belongs to one of the project's own networks.
pub(crate) fn is_in_own_subnet(plan: &Plan<'_>, address: IpAddr) -> bool {
    let networks = plan.project.networks.values().filter(|network| !membership::is_shared(network));
    let subnets = networks.flat_map(|network| &network.pools).filter_map(|pool| pool.subnet.as_ref());
    subnets.filter_map(|subnet| Subnet::parse(&subnet.value)).any(|subnet| subnet.holds(address))
}

/// A range of addresses.
#[derive(Clone, Copy, Debug)]
struct Subnet {
    base: IpAddr,
    bits: u32,
}

impl Subnet {
    fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/')?;
        let base: IpAddr = base.parse().ok()?;
        let bits: u32 = bits.parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { base, bits })
    }

    fn holds(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                (u32::from(base) ^ u32::from(address)).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                (u128::from(base) ^ u128::from(address)).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// Returns what looks like an IPv4 address in a text. Those of IPv6 are too rare in files, and too like other things.
fn addresses_in(text: &str) -> impl Iterator<Item = IpAddr> + '_ {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|part| part.trim_matches('.'))
        .filter_map(|part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{at, project, render, service};
    use crate::model::{EnvironmentValue, NetworkName, Project};

    fn with_subnet(value: &str) -> Project {
        let mut web = service();
        let value = EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: false };
        web.process.environment.insert("DB".to_owned(), value);
        let mut shop = project([("web", web)]);
        let network = shop.networks.get_mut(&NetworkName::new("default")).expect("the default network");
        network.pools =
            vec![AddressPool { subnet: Some(at("172.28.0.0/16".to_owned())), ..AddressPool::default() }];
        shop
    }

    #[test]
    fn a_subnet_is_louder_where_a_text_uses_it() {
        let severity = |value: &str| render(&with_subnet(value)).finding("network-address-dropped").severity;
        assert_eq!(severity("postgres://172.28.3.4:5432/x"), Severity::Warning);
        assert_eq!(severity("postgres://172.29.3.4:5432/x"), Severity::Note);
    }

    #[test]
    fn subnets_hold_their_addresses() {
        let holds = |subnet: &str, address: &str| {
            Subnet::parse(subnet)
                .zip(address.parse().ok())
                .is_some_and(|(subnet, address)| subnet.holds(address))
        };
        assert!(
            holds("10.0.0.0/8", "10.255.0.1")
                && holds("0.0.0.0/0", "1.2.3.4")
                && holds("fd00::/8", "fd12::1")
        );
        assert!(!holds("10.0.0.0/8", "11.0.0.1") && !holds("10.0.0.0/33", "10.0.0.1"));
        assert!(!holds("10.0.0.1/32", "10.0.0.2"));
    }
}
