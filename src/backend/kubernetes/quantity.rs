//! Kubernetes quantities in the form in which the server would write them back, so that a second apply changes nothing
//! (K50, K51), and Docker's sizes, which they are made from.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// One binary megabyte: what requests are rounded up to (K53).
pub(crate) const MEBIBYTE: i64 = 1 << 20;

/// Writes thousandths of a processor: `500m`, `2`.
pub(crate) fn cpu(milli: i64) -> Quantity {
    Quantity(if milli % 1000 == 0 { (milli / 1000).to_string() } else { format!("{milli}m") })
}

/// Writes bytes with the largest unit that divides them: powers of 1024, else of 1000, else the number.
pub(crate) fn bytes(bytes: i64) -> Quantity {
    const BINARY: [&str; 6] = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"];
    const DECIMAL: [&str; 6] = ["E", "P", "T", "G", "M", "k"];
    let binary = BINARY.iter().zip((1..=6).rev()).map(|(unit, power)| (unit, 1024_i64.pow(power)));
    let decimal = DECIMAL.iter().zip((1..=6).rev()).map(|(unit, power)| (unit, 1000_i64.pow(power)));
    let fitting = binary.chain(decimal).find(|(_, size)| bytes != 0 && bytes % size == 0);
    Quantity(fitting.map_or_else(|| bytes.to_string(), |(unit, size)| format!("{}{unit}", bytes / size)))
}

/// Reads processors in decimal text as thousandths, rounded up in decimal arithmetic (K50); `None` if it is no number.
pub(crate) fn milli_cpus(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 64 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // The value is digits · 10^(exponent − fraction length); in thousandths three more.
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(3)?;
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    if shift >= 0 {
        let factor = 10_i64.checked_pow(u32::try_from(shift).ok()?)?;
        return digits.parse::<i64>().ok()?.checked_mul(factor);
    }
    let cut = usize::try_from(-shift).ok()?;
    let kept = digits.len().saturating_sub(cut);
    let rest_is_zero = digits[kept..].bytes().all(|digit| digit == b'0');
    let kept: i64 = if kept == 0 { 0 } else { digits[..kept].parse().ok()? };
    Some(kept + i64::from(!rest_is_zero))
}

/// Reads a Kubernetes quantity as thousandths, rounded up; `None` if it is none or beyond what fits.
pub(crate) fn milli(text: &str) -> Option<i64> {
    scaled(text, 3)
}

/// Reads a Kubernetes quantity as a whole number, rounded up: bytes.
pub(crate) fn in_bytes(text: &str) -> Option<i64> {
    scaled(text, 0)
}

/// Reads digits, a suffix of powers of 1024 or 1000 or an exponent, and moves the point by `places`.
fn scaled(text: &str, places: i32) -> Option<i64> {
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    const DECIMAL: [(&str, i32); 9] =
        [("n", -9), ("u", -6), ("m", -3), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let binary = BINARY.iter().position(|unit| *unit == suffix).and_then(|at| u32::try_from(at + 1).ok());
    let exponent = match binary {
        Some(_) => 0,
        None if suffix.is_empty() => 0,
        None => match DECIMAL.iter().find(|(unit, _)| *unit == suffix) {
            Some((_, exponent)) => *exponent,
            None => suffix.strip_prefix(['e', 'E'])?.parse().ok()?,
        },
    };
    let digits = digits.checked_mul(1024_i128.checked_pow(binary.unwrap_or(0))?)?;
    let shift = exponent.checked_add(places)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
    let value = if shift >= 0 {
        digits.checked_mul(factor)?
    } else {
        digits.div_euclid(factor) + i128::from(digits % factor != 0)
    };
    i64::try_from(value).ok()
}

/// Reads a size in Docker's units, which are all powers of 1024: `10G`, `64mb`, `1.5GiB`, `512`.
pub(crate) fn docker_bytes(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let number_ends = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_ends);
    let power = match unit.trim_start() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "Docker truncates too; out of range saturates")]
    let bytes = (number * 1024_f64.powi(power)) as i64;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_quantities_are_read_exactly_and_rounded_up() {
        assert_eq!(["250m", "1", "1.5", "1e3", "1n"].map(milli), [250, 1000, 1500, 1_000_000, 1].map(Some));
        assert_eq!(
            ["1Gi", "1.5Ki", "100M", "1500m", "8E"].map(in_bytes),
            [1 << 30, 1536, 100_000_000, 2, 8_000_000_000_000_000_000].map(Some)
        );
        assert_eq!(["16Ei", "x", "1Q", ""].map(in_bytes), [None; 4]);
    }

    #[test]
    fn processors_are_thousandths_rounded_up_in_decimal() {
        let written = |text| milli_cpus(text).map(|milli| cpu(milli).0);
        assert_eq!(written("0.5").as_deref(), Some("500m"));
        assert_eq!(written("1.0").as_deref(), Some("1"));
        assert_eq!(written("1.5").as_deref(), Some("1500m"));
        assert_eq!(written("4.03").as_deref(), Some("4030m"));
        assert_eq!(written("0.0001").as_deref(), Some("1m"));
        assert_eq!(written("2.5e-1").as_deref(), Some("250m"));
        assert_eq!(written("0").as_deref(), Some("0"));
        assert_eq!(["", ".", "x", "-1", "1e99"].map(milli_cpus), [None; 5]);
    }

    #[test]
    fn bytes_take_the_largest_unit_that_divides_them() {
        let written = |number| bytes(number).0;
        assert_eq!(written(52_428_800), "50Mi");
        assert_eq!(written(100_000_000), "100M");
        assert_eq!(written(1 << 30), "1Gi");
        assert_eq!(written(1_536 << 20), "1536Mi");
        assert_eq!(written(12_345), "12345");
        assert_eq!(written(0), "0");
    }

    #[test]
    fn sizes_are_read_in_dockers_units() {
        assert_eq!(docker_bytes("10G"), Some(10 << 30));
        assert_eq!(docker_bytes("1.5 kb"), Some(1_536));
        assert_eq!(docker_bytes("7"), Some(7));
        assert_eq!(docker_bytes("10%"), None);
        assert_eq!(docker_bytes("G"), None);
    }
}
