//! Small two-part texts: `k=v` items, `extra_hosts`, `devices`, device counts, octal modes (L33, L34).

use super::Fault;

/// Cuts an item at its first `=`; without one there is no value.
pub(crate) fn cut(item: &str) -> (&str, Option<&str>) {
    item.split_once('=').map_or((item, None), |(key, value)| (key, Some(value)))
}

/// Cuts an item of `environment` or `build.args`, where a space behind the key is a mistake.
pub(crate) fn cut_variable(item: &str) -> Result<(&str, Option<&str>), Fault> {
    let (key, value) = cut(item);
    if key.ends_with(char::is_whitespace) {
        return Err(Fault::new(0..key.len(), "the name ends with a space"));
    }
    Ok((key, value))
}

/// Reads an item of an `extra_hosts` list: a host, `=` or else `:`, and addresses with commas between.
pub(crate) fn parse_host(item: &str) -> Result<(&str, Vec<&str>), Fault> {
    let (host, addresses) = item
        .split_once('=')
        .or_else(|| item.split_once(':'))
        .ok_or_else(|| Fault::whole(item, "an address must follow, as in `host=1.2.3.4`"))?;
    check_host(host)?;
    Ok((host, addresses.split(',').map(strip_brackets).collect()))
}

/// Checks a host of `extra_hosts`, in a list or as a key of a map.
pub(crate) fn check_host(host: &str) -> Result<(), Fault> {
    if host.is_empty() {
        return Err(Fault::whole(host, "the host name is missing"));
    }
    if host.contains([':', '=']) {
        return Err(Fault::whole(host, "a host name contains neither `:` nor `=`"));
    }
    Ok(())
}

/// Takes the brackets off an address such as `[::1]`.
pub(crate) fn strip_brackets(address: &str) -> &str {
    let inner = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.filter(|inner| !inner.is_empty()).unwrap_or(address)
}

/// A device in long form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Device<'a> {
    /// Path on the host, or the name of a CDI device.
    pub(crate) source: &'a str,
    /// Path in the container.
    pub(crate) target: &'a str,
    /// Some of `rwm`; not checked.
    pub(crate) permissions: &'a str,
}

/// Reads a device in short form: `source[:target[:permissions]]`.
pub(crate) fn parse_device(text: &str) -> Result<Device<'_>, Fault> {
    let parts: Vec<_> = text.splitn(5, ':').collect();
    let (source, target, permissions) = match parts[..] {
        [source] => (source, "", "rwm"),
        [source, target] => (source, target, "rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ => return Err(Fault::whole(text, "more than three parts; the long form is clearer")),
    };
    Ok(Device { source, target: if target.is_empty() { source } else { target }, permissions })
}

/// Returns the part of a device in short form by which duplicates are found: the target as written (L30).
pub(crate) fn device_identity(text: &str) -> &str {
    let mut parts = text.split(':');
    let source = parts.next().unwrap_or_default();
    parts.next().unwrap_or(source)
}

/// Reads the `count` of a device request: a number, or `all` in any case, which is -1.
pub(crate) fn parse_device_count(text: &str) -> Result<i64, Fault> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(-1);
    }
    text.parse().map_err(|_| Fault::whole(text, "`all` or a number is needed"))
}

/// Reads the text of a `mode`: octal digits, no prefix.
pub(crate) fn parse_mode(text: &str) -> Result<i64, Fault> {
    i64::from_str_radix(text, 8)
        .map_err(|_| Fault::whole(text, "a mode is written in octal digits, such as `0440`"))
}

/// Prints a `mode` as `config` shows it: `0440`, and `00` for none.
pub(crate) fn format_mode(mode: i64) -> String {
    let sign = if mode < 0 { "-" } else { "" };
    format!("0{sign}{:o}", mode.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_cut_at_the_first_sign() {
        assert_eq!(cut("A=1=2"), ("A", Some("1=2")));
        assert_eq!(cut("A="), ("A", Some("")));
        assert_eq!(cut("A"), ("A", None));
        assert_eq!(cut("=x"), ("", Some("x")));
        assert_eq!(cut_variable("A= 1"), Ok(("A", Some(" 1"))));
        assert_eq!(cut_variable(" A=1"), Ok((" A", Some("1"))));
        assert_eq!(cut_variable("A =1").expect_err("space").range, 0..2);
        assert!(cut_variable("A\t").is_err());
    }

    #[test]
    fn hosts_take_two_separators() {
        assert_eq!(parse_host("a=1.2.3.4"), Ok(("a", vec!["1.2.3.4"])));
        assert_eq!(parse_host("a:1.2.3.4"), Ok(("a", vec!["1.2.3.4"])));
        assert_eq!(parse_host("a=::1,[::2],x"), Ok(("a", vec!["::1", "::2", "x"])));
        assert_eq!(parse_host("a:::1"), Ok(("a", vec!["::1"])));
        assert_eq!(parse_host("a="), Ok(("a", vec![""])));
        assert_eq!(parse_host("a=[]"), Ok(("a", vec!["[]"])));
        for item in ["a", "", "=1.2.3.4", ":1.2.3.4", "a:b=1.2.3.4"] {
            assert!(parse_host(item).is_err(), "{item}");
        }
        assert!(check_host("a=b").is_err());
    }

    #[test]
    fn devices_default_to_their_source() {
        let device = |source, target, permissions| Ok(Device { source, target, permissions });
        assert_eq!(parse_device("/dev/a"), device("/dev/a", "/dev/a", "rwm"));
        assert_eq!(parse_device("/dev/a:/dev/b"), device("/dev/a", "/dev/b", "rwm"));
        assert_eq!(parse_device("/dev/a:/dev/b:r"), device("/dev/a", "/dev/b", "r"));
        assert_eq!(parse_device("/dev/a::"), device("/dev/a", "/dev/a", ""));
        assert_eq!(parse_device(""), device("", "", "rwm"));
        assert!(parse_device("a:b:c:d").is_err());
        assert_eq!(device_identity("/dev/a"), "/dev/a");
        assert_eq!(device_identity("/dev/a::r"), "");
    }

    #[test]
    fn device_counts_are_numbers_or_all() {
        assert_eq!(parse_device_count("All"), Ok(-1));
        assert_eq!(parse_device_count("2"), Ok(2));
        assert!(parse_device_count("").is_err());
        assert!(parse_device_count("some").is_err());
    }

    #[test]
    fn modes_are_octal() {
        assert_eq!(parse_mode("0440"), Ok(0o440));
        assert_eq!(parse_mode("444"), Ok(0o444));
        for text in ["", "0o440", "9", "1.0", " 4"] {
            assert!(parse_mode(text).is_err(), "{text}");
        }
        assert_eq!(format_mode(0o440), "0440");
        assert_eq!(format_mode(444), "0674");
        assert_eq!(format_mode(0), "00");
        assert_eq!(format_mode(-8), "0-10");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[a=:,\\[\\] é0-9]{0,20}") {
                let _ = (cut_variable(&text), parse_host(&text), parse_device(&text), parse_mode(&text));
                let _ = device_identity(&text);
            }
        }
    }
}
