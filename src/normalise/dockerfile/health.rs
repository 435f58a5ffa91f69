//! `HEALTHCHECK` of a Dockerfile.

use std::time::Duration;

use super::image::json_words;
use crate::compose::grammar::duration::GoDuration;
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
    let time = || {
        let nanoseconds = GoDuration::parse(value).ok().and_then(|time| u64::try_from(time.0).ok())?;
        Some(Spanned::new(Duration::from_nanos(nanoseconds), span))
    };
    match name {
        "interval" => timing.interval = time(),
        "timeout" => timing.timeout = time(),
        "start-period" => timing.start_period = time(),
        "start-interval" => timing.start_interval = time(),
        "retries" => timing.retries = value.parse().ok().map(|retries| Spanned::new(retries, span)),
        _ => {}
    }
}
