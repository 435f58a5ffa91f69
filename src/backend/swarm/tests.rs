//! Whole projects through this target: what the parts do together.

use std::time::Duration;

use serde_json::{Value, json};

use super::options::{BindPolicy, Options, Secrets, StackPlace};
use super::testing::*;
use crate::diag::Severity;
use crate::model::{
    Alias, AliasOrigin, Bind, BindDecision, BindPath, Build, Check, Condition, Config, ConfigName,
    Constraint, Content, ContentHints, Dependency, DeviceCount, DeviceRequest, Endpoint, EnvironmentValue,
    Grant, Health, HostIp, Kind, Mount, MountHints, MountSource, Namespace, NetworkMode, NetworkName,
    Platform, PortHints, PortMode, Process, Protocol, PublishedPort, Resources, Restart, RestartWhen, Secret,
    SecretName, Service, ServiceName, Test, Timing, Tmpfs, Update, Volume, VolumeDriver, VolumeHints,
    VolumeName, VolumeUse, Words,
};

fn port(published: Option<u16>, target: u16, host_ip: HostIp) -> PublishedPort {
    PublishedPort {
        span: span(),
        target: at(target),
        published: published.map(|number| at((number, number))),
        host_ip,
        protocol: Protocol::Tcp,
        mode: PortMode::Ingress,
        name: None,
        app_protocol: None,
        hints: PortHints::default(),
    }
}

fn literal(value: &str) -> EnvironmentValue {
    EnvironmentValue::Literal { value: text(value), sensitive: false }
}

fn depends(on: &str, condition: Condition) -> Dependency {
    Dependency {
        on: ServiceName::new(on),
        span: span(),
        condition: at(condition),
        required: true,
        restart: None,
        implied: false,
    }
}

fn grant<N>(source: N) -> Grant<N> {
    Grant { source, span: span(), target: None, uid: None, gid: None, mode: None }
}

fn mount(target: &str, source: MountSource) -> Mount {
    Mount {
        span: span(),
        target: text(target),
        read_only: None,
        source,
        consistency: None,
        keeps_data: false,
        from_service: None,
        hints: MountHints::default(),
    }
}

fn bind(path: BindPath, decision: BindDecision) -> Bind {
    Bind {
        source: text("/somewhere"),
        path,
        propagation: None,
        recursive: None,
        selinux: None,
        create_host_path: Some(true),
        decision,
        sensitive: false,
        skipped: Vec::new(),
    }
}

fn volume(name: &str) -> Volume {
    Volume {
        span: span(),
        name: format!("demo_{name}"),
        written_name: None,
        external: None,
        driver: VolumeDriver::default(),
        bind: None,
        labels: std::collections::BTreeMap::new(),
        cluster_spec: None,
        hints: VolumeHints::default(),
    }
}

fn volume_use(name: &str) -> MountSource {
    MountSource::Volume(VolumeUse {
        volume: VolumeName::new(name),
        no_copy: None,
        subpath: None,
        labels: std::collections::BTreeMap::new(),
    })
}

fn config(content: Content) -> Config {
    Config {
        span: span(),
        name: "demo_c".to_owned(),
        written_name: None,
        content,
        labels: std::collections::BTreeMap::new(),
        template_driver: None,
        hints: ContentHints::default(),
    }
}

fn secret(content: Content) -> Secret {
    Secret {
        span: span(),
        name: "demo_s".to_owned(),
        written_name: None,
        content,
        labels: std::collections::BTreeMap::new(),
        driver: VolumeDriver::default(),
        template_driver: None,
        hints: ContentHints::default(),
    }
}

fn restart(when: RestartWhen) -> Restart {
    Restart { when: Some(at(when)), ..Restart::default() }
}

/// `swarm-examples/modern` of the rule book, by hand.
fn modern() -> crate::model::Project {
    let mut api = service();
    api.image.reference = Some(text("shop/api:1.4"));
    api.depends = vec![depends("db", Condition::Healthy), depends("migrate", Condition::Completed)];
    api.process.environment = [
        ("PRICE".to_owned(), literal("$5")),
        ("LOG_FORMAT".to_owned(), literal("{{.Level}} {{.Msg}}")),
        ("DSN".to_owned(), literal("postgres://db/shop?opt=a$b")),
        ("PROXY".to_owned(), literal("")),
    ]
    .into();
    api.secrets = vec![grant(SecretName::new("db_password"))];
    api.configs = vec![Grant {
        target: Some(text("/etc/app.ini")),
        mode: Some(at(0o440)),
        ..grant(ConfigName::new("app_ini"))
    }];
    api.resources.memory_limit = Some(at(512 << 20));
    api.resources.cpu_limit = Some(text("0.5"));
    api.lifecycle.restart = Restart { max_attempts: Some(at(3)), ..restart(RestartWhen::OnFailure) };
    api.ports.ports =
        vec![port(Some(9229), 9229, HostIp::Loopback(span())), port(Some(8080), 80, HostIp::Any)];
    api.identity.container_name = Some(text("shop-api"));
    api.network.aliases = vec![Alias { name: text("shop-api"), origin: AliasOrigin::ContainerName }];

    let mut db = service();
    db.image.reference = Some(text("postgres:16"));
    db.resources.shm = Some(at(256 << 20));
    db.mounts = vec![
        mount("/var/lib/postgresql/data", volume_use("data")),
        mount(
            "/run/postgresql",
            MountSource::Tmpfs(Tmpfs { short: true, size: Some(at(16 << 20)), ..Tmpfs::default() }),
        ),
    ];
    db.health = Health::Check(at(Check {
        test: at(Test::Shell(vec!["pg_isready -U $POSTGRES_USER".to_owned()])),
        timing: Timing {
            interval: Some(at(Duration::from_secs(10))),
            start_period: Some(at(Duration::from_secs(60))),
            start_interval: Some(at(Duration::from_secs(2))),
            ..Timing::default()
        },
    }));
    db.process.environment =
        [("POSTGRES_PASSWORD_FILE".to_owned(), literal("/run/secrets/db_password"))].into();
    db.secrets = vec![grant(SecretName::new("db_password"))];

    let mut migrate = service();
    migrate.image.reference = Some(text("shop/api:1.4"));
    migrate.process.command = Words::Words(at(vec!["migrate".to_owned(), "--up".to_owned()]));
    migrate.depends = vec![depends("db", Condition::Healthy)];
    migrate.secrets = vec![grant(SecretName::new("db_password"))];
    migrate.lifecycle.kind = Kind::AwaitedJob { span: span(), per_node: false };

    let mut trainer = service();
    trainer.image.reference = Some(text("shop/trainer"));
    trainer.resources.devices = vec![DeviceRequest {
        span: span(),
        in_gpus: false,
        driver: Some(text("nvidia")),
        count: DeviceCount::Number(at(2)),
        ids: Vec::new(),
        capabilities: vec![text("gpu")],
        options: std::collections::BTreeMap::new(),
    }];

    let mut project = project(vec![("api", api), ("db", db), ("migrate", migrate), ("trainer", trainer)]);
    project.name = crate::model::ProjectName::new("shop");
    project.networks = [(NetworkName::new("default"), network("shop", "default"))].into();
    project.volumes = [(VolumeName::new("data"), volume("data"))].into();
    project.configs =
        [(ConfigName::new("app_ini"), config(Content::Inline(at(b"[app]\nname = shop\n".to_vec()))))].into();
    project.secrets = [(
        SecretName::new("db_password"),
        secret(Content::Environment { variable: text("DB_PASSWORD"), value: b"s3cret".to_vec() }),
    )]
    .into();
    project
}

#[test]
fn the_example_of_the_rule_book_comes_out() {
    let rendered = render(&modern());
    let expected = json!({
        "version": "3.12",
        "services": {
            "api": {
                "image": "shop/api:1.4",
                "environment": {
                    "DSN": "postgres://db/shop?opt=a$$b",
                    "LOG_FORMAT": r#"{{"{{"}}.Level}} {{"{{"}}.Msg}}"#,
                    "PRICE": "$$5",
                    "PROXY": ""
                },
                "configs": [{"source": "app_ini", "target": "/etc/app.ini", "mode": 0o440}],
                "secrets": ["db_password"],
                "networks": {"default": {"aliases": ["shop-api"]}},
                "ports": [{"target": 80, "published": 8080, "protocol": "tcp", "mode": "ingress"}],
                "depends_on": ["db", "migrate"],
                "deploy": {
                    "resources": {"limits": {"cpus": "0.5", "memory": "512M"}},
                    "restart_policy": {"condition": "on-failure"}
                }
            },
            "db": {
                "image": "postgres:16",
                "environment": {"POSTGRES_PASSWORD_FILE": "/run/secrets/db_password"},
                "secrets": ["db_password"],
                "volumes": [
                    {"type": "volume", "source": "data", "target": "/var/lib/postgresql/data"},
                    {"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": 268_435_456}},
                    {"type": "tmpfs", "target": "/run/postgresql", "tmpfs": {"size": 16_777_216}}
                ],
                "healthcheck": {
                    "test": ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"],
                    "interval": "10s",
                    "start_period": "1m0s",
                    "start_interval": "2s"
                }
            },
            "migrate": {
                "image": "shop/api:1.4",
                "command": ["migrate", "--up"],
                "secrets": ["db_password"],
                "depends_on": ["db"],
                "deploy": {"mode": "replicated-job", "restart_policy": {"condition": "on-failure"}}
            },
            "trainer": {
                "image": "shop/trainer",
                "deploy": {"resources": {"reservations": {"generic_resources": [
                    {"discrete_resource_spec": {"kind": "NVIDIA-GPU", "value": 2}}
                ]}}}
            }
        },
        "volumes": {"data": {}},
        "configs": {"app_ini": {"name": "shop_app_ini_1dfacd248b", "file": "./configs/app_ini"}},
        "secrets": {"db_password": {"name": "shop_db_password_b27af0daf8", "file": "./secrets/db_password"}}
    });
    assert_eq!(*rendered.stack(), expected);
    let mut codes = rendered.codes();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "container-name-dropped",
            "port-loopback-only",
            "restart-attempts-dropped",
            "restart-policy-approximated",
            "secret-in-output",
            "stack-config-hashed",
            "stack-env-empty",
            "stack-gpu-needs-node",
            "stack-local-volume",
            "stack-unhealthy-replaced",
            "wait-not-rendered",
            "wait-not-rendered",
            "wait-not-rendered",
        ]
    );
    let files: Vec<_> =
        rendered.artefacts.files.iter().map(|file| (file.path.as_str(), file.mode, file.secret)).collect();
    assert_eq!(
        files,
        [
            ("configs/app_ini", 0o644, false),
            ("secrets/db_password", 0o600, true),
            ("secrets/.gitignore", 0o644, false)
        ]
    );
    assert_eq!(rendered.artefacts.needs_directory, None);
}

#[test]
fn every_part_of_the_stack_has_an_origin() {
    let rendered = render(&modern());
    let origins = &rendered.artefacts.documents[0].origins;
    let rule = |path: &str| origins.iter().find(|origin| origin.path == path).map(|origin| origin.rule);
    assert_eq!(rule("services.api.ports[0].published"), Some("S70"));
    assert_eq!(rule("services.db.volumes[1].tmpfs.size"), Some("S41"));
    assert_eq!(rule("secrets.db_password.name"), Some("S101"));
}

#[test]
fn data_without_a_file_needs_a_directory() {
    let rendered = render_with(&modern(), Options::default());
    assert_eq!(
        rendered.artefacts.needs_directory.as_deref(),
        Some("config `app_ini`, secret `db_password` has no file of its own")
    );
}

#[test]
fn referenced_secrets_must_be_there() {
    let place = StackPlace::Directory { to_project: "..".to_owned() };
    let options = Options { secrets: Secrets::Reference, place, ..Options::default() };
    let rendered = render_with(&modern(), options);
    assert_eq!(
        rendered.stack()["secrets"],
        json!({"db_password": {"external": true, "name": "shop_db_password"}})
    );
    assert!(rendered.codes().contains(&"secret-external"));
    assert!(!rendered.codes().contains(&"secret-in-output"));
    assert_eq!(rendered.artefacts.files.len(), 1);
}

#[test]
fn a_native_stack_goes_through_unchanged() {
    let mut web = service();
    web.scale.replicas = Some(at(3));
    web.update = Some(at(Update {
        parallelism: Some(at(2)),
        delay: Some(at(Duration::from_secs(10))),
        ..Update::default()
    }));
    web.lifecycle.restart = Restart { from_deploy: true, ..restart(RestartWhen::OnFailure) };
    web.ports.ports = vec![port(Some(5000), 5000, HostIp::Any)];
    let (web, codes) = render_one(web);
    assert_eq!(
        web,
        json!({
            "image": "demo",
            "ports": [{"target": 5000, "published": 5000, "protocol": "tcp", "mode": "ingress"}],
            "deploy": {
                "replicas": 3,
                "update_config": {"parallelism": 2, "delay": "10s"},
                "restart_policy": {"condition": "on-failure"}
            }
        })
    );
    assert_eq!(codes, [] as [&str; 0]);
}

/// Restart policy and codes of a service with and without something to depend on.
fn policy(restart: Restart, kind: Kind, condition: Option<Condition>) -> (Value, Vec<String>) {
    let mut web = service();
    web.lifecycle.restart = restart;
    web.lifecycle.kind = kind;
    web.depends = condition.map(|condition| depends("db", condition)).into_iter().collect();
    let rendered = render(&project(vec![("web", web), ("db", service())]));
    let codes = rendered.codes().into_iter().filter(|code| code.starts_with("restart"));
    (rendered.service("web")["deploy"]["restart_policy"].clone(), codes.map(str::to_owned).collect())
}

#[test]
fn restart_policies_mean_what_compose_means() {
    let none = [] as [&str; 0];
    assert_eq!(policy(Restart::default(), Kind::Service, None), (Value::Null, vec![]));
    let (written, codes) = policy(restart(RestartWhen::Never), Kind::Service, None);
    assert_eq!((written, codes.as_slice()), (json!({"condition": "none"}), &[][..]));
    let (written, codes) = policy(restart(RestartWhen::Never), Kind::Service, Some(Condition::Started));
    assert_eq!(written, json!({"condition": "on-failure"}));
    assert_eq!(codes, ["restart-policy-approximated"]);
    let (written, codes) = policy(restart(RestartWhen::UnlessStopped), Kind::Service, None);
    assert_eq!(written, json!({"condition": "any"}));
    assert_eq!(codes, none);
    let limited = || Restart { max_attempts: Some(at(3)), ..restart(RestartWhen::OnFailure) };
    let (written, codes) = policy(limited(), Kind::Service, Some(Condition::Started));
    assert_eq!(written, json!({"condition": "on-failure", "max_attempts": 3}));
    assert_eq!(codes, none);
    let (written, codes) = policy(limited(), Kind::Service, Some(Condition::Healthy));
    assert_eq!(written, json!({"condition": "on-failure"}));
    assert_eq!(codes, ["restart-attempts-dropped"]);
    let from_deploy = Restart { from_deploy: true, ..limited() };
    let (written, codes) = policy(from_deploy, Kind::Service, Some(Condition::Healthy));
    assert_eq!(written, json!({"condition": "on-failure", "max_attempts": 3}));
    assert_eq!(codes, none);
}

#[test]
fn jobs_end() {
    let awaited = || Kind::AwaitedJob { span: span(), per_node: false };
    assert_eq!(policy(Restart::default(), awaited(), None).0, json!({"condition": "none"}));
    let (written, codes) = policy(restart(RestartWhen::Always), awaited(), None);
    assert_eq!(written, json!({"condition": "on-failure"}));
    assert_eq!(codes, ["restart-conflicts-with-completion"]);
    // The author's own mode means what it means to Swarm.
    let own = || Kind::WrittenJob { per_node: false, span: span() };
    assert_eq!(policy(Restart::default(), own(), None).0, Value::Null);
    assert_eq!(policy(restart(RestartWhen::Always), own(), None).0, json!({"condition": "any"}));

    let mut once = service();
    once.lifecycle.kind = Kind::OneShot(span());
    once.lifecycle.restart = restart(RestartWhen::Never);
    once.update = Some(at(Update::default()));
    let (written, codes) = render_one(once.clone());
    assert_eq!(written["deploy"], json!({"mode": "replicated-job", "restart_policy": {"condition": "none"}}));
    assert_eq!(codes, ["stack-job-update"]);
    once.lifecycle.restart.from_deploy = true;
    assert_eq!(
        render_one(once).0["deploy"],
        json!({"update_config": {}, "restart_policy": {"condition": "none"}})
    );
}

#[test]
fn global_services_have_no_replicas() {
    let mut agent = service();
    agent.lifecycle.kind = Kind::Global(span());
    agent.scale.replicas = Some(at(3));
    let (written, codes) = render_one(agent);
    assert_eq!(written["deploy"], json!({"mode": "global"}));
    assert_eq!(codes, ["replicas-ignored-in-global"]);
}

#[test]
fn an_empty_entrypoint_is_one_empty_word() {
    let mut web = service();
    web.process = Process {
        entrypoint: Words::Cleared(span()),
        command: Words::Words(at(vec!["serve".to_owned()])),
        ..Process::default()
    };
    assert_eq!(render_one(web.clone()).0["entrypoint"], json!([""]));
    web.process.command = Words::Inherit;
    assert_eq!(render_one(web).1, ["entrypoint-reset-needs-command"]);
}

#[test]
fn names_that_swarm_refuses_are_changed_and_kept_as_alias() {
    let rendered = render(&project(vec![("my.app", service()), ("web", service())]));
    assert_eq!(rendered.service("my-app")["networks"], json!({"default": {"aliases": ["my.app"]}}));
    assert_eq!(rendered.codes(), ["name-changed"]);
    let rendered = render(&project(vec![("my.app", service()), ("my-app", service())]));
    assert_eq!(rendered.codes(), ["name-collision"]);
    let long = "s".repeat(60);
    assert_eq!(render(&project(vec![(long.as_str(), service())])).codes(), ["stack-name-too-long"]);
}

#[test]
fn aliases_are_written_where_somebody_can_use_them() {
    let mut web = service();
    web.network.aliases = vec![
        Alias { name: text("front"), origin: AliasOrigin::Network(NetworkName::new("default")) },
        Alias { name: text("c1"), origin: AliasOrigin::ContainerName },
        Alias { name: text("h1"), origin: AliasOrigin::Hostname },
        Alias { name: text("l1"), origin: AliasOrigin::Link { by: ServiceName::new("db") } },
        Alias { name: text("db"), origin: AliasOrigin::Link { by: ServiceName::new("db") } },
    ];
    let (alone, codes) = render_one(web.clone());
    assert_eq!(alone["networks"], json!({"default": {"aliases": ["front"]}}));
    assert_eq!(codes, ["container-name-dropped"]);
    let rendered = render(&project(vec![("web", web), ("db", service())]));
    assert_eq!(rendered.service("web")["networks"], json!({"default": {"aliases": ["front", "c1", "l1"]}}));
    assert_eq!(rendered.codes(), ["container-name-dropped", "alias-shared"]);
}

#[test]
fn a_number_is_published_once() {
    let with = |ports: Vec<PublishedPort>| Service {
        ports: crate::model::Published { ports, exposed: Vec::new() },
        ..service()
    };
    let one = HostIp::One(at("192.0.2.1".parse().expect("an address")));
    let rendered = render(&project(vec![
        ("a", with(vec![port(Some(80), 80, HostIp::Any), port(Some(80), 80, HostIp::Any)])),
        ("b", with(vec![port(Some(80), 80, one.clone()), port(Some(81), 81, one)])),
    ]));
    assert_eq!(rendered.service("a")["ports"].as_array().map(Vec::len), Some(1));
    assert_eq!(rendered.service("b")["ports"][0]["published"], 81);
    assert_eq!(rendered.codes(), ["port-host-ip-dropped", "port-host-ip-dropped"]);

    let same = || with(vec![port(Some(80), 80, HostIp::Any)]);
    assert_eq!(render(&project(vec![("a", same()), ("b", same())])).codes(), ["port-collision"]);
    let host = || {
        let mut service = same();
        service.ports.ports[0].mode = PortMode::Host(span());
        service
    };
    assert_eq!(render(&project(vec![("a", host()), ("b", host())])).codes(), [] as [&str; 0]);

    let mut unpublished = port(None, 9000, HostIp::Any);
    unpublished.protocol = Protocol::Udp;
    let mut range = port(Some(8000), 80, HostIp::Any);
    range.published = Some(at((8000, 8010)));
    let (written, codes) = render_one(with(vec![unpublished, range]));
    assert_eq!(
        written["ports"],
        json!([
            {"target": 9000, "protocol": "udp", "mode": "ingress"},
            {"target": 80, "published": 8000, "protocol": "tcp", "mode": "ingress"}
        ])
    );
    assert_eq!(codes, ["port-range-first"]);
}

#[test]
fn services_without_address_open_ports_on_their_nodes() {
    let mut web = service();
    web.scale.endpoint = Some(at(Endpoint::DnsRoundRobin));
    web.ports.ports = vec![port(Some(80), 80, HostIp::Any)];
    let (written, codes) = render_one(web);
    assert_eq!(written["ports"][0]["mode"], "host");
    assert_eq!(written["deploy"]["endpoint_mode"], "dnsrr");
    assert_eq!(codes, ["port-host-mode"]);
}

#[test]
fn network_modes_become_networks() {
    let with = |mode: NetworkMode| {
        let mut service = service();
        service.network.mode = mode;
        service
    };
    let rendered = render(&project(vec![
        ("host", with(NetworkMode::Host(span()))),
        ("alone", with(NetworkMode::None(span()))),
    ]));
    assert_eq!(rendered.service("host")["networks"], json!(["host"]));
    assert_eq!(rendered.service("alone")["networks"], json!(["alone-none"]));
    assert_eq!(
        rendered.stack()["networks"],
        json!({"alone-none": {"internal": true}, "host": {"external": true, "name": "host"}})
    );
    assert_eq!(rendered.codes(), ["network-none-approximated", "host-access"]);

    let of = with(NetworkMode::Of(at(ServiceName::new("web"))));
    let mut web = with(NetworkMode::Networks([(NetworkName::new("back"), attachment())].into()));
    web.kernel.pid = Some(at(Namespace::Host));
    let mut both = project(vec![("side", of), ("web", web)]);
    both.networks.insert(NetworkName::new("back"), network("demo", "back"));
    let rendered = render(&both);
    assert_eq!(rendered.service("side")["networks"], json!(["back"]));
    assert_eq!(rendered.codes(), ["stack-key-refused", "stack-security-dropped"]);
}

#[test]
fn networks_become_overlays() {
    let mut web = service();
    web.network.mode = NetworkMode::Networks(
        [(NetworkName::new("meet.jitsi"), attachment()), (NetworkName::new("back"), attachment())].into(),
    );
    let mut project = project(vec![("web", web)]);
    let mut back = network("demo", "back");
    back.driver = Some(text("bridge"));
    back.driver_options = [
        ("com.docker.network.driver.mtu".to_owned(), text("1400")),
        ("com.docker.network.bridge.name".to_owned(), text("br0")),
    ]
    .into();
    back.pools = vec![crate::model::AddressPool {
        subnet: Some(text("10.0.0.0/24")),
        gateway: Some(text("10.0.0.1")),
        ..crate::model::AddressPool::default()
    }];
    project.networks =
        [(NetworkName::new("back"), back), (NetworkName::new("meet.jitsi"), network("demo", "meet.jitsi"))]
            .into();
    let rendered = render(&project);
    assert_eq!(
        rendered.stack()["networks"],
        json!({
            "back": {
                "driver_opts": {"com.docker.network.driver.mtu": "1400"},
                "ipam": {"config": [{"subnet": "10.0.0.0/24"}]}
            },
            "meet.jitsi": {"name": "demo_meet-jitsi"}
        })
    );
    assert_eq!(
        rendered.codes(),
        ["network-option-dropped", "network-address-dropped", "name-changed", "stack-network-overlay"]
    );
}

#[test]
fn mounted_files_travel_as_configs() {
    let conf = || {
        bind(BindPath::Project("conf/a b.conf".to_owned()), BindDecision::File(file("conf/a b.conf", "x")))
    };
    let mut web = service();
    web.mounts = vec![Mount { read_only: Some(span()), ..mount("/etc/a.conf", MountSource::Bind(conf())) }];
    let mut other = service();
    other.mounts = vec![mount("/b.conf", MountSource::Bind(Bind { sensitive: true, ..conf() }))];
    let project = project(vec![("web", web), ("other", other)]);
    let rendered = render(&project);
    assert_eq!(
        rendered.service("web")["configs"],
        json!([{"source": "conf_a_b.conf", "target": "/etc/a.conf", "mode": 0o444}])
    );
    assert_eq!(
        rendered.service("other")["secrets"],
        json!([{"source": "conf_a_b.conf", "target": "/b.conf", "mode": 0o444}])
    );
    assert_eq!(
        rendered.codes(),
        ["stack-bind-relative", "stack-bind-as-config", "stack-config-hashed", "secret-in-output"]
    );
    // On stdout the project's own file is read.
    let alone = render_with(&project, Options::default());
    assert_eq!(alone.stack()["configs"]["conf_a_b.conf"]["file"], "./conf/a b.conf");
    assert_eq!(alone.artefacts.needs_directory, None);

    let place = StackPlace::File { to_project: "..".to_owned() };
    let beside = render_with(&project, Options { place, ..Options::default() });
    assert_eq!(beside.stack()["configs"]["conf_a_b.conf"]["file"], "../conf/a b.conf");

    let place = StackPlace::Directory { to_project: "../..".to_owned() };
    let kept = render_with(&project, Options { bind_policy: BindPolicy::Host, place, ..Options::default() });
    assert_eq!(
        kept.service("web")["volumes"],
        json!([{"type": "bind", "source": "../../conf/a b.conf", "target": "/etc/a.conf", "read_only": true}])
    );
}

#[test]
fn one_file_name_holds_one_config() {
    let mut web = service();
    let path = |path: &str| {
        mount(
            &format!("/{}", path.len()),
            MountSource::Bind(bind(BindPath::Project(path.to_owned()), BindDecision::File(file(path, "x")))),
        )
    };
    // The same key once `/` and `_` are one, and keys that differ in case only.
    web.mounts = vec![path("a/b"), path("A_B2"), path("a_b2x"), path("a/b2x1")];
    web.mounts[1].target = text("/y");
    web.mounts.push(mount(
        "/z",
        MountSource::Bind(bind(BindPath::Project("a_b".to_owned()), BindDecision::File(file("a_b", "y")))),
    ));
    web.mounts.push(mount(
        "/u",
        MountSource::Bind(bind(BindPath::Project("A/B".to_owned()), BindDecision::File(file("A/B", "z")))),
    ));
    let rendered = render(&project(vec![("web", web)]));
    let mut paths: Vec<_> = rendered.artefacts.files.iter().map(|file| file.path.to_lowercase()).collect();
    let count = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!((paths.len(), count), (6, 6));
    let key = rendered.service("web")["configs"][4]["source"].as_str().expect("a key").to_owned();
    assert!(key.starts_with("a_b-") && key.len() == 14, "{key}");
}

#[test]
fn directories_travel_when_small_and_read_only() {
    let tree: crate::model::Tree =
        [("a".to_owned(), file("conf/a", "1")), ("d/b".to_owned(), file("conf/d/b", "2"))].into();
    let directory = || bind(BindPath::Project("conf".to_owned()), BindDecision::Directory(tree.clone()));
    let mut web = service();
    web.mounts =
        vec![Mount { read_only: Some(span()), ..mount("/etc/conf", MountSource::Bind(directory())) }];
    let (written, codes) = render_one(web.clone());
    assert_eq!(
        written["configs"],
        json!([
            {"source": "conf_a", "target": "/etc/conf/a", "mode": 0o444},
            {"source": "conf_d_b", "target": "/etc/conf/d/b", "mode": 0o444}
        ])
    );
    assert_eq!(codes, ["stack-bind-relative", "stack-config-hashed"]);
    web.mounts[0].read_only = None;
    let (written, codes) = render_one(web);
    assert_eq!(written["volumes"], json!([{"type": "bind", "source": "../conf", "target": "/etc/conf"}]));
    assert_eq!(codes, ["stack-bind-relative"]);
}

#[test]
fn data_is_never_empty_and_keeps_its_name_while_it_stays() {
    let with = |content: &str, written_name: Option<&str>| {
        let mut web = service();
        web.configs = vec![grant(ConfigName::new("c"))];
        let mut project = project(vec![("web", web)]);
        let config = Config {
            written_name: written_name.map(text),
            ..config(Content::Inline(at(content.as_bytes().to_vec())))
        };
        project.configs = [(ConfigName::new("c"), config)].into();
        render(&project)
    };
    let name = |rendered: &Rendered| rendered.stack()["configs"]["c"]["name"].clone();
    assert_eq!(name(&with("x", None)), name(&with("x", None)));
    assert_ne!(name(&with("x", None)), name(&with("y", None)));
    let empty = with("", None);
    assert_eq!(empty.artefacts.files[0].bytes, b"\n");
    assert_eq!(empty.codes(), ["stack-config-padded", "stack-config-hashed"]);
    let named = with("x", Some("mine"));
    assert_eq!(name(&named), "mine");
    assert_eq!(named.codes(), ["stack-config-not-hashed"]);
    assert_eq!(with(&"x".repeat(1_024_000), None).codes(), ["config-too-large", "stack-config-hashed"]);
}

#[test]
fn long_keys_are_cut_before_the_hash() {
    let key = "k".repeat(100);
    let mut web = service();
    web.configs = vec![grant(ConfigName::new(key.as_str()))];
    let mut project = project(vec![("web", web)]);
    project.configs = [(ConfigName::new(key.as_str()), config(Content::Inline(at(b"x".to_vec()))))].into();
    let rendered = render(&project);
    let name = rendered.stack()["configs"][&key]["name"].as_str().expect("a name").to_owned();
    assert_eq!(name.len(), 64);
    assert!(name.starts_with("demo_kkk"));
}

#[test]
fn a_volume_of_one_node_is_told_unless_the_service_stays() {
    let mut db = service();
    db.mounts = vec![mount("/data", volume_use("data"))];
    let mut project = project(vec![("db", db.clone())]);
    project.volumes = [(VolumeName::new("data"), volume("data"))].into();
    assert_eq!(render(&project).codes(), ["stack-local-volume"]);
    db.placement.constraints = vec![at(Constraint {
        text: "node.hostname==a".to_owned(),
        parsed: Some((crate::model::ConstraintSubject::Hostname, true, "a".to_owned())),
    })];
    project.services.insert(ServiceName::new("db"), db);
    assert_eq!(render(&project).codes(), [] as [&str; 0]);
}

#[test]
fn values_below_the_least_are_raised() {
    let mut web = service();
    web.resources = Resources {
        memory_limit: Some(at(1 << 20)),
        cpu_limit: Some(text("0.0001")),
        pids: Some(at(-1)),
        memory_reservation: Some(at(0)),
        ..Resources::default()
    };
    web.health = Health::TimingOnly(at(Timing {
        interval: Some(at(Duration::from_micros(5))),
        timeout: Some(at(Duration::ZERO)),
        ..Timing::default()
    }));
    let (written, codes) = render_one(web);
    assert_eq!(written["deploy"]["resources"], json!({"limits": {"cpus": "0.001", "memory": "4M"}}));
    assert_eq!(written["healthcheck"], json!({"interval": "1ms", "timeout": "0s"}));
    assert_eq!(codes, ["stack-resource-minimum", "stack-resource-minimum", "stack-resource-minimum"]);
}

#[test]
fn built_images_are_named_once() {
    let mut web = service();
    web.image.reference = None;
    web.image.build = Some(Build {
        span: span(),
        context: text("/p"),
        local_context: Some(".".to_owned()),
        tag: None,
        settings: vec![at("cache_from")],
    });
    let mut worker = web.clone();
    worker.image.reference = Some(text("mine:1"));
    worker.image.platform =
        Some(at(Platform { os: "linux".to_owned(), architecture: Some("arm64".to_owned()), variant: None }));
    let options = Options { registry: Some("example.com/team".to_owned()), ..Options::default() };
    let rendered = render_with(&project(vec![("Web", web), ("worker", worker)]), options);
    assert_eq!(rendered.service("Web")["image"], "example.com/team/demo-web:latest");
    assert_eq!(rendered.service("worker")["image"], "mine:1");
    assert_eq!(
        rendered.service("worker")["deploy"]["placement"]["constraints"],
        json!(["node.platform.os==linux", "node.platform.arch==aarch64"])
    );
    assert_eq!(
        rendered.codes(),
        [
            "build-setting-not-emitted",
            "build-setting-not-emitted",
            "stack-platform-constraint",
            "image-must-be-pushed"
        ]
    );
}

#[test]
fn the_size_of_shared_memory_is_a_mount_unless_its_author_mounted_one() {
    let mut web = service();
    web.resources.shm = Some(at(64 << 20));
    assert_eq!(render_one(web.clone()).0, json!({"image": "demo"}));
    web.resources.shm = Some(at(128 << 20));
    web.mounts = vec![mount(
        "/dev/shm/",
        MountSource::Tmpfs(Tmpfs {
            options: vec![text("exec"), text("ro"), text("uid=5")],
            ..Tmpfs::default()
        }),
    )];
    let rendered = render(&project(vec![("web", web)]));
    assert_eq!(
        rendered.service("web")["volumes"],
        json!([{"type": "tmpfs", "target": "/dev/shm/", "read_only": true}])
    );
    let severities: Vec<_> = rendered
        .findings
        .iter()
        .filter(|finding| finding.code.name() == "tmpfs-option-dropped")
        .map(|finding| finding.severity)
        .collect();
    assert_eq!(severities, [Severity::Warning, Severity::Note]);
}

#[test]
fn what_is_not_selected_is_not_written() {
    let mut web = service();
    web.depends = vec![depends("db", Condition::Healthy)];
    let db = Service { selected: false, ..service() };
    let rendered = render(&project(vec![("web", web), ("db", db)]));
    assert_eq!(rendered.stack(), &json!({"version": "3.8", "services": {"web": {"image": "demo"}}}));
    assert_eq!(rendered.codes(), [] as [&str; 0]);
}
