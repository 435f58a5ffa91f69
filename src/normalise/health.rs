//! When a service counts as healthy: `healthcheck` over the Dockerfile's `HEALTHCHECK`, field by field (K40).

use std::time::Duration;

use super::values::{count, kept_time, on};
use crate::compose::keys::healthcheck::Healthcheck;
use crate::compose::keys::words::{Command, HealthTest};
use crate::diag::Spanned;
use crate::model::{Check, Health, ImageFacts, Test, Timing};

/// Merges what the author wrote with what the image says, as the engine does.
pub(super) fn health(written: Option<Healthcheck>, facts: &ImageFacts) -> Health {
    let image = facts.health.as_ref();
    let Some(written) = written else {
        return image.cloned().flatten().map_or(Health::Unknown, Health::Check);
    };
    let Healthcheck {
        span,
        test,
        timeout,
        interval,
        retries,
        start_period,
        start_interval,
        disable,
        extensions: _,
    } = written;
    let empty_test = test.as_ref().is_some_and(|test| test.0.words.is_empty());
    if let Some(span) = on(disable.as_ref()) {
        return Health::Disabled(span);
    }
    let test = match test.map(read_test) {
        Some(Written::None(span)) => return Health::Disabled(span),
        Some(Written::Test(test)) => Some(test),
        Some(Written::Nothing) | None => None,
    };
    let own = Timing {
        interval: kept_time(interval),
        timeout: kept_time(timeout),
        retries: count(retries),
        start_period: kept_time(start_period),
        start_interval: kept_time(start_interval),
    };
    match (test, image) {
        // The image's NONE is a test too: timings do not bring another one.
        (None, Some(None)) => Health::Disabled(span),
        (None, None) if own == Timing::default() && !empty_test => Health::Unknown,
        (None, None) => Health::TimingOnly(Spanned::new(own, span)),
        (test, image) => {
            let check = image.and_then(Option::as_ref);
            let timing = check.map_or(own.clone(), |check| merged(own, &check.timing));
            let test = test.or_else(|| check.map(|check| check.test.clone()));
            test.map_or(Health::Unknown, |test| Health::Check(Spanned::new(Check { test, timing }, span)))
        }
    }
}

/// A zero is Docker's default, and so leaves the image's value.
fn merged(own: Timing, image: &Timing) -> Timing {
    let time = |own: Option<Spanned<Duration>>, image: &Option<Spanned<Duration>>| {
        own.filter(|time| !time.value.is_zero()).or_else(|| image.clone())
    };
    Timing {
        interval: time(own.interval, &image.interval),
        timeout: time(own.timeout, &image.timeout),
        retries: own.retries.filter(|retries| retries.value > 0).or_else(|| image.retries.clone()),
        start_period: time(own.start_period, &image.start_period),
        start_interval: time(own.start_interval, &image.start_interval),
    }
}

enum Written {
    None(crate::diag::Span),
    Test(Spanned<Test>),
    /// An empty list, or `CMD` without words.
    Nothing,
}

fn read_test(test: HealthTest) -> Written {
    let Command { span, words } = test.0;
    let mut words = words.into_iter().map(|word| word.value);
    let kind = words.next();
    let rest: Vec<String> = words.collect();
    match kind.as_deref() {
        Some("NONE") => Written::None(span),
        Some("CMD-SHELL") if !rest.is_empty() => Written::Test(Spanned::new(Test::Shell(rest), span)),
        Some("CMD") if !rest.is_empty() => Written::Test(Spanned::new(Test::Exec(rest), span)),
        _ => Written::Nothing,
    }
}
