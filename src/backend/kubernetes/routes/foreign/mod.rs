//! What labels and variables tell reverse proxies that read them from Docker: hosts, paths, ports (N50, N54 to N56).
//!
//! Reads only; whether it has an effect is decided by the rest of `routes`.

mod caddy;
mod nginx_proxy;
mod rule;
mod traefik;

use crate::backend::kubernetes::image_name::ImageName;
use crate::backend::kubernetes::storage::bind_of;
use crate::diag::{Span, Spanned};
use crate::model::{BindPath, Project, Service};

/// What one service tells the proxies.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Where requests shall reach it.
    pub(super) routes: Vec<ToldRoute>,
    /// What routes cannot say, in words, each with its place.
    pub(super) lost: Vec<Spanned<String>>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToldRoute {
    /// Host, lower case; `None` matches all.
    pub(super) host: Option<String>,
    /// Path.
    pub(super) path: String,
    /// The path as a whole, not what begins with it.
    pub(super) exact: bool,
    /// With a certificate.
    pub(super) tls: bool,
    /// Container port, where it is said.
    pub(super) port: Option<u16>,
    /// Where the host is written.
    pub(super) span: Span,
}

/// Reads what a service tells: hosts of the first proxy that is told some (N50), losses of all.
pub(super) fn of_service(service: &Service) -> Told {
    let told = [
        traefik::told(&service.identity),
        nginx_proxy::told(&service.process.environment),
        caddy::told(&service.identity),
    ];
    let lost = told.iter().flat_map(|told| told.lost.iter().cloned()).collect();
    let routes = told.into_iter().map(|told| told.routes).find(|routes| !routes.is_empty());
    Told { routes: routes.unwrap_or_default(), lost }
}

/// Tells whether a label is one that a proxy reads.
pub(super) fn is_read_by_a_proxy(key: &str) -> bool {
    traefik::is_traefiks(key) || caddy::is_caddys(key)
}

/// Returns the place of Docker's socket in a proxy that finds its work there: it finds none in a cluster.
pub(super) fn reads_the_socket(project: &Project, service: &Service) -> Option<Span> {
    const PROXIES: [&str; 3] = ["traefik", "nginx-proxy", "caddy-docker-proxy"];
    let reference = service.image.reference.as_ref()?;
    if !PROXIES.contains(&ImageName::parse(&reference.value).last) {
        return None;
    }
    let is_socket = |path: &BindPath| matches!(path, BindPath::Host(path) if path.ends_with("/docker.sock"));
    let mounts = service.mounts.iter();
    let mut sockets =
        mounts.filter(|mount| bind_of(project, &mount.source).is_some_and(|bind| is_socket(&bind.path)));
    sockets.next().map(|mount| mount.span)
}
