//! Hides secret values in what is shown of the user's files (C43, A62).
//!
//! Two nets: values that a stage knows to be secret, and, since a file may be broken before anybody knows, names on the
//! shown line that look like those of secrets. Deliberately coarse; what goes into a Secret is decided elsewhere (N103).

use std::collections::BTreeSet;
use std::ops::Range;

/// What stands in the place of a hidden value.
pub(crate) const HIDDEN: &str = "‹hidden›";

/// Shorter values would hide half of every text.
const SHORTEST: usize = 4;

/// Words in the name of a variable whose value is not shown.
const WORDS: &[&str] = &[
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "DSN",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PEPPER",
    "PWD",
    "SALT",
    "SECRET",
    "TOKEN",
];

/// Neighbours that together name a secret, the second being `KEY`.
const BEFORE_KEY: &[&str] =
    &["ACCESS", "ACCOUNT", "API", "AUTH", "ENCRYPTION", "MASTER", "PRIVATE", "SIGNING", "STORAGE"];

/// Endings of names that hold something about a secret, not the secret.
const ABOUT: &[&str] = &["FILE", "PATH", "DIR", "NAME", "USER", "ID", "TTL", "TIMEOUT", "LENGTH", "POLICY"];

/// Secret values of a run.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    values: BTreeSet<String>,
}

impl Mask {
    /// Hides a value from now on; values under four characters are ignored.
    pub fn hide(&mut self, value: &str) {
        let value = value.trim();
        if value.chars().count() >= SHORTEST {
            self.values.insert(value.to_owned());
        }
    }

    /// Returns a text with all known values hidden.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut ranges = self.known(text);
        ranges.extend(url_passwords(text));
        let ranges = joined(ranges);
        let mut shown = String::new();
        let mut end = 0;
        for range in ranges {
            shown.push_str(&text[end..range.start]);
            shown.push_str(HIDDEN);
            end = range.end;
        }
        shown.push_str(&text[end..]);
        shown
    }

    /// Returns the parts of a source line to hide, in order, without overlap.
    pub(crate) fn line(&self, line: &str) -> Vec<Range<usize>> {
        let mut ranges = self.known(line);
        ranges.extend(url_passwords(line));
        ranges.extend(named_values(line));
        joined(ranges)
    }

    fn known(&self, text: &str) -> Vec<Range<usize>> {
        let found = self.values.iter().flat_map(|value| text.match_indices(value.as_str()));
        found.map(|(start, value)| start..start + value.len()).collect()
    }
}

/// Sorts ranges and joins those that touch.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// Finds `PASS` of `scheme://user:PASS@host`.
fn url_passwords(text: &str) -> Vec<Range<usize>> {
    let found = text.match_indices("://").filter_map(|(at, mark)| {
        let begin = at + mark.len();
        let authority = text[begin..].split(['/', ' ', '"', '\'', '?', '#', ',']).next()?;
        let (user, _) = authority.rsplit_once('@')?;
        let colon = user.find(':')?;
        let password = begin + colon + 1..begin + user.len();
        (!password.is_empty() && !text[password.clone()].starts_with('$')).then_some(password)
    });
    found.collect()
}

/// Finds the values behind `NAME:` and `NAME=` on a line, where the name looks like that of a secret.
fn named_values(line: &str) -> Vec<Range<usize>> {
    let flow = line.find(['{', '[']).unwrap_or(line.len());
    let found = line.match_indices([':', '=']).filter_map(|(at, _)| {
        let name = name_before(&line[..at])?;
        looks_secret(name).then(|| value_behind(line, at, flow < at)).flatten()
    });
    found.collect()
}

/// Finds the name in front of a separator: all between quotes, else back to what cannot stand in one.
fn name_before(text: &str) -> Option<&str> {
    match text.chars().next_back().filter(|last| matches!(last, '"' | '\'')) {
        Some(quote) => text[..text.len() - 1].rsplit(quote).next(),
        None => text.rsplit(|letter: char| !is_name(letter)).next(),
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '_' | '-' | '.' | '!' | '@' | '%' | '+' | '~' | '^' | '*' | '?')
}

/// Tells whether the value of a variable with this name should not be seen.
pub(crate) fn looks_secret(name: &str) -> bool {
    // Compose's own keys name secrets, they do not hold them.
    if matches!(name, "secrets" | "secret" | "credential_spec") {
        return false;
    }
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> =
        upper.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let Some(last) = words.last() else { return false };
    if ABOUT.contains(last) {
        return false;
    }
    let word = words.iter().any(|word| WORDS.contains(word) || word.ends_with("PASSWORD"));
    word || words.windows(2).any(|pair| BEFORE_KEY.contains(&pair[0]) && pair[1] == "KEY")
}

/// Finds the value behind the separator at `at`; `None` for variables, collections and nothing.
fn value_behind(line: &str, at: usize, in_flow: bool) -> Option<Range<usize>> {
    let rest = &line[at + 1..];
    let begin = at + 1 + (rest.len() - rest.trim_start().len());
    let value = line[begin..].trim_end();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    let inner = begin + usize::from(quote.is_some());
    let text = &line[inner..begin + value.len()];
    let length = match quote {
        Some(quote) => text.find(quote).unwrap_or(text.len()),
        None if in_flow => text.find([',', '}', ']']).unwrap_or(text.len()),
        None => text.trim_end_matches(['"', '\'']).len(),
    };
    let text = &text[..length];
    let shown = text.is_empty() || text.starts_with(['$', '[', '{', '&', '*', '!']) || is_block(text);
    (!shown && !text.starts_with("/run/secrets/")).then_some(inner..inner + length)
}

/// Tells whether a text is the head of a block scalar.
fn is_block(text: &str) -> bool {
    text.starts_with(['|', '>']) && text.len() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows a line as the renderer would.
    fn shown(mask: &Mask, line: &str) -> String {
        let mut text = line.to_owned();
        for range in mask.line(line).into_iter().rev() {
            text.replace_range(range, "*");
        }
        text
    }

    #[test]
    fn values_behind_secret_names_are_hidden_in_every_spelling() {
        let mask = Mask::default();
        for (line, expected) in [
            ("    DB_PASSWORD: hunter2 ", "    DB_PASSWORD: * "),
            ("    - DB_PASSWORD=hunter2", "    - DB_PASSWORD=*"),
            ("    - \"DB_PASSWORD=hunter2\"", "    - \"DB_PASSWORD=*\""),
            ("  environment: {API_KEY: 'a,b', LOG: debug}", "  environment: {API_KEY: '*', LOG: debug}"),
            ("  environment: [TOKEN=abc, LOG=debug]", "  environment: [TOKEN=*, LOG=debug]"),
            ("  \"PGPASSWORD\": \"x\"", "  \"PGPASSWORD\": \"*\""),
            ("  {\"MY PASSWORD\": abcd, 'TOKEN_!': x}", "  {\"MY PASSWORD\": *, 'TOKEN_!': *}"),
            ("    - TOKEN_!=abcd", "    - TOKEN_!=*"),
            ("  URL: postgres://u:p4ss@db/x", "  URL: postgres://u:*@db/x"),
        ] {
            assert_eq!(shown(&mask, line), expected);
        }
    }

    #[test]
    fn what_only_names_a_secret_stays() {
        let mask = Mask::default();
        for line in [
            "    secrets: [db_password]",
            "    DB_PASSWORD: ${DB_PASSWORD}",
            "    DB_PASSWORD_FILE: /run/secrets/db",
            "    DB_PASSWORD: /run/secrets/db",
            "    TOKEN:",
            "    TOKEN: |-",
            "    URL: postgres://u:${P}@db/x",
            "    image: nginx:1.27",
        ] {
            assert_eq!(shown(&mask, line), line);
        }
    }

    #[test]
    fn known_values_are_hidden_everywhere_but_short_ones_never() {
        let mut mask = Mask::default();
        mask.hide("hunter2");
        mask.hide("abc");
        assert_eq!(mask.text("says hunter2 and abc, hunter2hunter2"), "says ‹hidden› and abc, ‹hidden›");
        assert_eq!(shown(&mask, "command: run hunter2"), "command: run *");
    }
}
