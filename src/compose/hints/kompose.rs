//! The labels of kompose, read as hints (N122): each becomes an entry of `x-rcompose`, with the place of the label.
//!
//! Says what kompose would refuse, what it does not know, and where a label acts a little otherwise here. Which of a
//! label and a hint counts is not decided here.

use std::collections::BTreeMap;

use super::check::{meant, scalar};
use super::forms::{CRON, DURATION, HOST, LABEL, OBJECT, PERCENT, QUANTITY, SUBPATH, is_route};
use super::value::{Form, Language};
use crate::compose::codes::LoadCode;
use crate::compose::grammar::words;
use crate::compose::keys::key_values::KeyValue;
use crate::diag::{Diagnostic, Sink, Span, nearest};
use crate::yaml::{Entry, Mapping, Node, Value};

/// What the labels of kompose begin with.
pub(crate) const PREFIX: &str = "kompose.";

/// A path alone, where kompose knows hosts from another label. Users cannot write it.
const ROUTE: Language =
    Language { meant: "a path that begins with `/`", pattern: "^/", bare: false, fits: is_route };

const COUNT: Form = Form::Whole(0, i32::MAX as i64);
const POSITIVE: Form = Form::Whole(1, i32::MAX as i64);
const PORT: Form = Form::Whole(1, 65535);

/// Words of kompose, in lower case, with those of the hints.
const TYPES: &[(&str, &str)] = &[
    ("nodeport", "nodeport"),
    ("clusterip", "clusterip"),
    ("loadbalancer", "loadbalancer"),
    ("headless", "headless"),
];
const TRAFFIC: &[(&str, &str)] = &[("cluster", "Cluster"), ("local", "Local")];
const KINDS: &[(&str, &str)] = &[
    ("deployment", "Deployment"),
    ("daemonset", "DaemonSet"),
    ("statefulset", "StatefulSet"),
    ("job", "Job"),
    ("cronjob", "CronJob"),
];
const PULLS: &[(&str, &str)] = &[("always", "Always"), ("ifnotpresent", "IfNotPresent"), ("never", "Never")];
const CONCURRENCY: &[(&str, &str)] = &[("allow", "Allow"), ("forbid", "Forbid"), ("replace", "Replace")];
const VOLUMES: &[(&str, &str)] = &[
    ("persistentvolumeclaim", "claim"),
    ("emptydir", "empty"),
    ("hostpath", "host"),
    ("configmap", "config"),
];

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

/// Reads the labels of a service; `path` is that of its labels.
pub(crate) fn of_service<'a>(
    labels: impl Iterator<Item = (&'a String, &'a KeyValue)>,
    service: &'a str,
    sink: &mut Sink,
) -> Mapping {
    let path = format!("services.{service}.labels");
    let mut reader = Reader::new(labels, OF_SERVICE, path, Some(service), sink);
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
    let mut reader = Reader::new(labels, OF_VOLUME, format!("volumes.{volume}.labels"), None, sink);
    if let Some(selector) = reader.take("volume.selector", &Form::Text) {
        let node = map([("io.kompose.service", selector.clone())], selector.span);
        reader.put("selector", node);
    }
    reader.storage(false);
    reader.finish()
}

struct Reader<'a, 's> {
    labels: BTreeMap<&'a str, &'a KeyValue>,
    path: String,
    service: Option<&'a str>,
    sink: &'s mut Sink,
    hints: Mapping,
}

impl<'a, 's> Reader<'a, 's> {
    fn new(
        labels: impl Iterator<Item = (&'a String, &'a KeyValue)>,
        known: &[&str],
        path: String,
        service: Option<&'a str>,
        sink: &'s mut Sink,
    ) -> Self {
        let labels: BTreeMap<&str, &KeyValue> =
            labels.filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value))).collect();
        let mut reader = Self { labels, path, service, sink, hints: Mapping::new() };
        let strange: Vec<&str> = reader.labels.keys().copied().filter(|name| !known.contains(name)).collect();
        for name in strange {
            let elsewhere = OF_SERVICE.contains(&name) || OF_VOLUME.contains(&name);
            let help = match nearest(name, known.iter().copied()) {
                _ if elsewhere && service.is_some() => "it belongs to a volume".to_owned(),
                _ if elsewhere => "it belongs to a service".to_owned(),
                Some(near) => format!("did you mean `{PREFIX}{near}`?"),
                None => "`x-rcompose` may have what is meant: `rcompose schema hints`".to_owned(),
            };
            let message = format!("kompose has no label `{PREFIX}{name}` in `{}`", reader.path);
            reader.report(LoadCode::KomposeLabelUnknown, message, name, &help);
        }
        reader
    }

    fn report(&mut self, code: LoadCode, message: String, label: &str, help: &str) {
        let Some(value) = self.labels.get(label) else { return };
        let found = Diagnostic::new(code, message)
            .at(value.key)
            .path(format!("{}.{PREFIX}{label}", self.path))
            .help(help);
        self.sink.push(match self.service {
            Some(service) => found.service(service),
            None => found,
        });
    }

    fn invalid(&mut self, label: &str, meant: &str) {
        let shown = self.text(label).map(|node| node.as_text().unwrap_or_default().to_owned());
        let message =
            format!("`{}` is no value of `{PREFIX}{label}` in `{}`", shown.unwrap_or_default(), self.path);
        self.report(LoadCode::KomposeLabelInvalid, message, label, &format!("{meant} is meant"));
    }

    fn different(&mut self, label: &str, fact: &str) {
        let message = format!("`{PREFIX}{label}` {fact}, in `{}`", self.path);
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

    fn exposure(&mut self) {
        if let Some((node, word)) = self.word("service.type", TYPES) {
            let service = self.service.unwrap_or_default().to_owned();
            if word != "headless" {
                self.different(
                    "service.type",
                    &format!("acts on what publishes it, `{service}-published`, beside `{service}`"),
                );
            }
            self.put("expose", node);
        }
        if let Some((node, _)) = self.word("service.external-traffic-policy", TRAFFIC) {
            if self.hints.get("expose").is_some_and(|entry| entry.node.as_text() == Some("nodeport")) {
                let fact = "acts on a NodePort too, where kompose reads it for load balancers";
                self.different("service.external-traffic-policy", fact);
            }
            self.put("external-traffic-policy", node);
        }
        self.copy("service.nodeport.port", "node-port", &PORT);
        self.hosts();
        if let Some(node) = self.take("service.expose.tls-secret", &Form::Text) {
            let named = node.as_text().is_some_and(|text| text != "true");
            if named && !(OBJECT.fits)(node.as_text().unwrap_or_default()) {
                self.invalid("service.expose.tls-secret", OBJECT.meant);
            } else {
                // `true` as text, which no hint has: hosts without a Secret of their own (N53).
                self.put("tls", node);
            }
        }
        self.copy("service.expose.ingress-class-name", "ingress-class", &Form::Language(&OBJECT));
        if let Some(node) = self.take("controller.port.expose", &Form::Flag) {
            self.put("host-port", node);
        }
    }

    fn hosts(&mut self) {
        let path = self.take("service.expose.path", &Form::Language(&ROUTE));
        let path_text = path.as_ref().and_then(Node::as_text).unwrap_or_default().to_owned();
        let Some(exposed) = self.text("service.expose") else {
            if path.is_some() {
                self.different("service.expose.path", "acts only beside `kompose.service.expose`");
            }
            return;
        };
        let text = exposed.as_text().unwrap_or_default().to_owned();
        if text.is_empty() || text == "false" {
            return;
        }
        if self.labels.contains_key("service.type") {
            self.different("service.type", "gives way to the Ingress of `kompose.service.expose`");
        }
        let hosts = text.split(',').map(str::trim).filter(|host| !host.is_empty() && *host != "true");
        let mut rules = Vec::new();
        for host in hosts {
            if !(HOST.fits)(host) {
                self.invalid("service.expose", HOST.meant);
                return;
            }
            let rule = if host.contains('/') { host.to_owned() } else { format!("{host}{path_text}") };
            rules.push(Node::text(exposed.span, rule));
        }
        if path.is_some() {
            self.different(
                "service.expose.path",
                "is the path of hosts that have none, where kompose drops it",
            );
        }
        if rules.is_empty() && !path_text.is_empty() {
            rules.extend(path);
        }
        self.put("expose", Node::text(exposed.span, "ingress"));
        if !rules.is_empty() {
            self.put("hosts", Node::new(exposed.span, Value::List(rules)));
        }
    }

    fn workload(&mut self) {
        if let Some((node, word)) = self.word("controller.type", KINDS) {
            if matches!(word, "Job" | "CronJob") {
                self.different("controller.type", &format!("makes a {word}, which kompose does not"));
            }
            self.put("kind", node);
        }
        if let Some((node, _)) = self.word("image-pull-policy", PULLS) {
            self.put("image-pull-policy", node);
        }
        if let Some(node) = self.take("image-pull-secret", &Form::Language(&OBJECT)) {
            let span = node.span;
            self.put("image-pull-secrets", Node::new(span, Value::List(vec![node])));
        }
        self.copy("serviceaccount-name", "service-account", &Form::Language(&OBJECT));
        self.copy("security-context.fsgroup", "fs-group", &COUNT);
        let names = ["ephemeral-storage.limit", "ephemeral-storage.request"];
        for (label, hint) in names.into_iter().zip(["limits", "requests"]) {
            if let Some(node) = self.take(label, &Form::Language(&QUANTITY)) {
                let span = node.span;
                self.put(hint, map([("ephemeral-storage", node)], span));
            }
        }
        self.init_container();
    }

    fn init_container(&mut self) {
        let Some(image) = self.take("init.containers.image", &Form::Text) else {
            for label in ["init.containers.name", "init.containers.command"] {
                if self.labels.contains_key(label) {
                    self.different(label, "acts only beside `kompose.init.containers.image`");
                }
            }
            return;
        };
        let span = image.span;
        let mut container = Mapping::from([("image".to_owned(), entry(image))]);
        let name = self.take("init.containers.name", &Form::Language(&LABEL));
        container.insert("name".to_owned(), entry(name.unwrap_or_else(|| Node::text(span, "init-service"))));
        if let Some(command) = self.words("init.containers.command") {
            container.insert("command".to_owned(), entry(command));
        }
        self.put(
            "init-containers",
            Node::new(span, Value::List(vec![Node::new(span, Value::Map(container))])),
        );
    }

    /// Reads a list in text form, else words as a shell splits them.
    fn words(&mut self, label: &str) -> Option<Node> {
        let node = self.text(label)?;
        let text = node.as_text().unwrap_or_default();
        let words = list(text).or_else(|| words::split(text).ok().map(|words| words.words));
        let Some(words) = words.filter(|words| !words.is_empty()) else {
            self.invalid(label, "a command, or a list in JSON");
            return None;
        };
        let words = words.into_iter().map(|word| Node::text(node.span, word)).collect();
        Some(Node::new(node.span, Value::List(words)))
    }

    fn schedule(&mut self) {
        let schedule = self.take("cronjob.schedule", &Form::Language(&CRON));
        if let Some(schedule) = schedule {
            self.put("kind", Node::text(schedule.span, "CronJob"));
            self.put("schedule", schedule);
        }
        if let Some((node, _)) = self.word("cronjob.concurrency_policy", CONCURRENCY) {
            self.put("concurrency-policy", node);
        }
        self.copy("cronjob.backoff_limit", "backoff-limit", &COUNT);
    }

    fn health(&mut self) {
        if let Some(probe) = self.probe("service.healthcheck.liveness") {
            self.put("liveness", probe);
        }
        let disabled = self.take("service.healthcheck.readiness.disable", &Form::Flag);
        match disabled {
            Some(node) if node.value == Value::Bool(true) => {
                self.put("readiness", Node::new(node.span, Value::Bool(false)));
            }
            _ => {
                if let Some(probe) = self.probe("service.healthcheck.readiness") {
                    self.put("readiness", probe);
                }
            }
        }
    }

    /// Reads the labels of one probe.
    fn probe(&mut self, prefix: &str) -> Option<Node> {
        let label = |end: &str| format!("{prefix}.{end}");
        let mut probe = Mapping::new();
        let mut insert = |name: &str, node: Node| {
            probe.insert(name.to_owned(), entry(node));
        };
        let path = self.take(&label("http_get_path"), &Form::Text);
        let port = self.take(&label("http_get_port"), &PORT);
        let tcp = self.take(&label("tcp_port"), &PORT);
        let test = self.labels.contains_key(&*label("test")).then(|| self.test(&label("test"))).flatten();
        if let Some(span) = path.as_ref().or(port.as_ref()).map(|node| node.span) {
            let parts = [("path", path), ("port", port)];
            let parts = parts.into_iter().filter_map(|(name, node)| Some((name, node?)));
            insert("http", map(parts, span));
        } else if let Some(tcp) = tcp {
            insert("tcp", tcp);
        } else if let Some(test) = test {
            if test.value == Value::Bool(false) {
                return Some(test);
            }
            insert("exec", test);
        }
        for (end, name, form) in [
            ("interval", "interval", Form::Language(&DURATION)),
            ("timeout", "timeout", Form::Language(&DURATION)),
            ("start_period", "start-period", Form::Language(&DURATION)),
            ("retries", "retries", POSITIVE),
        ] {
            if let Some(node) = self.take(&label(end), &form) {
                insert(name, node);
            }
        }
        let span = probe.values().next()?.node.span;
        Some(Node::new(span, Value::Map(probe)))
    }

    /// Reads a test as Compose writes one; `false` for `NONE`.
    fn test(&mut self, label: &str) -> Option<Node> {
        let node = self.text(label)?;
        let text = node.as_text().unwrap_or_default().to_owned();
        let shell = |script: &str| {
            let words = ["/bin/sh", "-c", script].map(|word| Node::text(node.span, word));
            Node::new(node.span, Value::List(words.to_vec()))
        };
        match list(&text) {
            Some(words) => match words.split_first() {
                Some((first, [])) if first == "NONE" => Some(Node::new(node.span, Value::Bool(false))),
                Some((first, [script])) if first == "CMD-SHELL" => Some(shell(script)),
                Some((first, rest)) if !rest.is_empty() || first != "CMD" => {
                    let words = if first == "CMD" { rest } else { words.as_slice() };
                    let words = words.iter().map(|word| Node::text(node.span, word)).collect();
                    Some(Node::new(node.span, Value::List(words)))
                }
                _ => {
                    self.invalid(label, "a test as in `healthcheck`");
                    None
                }
            },
            None if text.is_empty() => {
                self.invalid(label, "a test as in `healthcheck`");
                None
            }
            None => Some(shell(text.strip_prefix("CMD-SHELL ").unwrap_or(&text))),
        }
    }

    fn scaling(&mut self) {
        let parts = [
            ("min", self.take("hpa.replicas.min", &POSITIVE)),
            ("max", self.take("hpa.replicas.max", &POSITIVE)),
            ("cpu", self.take("hpa.cpu", &Form::Language(&PERCENT))),
            (
                "memory",
                self.take(
                    "hpa.memory",
                    &Form::Either(&[Form::Language(&PERCENT), Form::Language(&QUANTITY)]),
                ),
            ),
        ];
        let parts: Vec<(&str, Node)> =
            parts.into_iter().filter_map(|(name, node)| Some((name, node?))).collect();
        let in_percent = |node: &Node| (PERCENT.fits)(node.as_text().unwrap_or_default());
        if parts.iter().any(|(name, node)| *name == "memory" && !in_percent(node)) {
            self.different("hpa.memory", "is an amount of memory, where kompose reads percent");
        }
        let Some(span) = parts.first().map(|(_, node)| node.span) else { return };
        let has = |name: &str| parts.iter().any(|(part, _)| *part == name);
        let mut defaults = Vec::new();
        // kompose's own numbers (N122).
        if !has("max") {
            defaults.push(("max", Node::new(span, Value::Int(3))));
        }
        if !has("cpu") && !has("memory") {
            defaults.push(("cpu", Node::text(span, "50")));
        }
        self.put("hpa", map(parts.into_iter().chain(defaults), span));
    }

    fn names(&mut self) {
        if let Some(node) = self.take("service.group", &Form::Text) {
            self.different("service.group", "makes one pod of its services, for which kompose needs a flag");
            self.put("group", node);
        }
        if let Some(node) = self.take("service.name_override", &Form::Text) {
            if (LABEL.fits)(node.as_text().unwrap_or_default()) {
                let service = self.service.unwrap_or_default().to_owned();
                self.different("service.name_override", &format!("adds a name: `{service}` resolves too"));
                self.put("name", node);
            } else {
                self.invalid("service.name_override", LABEL.meant);
            }
        }
    }

    fn storage(&mut self, service: bool) {
        self.copy("volume.size", "size", &Form::Language(&QUANTITY));
        if let Some(node) = self.take("volume.storage-class-name", &Form::Language(&OBJECT)) {
            if !service {
                self.different("volume.storage-class-name", "acts, where kompose reads it of services only");
            }
            self.put("storage-class", node);
        }
        self.copy("volume.subpath", "subpath", &Form::Language(&SUBPATH));
        if !service {
            return;
        }
        if let Some((node, word)) = self.word("volume.type", VOLUMES) {
            self.put(if matches!(word, "claim" | "empty") { "volume-kind" } else { "bind" }, node);
        }
    }

    fn finish(self) -> Mapping {
        self.hints
    }
}

/// Reads a list of texts in JSON form.
fn list(text: &str) -> Option<Vec<String>> {
    text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()
}

fn entry(node: Node) -> Entry {
    Entry { key: node.span, node }
}

fn map<'n>(parts: impl IntoIterator<Item = (&'n str, Node)>, span: Span) -> Node {
    let parts = parts.into_iter().map(|(name, node)| (name.to_owned(), entry(node)));
    Node::new(span, Value::Map(parts.collect()))
}
