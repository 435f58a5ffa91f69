//! The labels of kompose, read as hints (N122): each becomes an entry of `x-rcompose`, with the place of the label.
//!
//! Says what kompose would refuse, what it does not know, and where a label acts a little otherwise here. Which of a
//! label and a hint counts is not decided here.

mod exposure;
mod health;
mod storage;
mod words;
mod workload;

use std::collections::BTreeMap;

use super::check::{meant, scalar};
use super::value::Form;
use crate::compose::codes::LoadCode;
use crate::compose::keys::key_values::KeyValue;
use crate::diag::{Diagnostic, Sink, Span, nearest};
use crate::yaml::{Entry, Mapping, Node, Value};

/// What the labels of kompose begin with.
pub(crate) const PREFIX: &str = "kompose.";

const COUNT: Form = Form::Whole(0, i32::MAX as i64);
const POSITIVE: Form = Form::Whole(1, i32::MAX as i64);
const PORT: Form = Form::Whole(1, 65535);

/// Labels of a service, without the prefix.
const OF_SERVICE: &[&str] = &[
    "controller.port.expose",
    "controller.type",
    "cronjob.backoff_limit",
    "cronjob.concurrency_policy",
    "cronjob.schedule",
    "ephemeral-storage.limit",
    "ephemeral-storage.request",
    "hpa.cpu",
    "hpa.memory",
    "hpa.replicas.max",
    "hpa.replicas.min",
    "image-pull-policy",
    "image-pull-secret",
    "init.containers.command",
    "init.containers.image",
    "init.containers.name",
    "security-context.fsgroup",
    "service.expose",
    "service.expose.ingress-class-name",
    "service.expose.path",
    "service.expose.tls-secret",
    "service.external-traffic-policy",
    "service.group",
    "service.healthcheck.liveness.http_get_path",
    "service.healthcheck.liveness.http_get_port",
    "service.healthcheck.liveness.tcp_port",
    "service.healthcheck.readiness.disable",
    "service.healthcheck.readiness.http_get_path",
    "service.healthcheck.readiness.http_get_port",
    "service.healthcheck.readiness.interval",
    "service.healthcheck.readiness.retries",
    "service.healthcheck.readiness.start_period",
    "service.healthcheck.readiness.tcp_port",
    "service.healthcheck.readiness.test",
    "service.healthcheck.readiness.timeout",
    "service.name_override",
    "service.nodeport.port",
    "service.type",
    "serviceaccount-name",
    "volume.size",
    "volume.storage-class-name",
    "volume.subpath",
    "volume.type",
];

/// Labels of a volume, without the prefix.
const OF_VOLUME: &[&str] = &["volume.selector", "volume.size", "volume.storage-class-name", "volume.subpath"];

/// What a service says beside its labels, as far as kompose asks for it when it reads them.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    /// Labels of `deploy`, of which kompose reads those on ephemeral storage only.
    pub(crate) deploy: BTreeMap<&'a str, &'a KeyValue>,
    /// Number of entries in `ports`.
    pub(crate) published: usize,
    /// Number of entries in `expose`.
    pub(crate) exposed: usize,
    /// What stands in `healthcheck`.
    pub(crate) check: Check,
    /// `deploy.restart_policy.condition`, else `restart`.
    pub(crate) restart: Option<&'a str>,
    /// There are `configs`.
    pub(crate) configs: bool,
}

/// What stands in `healthcheck`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Check {
    /// Nothing, or that there is none.
    #[default]
    None,
    /// Something, but no `test`.
    NoTest,
    /// A `test`.
    Test,
}

/// Reads the labels of a service.
pub(crate) fn of_service<'a>(
    labels: impl Iterator<Item = (&'a String, &'a KeyValue)>,
    beside: Beside<'a>,
    service: &'a str,
    sink: &mut Sink,
) -> Mapping {
    let path = format!("services.{service}.labels");
    let mut reader = Reader::new(labels, beside, OF_SERVICE, path, Some(service), sink);
    reader.labels_of_deploy();
    reader.exposure();
    reader.workload();
    reader.schedule();
    reader.health();
    reader.scaling();
    reader.names();
    reader.storage(true);
    reader.finish()
}

/// Reads the labels of a volume.
pub(crate) fn of_volume<'a>(
    labels: impl Iterator<Item = (&'a String, &'a KeyValue)>,
    volume: &str,
    sink: &mut Sink,
) -> Mapping {
    let path = format!("volumes.{volume}.labels");
    let mut reader = Reader::new(labels, Beside::default(), OF_VOLUME, path, None, sink);
    if let Some(selector) = reader.take("volume.selector", &Form::Text) {
        let node = map([("io.kompose.service", selector.clone())], selector.span);
        reader.put("selector", node);
    }
    reader.storage(false);
    reader.finish()
}

struct Reader<'a, 's> {
    /// What counts, by name without the prefix.
    labels: BTreeMap<&'a str, &'a KeyValue>,
    beside: Beside<'a>,
    path: String,
    service: Option<&'a str>,
    sink: &'s mut Sink,
    hints: Mapping,
}

impl<'a, 's> Reader<'a, 's> {
    fn new(
        labels: impl Iterator<Item = (&'a String, &'a KeyValue)>,
        beside: Beside<'a>,
        known: &[&str],
        path: String,
        service: Option<&'a str>,
        sink: &'s mut Sink,
    ) -> Self {
        let mut labels: BTreeMap<&str, &KeyValue> =
            labels.filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value))).collect();
        for (name, value) in &beside.deploy {
            if is_of_deploy(name) || !labels.contains_key(name) {
                labels.insert(name, value);
            }
        }
        let mut reader = Self { labels, beside, path, service, sink, hints: Mapping::new() };
        let strange: Vec<&str> = reader.labels.keys().copied().filter(|name| !known.contains(name)).collect();
        for name in strange {
            let elsewhere = OF_SERVICE.contains(&name) || OF_VOLUME.contains(&name);
            let help = match nearest(name, known.iter().copied()) {
                _ if elsewhere && service.is_some() => "it belongs to a volume".to_owned(),
                _ if elsewhere => "it belongs to a service".to_owned(),
                Some(near) => format!("did you mean `{PREFIX}{near}`?"),
                None => "`x-rcompose` may have what is meant: `rcompose schema hints`".to_owned(),
            };
            let message = format!("kompose has no label `{PREFIX}{name}` in `{}`", reader.place(name));
            reader.report(LoadCode::KomposeLabelUnknown, message, name, &help);
        }
        reader
    }

    /// Tells of labels that stand where kompose does not look for them.
    fn labels_of_deploy(&mut self) {
        let names: Vec<&str> = self.beside.deploy.keys().copied().collect();
        for name in names.into_iter().filter(|name| OF_SERVICE.contains(name) && !is_of_deploy(name)) {
            if self.stands_in_deploy(name) {
                self.different(name, "acts here too, where kompose reads it in `labels` only");
            } else {
                self.different(name, "is another one in `deploy.labels`, which does not count");
            }
        }
    }

    /// Tells whether the label that counts is one of `deploy`.
    fn stands_in_deploy(&self, label: &str) -> bool {
        let own = self.beside.deploy.get(label).zip(self.labels.get(label));
        own.is_some_and(|(of_deploy, counts)| std::ptr::eq(*of_deploy, *counts))
    }

    /// The path of the labels among which one stands.
    fn place(&self, label: &str) -> String {
        match self.service {
            Some(service) if self.stands_in_deploy(label) => format!("services.{service}.deploy.labels"),
            _ => self.path.clone(),
        }
    }

    fn report(&mut self, code: LoadCode, message: String, label: &str, help: &str) {
        let Some(value) = self.labels.get(label) else { return };
        let found = Diagnostic::new(code, message)
            .at(value.key)
            .path(format!("{}.{PREFIX}{label}", self.place(label)))
            .help(help);
        self.sink.push(match self.service {
            Some(service) => found.service(service),
            None => found,
        });
    }

    fn invalid(&mut self, label: &str, meant: &str) {
        let shown = self.text(label).map(|node| node.as_text().unwrap_or_default().to_owned());
        let message = format!(
            "`{}` is no value of `{PREFIX}{label}` in `{}`",
            shown.unwrap_or_default(),
            self.place(label)
        );
        self.report(LoadCode::KomposeLabelInvalid, message, label, &format!("{meant} is meant"));
    }

    fn different(&mut self, label: &str, fact: &str) {
        let message = format!("`{PREFIX}{label}` {fact}, in `{}`", self.place(label));
        self.report(
            LoadCode::KomposeLabelDifferent,
            message,
            label,
            "nothing to do if that is what is meant",
        );
    }

    /// Returns the text of a label; one without a value is empty.
    fn text(&self, label: &str) -> Option<Node> {
        let label = self.labels.get(label)?;
        Some(match &label.value {
            Some(text) => Node::text(text.span, text.value.trim()),
            None => Node::text(label.key, ""),
        })
    }

    /// Returns the value of a label that fits; another one is reported.
    fn take(&mut self, label: &str, form: &Form) -> Option<Node> {
        let node = self.text(label)?;
        let value = scalar(&node, form);
        if value.is_none() {
            self.invalid(label, &meant(form));
        }
        value.map(|value| Node::new(node.span, value))
    }

    /// Reads a label that is one of some words in any case.
    fn word(&mut self, label: &str, words: &[(&str, &'static str)]) -> Option<(Node, &'static str)> {
        let node = self.text(label)?;
        let lower = node.as_text().unwrap_or_default().to_ascii_lowercase();
        let hint = words.iter().find(|(word, _)| *word == lower).map(|(_, hint)| *hint);
        if hint.is_none() {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.invalid(label, &format!("one of {}", known.join(", ")));
        }
        hint.map(|hint| (Node::text(node.span, hint), hint))
    }

    fn put(&mut self, hint: &str, node: Node) {
        self.hints.insert(hint.to_owned(), entry(node));
    }

    fn copy(&mut self, label: &str, hint: &str, form: &Form) {
        if let Some(node) = self.take(label, form) {
            self.put(hint, node);
        }
    }

    fn finish(self) -> Mapping {
        self.hints
    }
}

/// Tells whether kompose looks for a label among those of `deploy`.
fn is_of_deploy(label: &str) -> bool {
    label.starts_with("ephemeral-storage.")
}

fn entry(node: Node) -> Entry {
    Entry { key: node.span, node }
}

fn map<'n>(parts: impl IntoIterator<Item = (&'n str, Node)>, span: Span) -> Node {
    let parts = parts.into_iter().map(|(name, node)| (name.to_owned(), entry(node)));
    Node::new(span, Value::Map(parts.collect()))
}
