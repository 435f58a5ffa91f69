//! Numbers and booleans as texts, both ways, in the manner of Go (L13, L21, L33).
//!
//! Does not know which field has which type.

use std::fmt::LowerExp;
use std::str::FromStr;

use super::Fault;

/// A boolean and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadBool {
    /// The boolean.
    pub(crate) value: bool,
    /// Whether it was one of the words that YAML 1.1 had: `yes`, `no`, `on`, `off`, `y`, `n`.
    pub(crate) yaml11: bool,
}

/// Casts a text to a boolean (L21).
pub(crate) fn parse_bool(text: &str) -> Result<ReadBool, Fault> {
    let (value, yaml11) = match text.to_ascii_lowercase().as_str() {
        "true" => (true, false),
        "false" => (false, false),
        "y" | "yes" | "on" => (true, true),
        "n" | "no" | "off" => (false, true),
        _ => return Err(Fault::whole(text, "`true` or `false` is needed")),
    };
    Ok(ReadBool { value, yaml11 })
}

/// Reads a switch of the environment such as `COMPOSE_DISABLE_ENV_FILE` (L6): Go's `ParseBool`.
pub(crate) fn parse_switch(text: &str) -> Result<bool, Fault> {
    match text {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Ok(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Ok(false),
        _ => Err(Fault::whole(text, "`true`, `false`, `1` or `0` is needed")),
    }
}

/// Casts a text to an integer: decimal digits with an optional sign, no more (L21).
pub(crate) fn parse_int(text: &str) -> Result<i64, Fault> {
    text.parse().map_err(|error: std::num::ParseIntError| {
        let reason = match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                "the integer does not fit into 64 bits"
            }
            _ => "an integer is needed",
        };
        Fault::whole(text, reason)
    })
}

/// Casts a text to a float of 64 bits (L21). Infinities and NaN are refused: no JSON can hold them.
pub(crate) fn parse_float(text: &str) -> Result<f64, Fault> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| Fault::whole(text, "a number is needed"))
}

/// Casts a text to a float of 32 bits (L21), such as `cpus`.
pub(crate) fn parse_float32(text: &str) -> Result<f32, Fault> {
    let number = text.parse().ok().filter(|number: &f32| number.is_finite());
    number.ok_or_else(|| Fault::whole(text, "a number is needed"))
}

/// Prints a float as Go's `%v` and YAML writer do: shortest digits, an exponent below 1e-4 and from 1e6 on (L33).
pub(crate) fn format_float(number: f64) -> String {
    if !number.is_finite() {
        return special(number);
    }
    Decimal::of(number).general(-4..6)
}

/// Prints a float of 32 bits as Go's `%v` does.
pub(crate) fn format_float32(number: f32) -> String {
    if !number.is_finite() {
        return special(f64::from(number));
    }
    Decimal::of(number).general(-4..6)
}

/// Prints a float as Go's JSON writer does: an exponent below 1e-6 and from 1e21 on.
pub(crate) fn json_float(number: f64) -> String {
    if !number.is_finite() {
        return special(number);
    }
    Decimal::of(number).json()
}

/// Prints a float of 32 bits as Go's JSON writer does.
pub(crate) fn json_float32(number: f32) -> String {
    if !number.is_finite() {
        return special(f64::from(number));
    }
    Decimal::of(number).json()
}

fn special(number: f64) -> String {
    let text = match (number.is_nan(), number < 0.0) {
        (true, _) => "NaN",
        (false, true) => "-Inf",
        (false, false) => "+Inf",
    };
    text.to_owned()
}

/// The shortest digits that give a float back, with the power of ten of the first one.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Decimal {
    /// Finds the digits. Of two that are equally short and equally near, Go takes the even one and Rust may not.
    fn of<Float: Copy + LowerExp + FromStr + PartialEq>(number: Float) -> Self {
        let shortest = Self::read(&format!("{number:e}"));
        let precision = shortest.digits.len() - 1;
        let rounded = format!("{number:.precision$e}");
        if rounded.parse().is_ok_and(|read: Float| read == number) { Self::read(&rounded) } else { shortest }
    }

    /// Takes apart what `{:e}` prints.
    fn read(scientific: &str) -> Self {
        let negative = scientific.starts_with('-');
        let (digits, exponent) =
            scientific.trim_start_matches('-').split_once('e').unwrap_or((scientific, "0"));
        let exponent = exponent.parse().unwrap_or_default();
        Self { negative, digits: digits.replace('.', ""), exponent }
    }

    /// Prints without an exponent while it is in `plain`, else with one of two digits at least.
    fn general(&self, plain: std::ops::Range<i32>) -> String {
        if plain.contains(&self.exponent) || self.is_zero() {
            return self.plain();
        }
        let sign = if self.exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", self.mantissa(), self.exponent.unsigned_abs())
    }

    fn json(&self) -> String {
        if (-6..21).contains(&self.exponent) || self.is_zero() {
            return self.plain();
        }
        // Go cuts the zero off negative exponents only; positive ones have two digits here.
        format!("{}e{:+}", self.mantissa(), self.exponent)
    }

    fn is_zero(&self) -> bool {
        self.digits == "0"
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    fn mantissa(&self) -> String {
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        format!("{}{first}{point}{rest}", self.sign())
    }

    fn plain(&self) -> String {
        let sign = self.sign();
        let Ok(whole) = usize::try_from(self.exponent + 1) else {
            let zeros = "0".repeat(self.exponent.unsigned_abs() as usize - 1);
            return format!("{sign}0.{zeros}{}", self.digits);
        };
        if whole == 0 {
            return format!("{sign}0.{}", self.digits);
        }
        match self.digits.split_at_checked(whole) {
            None | Some((_, "")) => format!("{sign}{:0<whole$}", self.digits),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_have_two_vocabularies() {
        for (text, value, yaml11) in [
            ("true", true, false),
            ("True", true, false),
            ("fALSE", false, false),
            ("y", true, true),
            ("YES", true, true),
            ("On", true, true),
            ("n", false, true),
            ("no", false, true),
            ("OFF", false, true),
        ] {
            assert_eq!(parse_bool(text), Ok(ReadBool { value, yaml11 }), "{text}");
        }
        for text in ["", "1", "0", "t", " true", "yes ", "ja"] {
            assert!(parse_bool(text).is_err(), "{text}");
        }
        assert_eq!(parse_switch("T"), Ok(true));
        assert_eq!(parse_switch("0"), Ok(false));
        for text in ["", "yes", "tRUE"] {
            assert!(parse_switch(text).is_err(), "{text}");
        }
    }

    #[test]
    fn integers_are_decimal() {
        for (text, expected) in [
            ("0", 0),
            ("+7", 7),
            ("-7", -7),
            ("007", 7),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_int(text), Ok(expected), "{text}");
        }
        for text in ["", "-", "1.0", "0x1", "1_0", " 1", "1e3", "9223372036854775808", "١"] {
            assert!(parse_int(text).is_err(), "{text}");
        }
    }

    #[test]
    fn floats_are_decimal() {
        for (text, expected) in [("0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("-1e3", -1000.0), ("+1E-2", 0.01)] {
            assert_eq!(parse_float(text), Ok(expected), "{text}");
        }
        for text in ["", ".", "e3", "1 ", "1_0", "nan", "inf", "-Infinity", "1e400", "0,5"] {
            assert!(parse_float(text).is_err(), "{text}");
            assert!(parse_float32(text).is_err(), "{text}");
        }
        assert!(parse_float32("1e39").is_err());
        assert_eq!(parse_float32("0.1"), Ok(0.1_f32));
    }

    #[test]
    fn floats_print_as_go_prints_values() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (-1.5, "-1.5"),
            (1e3, "1000"),
            (999_999.0, "999999"),
            (123_456.75, "123456.75"),
            (1e6, "1e+06"),
            (2e6, "2e+06"),
            (1_234_567.5, "1.2345675e+06"),
            (1e21, "1e+21"),
            (1e100, "1e+100"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.000_123, "0.000123"),
            (0.00001, "1e-05"),
            (1.5e-10, "1.5e-10"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_float(number), expected);
        }
        assert_eq!(format_float32(0.1), "0.1");
        assert_eq!(format_float32(16_777_216.0), "1.6777216e+07");
        assert_eq!(parse_float32("2100002.25").map(format_float32).as_deref(), Ok("2.1000022e+06"));
    }

    #[test]
    fn floats_print_as_go_prints_json() {
        for (number, expected) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (2e6, "2000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (0.000_001, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-10, "1.5e-10"),
            (123.25, "123.25"),
        ] {
            assert_eq!(json_float(number), expected);
        }
        assert_eq!(json_float32(0.3), "0.3");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn what_is_printed_can_be_read(number in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
                prop_assert_eq!(parse_float(&format_float(number)), Ok(number));
                prop_assert_eq!(parse_float(&json_float(number)), Ok(number));
            }

            #[test]
            fn small_floats_can_be_read(number in prop::num::f32::NORMAL) {
                prop_assert_eq!(parse_float32(&format_float32(number)), Ok(number));
            }

            #[test]
            fn no_text_panics(text in "\\PC{0,12}") {
                let _ = (parse_bool(&text), parse_int(&text), parse_float(&text), parse_switch(&text));
            }
        }
    }
}
