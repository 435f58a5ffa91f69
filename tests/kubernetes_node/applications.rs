//! The tutorials' applications: they answer as under Compose, and keep what they know while they are rolled out anew.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::application::Application;
use crate::eventually::eventually;
use crate::node::example;

#[test]
fn flask_redis_goes_on_counting() {
    let Some((node, source)) = example("flask-redis") else { return };
    let application = Application::of(node, &source, "flask-redis");
    application.deploy(&[]);
    let said = |count| format!("Hello, Dockerized Flask with Redis! I have been seen {count} times.");
    assert_eq!(application.page("web", 5000, "/"), said(1));
    assert_eq!(application.page("web", 5000, "/"), said(2));
    application.deploy_again(&[]);
    let before = application.pods("web");
    application.deploy(&["--tag", "2"]);
    let after = application.pods("web");
    assert!(before.iter().all(|pod| !after.contains(pod)), "{before:?} {after:?}");
    assert_eq!(after[0].1, "flask-redis-web:2");
    assert_eq!(application.page("web", 5000, "/"), said(3));
    assert_eq!(application.take_down(), 0, "no volume was asked for");
}

/// The database says when it is there, and the application waits for that.
const ORDERLY: &str = "\
services:
  web:
    depends_on: !override {db: {condition: service_healthy}}
  db:
    healthcheck:
      test: [CMD, /usr/lib/postgresql/15/bin/pg_isready, -h, localhost, -U, exampleuser]
      interval: 1s
";

#[test]
fn flask_postgres_volume_keeps_its_rows() {
    let Some((node, source)) = example("flask-postgres-volume") else { return };
    let application = Application::of(node, &source, "flask-postgres-volume");
    application.write("docker-compose.override.yml", ORDERLY);
    application.deploy(&["--image", "db=postgres:15"]);
    assert_eq!(message(&application), "Hello from Flask!");
    let update = "UPDATE message SET content = 'still here'";
    let words = ["psql", "-h", "localhost", "-U", "exampleuser", "-d", "exampledb", "-c", update];
    let password = "PGPASSWORD=examplepass";
    assert_eq!(application.exec("db", &[&["env", password][..], &words].concat()), Ok("UPDATE 1".to_owned()));
    let before = application.pods("db");
    application.deploy(&["--image", "db=postgres:15-2", "--tag", "2"]);
    let after = application.pods("db");
    assert!(before.iter().all(|pod| !after.contains(pod)), "{before:?} {after:?}");
    assert_eq!(after[0].1, "postgres:15-2");
    assert_eq!(message(&application), "still here");
    // Volumes outlive the project, as they outlive `docker compose down`.
    assert_eq!(application.take_down(), 1);
    application.deploy(&["--image", "db=postgres:15"]);
    assert_eq!(message(&application), "still here");
}

/// What the page of flask-postgres-volume says.
fn message(application: &Application) -> String {
    let text = application.page("web", 5000, "/");
    let page: Value = serde_json::from_str(&text).expect("the page is JSON");
    page["message"].as_str().expect("the page has a message").to_owned()
}

#[test]
fn nginx_balances_and_rolls_with_its_configuration() {
    let Some((node, source)) = example("nginx-load-balancer") else { return };
    let application = Application::of(node, &source, "nginx-load-balancer");
    application.deploy(&[]);
    both_serve(&application, "/");
    let configuration = std::fs::read_to_string(source.join("nginx.conf")).expect("the example has it");
    let changed = configuration
        .replace("location / {", "location /new { return 200 'changed'; }\n\n        location / {");
    assert_ne!(changed, configuration);
    application.write("nginx.conf", &changed);
    application.deploy(&[]);
    // `rollout status` ends before the last old pod has.
    eventually("the new configuration", || {
        let page = application.visit("nginx", 80, "/new");
        if page.text == "changed" { Ok(()) } else { Err(format!("{page:?}")) }
    });
    both_serve(&application, "/");
    let status = application.status();
    let services = status["services"].as_array().expect("a list").iter();
    let services: Vec<&str> = services.filter_map(|row| row["service"].as_str()).collect();
    assert_eq!(services, ["nginx", "web1", "web2"]);
    let address = application.url("nginx", 80, "");
    assert_eq!(status["services"][0]["address"], address.trim_start_matches("http://"));
    assert_eq!(application.take_down(), 0, "no volume was asked for");
}

/// Fetches pages until each of the two behind nginx has served one.
fn both_serve(application: &Application, path: &str) {
    let mut seen = BTreeSet::new();
    eventually("web1 and web2", || {
        let text = application.page("nginx", 80, path);
        let pod = text.strip_prefix("Hello from Flask! Served by ").ok_or_else(|| text.clone())?;
        seen.insert(pod.split('-').next().unwrap_or_default().to_owned());
        if seen.iter().eq(["web1", "web2"]) { Ok(()) } else { Err(format!("{seen:?}")) }
    });
}
