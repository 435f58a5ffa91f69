//! HTTP routes: which hosts and paths lead to which port of which service, through an Ingress or a Gateway (N50 to N56).
//!
//! Decided over all services before objects are made, since hosts are shared between them; `objects` writes what was decided.

mod foreign;
mod gateway;
mod http_port;
mod ingress;
mod legality;
mod report;
mod service;

pub(crate) use report::{address, report};

use std::collections::BTreeMap;

use super::exposure;
use super::object::Object;
use super::options::Options;
use super::plan::{Plan, running};
use super::ports::PortSet;
use crate::diag::{Sink, Span};
use crate::model::{Metadata, Project, Service, ServiceName};

/// What leads to one port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// Host, lower case; `None` matches all.
    pub(crate) host: Option<String>,
    /// Path.
    pub(crate) path: String,
    /// The path as a whole, not what begins with it.
    pub(crate) exact: bool,
    /// Container port.
    pub(crate) port: u16,
    /// Served with a certificate.
    pub(crate) certificate: Option<Certificate>,
    /// What carries it out.
    pub(crate) through: Through,
    /// Where the host is written, else the port.
    pub(crate) span: Span,
}

/// Whose certificate (N53).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certificate {
    /// That of a Secret.
    Secret(String),
    /// The controller's own.
    Controllers,
}

/// What carries routes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// An Ingress.
    Ingress,
    /// A Gateway.
    Gateway,
}

/// Decides the routes of all services.
pub(crate) fn of_services<'a>(
    project: &'a Project,
    options: &Options,
    ports: &BTreeMap<&'a ServiceName, PortSet>,
    sink: &mut Sink,
) -> BTreeMap<&'a ServiceName, Vec<Route>> {
    let mut wishes: BTreeMap<&ServiceName, service::Wishes> = running(project)
        .map(|(name, service)| (name, service::wishes(project, options, name, service, &ports[name])))
        .collect();
    report::without_host(project, &mut wishes, sink);
    report::twice(project, &wishes, sink);
    let mut routes = BTreeMap::new();
    for (name, wishes) in wishes {
        if project.services[name].selected {
            wishes.problems.into_iter().for_each(|found| sink.push(found));
        }
        routes.insert(name, wishes.routes);
    }
    routes
}

/// Writes the routes of selected services.
pub(crate) fn objects(plan: &Plan<'_>, sink: &mut Sink) -> Vec<Object> {
    let mut objects: Vec<Object> = plan.selected().filter_map(|facts| ingress::object(plan, facts)).collect();
    objects.extend(gateway::objects(plan, sink));
    objects
}

/// Returns the labels of a service without those that proxies read, where they became routes: nobody else reads them.
pub(crate) fn without_foreign(options: &Options, service: &Service, labels: &Metadata) -> Metadata {
    let is_read = service::through(exposure::of_service(options, service)).is_some();
    let stays = |key: &str| !is_read || !foreign::is_read_by_a_proxy(key);
    labels.iter().filter(|(key, _)| stays(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Orders routes as they are written: by host, then the longest path first (N52).
fn sort(routes: &mut [Route]) {
    let key = |route: &Route| {
        let longest = std::cmp::Reverse(route.path.len());
        (route.host.clone(), longest, route.path.clone(), !route.exact, route.port)
    };
    routes.sort_by_key(key);
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::options::{Expose, Options};
    use crate::backend::kubernetes::sample::{at, port, project, render_with, service};
    use crate::model::{Protocol, Service};

    fn web(rule: &str, ports: &[(u16, u16)]) -> Service {
        let mut web = service();
        if !rule.is_empty() {
            web.identity.labels.insert("traefik.http.routers.web.rule".to_owned(), at(rule.to_owned()));
        }
        web.ports.ports =
            ports.iter().map(|(out, inside)| port(Some(*out), *inside, Protocol::Tcp)).collect();
        web
    }

    fn options() -> Options {
        Options { expose: Some(Expose::Ingress), ..Options::default() }
    }

    #[test]
    fn the_only_service_without_a_host_answers_for_every_host() {
        let made = render_with(&project([("web", web("", &[(8080, 80), (2222, 22)]))]), options());
        let rule = &made.object("Ingress", "web")["spec"]["rules"][0];
        assert_eq!(
            (rule.get("host"), &rule["http"]["paths"][0]["backend"]["service"]["port"]["number"]),
            (None, &80.into())
        );
        let rest = &made.object("Service", "web-published")["spec"]["ports"];
        assert_eq!((rest.as_array().map(Vec::len), &rest[0]["port"]), (Some(1), &2222.into()));
    }

    #[test]
    fn a_host_leads_to_the_port_that_is_published_for_http() {
        let made = render_with(
            &project([("web", web("Host(`a.b`)", &[(5432, 5432), (443, 443), (80, 8080)]))]),
            options(),
        );
        let rule = &made.object("Ingress", "web")["spec"]["rules"][0];
        assert_eq!(
            (&rule["host"], &rule["http"]["paths"][0]["backend"]["service"]["port"]["number"]),
            (&"a.b".into(), &8080.into())
        );
    }

    #[test]
    fn hosts_that_no_rule_can_have_are_left_out() {
        let made = render_with(
            &project([(
                "web",
                web("Host(`my_host`) || Host(`10.0.0.1`) || Host(`a.b`) && Path(`/..`)", &[(80, 80)]),
            )]),
            options(),
        );
        assert!(!made.objects().iter().any(|object| object.starts_with("Ingress")));
        assert_eq!(made.codes().iter().filter(|code| **code == "foreign-labels-found").count(), 3);
    }

    #[test]
    fn a_gateway_must_be_named() {
        let options = Options { expose: Some(Expose::Gateway), ..Options::default() };
        let made = render_with(&project([("web", web("", &[(80, 80)]))]), options);
        assert!(made.codes().contains(&"gateway-unknown"));
    }
}
