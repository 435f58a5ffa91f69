//! T29: networks and servers fail, and the state that was asked for is reached all the same.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::project::{Project, services};

const EACH: &str = "{image: 'a:1', ports: ['80']}";

fn sleep(time: Duration) -> bool {
    thread::sleep(time);
    false
}

/// Applies while something happens, and looks whether all is as if nothing had.
fn survives(test: &str, rules: &Value, words: &[&str]) {
    let Some(mut project) = Project::behind_proxy(test, &services(6, EACH)) else { return };
    project.proxy.as_mut().expect("a proxy").faults(rules);
    project.apply(words);
    project.proxy.as_mut().expect("a proxy").faults(&json!([]));
    let (plan, code) = project.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    // A request that was given up is written down when its time is over.
    let is_broken = || project.requests().iter().any(|request| request["fault"].is_string());
    assert!((0..100).any(|_| is_broken() || sleep(Duration::from_millis(100))), "nothing was broken");
}

#[test]
fn t29_row_21_a_busy_server_is_given_time() {
    let rule = json!([{"method": "PATCH", "fault": "status", "status": 429, "body": "", "headers": {"Retry-After": "1"}, "after": 2, "times": 3}]);
    survives("busy", &rule, &[]);
}

#[test]
fn t29_row_20_a_server_that_comes_up_again_is_waited_for() {
    survives(
        "restart",
        &json!([{"fault": "status", "status": 503, "body": "", "after": 9, "times": 5}]),
        &[],
    );
}

#[test]
fn t29_row_25_an_answer_that_was_lost_after_the_write_does_no_harm() {
    let rules = json!([
        {"method": "PATCH", "url": "deployments/.*fieldManager", "fault": "lost", "after": 6, "times": 2},
        {"method": "POST", "url": "leases", "fault": "lost", "times": 1},
        {"method": "PATCH", "url": "services/", "fault": "reset", "times": 2},
        {"method": "GET", "url": "deployments", "fault": "cut", "bytes": 20, "times": 1},
    ]);
    survives("lost", &rules, &[]);
}

#[test]
fn t29_row_23_a_hung_connection_is_given_up() {
    let rules = json!([{"method": "PATCH", "url": "services/s1", "fault": "delay", "milliseconds": 4000, "times": 1}]);
    survives("hung", &rules, &["--request-timeout", "1s"]);
}

#[test]
fn t29_row_22_a_race_is_run_again() {
    let body = json!({"kind": "Status", "status": "Failure", "reason": "Conflict", "code": 409,
        "message": "Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified"});
    let rules = json!([{"method": "PATCH", "url": "deployments/", "fault": "status", "status": 409, "body": body.to_string(),
        "headers": {"Content-Type": "application/json"}, "after": 7, "times": 2}]);
    survives("race", &rules, &[]);
}

#[test]
fn t29_row_2_what_is_refused_only_when_written_stops_the_run() {
    let Some(mut project) = Project::behind_proxy("late", &services(6, EACH)) else { return };
    let body = json!({"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403,
        "message": "exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3"});
    project.proxy.as_mut().expect("a proxy").faults(&json!([{"method": "PATCH",
        "url": "deployments/s3\\?fieldManager=rcompose&fieldValidation=Strict$", "fault": "status", "status": 403,
        "body": body.to_string(), "headers": {"Content-Type": "application/json"}}]));
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("stopped-midway") && run.stderr.contains("exceeded quota"), "{}", run.stderr);
    let parent = project.get("configmap/rcompose.shop");
    let kinds = parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].clone();
    assert!(
        kinds.as_str().is_some_and(|kinds| kinds.contains("Deployment.apps")),
        "the parent covers all that may be there"
    );

    project.proxy.as_mut().expect("a proxy").faults(&json!([]));
    let seen = project.requests().len();
    project.apply(&[]);
    let rest: Vec<String> =
        project.writes(seen).into_iter().filter(|write| write.contains("services/")).collect();
    assert_eq!(rest, Vec::<String>::new(), "what was written is not written again");
}

#[cfg(unix)]
#[test]
fn t29_row_19_ctrl_c_ends_what_is_under_way_and_begins_nothing_more() {
    let Some(mut project) = Project::behind_proxy("interrupted", &services(4, EACH)) else { return };
    project
        .proxy
        .as_mut()
        .expect("a proxy")
        .faults(&json!([{"method": "PATCH", "fault": "delay", "milliseconds": 5000,
        "url": "services/s\\d\\?fieldManager=rcompose&fieldValidation=Strict$"}]));
    let run = project.interrupted(2, &["apply", "--yes"]);
    assert_eq!(run.code, Some(130), "{}", run.stderr);
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    let state = project.get("configmap/rcompose.shop")["data"]["state.json"].clone();
    assert!(state.as_str().is_some_and(|state| state.contains("interrupted")), "{state}");
    assert!(project.get("deployment/s0").is_null(), "nothing more is begun");
    project.proxy.as_mut().expect("a proxy").faults(&json!([]));
    project.apply(&[]);
    assert_eq!(project.plan(&[]).1, Some(0));
}
