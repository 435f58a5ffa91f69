//! Hooks as one line for `cmd`, where nodes run Windows (K91).
//!
//! The runtime puts a backslash before each quote of an argument, which `cmd` takes for a letter: so nothing is quoted here,
//! and what would need it is found by [`unspeakable`].

use super::{literals, words};
use crate::diag::Span;
use crate::model::Hook;

/// Writes a hook as `cmd /S /C …` with a shell of its own, so that its directory and variables end with it. `/S` keeps what
/// follows as it stands; two shells read the words, each takes a layer of escapes off.
pub(super) fn line(hook: &Hook) -> String {
    let directory = hook.working_dir.iter().map(|directory| format!("cd /d {}", escaped(directory)));
    // A blank before the sign would become a part of the value.
    let variables =
        literals(&hook.environment).map(|(name, value)| format!("set {}={}", escaped(name), escaped(value)));
    let command = words(hook).iter().map(|word| escaped(word)).collect::<Vec<_>>().join(" ");
    let script: Vec<String> = directory.chain(variables).chain([command]).collect();
    format!("cmd /S /C {}", escaped(&script.join("&&")))
}

/// Returns the place of the first word or directory that `cmd` cannot be given: one with blanks or quotes, or an empty one;
/// of a value of a variable: one with quotes or line breaks, or an empty one, which takes the variable away.
pub(super) fn unspeakable(hook: &Hook) -> Option<Span> {
    let breaks = |text: &str| text.contains(['"', '\r', '\n']);
    let splits = |text: &str| text.is_empty() || breaks(text) || text.contains([' ', '\t']);
    let words = words(hook).iter().find(|word| splits(word)).map(|_| hook.span);
    let directory = hook.working_dir.as_ref().filter(|directory| splits(directory));
    let value =
        literals(&hook.environment).find(|(name, value)| splits(name) || value.is_empty() || breaks(value));
    words.or(directory.map(|directory| directory.span)).or(value.map(|(_, value)| value.span))
}

/// Escapes what `cmd` reads as its own. A sign before `%` makes the name one that no variable has, which leaves it alone.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '&' | '|' | '<' | '>' | '(' | ')' | '^' | '%') {
            escaped.push('^');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::hook;
    use crate::model::EnvironmentValue;

    #[test]
    fn each_hook_has_a_shell_of_its_own() {
        let mut hook = hook(&["app.exe", "a&b"]);
        hook.working_dir = Some(at(r"C:\srv".to_owned()));
        let value = EnvironmentValue::Literal { value: at("x y".to_owned()), sensitive: false };
        hook.environment.insert("A".to_owned(), value);
        assert_eq!(unspeakable(&hook), None);
        assert_eq!(line(&hook), r"cmd /S /C cd /d C:\srv^&^&set A=x y^&^&app.exe a^^^&b");
    }

    #[test]
    fn words_that_need_quotes_cannot_be_given() {
        for word in ["a b", "say \"x\"", ""] {
            assert!(unspeakable(&hook(&["app.exe", word])).is_some(), "{word}");
        }
    }
}
