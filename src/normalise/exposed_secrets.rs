//! Secret values that stand in command lines and hooks, where every target would write them in the clear (N103).

use crate::diag::{Diagnostic, Sink, Span};
use crate::model::codes::SharedCode;
use crate::model::{EnvironmentValue, Health, Hook, Process, Service, ServiceName, Test, Words};

use super::secret_value::value_looks_secret;

/// Shorter values stand in commands by chance.
const SHORTEST_VALUE: usize = 6;

/// Tells of secret values in `command`, `entrypoint`, `healthcheck` and hooks of a service; never which.
pub(super) fn report(name: &ServiceName, service: &Service, sink: &mut Sink) {
    let process = &service.process;
    for (key, words) in [("entrypoint", &process.entrypoint), ("command", &process.command)] {
        if let Words::Words(words) = words {
            report_text(name, key, &words.join(" "), words.span, process, sink);
        }
    }
    if let Health::Check(check) = &service.health {
        let (Test::Exec(words) | Test::Shell(words)) = &check.test.value;
        report_text(name, "healthcheck.test", &words.join(" "), check.test.span, process, sink);
    }
    for (key, hook) in service.lifecycle.hooks() {
        report_hook(name, key, hook, process, sink);
    }
}

fn report_hook(name: &ServiceName, key: &str, hook: &Hook, process: &Process, sink: &mut Sink) {
    if let Words::Words(words) = &hook.command {
        report_text(name, key, &words.join(" "), words.span, process, sink);
    }
    // Before the start a container of its own runs, whose variables are a Secret's (K93).
    if key == "pre_start" {
        return;
    }
    // A handler has no variables of its own: they become words of its command (K91).
    for (variable, value) in &hook.environment {
        if let EnvironmentValue::Literal { value, sensitive: true } = value {
            push(name, &format!("{key}.environment.{variable}"), value.span, sink);
        }
    }
}

fn report_text(name: &ServiceName, key: &str, text: &str, span: Span, process: &Process, sink: &mut Sink) {
    if value_looks_secret(text) || holds_value(text, process) {
        push(name, key, span, sink);
    }
}

fn push(name: &ServiceName, key: &str, span: Span, sink: &mut Sink) {
    let problem =
        Diagnostic::new(SharedCode::SecretInCommand, format!("`{key}` of `{name}` holds a secret value"));
    sink.push(
        problem
            .at(span)
            .service(name.as_str())
            .path(format!("services.{name}.{key}"))
            .help("put it into `environment`, and let a shell read it: `[\"sh\", \"-c\", \"… $$NAME\"]`"),
    );
}

/// Tells whether the value of a variable that looks secret stands in the text.
fn holds_value(text: &str, process: &Process) -> bool {
    process.environment.values().any(|value| match value {
        EnvironmentValue::Literal { value, sensitive: true } => {
            value.chars().count() >= SHORTEST_VALUE && text.contains(&value.value)
        }
        EnvironmentValue::Literal { .. } | EnvironmentValue::Unset(_) => false,
    })
}
