//! What becomes of whole services: workloads, pods and the objects around them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::options::{DependsOn, Feature, KubeVersion, Options, Permit};
use super::sample::{Rendered, at, port, project, render, render_with, service, span};
use crate::model::{
    Build, Check, Condition, Constraint, ConstraintSubject, Dependency, Device, Environment,
    EnvironmentValue, Health, Kind, Namespace, NetworkMode, Order, Platform, PodGroup, Project, Protocol,
    Provider, Restart, RestartWhen, Service, ServiceName, Test, Timing, Update, Words,
};

fn words(text: &str) -> Words {
    Words::Words(at(text.split(' ').map(ToOwned::to_owned).collect()))
}

fn waits_for(on: &str, condition: Condition) -> Dependency {
    Dependency {
        on: ServiceName::new(on),
        span: span(),
        condition: at(condition),
        required: true,
        restart: None,
        implied: false,
    }
}

fn with(change: impl FnOnce(&mut Service)) -> Service {
    let mut service = service();
    change(&mut service);
    service
}

fn job() -> Service {
    with(|job| job.lifecycle.kind = Kind::AwaitedJob { span: span(), per_node: false })
}

fn database() -> Service {
    with(|database| {
        database.ports.ports = vec![port(None, 5432, Protocol::Tcp)];
        let test = at(Test::Shell(vec!["pg_isready".to_owned()]));
        database.health = Health::Check(at(Check { test, timing: Timing::default() }));
    })
}

fn grouped(owner: &str, members: [(&str, Service); 2]) -> Project {
    let names = members.iter().map(|(name, _)| ServiceName::new(*name)).collect();
    let mut project = project(members);
    project.groups = vec![PodGroup { owner: ServiceName::new(owner), members: names }];
    project
}

fn joined_to(owner: &str) -> Service {
    with(|service| service.network.mode = NetworkMode::Of(at(ServiceName::new(owner))))
}

fn pod<'r>(rendered: &'r Rendered, kind: &str, name: &str) -> &'r Value {
    &rendered.object(kind, name)["spec"]["template"]["spec"]
}

fn one(service: Service) -> Rendered {
    render(&project([("web", service)]))
}

fn job_name(rendered: &Rendered) -> String {
    let names: Vec<String> = rendered.objects();
    let name = names.iter().find_map(|name| name.strip_prefix("Job ")).expect("a Job");
    name.to_owned()
}

#[test]
fn a_service_that_says_nothing_is_a_small_deployment() {
    let rendered = one(service());
    let labels = json!({
        "app.kubernetes.io/instance": "shop",
        "app.kubernetes.io/managed-by": "rcompose",
        "app.kubernetes.io/name": "web",
        "app.kubernetes.io/part-of": "shop",
    });
    let expected = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": labels},
        "spec": {
            "selector": {"matchLabels": {
                "app.kubernetes.io/instance": "shop",
                "app.kubernetes.io/name": "web",
            }},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "automountServiceAccountToken": false,
                    "enableServiceLinks": false,
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{"name": "web", "image": "example/app:1"}],
                },
            },
        },
    });
    assert_eq!(rendered.object("Deployment", "web"), &expected);
}

#[test]
fn a_job_is_renamed_when_its_definition_changes_and_its_waiter_with_it() {
    let shop = |command: &str| {
        let migrate = Service { process: process(command), ..job() };
        let web = with(|web| web.depends = vec![waits_for("migrate", Condition::Completed)]);
        render(&project([("migrate", migrate), ("web", web)]))
    };
    let (first, same, other) = (shop("migrate"), shop("migrate"), shop("migrate --all"));
    assert_eq!(job_name(&first), job_name(&same));
    assert_ne!(job_name(&first), job_name(&other));
    for rendered in [&first, &other] {
        let name = job_name(rendered);
        let role = &rendered.object("Role", "web-wait")["rules"];
        assert_eq!(
            role,
            &json!([{"apiGroups": ["batch"], "resources": ["jobs"], "resourceNames": [name], "verbs": ["get"]}])
        );
        let waiter = pod(rendered, "Deployment", "web");
        assert_eq!(waiter["serviceAccountName"], "web-wait");
        let script = waiter["initContainers"][0]["args"][0].as_str().expect("a script");
        assert!(script.contains(&format!("/jobs/{name} |")));
    }
}

fn process(command: &str) -> crate::model::Process {
    crate::model::Process { command: words(command), ..crate::model::Process::default() }
}

#[test]
fn a_job_runs_once_and_does_not_count_evictions() {
    let rendered = render(&project([("migrate", job())]));
    let spec = &rendered.object("Job", &job_name(&rendered))["spec"];
    assert_eq!((&spec["completions"], &spec["parallelism"]), (&json!(1), &json!(1)));
    assert_eq!(spec["backoffLimit"], 0);
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
    assert_eq!(spec["podFailurePolicy"]["rules"][0]["action"], "Ignore");
    assert!(rendered.codes().contains(&"job-runs-once"));
}

#[test]
fn what_restarts_after_failures_without_limit_has_no_failure_policy() {
    let mut migrate = job();
    migrate.lifecycle.restart = Restart { when: Some(at(RestartWhen::OnFailure)), ..Restart::default() };
    let rendered = render(&project([("migrate", migrate)]));
    let spec = &rendered.object("Job", &job_name(&rendered))["spec"];
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "OnFailure");
    assert_eq!(spec["podFailurePolicy"], Value::Null);
}

#[test]
fn a_healthy_database_is_waited_for_by_connecting() {
    let web = with(|web| web.depends = vec![waits_for("db", Condition::Healthy)]);
    let rendered = render(&project([("db", database()), ("web", web)]));
    let wait = &pod(&rendered, "Deployment", "web")["initContainers"][0];
    assert_eq!(wait["name"], "wait-for-db");
    assert_eq!(
        wait["args"][0],
        "trap 'exit 143' TERM; echo \"waiting for db\"; until nc -z -w 2 db 5432; do sleep 2; done"
    );
    assert_eq!(pod(&rendered, "Deployment", "web")["serviceAccountName"], Value::Null);
}

#[test]
fn a_service_without_ports_is_waited_for_by_name() {
    let worker = with(|worker| {
        let test = at(Test::Exec(vec!["check".to_owned()]));
        worker.health = Health::Check(at(Check { test, timing: Timing::default() }));
    });
    let mut edge = waits_for("worker", Condition::Healthy);
    edge.required = false;
    let web = with(|web| web.depends = vec![edge]);
    let rendered = render(&project([("web", web), ("worker", worker)]));
    let wait = &pod(&rendered, "Deployment", "web")["initContainers"][0];
    assert_eq!(
        wait["args"][0],
        "trap 'exit 143' TERM; echo \"waiting for worker\"; n=; until ! nc -z -w 1 worker-ready 9 2>&1 | \
         grep -q 'bad address'; do n=x$n; [ ${#n} -le 90 ] || { echo \"worker not ready, going on\"; exit 0; }; \
         sleep 2; done"
    );
    assert!(rendered.objects().contains(&"Service worker-ready".to_owned()));
}

#[test]
fn what_is_met_by_construction_is_not_waited_for() {
    let scaled = with(|db| db.scale.replicas = Some(at(0)));
    let provided = with(|db| {
        db.target_only.provider = Some(Provider { span: span(), kind: at("awesomecloud".to_owned()) });
    });
    for db in [scaled, provided] {
        let web = with(|web| web.depends = vec![waits_for("db", Condition::Healthy)]);
        let rendered = render(&project([("db", db), ("web", web)]));
        assert_eq!(pod(&rendered, "Deployment", "web")["initContainers"], Value::Null);
        assert!(!rendered.codes().contains(&"wait-not-rendered"));
    }
}

#[test]
fn a_wait_that_cannot_be_written_is_told() {
    let shop = || {
        let web = with(|web| {
            web.depends = vec![waits_for("db", Condition::Healthy)];
            web.network.mode = NetworkMode::None(span());
        });
        project([("db", database()), ("web", web)])
    };
    let rendered = render(&shop());
    assert_eq!(pod(&rendered, "Deployment", "web")["initContainers"], Value::Null);
    assert!(rendered.finding("wait-not-rendered").message.contains("without a network"));
    let options = Options { depends_on: DependsOn::None, ..Options::default() };
    assert!(render_with(&shop(), options).codes().contains(&"wait-not-rendered"));
}

#[test]
fn started_services_are_ordered_by_live_apply_only() {
    let web = with(|web| web.depends = vec![waits_for("db", Condition::Started)]);
    let rendered = render(&project([("db", service()), ("web", web)]));
    assert!(rendered.finding("start-order-live-only").message.contains("`web` after `db`"));
}

#[test]
fn joined_services_run_in_one_pod() {
    let vpn = with(|vpn| vpn.lifecycle.grace = Some(at(Duration::from_secs(60))));
    let rendered = render(&grouped("vpn", [("vpn", vpn), ("web", joined_to("vpn"))]));
    let spec = pod(&rendered, "Deployment", "vpn");
    assert_eq!(spec["initContainers"][0]["name"], "vpn");
    assert_eq!(spec["initContainers"][0]["restartPolicy"], "Always");
    assert_eq!(spec["containers"][0]["name"], "web");
    assert_eq!(spec["terminationGracePeriodSeconds"], 60);
    assert!(!rendered.objects().contains(&"Deployment web".to_owned()));
}

#[test]
fn a_pod_is_a_job_when_all_but_its_sidecars_end() {
    let web = Service { network: joined_to("vpn").network, ..job() };
    let rendered = render(&grouped("vpn", [("vpn", service()), ("web", web)]));
    let spec = pod(&rendered, "Job", &job_name(&rendered)).clone();
    assert_eq!(spec["restartPolicy"], "Never");
    assert_eq!(spec["initContainers"][0]["name"], "vpn");
    assert!(!rendered.codes().contains(&"pod-group-conflict"));
}

#[test]
fn a_sidecar_that_is_awaited_gates_the_next_container() {
    let web = with(|web| {
        web.network.mode = NetworkMode::Of(at(ServiceName::new("vpn")));
        web.depends = vec![waits_for("vpn", Condition::Healthy)];
    });
    let rendered = render(&grouped("vpn", [("vpn", database()), ("web", web)]));
    let vpn = &pod(&rendered, "Deployment", "vpn")["initContainers"][0];
    assert_eq!(vpn["startupProbe"]["periodSeconds"], 5);
    // 3 retries every 30 s, looked at every 5 s.
    assert_eq!(vpn["startupProbe"]["failureThreshold"], 18);
}

#[test]
fn members_of_a_pod_must_agree() {
    let scaled = with(|web| {
        web.network.mode = NetworkMode::Of(at(ServiceName::new("vpn")));
        web.scale.replicas = Some(at(3));
    });
    let rendered = render(&grouped("vpn", [("vpn", service()), ("web", scaled)]));
    assert!(rendered.finding("pod-group-conflict").message.contains("`deploy.replicas` of `web`"));
    let listening = |service: Service| Service { ports: database().ports, ..service };
    let rendered =
        render(&grouped("vpn", [("vpn", listening(service())), ("web", listening(joined_to("vpn")))]));
    assert!(rendered.finding("pod-group-conflict").message.contains("5432/tcp"));
}

#[test]
fn pods_that_would_wait_for_each_other_are_refused() {
    let vpn = database();
    let web = with(|web| {
        web.network.mode = NetworkMode::Of(at(ServiceName::new("vpn")));
        web.depends = vec![waits_for("api", Condition::Healthy)];
    });
    let mut api = database();
    api.depends = vec![waits_for("vpn", Condition::Healthy)];
    let mut project = grouped("vpn", [("vpn", vpn), ("web", web)]);
    project.services.insert(ServiceName::new("api"), api);
    let rendered = render(&project);
    assert!(rendered.finding("pod-group-conflict").message.contains("would wait for ever"));
}

#[test]
fn a_join_of_processes_shares_the_network_too() {
    let debug = with(|debug| debug.kernel.pid = Some(at(Namespace::Of(ServiceName::new("web")))));
    let rendered = render(&grouped("web", [("web", service()), ("debug", debug)]));
    assert_eq!(pod(&rendered, "Deployment", "web")["shareProcessNamespace"], true);
    assert!(rendered.codes().contains(&"pod-group-shares-network"));
}

#[test]
fn updates_follow_their_author() {
    let strategy = |update: Update, replicas| {
        let rendered = one(with(|web| {
            web.scale.replicas = Some(at(replicas));
            web.update = Some(at(update));
        }));
        let rolling = &rendered.object("Deployment", "web")["spec"]["strategy"]["rollingUpdate"];
        let codes = rendered.codes();
        (rolling["maxSurge"].clone(), rolling["maxUnavailable"].clone(), codes.contains(&"update-has-gap"))
    };
    let update = |parallelism, order: Option<Order>| Update {
        parallelism: Some(at(parallelism)),
        order: order.map(at),
        ..Update::default()
    };
    assert_eq!(strategy(update(2, None), 3), (json!(0), json!(2), false));
    assert_eq!(strategy(update(2, Some(Order::StartFirst)), 3), (json!(2), json!(0), true));
    assert_eq!(strategy(update(0, Some(Order::StopFirst)), 5), (json!(0), json!("100%"), true));
    assert_eq!(strategy(update(1, None), 1), (json!(0), json!(1), true));
}

#[test]
fn the_hosts_network_leaves_no_place_for_a_second_pod() {
    let rendered = one(with(|web| {
        web.network.mode = NetworkMode::Host(span());
        web.update = Some(at(Update { order: Some(at(Order::StartFirst)), ..Update::default() }));
    }));
    let spec = &rendered.object("Deployment", "web")["spec"];
    assert_eq!(spec["strategy"]["rollingUpdate"], json!({"maxSurge": 0, "maxUnavailable": 1}));
    assert_eq!(spec["template"]["spec"]["hostNetwork"], true);
    assert_eq!(spec["template"]["spec"]["dnsPolicy"], "ClusterFirstWithHostNet");
    for code in ["start-first-not-possible", "host-access", "update-has-gap"] {
        assert!(rendered.codes().contains(&code), "{code}");
    }
}

#[test]
fn a_slow_start_extends_the_deadline() {
    let rendered = one(with(|web| {
        let start_period = Some(at(Duration::from_secs(1200)));
        let test = at(Test::Exec(vec!["check".to_owned()]));
        web.health = Health::Check(at(Check { test, timing: Timing { start_period, ..Timing::default() } }));
    }));
    // 1200 s and three intervals of 30 s, and the usual ten minutes.
    assert_eq!(rendered.object("Deployment", "web")["spec"]["progressDeadlineSeconds"], 1890);
}

#[test]
fn global_services_run_once_a_node() {
    let rendered = one(with(|web| {
        web.lifecycle.kind = Kind::Global(span());
        web.scale.replicas = Some(at(2));
    }));
    let spec = &rendered.object("DaemonSet", "web")["spec"];
    assert_eq!(spec["replicas"], Value::Null);
    assert_eq!(spec["updateStrategy"]["rollingUpdate"], json!({"maxSurge": 0, "maxUnavailable": 1}));
    assert!(rendered.codes().contains(&"replicas-ignored-in-global"));
}

#[test]
fn windows_pods_have_nothing_of_linux() {
    let rendered = one(with(|web| {
        let platform =
            Platform { os: "windows".to_owned(), architecture: Some("amd64".to_owned()), variant: None };
        web.image.platform = Some(at(platform));
        web.security.user = Some(at(super::pod::user::parse("ContainerUser")));
        web.security.caps_add = vec![at("NET_ADMIN".to_owned())];
        web.kernel.sysctls = BTreeMap::from([("net.core.somaxconn".to_owned(), at("1".to_owned()))]);
        web.process.init = Some(at(true));
    }));
    let spec = pod(&rendered, "Deployment", "web");
    assert_eq!(spec["os"]["name"], "windows");
    assert_eq!(spec["nodeSelector"], json!({"kubernetes.io/arch": "amd64", "kubernetes.io/os": "windows"}));
    assert_eq!(spec["securityContext"], Value::Null);
    assert_eq!(spec["shareProcessNamespace"], Value::Null);
    assert_eq!(
        spec["containers"][0]["securityContext"],
        json!({"windowsOptions": {"runAsUserName": "ContainerUser"}})
    );
    assert_eq!(rendered.codes().iter().filter(|code| **code == "linux-only-dropped").count(), 3);
}

#[test]
fn several_hooks_on_windows_are_run_by_its_own_shell_k91() {
    let hooked = |words: [&str; 2]| {
        one(with(|web| {
            let platform = Platform { os: "windows".to_owned(), architecture: None, variant: None };
            web.image.platform = Some(at(platform));
            web.lifecycle.post_start = words.map(|word| super::testing::hook(&["app.exe", word])).to_vec();
        }))
    };
    let rendered = hooked(["a", "b"]);
    let command =
        &pod(&rendered, "Deployment", "web")["containers"][0]["lifecycle"]["postStart"]["exec"]["command"];
    assert_eq!(*command, json!(["cmd", "/S", "/C", "cmd /S /C app.exe a && cmd /S /C app.exe b"]));
    let rendered = hooked(["a", "b c"]);
    assert_eq!(pod(&rendered, "Deployment", "web")["containers"][0]["lifecycle"], Value::Null);
    assert!(rendered.codes().contains(&"linux-only-dropped"));
}

#[test]
fn built_images_are_named_as_compose_names_them() {
    let rendered = one(with(|web| {
        web.image.reference = None;
        web.image.build = Some(Build {
            span: span(),
            context: at("/src".to_owned()),
            local_context: Some(".".to_owned()),
            tag: None,
            settings: vec![at("cache_from")],
        });
    }));
    let container = &pod(&rendered, "Deployment", "web")["containers"][0];
    assert_eq!(
        (&container["image"], &container["imagePullPolicy"]),
        (&json!("shop-web:latest"), &json!("IfNotPresent"))
    );
    assert!(rendered.codes().contains(&"build-setting-not-emitted"));
    assert!(rendered.finding("image-must-be-pushed").message.contains("`shop-web:latest`"));
}

#[test]
fn low_ports_are_open_to_users_that_are_not_root() {
    let rendered = one(with(|web| {
        web.ports.ports = vec![port(Some(80), 80, Protocol::Tcp)];
        web.security.user = Some(at(super::pod::user::parse("1000")));
    }));
    assert_eq!(
        pod(&rendered, "Deployment", "web")["securityContext"]["sysctls"],
        json!([{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}])
    );
}

#[test]
fn unsafe_sysctls_need_a_permit() {
    let tuned = || {
        project([(
            "web",
            with(|web| {
                web.kernel.sysctls = BTreeMap::from([
                    ("net.core.somaxconn".to_owned(), at("1024".to_owned())),
                    ("vm.max_map_count".to_owned(), at("262144".to_owned())),
                ]);
            }),
        )])
    };
    let rendered = render(&tuned());
    assert_eq!(pod(&rendered, "Deployment", "web")["securityContext"]["sysctls"], Value::Null);
    for code in ["sysctl-unsafe", "sysctl-not-namespaced"] {
        assert!(rendered.codes().contains(&code), "{code}");
    }
    let options = Options { permits: [Permit::UnsafeSysctls].into(), ..Options::default() };
    let rendered = render_with(&tuned(), options);
    assert_eq!(
        pod(&rendered, "Deployment", "web")["securityContext"]["sysctls"],
        json!([{"name": "net.core.somaxconn", "value": "1024"}])
    );
}

#[test]
fn devices_of_the_host_need_a_permit() {
    let with_device = || {
        let device = Device {
            source: "/dev/ttyUSB0".to_owned(),
            target: "/dev/tty".to_owned(),
            permissions: "rwm".to_owned(),
        };
        project([("web", with(|web| web.kernel.devices = vec![at(device)]))])
    };
    assert!(render(&with_device()).codes().contains(&"device-dropped"));
    let options = Options { permits: [Permit::DeviceHostPath].into(), ..Options::default() };
    let rendered = render_with(&with_device(), options);
    let spec = pod(&rendered, "Deployment", "web");
    assert_eq!(spec["volumes"], json!([{"name": "device-ttyusb0", "hostPath": {"path": "/dev/ttyUSB0"}}]));
    assert_eq!(spec["containers"][0]["securityContext"], json!({"privileged": true}));
    assert!(!rendered.codes().contains(&"device-dropped"));
}

#[test]
fn app_armor_is_an_annotation_below_1_30_and_a_field_from_there() {
    let confined = || {
        let option = crate::model::SecurityOption::AppArmor("mine".to_owned());
        project([("web", with(|web| web.security.options = vec![at(option)]))])
    };
    let older = render(&confined());
    let template = &older.object("Deployment", "web")["spec"]["template"];
    assert_eq!(
        template["metadata"]["annotations"],
        json!({"container.apparmor.security.beta.kubernetes.io/web": "localhost/mine"})
    );
    let newer =
        render_with(&confined(), Options { kube_version: KubeVersion { minor: 30 }, ..Options::default() });
    let template = &newer.object("Deployment", "web")["spec"]["template"];
    assert_eq!(template["metadata"]["annotations"], Value::Null);
    assert_eq!(
        template["spec"]["containers"][0]["securityContext"]["appArmorProfile"],
        json!({"type": "Localhost", "localhostProfile": "mine"})
    );
}

#[test]
fn stop_signals_need_a_feature_of_the_cluster() {
    let stopped = || project([("web", with(|web| web.lifecycle.stop_signal = Some(at("10".to_owned()))))]);
    assert!(render(&stopped()).codes().contains(&"stop-signal-dropped"));
    let options = Options { features: [Feature::ContainerStopSignals].into(), ..Options::default() };
    let rendered = render_with(&stopped(), options);
    let spec = pod(&rendered, "Deployment", "web");
    assert_eq!(spec["containers"][0]["lifecycle"], json!({"stopSignal": "SIGUSR1"}));
    assert_eq!(spec["os"]["name"], "linux");
}

#[test]
fn shared_memory_is_a_volume_of_memory() {
    let rendered = one(with(|web| web.resources.shm = Some(at(1 << 30))));
    let spec = pod(&rendered, "Deployment", "web");
    assert_eq!(
        spec["volumes"],
        json!([{"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}])
    );
    assert_eq!(spec["containers"][0]["volumeMounts"], json!([{"name": "shm", "mountPath": "/dev/shm"}]));
    let usual = one(with(|web| web.resources.shm = Some(at(64 << 20))));
    assert_eq!(pod(&usual, "Deployment", "web")["volumes"], Value::Null);
}

#[test]
fn hooks_before_the_start_are_init_containers_of_the_service() {
    let rendered = one(with(|web| {
        web.process.environment = Environment::from([
            ("A".to_owned(), EnvironmentValue::Literal { value: at("1".to_owned()), sensitive: false }),
            ("B".to_owned(), EnvironmentValue::Literal { value: at("1".to_owned()), sensitive: false }),
        ]);
        let mut hook = super::testing::hook(&["prepare", "$$x"]);
        hook.environment.insert(
            "B".to_owned(),
            EnvironmentValue::Literal { value: at("2".to_owned()), sensitive: false },
        );
        web.lifecycle.pre_start = vec![hook];
    }));
    assert_eq!(
        pod(&rendered, "Deployment", "web")["initContainers"],
        json!([{
            "name": "pre-start-1",
            "image": "example/app:1",
            "args": ["prepare", "$$$x"],
            "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        }])
    );
    assert!(rendered.codes().contains(&"pre-start-every-pod"));
}

#[test]
fn constraints_hold_together_in_one_term() {
    let constraint = |subject, value: &str| {
        at(Constraint { text: value.to_owned(), parsed: Some((subject, true, value.to_owned())) })
    };
    let rendered = one(with(|web| {
        web.placement.constraints = vec![
            constraint(ConstraintSubject::NodeLabel("zone".to_owned()), "a"),
            constraint(ConstraintSubject::NodeLabel("disk".to_owned()), "ssd"),
        ];
        web.placement.max_per_node = Some(at(1));
    }));
    let affinity = &pod(&rendered, "Deployment", "web")["affinity"];
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    assert_eq!(
        affinity["nodeAffinity"][required],
        json!({"nodeSelectorTerms": [{"matchExpressions": [
            {"key": "disk", "operator": "In", "values": ["ssd"]},
            {"key": "zone", "operator": "In", "values": ["a"]},
        ]}]})
    );
    assert_eq!(affinity["podAntiAffinity"][required][0]["topologyKey"], "kubernetes.io/hostname");
}

#[test]
fn services_that_were_not_asked_for_are_neither_written_nor_told_of() {
    let migrate = Service { selected: false, ..job() };
    let web = with(|web| web.depends = vec![waits_for("migrate", Condition::Completed)]);
    let rendered = render(&project([("migrate", migrate), ("web", web)]));
    assert!(!rendered.objects().iter().any(|object| object.starts_with("Job ")));
    assert!(!rendered.codes().contains(&"job-runs-once"));
    let names = &rendered.object("Role", "web-wait")["rules"][0]["resourceNames"];
    assert!(names[0].as_str().expect("a name").starts_with("migrate-"));
}

#[test]
fn every_field_tells_where_it_comes_from() {
    let mut sink = crate::diag::Sink::default();
    let web = with(|web| {
        web.scale.replicas = Some(at(3));
        web.lifecycle.grace = Some(at(Duration::from_secs(5)));
    });
    let project = project([("web", web)]);
    let artefacts = crate::backend::Backend::render(
        &super::Kubernetes::default(),
        &project,
        &crate::diag::Sources::default(),
        &mut sink,
    );
    let deployment = artefacts.documents.iter().find(|found| found.kind == "Deployment").expect("one");
    let rule_at = |path: &str| {
        let found = deployment.origins.iter().find(|origin| origin.path == path);
        found.map(|origin| (origin.rule, origin.span.is_some()))
    };
    assert_eq!(rule_at("spec.replicas"), Some(("K30", true)));
    assert_eq!(rule_at("spec.strategy"), Some(("K32", false)));
    assert_eq!(rule_at("spec.template.spec.containers[0].image"), Some(("K10", true)));
    assert_eq!(rule_at("spec.template.spec.terminationGracePeriodSeconds"), Some(("K28", true)));
}
