//! Sizes in bytes: `1.5g`, `64 MiB`, `512` (L36).

use super::Fault;
use super::number::parse_float;

/// Reads a size as go-units does: a number, an optional space, an optional unit in powers of 1024.
///
/// What exceeds 64 bits is refused; Docker Compose takes a number from it that depends on the processor.
pub(crate) fn parse_bytes(text: &str) -> Result<i64, Fault> {
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')) else {
        return Err(Fault::whole(text, "a size needs a number, such as `64m`"));
    };
    let unit = &text[last + 1..];
    let number = text[..=last].strip_suffix(' ').unwrap_or(&text[..=last]);
    let value = parse_float(number)
        .map_err(|_| Fault::new(0..number.len(), "a size needs one plain number before its unit"))?;
    if value < 0.0 {
        return Err(Fault::whole(text, "a size cannot be negative"));
    }
    let factor = factor(unit).ok_or_else(|| {
        Fault::new(last + 1..text.len(), "units are `b`, `k`, `m`, `g`, `t` and `p`, also as `kb` and `kib`")
    })?;
    truncated(value * factor).ok_or_else(|| Fault::whole(text, "larger than 8 EiB"))
}

fn factor(unit: &str) -> Option<f64> {
    let unit = unit.to_ascii_lowercase();
    let power = match unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).unwrap_or(&unit) {
        "" if unit != "ib" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    Some(1024_f64.powi(power))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a size is truncated to whole bytes, and the bound is checked"
)]
fn truncated(size: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    (size < BOUND).then_some(size as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        for (text, expected) in [
            ("0", 0),
            ("512", 512),
            ("1b", 1),
            ("1k", 1 << 10),
            ("1KB", 1 << 10),
            ("1KiB", 1 << 10),
            ("1kIb", 1 << 10),
            ("64m", 64 << 20),
            ("2g", 2 << 30),
            ("1t", 1 << 40),
            ("1PiB", 1 << 50),
            ("1 m", 1 << 20),
            ("1.5g", 3 << 29),
            (".5k", 512),
            ("1.k", 1024),
            ("1.9", 1),
            ("0.0001k", 0),
            ("1e3", 1000),
            ("1e3k", 1_024_000),
            ("+5", 5),
            ("-0", 0),
            ("5 ", 5),
            ("9007199254740993", 9_007_199_254_740_992),
        ] {
            assert_eq!(parse_bytes(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, place) in [
            ("", ""),
            ("m", "m"),
            ("-1", "-1"),
            ("-1m", "-1m"),
            ("1e", "e"),
            ("1x", "x"),
            ("1bb", "bb"),
            ("1bi", "bi"),
            ("1ib", "ib"),
            ("1kbb", "kbb"),
            ("1 kb/s", "kb/s"),
            ("1 2m", "1 2"),
            ("1  m", "1 "),
            (" 1m", " 1"),
            ("1g2", "1g2"),
            (".m", "."),
            ("1_0", "1_0"),
            ("inf", "inf"),
            ("inf ", "inf"),
            ("1é", "é"),
            ("8192p", "8192p"),
        ] {
            let fault = parse_bytes(text).expect_err(text);
            assert_eq!(&text[fault.range], place, "{text}");
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[-+0-9.a-zA-Zé ]{0,20}") {
                if let Err(fault) = parse_bytes(&text) {
                    prop_assert!(text.get(fault.range).is_some());
                }
            }

            #[test]
            fn whole_numbers_are_kept(bytes in 0_i64..1 << 53) {
                prop_assert_eq!(parse_bytes(&bytes.to_string()), Ok(bytes));
            }
        }
    }
}
