//! Shapes of values: the part of the schema of stack files that we write.

use serde_json::Value;

use super::{Breaches, under};

/// What a value must look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// Text or nothing.
    TextOrNull,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An integer that is not negative.
    Count,
    /// An integer.
    Integer,
    /// A number from 0 to 1.
    Ratio,
    /// True or false.
    Bool,
    /// A duration as Go reads it.
    Duration,
    /// Anything.
    Any,
    /// Only these keys; the first `usize` of them must be there.
    Object(usize, &'static [(&'static str, Shape)]),
    /// Keys of the author, values of one shape.
    Map(&'static Shape),
    /// Keys that the CLI takes as names, values of one shape.
    Names(&'static Shape),
    /// Items of one shape.
    List(&'static Shape),
    /// Items of one shape, no two equal.
    Set(&'static Shape),
    /// Either of two.
    Either(&'static Shape, &'static Shape),
    /// Nothing, or a shape.
    OrNull(&'static Shape),
}

/// Checks a value.
pub(crate) fn check(shape: &Shape, value: &Value, path: &str, found: &mut Breaches) {
    match shape {
        Shape::Any => {}
        Shape::Text => require(value.is_string(), path, "is no text", found),
        Shape::TextOrNull => require(value.is_string() || value.is_null(), path, "is no text", found),
        Shape::Word(words) => {
            let is_known = value.as_str().is_some_and(|word| words.contains(&word));
            require(is_known, path, "is no word that Swarm knows", found);
        }
        Shape::Count => require(value.is_u64(), path, "is no number of things", found),
        Shape::Integer => require(value.is_i64() || value.is_u64(), path, "is no integer", found),
        Shape::Ratio => {
            let is_share = value.as_f64().is_some_and(|number| (0.0..=1.0).contains(&number));
            require(is_share, path, "is not between 0 and 1", found);
        }
        Shape::Bool => require(value.is_boolean(), path, "is not true or false", found),
        Shape::Duration => {
            let is_legal = value.as_str().is_some_and(|text| nanos(text).is_some());
            require(is_legal, path, "is no duration", found);
        }
        Shape::Object(required, keys) => check_object(*required, keys, value, path, found),
        Shape::Map(inner) => check_map(inner, value, path, found, |_| true),
        Shape::Names(inner) => check_map(inner, value, path, found, is_name),
        Shape::List(inner) => check_list(inner, value, path, found),
        Shape::Set(inner) => {
            check_list(inner, value, path, found);
            let items = value.as_array().map_or(&[][..], Vec::as_slice);
            let is_unique = items.iter().enumerate().all(|(index, item)| !items[..index].contains(item));
            require(is_unique, path, "has equal items", found);
        }
        Shape::Either(one, other) => {
            let mut faults = Breaches::default();
            check(one, value, path, &mut faults);
            if !faults.0.is_empty() {
                check(other, value, path, found);
            }
        }
        Shape::OrNull(inner) => {
            if !value.is_null() {
                check(inner, value, path, found);
            }
        }
    }
}

fn require(is_met: bool, path: &str, fault: &str, found: &mut Breaches) {
    if !is_met {
        found.add(path, fault);
    }
}

fn check_object(required: usize, keys: &[(&str, Shape)], value: &Value, path: &str, found: &mut Breaches) {
    let Some(fields) = value.as_object() else { return found.add(path, "is no mapping") };
    for (name, _) in &keys[..required] {
        require(fields.contains_key(*name), &under(path, name), "is missing", found);
    }
    for (key, field) in fields {
        match keys.iter().find(|(name, _)| name == key) {
            Some((_, shape)) => check(shape, field, &under(path, key), found),
            None => found.add(&under(path, key), "is no key of a stack file"),
        }
    }
}

fn check_map(inner: &Shape, value: &Value, path: &str, found: &mut Breaches, is_key: fn(&str) -> bool) {
    let Some(fields) = value.as_object() else { return found.add(path, "is no mapping") };
    for (key, field) in fields {
        require(is_key(key), &under(path, key), "is no key that the CLI takes", found);
        check(inner, field, &under(path, key), found);
    }
}

fn check_list(inner: &Shape, value: &Value, path: &str, found: &mut Breaches) {
    let Some(items) = value.as_array() else { return found.add(path, "is no list") };
    for (index, item) in items.iter().enumerate() {
        check(inner, item, &format!("{path}[{index}]"), found);
    }
}

/// Tells whether the CLI takes a text as the key of a service, network, volume, config or secret.
fn is_name(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Reads a duration as Go does: decimal numbers with units; `None` where Go refuses it.
pub(crate) fn nanos(text: &str) -> Option<u128> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total: u128 = 0;
    while !rest.is_empty() || text.is_empty() {
        let number = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))?;
        let (digits, tail) = rest.split_at(number);
        let length = tail.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(length);
        let unit: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        if !fraction.is_empty() {
            let fraction = &fraction[..fraction.len().min(18)];
            let part: u128 = fraction.parse().ok()?;
            total = total.checked_add(part * unit / 10_u128.pow(u32::try_from(fraction.len()).ok()?))?;
        }
        rest = tail;
    }
    (total <= i64::MAX.unsigned_abs().into()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_does() {
        assert_eq!(nanos("1m0s"), Some(60_000_000_000));
        assert_eq!(nanos("1.5s"), Some(1_500_000_000));
        assert_eq!(nanos("24h0m0.000000001s"), Some(86_400_000_000_001));
        assert_eq!(nanos(".5ms"), Some(500_000));
        assert_eq!(["", "1d", "1", "s", "1.2.3s", "-1s", "9999999999h"].map(nanos), [None; 7]);
    }
}
