//! Hints that mean the same on every target (marked S in N120): they become what the Compose key would have said.

use super::super::kind;
use crate::diag::{Diagnostic, Outcome, Sink, Span, Spanned, nearest};
use crate::model::codes::SharedCode;
use crate::model::{
    Content, Environment, EnvironmentValue, HintedKind, Kind, Placement, Project, Sensitive, Service,
    ServiceHints, ServiceName,
};
use crate::normalise::scaling;

/// Applies hints that one service alone decides on: `kind: Job`, `node`, `constraints`, `sensitive`.
pub(in crate::normalise) fn to_service(name: &str, service: &mut Service, sink: &mut Sink) {
    let hints = service.hints.clone();
    if let Some(kind) = hints.kind.as_ref().filter(|kind| kind.value == HintedKind::CronJob)
        && hints.schedule.is_none()
    {
        sink.push(
            Diagnostic::new(
                SharedCode::HintValueInvalid,
                format!("hint `kind: CronJob` of `{name}` needs a `schedule`"),
            )
            .at(kind.span)
            .service(name)
            .path(format!("services.{name}.x-rcompose.kind"))
            .help("write `schedule: '30 2 * * *'` beside it"),
        );
    }
    place(name, &hints, &mut service.placement, sink);
    mark_sensitive(name, &hints, service, sink);
    if let Some(hint) = hints.kind.as_ref().filter(|kind| kind.value == HintedKind::Job) {
        if let Some(mode) = kind::mode_span(&service.lifecycle.kind) {
            overrides(name, "kind", "deploy.mode", hint.span, mode, sink);
        }
        service.lifecycle.kind = Kind::HintedJob(hint.span);
    }
}

/// Applies `completions`, once it is known which services end.
pub(in crate::normalise) fn completions(project: &mut Project, sink: &mut Sink) {
    for (name, service) in &mut project.services {
        let Some(completions) = service.hints.completions.clone() else { continue };
        let hinted = service.hints.kind.as_ref().map(|kind| kind.value);
        let ends = match hinted {
            Some(kind) => matches!(kind, HintedKind::Job | HintedKind::CronJob),
            None => !matches!(service.lifecycle.kind, Kind::Service | Kind::Global(_)),
        };
        if ends {
            if let Some(written) = &service.scale.replicas {
                overrides(
                    name.as_str(),
                    "completions",
                    "deploy.replicas",
                    completions.span,
                    written.span,
                    sink,
                );
            }
            service.scale.replicas = Some(completions.map(u64::from));
        } else if service.selected {
            sink.push(not_applicable(name, "completions", completions.span));
        }
    }
}

/// Refuses `secret-environment` where the secret is not there, or is no one value (N102).
pub(in crate::normalise) fn check_secret_environment(project: &Project, known: &[String], sink: &mut Sink) {
    for (name, service) in project.services.iter().filter(|(_, service)| service.selected) {
        for (variable, secret) in &service.hints.secret_environment {
            let (fact, help) = match project.secrets.get(secret.value.as_str()).map(|found| &found.content) {
                None => {
                    let near = nearest(&secret.value, known.iter().map(String::as_str));
                    let help = near.map_or_else(
                        || "declare it in the top-level `secrets`".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    ("there is no such secret", help)
                }
                Some(Content::Directory { .. }) => {
                    ("it is a directory, and a variable has one value", "name a file".to_owned())
                }
                Some(_) => continue,
            };
            let message =
                format!("`{}` cannot give `{variable}` of `{name}` its value: {fact}", secret.value);
            sink.push(
                Diagnostic::new(SharedCode::HintValueInvalid, message)
                    .at(secret.span)
                    .service(name.as_str())
                    .path(format!("services.{name}.x-rcompose.secret-environment.{variable}"))
                    .help(help),
            );
        }
    }
}

fn not_applicable(name: &ServiceName, hint: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        SharedCode::HintNotApplicable,
        format!("hint `{hint}` of `{name}` has no effect: the service does not end"),
    )
    .outcome(Outcome::Dropped)
    .at(span)
    .service(name.as_str())
    .path(format!("services.{name}.x-rcompose.{hint}"))
    .help("`kind: Job` makes it one that ends")
}

fn place(name: &str, hints: &ServiceHints, placement: &mut Placement, sink: &mut Sink) {
    if let Some(constraints) = &hints.constraints {
        if let Some(written) = placement.constraints.first() {
            overrides(
                name,
                "constraints",
                "deploy.placement.constraints",
                constraints.span,
                written.span,
                sink,
            );
        }
        placement.constraints =
            constraints.value.iter().cloned().map(|text| text.map(scaling::constraint)).collect();
    }
    if let Some(node) = &hints.node {
        let text = format!("node.hostname=={}", node.value);
        placement.constraints.push(Spanned::new(scaling::constraint(text), node.span));
    }
}

/// What the hint says of a variable stands above what it looks like (N103).
fn mark_sensitive(name: &str, hints: &ServiceHints, service: &mut Service, sink: &mut Sink) {
    let Some(hint) = &hints.sensitive else { return };
    let hooks = service.lifecycle.hooks_mut().map(|(_, hook)| &mut hook.environment);
    let own = [&mut service.process.environment, &mut service.hints.environment];
    for (name, value) in own.into_iter().chain(hooks).flatten() {
        let EnvironmentValue::Literal { value: _, sensitive } = value else { continue };
        match &hint.value {
            Sensitive::All(false) => *sensitive = false,
            Sensitive::All(true) => {}
            Sensitive::Variables(variables) => {
                if let Some(wish) = variables.get(name) {
                    *sensitive = *wish;
                }
            }
        }
    }
    let Sensitive::Variables(variables) = &hint.value else { return };
    if service.selected {
        report_strange_variables(name, variables.keys(), hint.span, service, sink);
    }
}

/// Tells of variables of `sensitive` that have no value here, in the hooks neither (N120).
fn report_strange_variables<'a>(
    name: &str,
    variables: impl Iterator<Item = &'a String>,
    span: Span,
    service: &Service,
    sink: &mut Sink,
) {
    let hooks = service.lifecycle.hooks().map(|(_, hook)| &hook.environment);
    let own = [&service.process.environment, &service.hints.environment];
    let environments: Vec<&Environment> = own.into_iter().chain(hooks).collect();
    let is_set = |variable: &String| {
        let mut values = environments.iter().filter_map(|environment| environment.get(variable));
        values.any(|value| matches!(value, EnvironmentValue::Literal { .. }))
    };
    let known: Vec<&str> =
        environments.iter().flat_map(|environment| environment.keys()).map(String::as_str).collect();
    for variable in variables.filter(|variable| !is_set(variable)) {
        let message =
            format!("hint `sensitive` of `{name}` has no effect on `{variable}`: no value is given to it");
        let help = match nearest(variable, known.iter().copied()) {
            Some(near) if near != variable => format!("did you mean `{near}`?"),
            _ => "remove it, or write the variable into `environment`".to_owned(),
        };
        sink.push(
            Diagnostic::new(SharedCode::HintNotApplicable, message)
                .outcome(Outcome::Dropped)
                .at(span)
                .service(name)
                .path(format!("services.{name}.x-rcompose.sensitive.{variable}"))
                .help(help),
        );
    }
}

/// Notes that a hint beats a Compose key (N120).
fn overrides(name: &str, hint: &str, key: &str, span: Span, written: Span, sink: &mut Sink) {
    sink.push(
        Diagnostic::new(
            SharedCode::HintOverrides,
            format!("hint `{hint}` of `{name}` counts, and `{key}` does not"),
        )
        .at(span)
        .also(written, "this does not count")
        .service(name)
        .path(format!("services.{name}.x-rcompose.{hint}"))
        .help("remove the one that is not meant"),
    );
}
