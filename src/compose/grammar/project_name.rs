//! Names of projects: what is one, and how another text becomes one (L7).

use super::Fault;

/// Makes a project name of any text: lower case, only letters, digits, `_` and `-`, beginning with a letter or digit.
/// Nothing may be left.
pub(crate) fn normalise(text: &str) -> String {
    let allowed: String = text.to_lowercase().chars().filter(|c| is_allowed(*c)).collect();
    allowed.trim_start_matches(['_', '-']).to_owned()
}

/// Checks a name that a flag or the environment gives, which is not normalised. The empty name passes: it is none.
pub(crate) fn check(name: &str) -> Result<(), Fault> {
    if name.starts_with(['_', '-']) {
        return Err(Fault::new(0..1, "a project name begins with a lower-case letter or a digit"));
    }
    match name.char_indices().find(|(_, c)| !is_allowed(*c)) {
        Some((at, character)) => Err(Fault::new(
            at..at + character.len_utf8(),
            "a project name consists of lower-case letters, digits, `-` and `_`",
        )),
        None => Ok(()),
    }
}

const fn is_allowed(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_characters_are_deleted() {
        for (text, expected) in [
            ("my-app_2", "my-app_2"),
            ("My App", "myapp"),
            ("__-a", "a"),
            (".config", "config"),
            ("été", "t"),
            ("a.b/c", "abc"),
            ("--", ""),
            ("", ""),
        ] {
            assert_eq!(normalise(text), expected, "{text}");
        }
    }

    #[test]
    fn given_names_must_be_normal() {
        assert_eq!(check("a-1_b"), Ok(()));
        assert_eq!(check("1"), Ok(()));
        assert_eq!(check(""), Ok(()));
        for (name, place) in
            [("App", 0..1), ("aB", 1..2), ("_a", 0..1), ("-", 0..1), ("a b", 1..2), ("aé", 1..3)]
        {
            assert_eq!(check(name).expect_err(name).range, place, "{name}");
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn normal_names_are_their_own(text in "\\PC{0,20}") {
                let name = normalise(&text);
                prop_assert_eq!(check(&name), Ok(()));
                prop_assert_eq!(check(&text).is_ok(), name == text);
            }
        }
    }
}
