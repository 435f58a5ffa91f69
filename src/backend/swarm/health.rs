//! Health checks (S31).

use std::time::Duration;

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::{Object, Part};
use super::plan::Written;
use super::quantities::duration;
use super::report::{Place, approximated};
use crate::diag::{Span, Spanned};
use crate::model::{Check, Health, Test, Timing};

/// Shortest time of a health check that the engine takes, besides none (S11).
const SHORTEST: Duration = Duration::from_millis(1);

/// Writes what Compose says of a service's health; what the Dockerfile says comes with the image.
pub(crate) fn healthcheck(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let of_image = written.service.image.facts.health.as_ref().and_then(Option::as_ref);
    let mut object = Object::default();
    match &written.service.health {
        Health::Unknown => return None,
        Health::Disabled(span) => {
            // Switched off by the Dockerfile: that is in the image.
            if matches!(written.service.image.facts.health, Some(None))
                && written.service.span.source != span.source
            {
                return None;
            }
            object.put("disable", Part::written(true, "S31", *span));
            return object.into_part();
        }
        Health::TimingOnly(timing) => put_timing(written, &timing.value, None, &mut object, draft),
        Health::Check(check) => {
            draft.gathered.unhealthy.push(Place { name: written.name.to_string(), span: check.span });
            let Check { test, timing } = &check.value;
            if of_image.is_none_or(|image| image.test.span != test.span) {
                object.put_opt("test", test_words(test));
            }
            put_timing(written, timing, of_image.map(|image| &image.timing), &mut object, draft);
        }
    }
    object.into_part()
}

fn test_words(test: &Spanned<Test>) -> Option<Part> {
    let (first, words) = match &test.value {
        Test::Exec(words) => ("CMD", words),
        Test::Shell(words) => ("CMD-SHELL", words),
    };
    let words = std::iter::once(first).chain(words.iter().map(String::as_str));
    Part::list(words.map(|word| Part::written(word, "S31", test.span)))
}

fn put_timing(
    written: &Written<'_>,
    timing: &Timing,
    of_image: Option<&Timing>,
    object: &mut Object,
    draft: &mut Draft<'_, '_>,
) {
    let Timing { interval, timeout, retries, start_period, start_interval } = timing;
    let times = [
        ("interval", interval, of_image.and_then(|image| image.interval.as_ref())),
        ("timeout", timeout, of_image.and_then(|image| image.timeout.as_ref())),
        ("start_period", start_period, of_image.and_then(|image| image.start_period.as_ref())),
        ("start_interval", start_interval, of_image.and_then(|image| image.start_interval.as_ref())),
    ];
    for (key, time, image) in times {
        if let Some(time) = time
            && is_written(time.span, image.map(|time| time.span))
        {
            let value = at_least(written, key, time, draft);
            object.put(key, Part::written(duration(value), "S31", time.span));
        }
    }
    let image = of_image.and_then(|image| image.retries.as_ref());
    if let Some(retries) = retries
        && is_written(retries.span, image.map(|retries| retries.span))
    {
        object.put("retries", Part::written(retries.value, "S31", retries.span));
    }
}

/// Tells whether a value stands in the Compose files, and not only in the Dockerfile.
fn is_written(span: Span, of_image: Option<Span>) -> bool {
    of_image != Some(span)
}

fn at_least(
    written: &Written<'_>,
    key: &str,
    time: &Spanned<Duration>,
    draft: &mut Draft<'_, '_>,
) -> Duration {
    if time.value.is_zero() || time.value >= SHORTEST {
        return time.value;
    }
    let message = format!("`{}`: `{key}` of the health check is raised to 1ms", written.name);
    draft.report.add(
        &format!("healthcheck.{key}"),
        approximated(SwarmCode::StackResourceMinimum, time.span, message)
            .help("the engine takes nothing shorter"),
    );
    SHORTEST
}
