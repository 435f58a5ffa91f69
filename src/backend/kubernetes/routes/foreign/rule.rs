//! Rules of Traefik, read into "or of ands" of hosts and paths (N54). Knows no label.

/// Longest rule that is read: what people write is shorter, and the work must end.
const LONGEST: usize = 4096;
/// Deepest nesting of brackets.
const DEEPEST: usize = 32;
/// Most alternatives that a rule may stand for.
const MOST: usize = 256;

/// One alternative of a rule: where requests must go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alternative {
    /// Host; `None` matches all.
    pub(super) host: Option<String>,
    /// Path.
    pub(super) path: String,
    /// The path as a whole, not what begins with it.
    pub(super) exact: bool,
}

/// What a rule says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    /// Alternatives that can be said with hosts and paths.
    pub(super) alternatives: Vec<Alternative>,
    /// Some alternative needs more than hosts and paths, or cannot be read.
    pub(super) has_more: bool,
}

/// Reads a rule.
pub(super) fn read(text: &str) -> Rule {
    let unread = Rule { alternatives: Vec::new(), has_more: true };
    if text.len() > LONGEST {
        return unread;
    }
    let mut reader = Reader { rest: text.trim_start(), depth: 0 };
    match reader.either() {
        Some(found) if reader.rest.is_empty() => resolve(found),
        _ => unread,
    }
}

/// One matcher with one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Matcher {
    Host(String),
    Prefix(String),
    Exact(String),
    /// Anything that hosts and paths cannot say.
    Other,
}

type Either = Vec<Vec<Matcher>>;

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn either(&mut self) -> Option<Either> {
        let mut found = self.all()?;
        while self.take("||") {
            found.extend(self.all()?);
        }
        (found.len() <= MOST).then_some(found)
    }

    fn all(&mut self) -> Option<Either> {
        let mut found = self.one()?;
        while self.take("&&") {
            let other = self.one()?;
            if found.len().saturating_mul(other.len()) > MOST {
                return None;
            }
            found = found
                .iter()
                .flat_map(|left| other.iter().map(|right| [left.as_slice(), right].concat()))
                .collect();
        }
        Some(found)
    }

    fn one(&mut self) -> Option<Either> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let found = if self.take("!") {
            // Everything but something is nothing that hosts and paths can say.
            self.one().map(|_| vec![vec![Matcher::Other]])
        } else if self.take("(") {
            let found = self.either()?;
            self.take(")").then_some(found)
        } else {
            self.matcher()
        };
        self.depth -= 1;
        found
    }

    fn matcher(&mut self) -> Option<Either> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if name.is_empty() || !self.take("(") {
            return None;
        }
        let mut arguments = Vec::new();
        while !self.take(")") {
            arguments.push(self.argument()?);
            if !self.take(",") && !self.rest.starts_with(')') {
                return None;
            }
        }
        let of = |argument: String| match name.to_ascii_lowercase().as_str() {
            "host" => Matcher::Host(argument),
            "pathprefix" => Matcher::Prefix(argument),
            "path" => Matcher::Exact(argument),
            _ => Matcher::Other,
        };
        match name.to_ascii_lowercase().as_str() {
            // Several arguments of these are alternatives; of others they belong together.
            "host" | "pathprefix" | "path" if !arguments.is_empty() => {
                Some(arguments.into_iter().map(|argument| vec![of(argument)]).collect())
            }
            _ => Some(vec![vec![Matcher::Other]]),
        }
    }

    fn argument(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '`' | '"' | '\''))?;
        let inner = &self.rest[1..];
        let end = inner.find(quote)?;
        let argument = inner[..end].to_owned();
        self.rest = inner[end + 1..].trim_start();
        Some(argument)
    }
}

fn resolve(found: Either) -> Rule {
    let mut rule = Rule::default();
    for all in found {
        match alternative(&all) {
            Meaning::Route(alternative) => rule.alternatives.push(alternative),
            Meaning::Nothing => {}
            Meaning::More => rule.has_more = true,
        }
    }
    rule.alternatives.sort();
    rule.alternatives.dedup();
    rule
}

/// What matchers mean together.
enum Meaning {
    Route(Alternative),
    /// They contradict each other, as two hosts at once: no request is like that.
    Nothing,
    /// More than hosts and paths can say.
    More,
}

/// Puts matchers that must all hold together.
fn alternative(all: &[Matcher]) -> Meaning {
    let mut host: Option<&str> = None;
    let mut path: (&str, bool) = ("/", false);
    for matcher in all {
        match matcher {
            Matcher::Other => return Meaning::More,
            Matcher::Host(name) => match host {
                Some(known) if !known.eq_ignore_ascii_case(name) => return Meaning::Nothing,
                _ => host = Some(name),
            },
            Matcher::Prefix(text) | Matcher::Exact(text) => {
                // Braces are patterns of older versions.
                if !text.starts_with('/') || text.contains(['{', '}']) {
                    return Meaning::More;
                }
                let next = (text.as_str(), matches!(matcher, Matcher::Exact(_)));
                match narrower(path, next) {
                    Some(narrow) => path = narrow,
                    None => return Meaning::Nothing,
                }
            }
        }
    }
    let (path, exact) = (path.0.to_owned(), path.1);
    Meaning::Route(Alternative { host: host.map(str::to_ascii_lowercase), path, exact })
}

fn narrower<'t>(one: (&'t str, bool), other: (&'t str, bool)) -> Option<(&'t str, bool)> {
    let within = |inner: (&str, bool), outer: (&str, bool)| {
        if outer.1 { inner == outer } else { inner.0.starts_with(outer.0) }
    };
    if within(one, other) {
        Some(one)
    } else if within(other, one) {
        Some(other)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alternatives(text: &str) -> (Vec<String>, bool) {
        let Rule { alternatives, has_more } = read(text);
        let words = alternatives.into_iter().map(|Alternative { host, path, exact }| {
            format!("{}{path}{}", host.unwrap_or_else(|| "*".to_owned()), if exact { "=" } else { "" })
        });
        (words.collect(), has_more)
    }

    #[test]
    fn hosts_and_paths_become_alternatives() {
        for (rule, expected) in [
            ("Host(`a.b`)", vec!["a.b/"]),
            ("Host(`A.b`, `c.d`)", vec!["a.b/", "c.d/"]),
            ("Host(\"a.b\") && PathPrefix(`/x`)", vec!["a.b/x"]),
            ("Host(`a`) && (Path(`/x`) || PathPrefix(`/y`))", vec!["a/x=", "a/y"]),
            ("PathPrefix(`/x`) && PathPrefix(`/x/y`)", vec!["*/x/y"]),
            ("Host(`a`) && Host(`b`)", vec![]),
            ("Host(`a`)&&Host(`a`)||Host(`b`)", vec!["a/", "b/"]),
        ] {
            assert_eq!(
                alternatives(rule),
                (expected.iter().map(ToString::to_string).collect(), false),
                "{rule}"
            );
        }
    }

    #[test]
    fn what_hosts_and_paths_cannot_say_is_left() {
        for rule in [
            "HostRegexp(`.*`)",
            "Host(`a`) && Method(`GET`)",
            "Host(`a`) && !PathPrefix(`/x`)",
            "PathPrefix(`/{id:[0-9]+}`)",
            "Host(`a`",
            "Host:a.b",
            "",
        ] {
            assert_eq!(alternatives(rule), (vec![], true), "{rule}");
        }
        assert_eq!(alternatives("Host(`a`) || Headers(`X`, `1`)"), (vec!["a/".to_owned()], true));
    }

    proptest! {
        #[test]
        fn no_rule_breaks_the_reader(rule in "[A-Z(`)!&| /a,]{0,200}") {
            read(&rule);
        }
    }

    #[test]
    fn huge_rules_are_not_expanded() {
        let bomb = vec!["(Host(`a`)||Host(`b`))"; 40].join("&&");
        assert!(read(&bomb).has_more);
        assert!(read(&"(".repeat(4000)).has_more);
        assert!(read(&"!".repeat(4000)).has_more);
    }
}
