//! Shell patterns: `*`, `?`, `[…]`, `\x`, and `**` over whole parts of a path. Never takes longer than text times pattern.

/// Tells whether a name matches a pattern; neither holds a `/`.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let pattern = tokens(pattern);
    let name: Vec<char> = name.chars().collect();
    wildcard(&pattern, &name, |token| matches!(token, Token::Any), |token, character| token.takes(*character))
}

/// Tells whether a path matches a pattern, part by part; a part `**` stands for any number of them, at the end for at
/// least one.
pub(super) fn matches_path(pattern: &[String], path: &[&str]) -> bool {
    let path = match pattern.split_last() {
        Some((last, _)) if last == "**" => path.split_last().map(|(_, rest)| rest),
        _ => Some(path),
    };
    path.is_some_and(|path| {
        wildcard(pattern, path, |part| part == "**", |part, name: &&str| matches(part, name))
    })
}

/// The greedy match with one point to go back to: the last wildcard seen is the only one that needs to grow.
fn wildcard<P, T>(
    pattern: &[P],
    text: &[T],
    any: impl Fn(&P) -> bool,
    takes: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while position < text.len() {
        if pattern.get(at).is_some_and(&any) {
            back = Some((at, position));
            at += 1;
        } else if pattern.get(at).is_some_and(|token| takes(token, &text[position])) {
            at += 1;
            position += 1;
        } else if let Some((star, start)) = back {
            back = Some((star, start + 1));
            at = star + 1;
            position = start + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(any)
}

enum Token {
    Any,
    One,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Literal(literal) => *literal == character,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&character)) != *negated
            }
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        at += 1;
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '[' => match class(&characters[at..]) {
                Some((class, length)) => {
                    at += length;
                    class
                }
                None => Token::Literal('['),
            },
            '\\' => {
                let escaped = characters.get(at).copied().unwrap_or('\\');
                at += 1;
                Token::Literal(escaped)
            }
            other => Token::Literal(*other),
        });
    }
    tokens
}

/// Reads `…]` behind `[`; `None` when it is not closed.
fn class(characters: &[char]) -> Option<(Token, usize)> {
    let negated = matches!(characters.first(), Some('!' | '^'));
    let begin = usize::from(negated);
    // A `]` right behind the opening is a member.
    let close = begin + 1 + characters.get(begin + 1..)?.iter().position(|character| *character == ']')?;
    let mut ranges = Vec::new();
    let mut at = begin;
    while at < close {
        let first = characters[at];
        if at + 2 < close && characters[at + 1] == '-' {
            ranges.push((first, characters[at + 2]));
            at += 3;
        } else {
            ranges.push((first, first));
            at += 1;
        }
    }
    Some((Token::Class { negated, ranges }, close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_patterns() {
        for (pattern, name) in [
            ("*", ""),
            ("*.txt", "a.txt"),
            ("a*b*c", "axxbyyc"),
            ("?b", "äb"),
            ("[a-c]x", "bx"),
            ("[!a]x", "bx"),
            ("[]]", "]"),
            ("\\*", "*"),
            ("[", "["),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.txt", "a.txtx"), ("?", ""), ("[a-c]", "d"), ("\\*", "a"), ("", "a")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        assert!(!matches(&"*a".repeat(1000), &"a".repeat(999)));
    }

    #[test]
    fn paths_match_part_by_part() {
        let check = |pattern: &str, path: &str| {
            let parts: Vec<String> = pattern.split('/').map(str::to_owned).collect();
            matches_path(&parts, &path.split('/').collect::<Vec<_>>())
        };
        assert!(check("a/*/c", "a/b/c"));
        assert!(check("**/c", "c"));
        assert!(check("**/c", "a/b/c"));
        assert!(check("a/**/c", "a/c"));
        assert!(check("a/**", "a/b/c"));
        assert!(!check("a/**", "a"));
        assert!(!check("a/*", "a/b/c"));
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[a*?\\[\\]!^\\\\-é]{0,12}", name in "[a-cé-]{0,12}") {
            let _ = matches(&pattern, &name);
            assert!(matches("*", &name));
        }
    }
}
