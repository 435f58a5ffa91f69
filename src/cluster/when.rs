//! Times as the API server says and takes them: the `Date` of an answer, and the `MicroTime` of a Lease.

use k8s_openapi::jiff::Timestamp;
use k8s_openapi::jiff::fmt::rfc2822;

/// Reads a `Date` header as seconds of the epoch.
pub(super) fn of_header(text: &str) -> Option<i64> {
    Some(rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?.as_second())
}

/// Writes a time of a Lease; all six decimals, or the server says 400 (A19).
pub(crate) fn to_micro_time((seconds, micros): (i64, u32)) -> String {
    let whole = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    format!("{}.{micros:06}Z", whole.trim_end_matches('Z'))
}

/// Reads a time of an object as seconds of the epoch, whatever its decimals.
pub(crate) fn of_micro_time(text: &str) -> Option<i64> {
    Some(text.parse::<Timestamp>().ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_as_the_server_does() {
        let seconds = of_header("Sat, 21 Nov 2026 10:36:41 GMT").unwrap();
        assert_eq!(to_micro_time((seconds, 12)), "2026-11-21T10:36:41.000012Z");
        assert_eq!(of_micro_time("2026-11-21T10:36:41.000012Z"), Some(seconds));
        assert_eq!(of_micro_time("2026-11-21T10:36:41Z"), Some(seconds));
        assert_eq!(of_header("yesterday"), None);
    }
}
