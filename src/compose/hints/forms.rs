//! The small languages of hints: quantities, schedules, hosts, ranges. Values that the API server would refuse are refused
//! here, where the file and the line are known (N120).

use std::net::IpAddr;

use super::value::Language;
use crate::compose::grammar::duration::GoDuration;

pub(crate) const QUANTITY: Language = Language {
    meant: "a Kubernetes quantity such as `500m`, `2` or `1.5Gi`",
    pattern: r"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$",
    bare: true,
    fits: is_quantity,
};

pub(crate) const DURATION: Language = Language {
    meant: "a time such as `10s` or `1m30s`",
    pattern: r"^\+?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)[a-zµμ]+)+$",
    bare: false,
    fits: is_duration,
};

pub(crate) const PERCENT: Language = Language {
    meant: "a percentage such as `70` or `70%`",
    pattern: r"^[1-9][0-9]{0,3}%?$",
    bare: true,
    fits: is_percent,
};

/// A percentage with its sign: a number without one counts pods.
pub(crate) const SIGNED_PERCENT: Language = Language {
    meant: "a number, or a percentage such as `50%`",
    pattern: r"^(100|[1-9]?[0-9])%$",
    bare: false,
    fits: is_signed_percent,
};

pub(crate) const CRON: Language = Language {
    meant: "a schedule of five fields such as `30 2 * * *`, or `@daily`",
    pattern: r"^(@[a-z]+( .+)?|\S+( +\S+){4})$",
    bare: false,
    fits: is_schedule,
};

pub(crate) const TIME_ZONE: Language = Language {
    meant: "a time zone such as `Europe/Berlin`",
    pattern: r"^[A-Za-z0-9+_/-]+$",
    bare: false,
    fits: is_time_zone,
};

pub(crate) const HOST: Language = Language {
    meant: "a host, perhaps with a path: `shop.example.com`, `*.example.com`, `example.com/api`",
    pattern: r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(/.*)?$",
    bare: false,
    fits: is_host_rule,
};

pub(crate) const DOMAIN: Language = Language {
    meant: "a domain such as `example.com`",
    pattern: r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$",
    bare: false,
    fits: is_domain,
};

pub(crate) const RANGE: Language = Language {
    meant: "a range of addresses such as `10.0.0.0/8`",
    pattern: r"^[0-9A-Fa-f:.]+/[0-9]{1,3}$",
    bare: false,
    fits: is_range,
};

pub(crate) const RANGE_AND_PORT: Language = Language {
    meant: "a range of addresses and a port such as `10.0.0.1/32:6443`",
    pattern: r"^[0-9A-Fa-f:.\[\]]+/[0-9]{1,3}:[0-9]{1,5}$",
    bare: false,
    fits: is_range_and_port,
};

pub(crate) const ADDRESS: Language = Language {
    meant: "an address such as `10.0.0.1`",
    pattern: r"^[0-9A-Fa-f:.]+$",
    bare: false,
    fits: is_address,
};

/// Names of namespaces, pod groups and other labels of DNS.
pub(crate) const LABEL: Language = Language {
    meant: "lower-case letters, digits and `-`, at most 63",
    pattern: r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    bare: false,
    fits: is_label,
};

/// Names of objects that are there already: Secrets, classes, accounts.
pub(crate) const OBJECT: Language = Language {
    meant: "the name of an object: lower-case letters, digits, `-` and `.`",
    pattern: r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
    bare: false,
    fits: is_object_name,
};

/// Keys of `ConfigMaps` and Secrets.
pub(crate) const DATA_KEY: Language = Language {
    meant: "a key such as `tls.crt`: letters, digits, `-`, `_` and `.`",
    pattern: r"^[-._a-zA-Z0-9]+$",
    bare: false,
    fits: is_data_key,
};

/// A path inside a volume.
pub(crate) const SUBPATH: Language =
    Language { meant: "a relative path without `..`", pattern: r"^[^/]", bare: false, fits: is_subpath };

/// A path in a container.
pub(crate) const TARGET: Language =
    Language { meant: "a path that begins with `/`", pattern: "^/", bare: false, fits: is_absolute };

/// A resource that a plugin of the nodes offers.
pub(crate) const RESOURCE: Language = Language {
    meant: "a resource such as `nvidia.com/gpu`",
    pattern: r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$",
    bare: false,
    fits: is_resource,
};

const SUFFIXES: &[&str] =
    &["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

pub(crate) fn is_quantity(text: &str) -> bool {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number_fits = number.len() <= 32
        && number.bytes().filter(|byte| *byte == b'.').count() <= 1
        && number.bytes().any(|byte| byte.is_ascii_digit());
    let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|digits| {
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    number_fits && (exponent || SUFFIXES.contains(&suffix))
}

fn is_duration(text: &str) -> bool {
    GoDuration::parse(text).is_ok_and(|time| time.0 >= 0)
}

fn is_percent(text: &str) -> bool {
    percent(text).is_some()
}

/// Reads `70` or `70%`; never 0, which no server takes.
pub(crate) fn percent(text: &str) -> Option<u32> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    let number: u32 = digits.parse().ok()?;
    (digits.bytes().all(|byte| byte.is_ascii_digit()) && (1..=9999).contains(&number)).then_some(number)
}

fn is_signed_percent(text: &str) -> bool {
    let digits = text.strip_suffix('%');
    digits.is_some_and(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.parse::<u32>().is_ok_and(|number| number <= 100)
    })
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [(u32, u32, &[&str]); 5] =
    [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, MONTHS), (0, 6, DAYS)];

/// Reads a schedule as the controller does: five fields, or a word. `TZ=` in front is refused by the server.
fn is_schedule(text: &str) -> bool {
    if let Some(word) = text.strip_prefix('@') {
        const WORDS: &[&str] = &["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        let every = word.strip_prefix("every ");
        return WORDS.contains(&word)
            || every.is_some_and(|time| GoDuration::parse(time.trim()).is_ok_and(|time| time.0 > 0));
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.len() == 5
        && fields.iter().zip(FIELDS).all(|(field, (least, most, names))| {
            field.split(',').all(|part| is_schedule_part(part, least, most, names))
        })
}

/// `*`, `?`, a number or name, a range of them, each with a step.
fn is_schedule_part(part: &str, least: u32, most: u32, names: &[&str]) -> bool {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (part, None),
    };
    let step_fits = step.is_none_or(|step| number(step).is_some_and(|step| step > 0));
    let value = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let place = names.iter().position(|name| *name == lower);
        let spelt = place.and_then(|at| u32::try_from(at).ok()).map(|at| at + least);
        spelt.or_else(|| number(text)).filter(|value| (least..=most).contains(value))
    };
    let range_fits = match range.split_once('-') {
        _ if range == "*" || range == "?" => true,
        Some((from, to)) => matches!((value(from), value(to)), (Some(from), Some(to)) if from <= to),
        None => value(range).is_some(),
    };
    step_fits && range_fits
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The names of the tz database, which the API server knows; sorted.
static TIME_ZONES: &str = include_str!("time_zones.txt");

fn is_time_zone(text: &str) -> bool {
    TIME_ZONES.lines().any(|zone| zone == text)
}

fn is_host_rule(text: &str) -> bool {
    let (host, path) = match text.find('/') {
        Some(slash) => text.split_at(slash),
        None => (text, ""),
    };
    is_domain(host.strip_prefix("*.").unwrap_or(host)) && (path.is_empty() || is_route(path))
}

/// A path that an Ingress takes (N52).
pub(crate) fn is_route(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    path.starts_with('/')
        && !path.contains("//")
        && !lower.contains("%2f")
        && !path.split('/').any(|part| part == "." || part == "..")
        && !path.contains(|c: char| c.is_whitespace() || c.is_control())
}

pub(crate) fn is_domain(text: &str) -> bool {
    let part_fits = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(part_fits) && text.parse::<IpAddr>().is_err()
}

fn is_range(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    number(bits).is_some_and(|bits| bits <= most)
}

fn is_range_and_port(text: &str) -> bool {
    let Some((range, port)) = text.rsplit_once(':') else { return false };
    let range = range.replace(['[', ']'], "");
    is_range(&range) && number(port).is_some_and(|port| (1..=65535).contains(&port))
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

pub(crate) fn is_object_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(|part| part.len() <= 253 && (is_label(part) || part.len() > 63))
}

fn is_data_key(text: &str) -> bool {
    let is_path = text == "." || text.starts_with("..");
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !is_path && (1..=253).contains(&text.len()) && text.bytes().all(legal)
}

fn is_subpath(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('/') && !text.split('/').any(|part| part == "..")
}

fn is_absolute(text: &str) -> bool {
    text.starts_with('/')
}

fn is_resource(text: &str) -> bool {
    let Some((domain, name)) = text.split_once('/') else { return false };
    let name_fits = (1..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    name_fits && is_object_name(domain) && !domain.split('.').any(|part| part.len() > 63)
}
