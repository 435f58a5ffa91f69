//! Health tests that are one HTTP request by `curl` or `wget` (K44). Only on request: what they do is near to an HTTP
//! probe, never provably the same.

use k8s_openapi::api::core::v1::{HTTPGetAction, HTTPHeader};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::model::Test;

/// Reads a test as one request to the container itself; `own_name` is the service's.
pub(crate) fn parse(test: &Test, own_name: &str) -> Option<HTTPGetAction> {
    let words: Vec<String> = match test {
        Test::Exec(words) => words.clone(),
        Test::Shell(parts) => match parts.as_slice() {
            [script] => shell_words(script)?,
            _ => return None,
        },
    };
    let request: Vec<&str> = words.iter().map(String::as_str).collect();
    let (program, arguments) = without_exit(&request).split_first()?;
    let url = match program.rsplit('/').next()? {
        "curl" => only_url(arguments, &CURL)?,
        "wget" => only_url(arguments, &WGET)?,
        _ => return None,
    };
    action(url, own_name)
}

/// Options that change nothing about whether the request succeeds.
struct Options {
    /// Letters that may stand together behind one dash.
    letters: &'static str,
    /// Letter that takes a value.
    valued_letter: char,
    words: &'static [&'static str],
    /// Words that take a value, after `=` or as the next word.
    valued_words: &'static [&'static str],
}

const CURL: Options = Options {
    letters: "fsSkI",
    valued_letter: 'o',
    words: &["--fail", "--silent", "--show-error", "--insecure", "--head"],
    valued_words: &["--max-time", "--output"],
};

const WGET: Options = Options {
    letters: "q",
    valued_letter: 'O',
    words: &["--quiet", "--spider", "--no-verbose", "--no-check-certificate"],
    valued_words: &["--tries", "--output-document"],
};

fn only_url<'a>(arguments: &[&'a str], options: &Options) -> Option<&'a str> {
    let mut url = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (*argument, None),
        };
        if options.words.contains(&name) && value.is_none() {
            continue;
        }
        if options.valued_words.contains(&name) {
            if value.is_none() {
                rest.next()?;
            }
            continue;
        }
        if argument.starts_with("--") {
            return None;
        }
        if let Some(letters) = argument.strip_prefix('-') {
            if takes_next(letters, options)? {
                rest.next()?;
            }
            continue;
        }
        if url.replace(*argument).is_some() {
            return None;
        }
    }
    url
}

/// Tells whether letters behind one dash take the next word as a value; `None` for unknown ones.
fn takes_next(letters: &str, options: &Options) -> Option<bool> {
    let (plain, value) = match letters.split_once(options.valued_letter) {
        Some((plain, value)) => (plain, Some(value)),
        None => (letters, None),
    };
    let known = !letters.is_empty() && plain.chars().all(|letter| options.letters.contains(letter));
    known.then(|| value == Some(""))
}

/// Cuts `|| exit 1` off.
fn without_exit<'a, 'b>(words: &'b [&'a str]) -> &'b [&'a str] {
    words.strip_suffix(&["||", "exit", "1"]).unwrap_or(words)
}

/// Splits a text that holds nothing a shell would act on but quotes and `||`.
fn shell_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in text.chars() {
        let is_acted_on = match quote {
            Some('\'') => false,
            Some(_) => matches!(character, '$' | '`' | '\\'),
            None => "$`\\;&<>()*#~".contains(character),
        };
        if is_acted_on {
            return None;
        }
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (_, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    // `?` is a letter of URLs; the shell reads it as a pattern that matches no file here.
    let pipes_are_or = words.iter().all(|word| !word.contains('|') || word == "||");
    (quote.is_none() && pipes_are_or).then_some(words)
}

fn action(url: &str, own_name: &str) -> Option<HTTPGetAction> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_uppercase(), rest),
        None => ("HTTP".to_owned(), url),
    };
    let default_port = match scheme.as_str() {
        "HTTP" => 80,
        "HTTPS" => 443,
        _ => return None,
    };
    let rest = rest.split('#').next()?;
    let path_starts = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_starts);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, port.parse::<u16>().ok().filter(|port| *port > 0)?)
        }
        _ => (authority, default_port),
    };
    let is_own = ["localhost", "127.0.0.1", "[::1]", own_name].contains(&host);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    is_own.then(|| HTTPGetAction {
        path: Some(path),
        port: IntOrString::Int(port.into()),
        scheme: Some(scheme),
        http_headers: Some(vec![HTTPHeader { name: "Host".to_owned(), value: authority.to_owned() }]),
        host: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Option<(String, IntOrString, String)> {
        let action = parse(&Test::Shell(vec![text.to_owned()]), "web")?;
        Some((action.path?, action.port, action.scheme?))
    }

    #[test]
    fn one_request_to_itself_is_read() {
        let expected = Some(("/health?x=1".to_owned(), IntOrString::Int(8080), "HTTP".to_owned()));
        assert_eq!(shell("curl -fsS -o /dev/null 'http://localhost:8080/health?x=1' || exit 1"), expected);
        assert_eq!(shell("wget -q --spider --tries=1 -O- http://127.0.0.1:8080/health?x=1"), expected);
        let secure = Some(("/".to_owned(), IntOrString::Int(443), "HTTPS".to_owned()));
        assert_eq!(shell("curl -k --max-time 3 https://web"), secure);
    }

    #[test]
    fn exec_words_are_read_too() {
        let words = ["curl", "-f", "http://[::1]:9000"].map(ToOwned::to_owned).to_vec();
        let action = parse(&Test::Exec(words), "web").expect("one request");
        assert_eq!(action.port, IntOrString::Int(9000));
        assert_eq!(
            action.http_headers.map(|headers| headers[0].value.clone()).as_deref(),
            Some("[::1]:9000")
        );
    }

    #[test]
    fn anything_else_stays_a_command() {
        for text in [
            "curl -X POST http://localhost",
            "curl http://localhost http://localhost",
            "curl http://db:5432",
            "curl http://user@localhost/",
            "curl http://localhost:$PORT/",
            "curl http://localhost | grep ok",
            "curl http://localhost || exit 2",
            "curl -L http://localhost",
            "curl ftp://localhost",
            "pg_isready",
            "curl",
        ] {
            assert_eq!(shell(text), None, "{text}");
        }
    }
}
