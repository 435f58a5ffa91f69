//! Ports in short form: `[[ip:]host:]container[/protocol]` with ranges (L31).

use std::net::IpAddr;

use super::Fault;

/// One published port, as the long form has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PortSpec {
    /// Address of the host to listen on, without brackets.
    pub(crate) host_ip: Option<String>,
    /// Port of the host or a range of them; `None` leaves the choice to the engine.
    pub(crate) published: Option<String>,
    /// Port of the container. A 0 counts as missing (L30).
    pub(crate) target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub(crate) protocol: Protocol,
}

/// A transport protocol that the short form knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `tcp`
    Tcp,
    /// `udp`
    Udp,
    /// `sctp`
    Sctp,
}

impl Protocol {
    /// Returns its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// Reads a short form; ranges become one entry per port of the container, sorted by `port/protocol` as text.
pub(crate) fn parse(text: &str) -> Result<Vec<PortSpec>, Fault> {
    let parts = Parts::split(text);
    let (container, protocol) = container(text, parts.container)?;
    let host_ip = match parts.ip {
        Some(ip) => address(ip)?,
        None => None,
    };
    let offset = parts.container_at;
    let target = range(container).map_err(|fault| fault.shifted(offset))?;
    let host = match parts.host {
        Some((host, at)) => Some(range(host).map_err(|fault| fault.shifted(at))?),
        None => None,
    };
    if let Some(host) = &host
        && target.span() != host.span()
        && target.span() != 0
    {
        return Err(Fault::new(
            parts.host.map_or(0, |(_, at)| at)..offset + container.len(),
            "both ranges must have the same length, or the container one port",
        ));
    }
    let one = target.span() == 0;
    let mut specs: Vec<_> = (target.first..=target.last)
        .map(|port| PortSpec {
            host_ip: host_ip.clone(),
            published: host.as_ref().map(|host| {
                if one && host.span() != 0 {
                    format!("{}-{}", host.first, host.last)
                } else {
                    (host.first + (port - target.first)).to_string()
                }
            }),
            target: port,
            protocol,
        })
        .collect();
    // Go sorts the keys of a map, which are texts: 10, 11, 9. With one protocol the number alone decides, but `/`
    // sorts before digits, as the end of a text does.
    specs.sort_by_cached_key(|spec| spec.target.to_string());
    Ok(specs)
}

/// The three parts of a short form, with their places.
struct Parts<'a> {
    ip: Option<&'a str>,
    host: Option<(&'a str, usize)>,
    container: &'a str,
    container_at: usize,
}

impl<'a> Parts<'a> {
    /// Splits from the right, so that an address may hold colons. Empty parts are absent ones.
    fn split(text: &'a str) -> Self {
        let Some((front, container)) = text.rsplit_once(':') else {
            return Self { ip: None, host: None, container: text, container_at: 0 };
        };
        let (ip, host) = match front.rsplit_once(':') {
            Some((ip, host)) => (Some(ip), host),
            None => (None, front),
        };
        let host_at = front.len() - host.len();
        Self {
            ip: ip.filter(|ip| !ip.is_empty()),
            host: Some((host, host_at)).filter(|(host, _)| !host.is_empty()),
            container,
            container_at: front.len() + 1,
        }
    }
}

/// Splits the protocol off. A third part is ignored, an empty second one is `tcp`.
fn container<'a>(text: &str, piece: &'a str) -> Result<(&'a str, Protocol), Fault> {
    let at = text.len() - piece.len();
    let mut pieces = piece.split('/');
    let port = pieces.next().unwrap_or_default();
    if port.is_empty() {
        return Err(Fault::new(at..text.len(), "the port of the container is missing"));
    }
    let name = pieces.next().unwrap_or_default();
    let protocol = match name.to_ascii_lowercase().as_str() {
        "" | "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => {
            let start = at + port.len() + 1;
            return Err(Fault::new(start..start + name.len(), "the protocol must be `tcp`, `udp` or `sctp`"));
        }
    };
    Ok((port, protocol))
}

/// Says whether a text is an IP address without brackets and zone, as `host_ip` must be.
pub(crate) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Reads the address part, which begins the text. `[]` is no address at all.
fn address(part: &str) -> Result<Option<String>, Fault> {
    let fault = |reason: &str| Err(Fault::whole(part, reason));
    let bracketed = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if bracketed.is_none() && part.contains(':') {
        return fault("an IPv6 address must stand in brackets");
    }
    match bracketed.unwrap_or(part) {
        "" => Ok(None),
        ip if is_address(ip) => Ok(Some(ip.to_owned())),
        _ => fault("this is no IP address"),
    }
}

/// Ports from first to last.
struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    const fn span(&self) -> u16 {
        self.last - self.first
    }
}

/// Reads a port or a range. What follows a second `-` is ignored, as upstream does.
fn range(text: &str) -> Result<Ports, Fault> {
    let mut pieces = text.split('-');
    let first = pieces.next().unwrap_or_default();
    let Some(last) = pieces.next() else {
        let port = port(first, 0)?;
        return Ok(Ports { first: port, last: port });
    };
    let ports = Ports { last: port(last, first.len() + 1)?, first: port(first, 0)? };
    if ports.last < ports.first {
        return Err(Fault::whole(text, "a range goes from the lower to the higher port"));
    }
    Ok(ports)
}

fn port(text: &str, at: usize) -> Result<u16, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = if digits { text.parse().ok() } else { None };
    port.ok_or_else(|| Fault::new(at..at + text.len(), "a port is a number from 0 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(text: &str) -> String {
        match parse(text) {
            Ok(ports) => {
                let print = |port: &PortSpec| {
                    let ip = port.host_ip.as_ref().map_or(String::new(), |ip| format!("{ip} "));
                    let published = port.published.as_deref().unwrap_or("*");
                    format!("{ip}{published}>{}/{}", port.target, port.protocol.as_str())
                };
                ports.iter().map(print).collect::<Vec<_>>().join(", ")
            }
            Err(fault) => format!("bad {:?}", &text[fault.range]),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(print(text), expected, "{text}");
    }

    #[test]
    fn parts_are_optional() {
        check("80", "*>80/tcp");
        check("8080:80", "8080>80/tcp");
        check(":80", "*>80/tcp");
        check("127.0.0.1:8080:80", "127.0.0.1 8080>80/tcp");
        check("127.0.0.1::80", "127.0.0.1 *>80/tcp");
        check("::80", "*>80/tcp");
        check("22:22", "22>22/tcp");
        check("0080:0443", "80>443/tcp");
        check("0:0", "0>0/tcp");
    }

    #[test]
    fn protocols_take_any_case() {
        check("80/udp", "*>80/udp");
        check("80:80/UDP", "80>80/udp");
        check("80/Sctp", "*>80/sctp");
        check("80/", "*>80/tcp");
        check("80/tcp/udp", "*>80/tcp");
        check("80/udp/tcp", "*>80/udp");
        check("80/icmp", r#"bad "icmp""#);
        check("80/tcp:90", r#"bad "80/tcp""#);
    }

    #[test]
    fn ranges_expand_in_order_of_text() {
        check("9-11:9-11", "10>10/tcp, 11>11/tcp, 9>9/tcp");
        check("3000-3002", "*>3000/tcp, *>3001/tcp, *>3002/tcp");
        check("8000-8005:80", "8000-8005>80/tcp");
        check("8000-8000:80", "8000>80/tcp");
        check("127.0.0.1:5000-5001:6000-6001/udp", "127.0.0.1 5000>6000/udp, 127.0.0.1 5001>6001/udp");
        check("80-81-99", "*>80/tcp, *>81/tcp");
        check("80:80-81", r#"bad "80:80-81""#);
        check("1-3:80-81", r#"bad "1-3:80-81""#);
        check("81-80", r#"bad "81-80""#);
        check("-80", r#"bad """#);
        check("80-", r#"bad """#);
    }

    #[test]
    fn addresses_are_numbers() {
        check("[::1]:80:80", "::1 80>80/tcp");
        check("[::]::80", ":: *>80/tcp");
        check("[127.0.0.1]:80:80", "127.0.0.1 80>80/tcp");
        check("[]:80:80", "80>80/tcp");
        check("::1:80:80", r#"bad "::1""#);
        check("[::1%eth0]:80:80", r#"bad "[::1%eth0]""#);
        check("[::1:80:80", r#"bad "[::1""#);
        check("localhost:80:80", r#"bad "localhost""#);
        check("127.0.0.01:80:80", r#"bad "127.0.0.01""#);
        check("1.2.3:80:80", r#"bad "1.2.3""#);
    }

    #[test]
    fn other_texts_are_refused() {
        check("", r#"bad """#);
        check(":", r#"bad """#);
        check("80:", r#"bad """#);
        check("/tcp", r#"bad "/tcp""#);
        check("65536", r#"bad "65536""#);
        check("+80", r#"bad "+80""#);
        check(" 80", r#"bad " 80""#);
        check("80 :80", r#"bad "80 ""#);
        check("a:80", r#"bad "a""#);
        check("80:é", r#"bad "é""#);
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[0-9:/tcpud\\[\\].aé-]{0,20}") {
                if let Err(fault) = parse(&text) {
                    prop_assert!(text.get(fault.range).is_some());
                }
            }

            #[test]
            fn a_range_has_each_port_once(first: u16, length in 0_u16..50) {
                let last = first.saturating_add(length);
                let mut targets: Vec<_> =
                    parse(&format!("{first}-{last}")).expect("valid").iter().map(|port| port.target).collect();
                targets.sort_unstable();
                prop_assert_eq!(targets, (first..=last).collect::<Vec<_>>());
            }
        }
    }
}
