//! What a scalar is: null, boolean, number, date or text, by its words, quotes and tag, as yaml.v3 resolves it (L13).

use super::Value;
use super::encoding::text_of_binary;
use super::events::Tag;
use super::timestamp::is_timestamp;

/// A core tag whose scalar it does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// What the tag promises.
    pub(super) wanted: &'static str,
}

/// Resolves a scalar. A tag that is not of YAML's own makes text of everything, as in yaml.v3.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&Tag>) -> Result<Value, Misfit> {
    match tag {
        None if plain => Ok(resolve_plain(text, true)),
        None | Some(Tag::Local(_) | Tag::Foreign) => Ok(Value::Text(text.to_owned())),
        Some(Tag::Core(name)) => resolve_tagged(text, name),
    }
}

fn resolve_tagged(text: &str, tag: &str) -> Result<Value, Misfit> {
    let wanted = match tag {
        "null" => "nothing",
        "bool" => "a boolean",
        "int" => "an integer",
        "float" => "a number",
        "timestamp" => "a date",
        "binary" => {
            let bytes = decode_base64(text).ok_or(Misfit { wanted: "base64 data" })?;
            return Ok(Value::Text(text_of_binary(&bytes)));
        }
        _ => return Ok(Value::Text(text.to_owned())),
    };
    match (tag, resolve_plain(text, tag == "timestamp")) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the nearest float is what yaml.v3 makes of an integer"
        )]
        ("float", Value::Int(number)) if i64::try_from(number).is_ok() => Ok(Value::Float(number as f64)),
        ("null", value @ Value::Null)
        | ("bool", value @ Value::Bool(_))
        | ("int", value @ Value::Int(_))
        | ("float", value @ Value::Float(_))
        | ("timestamp", value @ Value::Timestamp(_)) => Ok(value),
        _ => Err(Misfit { wanted }),
    }
}

/// Resolves a plain scalar without tag.
fn resolve_plain(text: &str, dates: bool) -> Value {
    if let Some(word) = resolve_word(text) {
        return word;
    }
    let number = match text.as_bytes() {
        [b'.', ..] => dot_float(text).map(Value::Float),
        [b'0'..=b'9', ..] if dates && is_timestamp(text) => return Value::Timestamp(text.to_owned()),
        [b'0'..=b'9' | b'+' | b'-', ..] => resolve_number(text),
        _ => None,
    };
    number.unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn resolve_word(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn resolve_number(text: &str) -> Option<Value> {
    // yaml.v3 drops underscores wherever they stand, also behind the last digit.
    let digits: std::borrow::Cow<'_, str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    integer(&digits).map(Value::Int).or_else(|| float(&digits).map(Value::Float))
}

/// Reads an integer as Go does with base 0: the prefix tells the base, and a leading zero means octal.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] | rest => (1, rest),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0_i128, |number, digit| {
        let digit = char::from(*digit).to_digit(base)?;
        // Stops before it can overflow: nothing above 64 bits is an integer in Go.
        (number >> 64 == 0).then_some(number * i128::from(base) + i128::from(digit))
    })?;
    let highest = if text.starts_with(['+', '-']) { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    let number = sign * number;
    (i128::from(i64::MIN)..=highest).contains(&number).then_some(number)
}

/// Reads a decimal float that has a digit before or behind the point.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    if !(all_digits(whole) && all_digits(fraction) && exponent_fits)
        || (whole.is_empty() && fraction.is_empty())
    {
        return None;
    }
    // Too large a number is text in yaml.v3, since Go reports the range as an error.
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads a float that begins with the point. Here Go's own rule for underscores applies: only between digits.
fn dot_float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return float(text);
    }
    let bytes = text.as_bytes();
    let between_digits = |index: usize| {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        bytes[index] != b'_' || (index > 0 && digit(index - 1) && digit(index + 1))
    };
    if (0..bytes.len()).all(between_digits) { float(&text.replace('_', "")) } else { None }
}

/// Decodes standard base64 with padding; line breaks in it are skipped.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let (groups, rest) = digits.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for (index, group) in groups.iter().enumerate() {
        let padding = group.iter().rev().take_while(|digit| **digit == b'=').count();
        if padding > 2 || (padding > 0 && index + 1 != groups.len()) {
            return None;
        }
        let value =
            group[..4 - padding].iter().try_fold(0, |value, digit| Some(value << 6 | sextet(*digit)?))?;
        let value: u32 = value << (6 * padding);
        bytes.extend_from_slice(&value.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Value {
        resolve(text, true, None).expect("no tag, no misfit")
    }

    fn tagged(text: &str, tag: &str) -> Result<Value, Misfit> {
        resolve(text, true, Some(&Tag::Core(tag.into())))
    }

    #[test]
    fn integers_in_every_base_of_go() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("0755", 493),
            ("0o17", 15),
            ("0O17", 15),
            ("-0o17", -15),
            ("0x1F", 31),
            ("0b11", 3),
            ("+12", 12),
            ("1_000", 1000),
            ("1_", 1),
            ("0x_f", 15),
            ("18446744073709551615", 18_446_744_073_709_551_615),
            ("-9223372036854775808", -9_223_372_036_854_775_808),
        ] {
            assert_eq!(plain(text), Value::Int(number), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_floats() {
        for (text, number) in [
            ("08", 8.0),
            ("1.10", 1.1),
            ("1.", 1.0),
            (".5", 0.5),
            (".5_0", 0.5),
            ("+.5", 0.5),
            ("1e3", 1000.0),
            ("1_0.5", 10.5),
            ("18446744073709551616", 18_446_744_073_709_551_616.0),
            ("-9223372036854775809", -9_223_372_036_854_775_808.0),
            ("-.inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(plain(text), Value::Float(number), "{text}");
        }
        assert!(matches!(plain(".NaN"), Value::Float(number) if number.is_nan()));
    }

    #[test]
    fn words_and_what_only_looks_like_a_number() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Value::Null, "{text}");
        }
        assert_eq!((plain("True"), plain("FALSE")), (Value::Bool(true), Value::Bool(false)));
        for text in [
            "yes",
            "No",
            "on",
            "y",
            "tRUE",
            "nULL",
            "22:22",
            "12:30:45",
            "-",
            "+",
            ".",
            "_1",
            "0x",
            "0o8",
            "0b2",
            "1e",
            "1e400",
            ".5_",
            "._5",
            "1.2.3",
            "0x1.8p1",
            ".",
            "..",
            ".e5",
            "-.nan",
            "+18446744073709551615_x",
        ] {
            assert_eq!(plain(text), Value::Text(text.into()), "{text}");
        }
        assert_eq!(plain("+18446744073709551615"), Value::Float(18_446_744_073_709_551_615.0));
    }

    #[test]
    fn dates_stand_apart_from_text() {
        assert_eq!(plain("2020-01-01"), Value::Timestamp("2020-01-01".into()));
        assert_eq!(tagged("2020-01-01", "str"), Ok(Value::Text("2020-01-01".into())));
        assert_eq!(tagged("2020-01-01", "int"), Err(Misfit { wanted: "an integer" }));
    }

    #[test]
    fn core_tags_decide_and_must_fit() {
        assert_eq!(tagged("12", "str"), Ok(Value::Text("12".into())));
        assert_eq!(tagged("12", "int"), Ok(Value::Int(12)));
        assert_eq!(tagged("12", "float"), Ok(Value::Float(12.0)));
        assert_eq!(tagged("1.5", "int"), Err(Misfit { wanted: "an integer" }));
        assert_eq!(tagged("yes", "bool"), Err(Misfit { wanted: "a boolean" }));
        assert_eq!(tagged("12", "set"), Ok(Value::Text("12".into())));
        assert_eq!(resolve("12", true, Some(&Tag::Local("!x".into()))), Ok(Value::Text("12".into())));
        assert_eq!(resolve("12", false, None), Ok(Value::Text("12".into())));
        assert_eq!(resolve("12", false, Some(&Tag::Core("int".into()))), Ok(Value::Int(12)));
    }

    #[test]
    fn binary_is_decoded() {
        assert_eq!(tagged("aGVs\nbG8=", "binary"), Ok(Value::Text("hello".into())));
        assert_eq!(tagged("aGVsbA==", "binary"), Ok(Value::Text("hell".into())));
        assert_eq!(tagged("/w==", "binary"), Ok(Value::Text("\u{FFFD}".into())));
        for text in ["aGVsbG8", "aGV=bG8=", "a===", "aG?s"] {
            assert_eq!(tagged(text, "binary"), Err(Misfit { wanted: "base64 data" }), "{text}");
        }
    }
}
