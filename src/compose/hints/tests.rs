//! The check against its rows, the labels of kompose, and the schema, which must agree with the check.

use super::kompose::{Beside, Check};
use super::rows::PLACES;
use super::value::{Form, Row};
use super::{check, kompose};
use crate::compose::keys::Key as _;
use crate::compose::keys::key_values::Labels;
use crate::compose::path::Path;
use crate::diag::{Severity, Sink, Sources};
use crate::yaml::{Mapping, Node};

fn node(text: &str) -> Node {
    let mut sources = Sources::default();
    let id = sources.add("x.yaml", text);
    let mut sink = Sink::default();
    let documents = crate::yaml::parse(id, text, crate::yaml::Options::default(), &mut sink);
    assert!(!sink.has_errors(), "{text}: {:?}", sink.diagnostics());
    documents.into_iter().next().expect("a document")
}

fn messages(rows: &[Row], text: &str) -> Vec<String> {
    let mut sink = Sink::default();
    check(&node(text), rows, &Path::Root.key("x-rcompose"), &mut sink);
    let told = sink.into_diagnostics().into_iter();
    told.map(|found| {
        let near = found.suggestion.map(|suggestion| format!("did you mean `{}`?", suggestion.replace));
        let help = found.help.or(near).unwrap_or_default();
        format!("{}: {} ({help})", found.code.name(), found.message)
    })
    .collect()
}

fn from_labels(text: &str) -> (Mapping, Vec<String>) {
    from_labels_beside(text, Beside::default())
}

fn from_labels_beside(text: &str, beside: Beside<'_>) -> (Mapping, Vec<String>) {
    let mut sink = Sink::default();
    let labels = Labels::decode(node(text), &Path::Root, &mut sink).expect("labels");
    let hints = kompose::of_service(labels.0.entries.iter(), beside, "web", &mut sink);
    let told = sink.into_diagnostics().into_iter();
    (hints, told.map(|found| format!("{} {}", found.code.name(), found.message)).collect())
}

fn as_json(map: &Mapping) -> serde_json::Value {
    let entries = map
        .iter()
        .map(|(name, entry)| (name.clone(), crate::compose::print::Printed::raw(&entry.node).to_json()));
    serde_json::Value::Object(entries.collect())
}

#[test]
fn unknown_hints_are_errors_with_the_name_that_was_meant() {
    assert_eq!(
        messages(super::SERVICE, "{replica: 3, imagePullPolicy: Always, stop_signal: USR1, allow-from: [a]}"),
        [
            "hint-unknown: unknown hint `allow-from` in `x-rcompose` (`allow-from` belongs into `x-rcompose` of a network)",
            "hint-unknown: unknown hint `imagePullPolicy` in `x-rcompose` (did you mean `image-pull-policy`?)",
            "hint-unknown: unknown hint `replica` in `x-rcompose` (did you mean `replicas`?)",
            "hint-unknown: unknown hint `stop_signal` in `x-rcompose` (did you mean `stop-signal`?)",
        ]
    );
}

#[test]
fn wrong_types_and_values_say_what_is_meant() {
    assert_eq!(
        messages(
            super::SERVICE,
            "{replicas: many, kind: daemonset, pdb: 1, hpa: {cpu: 70}, readiness: true}"
        ),
        [
            "hint-value-invalid: `max` is missing in `x-rcompose.hpa` (write it)",
            "hint-value-invalid: `daemonset` is no value of `x-rcompose.kind` (one of `Deployment`, `StatefulSet`, `DaemonSet`, `Job`, `CronJob` is meant)",
            "hint-value-invalid: `1` is no value of `x-rcompose.pdb` (`true` or `false`, or a mapping with `min-available`, `max-unavailable` is meant)",
            "hint-value-invalid: `true` is no value of `x-rcompose.readiness` (`false`, or a mapping with `http`, `tcp`, `grpc`, `exec`, `interval`, `timeout`, `retries`, `start-period` is meant)",
            "hint-value-invalid: `many` is no value of `x-rcompose.replicas` (a whole number from 0 is meant)",
        ]
    );
    assert_eq!(
        messages(super::SERVICE, "{liveness: {tcp: 80, grpc: 80}, patches: [{target: {kind: Service}}]}"),
        [
            "hint-value-invalid: `tcp` and `grpc` exclude each other in `x-rcompose.liveness` (keep one of them)",
            "hint-value-invalid: `x-rcompose.patches[0]` says nothing (write one of `json`, `merge`)",
        ]
    );
}

#[test]
fn values_that_a_server_refuses_are_refused_here() {
    let refused = |text: &str| messages(super::SERVICE, text).len();
    for text in [
        "schedule: TZ=UTC * * * * *",
        "schedule: 61 * * * *",
        "schedule: \"* * * *\"",
        "time-zone: Local",
        "time-zone: Europe/Atlantis",
        "source-ranges: [10.0.0.1]",
        "source-ranges: [10.0.0.0/33]",
        "hosts: [10.0.0.1]",
        "hosts: [\"a.example.com/x//y\"]",
        "size: 10Q",
        "node-port: 70000",
        "bind: {data: volume}",
        "device-resources: {gpu: 1}",
        "subpath: ../x",
    ] {
        assert_eq!(refused(&format!("{{{text}}}")), 1, "{text}");
    }
    for text in [
        "schedule: \"*/5 9-17 * JAN-MAR mon,fri\"",
        "schedule: \"@hourly\"",
        "schedule: \"@every 90m\"",
        "time-zone: America/Argentina/Buenos_Aires",
        "source-ranges: [10.0.0.0/8, \"fd00::/8\"]",
        "hosts: [\"*.example.com\", shop.example.com/api, localhost]",
        "size: 1.5Gi",
        "size: 10",
        "replicas: \"3\"",
        "split-protocols: \"true\"",
        "pdb: {max-unavailable: 50%}",
        "bind: {/data: volume}",
        "device-resources: {nvidia.com/gpu: 1}",
        "hpa: {max: 3, cpu: 70, memory: 512Mi}",
        "kind: ~",
    ] {
        assert_eq!(messages(super::SERVICE, &format!("{{{text}}}")), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn labels_become_the_hints_of_the_table() {
    let (hints, told) = from_labels(
        "{kompose.service.type: NodePort, kompose.service.nodeport.port: '30080', kompose.controller.type: statefulset, \
         kompose.image-pull-policy: IfNotPresent, kompose.image-pull-secret: regcred, kompose.volume.size: 2Gi, \
         kompose.hpa.memory: 512Mi, kompose.volume.type: emptyDir, kompose.service.healthcheck.liveness.tcp_port: '80', \
         kompose.service.healthcheck.readiness.test: '[\"CMD\", \"true\"]', kompose.service.healthcheck.readiness.interval: 5s}",
    );
    assert_eq!(
        as_json(&hints),
        serde_json::json!({
            "expose": "nodeport",
            "node-port": 30080,
            "kind": "StatefulSet",
            "image-pull-policy": "IfNotPresent",
            "image-pull-secrets": ["regcred"],
            "size": "2Gi",
            "volume-kind": "empty",
            "hpa": {"memory": "512Mi"},
            "liveness": {"tcp": 80},
            "readiness": {"exec": ["true"], "interval": "5s"},
        })
    );
    assert_eq!(
        told,
        [
            "kompose-label-different `kompose.service.type` acts on what publishes it, `web-published`, beside `web`, in `services.web.labels`",
            "kompose-label-different `kompose.service.healthcheck.liveness.tcp_port` acts without a `healthcheck` too, where kompose does not read it, in `services.web.labels`",
            "kompose-label-different `kompose.hpa.memory` is an amount of memory, where kompose reads percent, in `services.web.labels`",
            "kompose-label-different `kompose.hpa.memory` counts alone, where kompose adds the other metric, in `services.web.labels`",
        ]
    );
}

/// Labels, and what must be told of each that acts otherwise.
fn told_of(labels: &str, beside: Beside<'_>) -> String {
    let labels: Vec<String> = labels.split("; ").map(|label| format!("kompose.{label}")).collect();
    from_labels_beside(&format!("{{{}}}", labels.join(", ")), beside).1.join("\n")
}

#[test]
fn labels_that_act_otherwise_say_so_n122() {
    for (labels, fact) in [
        ("service.type: NodePort", "`web-published`, beside `web`"),
        ("service.type: Headless", "adds no port"),
        ("service.type: nodeport; service.external-traffic-policy: Local", "acts on a NodePort too"),
        (
            "service.expose: a.example.com/x; service.expose.tls-secret: tls",
            "`kompose.service.expose.tls-secret` is for the hosts alone",
        ),
        ("service.expose: a.example.com; service.expose.path: /a", "is the path of hosts"),
        ("service.group: a", "makes one pod"),
        ("service.name_override: other", "`web` resolves too"),
        ("service.healthcheck.liveness.tcp_port: '80'", "acts without a `healthcheck`"),
        (
            "service.healthcheck.readiness.interval: 5s",
            "`kompose.service.healthcheck.readiness.interval` holds for what is assumed",
        ),
        (
            "service.healthcheck.readiness.test: x; service.healthcheck.readiness.tcp_port: '80'",
            "`kompose.service.healthcheck.readiness.tcp_port` gives way to `kompose.service.healthcheck.readiness.test`",
        ),
        ("controller.type: Job", "makes a Job"),
        ("controller.type: StatefulSet", "is read in any case"),
        ("cronjob.schedule: '* * * * *'", "whatever `restart` says"),
        ("init.containers.image: x; init.containers.command: echo a", "makes one word of it"),
        ("init.containers.image: x; init.containers.command: 'echo, a'", "splits at commas"),
        ("hpa.cpu: '70'", "`kompose.hpa.cpu` counts alone"),
        ("hpa.memory: '70'", "`kompose.hpa.memory` counts alone"),
        ("hpa.memory: 70Mi; hpa.cpu: '70'", "is an amount of memory"),
        ("hpa.replicas.min: '2'", "`kompose.hpa.replicas.min` has no metric beside it"),
    ] {
        let told = told_of(labels, Beside::default());
        assert!(told.contains(fact), "{labels}: {told}");
        assert!(told.lines().all(|line| line.starts_with("kompose-label-different ")), "{labels}: {told}");
    }
}

#[test]
fn labels_are_read_beside_what_the_service_says_n122() {
    for (labels, beside, fact) in [
        ("service.type: headless", Beside { published: 1, ..Beside::default() }, "`web-published` stays"),
        (
            "service.type: nodeport; service.nodeport.port: '30080'",
            Beside { published: 2, ..Beside::default() },
            "that of the first published port",
        ),
        (
            "service.healthcheck.liveness.http_get_path: /",
            Beside { check: Check::Test, ..Beside::default() },
            "acts beside the `test`",
        ),
        (
            "service.healthcheck.readiness.retries: '2'",
            Beside { check: Check::Test, ..Beside::default() },
            "holds for the `test` of `healthcheck`",
        ),
        (
            "cronjob.schedule: '* * * * *'",
            Beside { restart: Some("always"), ..Beside::default() },
            "whatever `restart` says",
        ),
        ("volume.subpath: a", Beside { configs: true, ..Beside::default() }, "not on `configs`"),
    ] {
        let told = told_of(labels, beside);
        assert!(told.contains(fact), "{labels}: {told}");
    }
}

#[test]
fn labels_that_act_as_with_kompose_are_silent_n122() {
    for (labels, beside) in [
        ("service.external-traffic-policy: Local", Beside::default()),
        ("service.type: headless", Beside { exposed: 1, ..Beside::default() }),
        ("service.healthcheck.liveness.tcp_port: '80'", Beside { check: Check::NoTest, ..Beside::default() }),
        ("service.healthcheck.readiness.tcp_port: '80'", Beside::default()),
        ("controller.type: daemonset", Beside::default()),
        ("cronjob.schedule: '* * * * *'", Beside { restart: Some("no"), ..Beside::default() }),
        ("init.containers.image: x; init.containers.command: '[echo, \"a b\"]'", Beside::default()),
        ("hpa.cpu: '70'; hpa.memory: '70'", Beside::default()),
        ("image-pull-policy: Always; image-pull-secret: a; serviceaccount-name: b", Beside::default()),
        ("security-context.fsgroup: '2000'; controller.port.expose: 'true'", Beside::default()),
        ("volume.size: 1Gi; volume.storage-class-name: fast; volume.subpath: a", Beside::default()),
        ("ephemeral-storage.limit: 1Gi; ephemeral-storage.request: 1Gi", Beside::default()),
    ] {
        assert_eq!(told_of(labels, beside), "", "{labels}");
    }
}

#[test]
fn commands_in_labels_are_read_as_lists_and_as_text_n122() {
    let command = |text: &str| {
        let labels =
            format!("{{kompose.init.containers.image: x, kompose.init.containers.command: '{text}'}}");
        as_json(&from_labels(&labels).0)["init-containers"][0]["command"].clone()
    };
    assert_eq!(command("[bundle, exec, -p, \"3000\"]"), serde_json::json!(["bundle", "exec", "-p", "3000"]));
    assert_eq!(command("[\"a, b\"]"), serde_json::json!(["a, b"]));
    assert_eq!(command("sh -c \"a b\""), serde_json::json!(["sh", "-c", "a b"]));
    let test = |text: &str| {
        let labels = format!("{{kompose.service.healthcheck.readiness.test: '{text}'}}");
        as_json(&from_labels(&labels).0)["readiness"].clone()
    };
    assert_eq!(test("CMD curl -f \"a b\""), serde_json::json!({"exec": ["curl", "-f", "a b"]}));
    assert_eq!(test("CMD-SHELL a || b"), serde_json::json!({"exec": ["/bin/sh", "-c", "a || b"]}));
    assert_eq!(test("[ -f /a ] || [ -f /b ]")["exec"][2], "[ -f /a ] || [ -f /b ]");
    assert_eq!(test("[ -f /tmp/ready ]")["exec"][2], "[ -f /tmp/ready ]");
    assert_eq!(test("NONE"), serde_json::json!(false));
}

#[test]
fn what_kompose_takes_for_a_silent_autoscaler_is_left_to_who_makes_it() {
    let hints = as_json(&from_labels("{kompose.hpa.replicas.min: '2'}").0);
    assert_eq!(hints["hpa"], serde_json::json!({"min": 2}));
}

#[test]
fn hosts_of_kompose_take_its_path_and_its_secret() {
    let hosts = |text: &str| as_json(&from_labels(text).0);
    assert_eq!(
        hosts(
            "{kompose.service.expose: 'a.example.com, b.example.com/x', kompose.service.expose.path: /api, kompose.service.expose.tls-secret: tls}"
        ),
        serde_json::json!({"expose": "ingress", "hosts": ["a.example.com/api", "b.example.com/x"], "tls": "tls"})
    );
    assert_eq!(
        hosts("{kompose.service.expose: 'true', kompose.service.expose.path: /api}"),
        serde_json::json!({"expose": "ingress", "hosts": ["/api"]})
    );
    assert_eq!(hosts("{kompose.service.expose: 'true'}"), serde_json::json!({"expose": "ingress"}));
}

#[test]
fn labels_that_kompose_refuses_are_errors_and_unknown_ones_warnings() {
    let (hints, told) = from_labels(
        "{kompose.service.type: public, kompose.controller.type: replicationcontroller, kompose.service.typ: nodeport, kompose.volume.selector: x}",
    );
    assert!(hints.is_empty());
    assert_eq!(
        told,
        [
            "kompose-label-unknown kompose has no label `kompose.service.typ` in `services.web.labels`",
            "kompose-label-unknown kompose has no label `kompose.volume.selector` in `services.web.labels`",
            "kompose-label-invalid `public` is no value of `kompose.service.type` in `services.web.labels`",
            "kompose-label-invalid `replicationcontroller` is no value of `kompose.controller.type` in `services.web.labels`",
        ]
    );
}

#[test]
fn a_schedule_makes_a_cron_job_and_an_image_an_init_container() {
    let (hints, told) = from_labels(
        "{kompose.cronjob.schedule: '*/5 * * * *', kompose.cronjob.concurrency_policy: Forbid, kompose.cronjob.backoff_limit: '2', \
         kompose.init.containers.image: busybox, kompose.init.containers.command: 'echo \"a b\"'}",
    );
    assert_eq!(
        as_json(&hints),
        serde_json::json!({
            "kind": "CronJob",
            "schedule": "*/5 * * * *",
            "concurrency-policy": "Forbid",
            "backoff-limit": 2,
            "init-containers": [{"image": "busybox", "name": "init-service", "command": ["echo", "a b"]}],
        })
    );
    let [command, schedule] = &told[..] else { panic!("{told:?}") };
    assert!(command.contains("init.containers.command") && command.contains("makes one word"), "{command}");
    assert!(schedule.contains("cronjob"), "{schedule}");
}

#[test]
fn every_row_is_documented_and_named_as_the_vocabulary_asks() {
    for (place, rows) in PLACES {
        let mut names: Vec<&str> = rows.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), rows.len(), "{place}");
        for row in *rows {
            assert!(row.doc.ends_with('.'), "{}", row.name);
            assert!(row.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", row.name);
            assert!(!matches!(row.form, Form::Word([])), "{}", row.name);
        }
    }
}

#[test]
fn problems_of_hints_are_errors() {
    let mut sink = Sink::default();
    check(&node("[]"), super::SERVICE, &Path::Root.key("services").key("web"), &mut sink);
    let found = &sink.diagnostics()[0];
    assert_eq!((found.severity, found.service.as_deref()), (Severity::Error, Some("web")));
    assert_eq!(found.message, "a list is no value of `services.web`");
}
