//! How ports are reached from outside: what the flag says, else the nearest hint, else a load balancer (N24, N120).

use super::options::{Expose, InferPorts, Options, Permit};
use crate::model::{Exposure, PortInference, PublishedPort, Service};

/// Returns how one published port is reached.
pub(crate) fn of_port(options: &Options, service: &Service, port: &PublishedPort) -> Expose {
    let hint = port.hints.expose.as_ref().map(|hint| of_hint(hint.value));
    options.expose.or(hint).unwrap_or_else(|| of_service(options, service))
}

/// Returns how the ports of a service are reached that say nothing themselves.
pub(crate) fn of_service(options: &Options, service: &Service) -> Expose {
    let hint = service.hints.expose.as_ref().map(|hint| of_hint(hint.value));
    options.expose.or(hint).unwrap_or(Expose::LoadBalancer)
}

/// Returns which ports of a service count (N20).
pub(crate) fn inference(options: &Options, service: &Service) -> InferPorts {
    let hint = service.hints.infer_ports.as_ref().map(|hint| match hint.value {
        PortInference::All => InferPorts::All,
        PortInference::Declared => InferPorts::Declared,
    });
    options.infer_ports.or(hint).unwrap_or(InferPorts::All)
}

/// Tells whether ports of host mode are opened on nodes (N22).
pub(crate) fn opens_on_nodes(options: &Options, service: &Service) -> bool {
    let hint = service.hints.host_port.as_ref().map(|hint| hint.value);
    hint.unwrap_or_else(|| options.permits(Permit::HostPort))
}

fn of_hint(hint: Exposure) -> Expose {
    match hint {
        Exposure::LoadBalancer => Expose::LoadBalancer,
        Exposure::NodePort => Expose::NodePort,
        Exposure::Ingress => Expose::Ingress,
        Exposure::Gateway => Expose::Gateway,
        Exposure::ClusterIp => Expose::ClusterIp,
        Exposure::Headless => Expose::Headless,
        Exposure::None => Expose::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{at, port, service};
    use crate::model::Protocol;

    #[test]
    fn the_flag_counts_before_the_nearest_hint() {
        let mut web = service();
        let mut entry = port(Some(80), 80, Protocol::Tcp);
        let none = Options::default();
        assert_eq!(of_port(&none, &web, &entry), Expose::LoadBalancer);
        web.hints.expose = Some(at(Exposure::NodePort));
        assert_eq!(of_port(&none, &web, &entry), Expose::NodePort);
        entry.hints.expose = Some(at(Exposure::None));
        assert_eq!(of_port(&none, &web, &entry), Expose::None);
        let flag = Options { expose: Some(Expose::ClusterIp), ..Options::default() };
        assert_eq!(of_port(&flag, &web, &entry), Expose::ClusterIp);
    }
}
