//! Patterns: those of the Compose schema (section 13, `schema`), and globs for names of services (L43).

use super::Fault;

/// Says whether a key can name a service, volume, secret or config: `^[a-zA-Z0-9._-]+$`.
pub(crate) fn is_resource_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_resource_byte)
}

/// Says whether a text holds a `container_name`: two such characters anywhere, the first a letter or digit.
pub(crate) fn is_container_name(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_alphanumeric() && is_resource_byte(pair[1]))
}

/// Says whether a key can name a ulimit: `^[a-z]+$`.
pub(crate) fn is_ulimit_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Says whether a key is an extension: `^x-`.
pub(crate) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

/// Says whether a text holds a pull policy anywhere: one of the words, or `every_` with a number and a unit.
pub(crate) fn is_pull_policy(text: &str) -> bool {
    const WORDS: [&str; 8] =
        ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    let is_interval = |rest: &str| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest[digits..].starts_with(['w', 'd', 'h', 'm', 's'])
    };
    WORDS.iter().any(|word| text.contains(word)) || text.split("every_").skip(1).any(is_interval)
}

const fn is_resource_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// A glob as Go's `path.Match` reads it: `*` and `?` (not over `/`), `[a-z]`, `[^a]`, `\` before a literal character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Star,
    Any,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    /// Reads a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut reader = Reader { text, at: 0 };
        while let Some(character) = reader.next() {
            pieces.push(match character {
                '*' => Piece::Star,
                '?' => Piece::Any,
                '\\' => Piece::Literal(reader.escaped()?),
                '[' => reader.class()?,
                other => Piece::Literal(other),
            });
        }
        // A run of stars means the same as one, and one is cheaper to match.
        pieces.dedup_by(|a, b| *a == Piece::Star && *b == Piece::Star);
        Ok(Self(pieces))
    }

    /// Says whether a whole name fits.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut piece, mut at) = (0, 0);
        // Where to go on when a piece does not fit: behind the last star, which takes one character more.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(piece), name.get(at)) {
                (None, None) => return true,
                (Some(Piece::Star), _) => {
                    piece += 1;
                    retry = Some((piece, at));
                    continue;
                }
                (Some(wanted), Some(character)) if wanted.takes(*character) => {
                    piece += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match retry {
                Some((behind_star, start)) if name.get(start).is_some_and(|skipped| *skipped != '/') => {
                    piece = behind_star;
                    at = start + 1;
                    retry = Some((behind_star, at));
                }
                _ => return false,
            }
        }
    }
}

impl Piece {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => character != '/',
            Self::Literal(wanted) => *wanted == character,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn escaped(&mut self) -> Result<char, Fault> {
        let start = self.at - 1;
        self.next().ok_or_else(|| Fault::new(start..self.text.len(), "nothing follows the last `\\`"))
    }

    /// Reads what follows an opening bracket. An empty class is an error, as is a `]` or `-` without backslash.
    fn class(&mut self) -> Result<Piece, Fault> {
        let start = self.at - 1;
        let negated = self.take('^');
        let mut ranges = Vec::new();
        loop {
            if !ranges.is_empty() && self.take(']') {
                return Ok(Piece::Class { negated, ranges });
            }
            let low = self.member(start)?;
            let high = if self.take('-') { self.member(start)? } else { low };
            ranges.push((low, high));
        }
    }

    fn member(&mut self, start: usize) -> Result<char, Fault> {
        let fault = |end: usize| Fault::new(start..end, "this `[...]` is not complete");
        match self.next() {
            None | Some('-' | ']') => Err(fault(self.at)),
            Some('\\') => self.escaped(),
            Some(character) => Ok(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_patterns() {
        for (name, legal) in
            [("a", true), ("A.b_c-1", true), ("", false), ("a b", false), ("é", false), ("a\n", false)]
        {
            assert_eq!(is_resource_name(name), legal, "{name}");
        }
        for (text, legal) in [
            ("ab", true),
            ("a", false),
            ("a-", true),
            ("-a", false),
            ("!ab!", true),
            ("é.a", false),
            ("", false),
        ] {
            assert_eq!(is_container_name(text), legal, "{text}");
        }
        assert!(is_ulimit_name("nofile") && !is_ulimit_name("") && !is_ulimit_name("a1"));
        assert!(is_extension("x-") && !is_extension("X-a") && !is_extension("x"));
    }

    #[test]
    fn pull_policies_are_found_anywhere() {
        for text in
            ["always", "if_not_present", "daily", "every_12h", "every_1w2d", "x-always-x", "every_every_1s"]
        {
            assert!(is_pull_policy(text), "{text}");
        }
        for text in ["", "Always", "every_", "every_h", "every_12", "every_1y", "monthly"] {
            assert!(!is_pull_policy(text), "{text}");
        }
    }

    fn check(pattern: &str, name: &str, expected: bool) {
        assert_eq!(Glob::parse(pattern).expect(pattern).matches(name), expected, "{pattern} {name}");
    }

    #[test]
    fn globs_match_whole_names() {
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("*", "abc", true),
            ("*", "", true),
            ("*c", "abc", true),
            ("a*", "ab/c", false),
            ("a*/b", "a/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a[!a]b", "a!b", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("[\\]a]", "]", true),
            ("[\\-x]", "-", true),
            ("[x\\-]", "z", false),
            ("[a-b-c-d]", "c", false),
            ("a[^a]b", "aéb", true),
            ("a??b", "aéb", false),
            ("[/]", "/", true),
        ] {
            if pattern == "[a-b-c-d]" {
                assert!(Glob::parse(pattern).is_err());
            } else {
                check(pattern, name, expected);
            }
        }
    }

    #[test]
    fn broken_globs_are_refused() {
        for pattern in ["[", "[]", "[]a]", "[-]", "[x-]", "[-x]", "[^", "[^bc", "a[", "\\", "[a\\", "[a-"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(200);
        check(&pattern, &"a".repeat(199), false);
        check(&pattern, &"a".repeat(2000), true);
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(pattern in "[a-c*?\\[\\]\\\\^/é-]{0,12}", name in "[a-c/é-]{0,12}") {
                if let Ok(glob) = Glob::parse(&pattern) {
                    glob.matches(&name);
                }
                let _ = (is_pull_policy(&pattern), is_container_name(&pattern));
            }

            #[test]
            fn a_name_matches_itself(name in "[a-z0-9._é-]{0,12}") {
                prop_assert!(Glob::parse(&name).expect("no sign").matches(&name));
            }
        }
    }
}
