//! T10: choices of which only one may be set, whoever made the one before: each switch is one apply, and the fields end up with one
//! manager. A Service that becomes headless, or ceases to be, does so in fact.

use serde_json::{Value, json};

use crate::project::{Project, actions};
use crate::reading::{find, managers};

/// Rolls, since nothing keeps two pods apart.
const ROLLING: &str = "
services:
  web: {image: 'shop/web:1.4', environment: {LOG: info}}
";

/// The same beside a volume that one pod writes.
const RECREATE: &str = "
services:
  web: {image: 'shop/web:1.4', environment: {LOG: info}, volumes: ['data:/data']}
volumes: {data: {}}
";

/// The same with a strategy that only the server has said.
const DEFAULTED: &str = "
services:
  web:
    image: shop/web:1.4
    environment: {LOG: info}
    x-rcompose: {patches: [{target: {kind: Deployment}, json: [{op: remove, path: /spec/strategy}]}]}
";

/// A Deployment by the words of others, with the labels that ours selects by.
fn by_others() -> Value {
    let labels = json!({"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
    "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": [
        {"name": "web", "image": "shop/web:1.3"},
    ]}}}})
}

/// Returns the writes among requests that the server refused; dry-runs may be refused, and are how we know.
fn refused(requests: &[Value]) -> Vec<&Value> {
    let is_write = |request: &&Value| {
        request["method"] != "GET" && !request["url"].as_str().unwrap_or_default().contains("dryRun=All")
    };
    let is_refused = |request: &&Value| request["status"].as_u64().is_some_and(|status| status >= 400);
    requests.iter().filter(is_write).filter(is_refused).collect()
}

/// Switches there and back, and looks each time what the server has, and that it was not asked in vain.
fn switched(project: &Project, flags: &[&str]) {
    let uid = project.get("deployment/web")["metadata"]["uid"].clone();
    for (compose, expected) in [(RECREATE, "Recreate"), (ROLLING, "RollingUpdate"), (RECREATE, "Recreate")] {
        project.write(compose);
        let seen = project.requests().len();
        let run = project.apply(&[flags, &["--timeout", "20s"]].concat());
        assert!(!run.stderr.contains("field-conflict"), "{}", run.stderr);
        let web = project.get("deployment/web");
        assert_eq!(web["spec"]["strategy"]["type"], expected);
        assert_eq!(web["spec"]["strategy"]["rollingUpdate"].is_null(), expected == "Recreate", "{web:#}");
        assert_eq!(web["metadata"]["uid"], uid, "it is the same object");
        assert_eq!(managers(&web), ["rcompose Apply"], "{web:#}");
        let requests = project.requests();
        assert_eq!(refused(&requests[seen..]), Vec::<&Value>::new());
        project.nothing_to_change(&[]);
    }
}

#[test]
fn t10_a_strategy_of_ours_is_switched() {
    let Some(project) = Project::behind_proxy("strategy ours", ROLLING) else { return };
    project.apply(&[]);
    switched(&project, &[]);
}

#[test]
fn t10_a_strategy_that_the_server_chose_is_switched() {
    let Some(project) = Project::behind_proxy("strategy defaulted", DEFAULTED) else { return };
    project.apply(&[]);
    let web = project.get("deployment/web");
    assert_eq!(web["spec"]["strategy"]["type"], "RollingUpdate", "the server says so");
    project.write(RECREATE);
    let shown = project.apply(&["--dry-run", "-o", "json"]);
    let plan: Value = serde_json::from_str(&shown.stdout).expect("a plan");
    assert_eq!(actions(&plan)["Deployment/web"], "update");
    let fields = find(&plan, "Deployment/web")["fields"].clone();
    let of_strategy = |field: &&Value| field["path"].as_str().unwrap_or_default().contains("strategy");
    assert!(fields.as_array().expect("fields").iter().any(|field| of_strategy(&field)), "{fields:#}");
    switched(&project, &[]);
}

#[test]
fn t10_a_strategy_of_kubectl_create_is_switched() {
    let Some(project) = Project::behind_proxy("strategy created", ROLLING) else { return };
    project.put(&by_others(), &["create"]);
    switched(&project, &["--adopt"]);
}

#[test]
fn t10_a_strategy_of_kubectl_apply_is_switched() {
    let Some(project) = Project::behind_proxy("strategy applied", ROLLING) else { return };
    project.put(&by_others(), &["apply"]);
    switched(&project, &["--adopt"]);
}

#[test]
fn t10_a_service_becomes_headless_and_ceases_to_be() {
    let headless = "services:\n  db: {image: 'shop/db:1'}\n";
    let reached = "services:\n  db: {image: 'shop/db:1', expose: ['5432']}\n";
    let Some(project) = Project::behind_proxy("headless", headless) else { return };
    project.apply(&[]);
    let mut before = project.get("service/db");
    assert_eq!(before["spec"]["clusterIP"], "None", "{before:#}");
    for (compose, is_headless) in [(reached, false), (headless, true), (reached, false)] {
        project.write(compose);
        let seen = project.requests().len();
        let asked = project.live(&["apply", "--yes", "-o", "json"]);
        assert_eq!(asked.code, Some(1), "{}", asked.stderr);
        let plan: Value = serde_json::from_str(&asked.stdout).expect("a plan");
        assert_eq!(actions(&plan)["Service/db"], "recreate", "{plan:#}");
        assert!(asked.stderr.contains("--allow-recreate=Service/db"), "{}", asked.stderr);
        assert_eq!(project.writes(seen), Vec::<String>::new());

        project.apply(&["--allow-recreate=Service/db"]);
        let after = project.get("service/db");
        assert_eq!(after["spec"]["clusterIP"] == "None", is_headless, "{after:#}");
        assert_ne!(after["metadata"]["uid"], before["metadata"]["uid"]);
        assert_eq!(managers(&after), ["rcompose Apply"], "{after:#}");
        let requests = project.requests();
        assert_eq!(refused(&requests[seen..]), Vec::<&Value>::new());
        before = after;
        let again = project.apply(&[]);
        assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    }
}
