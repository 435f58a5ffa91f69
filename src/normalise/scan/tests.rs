//! Whole projects in, reach out.

use super::*;
use crate::model::{
    Alias, AliasOrigin, Bind, BindDecision, BindPath, Check, File, Health, Mount, MountHints, MountSource,
    Test, Timing,
};
use crate::normalise::testing::{at, environment, project, service, words};

fn scanned(services: Vec<(&str, Service)>) -> Project {
    let mut project = project(services);
    fill(&mut project, &mut Sources::default());
    project
}

fn reach<'p>(project: &'p Project, name: &str) -> &'p Reach {
    &project.services[name].reach
}

/// Ports with what gave them: the place of a text, `image`, or `own` and the place.
fn ports(project: &Project, name: &str) -> Vec<(u16, String)> {
    let by = |by: &FoundBy| match by {
        FoundBy::Text(mention) => mention.place.clone(),
        FoundBy::Image(name) => format!("image {name}"),
        FoundBy::Own(mention) => format!("own {}", mention.place),
    };
    reach(project, name).found.iter().map(|found| (found.port, by(&found.by))).collect()
}

fn mount(path: &str, text: &str) -> Mount {
    let file = File { path: path.to_owned(), bytes: text.as_bytes().into(), executable: false, source: None };
    Mount {
        span: crate::normalise::testing::NOWHERE,
        target: at("/x".to_owned()),
        read_only: None,
        source: MountSource::Bind(Bind {
            source: at(format!("/p/{path}")),
            path: BindPath::Project(path.to_owned()),
            propagation: None,
            recursive: None,
            selinux: None,
            create_host_path: Some(true),
            decision: BindDecision::File(file),
            sensitive: false,
            skipped: Vec::new(),
        }),
        consistency: None,
        keeps_data: false,
        from_service: None,
        hints: MountHints::default(),
    }
}

#[test]
fn environments_and_commands_of_others_give_ports() {
    let mut web = service("web");
    web.process.environment =
        environment(&[("URL", "postgres://db/x"), ("CACHE_HOST", "cache"), ("CACHE_PORT", "7000")]);
    web.process.command = words(&["run", "--queue=queue:99"]);
    let project = scanned(vec![
        ("web", web),
        ("db", service("own/db")),
        ("cache", service("own/cache")),
        ("queue", service("x")),
    ]);
    assert_eq!(ports(&project, "db"), [(5432, "services.web.environment.URL".to_owned())]);
    assert_eq!(ports(&project, "cache"), [(7000, "services.web.environment.CACHE_HOST".to_owned())]);
    assert_eq!(ports(&project, "queue"), [(99, "services.web.command".to_owned())]);
    let names: Vec<_> =
        reach(&project, "cache").named_by.iter().map(|mention| mention.name.as_str()).collect();
    assert_eq!(names, ["cache"]);
}

#[test]
fn files_are_read_once_and_point_to_the_host() {
    let mut one = service("x");
    one.mounts = vec![mount("nginx.conf", "upstream a { server api:3000; server two:1; }")];
    let two = Service { mounts: one.mounts.clone(), ..service("x") };
    let mut project = project(vec![("one", one), ("two", two), ("api", service("x"))]);
    let mut sources = Sources::default();
    fill(&mut project, &mut sources);
    assert_eq!(ports(&project, "api"), [(3000, "nginx.conf".to_owned())]);
    assert_eq!(ports(&project, "two"), [(1, "nginx.conf".to_owned())]);
    assert_eq!(reach(&project, "two").names_itself, ["two"]);
    let mention = &reach(&project, "api").named_by[0];
    assert_eq!(sources.snippet(mention.span), "api");
    let source = |name: &str| match &project.services[name].mounts[0].source {
        MountSource::Bind(Bind { decision: BindDecision::File(file), .. }) => file.source,
        _ => None,
    };
    assert!(source("one").is_some() && source("one") == source("two"));
}

#[test]
fn known_images_stand_behind_texts_and_before_own_ones() {
    let mut redis = service("redis:7");
    redis.process.environment = environment(&[("PORT", "6380"), ("SELF", "redis:6381")]);
    let mut web = service("x");
    web.process.environment = environment(&[("A", "redis:6382"), ("B", "redis:6379")]);
    let project = scanned(vec![("redis", redis), ("web", web)]);
    assert_eq!(
        ports(&project, "redis"),
        [
            (6382, "services.web.environment.A".to_owned()),
            (6379, "services.web.environment.B".to_owned()),
            (6381, "own services.redis.environment.SELF".to_owned()),
            (6380, "own services.redis.environment.PORT".to_owned()),
        ]
    );
    assert_eq!(reach(&project, "redis").known_server, Some(vec![(6379, Protocol::Tcp)]));
    assert_eq!(reach(&project, "redis").names_itself, ["redis"]);
}

#[test]
fn members_of_one_image_use_its_peer_ports() {
    let project = scanned(vec![("a", service("etcd:3")), ("b", service("etcd:3")), ("c", service("etcd:2"))]);
    assert_eq!(reach(&project, "a").peer_ports, [(2380, Protocol::Tcp)]);
    assert!(reach(&project, "c").peer_ports.is_empty());
    assert_eq!(ports(&project, "a").iter().map(|(port, _)| *port).collect::<Vec<_>>(), [2379, 2380]);
}

#[test]
fn tools_and_services_that_end_are_no_servers() {
    let mut dump = service("postgres:16");
    dump.process.command = words(&["pg_dump", "-h", "db"]);
    let mut job = service("postgres:16");
    job.lifecycle.kind = Kind::AwaitedJob { span: crate::normalise::testing::NOWHERE, per_node: false };
    let project = scanned(vec![("dump", dump), ("job", job), ("db", service("postgres:16"))]);
    assert_eq!(reach(&project, "dump").known_server, None);
    assert_eq!(reach(&project, "job").known_server, None);
    assert!(reach(&project, "db").sql_database);
    assert_eq!(reach(&project, "db").named_by.len(), 1);
}

#[test]
fn health_checks_ask_the_service_itself() {
    let mut web = service("x");
    let test = Test::Shell(vec!["curl http://localhost:8080/ http://web:81".to_owned()]);
    web.health = Health::Check(at(Check { test: at(test), timing: Timing::default() }));
    let project = scanned(vec![("web", web)]);
    let place = "own services.web.healthcheck.test".to_owned();
    assert_eq!(ports(&project, "web"), [(81, place.clone()), (8080, place)]);
    assert_eq!(reach(&project, "web").names_itself, ["web"]);
}

#[test]
fn proxies_are_told_ports_by_variable_and_label() {
    let mut web = service("x");
    web.process.environment = environment(&[("VIRTUAL_PORT", "3000")]);
    let key = "traefik.http.services.web.loadbalancer.server.port".to_owned();
    web.identity.labels.insert(key, at("4000".to_owned()));
    let project = scanned(vec![("web", web)]);
    assert_eq!(ports(&project, "web").iter().map(|(port, _)| *port).collect::<Vec<_>>(), [3000, 4000]);
    assert!(reach(&project, "web").named_by.is_empty());
}

#[test]
fn aliases_mean_their_service_and_link_names_only_for_their_reader() {
    let mut db = service("x");
    let link = AliasOrigin::Link { by: ServiceName::new("web") };
    db.network.aliases = vec![
        Alias { name: at("store".to_owned()), origin: link },
        Alias { name: at("pg".to_owned()), origin: AliasOrigin::ContainerName },
    ];
    let mut web = service("x");
    web.process.environment = environment(&[("A", "store:1"), ("B", "pg:2")]);
    let mut other = service("x");
    other.process.environment = environment(&[("A", "store:3")]);
    let project = scanned(vec![("db", db), ("web", web), ("other", other)]);
    assert_eq!(ports(&project, "db").iter().map(|(port, _)| *port).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn plain_arguments_and_programs_are_not_the_own_name() {
    let mut worker = service("x");
    worker.process.command = words(&["celery", "worker"]);
    let mut flower = service("x");
    flower.process.command = words(&["worker", "--of", "worker"]);
    let project = scanned(vec![("worker", worker), ("flower", flower)]);
    assert!(reach(&project, "worker").names_itself.is_empty());
    assert_eq!(reach(&project, "worker").named_by.len(), 1);
}

#[test]
fn images_in_variables_and_accounts_are_no_mentions() {
    let mut web = service("x");
    web.process.environment = environment(&[
        ("REDIS_IMAGE", "redis:8"),
        ("OTHER", "redis:7"),
        ("POSTGRES_USER", "redis"),
        ("MINE", "redis:6379@"),
    ]);
    let project = scanned(vec![("redis", service("own/redis:7")), ("web", web)]);
    assert!(reach(&project, "redis").named_by.is_empty());
}
