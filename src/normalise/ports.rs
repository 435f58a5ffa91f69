//! Published and exposed ports (N20, N22). Short forms and ranges of equal length are entries already (L31).

use std::net::IpAddr;

use super::hints::Layers;
use super::values::{Report, filled, scalars};
use crate::compose::keys::list::{List, TextOrNumber};
use crate::compose::keys::ports::{Port, Ports};
use crate::compose::keys::scalar::Text;
use crate::compose::path::Path;
use crate::diag::{Span, Spanned};
use crate::model::{Exposed, HostIp, PortHints, PortMode, Protocol, Published, PublishedPort};

/// Longest list of exposed ports; a range beyond it is cut, and far above what a target takes (N20).
const MAX_EXPOSED: usize = 70_000;

/// Finds the ports.
pub(super) fn published(
    ports: Option<Ports>,
    expose: Option<List<TextOrNumber>>,
    layers: &Layers<'_>,
    report: &mut Report,
) -> Published {
    let ports = ports.map(|ports| ports.0.items).unwrap_or_default();
    let mut exposed: Vec<Exposed> = Vec::new();
    for text in scalars(expose) {
        match range(&text.value) {
            Some((first, last, protocol)) => {
                let room = MAX_EXPOSED.saturating_sub(exposed.len());
                exposed.extend((first..=last).take(room).map(|port| Exposed {
                    port,
                    protocol,
                    span: text.span,
                }));
            }
            None => report.unknown(
                "expose",
                &text,
                "a container port or a range, such as `3000` or `8000-8003/udp`",
            ),
        }
    }
    let services = Path::Root.key("services");
    let service = services.key(report.service);
    let list = service.key("ports");
    let ports = ports.into_iter().enumerate();
    let ports = ports.filter_map(|(index, port)| {
        let hints = layers.port(&port.extensions, &list.item(index), report.sink);
        published_port(port, hints, report)
    });
    Published { ports: ports.collect(), exposed }
}

fn published_port(written: Port, hints: PortHints, report: &mut Report) -> Option<PublishedPort> {
    let Port { span, name, mode, host_ip, target, published, protocol, app_protocol, extensions: _ } =
        written;
    let target = target?;
    let number = u16::try_from(target.value).ok().filter(|port| *port > 0);
    let Some(number) = number else {
        let text = Text::new(target.value.to_string(), target.span);
        report.unknown("ports.target", &text, "a container port lies between 1 and 65535");
        return None;
    };
    let known = ["tcp", "udp", "sctp"];
    let protocol = report.word("ports.protocol", protocol, &known, read_protocol);
    let mode = report.word("ports.mode", mode, &["ingress", "host"], |word| match word {
        "ingress" => Some(false),
        "host" => Some(true),
        _ => None,
    });
    Some(PublishedPort {
        span,
        target: Spanned::new(number, target.span),
        published: filled(published).and_then(|published| host_ports(&published, report)),
        host_ip: host_ip.as_ref().map_or(HostIp::Any, address),
        protocol: protocol.map_or(Protocol::Tcp, |protocol| protocol.value),
        mode: mode.filter(|host| host.value).map_or(PortMode::Ingress, |host| PortMode::Host(host.span)),
        name: filled(name),
        app_protocol: filled(app_protocol),
        hints,
    })
}

fn read_protocol(word: &str) -> Option<Protocol> {
    match word.to_ascii_lowercase().as_str() {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        "sctp" => Some(Protocol::Sctp),
        _ => None,
    }
}

/// A port or a range; `0` lets the engine choose.
fn host_ports(text: &Text, report: &mut Report) -> Option<Spanned<(u16, u16)>> {
    if text.value == "0" {
        return None;
    }
    let range = range(&text.value).filter(|_| !text.value.contains('/'));
    if range.is_none() {
        report.unknown("ports.published", text, "a host port or a range, such as `8080` or `8000-8010`");
    }
    range.map(|(first, last, _)| Spanned::new((first, last), text.span))
}

/// `PORT[-PORT][/PROTOCOL]`.
fn range(text: &str) -> Option<(u16, u16, Protocol)> {
    let (ports, protocol) = text.trim().split_once('/').unwrap_or((text.trim(), "tcp"));
    let protocol = read_protocol(protocol)?;
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
    let (first, last) = match ports.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(ports)?, number(ports)?),
    };
    (first <= last).then_some((first, last, protocol))
}

/// Loading has refused what is no address.
fn address(text: &Text) -> HostIp {
    let Ok(address) = text.value.parse::<IpAddr>() else { return HostIp::Any };
    of_address(address, text.span)
}

fn of_address(address: IpAddr, span: Span) -> HostIp {
    // `::ffff:127.0.0.1` is the loopback address too.
    match address.to_canonical() {
        canonical if canonical.is_unspecified() => HostIp::Any,
        canonical if canonical.is_loopback() => HostIp::Loopback(span),
        _ => HostIp::One(Spanned::new(address, span)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::testing::NOWHERE;

    #[test]
    fn ranges_are_read() {
        assert_eq!(range("3000"), Some((3000, 3000, Protocol::Tcp)));
        assert_eq!(range("8000-8003/UDP"), Some((8000, 8003, Protocol::Udp)));
        for text in ["", "0", "80:80", "9-8", "80/x", "a", "-1"] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_any_loopback_or_one() {
        let check = |text: &str, expected| assert_eq!(of_address(text.parse().unwrap(), NOWHERE), expected);
        check("0.0.0.0", HostIp::Any);
        check("::", HostIp::Any);
        check("127.0.0.53", HostIp::Loopback(NOWHERE));
        check("::1", HostIp::Loopback(NOWHERE));
        check("10.0.0.1", HostIp::One(Spanned::new("10.0.0.1".parse().unwrap(), NOWHERE)));
    }
}
