//! How long ago, as people say it.

use crate::cluster::when::of_micro_time;

/// Returns `2h ago`; `None` for a time that cannot be read, or where the clock is not known.
pub(super) fn ago(since: &str, now: Option<i64>) -> Option<String> {
    let seconds = now?.checked_sub(of_micro_time(since)?)?.max(0);
    let (number, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "m"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    Some(format!("{number}{unit} ago"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit() {
        let now = of_micro_time("2026-01-02T12:00:00Z");
        let shown = |since: &str| ago(since, now);
        assert_eq!(shown("2026-01-02T11:59:18Z").as_deref(), Some("42s ago"));
        assert_eq!(shown("2026-01-02T10:00:00Z").as_deref(), Some("2h ago"));
        assert_eq!(shown("2025-12-28T10:00:00Z").as_deref(), Some("5d ago"));
        // A clock ahead of the server's.
        assert_eq!(shown("2026-01-02T12:00:05Z").as_deref(), Some("0s ago"));
        assert_eq!((shown("soon"), ago("2026-01-02T12:00:05Z", None)), (None, None));
    }
}
