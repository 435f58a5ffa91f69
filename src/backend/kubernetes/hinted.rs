//! Hints that say what a Compose key would: they are laid over the model before anything is decided, so that all parts
//! of this target see one answer (N120). What has no counterpart among the keys is read where it is written.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::codes::KubernetesCode;
use super::kind;
use super::problem::{Report, of_service};
use super::quantity;
use crate::diag::{Diagnostic, Outcome, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{
    Alias, AliasOrigin, BindDecision, Check, Condition, EnvironmentValue, Health, HintedKind, HostAddress,
    Kind, MountSource, ProbeHandler, ProbeWish, Project, PullHint, PullPolicy, Quantity, Resources, Service,
    ServiceHints, ServiceName, VolumeKind,
};

/// Returns the project as hints want it; the very one where none says anything.
pub(crate) fn apply<'a>(project: &'a Project, sink: &mut Sink) -> Cow<'a, Project> {
    let speaks =
        |service: &Service| !service.hints.written().is_empty() || service.hints.default_replicas.is_some();
    if !project.services.values().any(speaks) {
        return Cow::Borrowed(project);
    }
    let awaited = awaited(project);
    let mut hinted = project.clone();
    for (name, service) in hinted.services.iter_mut().filter(|(_, service)| speaks(service)) {
        let hints = service.hints.clone();
        let unheard = &mut Sink::default();
        let mut laying =
            Laying { name, hints: &hints, sink: if service.selected { &mut *sink } else { unheard } };
        laying.kind(service, awaited.get(name).copied());
        laying.scale(service);
        laying.process(service);
        laying.resources(&mut service.resources);
        laying.names(service);
        laying.health(service);
        laying.volumes(service);
    }
    Cow::Owned(hinted)
}

/// Services that another one waits for until they end, with the place of the first such wait.
fn awaited(project: &Project) -> BTreeMap<ServiceName, Span> {
    let edges = project.services.values().flat_map(|service| &service.depends);
    let mut awaited = BTreeMap::new();
    for edge in edges.filter(|edge| edge.condition.value == Condition::Completed) {
        awaited.entry(edge.on.clone()).or_insert(edge.condition.span);
    }
    awaited
}

/// Lays the hints of one service over its keys.
struct Laying<'a> {
    name: &'a ServiceName,
    hints: &'a ServiceHints,
    sink: &'a mut Sink,
}

impl Laying<'_> {
    fn kind(&mut self, service: &mut Service, awaited: Option<Span>) {
        let Some(hint) = &self.hints.kind else { return };
        let lasting = match hint.value {
            HintedKind::Job => return,
            HintedKind::CronJob => Kind::HintedJob(hint.span),
            HintedKind::DaemonSet => Kind::Global(hint.span),
            HintedKind::Deployment | HintedKind::StatefulSet => Kind::Service,
        };
        if let Some(wait) = awaited {
            let fact = format!(
                "`{}` is to be a {}, and another service waits for its end",
                self.name,
                hint.value.word()
            );
            self.sink.push(
                of_service(KubernetesCode::KindHintConflict, self.name, fact)
                    .outcome(Outcome::Refused)
                    .at(hint.span)
                    .also(wait, "waits for it")
                    .path(format!("services.{}.x-rcompose.kind", self.name))
                    .help("leave the hint out, or wait for `service_started` or `service_healthy`"),
            );
            return;
        }
        if let Kind::Global(span) | Kind::WrittenJob { per_node: _, span } = &service.lifecycle.kind
            && kind::of_kind(&service.lifecycle.kind).0 != kind::of_kind(&lasting).0
        {
            self.overrides("kind", "deploy.mode", hint.span, *span);
        }
        service.lifecycle.kind = lasting;
    }

    fn scale(&mut self, service: &mut Service) {
        let written = service.scale.replicas.as_ref().map(|replicas| (replicas.value, replicas.span));
        match (&self.hints.replicas, &self.hints.default_replicas) {
            (Some(hint), _) => {
                if let Some((_, span)) = written.filter(|(number, _)| *number != u64::from(hint.value)) {
                    self.overrides("replicas", "deploy.replicas", hint.span, span);
                }
                service.scale.replicas = Some(hint.clone().map(u64::from));
            }
            (None, Some(default)) if written.is_none() && service.lifecycle.kind == Kind::Service => {
                service.scale.replicas = Some(default.clone().map(u64::from));
            }
            _ => {}
        }
    }

    fn process(&mut self, service: &mut Service) {
        if let Some(hint) = &self.hints.pull {
            if let Some(pull) = &service.image.pull {
                self.overrides("image-pull-policy", "pull_policy", hint.span, pull.span);
            }
            let policy = match hint.value {
                PullHint::Always => PullPolicy::Always,
                PullHint::IfNotPresent => PullPolicy::Missing,
                PullHint::Never => PullPolicy::Never,
            };
            service.image.pull = Some(Spanned::new(policy, hint.span));
        }
        if let Some(hint) = &self.hints.stop_signal {
            if let Some(signal) = &service.lifecycle.stop_signal {
                self.overrides("stop-signal", "stop_signal", hint.span, signal.span);
            }
            service.lifecycle.stop_signal = Some(hint.clone());
        }
        if let Some(hint) = &self.hints.runtime_class {
            if let Some(runtime) = &service.kernel.runtime {
                self.overrides("runtime-class", "runtime", hint.span, runtime.span);
            }
            service.kernel.runtime = Some(hint.clone());
        }
        for (variable, secret) in &self.hints.secret_environment {
            let written = service.process.environment.get(variable).map(|value| ("environment", value));
            let hinted = self.hints.environment.get(variable).map(|value| ("x-rcompose.environment", value));
            if let Some((key, EnvironmentValue::Literal { value, .. })) = written.or(hinted) {
                self.overrides("secret-environment", &format!("{key}.{variable}"), secret.span, value.span);
            }
        }
        // A variable for the cluster is meant to differ: no word on each.
        service.process.environment.extend(self.hints.environment.clone());
        // What a Compose secret gives is no value of ours (N102).
        service.process.environment.retain(|name, _| !self.hints.secret_environment.contains_key(name));
    }

    fn resources(&mut self, resources: &mut Resources) {
        let hints = self.hints;
        let cpu = |hint: &Spanned<Quantity>| {
            let milli = quantity::milli(&hint.value.0)?;
            Some(Spanned::new(format!("{}.{:03}", milli / 1000, milli % 1000), hint.span))
        };
        let bytes =
            |hint: &Spanned<Quantity>| Some(Spanned::new(quantity::in_bytes(&hint.value.0)?, hint.span));
        let mut texts = [
            ("limits.cpu", &hints.limits.cpu, &mut resources.cpu_limit),
            ("requests.cpu", &hints.requests.cpu, &mut resources.cpu_reservation),
        ];
        for (name, hint, field) in &mut texts {
            if let Some(value) = hint.as_ref().and_then(cpu) {
                if let Some(written) = field.as_ref() {
                    self.overrides(name, "deploy.resources", value.span, written.span);
                }
                **field = Some(value);
            }
        }
        let mut sizes = [
            ("limits.memory", &hints.limits.memory, &mut resources.memory_limit),
            ("requests.memory", &hints.requests.memory, &mut resources.memory_reservation),
        ];
        for (name, hint, field) in &mut sizes {
            if let Some(value) = hint.as_ref().and_then(bytes) {
                if let Some(written) = field.as_ref() {
                    self.overrides(name, "deploy.resources", value.span, written.span);
                }
                **field = Some(value);
            }
        }
    }

    fn names(&mut self, service: &mut Service) {
        if let Some(hint) = &self.hints.name {
            // Others dial the Compose name: it stays a name of the service (N122).
            let name = Spanned::new(self.name.as_str().to_owned(), hint.span);
            service.network.aliases.push(Alias { name, origin: AliasOrigin::ContainerName });
        }
        if let Some(address) = &self.hints.host_gateway {
            for host in &mut service.network.extra_hosts {
                if host.address == HostAddress::Gateway {
                    host.address = HostAddress::Ip(address.value);
                }
            }
        }
    }

    /// A command, and times alone, are those of a health check; what asks otherwise is read with the probes (K41).
    fn health(&mut self, service: &mut Service) {
        let Some(hint) = &self.hints.readiness else { return };
        let probe = match &hint.value {
            ProbeWish::On => return,
            ProbeWish::Off => None,
            ProbeWish::With(probe) => Some(probe),
        };
        let asks_otherwise = probe.is_none_or(|probe| probe.handler.is_some());
        if let (Health::Check(check), true) = (&service.health, asks_otherwise) {
            self.overrides("readiness", "healthcheck.test", hint.span, check.value.test.span);
        }
        let Some(probe) = probe else {
            service.health = Health::Disabled(hint.span);
            return;
        };
        let before = match &service.health {
            Health::Check(check) => Some(check.value.clone()),
            _ => None,
        };
        let test = match (probe.handler.as_ref().map(|handler| (&handler.value, handler.span)), &before) {
            (Some((ProbeHandler::Command(test), span)), _) => Spanned::new(test.clone(), span),
            (None, Some(check)) => check.test.clone(),
            _ => return,
        };
        let mut timing = before.map(|check| check.timing).unwrap_or_default();
        timing.interval = probe.interval.clone().or(timing.interval);
        timing.timeout = probe.timeout.clone().or(timing.timeout);
        timing.retries = probe.retries.clone().map(|retries| retries.map(u64::from)).or(timing.retries);
        timing.start_period = probe.start_period.clone().or(timing.start_period);
        service.health = Health::Check(Spanned::new(Check { test, timing }, hint.span));
    }

    /// Volumes that live as long as the pod: named ones, and directories of the host (`volume-kind: empty`).
    fn volumes(&mut self, service: &mut Service) {
        if self.hints.volume_kind.as_ref().is_none_or(|kind| kind.value != VolumeKind::Empty) {
            return;
        }
        for mount in &mut service.mounts {
            match &mut mount.source {
                MountSource::Volume(_) => mount.source = MountSource::Anonymous,
                MountSource::Bind(bind) if matches!(bind.decision, BindDecision::Data { .. }) => {
                    mount.source = MountSource::Anonymous;
                }
                _ => {}
            }
        }
    }

    fn overrides(&mut self, hint: &str, key: &str, span: Span, written: Span) {
        let name = self.name;
        let report = Report::new(name, self.sink);
        let found: Diagnostic = report
            .finding(
                SharedCode::HintOverrides,
                key,
                span,
                &format!("does not count: the hint `{hint}` does"),
                "",
            )
            .also(written, "this does not count")
            .help("remove the one that is not meant");
        self.sink.push(found);
    }
}

/// Tells of hints that say nothing to the kind of workload that their service became.
pub(crate) fn report_idle(plan: &super::plan::Plan<'_>, sink: &mut Sink) {
    for facts in plan.selected() {
        let hints = &facts.service.hints;
        let kind = facts.kind;
        let is = |kinds: &[kind::WorkloadKind]| kinds.contains(&kind);
        let (job, cron) = (kind::WorkloadKind::Job, kind::WorkloadKind::CronJob);
        let mut idle: Vec<(&str, Option<Span>, &str)> = Vec::new();
        if !is(&[cron]) {
            let reason = "`kind: CronJob` makes it one that runs again and again";
            idle.push(("schedule", hints.schedule.as_ref().map(|hint| hint.span), reason));
            idle.push(("time-zone", hints.time_zone.as_ref().map(|hint| hint.span), reason));
            idle.push(("concurrency-policy", hints.concurrency.as_ref().map(|hint| hint.span), reason));
        }
        if !is(&[cron, job]) {
            let reason = "`kind: Job` makes it one that ends";
            idle.push(("backoff-limit", hints.backoff_limit.as_ref().map(|hint| hint.span), reason));
        }
        if let Some(group) = &hints.group
            && plan.project.groups.iter().all(|pod| !pod.members.contains(facts.name))
        {
            idle.push(("group", Some(group.span), "name the same group in the other services of the pod"));
        }
        let stored = facts
            .service
            .mounts
            .iter()
            .any(|mount| super::storage::access::key_of(plan.project, &mount.source).is_some());
        if !stored {
            let reason = "the service mounts no claim";
            idle.push(("size", hints.size.as_ref().map(|hint| hint.span), reason));
            idle.push(("storage-class", hints.storage_class.as_ref().map(|hint| hint.span), reason));
            idle.push(("subpath", hints.subpath.as_ref().map(|hint| hint.span), reason));
        }
        let mut told = BTreeSet::new();
        for (hint, span, help) in idle {
            let Some(span) = span.filter(|span| told.insert(*span)) else { continue };
            let report = Report::new(facts.name, sink);
            let found = report
                .finding(
                    SharedCode::HintNotApplicable,
                    &format!("x-rcompose.{hint}"),
                    span,
                    "has no effect",
                    help,
                )
                .outcome(Outcome::Dropped);
            sink.push(found);
        }
    }
}
