//! Durations: read as Compose writes them, printed as Go prints them (L36).

use std::fmt;

use super::Fault;

/// A time span in nanoseconds, as Go's `time.Duration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GoDuration(pub(crate) i64);

const NANOSECOND: i64 = 1;
const MICROSECOND: i64 = 1_000;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

impl GoDuration {
    /// Reads a sign and pairs of number and unit: `1m30s`, `-1.5h`, `1w2d`; or `0` alone.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let negative = text.starts_with('-');
        let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
        if rest == "0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(Fault::whole(text, "a number with a unit is needed, such as `30s`"));
        }
        let mut total = 0_i64;
        while !rest.is_empty() {
            let start = text.len() - rest.len();
            let (part, behind) = part(rest).map_err(|fault| fault.shifted(start))?;
            total = total.checked_add(part).ok_or_else(|| Fault::whole(text, TOO_LONG))?;
            rest = behind;
        }
        Ok(Self(if negative { -total } else { total }))
    }
}

const TOO_LONG: &str = "longer than the 292 years that a duration can hold";

/// Reads one number and its unit.
fn part(text: &str) -> Result<(i64, &str), Fault> {
    let (whole, behind) = text.split_at(digits(text));
    let (fraction, behind) = match behind.strip_prefix('.') {
        Some(behind) => behind.split_at(digits(behind)),
        None => ("", behind),
    };
    let number = 0..text.len() - behind.len();
    if whole.is_empty() && fraction.is_empty() {
        return Err(Fault::new(0..text.len(), "a number is expected here"));
    }
    let unit_end = behind.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(behind.len());
    let (name, behind) = behind.split_at(unit_end);
    if name.is_empty() {
        return Err(Fault::new(number, "there is no unit: `ns`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`"));
    }
    let unit = unit(name).ok_or_else(|| {
        Fault::new(
            number.end..number.end + name.len(),
            "units are `ns`, `us`, `ms`, `s`, `m`, `h`, `d` and `w`",
        )
    })?;
    let too_long = || Fault::new(number.start..number.end + name.len(), TOO_LONG);
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i64>().map_err(|_| too_long())? };
    let whole = whole.checked_mul(unit).ok_or_else(too_long)?;
    let value = whole.checked_add(fraction_of(unit, fraction)).ok_or_else(too_long)?;
    Ok((value, behind))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "ns" => NANOSECOND,
        // The sign of micro and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => 24 * HOUR,
        "w" => 7 * 24 * HOUR,
        _ => return None,
    })
}

/// Computes `0.fraction` units as Go does: in floating point, with the digits that fit into 64 bits.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the same roundings as Docker Compose; the product is below one unit"
)]
fn fraction_of(unit: i64, fraction: &str) -> i64 {
    let mut value = 0_i64;
    let mut scale = 1.0_f64;
    for digit in fraction.bytes() {
        let Some(next) = value.checked_mul(10).and_then(|value| value.checked_add(i64::from(digit - b'0')))
        else {
            break;
        };
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as i64
}

impl fmt::Display for GoDuration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECOND: u64 = 1_000_000_000;
        let nanoseconds = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (unit, size) = match nanoseconds {
            0 => return formatter.write_str("0s"),
            1..1_000 => ("ns", 1),
            1_000..1_000_000 => ("\u{b5}s", 1_000),
            1_000_000..SECOND => ("ms", 1_000_000),
            SECOND.. => ("s", SECOND),
        };
        write!(formatter, "{sign}")?;
        let minutes = nanoseconds / (60 * SECOND);
        if minutes >= 60 {
            write!(formatter, "{}h", minutes / 60)?;
        }
        if minutes > 0 {
            write!(formatter, "{}m", minutes % 60)?;
        }
        let rest = nanoseconds % (60 * SECOND);
        write!(formatter, "{}", rest / size)?;
        let fraction = rest % size;
        if fraction > 0 {
            let width = size.ilog10() as usize;
            let digits = format!("{fraction:0width$}");
            write!(formatter, ".{}", digits.trim_end_matches('0'))?;
        }
        formatter.write_str(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, printed: &str) {
        let result = GoDuration::parse(text).map(|duration| duration.to_string());
        assert_eq!(result.as_deref(), Ok(printed), "{text}");
    }

    fn check_fault(text: &str, place: &str) {
        let fault = GoDuration::parse(text).expect_err(text);
        assert_eq!(&text[fault.range], place, "{text}");
    }

    #[test]
    fn reads_units_and_prints_as_go() {
        for (text, printed) in [
            ("0", "0s"),
            ("-0", "0s"),
            ("0s", "0s"),
            ("10s", "10s"),
            ("90s", "1m30s"),
            ("1m", "1m0s"),
            ("1h", "1h0m0s"),
            ("1d", "24h0m0s"),
            ("1w", "168h0m0s"),
            ("1w2d3h4m5s6ms7us8ns", "219h4m5.006007008s"),
            ("1.5s", "1.5s"),
            (".5s", "500ms"),
            ("5.s", "5s"),
            ("1.5h", "1h30m0s"),
            ("100ms", "100ms"),
            ("1500us", "1.5ms"),
            ("1us", "1\u{b5}s"),
            ("1\u{b5}s", "1\u{b5}s"),
            ("1\u{3bc}s", "1\u{b5}s"),
            ("1ns", "1ns"),
            ("0.3333333333333333333h", "20m0s"),
            ("9007199254.740993ms", "2501h59m59.254740993s"),
            ("+1s", "1s"),
            ("-1m30s", "-1m30s"),
            ("1s1m1s", "1m2s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
        ] {
            check(text, printed);
        }
    }

    #[test]
    fn refuses_what_has_no_unit() {
        check_fault("", "");
        check_fault("-", "-");
        check_fault("10", "10");
        check_fault("1m30", "30");
        check_fault("1.5", "1.5");
        check_fault("s", "s");
        check_fault(".s", ".s");
        check_fault("1 s", " s");
        check_fault("1S", "S");
        check_fault("1m 30s", "m ");
        check_fault("1y", "y");
        check_fault("1e3s", "e");
        check_fault("--1s", "-1s");
        check_fault("1é", "é");
    }

    #[test]
    fn refuses_what_does_not_fit() {
        check_fault("9223372036854775808ns", "9223372036854775808ns");
        check_fault("15251w", "15251w");
        check_fault("15250w3d", "15250w3d");
    }

    #[test]
    fn smallest_value_prints() {
        assert_eq!(GoDuration(i64::MIN).to_string(), "-2562047h47m16.854775808s");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[-+0-9.a-zµ ]{0,20}") {
                if let Err(fault) = GoDuration::parse(&text) {
                    prop_assert!(text.get(fault.range).is_some());
                }
            }

            #[test]
            fn what_is_printed_can_be_read(nanoseconds in i64::MIN + 1..) {
                let duration = GoDuration(nanoseconds);
                let read = GoDuration::parse(&duration.to_string()).expect("valid");
                // Fractions of large units are floating point in Go too.
                prop_assert!((read.0 - duration.0).abs() <= 1);
            }
        }
    }
}
