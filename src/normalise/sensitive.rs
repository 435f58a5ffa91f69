//! Which variables hold something secret, by their name or by their value (N103).
//!
//! Knows no hint: `sensitive` is asked before. What a value alone gives away lies in [`secret_value`].
//!
//! [`secret_value`]: super::secret_value

use super::secret_value::{self, value_looks_secret};
use super::words::{self, Word};

/// Names with one of these ends say where, how or how long, not what.
const HARMLESS_ENDS: &[&str] = &[
    "_FILE",
    "_PATH",
    "_DIR",
    "_URL",
    "_URI",
    "_REALM",
    "_NAME",
    "_USER",
    "_USERNAME",
    "_ID",
    "_TTL",
    "_LIFETIME",
    "_EXPIRY",
    "_EXPIRATION",
    "_EXPIRES",
    "_TIMEOUT",
    "_LENGTH",
    "_SIZE",
    "_COUNT",
    "_LIMIT",
    "_POLICY",
    "_ALGORITHM",
    "_HEADER",
    "_ENABLED",
    "_METHOD",
    "_TYPE",
    "_PREFIX",
    "_ISSUER",
    "_ENDPOINT",
    "PUBLIC_KEY",
];

/// Names that begin so switch something, or are sent to every browser.
const HARMLESS_STARTS: &[&str] =
    &["ALLOW_", "ENABLE_", "DISABLE_", "REQUIRE_", "NEXT_PUBLIC_", "VITE_", "REACT_APP_"];

/// Values that say nothing, whatever the name.
const HARMLESS_VALUES: &[&str] = &["true", "false", "yes", "no", "on", "off", "0", "1", "null", "none"];

/// Words for what a person types.
const PASSWORD_WORDS: &[&str] = &["PASSWORD", "PASSWD", "PASSPHRASE"];

const SECRET_WORDS: &[&str] =
    &["SECRET", "SECRETS", "TOKEN", "CREDENTIAL", "CREDENTIALS", "APIKEY", "SALT", "PEPPER"];

/// What stands before `KEY` when the key opens something.
const KEY_KINDS: &[&str] = &[
    "API",
    "ACCESS",
    "PRIVATE",
    "SECRET",
    "ENCRYPTION",
    "SIGNING",
    "MASTER",
    "AUTH",
    "ACCOUNT",
    "STORAGE",
    "LICENSE",
];

const SECRET_NAMES: &[&str] = &["NEO4J_AUTH", "REDIS_AUTH", "REDISCLI_AUTH"];

/// Fewer digits than this are a port, a time or a number of things.
const DIGITS_OF_A_SECRET: usize = 16;

/// Tells whether a variable holds something secret.
pub(crate) fn is_sensitive(name: &str, value: &str) -> bool {
    (!is_harmless_value(value) && name_is_secret(name, value)) || value_looks_secret(value)
}

fn is_harmless_value(value: &str) -> bool {
    value.is_empty()
        || HARMLESS_VALUES.iter().any(|word| value.eq_ignore_ascii_case(word))
        || value.starts_with("/run/secrets/")
}

fn name_is_secret(name: &str, value: &str) -> bool {
    let words = words::split(name);
    let joined = words::joined(&words);
    if is_harmless_name(&joined) || is_public_url(value) || is_path_of_file(value) {
        return false;
    }
    if is_password_name(&words) {
        return true;
    }
    let few_digits = value.len() < DIGITS_OF_A_SECRET && value.bytes().all(|byte| byte.is_ascii_digit());
    !few_digits && (SECRET_NAMES.contains(&joined.as_str()) || has_secret_words(&words, value))
}

fn is_harmless_name(joined: &str) -> bool {
    matches!(joined, "PWD" | "OLDPWD")
        || HARMLESS_ENDS.iter().any(|end| joined.ends_with(end))
        || HARMLESS_STARTS.iter().any(|start| joined.starts_with(start))
}

fn is_password_name(words: &[Word]) -> bool {
    let last = words.last().map_or("", |word| word.text.as_str());
    last == "PWD"
        || last.ends_with("PASS")
        || words
            .iter()
            .any(|word| PASSWORD_WORDS.contains(&word.text.as_str()) || word.text.ends_with("PASSWORD"))
}

fn has_secret_words(words: &[Word], value: &str) -> bool {
    let last = words.last().map_or("", |word| word.text.as_str());
    words.iter().any(|word| SECRET_WORDS.contains(&word.text.as_str()))
        || words.windows(2).any(|pair| is_secret_pair(&pair[0].text, &pair[1].text))
        || matches!(last, "DSN" | "COOKIE")
        || (last == "KEY" && looks_like_key(value))
}

fn is_secret_pair(first: &str, second: &str) -> bool {
    (second == "KEY" && KEY_KINDS.contains(&first)) || (first == "CONNECTION" && second == "STRING")
}

/// A key of something else is a path, a file or a sentence.
fn looks_like_key(value: &str) -> bool {
    value.chars().count() >= 8 && !value.contains(['/', '.', ' ', '\t', '\n'])
}

/// A URL without user part, from the first to the last character.
fn is_public_url(value: &str) -> bool {
    secret_value::urls(value).next().is_some_and(|url| url.start == 0 && url.user_info.is_none())
}

/// An absolute path with an extension is read by the program, and is no secret itself.
fn is_path_of_file(value: &str) -> bool {
    let name = value.rsplit('/').next().unwrap_or_default();
    value.starts_with('/') && name.trim_start_matches('.').contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_a_secret_mark_the_value() {
        for (name, value) in [
            ("POSTGRES_PASSWORD", "postgres"),
            ("PGPASSWORD", "x"),
            ("dbPassword", "x"),
            ("REDIS_PASSWD", "x"),
            ("SSH_PASSPHRASE", "x"),
            ("SMTP_PASS", "x"),
            ("MYSQL_ROOT_PWD", "1234"),
            ("PIN_PASSWORD", "123456"),
            ("JWT_SECRET", "s"),
            ("CLIENT_SECRETS", "s"),
            ("TOKEN", "t"),
            ("SECRET_KEY_BASE", "abc"),
            ("GOOGLE_CREDENTIALS", "abc"),
            ("MYAPP_APIKEY", "abc"),
            ("PASSWORD_SALT", "abc"),
            ("APIKey", "abc"),
            ("AWS_ACCESS_KEY", "abc"),
            ("AZURE_STORAGE_KEY", "abc"),
            ("SENTRY_DSN", "https://key@sentry.io/1"),
            ("ERLANG_COOKIE", "monster"),
            ("Azure.Connection.String", "x"),
            ("APP_KEY", "base64abcd"),
            ("NEO4J_AUTH", "neo4j/test"),
            ("API_TOKEN", "1234567890123456"),
        ] {
            assert!(is_sensitive(name, value), "{name}={value}");
        }
    }

    #[test]
    fn names_and_values_that_say_nothing_do_not() {
        for (name, value) in [
            ("PASSWORD", ""),
            ("ALLOW_EMPTY_PASSWORD", "please"),
            ("USE_TOKEN", "True"),
            ("TOKEN", "none"),
            ("POSTGRES_PASSWORD", "/run/secrets/db"),
            ("POSTGRES_PASSWORD_FILE", "/x"),
            ("TOKEN_URL", "abc"),
            ("TOKEN_TTL", "abc"),
            ("SECRET_NAME", "abc"),
            ("JWT_PUBLIC_KEY", "abcdefghij"),
            ("VITE_API_KEY", "abcdefghij"),
            ("PWD", "secret"),
            ("OLDPWD", "secret"),
            ("DATABASE_DSN", "postgres://db/app"),
            ("SECRET", "/etc/ssl/key.pem"),
            ("TOKEN", "3600"),
            ("APP_KEY", "short"),
            ("APP_KEY", "config/app.key"),
            ("SSL_KEY", "some words here"),
            ("COMPASS_HEADING", "north"),
            ("KEYBOARD", "querty-keyboard"),
            ("MONKEY", "chimpanzee"),
        ] {
            assert!(!is_sensitive(name, value), "{name}={value}");
        }
    }

    #[test]
    fn values_count_whatever_the_name_says() {
        assert!(is_sensitive("DATABASE_URL", "postgres://app:geheim@db/app"));
        assert!(is_sensitive("VITE_SUPABASE", "eyJhbGci.eyJzdWIi.c2ln"));
        assert!(!is_sensitive("DATABASE_URL", "postgres://app@db/app"));
    }
}
