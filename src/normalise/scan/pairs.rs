//! A host in one variable or flag and its port in another: the forms F3 and F4 of N26.

use std::collections::BTreeMap;

use super::super::words::{self, Word};
use super::finds::port;

/// Words of names whose value is a host.
pub(super) const HOST_WORDS: &[&str] =
    &["HOST", "HOSTNAME", "HOSTS", "SERVER", "ADDR", "ADDRESS", "ENDPOINT", "URL"];

/// A variable or flag that names hosts, with the port that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair<'a> {
    /// The variable's name; of a flag without its dashes.
    pub(super) variable: &'a str,
    /// The host, or a comma list of hosts.
    pub(super) hosts: &'a str,
    pub(super) port: u16,
}

/// Pairs up variables: `DB_HOST=db` with `DB_PORT=5432`, `KC_DB_URL_HOST` with `KC_DB_URL_PORT`.
pub(super) fn of_variables<'a>(variables: &[(&'a str, &'a str)]) -> Vec<Pair<'a>> {
    let ports: BTreeMap<String, u16> =
        variables.iter().filter_map(|(name, value)| Some((comparable(name), number(value)?))).collect();
    let pair = |&(variable, hosts): &(&'a str, &'a str)| {
        let port = *port_names(variable).iter().find_map(|name| ports.get(name))?;
        Some(Pair { variable, hosts, port })
    };
    variables.iter().filter_map(pair).collect()
}

/// Pairs up flags of one command: `--x-host db --x-port=5432`, `-h db -p 5432`.
pub(super) fn of_flags(command: &str) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for part in command.split([';', '&', '|', '\n']) {
        let flags = flags(part);
        pairs.extend(of_variables(&flags));
        let value = |names: &[&str]| flags.iter().find(|(name, _)| names.contains(name));
        if let Some((variable, hosts)) = value(&["h"])
            && let Some(port) = value(&["p", "P"]).and_then(|(_, value)| number(value))
        {
            pairs.push(Pair { variable, hosts, port });
        }
    }
    pairs
}

/// `--name=value`, `--name value`, with one dash or two.
pub(super) fn flags(command: &str) -> Vec<(&str, &str)> {
    let mut words = command.split_whitespace().map(unquoted).peekable();
    let mut flags = Vec::new();
    while let Some(word) = words.next() {
        let name = word.trim_start_matches('-');
        if name.len() == word.len() {
            continue;
        }
        match name.split_once('=') {
            Some((name, value)) => flags.push((name, unquoted(value))),
            None => {
                if let Some(value) = words.next_if(|next| !next.starts_with('-')) {
                    flags.push((name, value));
                }
            }
        }
    }
    flags
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// The names under which the port may stand: `PORT` in the place of the word, or behind the name.
fn port_names(name: &str) -> Vec<String> {
    let words = words::split(name);
    let hosts: Vec<&Word> = words.iter().filter(|word| HOST_WORDS.contains(&word.text.as_str())).collect();
    let replaced = hosts.iter().map(|word| format!("{}PORT{}", &name[..word.start], &name[word.end..]));
    let mut names: Vec<String> = replaced.collect();
    if !names.is_empty() {
        names.push(format!("{name}_PORT"));
        names.push(format!("{name}-PORT"));
    }
    names.iter().map(|name| comparable(name)).collect()
}

fn comparable(name: &str) -> String {
    name.to_ascii_uppercase()
}

/// A value that is a port and nothing else.
pub(super) fn number(value: &str) -> Option<u16> {
    port(value.trim()).filter(|(_, rest)| rest.is_empty()).map(|(port, _)| port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: &[(&str, u16)]) {
        let pairs = of_variables(variables);
        assert_eq!(pairs.iter().map(|pair| (pair.hosts, pair.port)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn variables_are_paired_by_name() {
        check(&[("DB_HOST", "db"), ("DB_PORT", "5432")], &[("db", 5432)]);
        check(&[("KC_DB_URL_HOST", "db"), ("KC_DB_URL_PORT", "1")], &[("db", 1)]);
        check(&[("dbHost", "db"), ("dbPort", "2")], &[("db", 2)]);
        check(&[("REDIS_SERVER", "a,b"), ("REDIS_SERVER_PORT", "3")], &[("a,b", 3)]);
        check(&[("DB_NAME", "db"), ("DB_PORT", "4"), ("X_HOST", "x")], &[]);
        check(&[("DB_HOST", "db"), ("DB_PORT", "${X}")], &[]);
    }

    #[test]
    fn flags_are_paired_in_one_command() {
        let check = |command, expected: &[(&str, u16)]| {
            let pairs = of_flags(command);
            assert_eq!(
                pairs.iter().map(|pair| (pair.hosts, pair.port)).collect::<Vec<_>>(),
                expected,
                "{command}"
            );
        };
        check("run --db-host=db --db-port 5432", &[("db", 5432)]);
        check("pg_isready -h db -p 5433 -U x", &[("db", 5433)]);
        check("mysqladmin ping -h 'db' -P 3307", &[("db", 3307)]);
        check("a -h db; b -p 1", &[]);
        check("a --host -p 1", &[]);
    }
}
