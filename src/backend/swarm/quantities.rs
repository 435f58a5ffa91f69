//! Durations, sizes and shares of processors as a stack file spells them (S111).

use std::time::Duration;

/// The least memory that the engine takes, in bytes (S11).
pub(crate) const LEAST_MEMORY: i64 = 4 << 20;

const MEBI: i64 = 1 << 20;
const GIBI: i64 = 1 << 30;

/// Writes a duration as Go prints it: `1m0s`, `1.5s`, `100ms`.
pub(crate) fn duration(value: Duration) -> String {
    let nanos = value.as_nanos();
    let (unit, word) = match nanos {
        0 => return "0s".to_owned(),
        1..=999 => (1, "ns"),
        1_000..=999_999 => (1_000, "us"),
        1_000_000..=999_999_999 => (1_000_000, "ms"),
        _ => return clock(value),
    };
    format!("{}{word}", decimal(nanos / unit, nanos % unit, unit))
}

fn clock(value: Duration) -> String {
    let seconds = value.as_secs();
    let tail = decimal(u128::from(seconds % 60), u128::from(value.subsec_nanos()), 1_000_000_000);
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{tail}s"),
        (0, minutes) => format!("{minutes}m{tail}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{tail}s"),
    }
}

/// Writes a number with a fraction of `unit`s, without zeros at its end.
fn decimal(whole: u128, fraction: u128, unit: u128) -> String {
    if fraction == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{fraction:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// Writes a number of bytes: `512M`, `1G` (binary) where exact, else bytes.
pub(crate) fn size(bytes: i64) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes % GIBI == 0 => format!("{}G", bytes / GIBI),
        _ if bytes % MEBI == 0 => format!("{}M", bytes / MEBI),
        _ => bytes.to_string(),
    }
}

/// A share of processors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cpus {
    /// Zero: no limit.
    Unlimited,
    /// Legal text.
    Text(String),
    /// Below the least that the engine takes: raised to it.
    Raised,
    /// No number.
    Invalid,
}

/// Writes a decimal number of processors with at most nine decimals.
pub(crate) fn cpus(text: &str) -> Cpus {
    let plain = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return float_cpus(text);
    }
    let kept = &fraction[..fraction.len().min(9)];
    let nanos: Option<u128> = format!("{whole}{kept:0<9}").parse().ok();
    match nanos {
        // More processors than the engine can count: no limit that means anything.
        None | Some(9_223_372_036_854_775_808..) => Cpus::Invalid,
        Some(0) if fraction.bytes().all(|byte| byte == b'0') => Cpus::Unlimited,
        Some(0..=999_999) => Cpus::Raised,
        Some(_) if fraction.len() <= 9 && !whole.is_empty() => Cpus::Text(plain.to_owned()),
        Some(nanos) => Cpus::Text(decimal(nanos / 1_000_000_000, nanos % 1_000_000_000, 1_000_000_000)),
    }
}

/// Reads other spellings of numbers, such as `5e-1`.
fn float_cpus(text: &str) -> Cpus {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => cpus(&format!("{number:.9}")),
        _ => Cpus::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_spelled_as_go_does() {
        let written = |nanos| duration(Duration::from_nanos(nanos));
        assert_eq!(written(0), "0s");
        assert_eq!(written(1), "1ns");
        assert_eq!(written(1_500), "1.5us");
        assert_eq!(written(100_000_000), "100ms");
        assert_eq!(written(1_500_000_000), "1.5s");
        assert_eq!(written(60_000_000_000), "1m0s");
        assert_eq!(written(3_600_000_000_000), "1h0m0s");
        assert_eq!(written(86_400_000_000_001), "24h0m0.000000001s");
    }

    #[test]
    fn sizes_are_short_where_exact() {
        assert_eq!(size(512 << 20), "512M");
        assert_eq!(size(1 << 30), "1G");
        assert_eq!(size(1_500_000_000), "1500000000");
        assert_eq!(size(0), "0");
    }

    #[test]
    fn processors_have_nine_decimals_and_a_least() {
        assert_eq!(cpus("0.5"), Cpus::Text("0.5".to_owned()));
        assert_eq!(cpus("0.50"), Cpus::Text("0.50".to_owned()));
        assert_eq!(cpus(".5"), Cpus::Text("0.5".to_owned()));
        assert_eq!(cpus("2"), Cpus::Text("2".to_owned()));
        assert_eq!(cpus("0.333333333333"), Cpus::Text("0.333333333".to_owned()));
        assert_eq!(cpus("5e-1"), Cpus::Text("0.500000000".to_owned()));
        assert_eq!(cpus("0.0001"), Cpus::Raised);
        assert_eq!(cpus("0.00000000001"), Cpus::Raised);
        assert_eq!(cpus("0.0"), Cpus::Unlimited);
        assert_eq!(
            ["", ".", "x", "-1", "inf", "99999999999999999999"].map(cpus),
            [const { Cpus::Invalid }; 6]
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9.e+-]{0,40}", nanos in any::<u64>(), bytes in any::<i64>()) {
            let _ = cpus(&text);
            prop_assert!(!duration(Duration::from_nanos(nanos)).is_empty());
            prop_assert!(!size(bytes).is_empty());
        }
    }
}
