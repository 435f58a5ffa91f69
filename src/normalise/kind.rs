//! Whether a service runs until it is stopped or ends by itself (K1, steps 2 to 6; S60). Hints come before, in backends.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Span, Spanned};
use crate::model::{Condition, FoundBy, Kind, Project, RestartWhen, Service, ServiceName};

/// `deploy.mode`, as far as anybody knows its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Replicated,
    Global,
    ReplicatedJob,
    GlobalJob,
}

impl Mode {
    /// The words that are known, for messages.
    pub(super) const WORDS: &'static [&'static str] =
        &["replicated", "global", "replicated-job", "global-job"];

    /// Reads the word; Compose does not check it.
    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "replicated" => Some(Self::Replicated),
            "global" => Some(Self::Global),
            "replicated-job" => Some(Self::ReplicatedJob),
            "global-job" => Some(Self::GlobalJob),
            _ => None,
        }
    }
}

/// Steps 2 and 4: what `deploy.mode` says.
pub(super) fn written(mode: Option<&Spanned<Mode>>) -> Kind {
    match mode.map(|mode| (mode.value, mode.span)) {
        Some((Mode::ReplicatedJob, span)) => Kind::WrittenJob { per_node: false, span },
        Some((Mode::GlobalJob, span)) => Kind::WrittenJob { per_node: true, span },
        Some((Mode::Global, span)) => Kind::Global(span),
        Some((Mode::Replicated, _)) | None => Kind::Service,
    }
}

/// Returns the place of a written `deploy.mode` that says more than nothing.
pub(super) const fn mode_span(kind: &Kind) -> Option<Span> {
    match kind {
        Kind::Global(span) | Kind::WrittenJob { per_node: _, span } => Some(*span),
        Kind::Service | Kind::HintedJob(_) | Kind::AwaitedJob { .. } | Kind::OneShot(_) => None,
    }
}

/// Step 3: services that another one waits for until they end.
pub(super) fn mark_awaited(project: &mut Project) {
    let mut awaited: BTreeMap<ServiceName, Span> = BTreeMap::new();
    for dependency in project.services.values().flat_map(|service| &service.depends) {
        if dependency.condition.value == Condition::Completed {
            awaited.entry(dependency.on.clone()).or_insert(dependency.condition.span);
        }
    }
    for (name, span) in awaited {
        let Some(service) = project.services.get_mut(&name) else { continue };
        let per_node = matches!(service.lifecycle.kind, Kind::Global(_));
        if per_node || service.lifecycle.kind == Kind::Service {
            service.lifecycle.kind = Kind::AwaitedJob { span, per_node };
        }
    }
}

/// Step 5: services that are never restarted and that nothing treats as a server. Needs the reach of all services.
/// `checked` are the services with a `healthcheck` of their own: that of a Dockerfile is often another service's.
pub(super) fn mark_one_shots(project: &mut Project, checked: &BTreeSet<ServiceName>) {
    let dependencies = project.services.values().flat_map(|service| &service.depends);
    let healthy: BTreeSet<ServiceName> = dependencies
        .filter(|dependency| dependency.condition.value == Condition::Healthy)
        .map(|dependency| dependency.on.clone())
        .collect();
    for (name, service) in &mut project.services {
        if service.lifecycle.kind == Kind::Service
            && !healthy.contains(name)
            && !checked.contains(name)
            && !looks_like_server(name, service)
            && let Some(when) = &service.lifecycle.restart.when
            && when.value == RestartWhen::Never
        {
            service.lifecycle.kind = Kind::OneShot(when.span);
        }
    }
}

fn looks_like_server(name: &ServiceName, service: &Service) -> bool {
    let named = |by: &FoundBy| matches!(by, FoundBy::Text(mention) if mention.by != *name);
    !service.ports.ports.is_empty()
        || !service.ports.exposed.is_empty()
        || service.reach.known_server.is_some()
        || service.reach.found.iter().any(|found| named(&found.by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Dependency, Exposed, FoundPort, Mention, Protocol};
    use crate::normalise::testing::{NOWHERE, at, project, service};

    fn depends(on: &str, condition: Condition) -> Dependency {
        Dependency {
            on: ServiceName::new(on),
            span: NOWHERE,
            condition: at(condition),
            required: true,
            restart: None,
            implied: false,
        }
    }

    fn never() -> Service {
        let mut service = service("x");
        service.lifecycle.restart.when = Some(at(RestartWhen::Never));
        service
    }

    fn kinds(services: Vec<(&str, Service)>) -> Vec<Kind> {
        let mut project = project(services);
        mark_awaited(&mut project);
        mark_one_shots(&mut project, &BTreeSet::from([ServiceName::new("checked")]));
        project.services.into_values().map(|service| service.lifecycle.kind).collect()
    }

    #[test]
    fn modes_are_read() {
        let kind = |word: &str| written(Mode::read(word).map(at).as_ref());
        assert_eq!(kind("global"), Kind::Global(NOWHERE));
        assert_eq!(kind("global-job"), Kind::WrittenJob { per_node: true, span: NOWHERE });
        assert_eq!(kind("replicated-job"), Kind::WrittenJob { per_node: false, span: NOWHERE });
        assert_eq!((kind("replicated"), kind("other")), (Kind::Service, Kind::Service));
        assert!(Mode::WORDS.iter().all(|word| Mode::read(word).is_some()));
    }

    #[test]
    fn who_is_waited_for_until_it_ends_is_a_job() {
        let mut web = service("x");
        web.depends = vec![depends("job", Condition::Completed), depends("all", Condition::Completed)];
        let mut all = service("x");
        all.lifecycle.kind = Kind::Global(NOWHERE);
        assert_eq!(
            kinds(vec![("all", all), ("job", never()), ("web", web)]),
            [
                Kind::AwaitedJob { span: NOWHERE, per_node: true },
                Kind::AwaitedJob { span: NOWHERE, per_node: false },
                Kind::Service
            ]
        );
    }

    #[test]
    fn who_is_never_restarted_ends_unless_it_looks_like_a_server() {
        let shot = Kind::OneShot(NOWHERE);
        assert_eq!(kinds(vec![("a", never())]), [shot]);
        assert_eq!(kinds(vec![("a", service("x"))]), [Kind::Service]);
        assert_eq!(kinds(vec![("checked", never())]), [Kind::Service]);
        let mut exposed = never();
        exposed.ports.exposed = vec![Exposed { port: 1, protocol: Protocol::Tcp, span: NOWHERE }];
        let mut known = never();
        known.reach.known_server = Some(Vec::new());
        let mut named = never();
        let mention =
            Mention { by: ServiceName::new("z"), place: String::new(), span: NOWHERE, name: "x".to_owned() };
        named.reach.found = vec![FoundPort { port: 1, protocol: Protocol::Tcp, by: FoundBy::Text(mention) }];
        let mut global = never();
        global.lifecycle.kind = Kind::Global(NOWHERE);
        for service in [exposed, known, named] {
            assert_eq!(kinds(vec![("a", service)]), [Kind::Service]);
        }
        assert_eq!(kinds(vec![("a", global)]), [Kind::Global(NOWHERE)]);
        let mut waits = service("x");
        waits.depends = vec![depends("a", Condition::Healthy)];
        assert_eq!(kinds(vec![("a", never()), ("w", waits)]), [Kind::Service, Kind::Service]);
    }
}
