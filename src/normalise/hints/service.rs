//! Hints of one service and of its ports.

use super::read::{Reader, number, place};
use super::storage::{binds, seeds};
use crate::compose::hints::forms::percent;
use crate::diag::Spanned;
use crate::model::{
    Autoscale, Concurrency, Disruption, Environment, EnvironmentValue, Exposure, HintedKind, HostRule,
    InitContainer, Percent, PortHints, PortInference, Probe, ProbeHandler, ProbeStyle, ProbeWish, PullHint,
    Quantity, ResourceAmounts, Sensitive, ServiceHints, Share, Test, TextMap, Tls, TrafficPolicy, VolumeKind,
};
use crate::normalise::sensitive::is_sensitive;
use crate::yaml::{Mapping, Node, Value};

/// Reads the hints of a service.
pub(super) fn hints(written: Mapping) -> ServiceHints {
    let mut reader = Reader(written);
    let hints = ServiceHints {
        kind: reader.word("kind", HintedKind::of),
        schedule: reader.text("schedule"),
        time_zone: reader.text("time-zone"),
        concurrency: reader.word("concurrency-policy", Concurrency::of),
        completions: reader.number("completions"),
        backoff_limit: reader.number("backoff-limit"),
        name: reader.text("name"),
        group: reader.text("group"),
        replicas: reader.number("replicas"),
        default_replicas: None,
        autoscale: reader.below("hpa").map(|hpa| hpa.map(autoscale)),
        disruption: reader.node("pdb").and_then(disruption),
        patches: reader.patches(),
        pull: reader.word("image-pull-policy", PullHint::of),
        image_pull_secrets: reader.texts("image-pull-secrets"),
        stop_signal: reader.text("stop-signal"),
        environment: environment(reader.text_map("environment")),
        secret_environment: reader.text_map("secret-environment"),
        sensitive: reader.node("sensitive").map(sensitive),
        init_containers: reader.list("init-containers").into_iter().filter_map(init_container).collect(),
        model_endpoints: reader.text_map("model-endpoints"),
        liveness: reader.node("liveness").and_then(probe),
        readiness: reader.node("readiness").and_then(probe),
        startup: reader.node("startup").and_then(probe),
        probes: reader.word("probes", ProbeStyle::of),
        service_account: reader.text("service-account"),
        automount_token: reader.flag("automount-token"),
        fs_group: reader.number("fs-group"),
        seccomp_profile: reader.text("seccomp-profile"),
        runtime_class: reader.text("runtime-class"),
        requests: amounts(&mut reader, "requests"),
        limits: amounts(&mut reader, "limits"),
        device_resources: reader
            .entries("device-resources")
            .into_iter()
            .filter_map(|(name, count)| Some((name, number(&count)?)))
            .collect(),
        tolerations: reader.objects("tolerations"),
        node: reader.text("node"),
        constraints: reader.texts("constraints"),
        node_selector: reader.text_map("node-selector"),
        priority_class: reader.text("priority-class"),
        expose: reader.word("expose", Exposure::of),
        hosts: hosts(&mut reader),
        tls: reader.node("tls").and_then(tls),
        ingress_class: reader.text("ingress-class"),
        gateway: reader.text("gateway"),
        annotations: reader.text_map("annotations"),
        node_port: reader.number("node-port"),
        traffic_policy: reader.word("external-traffic-policy", TrafficPolicy::of),
        host_port: reader.flag("host-port"),
        source_ranges: reader.texts("source-ranges"),
        load_balancer_class: reader.text("load-balancer-class"),
        split_protocols: reader.flag("split-protocols"),
        publish_not_ready: reader.flag("publish-not-ready"),
        infer_ports: reader.word("infer-ports", PortInference::of),
        host_gateway: reader.word("host-gateway", |address| address.parse().ok()),
        own_dns: place(reader.node("dns-policy")),
        bind: binds(reader.node("bind")),
        seed: seeds(reader.entries("seed")),
        volume_kind: reader.word("volume-kind", VolumeKind::of),
        size: reader.quantity("size"),
        storage_class: reader.text("storage-class"),
        subpath: reader.text("subpath"),
    };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

/// Reads the hints of a port.
pub(super) fn port_hints(written: Mapping) -> PortHints {
    let mut reader = Reader(written);
    let hints = PortHints {
        expose: reader.word("expose", Exposure::of),
        node_port: reader.number("node-port"),
        hosts: hosts(&mut reader),
    };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

fn environment(values: TextMap) -> Environment {
    let literal = |(name, value): (String, Spanned<String>)| {
        let sensitive = is_sensitive(&name, &value.value);
        (name, EnvironmentValue::Literal { value, sensitive })
    };
    values.into_iter().map(literal).collect()
}

fn hosts(reader: &mut Reader) -> Option<Spanned<Vec<HostRule>>> {
    reader.texts("hosts").map(|texts| texts.map(|texts| texts.into_iter().map(host).collect()))
}

fn host(text: Spanned<String>) -> HostRule {
    let Spanned { value, span } = text;
    let (host, path) = match value.find('/') {
        Some(slash) => (&value[..slash], Some(value[slash..].to_owned())),
        None => (value.as_str(), None),
    };
    HostRule { span, host: (!host.is_empty()).then(|| host.to_owned()), path }
}

fn tls(node: Node) -> Option<Spanned<Tls>> {
    let tls = match node.value {
        Value::Bool(false) => Tls::Off,
        Value::Bool(true) => Tls::Issued,
        // Only a label of kompose leaves this a text (N53).
        Value::Text(text) if text == "true" => Tls::Default,
        Value::Text(text) => Tls::Named(text),
        _ => return None,
    };
    Some(Spanned::new(tls, node.span))
}

fn autoscale(mut written: Reader) -> Autoscale {
    let percentage =
        |text: Spanned<String>| percent(&text.value).map(|number| Spanned::new(Percent(number), text.span));
    let share = |text: Spanned<String>| {
        let Spanned { value, span } = text;
        let share =
            percent(&value).map_or(Share::Amount(Quantity(value)), |number| Share::Percent(Percent(number)));
        Spanned::new(share, span)
    };
    Autoscale {
        min: written.number("min"),
        max: written.number("max"),
        cpu: written.text("cpu").and_then(percentage),
        memory: written.text("memory").map(share),
    }
}

fn disruption(node: Node) -> Option<Spanned<Disruption>> {
    let wish = match node.value {
        Value::Bool(false) => Disruption::Off,
        Value::Bool(true) => Disruption::On,
        Value::Map(map) => {
            let mut reader = Reader(map);
            match (reader.text("min-available"), reader.text("max-unavailable")) {
                (Some(pods), _) => Disruption::MinAvailable(pods.value),
                (None, Some(pods)) => Disruption::MaxUnavailable(pods.value),
                (None, None) => return None,
            }
        }
        _ => return None,
    };
    Some(Spanned::new(wish, node.span))
}

fn sensitive(node: Node) -> Spanned<Sensitive> {
    let span = node.span;
    let sensitive = match node.value {
        Value::Map(map) => Sensitive::Variables(
            map.into_iter().map(|(name, entry)| (name, entry.node.value == Value::Bool(true))).collect(),
        ),
        value => Sensitive::All(value == Value::Bool(true)),
    };
    Spanned::new(sensitive, span)
}

fn init_container(written: Spanned<Reader>) -> Option<InitContainer> {
    let Spanned { value: mut written, span } = written;
    Some(InitContainer {
        span,
        name: written.text("name"),
        image: written.text("image")?,
        command: written.words("command"),
        arguments: written.words("args"),
        environment: written.text_map("environment"),
    })
}

fn probe(node: Node) -> Option<Spanned<ProbeWish>> {
    let wish = match node.value {
        Value::Bool(false) => ProbeWish::Off,
        Value::Bool(true) => ProbeWish::On,
        Value::Map(map) => {
            let mut reader = Reader(map);
            ProbeWish::With(Box::new(Probe {
                handler: handler(&mut reader),
                interval: reader.time("interval"),
                timeout: reader.time("timeout"),
                retries: reader.number("retries"),
                start_period: reader.time("start-period"),
            }))
        }
        _ => return None,
    };
    Some(Spanned::new(wish, node.span))
}

fn handler(reader: &mut Reader) -> Option<Spanned<ProbeHandler>> {
    if let Some(http) = reader.below("http") {
        return Some(http.map(|mut http| ProbeHandler::Http {
            path: http.text("path").map(|path| path.value),
            port: http.number("port").map(|port| port.value),
            tls: http.text("scheme").is_some_and(|scheme| scheme.value == "HTTPS"),
            host: http.text("host").map(|host| host.value),
        }));
    }
    let number = |reader: &mut Reader, name: &str| reader.number::<u16>(name);
    if let Some(port) = number(reader, "tcp") {
        return Some(port.map(ProbeHandler::Tcp));
    }
    if let Some(port) = number(reader, "grpc") {
        return Some(port.map(ProbeHandler::Grpc));
    }
    let words = reader.texts("exec")?;
    let words = words.map(|words| words.into_iter().map(|word| word.value).collect::<Vec<_>>());
    Some(words.map(|words| ProbeHandler::Command(Test::Exec(words))))
}

fn amounts(reader: &mut Reader, name: &str) -> ResourceAmounts {
    match reader.below(name) {
        Some(Spanned { value: mut written, span: _ }) => ResourceAmounts {
            cpu: written.quantity("cpu"),
            memory: written.quantity("memory"),
            ephemeral_storage: written.quantity("ephemeral-storage"),
        },
        None => ResourceAmounts::default(),
    }
}
