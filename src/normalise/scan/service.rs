//! The texts that stand in a service itself: environment, command lines, health check, hooks, labels.

use super::{Naming, OwnTexts, Scan, exact, finds, own, pairs};
use crate::diag::{Span, Spanned};
use crate::model::{
    Environment, EnvironmentValue, Health, Hook, Protocol, Service, ServiceName, Test, Words,
};

/// Reads the texts of a service, in the order: environment, entrypoint, command, health check, hooks.
pub(super) fn texts(scan: &Scan, name: &ServiceName, service: &Service) -> OwnTexts {
    let mut reading = Reading { scan, path: format!("services.{name}"), texts: OwnTexts::default() };
    reading.environment("environment", &service.process.environment, true);
    reading.command_line(&service.process.entrypoint, &service.process.command);
    reading.health(&service.health);
    for (key, hook) in service.lifecycle.hooks() {
        reading.hook(key, hook);
    }
    let identity = &service.identity;
    for (key, labels) in [("labels", &identity.labels), ("deploy.labels", &identity.service_labels)] {
        for (label, value) in labels {
            if let Some((port, protocol)) = own::of_label(label, value) {
                let place = format!("services.{name}.{key}.{label}");
                reading.texts.proxied.push((port, protocol, place, value.span));
            }
        }
    }
    reading.texts
}

struct Reading<'s> {
    scan: &'s Scan<'s>,
    path: String,
    texts: OwnTexts,
}

impl Reading<'_> {
    fn environment(&mut self, key: &str, environment: &Environment, own: bool) {
        let values: Vec<(&str, &Spanned<String>)> = environment
            .iter()
            .filter_map(|(name, value)| match value {
                EnvironmentValue::Literal { value, .. } => Some((name.as_str(), value)),
                EnvironmentValue::Unset(_) => None,
            })
            .filter(|(name, _)| !exact::is_about_images(name))
            .collect();
        for (name, value) in &values {
            let place = format!("{}.{key}.{name}", self.path);
            self.text(&place, value, value.span);
            for host in exact::names(name, value, |name| self.scan.names.knows(name)) {
                self.push(host, &place, value.span, None, true);
            }
            if !own {
                continue;
            }
            if let Some(port) = own::of_variable(name, value) {
                self.texts.weak.push((port, Protocol::Tcp, place.clone(), value.span));
            }
            if let Some(port) = own::of_proxy_variable(name, value) {
                self.texts.proxied.push((port, Protocol::Tcp, place, value.span));
            }
        }
        let texts: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for pair in pairs::of_variables(&texts) {
            let span = environment.get(pair.variable).map(span_of);
            if let Some(span) = span {
                let place = format!("{}.{key}.{}", self.path, pair.variable);
                self.pair(&pair, &place, span);
            }
        }
    }

    fn command_line(&mut self, entrypoint: &Words, command: &Words) {
        // Behind an entrypoint the first word of the command is an argument, no program.
        let before = matches!(entrypoint, Words::Words(words) if !words.is_empty());
        for (key, words, before) in [("entrypoint", entrypoint, false), ("command", command, before)] {
            if let Words::Words(words) = words {
                let place = format!("{}.{key}", self.path);
                self.command(&place, words, words.span, before);
                for port in own::of_command(&words.join(" ")) {
                    self.texts.weak.push((port, Protocol::Tcp, place.clone(), words.span));
                }
            }
        }
    }

    fn health(&mut self, health: &Health) {
        let Health::Check(check) = health else { return };
        let test = &check.test;
        let place = format!("{}.healthcheck.test", self.path);
        let (Test::Exec(words) | Test::Shell(words)) = &test.value;
        self.command(&place, words, test.span, false);
        for find in own::of_health_check(&words.join(" ")) {
            self.texts.weak.push((find.port, find.protocol, place.clone(), test.span));
        }
    }

    fn hook(&mut self, key: &str, hook: &Hook) {
        if let Words::Words(words) = &hook.command {
            let place = format!("{}.{key}", self.path);
            self.command(&place, words, words.span, false);
        }
        self.environment(&format!("{key}.environment"), &hook.environment, false);
    }

    /// Words of a command: hosts with ports, pairs of flags, and arguments that are names. `before`: its first word is an
    /// argument too.
    fn command(&mut self, place: &str, words: &[String], span: Span, before: bool) {
        let text = words.join(" ");
        self.text(place, &text, span);
        for pair in pairs::of_flags(&text) {
            self.pair(&pair, place, span);
        }
        let program: &[String] = if before { &[String::new()] } else { &[] };
        let words: Vec<String> = program.iter().chain(words).cloned().collect();
        for argument in exact::arguments(&words) {
            let flag = argument.flag.unwrap_or_default();
            for host in exact::names(flag, argument.value, |name| self.scan.names.knows(name)) {
                self.push(host, place, span, None, argument.flag.is_some());
            }
        }
    }

    fn text(&mut self, place: &str, text: &str, span: Span) {
        for find in finds::finds(text, |name| self.scan.names.knows(name), &self.scan.images) {
            self.push(find.name, place, span, Some((find.port, find.protocol)), true);
        }
    }

    fn pair(&mut self, pair: &pairs::Pair, place: &str, span: Span) {
        for host in exact::list(pair.hosts, |name| self.scan.names.knows(name)) {
            self.push(host, place, span, Some((pair.port, Protocol::Tcp)), true);
        }
    }

    fn push(
        &mut self,
        name: String,
        place: &str,
        span: Span,
        port: Option<(u16, Protocol)>,
        counts_for_own: bool,
    ) {
        self.texts.namings.push(Naming { name, place: place.to_owned(), span, port, counts_for_own });
    }
}

fn span_of(value: &EnvironmentValue) -> Span {
    match value {
        EnvironmentValue::Literal { value, .. } => value.span,
        EnvironmentValue::Unset(span) => *span,
    }
}
