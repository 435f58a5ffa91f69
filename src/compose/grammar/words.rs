//! Command lines as text: words as go-shellwords splits them, without any expansion (L35).

use super::Fault;

/// The words of a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The words, quotes and escapes resolved.
    pub(crate) words: Vec<String>,
    /// Place of the operator that ended the command; what stands there and behind it is lost.
    pub(crate) truncated_at: Option<usize>,
}

/// What surrounds a character. States do not nest: each looks at those that it heeds.
#[derive(Default)]
struct Inside {
    escape: Option<usize>,
    single: Option<usize>,
    double: Option<usize>,
    /// Backquotes.
    back: Option<usize>,
    /// `$(`, but a stray `)` also switches it on.
    dollar: Option<usize>,
}

impl Inside {
    const fn any_quote(&self) -> bool {
        self.single.is_some() || self.double.is_some() || self.back.is_some() || self.dollar.is_some()
    }

    /// Says what is still open at the end.
    fn open(&self, text: &str) -> Option<Fault> {
        let place = |at: &usize| *at..text.len();
        let fault = |at: &Option<usize>, reason: &str| at.as_ref().map(|at| Fault::new(place(at), reason));
        fault(&self.escape, "nothing follows the last `\\`")
            .or_else(|| fault(&self.single, "there is no closing `'`"))
            .or_else(|| fault(&self.double, "there is no closing `\"`"))
            .or_else(|| fault(&self.back, "there is no closing backquote"))
            .or_else(|| {
                let stray = |at: &usize| text[*at..].starts_with(')');
                let reason = if self.dollar.as_ref().is_some_and(stray) {
                    "`)` closes nothing; quote it"
                } else {
                    "there is no closing `)`"
                };
                fault(&self.dollar, reason)
            })
    }
}

fn toggle(state: &mut Option<usize>, at: usize) {
    *state = if state.is_some() { None } else { Some(at) };
}

/// Splits a command line into words.
pub(crate) fn split(text: &str) -> Result<Words, Fault> {
    let mut words = Vec::new();
    let mut truncated_at = None;
    let mut inside = Inside::default();
    let mut word = String::new();
    let mut begun = false;
    for (at, character) in text.char_indices() {
        if inside.escape.take().is_some() {
            word.push(character);
            begun = true;
            continue;
        }
        match character {
            '\\' if inside.single.is_none() => {
                inside.escape = Some(at);
                continue;
            }
            // As upstream, a backslash in single quotes does not begin a word by itself; the closing quote does.
            '\\' => {
                word.push(character);
                continue;
            }
            ' ' | '\t' | '\r' | '\n' => {
                if inside.any_quote() {
                    word.push(character);
                } else if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
                continue;
            }
            '`' if inside.single.is_none() && inside.double.is_none() && inside.dollar.is_none() => {
                toggle(&mut inside.back, at);
            }
            ')' if inside.single.is_none() && inside.double.is_none() && inside.back.is_none() => {
                toggle(&mut inside.dollar, at);
            }
            '(' if inside.single.is_none() && inside.double.is_none() && inside.back.is_none() => {
                if inside.dollar.is_some() || !word.ends_with('$') {
                    return Err(Fault::new(at..at + 1, "`(` outside quotes may only follow `$`"));
                }
                inside.dollar = Some(at);
            }
            '"' if inside.single.is_none() && inside.dollar.is_none() => {
                begun |= inside.double.is_some();
                toggle(&mut inside.double, at);
                continue;
            }
            '\'' if inside.double.is_none() && inside.dollar.is_none() => {
                begun |= inside.single.is_some();
                toggle(&mut inside.single, at);
                continue;
            }
            ';' | '&' | '|' | '<' | '>' if !inside.any_quote() => {
                // `2>` redirects a descriptor, so a word that begins with a digit is no word.
                begun &= character != '>' || !word.starts_with(|first: char| first.is_ascii_digit());
                truncated_at = Some(at);
                break;
            }
            _ => {}
        }
        word.push(character);
        begun = true;
    }
    if begun {
        words.push(word);
    }
    inside.open(text).map_or(Ok(Words { words, truncated_at }), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let result = split(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(result.words, expected, "{text}");
        assert_eq!(result.truncated_at, None, "{text}");
    }

    fn check_cut(text: &str, expected: &[&str], rest: &str) {
        let result = split(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(result.words, expected, "{text}");
        assert_eq!(result.truncated_at.map(|at| &text[at..]), Some(rest), "{text}");
    }

    fn check_fault(text: &str, place: &str) {
        let fault = split(text).expect_err(text);
        assert_eq!(&text[fault.range], place, "{text}");
    }

    #[test]
    fn space_separates() {
        check("", &[]);
        check(" \t\r\n", &[]);
        check(" a  b\tc\nd ", &["a", "b", "c", "d"]);
        check("a\u{a0}b é", &["a\u{a0}b", "é"]);
        check("a # b", &["a", "#", "b"]);
    }

    #[test]
    fn quotes_join() {
        check("'a b' \"c d\" e'f'\"g\"", &["a b", "c d", "efg"]);
        check("'' \"\" a''", &["", "", "a"]);
        check("'\"' \"'\"", &["\"", "'"]);
        check("sh -c 'a && b | c'", &["sh", "-c", "a && b | c"]);
    }

    #[test]
    fn backslash_takes_the_next_character() {
        check(r"a\ b \n", &["a b", "n"]);
        check("\"a\\nb\"", &["anb"]);
        check(r"'a\nb'", &[r"a\nb"]);
        check(r#""\"" \;"#, &["\"", ";"]);
        check("a \\\nb", &["a", "\nb"]);
    }

    #[test]
    fn substitutions_group_and_stay() {
        check("echo $(date +%s) `a b` $X", &["echo", "$(date +%s)", "`a b`", "$X"]);
        check("a$(b; c)d", &["a$(b; c)d"]);
        check("`a ( b`", &["`a ( b`"]);
        check("a ) b ) c", &["a", ") b )", "c"]);
        check("$('a')", &["$('a')"]);
    }

    #[test]
    fn operators_end_the_command() {
        check_cut("sh -c echo; ls", &["sh", "-c", "echo"], "; ls");
        check_cut("a && b", &["a"], "&& b");
        check_cut("a|b", &["a"], "|b");
        check_cut("a 2> x", &["a"], "> x");
        check_cut("a 2x> x", &["a"], "> x");
        check_cut("a x2> x", &["a", "x2"], "> x");
        check_cut("a 2< x", &["a", "2"], "< x");
        check_cut("; 'open", &[], "; 'open");
        check_cut("''>", &[""], ">");
    }

    #[test]
    fn what_is_open_is_refused() {
        check_fault("echo (x)", "(");
        check_fault("it's", "'s");
        check_fault("a \"b", "\"b");
        check_fault("a `b", "`b");
        check_fault("a $(b", "(b");
        check_fault("a ) b", ") b");
        check_fault("$(a $(b))", "(");
        check_fault("a \\", "\\");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[a2 \t\n'\"`$();|>\\\\é]{0,40}") {
                if let Err(fault) = split(&text) {
                    prop_assert!(text.get(fault.range).is_some());
                }
            }

            #[test]
            fn quoted_words_come_back(words in prop::collection::vec("[^']{0,10}", 0..5)) {
                let text: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
                prop_assert_eq!(split(&text.join(" ")).expect("valid").words, words);
            }
        }
    }
}
