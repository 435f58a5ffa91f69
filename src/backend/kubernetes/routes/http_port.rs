//! Which ports speak HTTP, and which of them a host leads to (N51).

use std::collections::BTreeSet;

use crate::backend::kubernetes::image_name::ImageName;
use crate::backend::kubernetes::ports::PortSet;
use crate::model::{Protocol, PublishedPort, Service};

/// Container ports on which web servers usually listen.
const USUAL: [u16; 15] =
    [80, 443, 3000, 4200, 5000, 5173, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9000, 9090];
/// Of those, the ones that speak TLS: a router in front of them has done that already.
const ENCRYPTED: [u16; 2] = [443, 8443];
const PROTOCOLS: [&str; 7] = ["http", "https", "http2", "h2c", "ws", "wss", "grpc"];
const NAMES: [&str; 4] = ["http", "web", "ws", "grpc"];

/// Order of preference; the least is taken.
pub(super) type Rank = (u8, bool, u16);

/// Ranks a published port as one for HTTP; `None` where nothing says that it is.
pub(super) fn rank(service: &Service, port: &PublishedPort) -> Option<Rank> {
    if port.protocol != Protocol::Tcp {
        return None;
    }
    let number = port.target.value;
    let ranked = |class| Some((class, ENCRYPTED.contains(&number), number));
    if let Some(protocol) = &port.app_protocol {
        let word = protocol.value.strip_prefix("kubernetes.io/").unwrap_or(&protocol.value);
        return PROTOCOLS.contains(&word).then(|| ranked(0)).flatten();
    }
    let named = port.name.as_ref().map(|name| name.value.to_ascii_lowercase());
    if named.is_some_and(|name| NAMES.iter().any(|start| name.starts_with(start))) {
        return ranked(1);
    }
    is_usual(service, number).then(|| ranked(2)).flatten()
}

/// Finds the port of a service that publishes none for HTTP: its only TCP port, else the only usual one.
pub(super) fn of_unpublished(service: &Service, ports: &PortSet) -> Option<u16> {
    let tcp: BTreeSet<u16> =
        ports.ports.iter().filter(|port| port.protocol == Protocol::Tcp).map(|port| port.number).collect();
    let only = |mut numbers: Vec<u16>| if numbers.len() == 1 { numbers.pop() } else { None };
    only(tcp.iter().copied().collect()).or_else(|| {
        // A web server listens for HTTPS besides, which makes no choice of it.
        only(tcp.into_iter().filter(|port| is_usual(service, *port) && !ENCRYPTED.contains(port)).collect())
    })
}

/// Tells whether web servers usually listen there, and this image uses the port for nothing else.
fn is_usual(service: &Service, number: u16) -> bool {
    USUAL.contains(&number) && !(number == 9000 && speaks_its_own(service))
}

/// Images whose port 9000 speaks another protocol.
fn speaks_its_own(service: &Service) -> bool {
    let Some(reference) = &service.image.reference else { return false };
    let ImageName { path: _, last, tag } = ImageName::parse(&reference.value);
    let is_fast_cgi =
        matches!(last, "php" | "wordpress" | "nextcloud") && tag.is_some_and(|tag| tag.contains("fpm"));
    is_fast_cgi || matches!(last, "clickhouse" | "clickhouse-server")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{at, port, service};

    fn of(image: &str, target: u16, app: Option<&str>, name: Option<&str>) -> bool {
        let mut service = service();
        service.image.reference = Some(at(image.to_owned()));
        let mut port = port(Some(1), target, Protocol::Tcp);
        port.app_protocol = app.map(|word| at(word.to_owned()));
        port.name = name.map(|word| at(word.to_owned()));
        rank(&service, &port).is_some()
    }

    #[test]
    fn protocols_names_and_usual_numbers_tell_http() {
        assert!(
            of("x", 80, None, None) && of("x", 1234, Some("h2c"), None) && of("x", 1, None, Some("web-ui"))
        );
        assert!(!of("x", 5432, None, None) && !of("x", 80, Some("postgres"), None));
        assert!(of("minio/minio", 9000, None, None) && of("sonarqube:9", 9000, None, None));
        assert!(!of("clickhouse/clickhouse-server", 9000, None, None) && !of("php:8-fpm", 9000, None, None));
    }

    #[test]
    fn http_comes_before_https() {
        let service = service();
        let rank = |target| rank(&service, &port(Some(1), target, Protocol::Tcp));
        assert!(rank(8080) < rank(443));
    }
}
