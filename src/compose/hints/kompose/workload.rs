//! Labels of kompose on what runs, how often, and what it may use.

use super::{COUNT, POSITIVE, Reader, entry, map};
use crate::compose::hints::forms::{CRON, LABEL, OBJECT, PERCENT, QUANTITY};
use crate::compose::hints::value::Form;
use crate::yaml::{Mapping, Node, Value};

const KINDS: &[(&str, &str)] = &[
    ("deployment", "Deployment"),
    ("daemonset", "DaemonSet"),
    ("statefulset", "StatefulSet"),
    ("job", "Job"),
    ("cronjob", "CronJob"),
];
const PULLS: &[(&str, &str)] = &[("always", "Always"), ("ifnotpresent", "IfNotPresent"), ("never", "Never")];
const CONCURRENCY: &[(&str, &str)] = &[("allow", "Allow"), ("forbid", "Forbid"), ("replace", "Replace")];

impl Reader<'_, '_> {
    pub(super) fn workload(&mut self) {
        if let Some((node, word)) = self.word("controller.type", KINDS) {
            let written = self.text("controller.type");
            let upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
            if matches!(word, "Job" | "CronJob") {
                self.different("controller.type", &format!("makes a {word}, which kompose does not"));
            } else if written.as_ref().and_then(Node::as_text).is_some_and(upper) {
                let fact = "is read in any case, where kompose knows small letters only";
                self.different("controller.type", fact);
            }
            self.put("kind", node);
        }
        if let Some((node, word)) = self.word("image-pull-policy", PULLS) {
            // kompose takes these as the API writes them, and no other way.
            if self.text("image-pull-policy").as_ref().and_then(Node::as_text) == Some(word) {
                self.put("image-pull-policy", node);
            } else {
                self.invalid("image-pull-policy", &format!("`{word}`"));
            }
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
        if let Some(command) = self.init_command() {
            container.insert("command".to_owned(), entry(command));
        }
        self.put(
            "init-containers",
            Node::new(span, Value::List(vec![Node::new(span, Value::Map(container))])),
        );
    }

    pub(super) fn schedule(&mut self) {
        let schedule = self.take("cronjob.schedule", &Form::Language(&CRON));
        if let Some(schedule) = schedule {
            if !matches!(self.beside.restart, Some("no" | "on-failure")) {
                let fact =
                    "makes a CronJob whatever `restart` says, where kompose asks for `no` or `on-failure`";
                self.different("cronjob.schedule", fact);
            }
            self.put("kind", Node::text(schedule.span, "CronJob"));
            self.put("schedule", schedule);
        }
        if let Some((node, _)) = self.word("cronjob.concurrency_policy", CONCURRENCY) {
            self.put("concurrency-policy", node);
        }
        self.copy("cronjob.backoff_limit", "backoff-limit", &COUNT);
    }

    pub(super) fn scaling(&mut self) {
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
        let metric = ["cpu", "memory"].into_iter().filter(|name| has(name)).collect::<Vec<_>>();
        let fact = "has no metric beside it: cpu counts, where kompose adds memory";
        match metric[..] {
            ["cpu", "memory"] => {}
            [one] => {
                self.different(&format!("hpa.{one}"), "counts alone, where kompose adds the other metric");
            }
            _ if has("max") => self.different("hpa.replicas.max", fact),
            _ => self.different("hpa.replicas.min", fact),
        }
        // kompose's own numbers, where none are written, are known to who makes the autoscaler (N122).
        self.put("hpa", map(parts, span));
    }
}
