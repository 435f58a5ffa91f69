//! Labels that caddy-docker-proxy reads (N56).

use std::collections::BTreeMap;

use super::{Told, ToldRoute};
use crate::diag::Spanned;
use crate::model::Identity;

/// One site of the labels.
#[derive(Default)]
struct Site<'a> {
    hosts: Option<&'a Spanned<String>>,
    /// The port that `reverse_proxy` says.
    port: Option<u16>,
}

/// Reads the labels of a service.
pub(super) fn told(identity: &Identity) -> Told {
    let mut sites: BTreeMap<&str, Site<'_>> = BTreeMap::new();
    let mut lost = Vec::new();
    for (key, value) in identity.labels.iter().chain(&identity.service_labels) {
        let Some(site) = site_of(key) else { continue };
        match key[site.len()..].trim_start_matches('.') {
            "" => sites.entry(site).or_default().hosts = Some(value),
            "reverse_proxy" => match upstreams(value) {
                Some(port) => sites.entry(site).or_default().port = port.number(),
                None => lost.push(Spanned::new(format!("`{key}`"), value.span)),
            },
            _ => lost.push(Spanned::new(format!("`{key}`"), value.span)),
        }
    }
    let mut routes = Vec::new();
    for site in sites.into_values() {
        let Some(hosts) = site.hosts else { continue };
        for address in hosts.split([',', ' ', '\t', '\n']).filter(|address| !address.is_empty()) {
            match route(address, &site, hosts) {
                Some(route) => routes.push(route),
                None => lost.push(Spanned::new(format!("site `{address}`"), hosts.span)),
            }
        }
    }
    Told { routes, lost }
}

/// Tells whether a label is read by Caddy.
pub(super) fn is_caddys(key: &str) -> bool {
    site_of(key).is_some()
}

/// Returns `caddy` or `caddy_<n>`, where a label begins with it.
fn site_of(key: &str) -> Option<&str> {
    let site = key.split('.').next()?;
    let number = site.strip_prefix("caddy")?;
    let is_numbered = number
        .strip_prefix('_')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    (number.is_empty() || is_numbered).then_some(site)
}

fn route(address: &str, site: &Site<'_>, written: &Spanned<String>) -> Option<ToldRoute> {
    // Snippets, matchers and placeholders are no addresses.
    if address.contains(['(', ')', '{', '}', '@']) {
        return None;
    }
    let (tls, rest) = match address.split_once("://") {
        Some(("http", rest)) => (false, rest),
        Some(("https", rest)) => (true, rest),
        Some(_) => return None,
        None => (true, address),
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
    Some(ToldRoute {
        // Without a name there is nothing to make a certificate for.
        tls: tls && !host.is_empty(),
        host: (!host.is_empty()).then_some(host),
        path: path.trim_end_matches('*').to_owned(),
        exact: false,
        port: site.port,
        span: written.span,
    })
}

/// The port of upstreams, where one is said.
enum Upstreams {
    Said(u16),
    Usual,
}

impl Upstreams {
    const fn number(&self) -> Option<u16> {
        match self {
            Self::Said(port) => Some(*port),
            Self::Usual => None,
        }
    }
}

/// `{{upstreams}}`, `{{upstreams 8080}}`, `{{upstreams https 8443}}`, and nothing beside.
fn upstreams(value: &str) -> Option<Upstreams> {
    let inner = value.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let mut words = inner.split_whitespace();
    if words.next() != Some("upstreams") {
        return None;
    }
    let mut words = words.filter(|word| !matches!(*word, "http" | "https"));
    Some(
        words
            .find_map(|word| word.parse().ok())
            .filter(|port| *port > 0)
            .map_or(Upstreams::Usual, Upstreams::Said),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    #[test]
    fn sites_give_hosts_and_their_proxy_a_port() {
        let labels = [
            ("caddy", "a.example.com, http://b.example.com"),
            ("caddy.reverse_proxy", "{{upstreams 8080}}"),
            ("caddy_1", "https://c.example.com:8443/x/*"),
            ("caddy_1.reverse_proxy", "{{upstreams https 8443}}"),
            ("caddy_1.encode", "gzip"),
            ("caddy_2", "(snippet)"),
            ("caddyfile", "x"),
        ];
        let labels = labels.into_iter().map(|(key, value)| (key.to_owned(), at(value.to_owned())));
        let Told { routes, lost } = told(&Identity { labels: labels.collect(), ..Identity::default() });
        let routes: Vec<_> = routes
            .iter()
            .map(|route| (route.host.as_deref(), route.path.as_str(), route.port, route.tls))
            .collect();
        assert_eq!(
            routes,
            [
                (Some("a.example.com"), "/", Some(8080), true),
                (Some("b.example.com"), "/", Some(8080), false),
                (Some("c.example.com"), "/x/", Some(8443), true)
            ]
        );
        assert_eq!(
            lost.into_iter().map(|lost| lost.value).collect::<Vec<_>>(),
            ["`caddy_1.encode`", "site `(snippet)`"]
        );
    }
}
