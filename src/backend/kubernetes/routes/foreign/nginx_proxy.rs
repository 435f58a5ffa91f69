//! Variables that nginx-proxy and its companion read from the containers behind them (N55).

use super::{Told, ToldRoute};
use crate::diag::Spanned;
use crate::model::{Environment, EnvironmentValue};

/// Variables that are read by the proxy and say nothing that routes can carry.
const LOST: [&str; 3] = ["VIRTUAL_DEST", "VIRTUAL_HOST_MULTIPORTS", "VIRTUAL_PROTO"];

/// Reads the variables of a service.
pub(super) fn told(environment: &Environment) -> Told {
    let mut lost: Vec<Spanned<String>> = LOST
        .iter()
        .filter_map(|name| Some(Spanned::new(format!("`{name}`"), text(environment, name)?.span)))
        .collect();
    let Some(hosts) = text(environment, "VIRTUAL_HOST") else { return Told { routes: Vec::new(), lost } };
    let path = text(environment, "VIRTUAL_PATH").map_or("/", |path| path.trim());
    let port = text(environment, "VIRTUAL_PORT").and_then(|port| port.trim().parse().ok());
    let secured: Vec<String> =
        text(environment, "LETSENCRYPT_HOST").map(|hosts| listed(hosts).collect()).unwrap_or_default();
    let mut routes = Vec::new();
    for host in listed(hosts) {
        if host.starts_with('~') || !path.starts_with('/') {
            lost.push(Spanned::new(format!("host `{host}` of `VIRTUAL_HOST`"), hosts.span));
            continue;
        }
        routes.push(ToldRoute {
            tls: secured.contains(&host),
            host: Some(host),
            path: path.to_owned(),
            exact: false,
            port: port.filter(|port| *port > 0),
            span: hosts.span,
        });
    }
    Told { routes, lost }
}

/// Hosts of a list, lower case, without the ports that people add.
fn listed(hosts: &str) -> impl Iterator<Item = String> + '_ {
    hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).map(|host| {
        let name = if host.starts_with('~') { host } else { host.split(':').next().unwrap_or_default() };
        name.to_ascii_lowercase()
    })
}

fn text<'a>(environment: &'a Environment, name: &str) -> Option<&'a Spanned<String>> {
    match environment.get(name)? {
        EnvironmentValue::Literal { value, sensitive: _ } => Some(value),
        EnvironmentValue::Unset(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    #[test]
    fn variables_give_hosts_a_path_and_a_port() {
        let environment: Environment = [
            ("VIRTUAL_HOST", "A.example.com:80, b.example.com,~^x"),
            ("VIRTUAL_PATH", "/app"),
            ("VIRTUAL_PORT", "3000"),
            ("VIRTUAL_PROTO", "https"),
            ("LETSENCRYPT_HOST", "a.example.com"),
        ]
        .into_iter()
        .map(|(name, value)| {
            (name.to_owned(), EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: false })
        })
        .collect();
        let Told { routes, lost } = told(&environment);
        let routes: Vec<_> = routes
            .iter()
            .map(|route| (route.host.as_deref(), route.path.as_str(), route.port, route.tls))
            .collect();
        assert_eq!(
            routes,
            [
                (Some("a.example.com"), "/app", Some(3000), true),
                (Some("b.example.com"), "/app", Some(3000), false)
            ]
        );
        assert_eq!(lost.len(), 2);
    }
}
