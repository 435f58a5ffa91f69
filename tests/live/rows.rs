//! Rows of the failure table that no other test has: what is not previewed, and what is made anew by others under our hands.

use serde_json::{Value, json};

use crate::project::{Project, services};
use crate::reading::{outcomes, result};

const EACH: &str = "{image: 'a:1'}";

#[test]
fn row_03_what_a_webhook_does_not_preview_is_said_and_written() {
    let Some(mut project) = Project::behind_proxy("not previewed", &services(3, EACH)) else { return };
    let body = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 400, "reason": "BadRequest",
        "message": "admission webhook \"old.example.org\" does not support dry run"});
    project.proxy.as_mut().expect("a proxy").faults(&json!([{"method": "PATCH",
        "url": "deployments/s1\\?.*dryRun", "fault": "status", "status": 400, "body": body.to_string(),
        "headers": {"Content-Type": "application/json"}}]));
    let run = project.apply(&[]);
    assert!(
        run.stderr.contains("object-not-previewed") && run.stderr.contains("old.example.org"),
        "{}",
        run.stderr
    );
    assert!(project.get("deployment/s1").is_object());
    assert!(project.apply(&[]).stderr.contains("nothing to change"));
}

#[test]
fn row_43_an_object_that_others_made_anew_while_we_prune_is_left_alone() {
    let Some(mut project) = Project::behind_proxy("made anew", &services(3, EACH)) else { return };
    project.apply(&[]);
    let before = project.get("deployment/s2")["metadata"]["uid"].clone();
    project.write(&services(2, EACH));
    // The run asks again and again; when it is heard, another object has the name.
    let words = ["apply", "--yes", "--prune", "-o", "json"];
    let run = project.meanwhile(&words, "deployments/s2$", |project| {
        project.here(&["delete", "deployment", "s2"]);
        project.here(&["create", "deployment", "s2", "--image=theirs:1"]);
    });
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(outcomes(&result(&run))["Deployment/s2"], "kept");
    assert!(run.stderr.contains("kept: another object has the name by now"), "{}", run.stderr);
    let after = project.get("deployment/s2");
    assert!(after["metadata"]["uid"].is_string() && after["metadata"]["uid"] != before, "{after:#}");
    assert_eq!(after["metadata"]["deletionTimestamp"], Value::Null);
}

/// An answer as the API server gives it.
fn refusal(code: u16, reason: &str, message: &str) -> (u16, String) {
    let body = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message});
    (code, body.to_string())
}

#[test]
fn row_24_a_login_that_ends_is_renewed_once() {
    let Some(mut project) = Project::behind_proxy("login ends", &services(3, EACH)) else { return };
    let (status, body) = refusal(401, "Unauthorized", "Unauthorized");
    let mut rule = json!({"method": "PATCH", "url": "deployments/s1\\?fieldManager=rcompose&fieldValidation=Strict$",
        "fault": "status", "status": status, "body": body, "headers": {"Content-Type": "application/json"}, "times": 1});
    project.proxy.as_mut().expect("a proxy").faults(&json!([rule]));
    project.apply(&[]);
    assert!(project.get("deployment/s1").is_object());

    project.write(&services(3, "{image: 'a:2'}"));
    rule["times"] = json!(0);
    project.proxy.as_mut().expect("a proxy").faults(&json!([rule]));
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("stopped-midway") && run.stderr.contains("Deployment/s1"), "{}", run.stderr);
    let image = &project.get("deployment/s1")["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "a:1");
}

#[test]
fn t24_without_rights_on_leases_it_is_said_and_works() {
    let Some(mut project) = Project::behind_proxy("no rights", &services(2, EACH)) else { return };
    let (status, body) = refusal(403, "Forbidden", "leases.coordination.k8s.io is forbidden");
    project
        .proxy
        .as_mut()
        .expect("a proxy")
        .faults(&json!([{"url": "leases", "fault": "status", "status": status,
        "body": body, "headers": {"Content-Type": "application/json"}}]));
    let run = project.apply(&[]);
    assert!(run.stderr.contains("permission-degraded") && run.stderr.contains("Leases"), "{}", run.stderr);
    assert!(project.get("deployment/s1").is_object() && project.get("lease/rcompose.shop").is_null());
}
