//! Applications of our own and, where they are at hand, the tutorials' that they are modelled on: they run, find each other, are kept apart, keep data.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::{Engine, engine};
use crate::eventually::eventually;
use crate::shared;
use crate::stack::Stack;

/// The directory of a project of ours.
pub(crate) fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(name)
}

/// The engine and the directory of an example, unless the test is skipped. Nearly all of them publish 5000, so they come one at a time.
pub(crate) fn example(name: &str) -> Option<(&'static Engine, PathBuf, MutexGuard<'static, ()>)> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let test = format!("swarm engine: {name}");
    let engine = engine(&test)?;
    let source = shared::shared(&test, "examples")?.join(name);
    Some((engine, source, ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)))
}

/// A page that counts in Redis, which has no port in the file.
#[derive(Clone, Copy)]
struct Counting {
    page: &'static str,
    port: u16,
    store: &'static str,
}

impl Counting {
    fn check(self, stack: &Stack) {
        stack.deploy();
        let Self { page, port, store } = self;
        stack.finds(page, store);
        stack.finds(store, page);
        let first = number(&eventually(page, || stack.engine.get(port, "/")));
        let second = number(&eventually(page, || stack.engine.get(port, "/")));
        assert_eq!(second, first + 1);
    }
}

/// The number in a text.
fn number(text: &str) -> u32 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number in `{text}`"))
}

#[test]
fn guestbook_counts_in_redis() {
    let Some(engine) = engine("swarm engine: guestbook") else { return };
    Counting { page: "book", port: 8090, store: "tally" }.check(&Stack::of(
        engine,
        &ours("guestbook"),
        "guestbook",
    ));
}

#[test]
fn flask_redis_counts() {
    let Some((engine, source, _alone)) = example("flask-redis") else { return };
    let stack = Stack::of(engine, &source, "flask-redis").standing_in(&[("web", 5000)]);
    Counting { page: "web", port: 5000, store: "redis" }.check(&stack);
}

#[test]
fn render_farm_draws_what_is_ordered() {
    let Some(engine) = engine("swarm engine: render-farm") else { return };
    let stack = Stack::of(engine, &ours("render-farm"), "render-farm");
    stack.deploy();
    for (from, to) in [("studio", "queue"), ("studio", "ledger"), ("renderer", "queue")] {
        stack.finds(from, to);
    }
    // All start at once: the renderer fails until the broker is there, and Swarm starts it again.
    eventually("an order is drawn", || {
        stack.engine.post(8100, "/", "order 17")?;
        let log = stack.engine.done(&["service", "logs", "--raw", &stack.full("renderer")]);
        if log.contains("order 17") { Ok(()) } else { Err(log) }
    });
    assert!(eventually("the console", || stack.engine.get(15672, "/")).contains("RabbitMQ"));
    let asked = ["psql", "-h", "/tmp", "-U", "farm", "-d", "frames", "-tAc", "SELECT 40 + 2"];
    assert_eq!(eventually("the database", || ok(&stack.exec("ledger", &asked))), "42\n");
}

#[test]
fn flask_celery_reaches_its_broker_and_its_database() {
    let Some((engine, source, _alone)) = example("flask-celery-rabbitmq-postgres") else { return };
    let stack = Stack::of(engine, &source, "celery").standing_in(&[("web", 5000), ("worker", 5000)]);
    stack.deploy();
    for (from, to) in [("web", "rabbitmq"), ("web", "db"), ("rabbitmq", "worker")] {
        stack.finds(from, to);
    }
    assert!(eventually("the page", || stack.engine.get(5000, "/")).contains("served"));
    eventually("the worker", || {
        let log = stack.engine.done(&["service", "logs", "--raw", &stack.full("worker")]);
        if log.contains("worker ready") { Ok(()) } else { Err(log) }
    });
    assert!(eventually("the console", || stack.engine.get(15672, "/")).contains("RabbitMQ"));
    let asked = ["psql", "-h", "/tmp", "-U", "exampleuser", "-d", "exampledb", "-tAc", "SELECT 40 + 2"];
    assert_eq!(eventually("the database", || ok(&stack.exec("db", &asked))), "42\n");
}

/// A page that reads lines from a database, whose files lie in a volume.
#[derive(Clone, Copy)]
struct Keeping {
    page: &'static str,
    port: u16,
    store: &'static str,
    user: &'static str,
    database: &'static str,
    /// What the program reads: table and column.
    reads: (&'static str, &'static str),
}

impl Keeping {
    fn check(self, stack: &Stack) {
        stack.deploy();
        let (table, column) = self.reads;
        let filled =
            format!("CREATE TABLE {table} ({column} text); INSERT INTO {table} VALUES ('leek soup')");
        let asked = ["psql", "-h", "/tmp", "-U", self.user, "-d", self.database, "-c", &filled];
        eventually("the database takes a line", || ok(&stack.exec(self.store, &asked)));
        self.reads_the_line(stack);
        // Another task, on the same volume.
        let old = stack.running(self.store, 1).remove(0);
        stack.engine.done(&["service", "update", "--detach", "--force", &stack.full(self.store)]);
        eventually("a new task of the database", || {
            let new = stack.running(self.store, 1).remove(0);
            if new.id == old.id { Err("it is the old one".to_owned()) } else { Ok(()) }
        });
        self.reads_the_line(stack);
        // And after all is taken down: volumes stay.
        stack.engine.done(&["stack", "rm", "--detach=false", &stack.full("").replace('_', "")]);
        stack.deploy();
        self.reads_the_line(stack);
    }

    fn reads_the_line(self, stack: &Stack) {
        let page = eventually(self.page, || stack.engine.get(self.port, "/"));
        assert_eq!(page, "leek soup");
    }
}

#[test]
fn recipes_survive_a_roll_out() {
    let Some(engine) = engine("swarm engine: recipes") else { return };
    let recipes = Keeping {
        page: "kitchen",
        port: 8120,
        store: "pantry",
        user: "cook",
        database: "recipes",
        reads: ("recipe", "title"),
    };
    recipes.check(&Stack::of(engine, &ours("recipes"), "recipes"));
}

#[test]
fn flask_postgres_keeps_its_data() {
    let Some((engine, source, _alone)) = example("flask-postgres-volume") else { return };
    let messages = Keeping {
        page: "web",
        port: 5000,
        store: "db",
        user: "exampleuser",
        database: "exampledb",
        reads: ("message", "content"),
    };
    messages.check(&Stack::of(engine, &source, "flask-postgres").standing_in(&[("web", 5000)]));
}

/// An nginx before two servers that only its configuration names.
#[derive(Clone, Copy)]
struct Balancing {
    gate: &'static str,
    port: u16,
    path: &'static str,
    servers: [&'static str; 2],
}

impl Balancing {
    fn check(self, stack: &Stack) {
        stack.deploy();
        let mut names: Vec<String> = self
            .servers
            .iter()
            .map(|server| stack.said(server, &["hostname"]))
            .map(|name| format!("served by {name}"))
            .collect();
        names.sort();
        eventually("both servers have answered", || {
            let mut seen: Vec<String> =
                (0..8).map(|_| stack.engine.get(self.port, self.path)).collect::<Result<_, _>>()?;
            seen.sort();
            seen.dedup();
            if seen == names { Ok(()) } else { Err(format!("{seen:?}")) }
        });
        self.rolls_with_its_configuration(stack);
    }

    /// A config cannot change in a swarm: under a new name it does, and only those who have it roll (S101).
    fn rolls_with_its_configuration(self, stack: &Stack) {
        let ids = |service: &str| stack.running(service, 1).remove(0).id;
        let (gate, server) = (ids(self.gate), ids(self.servers[0]));
        stack.deploy();
        assert_eq!(ids(self.gate), gate, "the same again makes no task");
        stack.edit("nginx.conf", "location", "location /other/ { return 200 'rolled'; }\n        location");
        stack.deploy();
        eventually("the new configuration", || match stack.engine.get(self.port, "/other/")? {
            answer if answer == "rolled" => Ok(()),
            answer => Err(answer),
        });
        assert_ne!(ids(self.gate), gate);
        assert_eq!(ids(self.servers[0]), server, "those without the config stay");
    }
}

#[test]
fn parcel_gate_balances_and_rolls_with_its_configuration() {
    let Some(engine) = engine("swarm engine: parcel-gate") else { return };
    let servers = ["depot-east", "depot-west"];
    let stack =
        Stack::of(engine, &ours("parcel-gate"), "parcel-gate").standing_in(&servers.map(|name| (name, 7000)));
    Balancing { gate: "gate", port: 8130, path: "/parcels/", servers }.check(&stack);
}

#[test]
fn nginx_balances_and_rolls_with_its_configuration() {
    let Some((engine, source, _alone)) = example("nginx-load-balancer") else { return };
    let servers = ["web1", "web2"];
    let stack =
        Stack::of(engine, &source, "nginx-load-balancer").standing_in(&servers.map(|name| (name, 5000)));
    Balancing { gate: "nginx", port: 80, path: "/", servers }.check(&stack);
}

/// Two services on networks that have nothing in common.
#[derive(Clone, Copy)]
struct Isolated {
    open: &'static str,
    closed: &'static str,
    closed_page: &'static str,
}

impl Isolated {
    fn check(self, stack: &Stack) {
        stack.deploy();
        let own = format!("http://127.0.0.1{}", self.closed_page);
        eventually("it answers itself", || stack.engine.fetch(&stack.container(self.closed), &own, None));
        assert!(!stack.resolves(self.open, self.closed));
        assert!(!stack.resolves(self.closed, self.open));
        let address = stack.said(self.closed, &["hostname", "-i"]);
        let foreign = format!("http://{address}{}", self.closed_page);
        assert!(
            stack.engine.fetch(&stack.container(self.open), &foreign, None).is_err(),
            "{foreign} answers"
        );
        stack.finds(self.open, self.open);
    }
}

#[test]
fn clinic_keeps_its_records_apart() {
    let Some(engine) = engine("swarm engine: clinic") else { return };
    let stack = Stack::of(engine, &ours("clinic"), "clinic");
    Isolated { open: "reception", closed: "records", closed_page: ":8141/files" }.check(&stack);
    let page = eventually("reception", || stack.engine.get(8140, "/"));
    assert_eq!(page, "The archive is closed to the public.\n");
}

#[test]
fn network_isolation_isolates() {
    let Some((engine, source, _alone)) = example("network-isolation") else { return };
    let stack = Stack::of(engine, &source, "network-isolation")
        .standing_in(&[("api-service", 5000), ("internal-service", 5001)]);
    Isolated { open: "api-service", closed: "internal-service", closed_page: ":5001/" }.check(&stack);
}

/// Returns what a command said, or why it failed.
fn ok(output: &std::process::Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}
