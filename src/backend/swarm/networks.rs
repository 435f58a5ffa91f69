//! Top-level networks (S75, S78 to S86).

use std::collections::{BTreeMap, BTreeSet};

use super::attachments::DEFAULT;
use super::codes::SwarmCode;
use super::draft::Draft;
use super::names;
use super::part::{Object, Part, text_map};
use super::plan::Plan;
use super::report::{Place, approximated, dropped, listed, noted};
use crate::backend::codes::BackendCode;
use crate::diag::{Diagnostic, Outcome, Span, Spanned};
use crate::model::{AddressPool, Network, NetworkName};

/// Returns the key of a network: what the CLI takes as one.
pub(crate) fn key(name: &NetworkName) -> String {
    name.as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' })
        .collect()
}

/// Returns the key under which a predefined network is written; it must be no network of the project (S85).
pub(crate) fn predefined_key(name: &str, plan: &Plan<'_>) -> String {
    let is_taken = |key: &str| plan.project.networks.keys().any(|other| self::key(other) == key);
    if is_taken(name) { format!("{name}-network") } else { name.to_owned() }
}

/// Writes the networks that services use.
pub(crate) fn networks(draft: &mut Draft<'_, '_>) -> Option<Part> {
    let plan = draft.plan;
    let mut entries: BTreeMap<String, Part> = BTreeMap::new();
    let mut bridges: Vec<Place> = Vec::new();
    let used: BTreeSet<&NetworkName> =
        plan.services.values().flat_map(|written| &written.networks).copied().collect();
    for (name, network) in &plan.project.networks {
        if !used.contains(name) {
            continue;
        }
        let part = of_network(name, network, &mut bridges, draft);
        let is_plain = part.value.as_object().is_some_and(serde_json::Map::is_empty);
        if name.as_str() == DEFAULT && is_plain {
            continue;
        }
        let part = part.also("S80", network.span);
        if entries.insert(key(name), part).is_some() {
            let message = format!("two networks have the key `{}` in the stack file", key(name));
            let finding = Diagnostic::new(BackendCode::NameCollision, message)
                .at_opt(network.span)
                .outcome(Outcome::Refused)
                .help("rename one of them");
            draft.report.add(&format!("networks.{name}"), finding);
        }
    }
    for name in std::mem::take(&mut draft.predefined) {
        let mut object = Object::default();
        object.put("external", Part::by_rule(true, "S85"));
        object.put("name", Part::by_rule(name, "S85"));
        entries.insert(predefined_key(name, plan), object.into_part_even_if_empty());
    }
    for key in std::mem::take(&mut draft.closed) {
        let mut object = Object::default();
        object.put("internal", Part::by_rule(true, "S85"));
        entries.insert(key, object.into_part_even_if_empty());
    }
    draft.report.once(
        SwarmCode::StackNetworkOverlay,
        Some(Outcome::Approximated),
        &bridges,
        "nothing to do: names resolve as before",
        |names| format!("bridge networks become overlay networks: {names}"),
    );
    Part::map(entries)
}

fn of_network(
    name: &NetworkName,
    network: &Network,
    bridges: &mut Vec<Place>,
    draft: &mut Draft<'_, '_>,
) -> Part {
    let Network {
        span,
        name: real_name,
        written_name,
        external,
        internal,
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
    let path = format!("networks.{name}");
    let mut object = Object::default();
    if let Some(external) = external {
        object.put("external", Part::written(true, "S83", *external));
        object.put("name", Part::written(real_name.as_str(), "S83", *external));
        let message = format!("network `{real_name}` must be there, and of the scope of the swarm");
        draft.report.add(
            &path,
            noted(BackendCode::NetworkExternal, *external, message)
                .help(format!("docker network create --driver overlay --attachable {real_name}")),
        );
        return object.into_part_even_if_empty();
    }
    object.put_opt("name", real_name_part(name, real_name, written_name.as_ref(), *span, draft));
    let kind = put_driver(name, driver.as_ref(), &mut object, bridges, draft);
    object.put_opt("driver_opts", kept_options(name, kind, driver_options, draft));
    object.put_opt("internal", internal.map(|span| Part::written(true, "S80", span)));
    object.put_written("attachable", "S80", attachable.as_ref());
    object.put_opt("labels", text_map(labels, "S80"));
    let has_ipv6 = enable_ipv6.as_ref().is_some_and(|enabled| enabled.value);
    object.put_opt("ipam", ipam(name, ipam_driver.as_ref(), pools, ipam_options, has_ipv6, draft));
    report_families(name, enable_ipv4.as_ref(), enable_ipv6.as_ref(), draft);
    object.into_part_even_if_empty()
}

/// Writes a name that its author chose, and one that Swarm takes where its own would not do (S84).
fn real_name_part(
    name: &NetworkName,
    real_name: &str,
    written_name: Option<&Spanned<String>>,
    span: Option<Span>,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let of_cli = format!("{}_{}", draft.plan.project.name, key(name));
    let legal = names::nearest("", real_name);
    let span = written_name.map(|name| name.span).or(span);
    if legal != real_name {
        let message = format!("network `{real_name}` is called `{legal}`: Swarm refuses the name");
        let finding = Diagnostic::new(BackendCode::NameChanged, message)
            .at_opt(span)
            .outcome(Outcome::Approximated)
            .help("services reach each other as before");
        draft.report.add(&format!("networks.{name}"), finding);
    }
    if legal.len() > names::LONGEST_NAME {
        let message =
            format!("network `{legal}` has {} characters; Swarm takes {}", legal.len(), names::LONGEST_NAME);
        let finding = Diagnostic::new(SwarmCode::StackNameTooLong, message)
            .at_opt(span)
            .help("deploy under a shorter stack name, or convert with `-p NAME`");
        draft.report.add(&format!("networks.{name}"), finding);
    }
    (written_name.is_some() || legal != of_cli).then(|| Part::new(legal, "S84", span))
}

/// What a network's driver was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    /// `overlay`, or none: its options are for Swarm.
    Overlay,
    /// A bridge, or another that is replaced.
    Replaced,
}

fn put_driver(
    name: &NetworkName,
    driver: Option<&Spanned<String>>,
    object: &mut Object,
    bridges: &mut Vec<Place>,
    draft: &mut Draft<'_, '_>,
) -> Driver {
    let Some(driver) = driver else { return Driver::Overlay };
    match driver.value.as_str() {
        "" => Driver::Overlay,
        "overlay" => {
            object.put("driver", Part::written("overlay", "S78", driver.span));
            Driver::Overlay
        }
        "bridge" | "nat" | "default" => {
            bridges.push(Place { name: name.to_string(), span: driver.span });
            Driver::Replaced
        }
        other => {
            let message = format!("network `{name}` becomes an overlay network, not `{other}`");
            draft.report.add(
                &format!("networks.{name}.driver"),
                approximated(BackendCode::NetworkDriverDropped, driver.span, message)
                    .help("config-only networks on the nodes and an `external` network do what it did"),
            );
            Driver::Replaced
        }
    }
}

/// Keeps the options that an overlay network has (S79).
fn kept_options(
    name: &NetworkName,
    kind: Driver,
    options: &BTreeMap<String, Spanned<String>>,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let is_kept = |key: &str| match kind {
        Driver::Overlay => !key.starts_with("com.docker.network.bridge."),
        Driver::Replaced => key == "com.docker.network.driver.mtu",
    };
    let (kept, lost): (Vec<_>, Vec<_>) = options.iter().partition(|(key, _)| is_kept(key));
    if let Some((_, first)) = lost.first() {
        let keys = listed(lost.iter().map(|(key, _)| *key));
        report_option(name, "driver_opts", first.span, &keys, draft);
    }
    text_map(kept, "S79")
}

fn ipam(
    name: &NetworkName,
    driver: Option<&Spanned<String>>,
    pools: &[AddressPool],
    options: &BTreeMap<String, Spanned<String>>,
    has_ipv6: bool,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let mut object = Object::default();
    match driver {
        Some(driver) if driver.value == "default" => {
            draft.report.already_default(&format!("networks.{name}.ipam.driver"), driver.span);
        }
        driver => object.put_written("driver", "S81", driver),
    }
    let mut subnets = Vec::new();
    let mut lost: Vec<(&str, Span)> = Vec::new();
    for AddressPool { subnet, ip_range, gateway, auxiliary } in pools {
        lost.extend(ip_range.as_ref().map(|value| ("ip_range", value.span)));
        lost.extend(gateway.as_ref().map(|value| ("gateway", value.span)));
        lost.extend(auxiliary.values().map(|value| ("aux_addresses", value.span)));
        let Some(subnet) = subnet else { continue };
        // The pool goes with the family; without it, it is what its author wrote for Swarm (S82, S2).
        if has_ipv6 && subnet.value.contains(':') {
            report_option(name, "ipam", subnet.span, &format!("the IPv6 pool `{}`", subnet.value), draft);
            continue;
        }
        let mut pool = Object::default();
        pool.put("subnet", Part::written(subnet.value.as_str(), "S81", subnet.span));
        subnets.push(pool.into_part_even_if_empty());
    }
    lost.extend(options.values().map(|value| ("options", value.span)));
    if let Some((_, span)) = lost.first() {
        let keys = listed(lost.iter().map(|(key, _)| *key));
        let message = format!("network `{name}`: {keys} are left out: Swarm gives out addresses");
        draft.report.add(
            &format!("networks.{name}.ipam"),
            dropped(BackendCode::NetworkAddressDropped, *span, message).help("use names"),
        );
    }
    object.put_opt("config", Part::list(subnets));
    object.into_part()
}

fn report_families(
    name: &NetworkName,
    enable_ipv4: Option<&Spanned<bool>>,
    enable_ipv6: Option<&Spanned<bool>>,
    draft: &mut Draft<'_, '_>,
) {
    match enable_ipv4 {
        Some(Spanned { value: true, span }) => {
            draft.report.already_default(&format!("networks.{name}.enable_ipv4"), *span);
        }
        Some(Spanned { value: false, span }) => {
            report_option(name, "enable_ipv4", *span, "`enable_ipv4`", draft);
        }
        None => {}
    }
    if let Some(Spanned { value: true, span }) = enable_ipv6 {
        report_option(name, "enable_ipv6", *span, "`enable_ipv6`", draft);
    }
}

fn report_option(name: &NetworkName, key: &str, span: Span, what: &str, draft: &mut Draft<'_, '_>) {
    let message = format!("network `{name}` is without {what}: overlay networks have no such setting");
    draft.report.add(
        &format!("networks.{name}.{key}"),
        dropped(BackendCode::NetworkOptionDropped, span, message).help("nothing to do for most programs"),
    );
}
