//! Ports that a service's own texts tell: what it is told to listen on, what its health check asks, what a proxy in the
//! same project is told about it (N20, sources 3 and 5).

use super::finds::{Find, ImageTags, finds, port};
use super::pairs;
use crate::model::Protocol;

/// Variables in which programs look for the port to listen on.
const LISTEN_VARIABLES: &[&str] = &["PORT", "HTTP_PORT", "SERVER_PORT", "LISTEN_PORT"];

/// Names under which a container reaches itself. `[::1]` is made one of them.
const LOCAL: &[&str] = &["localhost", "127.0.0.1", "0.0.0.0"];

/// The port that a variable of the service says it listens on.
pub(super) fn of_variable(name: &str, value: &str) -> Option<u16> {
    LISTEN_VARIABLES.contains(&name).then(|| pairs::number(value)).flatten()
}

/// The ports that `--port N` and `--port=N` say.
pub(super) fn of_command(command: &str) -> impl Iterator<Item = u16> {
    let flags = pairs::flags(command).into_iter();
    flags.filter(|(name, _)| *name == "port").filter_map(|(_, value)| pairs::number(value))
}

/// The ports of the service itself that a health check asks.
pub(super) fn of_health_check(command: &str) -> Vec<Find> {
    let local = command.replace("[::1]", "localhost");
    finds(&local, |name| LOCAL.contains(&name), &ImageTags::new())
}

/// The port that nginx-proxy is told (`VIRTUAL_PORT`).
pub(super) fn of_proxy_variable(name: &str, value: &str) -> Option<u16> {
    (name == "VIRTUAL_PORT").then(|| pairs::number(value)).flatten()
}

/// The port that a label tells Traefik or Caddy.
pub(super) fn of_label(key: &str, value: &str) -> Option<(u16, Protocol)> {
    let key = key.to_ascii_lowercase();
    if key.starts_with("traefik.") && key.ends_with(".loadbalancer.server.port") {
        let protocol = if key.starts_with("traefik.udp.") { Protocol::Udp } else { Protocol::Tcp };
        return pairs::number(value).map(|port| (port, protocol));
    }
    if key.starts_with("caddy") { upstreams(value).map(|port| (port, Protocol::Tcp)) } else { None }
}

/// `{{upstreams 8080}}`, `{{upstreams https 8443}}`.
fn upstreams(value: &str) -> Option<u16> {
    let (_, inner) = value.split_once("{{")?;
    let (inner, _) = inner.split_once("}}")?;
    let mut words = inner.split_whitespace();
    (words.next()? == "upstreams").then(|| words.find_map(port)).flatten().map(|(port, _)| port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_to_listen_on() {
        assert_eq!(of_variable("PORT", "3000"), Some(3000));
        assert_eq!(of_variable("DB_PORT", "3000"), None);
        assert_eq!(of_variable("PORT", "tcp://x"), None);
        assert_eq!(of_command("run --port 80 --port=81 --ports 82 -p 83").collect::<Vec<_>>(), [80, 81]);
    }

    #[test]
    fn health_checks_ask_the_service_itself() {
        let ports = |command| of_health_check(command).iter().map(|find| find.port).collect::<Vec<_>>();
        assert_eq!(ports("curl -f http://localhost:8080/ || exit 1"), [8080]);
        assert_eq!(ports("wget http://127.0.0.1/ http://[::1]:81 0.0.0.0:82 db:83"), [80, 81, 82]);
    }

    #[test]
    fn proxies_are_told_ports() {
        assert_eq!(of_proxy_variable("VIRTUAL_PORT", "8080"), Some(8080));
        let traefik = "traefik.http.services.web.loadbalancer.server.port";
        assert_eq!(of_label(traefik, "80"), Some((80, Protocol::Tcp)));
        assert_eq!(
            of_label("traefik.udp.services.x.loadbalancer.server.port", "53"),
            Some((53, Protocol::Udp))
        );
        assert_eq!(of_label("caddy.reverse_proxy", "{{upstreams https 8443}}"), Some((8443, Protocol::Tcp)));
        assert_eq!(of_label("caddy.reverse_proxy", "{{upstreams}}"), None);
        assert_eq!(of_label("other", "{{upstreams 1}}"), None);
    }
}
