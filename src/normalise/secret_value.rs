//! What a text gives away as secret, whatever it is called (N103, part 3). Linear in the length of the text.

/// The beginning of a kind of token, and which characters go on in it.
type TokenStart = (&'static str, fn(u8) -> bool);

/// Tokens that services hand out.
const TOKEN_STARTS: &[TokenStart] = &[
    ("AKIA", is_plain),
    ("ghp_", is_plain),
    ("gho_", is_plain),
    ("ghs_", is_plain),
    ("github_pat_", is_token),
    ("glpat-", is_token),
    ("xoxb-", is_token),
    ("xoxp-", is_token),
    ("sk_live_", is_plain),
    ("rk_live_", is_plain),
    ("SG.", is_token),
    ("AIza", is_token),
    ("dckr_pat_", is_token),
    ("npm_", is_plain), // `npm_config_…` is a setting
    ("hvs.", is_token),
];

/// So many more characters make a token of a beginning.
const TOKEN_REST: usize = 16;

/// Tells whether a text holds something that is secret by its form. Words of a command are joined by a blank before.
pub(crate) fn value_looks_secret(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
        || text.contains("hooks.slack.com/services/")
        || urls(text).any(|url| url.user_info.is_some_and(has_password))
        || has_password_setting(text)
        || has_required_password(text)
        || has_token(text)
}

/// A URL in a text, as far as its authority.
pub(super) struct Url<'a> {
    /// First byte of the scheme.
    pub(super) start: usize,
    /// The scheme, such as `jdbc:postgresql`.
    pub(super) scheme: &'a str,
    /// What stands before the last `@` of the authority.
    pub(super) user_info: Option<&'a str>,
    /// Hosts and ports, behind that.
    pub(super) hosts: &'a str,
    /// First byte of the hosts.
    pub(super) hosts_start: usize,
}

/// Finds the URLs of a text. An authority ends before the next `/`, so no byte is looked at twice.
pub(super) fn urls(text: &str) -> impl Iterator<Item = Url<'_>> {
    text.match_indices("://").filter_map(move |(colon, _)| {
        let start = scheme_start(text, colon);
        let scheme = text.get(start..colon).filter(|scheme| !scheme.is_empty())?;
        let rest = &text[colon + 3..];
        let authority = &rest[..rest.find(ends_authority).unwrap_or(rest.len())];
        let (user_info, hosts) = match authority.rfind('@') {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, authority),
        };
        let hosts_start = colon + 3 + (authority.len() - hosts.len());
        Some(Url { start, scheme, user_info, hosts, hosts_start })
    })
}

/// Schemes are short; the limit keeps the search linear.
fn scheme_start(text: &str, colon: usize) -> usize {
    let bytes = text.as_bytes();
    let mut start = colon;
    while start > 0
        && colon - start < 40
        && (bytes[start - 1].is_ascii_alphanumeric() || b"+.-:".contains(&bytes[start - 1]))
    {
        start -= 1;
    }
    while start < colon && !bytes[start].is_ascii_alphabetic() {
        start += 1;
    }
    start
}

fn ends_authority(character: char) -> bool {
    character.is_whitespace() || "/?#\"'`<>\\|;".contains(character)
}

fn has_password(user_info: &str) -> bool {
    user_info.split_once(':').is_some_and(|(_, password)| is_written_out(password))
}

/// A value that begins with `$` is read by a shell or by the program; it is not here.
fn is_written_out(password: &str) -> bool {
    let bare = password.trim_start_matches(['"', '\'']);
    !bare.is_empty() && !bare.starts_with('$')
}

/// `password=` and `pwd=` in a list, as in connection strings, queries and option files.
fn has_password_setting(text: &str) -> bool {
    text.split(|character: char| character.is_whitespace() || ";&?".contains(character)).any(|item| {
        item.split_once('=').is_some_and(|(key, value)| {
            let key = key.trim_start_matches(['"', '\'']);
            (key.eq_ignore_ascii_case("password") || key.eq_ignore_ascii_case("pwd")) && is_written_out(value)
        })
    })
}

/// `requirepass X` of redis, in a file or on its command line.
fn has_required_password(text: &str) -> bool {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word.trim_start_matches(['-', '"', '\'']) == "requirepass"
            && words.next().is_some_and(is_written_out)
        {
            return true;
        }
    }
    false
}

fn has_token(text: &str) -> bool {
    text.split(|character: char| !(character.is_ascii() && (is_token(character as u8) || character == '.')))
        .any(|run| is_web_token(run) || is_issued_token(run))
}

/// Three dotted parts, of which the first is JSON in base 64.
fn is_web_token(run: &str) -> bool {
    let mut parts = run.split('.').skip_while(|part| !part.starts_with("eyJ"));
    (0..3).all(|_| parts.next().is_some_and(|part| !part.is_empty()))
}

fn is_issued_token(run: &str) -> bool {
    // Behind `-` and `.` a token may begin too (`Bearer-…`, `.npmrc` lists); `_` and letters belong to a longer name.
    let starts = std::iter::once(0).chain(run.match_indices(['-', '.']).map(|(index, _)| index + 1));
    starts.into_iter().any(|start| {
        TOKEN_STARTS.iter().any(|(begin, belongs)| {
            run[start..].strip_prefix(begin).is_some_and(|rest| {
                rest.bytes().take(TOKEN_REST).take_while(|byte| belongs(*byte)).count() == TOKEN_REST
            })
        })
    })
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_forms_are_seen() {
        for text in [
            "postgres://app:geheim@db:5432/app",
            "redis://:geheim@redis",
            "x amqp://u:p@a,b/ y",
            "Server=db;User Id=sa;Password=geheim;",
            "host=db password=geheim dbname=x",
            "jdbc:mysql://db/x?user=u&password=geheim",
            "jdbc:mysql://db/x?password=geheim",
            "[client]\nuser=u\npassword=geheim\n",
            "pwd='geheim'",
            "redis-server --requirepass geheim",
            "port 1\nrequirepass geheim\n",
            "-----BEGIN RSA PRIVATE KEY-----",
            "AKIAABCDEFGHIJKLMNOP",
            "token: ghp_0123456789abcdefghij",
            "github_pat_0123456789_abcdefghij",
            "glpat-0123456789_abc-defg",
            "key=SG.0123456789_abcdefghij",
            "AIza0123456789_abcdefghij",
            "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0",
            "https://hooks.slack.com/services/T0/B0/x",
        ] {
            assert!(value_looks_secret(text), "{text}");
        }
    }

    #[test]
    fn harmless_forms_are_not() {
        for text in [
            "",
            "postgres://app@db:5432/app",
            "postgres://app:@db/app",
            "postgres://app:$PASSWORD@db/app",
            "postgres://app:\"$PASSWORD\"@db/app",
            "http://web:80/a@b:c",
            "password=",
            "password=\"$PASSWORD\"",
            "--password=geheim",
            "requirepass",
            "requirepass ${REDIS_PASSWORD}",
            "AKIAshort",
            "npm_config_unsafe_permission",
            "my_ghp_0123456789abcdefghij",
            "eyJhbGci.eyJzdWIi",
            "eyJhbGci..x",
            "-----BEGIN PUBLIC KEY-----",
        ] {
            assert!(!value_looks_secret(text), "{text}");
        }
    }

    #[test]
    fn urls_are_taken_apart() {
        let text = "url=jdbc:postgresql://u:p@db:5432,b/x 'http://web'";
        let found: Vec<_> =
            urls(text).map(|url| (url.scheme, url.user_info, url.hosts, url.hosts_start)).collect();
        assert_eq!(found, [("jdbc:postgresql", Some("u:p"), "db:5432,b", 26), ("http", None, "web", 46)]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[a-z:/@$?&=.;\\-_é]{0,40}") {
            let _ = value_looks_secret(&text);
            let _ = crate::normalise::sensitive::is_sensitive(&text, &text);
        }
    }
}
