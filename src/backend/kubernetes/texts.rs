//! The texts of a service in which addresses can stand: variables, words, files that travel with it (N26, N141 to N143).
//!
//! Finds addresses, not names of services: those `normalise` has found already.

use super::storage::bind_of;
use crate::diag::Span;
use crate::model::{
    BindDecision, ConfigName, Content, Environment, EnvironmentValue, File, Grant, Health, Project, Service,
    Test, Tree, Words,
};

/// One text and where it stands.
pub(crate) struct Text<'a> {
    /// What it is, for messages: `environment.DB`, `nginx.conf`.
    pub(crate) place: String,
    /// Where.
    pub(crate) span: Span,
    /// The text; of a file, lines that are comments are left out.
    pub(crate) content: std::borrow::Cow<'a, str>,
    /// It belongs to the health check, which runs inside the container.
    pub(crate) is_health: bool,
}

/// Returns all texts of a service. Values of secrets are not among them.
pub(crate) fn of_service<'a>(project: &'a Project, service: &'a Service) -> Vec<Text<'a>> {
    let mut texts = Vec::new();
    environment(&service.process.environment, "environment", &mut texts);
    words(&service.process.entrypoint, "entrypoint", &mut texts);
    words(&service.process.command, "command", &mut texts);
    if let Health::Check(check) = &service.health {
        let (Test::Exec(words) | Test::Shell(words)) = &check.value.test.value;
        texts.extend(
            words
                .iter()
                .map(|word| Text { is_health: true, ..line("healthcheck", check.value.test.span, word) }),
        );
    }
    for (key, hook) in service.lifecycle.hooks() {
        words(&hook.command, key, &mut texts);
        environment(&hook.environment, key, &mut texts);
    }
    for mount in &service.mounts {
        if let Some(bind) = bind_of(project, &mount.source) {
            match &bind.decision {
                BindDecision::File(found) => file(found, mount.span, &mut texts),
                BindDecision::Directory(tree) => files(tree, mount.span, &mut texts),
                BindDecision::Null
                | BindDecision::Omitted(_)
                | BindDecision::HostPath { .. }
                | BindDecision::Scratch { .. }
                | BindDecision::Data { .. }
                | BindDecision::Unclear(_)
                | BindDecision::TooLarge(_)
                | BindDecision::Unreadable(_) => {}
            }
        }
    }
    service.configs.iter().for_each(|grant| config(project, grant, &mut texts));
    texts
}

fn line(place: impl Into<String>, span: Span, text: &str) -> Text<'_> {
    Text { place: place.into(), span, content: text.into(), is_health: false }
}

fn environment<'a>(environment: &'a Environment, key: &str, texts: &mut Vec<Text<'a>>) {
    texts.extend(environment.iter().filter_map(|(name, value)| match value {
        EnvironmentValue::Literal { value, sensitive: _ } => {
            Some(line(format!("{key}.{name}"), value.span, &value.value))
        }
        EnvironmentValue::Unset(_) => None,
    }));
}

fn words<'a>(words: &'a Words, key: &str, texts: &mut Vec<Text<'a>>) {
    match words {
        Words::Words(words) => texts.extend(words.value.iter().map(|word| line(key, words.span, word))),
        Words::Inherit | Words::Cleared(_) => {}
    }
}

fn config<'a>(project: &'a Project, grant: &Grant<ConfigName>, texts: &mut Vec<Text<'a>>) {
    let Some(config) = project.configs.get(&grant.source) else { return };
    match &config.content {
        Content::File { span, file: found } => file(found, *span, texts),
        Content::Directory { span, tree } => files(tree, *span, texts),
        Content::Inline(bytes) => {
            if let Ok(text) = std::str::from_utf8(&bytes.value) {
                texts.push(Text {
                    place: format!("configs.{}", grant.source),
                    span: bytes.span,
                    content: without_comments(text).into(),
                    is_health: false,
                });
            }
        }
        Content::External(_)
        | Content::Driver(_)
        | Content::Environment { .. }
        | Content::Missing { .. }
        | Content::TooLarge { .. } => {}
    }
}

fn files(tree: &Tree, span: Span, texts: &mut Vec<Text<'_>>) {
    for found in tree.values() {
        file(found, span, texts);
    }
}

fn file(file: &File, span: Span, texts: &mut Vec<Text<'_>>) {
    let Ok(text) = std::str::from_utf8(&file.bytes) else { return };
    texts.push(Text {
        place: file.path.clone(),
        span,
        content: without_comments(text).into(),
        is_health: false,
    });
}

/// Leaves the comments of a file out: they break nothing (N141).
fn without_comments(text: &str) -> String {
    let is_comment = |line: &str| {
        let line = line.trim_start();
        line.starts_with('#') || line.starts_with(';') || line.starts_with("//")
    };
    text.split_inclusive('\n').filter(|line| !is_comment(line)).collect()
}

/// Tells whether a host name or address stands in a text as a whole, whatever case it has.
pub(crate) fn names_host(text: &str, host: &str) -> bool {
    ports_behind(text, host).next().is_some()
}

/// Returns for each place where a host stands in a text as a whole the port behind it, where there is one.
pub(crate) fn ports_behind<'t>(text: &'t str, host: &'t str) -> impl Iterator<Item = Option<u16>> + 't {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter_map(move |start| {
        let end = start.checked_add(host.len())?;
        let here = bytes.get(start..end)?;
        let whole = start.checked_sub(1).is_none_or(|before| !continues(bytes[before]));
        if !whole || !here.eq_ignore_ascii_case(host.as_bytes()) {
            return None;
        }
        let rest = &bytes[end..];
        // A dot at the end closes a sentence or a full name, before more of a name it does not.
        let goes_on = match rest {
            [b'.', next, ..] => continues(*next),
            [next, ..] => continues(*next) && *next != b'.',
            [] => false,
        };
        (!goes_on).then(|| port(rest))
    })
}

fn continues(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

fn port(rest: &[u8]) -> Option<u16> {
    let digits = rest.strip_prefix(b":")?;
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&digits[..length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_as_a_whole() {
        assert!(names_host("http://127.0.0.11/x", "127.0.0.11"));
        assert!(names_host("to 127.0.0.11.", "127.0.0.11"));
        assert!(names_host("Host.Docker.Internal:80", "host.docker.internal"));
        for other in ["127.0.0.111", "1127.0.0.11", "127.0.0.11.5", "x-127.0.0.11", "127.0.0.1"] {
            assert!(!names_host(other, "127.0.0.11"), "{other}");
        }
    }

    #[test]
    fn ports_stand_behind_hosts() {
        let ports: Vec<_> = ports_behind("localhost:5432,localhost, [::1]:80", "localhost").collect();
        assert_eq!(ports, [Some(5432), None]);
        assert_eq!(ports_behind("[::1]:80", "[::1]").collect::<Vec<_>>(), [Some(80)]);
        assert_eq!(ports_behind("localhost:99999", "localhost").collect::<Vec<_>>(), [None]);
    }
}
