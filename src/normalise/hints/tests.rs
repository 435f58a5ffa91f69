//! Which writing counts, and that every hint of the vocabulary reaches the model.

use super::layers::Layers;
use crate::compose::hints::{CONTENT, MOUNT, NETWORK, Outside, PORT, SERVICE, TOP, VOLUME, value::Row};
use crate::compose::path::Path;
use crate::diag::{Sink, Sources};
use crate::model::{Exposure, HintedKind, Tls};
use crate::normalise::tests::understood;
use crate::yaml::{Entry, Mapping, Node};

fn extensions(hints: &str) -> Mapping {
    let text = format!("x-rcompose: {hints}");
    let mut sources = Sources::default();
    let id = sources.add("x.yaml", text.as_str());
    let mut sink = Sink::default();
    let node = crate::yaml::parse(id, &text, crate::yaml::Options::default(), &mut sink).remove(0);
    assert!(!sink.has_errors(), "{text}: {:?}", sink.diagnostics());
    node.as_map().cloned().expect("a mapping")
}

/// One legal value for each hint; those with an easy form are made up here.
const ALL_OF_SERVICE: &str = "{kind: CronJob, schedule: '@daily', time-zone: UTC, concurrency-policy: Forbid, completions: 1, \
    backoff-limit: 1, name: n, group: g, replicas: 1, hpa: {min: 1, max: 2, cpu: 70, memory: 1Gi}, pdb: true, \
    patches: [{target: {kind: Service}, merge: {a: 1}}], image-pull-policy: Always, image-pull-secrets: [a], \
    stop-signal: USR1, environment: {A: 1}, secret-environment: {B: s}, sensitive: false, \
    init-containers: [{name: i, image: x, command: [a], args: [b], environment: {A: b}}], model-endpoints: {m: u}, \
    liveness: true, readiness: {http: {path: /, port: 80, scheme: HTTPS, host: h}, interval: 1s, timeout: 1s, retries: 1, start-period: 1s}, \
    startup: {exec: [a]}, probes: http, service-account: a, automount-token: true, fs-group: 1, seccomp-profile: p, \
    runtime-class: r, requests: {cpu: 1, memory: 1Mi, ephemeral-storage: 1Gi}, limits: {cpu: 1}, \
    device-resources: {a.b/c: 1}, tolerations: [{operator: Exists}], node: n, constraints: [a == b], \
    node-selector: {a: b}, priority-class: p, expose: none, hosts: [a.b], tls: true, ingress-class: i, gateway: g, \
    annotations: {a: b}, node-port: 30000, external-traffic-policy: Local, host-port: true, source-ranges: [10.0.0.0/8], \
    load-balancer-class: a/b, split-protocols: true, publish-not-ready: true, infer-ports: all, host-gateway: 10.0.0.1, \
    dns-policy: none, bind: {/a: omit}, seed: {/b: image}, volume-kind: empty, size: 1Gi, storage-class: s, subpath: s}";

fn names(rows: &[Row]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names
}

fn sorted(written: Vec<crate::model::WrittenHint>) -> Vec<&'static str> {
    let mut names: Vec<&str> = written.into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

#[test]
fn every_hint_of_the_vocabulary_reaches_the_model() {
    let outside = Outside::default();
    let mut sink = Sink::default();
    let top = "{instance: i, namespace: n, storage-class: s, volume-size: 1Gi, access-mode: ReadWriteMany, image-pull-secrets: [a], \
        service-account: s, expose: none, tolerations: [{operator: Exists}], secret-store: {name: v, kind: ClusterSecretStore}, \
        overlays: {prod: [p.yaml]}, chart: {version: 1.0.0, app-version: '2', description: d}, \
        patches: [{target: {kind: Service, name: web}, json: [{op: remove, path: /a}]}], rewrite-names: true, infer-ports: declared, \
        domain: example.com, gateway-class: g, api-server: ['10.0.0.1/32:6443']}";
    let layers = Layers::new(&extensions(top), &outside, &mut sink);
    assert_eq!(sorted(layers.project().written()), names(TOP));
    let none = Layers::new(&Mapping::new(), &outside, &mut sink);
    let project = understood(&format!(
        "{{services: {{web: {{image: x, x-rcompose: {ALL_OF_SERVICE}}}}}, secrets: {{s: {{external: true}}}}}}"
    ));
    let service = &project.services.values().next().expect("a service").hints;
    assert_eq!(sorted(service.written()), names(SERVICE));
    let at = Path::Root;
    let port = none.port(&extensions("{expose: none, node-port: 30000, hosts: [a.b/c]}"), &at, &mut sink);
    assert_eq!(sorted(port.written()), names(PORT));
    let mount = extensions("{bind: auto, seed: none, subpath: a, size: 1Gi}");
    assert_eq!(sorted(Layers::mount(&mount, &at, &mut sink).written()), names(MOUNT));
    let volume = extensions(
        "{size: 1Gi, storage-class: s, access-mode: ReadWriteOnce, colocate: true, seed: none, subpath: a, \
         per-replica: false, selector: {a: b}, nfs: csi, annotations: {a: b}}",
    );
    assert_eq!(sorted(none.volume("v", &volume, None, &mut sink).written()), names(VOLUME));
    let network = extensions("{allow-from: [monitoring]}");
    assert_eq!(sorted(Layers::network("n", &network, &mut sink).written()), names(NETWORK));
    let content = extensions("{key: k, remote: {key: a, property: b}, sensitive: true}");
    assert_eq!(sorted(Layers::content("configs", "c", &content, &mut sink).written()), names(CONTENT));
    assert_eq!(sink.diagnostics(), []);
}

fn flag(name: &str, word: &str) -> Mapping {
    let mut sources = Sources::default();
    let id = sources.add("command line", word);
    let span = crate::diag::Span::new(id, 0, u32::try_from(word.len()).unwrap_or(0));
    Mapping::from([(name.to_owned(), Entry { key: span, node: Node::text(span, word) })])
}

#[test]
fn a_flag_counts_before_the_service_and_that_before_the_top_and_that_before_labels() {
    let of = |text: &str, outside: &Outside| {
        let (project, codes) = crate::normalise::tests::understood_with(text, outside);
        let hints = &project.services.values().next().expect("a service").hints;
        (hints.expose.as_ref().map(|expose| expose.value), codes)
    };
    let label = "expose: [80], labels: {kompose.service.type: headless}";
    let all = format!(
        "{{x-rcompose: {{expose: none}}, services: {{web: {{image: x, {label}, x-rcompose: {{expose: nodeport}}}}}}}}"
    );
    let top = format!("{{x-rcompose: {{expose: none}}, services: {{web: {{image: x, {label}}}}}}}");
    let alone = format!("{{services: {{web: {{image: x, {label}}}}}}}");
    let none = Outside::default();
    let flags = Outside { flags: flag("expose", "clusterip"), ..Outside::default() };
    let settings = Outside { settings: flag("expose", "loadbalancer"), ..Outside::default() };
    assert_eq!(of(&all, &flags).0, Some(Exposure::ClusterIp));
    assert_eq!(of(&all, &none), (Some(Exposure::NodePort), vec!["hint-conflict"]));
    assert_eq!(of(&top, &none), (Some(Exposure::None), vec!["hint-conflict"]));
    assert_eq!(of(&top, &settings).0, Some(Exposure::None));
    assert_eq!(of(&alone, &settings).0, Some(Exposure::LoadBalancer));
    assert_eq!(of(&alone, &none), (Some(Exposure::Headless), vec![]));
}

#[test]
fn labels_of_kompose_are_written_nowhere() {
    let project = understood(
        "{services: {web: {image: x, labels: {kompose.controller.type: daemonset, a: b}, \
         deploy: {labels: {kompose.ephemeral-storage.limit: 1Gi}}}}}",
    );
    let web = project.services.values().next().expect("a service");
    assert_eq!(web.identity.labels.keys().collect::<Vec<_>>(), ["a"]);
    assert!(web.identity.service_labels.is_empty());
    assert_eq!(web.hints.kind.as_ref().map(|kind| kind.value), Some(HintedKind::DaemonSet));
    assert!(web.hints.limits.ephemeral_storage.is_some());
}

#[test]
fn a_secret_called_true_is_the_controllers_own() {
    let tls = |hint: &str| {
        let project = understood(&format!("{{services: {{web: {{image: x, {hint}}}}}}}"));
        let web = project.services.into_values().next().expect("a service");
        web.hints.tls.map(|tls| tls.value)
    };
    assert_eq!(tls("labels: {kompose.service.expose.tls-secret: 'true'}"), Some(Tls::Default));
    assert_eq!(tls("x-rcompose: {tls: 'true'}"), Some(Tls::Issued));
    assert_eq!(tls("x-rcompose: {tls: shop-tls}"), Some(Tls::Named("shop-tls".to_owned())));
}

#[test]
fn a_hint_that_means_the_same_everywhere_is_laid_over_the_key() {
    let (project, codes) = crate::normalise::tests::understood_with(
        "{services: {web: {image: x, environment: {TOKEN: aaaaaaaaaaaaaaaaaaaa, PLAIN: b}, \
         deploy: {placement: {constraints: [node.labels.a == b]}}, \
         x-rcompose: {constraints: [node.labels.c == d], node: n1, sensitive: {TOKEN: false, PLAIN: true}}}}}",
        &Outside::default(),
    );
    let web = project.services.values().next().expect("a service");
    let texts: Vec<&str> =
        web.placement.constraints.iter().map(|constraint| constraint.value.text.as_str()).collect();
    assert_eq!(texts, ["node.labels.c == d", "node.hostname==n1"]);
    assert_eq!(codes, ["hint-overrides"]);
    let secret: Vec<bool> = web
        .process
        .environment
        .values()
        .map(|value| matches!(value, crate::model::EnvironmentValue::Literal { sensitive: true, .. }))
        .collect();
    assert_eq!(secret, [true, false]);
}

#[test]
fn labels_of_deploy_are_told_of_where_they_stand_n122() {
    let told = |labels: &str| {
        let text = format!("{{services: {{web: {{image: x, {labels}}}}}}}");
        crate::normalise::tests::understood_with(&text, &Outside::default()).1
    };
    assert_eq!(told("deploy: {labels: {kompose.ephemeral-storage.limit: 1Gi}}"), Vec::<&str>::new());
    assert_eq!(told("deploy: {labels: {kompose.volume.size: 1Gi}}"), ["kompose-label-different"]);
    let both = "labels: {kompose.volume.size: 2Gi}, deploy: {labels: {kompose.volume.size: 1Gi}}";
    let (project, codes) = crate::normalise::tests::understood_with(
        &format!("{{services: {{web: {{image: x, {both}}}}}}}"),
        &Outside::default(),
    );
    let web = project.services.values().next().expect("a service");
    assert_eq!(web.hints.size.as_ref().map(|size| size.value.0.as_str()), Some("2Gi"));
    assert_eq!(codes, ["kompose-label-different"]);
}

#[test]
fn a_secret_for_a_variable_must_be_there_and_be_one_value() {
    let (text, host) = (
        "{services: {web: {image: x, x-rcompose: {secret-environment: {A: tokn, B: tls}}}}, \
         secrets: {token: {external: true}, tls: {file: ./tls}}}",
        crate::host::MemoryHost::new().cwd("/p").file("/p/tls/crt", "x"),
    );
    let host = host.file("/p/compose.yaml", text);
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = crate::compose::Request::default();
    let loaded = crate::compose::load(&request, &host, &mut sources, &mut sink).expect("a project");
    crate::normalise::normalise(loaded, &Outside::default(), &host, &mut sources, &mut sink);
    let told: Vec<_> = sink
        .into_diagnostics()
        .into_iter()
        .filter(|found| found.code.name() == "hint-value-invalid")
        .map(|found| (found.message, found.help.unwrap_or_default()))
        .collect();
    let expected = [
        ("`tokn` cannot give `A` of `web` its value: there is no such secret", "did you mean `token`?"),
        (
            "`tls` cannot give `B` of `web` its value: it is a directory, and a variable has one value",
            "name a file",
        ),
    ];
    assert_eq!(told, expected.map(|(message, help)| (message.to_owned(), help.to_owned())));
}
