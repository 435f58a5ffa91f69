//! The bed itself: what tests of live apply rely on is there. Deployments roll out, jobs end, pods fail as their images say, and the
//! proxy breaks what it is told to break.

#![expect(
    clippy::disallowed_methods,
    reason = "starts the server and runs kubectl; `host` is for the program"
)]

#[expect(dead_code, reason = "the dry-run is for another runner")]
#[path = "support/bed.rs"]
mod bed;
#[path = "support/program.rs"]
mod program;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bed::{Bed, bed};
use program::Stage;
use proxy::Proxy;
use serde_json::{Value, json};

#[test]
fn a_project_of_the_fixtures_becomes_available() {
    let Some(bed) = populated("bed: deployment") else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/visitors");
    put(bed, "visitors", &converted(&source, "visitors"));
    wait(bed, "visitors", "--for=condition=Available", &["deployment", "--all"]);
}

#[test]
fn a_job_of_the_fixtures_completes() {
    let Some(bed) = populated("bed: job") else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keys/services.restart/no-makes-a-job");
    put(bed, "job", &converted(&source, "demo"));
    wait(bed, "job", "--for=condition=Complete", &["job", "--all"]);
}

#[test]
fn pods_do_what_their_images_say() {
    let Some(bed) = populated("bed: images") else { return };
    let images = ["crash-loop", "pull-fail", "slow-ready", "exit-1"];
    let services = images.map(|name| format!("  {name}: {{image: '{name}:1', init: true}}\n")).concat();
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    fs::write(scratch.path().join("compose.yaml"), format!("services:\n{services}"))
        .expect("it can be written");
    put(bed, "images", &converted(scratch.path(), "images"));
    wait(bed, "images", "--for=condition=Available", &["deployment/slow-ready"]);
    for (name, reason) in [
        ("crash-loop", "CrashLoopBackOff"),
        ("exit-1", "CrashLoopBackOff"),
        ("pull-fail", "ImagePullBackOff"),
    ] {
        let condition =
            format!("--for=jsonpath={{.status.containerStatuses[0].state.waiting.reason}}={reason}");
        wait(bed, "images", &condition, &["pod", "-l", &format!("app.kubernetes.io/name={name}")]);
    }
}

#[test]
fn the_proxy_answers_in_place_of_the_server() {
    let Some(bed) = populated("bed: statuses") else { return };
    let mut proxy = Proxy::start(bed);
    let said = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"not today","code":403}"#;
    let json = json!({"Content-Type": "application/json"});
    proxy
        .faults(&json!([{"url": "/nodes", "fault": "status", "status": 403, "body": said, "headers": json}]));
    let output = bed.kubectl(Some(&proxy.kubeconfig), &["get", "nodes"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("not today"), "{stderr}");
    proxy.faults(&json!([]));
    let output = bed.kubectl(Some(&proxy.kubeconfig), &["get", "nodes", "-o", "name"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "node/node-1\nnode/node-2\n");
    let statuses: Vec<Value> = proxy
        .requests()
        .iter()
        .filter(|request| request["url"].as_str().is_some_and(|url| url.starts_with("/api/v1/nodes")))
        .map(|request| json!([request["method"], request["status"], request["fault"]]))
        .collect();
    assert_eq!(statuses, [json!(["GET", 403, "status"]), json!(["GET", 200, null])]);
}

#[test]
fn an_answer_is_lost_after_the_server_has_written() {
    let Some(bed) = populated("bed: lost answers") else { return };
    let mut proxy = Proxy::start(bed);
    for (fault, is_written) in [("lost", true), ("reset", false)] {
        let namespace = format!("namespace-{fault}");
        proxy.faults(&json!([{"method": "POST", "url": "/namespaces", "fault": fault}]));
        let output = bed.kubectl(Some(&proxy.kubeconfig), &["create", "namespace", &namespace]);
        assert!(!output.status.success(), "{fault}: {}", String::from_utf8_lossy(&output.stdout));
        let found = bed.kubectl(None, &["get", "namespace", &namespace]);
        assert_eq!(found.status.success(), is_written, "{fault}");
    }
    let broken = proxy.requests().into_iter().filter(|request| request["method"] == "POST");
    let seen: Vec<Value> = broken.map(|request| json!([request["fault"], request["status"]])).collect();
    assert_eq!(seen, [json!(["lost", 0]), json!(["reset", 0])]);
}

#[test]
fn answers_come_late_or_in_part_and_only_so_often() {
    let Some(bed) = populated("bed: delays") else { return };
    let mut proxy = Proxy::start(bed);
    let nodes = ["get", "--raw", "/api/v1/nodes"];
    proxy.faults(&json!([{"url": "/nodes", "fault": "delay", "milliseconds": 300, "after": 1, "times": 1}]));
    for _ in 0..3 {
        assert!(bed.kubectl(Some(&proxy.kubeconfig), &nodes).status.success());
    }
    let faults: Vec<Value> = proxy.requests().iter().map(|request| request["fault"].clone()).collect();
    assert_eq!(faults, [json!(null), json!("delay"), json!(null)]);
    assert!(proxy.requests()[1]["milliseconds"].as_u64() >= Some(300));

    proxy.faults(&json!([{"url": "/nodes", "fault": "cut", "bytes": 100}]));
    let output = bed.kubectl(Some(&proxy.kubeconfig), &nodes);
    assert!(!output.status.success(), "an answer in part is none");
}

/// Returns a bed with controllers and fake nodes, or says that the test is skipped.
fn populated(test: &str) -> Option<&'static Bed> {
    bed(test, &["--controllers"])
}

fn converted(source: &Path, name: &str) -> String {
    let run = Stage::of(source, name, &[]).run(".", &BTreeMap::new(), &["-p", name, "convert", "-q"]);
    assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
    run.stdout
}

/// Applies manifests in a namespace of the test's own.
fn put(bed: &Bed, namespace: &str, manifests: &str) {
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let file = scratch.path().join("all.yaml");
    fs::write(&file, manifests).expect("a scratch file can be written");
    let file = file.display().to_string();
    for words in
        [&["create", "namespace", namespace][..], &["-n", namespace, "apply", "--server-side", "-f", &file]]
    {
        let output = bed.kubectl(None, words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn wait(bed: &Bed, namespace: &str, condition: &str, what: &[&str]) {
    let words = [&["-n", namespace, "wait", "--timeout=120s", condition], what].concat();
    let output = bed.kubectl(None, &words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{:#}", get(bed, namespace, "pods"));
}

fn get(bed: &Bed, namespace: &str, what: &str) -> Value {
    let output = bed.kubectl(None, &["-n", namespace, "get", what, "-o", "json"]);
    serde_json::from_slice(&output.stdout).expect("kubectl prints JSON")
}
