//! The routes that one service asks for: its hosts, the port that they lead to, its certificate (N50 to N53).

use super::{Certificate, Route, Through, foreign, http_port, legality, sort};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::exposure;
use crate::backend::kubernetes::membership::Membership;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::options::{Expose, Options};
use crate::backend::kubernetes::ports::PortSet;
use crate::backend::kubernetes::problem;
use crate::backend::kubernetes::publish::{self, Way};
use crate::diag::{Diagnostic, Outcome, Severity, Span};
use crate::model::{HostRule, Project, Protocol, PublishedPort, Service, ServiceName, Tls};

/// What a service asks for.
#[derive(Default)]
pub(super) struct Wishes {
    /// Its routes, in order.
    pub(super) routes: Vec<Route>,
    /// A route for every host, where no host is said; one service of the project can have that.
    pub(super) any_host: Option<Route>,
    /// What is wrong with them.
    pub(super) problems: Vec<Diagnostic>,
}

/// A host that is asked for, from whatever source.
struct Asked {
    host: Option<String>,
    path: String,
    exact: bool,
    tls: bool,
    port: Option<u16>,
    span: Span,
}

/// Finds out what a service asks for.
pub(super) fn wishes(
    project: &Project,
    options: &Options,
    name: &ServiceName,
    service: &Service,
    ports: &PortSet,
) -> Wishes {
    let mut wishes = Wishes::default();
    if Membership::of(project, service) == Membership::Closed {
        return wishes;
    }
    let told = foreign::of_service(service);
    let published = published(project, options, service);
    let usual = through(exposure::of_service(options, service));
    if usual.is_some() {
        let lost = told.lost.iter().map(|lost| untranslated(name, &lost.value, lost.span));
        wishes.problems.extend(lost);
    }
    let mut own = Vec::new();
    for (port, _) in &published {
        let hosts = port.hints.hosts.iter().flat_map(|hosts| &hosts.value);
        own.extend(hosts.map(|host| of_hint(host, Some(port.target.value))));
    }
    let of_service = asked_of_service(project, name, service, told.routes, !published.is_empty());
    // Ports with hosts of their own are none that the hosts of the service lead to.
    let free: Vec<_> = published.iter().copied().filter(|(port, _)| port.hints.hosts.is_none()).collect();
    let certificate = Wanted::of(name, service);
    if own.is_empty() && of_service.is_empty() {
        wishes.any_host = free.first().map(|(port, through)| Route {
            host: None,
            path: "/".to_owned(),
            exact: false,
            port: port.target.value,
            certificate: certificate.of_route(false),
            through: *through,
            span: port.span,
        });
        return wishes;
    }
    let led = own
        .into_iter()
        .map(|asked| (asked, &published))
        .chain(of_service.into_iter().map(|asked| (asked, &free)));
    for (asked, published) in led {
        if let Some(found) = illegal(name, &asked) {
            wishes.problems.extend(usual.is_some().then_some(found));
            continue;
        }
        let Some((port, through)) = lead(&asked, published, service, ports, usual) else {
            if usual.is_some() {
                wishes.problems.push(port_unknown(name, &asked));
            }
            continue;
        };
        let Some(through) = through else { continue };
        let Asked { host, path, exact, tls, port: _, span } = asked;
        let certificate = certificate.of_route(tls);
        add(&mut wishes.routes, Route { host, path, exact, port, certificate, through, span });
    }
    sort(&mut wishes.routes);
    wishes
}

/// Finds the hosts that a service as a whole asks for: the first source that gives some (N50).
fn asked_of_service(
    project: &Project,
    name: &ServiceName,
    service: &Service,
    told: Vec<foreign::ToldRoute>,
    has_http: bool,
) -> Vec<Asked> {
    if let Some(hosts) = &service.hints.hosts {
        return hosts.value.iter().map(|host| of_hint(host, None)).collect();
    }
    if !told.is_empty() {
        return told.into_iter().map(of_told).collect();
    }
    let domain = project.hints.domain.as_ref().filter(|_| has_http);
    let of_domain = domain.map(|domain| Asked {
        host: Some(format!("{}.{}", names::dns(name.as_str()), domain.value.to_ascii_lowercase())),
        path: "/".to_owned(),
        exact: false,
        tls: false,
        port: None,
        span: domain.span,
    });
    of_domain.into_iter().collect()
}

/// The certificate that the routes of a service are served with (N53).
struct Wanted {
    hint: Option<Tls>,
    usual: String,
}

impl Wanted {
    fn of(name: &ServiceName, service: &Service) -> Self {
        let hint = service.hints.tls.as_ref().map(|hint| hint.value.clone());
        Self { hint, usual: names::dns_with(name.as_str(), "-tls") }
    }

    /// The hint counts before what a proxy was told.
    fn of_route(&self, told: bool) -> Option<Certificate> {
        match &self.hint {
            Some(Tls::Off) => None,
            Some(Tls::Named(secret)) => Some(Certificate::Secret(secret.clone())),
            Some(Tls::Default) => Some(Certificate::Controllers),
            Some(Tls::Issued) => Some(Certificate::Secret(self.usual.clone())),
            None => told.then(|| Certificate::Secret(self.usual.clone())),
        }
    }
}

fn of_hint(hint: &HostRule, port: Option<u16>) -> Asked {
    let HostRule { span, host, path } = hint;
    Asked {
        host: host.as_ref().map(|host| host.to_ascii_lowercase()),
        path: path.clone().unwrap_or_else(|| "/".to_owned()),
        exact: false,
        tls: false,
        port,
        span: *span,
    }
}

/// What carries out a way of exposing; `None` for ways without HTTP routes.
pub(super) fn through(expose: Expose) -> Option<Through> {
    match expose {
        Expose::Ingress => Some(Through::Ingress),
        Expose::Gateway => Some(Through::Gateway),
        Expose::LoadBalancer | Expose::NodePort | Expose::ClusterIp | Expose::Headless | Expose::None => None,
    }
}

/// Returns the published ports that are reached by HTTP routes, the best one first.
fn published<'a>(
    project: &Project,
    options: &Options,
    service: &'a Service,
) -> Vec<(&'a PublishedPort, Through)> {
    let mut ports: Vec<_> = publish::ways(project, options, service)
        .into_iter()
        .filter(|(_, way)| matches!(way, Way::Outside(_)))
        .filter_map(|(port, _)| {
            let through = through(exposure::of_port(options, service, port))?;
            Some((http_port::rank(service, port)?, port, through))
        })
        .collect();
    ports.sort_by_key(|(rank, _, _)| *rank);
    ports.into_iter().map(|(_, port, through)| (port, through)).collect()
}

fn of_told(told: foreign::ToldRoute) -> Asked {
    let foreign::ToldRoute { host, path, exact, tls, port, span } = told;
    Asked { host, path, exact, tls, port, span }
}

/// Finds the port that a host leads to, and what carries it out; `None` where no port is known.
fn lead(
    asked: &Asked,
    published: &[(&PublishedPort, Through)],
    service: &Service,
    ports: &PortSet,
    usual: Option<Through>,
) -> Option<(u16, Option<Through>)> {
    let carried = |number: u16| {
        let port = published.iter().find(|(port, _)| port.target.value == number);
        (number, port.map(|(_, through)| *through).or(usual))
    };
    let listens =
        |number: u16| ports.ports.iter().any(|port| (port.number, port.protocol) == (number, Protocol::Tcp));
    match asked.port {
        Some(number) => listens(number).then(|| carried(number)),
        None => published
            .first()
            .map(|(port, _)| port.target.value)
            .or_else(|| http_port::of_unpublished(service, ports))
            .map(carried),
    }
}

/// Takes a route in; several routers with one host, of which some have a certificate, are one route.
fn add(routes: &mut Vec<Route>, route: Route) {
    let same = routes.iter_mut().find(|known| {
        (&known.host, &known.path, known.exact, known.port)
            == (&route.host, &route.path, route.exact, route.port)
    });
    match same {
        Some(known) => known.certificate = known.certificate.take().or(route.certificate),
        None => routes.push(route),
    }
}

fn illegal(name: &ServiceName, asked: &Asked) -> Option<Diagnostic> {
    let host =
        asked.host.as_ref().filter(|host| !legality::is_host(host)).map(|host| format!("host `{host}`"));
    let path = || Some(format!("path `{}`", asked.path)).filter(|_| !legality::is_path(&asked.path));
    let what = host.or_else(path)?;
    Some(untranslated(name, &format!("the {what}"), asked.span))
}

/// What a proxy is told and no route can say.
fn untranslated(name: &ServiceName, what: &str, span: Span) -> Diagnostic {
    let message = format!("{what} of `{name}` cannot be translated: it is left out");
    problem::of_service(BackendCode::ForeignLabelsFound, name, message)
        .at(span)
        .severity(Severity::Warning)
        .outcome(Outcome::Dropped)
        .help("say the rest with `x-rcompose` of the service: `hosts`, `tls`, `annotations`")
}

fn port_unknown(name: &ServiceName, asked: &Asked) -> Diagnostic {
    let host = asked.host.as_deref().unwrap_or("every host");
    let message = match asked.port {
        Some(port) => format!("`{host}` leads to port {port} of `{name}`, which it is not known to have"),
        None => format!("`{host}` leads to `{name}`, and nothing says to which of its ports"),
    };
    problem::of_service(KubernetesCode::IngressPortUnknown, name, message)
        .at(asked.span)
        .outcome(Outcome::Refused)
        .help("publish the port, or name it with `expose:` if it is the only one")
}
