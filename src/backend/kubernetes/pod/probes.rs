//! Probes of a container (K40 to K44); which test counts is decided in `readiness.rs`.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ExecAction, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::command::escaped;
use super::hinted_probes;
use super::http_test;
use super::readiness::{ASSUMED_FAILURES, ASSUMED_SECONDS, Readiness, Wished};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::{Options, Probes};
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::seconds::{is_rounded, rounded_up};
use crate::diag::Spanned;
use crate::model::{Check, Health, ProbeStyle, ProbeWish, Test, Timing};

/// What Docker takes where nothing, or zero, is written.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_RETRIES: u64 = 3;
const DEFAULT_START_INTERVAL: Duration = Duration::from_secs(5);

/// What is assumed must not kill: failures that a gating startup probe allows (K90).
const ASSUMED_START_FAILURES: i32 = 60;

/// Probes of one container.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ContainerProbes {
    /// `readinessProbe`.
    pub(crate) readiness: Option<Noted<Probe>>,
    /// `startupProbe`.
    pub(crate) startup: Option<Noted<Probe>>,
    /// `livenessProbe`, by hint only (K43).
    pub(crate) liveness: Option<Noted<Probe>>,
}

/// Makes the probes of a service. `gates_start`: another member of its pod waits for it to be healthy (K90).
pub(crate) fn of_service(
    facts: &Facts<'_>,
    gates_start: bool,
    options: &Options,
    report: &mut Report<'_>,
) -> ContainerProbes {
    report_health(&facts.service.health, report);
    let probes = declared(facts, gates_start, options, report);
    hinted_probes::laid_over(facts, probes, options, report)
}

/// The probes of the health check, or those that are assumed.
fn declared(
    facts: &Facts<'_>,
    gates_start: bool,
    options: &Options,
    report: &mut Report<'_>,
) -> ContainerProbes {
    match facts.readiness {
        Readiness::None => ContainerProbes::default(),
        Readiness::Assumed(port) => ContainerProbes {
            readiness: Some(Noted::by_rule(assumed(port, i32::from(ASSUMED_FAILURES)), "K45")),
            startup: gates_start.then(|| Noted::by_rule(assumed(port, ASSUMED_START_FAILURES), "K90")),
            liveness: None,
        },
        Readiness::Wished(wished) => {
            let Some(handler) = hinted_probes::handler(wished.probe, wished.port, facts) else {
                return ContainerProbes::default();
            };
            let timing = wished.times();
            let startup = timing.startup(gates_start).map(|start| start.on(handler.clone()));
            if let (Some(_), Some(check), None) = (&startup, wished.check, &wished.probe.start_period) {
                report_start(facts, check, report);
            }
            ContainerProbes {
                readiness: Some(Noted::written(timing.readiness().on(handler), "N120", wished.span)),
                startup: startup.map(|probe| Noted::written(probe, "K42", wished.span)),
                liveness: None,
            }
        }
        Readiness::Declared(check) => {
            let handler = handler(check, facts, options, report);
            let timing = Times::of(&check.timing);
            let startup = timing.startup(gates_start).map(|start| start.on(handler.clone()));
            if startup.is_some() {
                report_start(facts, check, report);
            }
            if let (None, Some(start_interval)) = (&startup, &check.timing.start_interval) {
                report.noted(
                    BackendCode::AlreadyDefault,
                    "healthcheck.start_interval",
                    start_interval.span,
                    "has no effect without `start_period`: nothing to write",
                    "",
                );
            }
            report_rounding(&check.timing, startup.is_some(), report);
            ContainerProbes {
                readiness: Some(Noted::written(timing.readiness().on(handler), "K41", check.span)),
                startup: startup.map(|probe| {
                    let span = check.timing.start_period.as_ref().map(|period| period.span);
                    Noted::new(probe, "K42", span.or(Some(check.span)))
                }),
                liveness: None,
            }
        }
    }
}

/// Returns the seconds after which a service that does not become healthy is restarted (K42), if it has such a limit.
pub(crate) fn startup_budget(readiness: Readiness<'_>, gates_start: bool) -> Option<i64> {
    match readiness {
        Readiness::None => None,
        Readiness::Assumed(_) => {
            gates_start.then(|| i64::from(ASSUMED_START_FAILURES) * i64::from(ASSUMED_SECONDS))
        }
        Readiness::Declared(check) => Times::of(&check.timing).startup(gates_start).map(Period::budget),
        Readiness::Wished(wished) => wished.times().startup(gates_start).map(Period::budget),
    }
}

/// Returns the seconds between two readiness checks.
pub(crate) fn readiness_period(readiness: Readiness<'_>) -> Option<i64> {
    match readiness {
        Readiness::None => None,
        Readiness::Assumed(_) => Some(i64::from(ASSUMED_SECONDS)),
        Readiness::Declared(check) => Some(Times::of(&check.timing).readiness().seconds.into()),
        Readiness::Wished(wished) => Some(wished.times().readiness().seconds.into()),
    }
}

/// Returns the seconds after which Docker would call a service unhealthy, without its start period (K61).
pub(crate) fn failure_budget(readiness: Readiness<'_>) -> Option<i64> {
    match readiness {
        Readiness::None | Readiness::Assumed(_) => None,
        Readiness::Declared(check) => Some(Times::of(&check.timing).failure()),
        Readiness::Wished(wished) => Some(wished.times().failure()),
    }
}

impl Wished<'_> {
    fn times(self) -> Times {
        Times::of(&hinted_probes::timing(self.probe, self.span, self.check.map(|check| &check.timing)))
    }
}

/// Timings with Docker's defaults in place.
pub(super) struct Times {
    interval: Duration,
    timeout: Duration,
    retries: u32,
    start_period: Duration,
    start_interval: Option<Duration>,
}

/// How often a probe runs and how often it may fail.
#[derive(Clone, Copy)]
pub(super) struct Period {
    seconds: i32,
    timeout: i32,
    failures: i32,
}

impl Times {
    pub(super) fn of(timing: &Timing) -> Self {
        let Timing { interval, timeout, retries, start_period, start_interval } = timing;
        let written = |duration: &Option<Spanned<Duration>>| {
            duration.as_ref().map(|duration| duration.value).filter(|duration| !duration.is_zero())
        };
        let retries = retries.as_ref().map(|retries| retries.value).filter(|retries| *retries > 0);
        Self {
            interval: written(interval).unwrap_or(DEFAULT_INTERVAL),
            timeout: written(timeout).unwrap_or(DEFAULT_TIMEOUT),
            retries: u32::try_from(retries.unwrap_or(DEFAULT_RETRIES)).unwrap_or(u32::MAX),
            start_period: written(start_period).unwrap_or_default(),
            start_interval: written(start_interval),
        }
    }

    /// Returns the seconds after which Docker would say unhealthy.
    fn failure(&self) -> i64 {
        let once = self.interval.saturating_add(self.timeout);
        i64::from(rounded_up(once.saturating_mul(self.retries)))
    }

    pub(super) fn readiness(&self) -> Period {
        Period {
            seconds: rounded_up(self.interval),
            timeout: rounded_up(self.timeout),
            failures: i32::try_from(self.retries).unwrap_or(i32::MAX),
        }
    }

    /// Fails at the moment at which Docker would say unhealthy.
    fn startup(&self, gates_start: bool) -> Option<Period> {
        if self.start_period.is_zero() && !gates_start {
            return None;
        }
        let interval = self.start_interval.unwrap_or(DEFAULT_START_INTERVAL.min(self.interval));
        let seconds = rounded_up(interval);
        let unhealthy_after = self.start_period.saturating_add(self.interval.saturating_mul(self.retries));
        let step = Duration::from_secs(u64::from(seconds.unsigned_abs()));
        let failures = unhealthy_after.as_nanos().div_ceil(step.as_nanos());
        let failures = i32::try_from(failures.max(1)).unwrap_or(i32::MAX);
        Some(Period { seconds, timeout: rounded_up(self.timeout), failures })
    }
}

impl Period {
    fn budget(self) -> i64 {
        i64::from(self.seconds) * i64::from(self.failures)
    }

    /// Puts the times on what is asked.
    pub(super) fn on(self, handler: Probe) -> Probe {
        Probe {
            period_seconds: Some(self.seconds),
            timeout_seconds: Some(self.timeout),
            failure_threshold: Some(self.failures),
            ..handler
        }
    }
}

fn assumed(port: u16, failures: i32) -> Probe {
    let handler = Probe {
        tcp_socket: Some(TCPSocketAction { host: None, port: IntOrString::Int(port.into()) }),
        ..Probe::default()
    };
    let seconds = i32::from(ASSUMED_SECONDS);
    Period { seconds, timeout: seconds, failures }.on(handler)
}

/// Returns what a test asks.
pub(super) fn handler(check: &Check, facts: &Facts<'_>, options: &Options, report: &mut Report<'_>) -> Probe {
    let style = facts.service.hints.probes.as_ref().map(|style| style.value);
    let as_request = style.map_or(options.probes == Probes::Http, |style| style == ProbeStyle::Http);
    if as_request && let Some(action) = http_test::parse(&check.test, facts.name.as_str()) {
        report.approximated(
            KubernetesCode::ProbeHttp,
            "healthcheck.test",
            check.test.span,
            "becomes an HTTP request of the node: redirects and loopback-only listeners differ",
            "`--probes auto` runs the command in the container",
        );
        return Probe { http_get: Some(action), ..Probe::default() };
    }
    command(&check.test.value, facts)
}

/// Asks with a command.
pub(super) fn command(test: &Test, facts: &Facts<'_>) -> Probe {
    let words = match test {
        Test::Exec(words) => words.clone(),
        Test::Shell(texts) => {
            let usual: &[&str] = if facts.is_windows() { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
            // The engine asks with the image's own shell.
            let own = facts.service.image.facts.shell.clone();
            let shell = own.unwrap_or_else(|| usual.iter().map(|word| (*word).to_owned()).collect());
            shell.into_iter().chain(texts.iter().cloned()).collect()
        }
    };
    Probe { exec: Some(ExecAction { command: Some(escaped(&words)) }), ..Probe::default() }
}

fn report_health(health: &Health, report: &mut Report<'_>) {
    match health {
        Health::Unknown | Health::Disabled(_) | Health::Check(_) => {}
        Health::TimingOnly(timing) => report.dropped(
            KubernetesCode::HealthcheckImageTestUnknown,
            "healthcheck",
            timing.span,
            "has no test, and Kubernetes ignores the one of the image",
            "copy the image's test into `healthcheck.test`",
        ),
    }
}

/// Tells what a start period becomes, unless a hint decides of its own what the start may take.
fn report_start(facts: &Facts<'_>, check: &Check, report: &mut Report<'_>) {
    let hint = facts.service.hints.startup.as_ref().map(|hint| &hint.value);
    let Some(start_period) = &check.timing.start_period else { return };
    if matches!(hint, None | Some(ProbeWish::On)) {
        report.approximated(
            KubernetesCode::StartupRestartsContainer,
            "healthcheck.start_period",
            start_period.span,
            "limits the start: a container that is not healthy by then is restarted, not only marked",
            "allow more by `start_period`, `retries` or `interval`",
        );
    }
}

fn report_rounding(timing: &Timing, has_start: bool, report: &mut Report<'_>) {
    let Timing { interval, timeout, retries: _, start_period: _, start_interval } = timing;
    let start_interval = &start_interval.as_ref().filter(|_| has_start).cloned();
    let places = [
        ("healthcheck.interval", interval),
        ("healthcheck.timeout", timeout),
        ("healthcheck.start_interval", start_interval),
    ];
    for (key, duration) in places {
        if let Some(duration) = duration.as_ref().filter(|duration| is_rounded(duration.value)) {
            let fact = format!("is rounded up to {} s", rounded_up(duration.value));
            report.approximated(KubernetesCode::ProbeIntervalRounded, key, duration.span, &fact, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;

    fn timing(interval: u64, retries: u64, start_period: u64) -> Timing {
        Timing {
            interval: Some(at(Duration::from_secs(interval))),
            timeout: Some(at(Duration::from_secs(5))),
            retries: Some(at(retries)),
            start_period: Some(at(Duration::from_secs(start_period))),
            start_interval: None,
        }
    }

    #[test]
    fn silence_means_dockers_defaults() {
        let period = Times::of(&Timing::default()).readiness();
        assert_eq!((period.seconds, period.timeout, period.failures), (30, 30, 3));
        assert!(Times::of(&Timing::default()).startup(false).is_none());
    }

    #[test]
    fn zero_means_the_default_too() {
        let period = Times::of(&timing(0, 0, 0)).readiness();
        assert_eq!((period.seconds, period.failures), (30, 3));
    }

    #[test]
    fn the_start_may_take_as_long_as_under_docker() {
        let period = Times::of(&timing(10, 5, 30)).startup(false).expect("a start period");
        assert_eq!((period.seconds, period.timeout, period.failures), (5, 5, 16));
        assert_eq!(period.budget(), 80);
    }

    #[test]
    fn a_gate_without_start_period_allows_what_the_retries_do() {
        let period = Times::of(&timing(2, 4, 0)).startup(true).expect("it gates");
        assert_eq!((period.seconds, period.failures), (2, 4));
    }

    #[test]
    fn huge_timings_saturate() {
        let period = Times::of(&timing(u64::MAX, u64::MAX, u64::MAX)).startup(false).expect("a start period");
        assert_eq!((period.seconds, period.failures), (5, i32::MAX));
    }
}
