//! How ports are reached from outside: what the flag says, else a load balancer (N24, N120).

use super::options::{Expose, Options};
use crate::model::{PublishedPort, Service};

/// Returns how one published port is reached.
pub(crate) fn of_port(options: &Options, service: &Service, _port: &PublishedPort) -> Expose {
    of_service(options, service)
}

/// Returns how the ports of a service are reached that say nothing themselves.
pub(crate) fn of_service(options: &Options, _service: &Service) -> Expose {
    options.expose.unwrap_or(Expose::LoadBalancer)
}
