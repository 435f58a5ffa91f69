//! Probes by hint (K43, N120): what they ask, how often, and what they leave to the health check or to K45.

use std::time::Duration;

use k8s_openapi::api::core::v1::{GRPCAction, HTTPGetAction, HTTPHeader, Probe as ApiProbe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::probes::{self, ContainerProbes, Times};
use super::readiness::{ASSUMED_FAILURES, ASSUMED_SECONDS, Readiness, first_tcp_port};
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::seconds::rounded_up;
use crate::diag::{Outcome, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Probe, ProbeHandler, ProbeWish, Timing};

/// Lays the hints `startup` and `liveness` over the probes.
pub(super) fn laid_over(
    facts: &Facts<'_>,
    mut probes: ContainerProbes,
    options: &Options,
    report: &mut Report<'_>,
) -> ContainerProbes {
    let hints = &facts.service.hints;
    if let Some(startup) = &hints.startup {
        probes.startup = match &startup.value {
            ProbeWish::Off => None,
            ProbeWish::On => probes.startup,
            ProbeWish::With(probe) => made("startup", Some(probe), startup.span, facts, options, report),
        };
    }
    if let Some(liveness) = &hints.liveness {
        probes.liveness = match &liveness.value {
            ProbeWish::Off => None,
            ProbeWish::On => made("liveness", None, liveness.span, facts, options, report),
            ProbeWish::With(probe) => made("liveness", Some(probe), liveness.span, facts, options, report),
        };
    }
    probes
}

/// Makes a probe; what it leaves open is the health check's, else that of K45.
fn made(
    hint: &str,
    probe: Option<&Probe>,
    span: Span,
    facts: &Facts<'_>,
    options: &Options,
    report: &mut Report<'_>,
) -> Option<Noted<ApiProbe>> {
    let default = Probe::default();
    let probe = probe.unwrap_or(&default);
    let check = match facts.readiness {
        Readiness::Declared(check) => Some(&check.value),
        Readiness::None | Readiness::Assumed(_) | Readiness::Wished(_) => None,
    };
    let port = first_tcp_port(&facts.ports);
    let asked = match &probe.handler {
        Some(_) => handler(probe, port, facts),
        None => match facts.readiness {
            Readiness::Declared(check) => Some(probes::handler(check, facts, options, report)),
            Readiness::Wished(wished) => handler(wished.probe, wished.port, facts),
            Readiness::Assumed(port) => Some(connection(port)),
            Readiness::None => handler(probe, port, facts),
        },
    };
    let Some(asked) = asked else {
        let finding = report
            .finding(
                SharedCode::HintNotApplicable,
                &format!("x-rcompose.{hint}"),
                span,
                "has no effect: there is neither a test nor a known TCP port",
                "say what is asked: `http`, `tcp`, `grpc` or `exec`",
            )
            .outcome(Outcome::Dropped);
        report.push(finding);
        return None;
    };
    let times = Times::of(&timing(probe, span, check.map(|check| &check.timing)));
    let mut made = times.readiness().on(asked);
    made.initial_delay_seconds = probe.start_period.as_ref().map(|start| rounded_up(start.value));
    Some(Noted::written(made, "K43", span))
}

/// Returns what a hint asks; `port` is the one that it means where it names none.
pub(super) fn handler(probe: &Probe, port: Option<u16>, facts: &Facts<'_>) -> Option<ApiProbe> {
    let Some(written) = &probe.handler else { return port.map(connection) };
    Some(match &written.value {
        ProbeHandler::Tcp(port) => connection(*port),
        ProbeHandler::Grpc(port) => {
            let action = GRPCAction { port: i32::from(*port), service: None };
            ApiProbe { grpc: Some(action), ..ApiProbe::default() }
        }
        ProbeHandler::Command(test) => probes::command(test, facts),
        ProbeHandler::Http { path, port: named, tls, host } => {
            let action = HTTPGetAction {
                path: Some(path.clone().unwrap_or_else(|| "/".to_owned())),
                port: IntOrString::Int((*named).or(port)?.into()),
                scheme: tls.then(|| "HTTPS".to_owned()),
                http_headers: host
                    .as_ref()
                    .map(|host| vec![HTTPHeader { name: "Host".to_owned(), value: host.clone() }]),
                host: None,
            };
            ApiProbe { http_get: Some(action), ..ApiProbe::default() }
        }
    })
}

fn connection(port: u16) -> ApiProbe {
    let action = TCPSocketAction { host: None, port: IntOrString::Int(port.into()) };
    ApiProbe { tcp_socket: Some(action), ..ApiProbe::default() }
}

/// Times of a hint over those of a health check, over the constants of K45.
pub(super) fn timing(probe: &Probe, span: Span, check: Option<&Timing>) -> Timing {
    let assumed = Timing {
        interval: Some(Spanned::new(Duration::from_secs(ASSUMED_SECONDS.into()), span)),
        timeout: Some(Spanned::new(Duration::from_secs(ASSUMED_SECONDS.into()), span)),
        retries: Some(Spanned::new(ASSUMED_FAILURES.into(), span)),
        start_period: None,
        start_interval: None,
    };
    let base = check.cloned().unwrap_or(assumed);
    Timing {
        interval: probe.interval.clone().or(base.interval),
        timeout: probe.timeout.clone().or(base.timeout),
        retries: probe.retries.clone().map(|retries| retries.map(u64::from)).or(base.retries),
        start_period: probe.start_period.clone().or(base.start_period),
        start_interval: base.start_interval,
    }
}
