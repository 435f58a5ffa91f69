//! `ARG` and `ENV` of a Dockerfile, and the words that use them.

use std::collections::{BTreeMap, BTreeSet};

/// Defaults may nest (`${A:-${B:-c}}`); nobody needs more than this.
const MAX_NESTING: usize = 16;

/// No text of a Dockerfile that names a fact is longer; an expansion beyond it is given up.
const MAX_EXPANSION: usize = 4 * 1024;

/// Values kept at a time: enough for any real file, and a bound for one that doubles its variables.
const MAX_HELD: usize = 1024 * 1024;

/// Variables with their values; what is not here may be set by the base image, and is unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, String>,
    /// Names that `ENV` set: no `ARG` changes them any more.
    fixed: BTreeSet<String>,
    held: usize,
}

impl Variables {
    /// Variables before the first `FROM`: those that the builder declares itself, as far as `args` give them.
    pub(super) fn global(args: &BTreeMap<String, String>) -> Self {
        let mut variables = Self::default();
        for (name, value) in args.iter().filter(|(name, _)| is_predefined(name)) {
            variables.put(name, Some(value.clone()));
        }
        variables
    }

    /// `ARG NAME[=DEFAULT] …`: an argument of the build wins over the default; without default the global value counts.
    pub(super) fn declare(&mut self, rest: &str, args: &BTreeMap<String, String>, global: Option<&Self>) {
        for word in split_words(rest, '\\') {
            let (name, default) = match word.split_once('=') {
                Some((name, default)) => (name, self.expand(default, '\\')),
                None => (word.as_str(), None),
            };
            let global = || global.and_then(|global| global.values.get(name));
            let value = args.get(name).cloned().or(default).or_else(|| global().cloned());
            if value.is_some() && !self.fixed.contains(name) {
                self.put(name, value);
            }
        }
    }

    /// `ENV NAME=VALUE …` or `ENV NAME VALUE`.
    pub(super) fn set(&mut self, rest: &str, escape: char) {
        let (first, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let pairs: Vec<(String, String)> = if first.contains('=') {
            let words = split_words(rest, escape);
            words
                .iter()
                .filter_map(|word| word.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        } else {
            vec![(first.to_owned(), tail.trim().to_owned())]
        };
        // All values of one instruction see the variables from before it.
        let values: Vec<_> = pairs.iter().map(|(_, value)| self.expand(value, escape)).collect();
        for ((name, _), value) in pairs.into_iter().zip(values) {
            self.put(&name, value);
            self.fixed.insert(name);
        }
    }

    fn put(&mut self, name: &str, value: Option<String>) {
        let freed = self.values.remove(name).map_or(0, |old| old.len());
        self.held -= freed;
        if let Some(value) = value.filter(|value| self.held + value.len() <= MAX_HELD) {
            self.held += value.len();
            self.values.insert(name.to_owned(), value);
        }
    }

    /// Replaces variables and removes quotes; `None` when a variable in it is unknown.
    pub(super) fn expand(&self, word: &str, escape: char) -> Option<String> {
        Expansion { variables: self, escape, nesting: 0 }.word(word)
    }
}

fn is_predefined(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("_proxy")
        || name.starts_with("TARGET")
        || name.starts_with("BUILDPLATFORM")
        || ["BUILDOS", "BUILDARCH", "BUILDVARIANT"].contains(&name)
}

/// Splits at blanks outside quotes; quotes and escapes stay.
pub(super) fn split_words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match quote {
            None if character.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if character == '"' || character == '\'' => quote = Some(character),
            Some(open) if character == open => quote = None,
            _ => {}
        }
        word.push(character);
        if character == escape && quote != Some('\'') {
            word.extend(characters.next());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

struct Expansion<'a> {
    variables: &'a Variables,
    escape: char,
    nesting: usize,
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

impl Expansion<'_> {
    fn word(&self, word: &str) -> Option<String> {
        let mut result = String::new();
        let mut characters = word.chars().peekable();
        let mut quote = None;
        while let Some(character) = characters.next() {
            match (quote, character) {
                (None, '"' | '\'') => quote = Some(character),
                (Some(open), character) if character == open => quote = None,
                (Some('\''), character) => result.push(character),
                (_, '$') => result.push_str(&self.dollar(&mut characters)?),
                (None, character) if character == self.escape => result.extend(characters.next()),
                (Some(_), character) if character == self.escape => {
                    let special =
                        characters.next_if(|next| *next == '"' || *next == '$' || *next == self.escape);
                    result.push(special.unwrap_or(character));
                }
                (_, character) => result.push(character),
            }
            if result.len() > MAX_EXPANSION {
                return None;
            }
        }
        Some(result)
    }

    /// What stands behind a `$`.
    fn dollar(&self, characters: &mut Characters) -> Option<String> {
        if characters.next_if_eq(&'{').is_some() {
            return self.braces(characters);
        }
        let name = name(characters);
        if name.is_empty() { Some("$".to_owned()) } else { self.variables.values.get(&name).cloned() }
    }

    /// `NAME}`, `NAME:-word}` and so on, behind `${`. Patterns (`#`, `%`, `/`) are left unknown.
    fn braces(&self, characters: &mut Characters) -> Option<String> {
        let name = name(characters);
        let inner = up_to_brace(characters)?;
        let value = self.variables.values.get(&name);
        let colon = inner.starts_with(':');
        let full = value.filter(|value| !(colon && value.is_empty()));
        let tail = inner.strip_prefix(':').unwrap_or(&inner);
        match (tail.chars().next(), full) {
            (None, _) => value.cloned(),
            (Some('-' | '?'), Some(value)) => Some(value.clone()),
            (Some('-'), None) | (Some('+'), Some(_)) => self.nested(&tail[1..]),
            (Some('+'), None) => Some(String::new()),
            _ => None,
        }
    }

    fn nested(&self, word: &str) -> Option<String> {
        let inner = Self { nesting: self.nesting + 1, ..*self };
        if inner.nesting > MAX_NESTING { None } else { inner.word(word) }
    }
}

fn name(characters: &mut Characters) -> String {
    let mut name = String::new();
    while let Some(next) = characters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
        name.push(next);
    }
    name
}

/// Takes everything up to the brace that closes; `None` when none does.
fn up_to_brace(characters: &mut Characters) -> Option<String> {
    let mut inner = String::new();
    let mut open = 0;
    for character in characters.by_ref() {
        match character {
            '{' => open += 1,
            '}' if open == 0 => return Some(inner),
            '}' => open -= 1,
            _ => {}
        }
        inner.push(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        let mut variables = Variables::default();
        variables.set("A=x E= S='a b'", '\\');
        assert_eq!(variables.expand(word, '\\').as_deref(), expected, "{word}");
    }

    #[test]
    fn variables_are_replaced_where_known() {
        check("$A/${A}y", Some("x/xy"));
        check("$U", None);
        check("${U:-d}-${U-d}-${A:-d}", Some("d-d-x"));
        check("[${E:-d}][${E-d}]", Some("[d][]"));
        check("${A:+y}${U:+y}${E:+y}${E+z}", Some("yz"));
        check("${U:-${A}$S}", Some("xa b"));
        check("${A#x}", None);
        check("${A", None);
        check("a$ $1", None);
        check("100$", Some("100$"));
    }

    #[test]
    fn quotes_and_escapes_are_taken_away() {
        check("\"$A\"'$A'", Some("x$A"));
        check("\\$A \"\\$A\" \"\\n\"", Some("$A $A \\n"));
    }

    #[test]
    fn both_forms_of_env_are_read() {
        let mut variables = Variables::default();
        variables.set("ONE  two words ", '\\');
        variables.set("TWO=2 THREE=\"3 $ONE\" FOUR=$TWO$ONE", '\\');
        assert_eq!(variables.expand("$ONE|$TWO|$THREE", '\\').as_deref(), Some("two words|2|3 two words"));
        assert_eq!(variables.expand("$FOUR", '\\'), None);
    }

    #[test]
    fn arguments_beat_defaults_and_globals_fill_gaps() {
        let args = BTreeMap::from([("A".to_owned(), "given".to_owned())]);
        let mut global = Variables::global(&args);
        global.declare("A=1 B=2", &args, None);
        let mut stage = Variables::default();
        stage.set("D=env", '\\');
        stage.declare("A B C=$B D=arg", &args, Some(&global));
        assert_eq!(stage.expand("$A $B $C $D", '\\').as_deref(), Some("given 2 2 env"));
    }

    #[test]
    fn deep_nesting_is_given_up() {
        let deep = format!("{}x{}", "${U:-".repeat(100), "}".repeat(100));
        assert_eq!(Variables::default().expand(&deep, '\\'), None);
    }
}
