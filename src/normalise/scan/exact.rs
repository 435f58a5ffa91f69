//! Values that are a service's name and nothing else: they name it without a port (N26).

use super::super::words;
use super::pairs::HOST_WORDS;

/// Words of a name whose value is an account, a database or a word, not a host.
const OTHER_MEANINGS: &[&str] = &["USER", "USERNAME", "DB", "DATABASE", "NAME", "PASSWORD", "PASS", "SCHEMA"];

/// Words of a name whose value is an image (a).
const IMAGE_WORDS: &[&str] = &["IMAGE", "TAG", "VERSION"];

/// Tells whether a variable's value is about images, in which nothing is a find.
pub(super) fn is_about_images(variable: &str) -> bool {
    has_word(variable, IMAGE_WORDS)
}

/// Returns the names in the value of a variable or flag, if it is a list of nothing else.
pub(super) fn names(variable: &str, value: &str, knows: impl Fn(&str) -> bool) -> Vec<String> {
    // `WORDPRESS_DB_HOST` is a host all the same.
    let other = has_word(variable, OTHER_MEANINGS) && !has_word(variable, HOST_WORDS);
    if other { Vec::new() } else { list(value, knows) }
}

/// Returns the names in a text, lower case, if it is one of them or a comma list.
pub(super) fn list(value: &str, knows: impl Fn(&str) -> bool) -> Vec<String> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_lowercase()).collect();
    if names.iter().all(|name| is_name(name) && knows(name)) { names } else { Vec::new() }
}

/// A number is no host, even where a service is called so (g).
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word of a command that may name a service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Argument<'a> {
    /// The flag that it belongs to, without dashes.
    pub(super) flag: Option<&'a str>,
    pub(super) value: &'a str,
}

/// Returns the arguments of a command: its words but the first, and what stands behind the `=` of a flag.
pub(super) fn arguments(words: &[String]) -> Vec<Argument<'_>> {
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs
        .filter_map(|(before, word)| {
            let flag = |text: &'_ str| text.starts_with('-');
            if flag(word) {
                let (name, value) = word.split_once('=')?;
                return Some(Argument { flag: Some(name.trim_start_matches('-')), value });
            }
            let own = flag(before) && !before.contains('=');
            Some(Argument { flag: own.then(|| before.trim_start_matches('-')), value: word.as_str() })
        })
        .filter(|argument| !matches!(argument.flag, Some("u" | "U" | "user")))
        .collect()
}

fn has_word(name: &str, list: &[&str]) -> bool {
    words::split(name).iter().any(|word| list.contains(&word.text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> bool {
        ["db", "web", "7"].contains(&name)
    }

    #[test]
    fn values_are_names_or_lists_of_names() {
        assert_eq!(names("DB_HOST", "DB, web", known), ["db", "web"]);
        for (variable, value) in
            [("POSTGRES_USER", "db"), ("MYSQL_DATABASE", "db"), ("X", "db,other"), ("X", "7"), ("X", "")]
        {
            assert!(names(variable, value, known).is_empty(), "{variable}={value}");
        }
        assert!(is_about_images("WEB_IMAGE") && !is_about_images("IMAGES"));
    }

    #[test]
    fn arguments_know_their_flag() {
        let words: Vec<String> =
            ["web", "db", "--host=db", "-x", "db", "-u", "db", "--y=1", "web"].map(str::to_owned).to_vec();
        let found: Vec<_> =
            arguments(&words).iter().map(|argument| (argument.flag, argument.value)).collect();
        assert_eq!(
            found,
            [(None, "db"), (Some("host"), "db"), (Some("x"), "db"), (Some("y"), "1"), (None, "web")]
        );
    }
}
