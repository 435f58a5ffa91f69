//! Top-level networks (N40 and what stands around it).

use std::collections::BTreeSet;

use super::values::{by_name, filled, on};
use crate::compose::keys::named::Keyed;
use crate::compose::keys::top::{self, Ipam};
use crate::diag::Span;
use crate::model::{AddressPool, Network, NetworkHints};

/// Reads a network; `services` are the places of all services: loading puts the default network there.
pub(super) fn network(
    key: &str,
    written: Keyed<top::Network>,
    hints: NetworkHints,
    services: &BTreeSet<Span>,
) -> Network {
    let Keyed {
        key: place,
        value:
            top::Network {
                span,
                name,
                driver,
                driver_opts,
                ipam,
                external,
                internal,
                attachable,
                labels,
                enable_ipv4,
                enable_ipv6,
                extensions: _,
            },
    } = written;
    let implied = services.contains(&place);
    let external = on(external.as_ref());
    // Loading names what has no name; such a name stands where the whole network does.
    let written_name = name.clone().filter(|name| name.span != span);
    let name = name.map_or_else(|| key.to_owned(), |name| name.value);
    let named_by_key = || external.map(|_| crate::diag::Spanned::new(name.clone(), place));
    let (ipam_driver, pools, ipam_options) = match ipam {
        Some(Ipam { span: _, driver, config, options, extensions: _ }) => {
            (filled(driver), config.map(|list| list.items).unwrap_or_default(), options)
        }
        None => (None, Vec::new(), None),
    };
    Network {
        span: (!implied).then_some(place),
        written_name: written_name.or_else(named_by_key),
        name,
        external,
        internal: on(internal.as_ref()),
        attachable,
        driver: filled(driver),
        driver_options: by_name(driver_opts.map(|options| options.0)),
        enable_ipv4,
        enable_ipv6,
        ipam_driver,
        pools: pools.into_iter().map(pool).collect(),
        ipam_options: by_name(ipam_options.map(|options| options.0)),
        labels: by_name(labels.map(|labels| labels.0)),
        hints,
    }
}

fn pool(written: top::AddressPool) -> AddressPool {
    let top::AddressPool { span: _, subnet, gateway, ip_range, aux_addresses, extensions: _ } = written;
    AddressPool {
        subnet: filled(subnet),
        ip_range: filled(ip_range),
        gateway: filled(gateway),
        auxiliary: by_name(aux_addresses.map(|addresses| addresses.0)),
    }
}
