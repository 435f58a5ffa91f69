//! Durations in the whole seconds that Kubernetes takes.

use std::time::Duration;

/// Rounds up to whole seconds, at least one; beyond what the field takes it saturates.
pub(crate) fn rounded_up(duration: Duration) -> i32 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(seconds.max(1)).unwrap_or(i32::MAX)
}

/// Tells whether rounding changes it.
pub(crate) fn is_rounded(duration: Duration) -> bool {
    duration.subsec_nanos() > 0
}

/// Writes a duration as Compose does: `1m30s`, `500ms`.
pub(crate) fn text(duration: Duration) -> String {
    let (hours, minutes) = (duration.as_secs() / 3600, duration.as_secs() / 60 % 60);
    let seconds = duration.as_secs() % 60;
    let parts = [
        (hours.to_string(), "h"),
        (minutes.to_string(), "m"),
        (seconds.to_string(), "s"),
        (duration.subsec_millis().to_string(), "ms"),
        ((duration.subsec_micros() % 1000).to_string(), "us"),
        ((duration.subsec_nanos() % 1000).to_string(), "ns"),
    ];
    let text: String =
        parts.into_iter().filter(|(number, _)| number != "0").map(|(number, unit)| number + unit).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_seconds_round_up() {
        assert_eq!(rounded_up(Duration::ZERO), 1);
        assert_eq!(rounded_up(Duration::from_millis(500)), 1);
        assert_eq!(rounded_up(Duration::from_millis(1500)), 2);
        assert_eq!(rounded_up(Duration::from_secs(30)), 30);
        assert_eq!(rounded_up(Duration::from_secs(u64::MAX)), i32::MAX);
    }

    #[test]
    fn durations_are_written_as_in_compose() {
        assert_eq!(text(Duration::from_secs(90)), "1m30s");
        assert_eq!(text(Duration::from_millis(3_600_500)), "1h500ms");
        assert_eq!(text(Duration::ZERO), "0s");
    }
}
