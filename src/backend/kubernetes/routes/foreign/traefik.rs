//! Labels that Traefik reads: routers, and the ports of the services behind them (N54).

use std::collections::BTreeMap;

use super::{Told, ToldRoute, rule};
use crate::diag::Spanned;
use crate::model::Identity;

const PREFIX: &str = "traefik.";

/// One router of the labels.
#[derive(Default)]
struct Router<'a> {
    rule: Option<&'a Spanned<String>>,
    tls: bool,
    service: Option<&'a str>,
}

/// Labels of Traefik, sorted out.
#[derive(Default)]
struct Labels<'a> {
    routers: BTreeMap<&'a str, Router<'a>>,
    /// Ports by the name of the service.
    ports: BTreeMap<&'a str, u16>,
    disabled: bool,
    lost: Vec<Spanned<String>>,
}

/// Reads the labels of a service.
pub(super) fn told(identity: &Identity) -> Told {
    let mut labels = Labels::default();
    for (key, value) in identity.labels.iter().chain(&identity.service_labels) {
        labels.read(key, value);
    }
    if labels.disabled {
        return Told::default();
    }
    let Labels { routers, ports, disabled: _, mut lost } = labels;
    let mut routes = Vec::new();
    for (name, router) in routers {
        let Some(written) = router.rule else { continue };
        let lose = || Spanned::new(format!("the rule of router `{name}`"), written.span);
        if router.service.is_some_and(|service| service.ends_with("@internal")) {
            lost.push(lose());
            continue;
        }
        let port = match router.service.map(|service| service.split('@').next().unwrap_or_default()) {
            Some(service) => ports.get(service).copied(),
            None if ports.len() == 1 => ports.values().next().copied(),
            None => None,
        };
        let read = rule::read(&written.value);
        if read.has_more {
            lost.push(lose());
        }
        routes.extend(read.alternatives.into_iter().map(|rule::Alternative { host, path, exact }| {
            ToldRoute { host, path, exact, tls: router.tls, port, span: written.span }
        }));
    }
    Told { routes, lost }
}

impl<'a> Labels<'a> {
    fn read(&mut self, key: &'a str, value: &'a Spanned<String>) {
        let Some(rest) = key.get(PREFIX.len()..).filter(|_| is_traefiks(key)) else { return };
        let parts: Vec<&str> = rest.split('.').collect();
        let lower: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let is_true = value.trim().eq_ignore_ascii_case("true");
        match lower.as_slice() {
            ["enable"] => self.disabled |= value.trim().eq_ignore_ascii_case("false"),
            // Which of Docker's networks Traefik dials: there is one network here.
            ["docker" | "swarm", ..] => {}
            ["http", "routers", _, "rule"] => self.router(parts[2]).rule = Some(value),
            ["http", "routers", _, "service"] => self.router(parts[2]).service = Some(value.trim()),
            ["http", "routers", _, "tls"] => self.router(parts[2]).tls |= is_true,
            ["http", "routers", _, "tls", ..] => self.router(parts[2]).tls = true,
            ["http", "routers", _, "entrypoints"] => self.entry_points(key, parts[2], value),
            ["http", "services", _, "loadbalancer", "server", "port"] => match value.trim().parse() {
                Ok(port) if port > 0 => {
                    self.ports.insert(parts[2], port);
                }
                _ => self.lose(key, value),
            },
            _ => self.lose(key, value),
        }
    }

    fn router(&mut self, name: &'a str) -> &mut Router<'a> {
        self.routers.entry(name).or_default()
    }

    /// `websecure` means TLS, `web` is what every router has; others are places that only Traefik knows.
    fn entry_points(&mut self, key: &'a str, router: &'a str, value: &'a Spanned<String>) {
        let names = || value.split(',').map(str::trim);
        if names().any(|name| matches!(name, "websecure" | "https")) {
            self.router(router).tls = true;
        }
        if !names().all(|name| matches!(name, "web" | "websecure" | "http" | "https" | "")) {
            self.lose(key, value);
        }
    }

    fn lose(&mut self, key: &str, value: &Spanned<String>) {
        self.lost.push(Spanned::new(format!("`{key}`"), value.span));
    }
}

/// Tells whether a label is read by Traefik.
pub(super) fn is_traefiks(key: &str) -> bool {
    key.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    fn read(labels: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let identity = Identity {
            labels: labels.iter().map(|(key, value)| ((*key).to_owned(), at((*value).to_owned()))).collect(),
            ..Identity::default()
        };
        let Told { routes, lost } = told(&identity);
        let routes = routes.iter().map(|route| {
            let host = route.host.as_deref().unwrap_or("*");
            format!("{host}{} {:?}{}", route.path, route.port, if route.tls { " tls" } else { "" })
        });
        (routes.collect(), lost.into_iter().map(|lost| lost.value).collect())
    }

    #[test]
    fn routers_lead_to_the_port_of_their_service() {
        let (routes, lost) = read(&[
            ("traefik.enable", "true"),
            ("traefik.docker.network", "proxy"),
            ("traefik.http.routers.a.rule", "Host(`a.b`)"),
            ("traefik.http.routers.a.entrypoints", "websecure"),
            ("traefik.http.routers.a.service", "one@docker"),
            ("traefik.http.routers.b.rule", "Host(`c.d`) && PathPrefix(`/x`)"),
            ("traefik.http.routers.b.tls.certresolver", "le"),
            ("traefik.http.routers.c.rule", "Host(`e.f`)"),
            ("traefik.http.routers.c.service", "two"),
            ("traefik.http.services.one.loadbalancer.server.port", "8080"),
            ("traefik.http.services.two.loadbalancer.server.port", "8081"),
        ]);
        assert_eq!(routes, ["a.b/ Some(8080) tls", "c.d/x None tls", "e.f/ Some(8081)"]);
        assert_eq!(lost, Vec::<String>::new());
    }

    #[test]
    fn what_only_traefik_does_is_listed() {
        let (routes, lost) = read(&[
            ("traefik.frontend.rule", "Host:a.b"),
            ("traefik.http.routers.a.middlewares", "auth"),
            ("traefik.http.routers.a.rule", "HostRegexp(`.*`)"),
            ("traefik.tcp.routers.b.rule", "HostSNI(`*`)"),
        ]);
        assert_eq!(routes, Vec::<String>::new());
        assert_eq!(lost.len(), 4);
    }

    #[test]
    fn a_service_that_is_switched_off_has_no_routes() {
        let labels = [("traefik.enable", "false"), ("traefik.http.routers.a.rule", "Host(`a.b`)")];
        assert_eq!(read(&labels), (vec![], vec![]));
    }
}
