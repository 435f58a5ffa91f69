//! Whole projects: Compose text in, model out.

use std::time::Duration;

use super::normalise;
use crate::compose::keys::service::Service as Written;
use crate::compose::{self, Request};
use crate::diag::{Diagnostic, Sink, Sources};
use crate::host::MemoryHost;
use crate::model::{
    AliasOrigin, BindDecision, BindPath, Condition, Content, DeviceCount, EnvironmentValue, Health, HostIp,
    Kind, MountSource, Namespace, NetworkMode, Project, Protocol, RestartWhen, Service, Test, Words,
};

struct Outcome {
    project: Project,
    problems: Vec<Diagnostic>,
}

impl Outcome {
    fn service(&self, name: &str) -> &Service {
        &self.project.services[name]
    }

    fn codes(&self) -> Vec<&str> {
        self.problems.iter().map(|problem| problem.code.name()).collect()
    }
}

/// Loads and normalises `compose.yaml` of `/srv/shop`.
fn read(text: &str) -> Outcome {
    read_with(MemoryHost::new(), "/srv/shop", text, &Request::default())
}

fn read_files(text: &str, files: &[(&str, &str)]) -> Outcome {
    let host = files
        .iter()
        .fold(MemoryHost::new(), |host, (path, content)| host.file(format!("/srv/shop/{path}"), content));
    read_with(host, "/srv/shop", text, &Request::default())
}

fn read_with(host: MemoryHost, directory: &str, text: &str, request: &Request) -> Outcome {
    let host = host.file(format!("{directory}/compose.yaml"), text).cwd(directory);
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let loaded = compose::load(request, &host, &mut sources, &mut sink).expect("a project");
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    let project =
        normalise(loaded, &crate::compose::hints::Outside::default(), &host, &mut sources, &mut sink);
    Outcome { project, problems: sink.into_diagnostics() }
}

/// What a text means, for the tests of single concepts.
pub(super) fn understood(text: &str) -> Project {
    understood_with(text, &crate::compose::hints::Outside::default()).0
}

/// The same with hints from outside; the codes of what was found besides.
pub(super) fn understood_with(
    text: &str,
    outside: &crate::compose::hints::Outside,
) -> (Project, Vec<&'static str>) {
    let host = MemoryHost::new().file("/srv/shop/compose.yaml", text).cwd("/srv/shop");
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request::default();
    let loaded = compose::load(&request, &host, &mut sources, &mut sink).expect("a project");
    let project = normalise(loaded, outside, &host, &mut sources, &mut sink);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    (project, sink.into_diagnostics().iter().map(|problem| problem.code.name()).collect())
}

/// A service `a` of `image: i` with further lines.
fn service(lines: &str) -> Service {
    let lines = lines.replace('\n', "\n    ");
    let project = read(&format!("services:\n  a:\n    image: i\n    {lines}\n")).project;
    project.services["a"].clone()
}

/// What each key may say, so that the model says it too.
const KEYS: &[(&str, &str)] = &[
    ("annotations", "{a: b}"),
    ("attach", "false"),
    ("blkio_config", "{weight: 10}"),
    ("build", "."),
    ("cap_add", "[A]"),
    ("cap_drop", "[A]"),
    ("cgroup", "host"),
    ("cgroup_parent", "x"),
    ("command", "x"),
    ("configs", "[c]"),
    ("container_name", "name"),
    ("cpu_count", "1"),
    ("cpu_percent", "1"),
    ("cpu_period", "1"),
    ("cpu_quota", "1"),
    ("cpu_rt_period", "1"),
    ("cpu_rt_runtime", "1"),
    ("cpu_shares", "1"),
    ("cpus", "1"),
    ("cpuset", "'1'"),
    ("credential_spec", "{file: x}"),
    ("depends_on", "[b]"),
    ("deploy", "{replicas: 1}"),
    ("develop", "{watch: [{path: ., action: rebuild}]}"),
    ("device_cgroup_rules", "[x]"),
    ("devices", "[/dev/x]"),
    ("dns", "1.1.1.1"),
    ("dns_opt", "[x]"),
    ("dns_search", "x"),
    ("domainname", "x"),
    ("entrypoint", "x"),
    ("env_file", "env"),
    ("environment", "{A: b}"),
    ("expose", "[1]"),
    ("extends", "b"),
    ("external_links", "[x]"),
    ("extra_hosts", "{a: 1.1.1.1}"),
    ("gpus", "all"),
    ("group_add", "[1]"),
    ("healthcheck", "{test: x}"),
    ("hostname", "x"),
    ("image", "other"),
    ("init", "true"),
    ("ipc", "host"),
    ("isolation", "x"),
    ("label_file", "env"),
    ("labels", "{a: b}"),
    ("links", "['b:x']"),
    ("logging", "{driver: x}"),
    ("mac_address", "x"),
    ("mem_limit", "8m"),
    ("mem_reservation", "8m"),
    ("mem_swappiness", "1"),
    ("memswap_limit", "8m"),
    ("models", "[m]"),
    ("network_mode", "host"),
    ("networks", "[n]"),
    ("oom_kill_disable", "true"),
    ("oom_score_adj", "1"),
    ("pid", "host"),
    ("pids_limit", "1"),
    ("platform", "linux"),
    ("ports", "['1']"),
    ("post_start", "[{command: x}]"),
    ("pre_start", "[{command: x}]"),
    ("pre_stop", "[{command: x}]"),
    ("privileged", "true"),
    ("profiles", "['']"),
    ("provider", "{type: x}"),
    ("pull_policy", "always"),
    ("pull_refresh_after", "1d"),
    ("read_only", "true"),
    ("restart", "always"),
    ("runtime", "x"),
    ("scale", "1"),
    ("secrets", "[s]"),
    ("security_opt", "[x]"),
    ("shm_size", "1m"),
    ("stdin_open", "true"),
    ("stop_grace_period", "1s"),
    ("stop_signal", "x"),
    ("storage_opt", "{size: 1G}"),
    ("sysctls", "{a: b}"),
    ("tmpfs", "/x"),
    ("tty", "true"),
    ("ulimits", "{nofile: 1}"),
    ("use_api_socket", "true"),
    ("user", "x"),
    ("userns_mode", "x"),
    ("uts", "host"),
    ("volumes", "['/x']"),
    ("volumes_from", "[b]"),
    ("working_dir", "/x"),
];

#[test]
fn every_key_of_a_service_reaches_the_model() {
    let rest = "\n  b: {image: i, user: u, volumes: ['/b']}\nnetworks: {n: }\nconfigs: {c: {content: x}}\n\
                secrets: {s: {file: env}}\nmodels: {m: {model: x}}\n";
    let with = |line: &str| {
        let text = format!("services:\n  a:\n    {line}{rest}");
        let read = read_files(&text, &[("env", "X=y\n")]);
        let service = read.service("a").clone();
        // A service's place is that of its key, and so the same for all.
        format!("{service:?}")
    };
    let plain = with("image: i");
    for field in Written::FIELDS {
        let (_, value) = KEYS.iter().find(|(key, _)| *key == field.name).unwrap_or_else(|| {
            panic!("`{}` has no line here", field.name);
        });
        let line = match field.name {
            "image" => format!("image: {value}"),
            "provider" => format!("provider: {value}"),
            key => format!("image: i\n    {key}: {value}"),
        };
        assert_ne!(with(&line), plain, "{}", field.name);
    }
    assert_eq!(KEYS.len(), Written::FIELDS.len());
}

#[test]
fn commands_and_environment_keep_what_was_written() {
    let process = service("command: []\nentrypoint: [a, b]\nenvironment: {PASSWORD: geheim, B: }").process;
    assert!(matches!(process.command, Words::Cleared(_)));
    assert!(matches!(&process.entrypoint, Words::Words(words) if words.value == ["a", "b"]));
    assert!(matches!(&process.environment["PASSWORD"], EnvironmentValue::Literal { sensitive: true, .. }));
    assert!(matches!(&process.environment["B"], EnvironmentValue::Unset(_)));
    assert_eq!(service("command: ~").process.command, Words::Inherit);
}

#[test]
fn restart_is_read_from_both_places() {
    let restart = |lines: &str| {
        let restart = service(lines).lifecycle.restart;
        let attempts = restart.max_attempts.map(|attempts| attempts.value);
        (restart.when.map(|when| when.value), attempts, restart.from_deploy)
    };
    assert_eq!(restart("restart: on-failure:3"), (Some(RestartWhen::OnFailure), Some(3), false));
    assert_eq!(restart("restart: 'no'"), (Some(RestartWhen::Never), None, false));
    assert_eq!(
        restart("restart: on-failure:3\ndeploy: {restart_policy: {condition: any, max_attempts: 5}}"),
        (Some(RestartWhen::Always), Some(5), true)
    );
    assert_eq!(
        restart("restart: on-failure:3\ndeploy: {restart_policy: {delay: 1s}}"),
        (Some(RestartWhen::OnFailure), Some(3), false)
    );
}

#[test]
fn unknown_words_count_as_unset_and_are_told() {
    let read = read(
        "services:\n  a:\n    image: i\n    restart: sometimes\n    expose: ['80:80']\n    ports: [{target: 70000}, {target: 1, protocol: x}]\n    deploy: {mode: gobal, endpoint_mode: y, restart_policy: {condition: z}, update_config: {failure_action: w}}\n",
    );
    assert_eq!(read.codes(), ["value-unknown"; 8]);
    let service = read.service("a");
    assert_eq!(service.lifecycle.kind, Kind::Service);
    assert!(service.lifecycle.restart.when.is_none() && service.scale.endpoint.is_none());
    assert_eq!(service.ports.ports.len(), 1);
}

#[test]
fn secret_values_in_commands_are_told_but_not_said() {
    let read = read(
        "services:\n  a:\n    image: i\n    environment: {DB_PASSWORD: geheimnis, PIN_PASSWORD: '12345'}\n    command: [run, --password, geheimnis]\n    entrypoint: [sh, -c, 'x 12345']\n    healthcheck: {test: [CMD, redis-cli, -u, 'redis://:passwort@localhost']}\n",
    );
    assert_eq!(read.codes(), ["secret-in-command"; 2]);
    let paths: Vec<_> = read.problems.iter().filter_map(|problem| problem.path.as_deref()).collect();
    assert_eq!(paths, ["services.a.command", "services.a.healthcheck.test"]);
    assert!(!format!("{:?}", read.problems).contains("geheimnis"));
}

#[test]
fn ports_keep_their_meaning() {
    let ports =
        service("ports: ['8080:80', '127.0.0.1:81-82:81-82/udp', '83', '90-95:84']\nexpose: ['1-2']").ports;
    let seen: Vec<_> = ports
        .ports
        .iter()
        .map(|port| (port.target.value, port.published.as_ref().map(|range| range.value), port.protocol))
        .collect();
    assert_eq!(
        seen,
        [
            (80, Some((8080, 8080)), Protocol::Tcp),
            (81, Some((81, 81)), Protocol::Udp),
            (82, Some((82, 82)), Protocol::Udp),
            (83, None, Protocol::Tcp),
            (84, Some((90, 95)), Protocol::Tcp)
        ]
    );
    assert!(matches!(ports.ports[1].host_ip, HostIp::Loopback(_)));
    assert_eq!(ports.exposed.iter().map(|exposed| exposed.port).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn health_checks_are_merged_with_the_dockerfile_field_by_field() {
    let dockerfile = "FROM x\nHEALTHCHECK --interval=5s --timeout=2s CMD [\"ask\"]\n";
    let health = |healthcheck: &str, dockerfile: &str| {
        let text = format!("services:\n  a:\n    build: .\n{healthcheck}");
        read_files(&text, &[("Dockerfile", dockerfile)]).service("a").health.clone()
    };
    let Health::Check(check) = health("    healthcheck: {interval: 9s, timeout: 0s}\n", dockerfile) else {
        panic!("a check");
    };
    assert_eq!(check.test.value, Test::Exec(vec!["ask".to_owned()]));
    let timing = &check.timing;
    assert_eq!(timing.interval.as_ref().map(|time| time.value), Some(Duration::from_secs(9)));
    assert_eq!(timing.timeout.as_ref().map(|time| time.value), Some(Duration::from_secs(2)));

    let Health::Check(check) = health("    healthcheck: {test: me}\n", dockerfile) else { panic!("a check") };
    assert_eq!(check.test.value, Test::Shell(vec!["me".to_owned()]));
    assert_eq!(check.timing.interval.as_ref().map(|time| time.value), Some(Duration::from_secs(5)));

    assert!(matches!(health("", dockerfile), Health::Check(_)));
    assert!(matches!(health("    healthcheck: {disable: true}\n", dockerfile), Health::Disabled(_)));
    assert!(matches!(health("    healthcheck: {test: [NONE]}\n", dockerfile), Health::Disabled(_)));
    assert!(matches!(health("    healthcheck: {interval: 1s}\n", "FROM x"), Health::TimingOnly(_)));
    assert!(matches!(health("    healthcheck: {test: []}\n", "FROM x"), Health::TimingOnly(_)));
    let none = "FROM x\nHEALTHCHECK NONE";
    assert!(matches!(health("    healthcheck: {interval: 1s}\n", none), Health::Disabled(_)));
    assert!(matches!(health("", none), Health::Unknown));
}

#[test]
fn images_are_given_or_built() {
    let text = "services:\n  a:\n    build: {context: ./app, dockerfile: d/File, target: run, args: {PORT: '80'}, no_cache: true, pull: false, tags: [t]}\n";
    let dockerfile = "FROM x AS run\nARG PORT\nEXPOSE $PORT\nFROM y\nEXPOSE 1\n";
    let read = read_files(text, &[("app/d/File", dockerfile)]);
    let image = &read.service("a").image;
    let build = image.build.as_ref().expect("a build");
    assert_eq!(build.context.value, "/srv/shop/app");
    assert_eq!(build.local_context.as_deref(), Some("app"));
    assert_eq!(build.tag.as_ref().map(|tag| tag.value.as_str()), Some("t"));
    let settings: Vec<_> = build.settings.iter().map(|setting| setting.value).collect();
    assert_eq!(settings, ["no_cache", "tags"]);
    assert_eq!(image.facts.exposed.iter().map(|exposed| exposed.port).collect::<Vec<_>>(), [80]);

    let text = "services:\n  a: {build: {dockerfile_inline: \"FROM x\\nUSER me\\n\"}}\n  b: {build: https://x/y.git}\n";
    let inline = read_files(text, &[]);
    assert_eq!(inline.service("a").image.facts.user.as_ref().map(|user| user.value.as_str()), Some("me"));
    let remote = inline.service("b").image.build.as_ref().expect("a build");
    assert_eq!(remote.local_context, None);
}

#[test]
fn resources_of_both_spellings_are_one() {
    let resources = service(
        "cpu_quota: 50000\nmem_limit: 64m\npids_limit: 5\ngpus: all\nulimits: {nofile: {soft: 1, hard: 2}}\ncpu_shares: 0\nblkio_config: {weight: 5}\ncpu_count: 2",
    )
    .resources;
    assert_eq!(resources.cpu_limit.map(|limit| limit.value).as_deref(), Some("0.5"));
    assert_eq!(resources.memory_limit.map(|limit| limit.value), Some(64 << 20));
    assert_eq!(resources.pids.map(|limit| limit.value), Some(5));
    assert_eq!(resources.devices[0].capabilities[0].value, "gpu");
    assert!(matches!(resources.devices[0].count, DeviceCount::All(_)));
    assert_eq!((resources.ulimits["nofile"].soft, resources.ulimits["nofile"].hard), (1, 2));
    let weights: Vec<_> = resources.tuning.weights.iter().map(|weight| weight.value.as_str()).collect();
    assert_eq!(weights, ["cpu_count", "blkio_config.weight"]);

    let resources = service(
        "deploy: {resources: {limits: {cpus: '4.03', memory: 50M}, reservations: {devices: [{capabilities: [tpu]}], generic_resources: [{discrete_resource_spec: {kind: x, value: 2}}]}}}",
    )
    .resources;
    assert_eq!(resources.cpu_limit.map(|limit| limit.value).as_deref(), Some("4.03"));
    assert_eq!(resources.memory_limit.map(|limit| limit.value), Some(50 << 20));
    assert_eq!(resources.devices[0].count, DeviceCount::Unset);
    assert_eq!((resources.generic[0].kind.value.as_str(), resources.generic[0].value.value), ("x", 2));
}

#[test]
fn networks_are_implied_written_or_replaced() {
    let read = read(
        "services:\n  a: {image: i}\n  b: {image: i, networks: {n: {aliases: [x], priority: 1}, out: }}\n  c: {image: i, network_mode: n}\n  d: {image: i, network_mode: 'service:a'}\n  e: {image: i, network_mode: 'container:bb', container_name: ee}\n  f: {image: i, network_mode: bridge, ipc: 'container:ee', links: ['a:store', a]}\nnetworks:\n  n: {name: real}\n  out: {external: true}\n  unused: {}\n",
    );
    let mode = |name: &str| read.service(name).network.mode.clone();
    let NetworkMode::Networks(networks) = mode("a") else { panic!("networks") };
    assert!(!networks["default"].written);
    let NetworkMode::Networks(networks) = mode("b") else { panic!("networks") };
    assert!(networks["n"].written && networks["n"].other[0].value == "priority");
    assert!(matches!(mode("c"), NetworkMode::Networks(networks) if networks.contains_key("n")));
    assert!(matches!(mode("d"), NetworkMode::Of(target) if target.as_str() == "a"));
    assert!(matches!(mode("e"), NetworkMode::Container(name) if name.value == "bb"));
    assert!(matches!(mode("f"), NetworkMode::Engine(word) if word.value == "bridge"));
    let ipc = read.service("f").kernel.ipc.clone().map(|ipc| ipc.value);
    assert!(matches!(ipc, Some(Namespace::Of(service)) if service.as_str() == "e"));

    let names: Vec<_> = read.project.networks.keys().map(crate::model::NetworkName::as_str).collect();
    assert_eq!(names, ["default", "n", "out"]);
    let network = |name: &str| &read.project.networks[name];
    assert!(network("default").span.is_none() && network("default").written_name.is_none());
    assert_eq!(network("default").name, "shop_default");
    assert_eq!(network("n").written_name.as_ref().map(|name| name.value.as_str()), Some("real"));
    assert_eq!(network("out").written_name.as_ref().map(|name| name.value.as_str()), Some("out"));
    let aliases = &read.service("a").network.aliases;
    assert_eq!(aliases.len(), 1);
    assert!(matches!(&aliases[0].origin, AliasOrigin::Link { by } if by.as_str() == "f"));

    let groups: Vec<_> = read.project.groups.iter().map(|group| group.owner.as_str()).collect();
    assert_eq!(groups, ["a", "e"]);
}

#[test]
fn dependencies_are_written_or_implied() {
    let read = read(
        "services:\n  a: {image: i, depends_on: {b: {condition: service_healthy, required: false}}, links: [c]}\n  b: {image: i}\n  c: {image: i}\n  off: {image: i, profiles: [x]}\n",
    );
    let edges: Vec<_> = read
        .service("a")
        .depends
        .iter()
        .map(|edge| (edge.on.as_str(), edge.condition.value, edge.required, edge.implied))
        .collect();
    assert_eq!(edges, [("b", Condition::Healthy, false, false), ("c", Condition::Started, true, true)]);
    assert_eq!(
        read.project.inactive.iter().map(crate::model::ServiceName::as_str).collect::<Vec<_>>(),
        ["off"]
    );
    assert!(!read.project.services.contains_key("off"));
}

#[test]
fn services_that_are_not_asked_for_are_marked() {
    let request = Request { services: vec!["a".to_owned()], ..Request::default() };
    let text = "services:\n  a: {image: i}\n  b: {image: i, environment: {A: 'a:99'}}\n";
    let read = read_with(MemoryHost::new(), "/srv/shop", text, &request);
    assert!(read.service("a").selected && !read.service("b").selected);
    assert_eq!(read.service("a").reach.found[0].port, 99);
}

#[test]
fn kinds_are_found_with_the_whole_project() {
    let read = read(
        "services:\n  job: {image: i}\n  web: {image: i, depends_on: {job: {condition: service_completed_successfully}}}\n  once: {image: i, restart: 'no'}\n  server: {image: redis, restart: 'no'}\n  checked: {image: i, restart: 'no', healthcheck: {test: x}}\n  agent: {image: i, deploy: {mode: global}}\n  init: {build: ., restart: 'no'}\n",
    );
    let kind = |name: &str| read.service(name).lifecycle.kind.clone();
    assert!(matches!(kind("job"), Kind::AwaitedJob { per_node: false, .. }));
    assert!(matches!(kind("once"), Kind::OneShot(_)));
    assert!(matches!(kind("init"), Kind::OneShot(_)));
    assert!(matches!(kind("agent"), Kind::Global(_)));
    assert_eq!([kind("web"), kind("server"), kind("checked")], [Kind::Service, Kind::Service, Kind::Service]);
}

#[test]
fn mounts_of_all_types_arrive() {
    let text = "services:\n  a:\n    image: i\n    volumes:\n      - data:/data:ro\n      - ./conf:/etc/app\n      - /anonymous/\n      - {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0755}}\n      - {type: image, source: other, target: /i, image: {subpath: s}}\n    tmpfs: ['/run:size=64k,mode=1777,noexec', '/x:size=50%']\n  b: {image: i, volumes_from: ['a:ro', 'container:other']}\nvolumes: {data: , unused: }\n";
    let read = read_files(text, &[("conf/app.ini", "x")]);
    let mounts = &read.service("a").mounts;
    let targets: Vec<_> = mounts.iter().map(|mount| mount.target.value.as_str()).collect();
    assert_eq!(targets, ["/data", "/etc/app", "/anonymous", "/t", "/i", "/run", "/x"]);
    assert!(mounts[0].read_only.is_some());
    assert!(matches!(&mounts[0].source, MountSource::Volume(used) if used.volume.as_str() == "data"));
    assert!(
        matches!(&mounts[1].source, MountSource::Bind(bind) if matches!(bind.decision, BindDecision::Directory(_)))
    );
    let MountSource::Tmpfs(memory) = &mounts[3].source else { panic!("tmpfs") };
    assert_eq!(memory.mode.as_ref().map(|mode| mode.value), Some(0o755));
    let MountSource::Tmpfs(memory) = &mounts[5].source else { panic!("tmpfs") };
    assert_eq!(memory.size.as_ref().map(|size| size.value), Some(64 << 10));
    assert_eq!(memory.options.iter().map(|option| option.value.as_str()).collect::<Vec<_>>(), ["noexec"]);
    let MountSource::Tmpfs(memory) = &mounts[6].source else { panic!("tmpfs") };
    assert_eq!(memory.options[0].value, "size=50%");

    let taken = read.service("b");
    assert_eq!(taken.mounts.len(), mounts.len());
    assert!(taken.mounts.iter().all(|mount| mount.read_only.is_some() && mount.from_service.is_some()));
    assert_eq!(taken.target_only.foreign_mounts.len(), 1);
    let volumes: Vec<_> = read.project.volumes.keys().map(crate::model::VolumeName::as_str).collect();
    assert_eq!(volumes, ["data"]);
}

#[test]
fn sources_are_of_the_project_as_they_were_written() {
    let text = "services:\n  a:\n    image: i\n    volumes: ['./a:/a', '/srv/shop/b:/b', '~/c:/c', '../d:/d', '/var/run/docker.sock:/s']\n";
    let read = read_with(MemoryHost::new().home("/home/me"), "/srv/shop", text, &Request::default());
    let paths = read.service("a").mounts.iter().map(|mount| match &mount.source {
        MountSource::Bind(bind) => (bind.path.clone(), bind.source.value.as_str()),
        _ => panic!("a bind"),
    });
    let paths: Vec<_> = paths.collect();
    assert_eq!(
        paths,
        [
            (BindPath::Project("a".to_owned()), "/srv/shop/a"),
            (BindPath::Host("/srv/shop/b".to_owned()), "/srv/shop/b"),
            (BindPath::Host("~/c".to_owned()), "/home/me/c"),
            (BindPath::Project("../d".to_owned()), "/srv/d"),
            (BindPath::Host("/var/run/docker.sock".to_owned()), "/var/run/docker.sock"),
        ]
    );
}

#[test]
fn the_working_directory_in_a_source_is_the_project() {
    let text = "services:\n  a: {image: i, volumes: ['${PWD}/conf:/c', '${OTHER}/conf:/d']}\n";
    let host = MemoryHost::new().env("OTHER", "/srv/shop").file("/srv/shop/conf/a", "x");
    let read = read_with(host, "/srv/shop", text, &Request::default());
    let path = |index: usize| match &read.service("a").mounts[index].source {
        MountSource::Bind(bind) => bind.path.clone(),
        _ => panic!("a bind"),
    };
    assert_eq!(path(0), BindPath::Project("conf".to_owned()));
    assert_eq!(path(1), BindPath::Host("/srv/shop/conf".to_owned()));
}

#[test]
fn one_source_has_one_decision() {
    let text = "services:\n  a: {image: i, volumes: ['./data:/data']}\n  b: {image: i, volumes: ['./data:/data:ro']}\n";
    let read = read_files(text, &[("data/x", "y")]);
    for name in ["a", "b"] {
        let MountSource::Bind(bind) = &read.service(name).mounts[0].source else { panic!("a bind") };
        assert_eq!(bind.decision, BindDecision::Data { holds_files: true, absolute: false }, "{name}");
    }
}

#[test]
fn volumes_of_a_host_path_are_decided_like_binds() {
    let text = "services:\n  a: {image: i, volumes: ['vol:/etc/app:ro', 'nfs:/w']}\nvolumes:\n  vol: {driver: local, driver_opts: {type: none, o: bind, device: ./conf}}\n  nfs: {driver_opts: {type: nfs, o: addr=x, device: ':/x'}}\n";
    let read = read_files(text, &[("conf/app.ini", "x")]);
    let bind = read.project.volumes["vol"].bind.as_ref().expect("a bind");
    assert_eq!(bind.path, BindPath::Project("conf".to_owned()));
    assert!(matches!(bind.decision, BindDecision::Directory(_)));
    assert!(read.project.volumes["nfs"].bind.is_none());
}

#[test]
fn configs_and_secrets_have_their_bytes() {
    let text = "services:\n  a:\n    image: i\n    environment: {X: 1}\n    configs: [file, dir, text, var, unset, gone, there]\n    secrets: [s, {source: made, target: /x, mode: 0400}]\nconfigs:\n  file: {file: ./a.conf}\n  dir: {file: ./d}\n  text: {content: hello}\n  var: {environment: V}\n  unset: {environment: W}\n  gone: {file: ./gone}\n  there: {external: true, name: real}\n  unused: {content: x}\nsecrets:\n  s: {file: ./s}\n  made: {external: true}\n";
    let host = MemoryHost::new()
        .file("/srv/shop/a.conf", "x")
        .file("/srv/shop/d/1", "1")
        .file("/srv/shop/s", "geheim")
        .env("V", "value");
    let read = read_with(host, "/srv/shop", text, &Request::default());
    let config = |name: &str| &read.project.configs[name].content;
    assert!(
        matches!(config("file"), Content::File { file, .. } if &*file.bytes == b"x" && file.path == "a.conf")
    );
    assert!(matches!(config("dir"), Content::Directory { tree, .. } if tree["1"].path == "d/1"));
    assert!(matches!(config("text"), Content::Inline(text) if text.value == b"hello"));
    assert!(matches!(config("var"), Content::Environment { value, .. } if value == b"value"));
    assert!(
        matches!(config("unset"), Content::Missing { reason, .. } if reason == "variable `W` is not set")
    );
    assert!(matches!(config("gone"), Content::Missing { reason, .. } if reason == "it does not exist"));
    assert!(matches!(config("there"), Content::External(_)));
    assert!(!read.project.configs.contains_key("unused"));
    let grants = &read.service("a").secrets;
    assert!(grants[0].target.is_none());
    assert_eq!(grants[1].mode.as_ref().map(|mode| mode.value), Some(0o400));
    assert_eq!(
        read.project.configs["there"].written_name.as_ref().map(|name| name.value.as_str()),
        Some("real")
    );
    assert!(read.project.configs["file"].written_name.is_none());
}

#[test]
fn the_model_is_the_same_wherever_the_project_lies() {
    let text = "name: shop\nservices:\n  a:\n    build: {context: ./app}\n    volumes: ['./conf:/etc/app', '~/x:/x', '.:/src']\n    configs: [c]\nconfigs: {c: {file: ./c.conf}}\n";
    let at = |directory: &str, home: &str| {
        let host = MemoryHost::new()
            .home(home)
            .file(format!("{directory}/app/Dockerfile"), "FROM x\nEXPOSE 80\n")
            .file(format!("{directory}/conf/a"), "b:1")
            .file(format!("{directory}/c.conf"), "x");
        let project = read_with(host, directory, text, &Request::default()).project;
        format!("{project:?}")
    };
    let (one, other) = (at("/srv/one", "/home/one"), at("/opt/x/other", "/root"));
    // The context and the sources of three binds are as Compose resolves them, for it alone.
    assert_eq!((one.matches("/srv/one").count(), one.matches("/home/one").count()), (3, 1));
    let same = one.replace("/srv/one", "DIR").replace("/home/one", "HOME");
    assert_eq!(same, other.replace("/opt/x/other", "DIR").replace("/root", "HOME"));
}
