//! `HEALTHCHECK` of a Dockerfile.

use std::time::Duration;

use super::image::json_words;
use crate::diag::{Span, Spanned};
use crate::model::{Check, Test, Timing};

/// Reads the instruction: `Some(None)` is `HEALTHCHECK NONE`, `None` one that says nothing.
#[expect(clippy::option_option, reason = "the shape of `ImageFacts::health`")]
pub(super) fn read(rest: &str, span: Span) -> Option<Option<Spanned<Check>>> {
    let mut timing = Timing::default();
    let mut tail = rest;
    while let Some(option) = tail.strip_prefix("--") {
        let (option, behind) = option.split_once(char::is_whitespace).unwrap_or((option, ""));
        if let Some((name, value)) = option.split_once('=') {
            set(&mut timing, name, value, span);
        }
        tail = behind.trim_start();
    }
    let (kind, command) = tail.split_once(char::is_whitespace).unwrap_or((tail, ""));
    let command = command.trim();
    if kind.eq_ignore_ascii_case("none") {
        return Some(None);
    }
    let test = match json_words(command) {
        Some(words) if words.is_empty() => return None,
        Some(words) => Test::Exec(words),
        None if command.is_empty() => return None,
        None => Test::Shell(vec![command.to_owned()]),
    };
    let check = Check { test: Spanned::new(test, span), timing };
    kind.eq_ignore_ascii_case("cmd").then(|| Some(Spanned::new(check, span)))
}

fn set(timing: &mut Timing, name: &str, value: &str, span: Span) {
    let time = || duration(value).map(|time| Spanned::new(time, span));
    match name {
        "interval" => timing.interval = time(),
        "timeout" => timing.timeout = time(),
        "start-period" => timing.start_period = time(),
        "start-interval" => timing.start_interval = time(),
        "retries" => timing.retries = value.parse().ok().map(|retries| Spanned::new(retries, span)),
        _ => {}
    }
}

/// A duration as Go writes it: `1m30s`, `1.5h`, `0`.
fn duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !(character.is_ascii_digit() || character == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let unit_end = tail.find(|character: char| character.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let seconds = number.parse::<f64>().ok()? * unit_seconds(unit)?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_does() {
        for (text, milliseconds) in
            [("30s", 30_000), ("1m30s", 90_000), ("1.5h", 5_400_000), ("500ms", 500), ("0", 0)]
        {
            assert_eq!(duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "30", "s", "-1s", "1d", "1.2.3s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
