//! T21, row 44: an object that somebody is deleting counts as absent. What is to stand in its place is written once it is gone, and one
//! that never goes is named.

use serde_json::{Value, json};

use crate::project::{MEMBER, Project};
use crate::reading::{find, outcomes, result, state};
use crate::running::until;

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80'], volumes: ['data:/data']}
volumes: {data: {}}
";

const OLD: &str = "the old one is being deleted";

/// Deletes an object that a finalizer holds, so that it stays until somebody lets it go.
fn hold(project: &Project, object: &str) {
    let held = r#"{"metadata":{"finalizers":["example.org/hold"]}}"#;
    project.here(&["patch", object, "--type=merge", "-p", held]);
    project.here(&["delete", object, "--wait=false"]);
    assert!(project.get(object)["metadata"]["deletionTimestamp"].is_string(), "{object} is on its way out");
}

fn let_go(project: &Project, object: &str) {
    project.here(&["patch", object, "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#]);
}

fn uid(project: &Project, object: &str) -> Value {
    project.get(object)["metadata"]["uid"].clone()
}

#[test]
fn t21_what_is_being_deleted_is_made_anew_once_it_is_gone() {
    let Some(project) = Project::behind_proxy("over terminating", WEB) else { return };
    project.apply(&[]);
    let before = uid(&project, "deployment/web");
    hold(&project, "deployment/web");
    // Nothing else differs, and an apply that is answered with 200 would vanish with the object.
    let (plan, code) = project.plan(&[]);
    let change = find(&plan, "Deployment/web");
    assert_eq!(
        (code, change["action"].as_str(), change["reason"].as_str()),
        (Some(2), Some("create"), Some(OLD))
    );
    assert_eq!(plan["summary"]["create"], 1, "{plan:#}");

    let seen = project.requests().len();
    let run = project.start(&["apply", "--yes", "-o", "json"]);
    let looks = || {
        let requests = project.requests().into_iter().skip(seen);
        let of_object = requests.filter(|request| {
            request["method"] == "GET"
                && request["url"].as_str().is_some_and(|url| url.ends_with("/deployments/web"))
        });
        of_object.count()
    };
    until("look whether it is gone", || looks() > 2);
    let early = project.writes(seen);
    assert!(
        !early.iter().any(|write| write.contains("deployments/web?")),
        "it is not written yet: {early:?}"
    );
    let_go(&project, "deployment/web");
    let run = run.end();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(outcomes(&result(&run))["Deployment/web"], "written");
    let web = project.get("deployment/web");
    assert!(web["metadata"]["uid"].is_string() && web["metadata"]["uid"] != before, "{web:#}");
    assert_eq!(web["metadata"]["deletionTimestamp"], Value::Null);
    let written: Vec<String> =
        project.writes(seen).into_iter().filter(|write| write.contains("deployments/web?")).collect();
    assert_eq!(written.len(), 1, "{written:?}");
    assert!(!project.writes(seen).iter().any(|write| write.starts_with("DELETE")));
    assert_eq!(project.listed(), project.identified(), "the parent knows the new one");
    project.nothing_to_change(&[]);
}

#[test]
fn t21_row_44_what_is_being_deleted_and_never_goes_is_named() {
    let Some(project) = Project::behind_proxy("never goes", WEB) else { return };
    project.apply(&[]);
    hold(&project, "deployment/web");
    project.write(&WEB.replace("  web:", "  beside: {image: 'a:1'}\n  web:"));
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes", "--timeout", "7s", "-o", "json"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    for word in ["finalizer-stuck", "Deployment/web", "example.org/hold"] {
        assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
    }
    assert!(
        run.stderr.contains("Deployment/web waits for example.org/hold"),
        "a wait is said: {}",
        run.stderr
    );
    let result = result(&run);
    assert_eq!(result["ending"], "not-ready", "{result:#}");
    let outcomes = outcomes(&result);
    assert_eq!((&*outcomes["Deployment/web"], &*outcomes["Deployment/beside"]), ("failed", "written"));
    let web = |write: &String| write.contains("deployments/web") && !write.contains("dryRun");
    assert!(!project.writes(seen).iter().any(web), "what vanishes is not written");
    assert_eq!(state(&project)["phase"], "failed");

    let_go(&project, "deployment/web");
    project.apply(&[]);
    assert!(project.get("deployment/web").is_object());
    project.nothing_to_change(&[]);
}

#[test]
fn t21_a_claim_that_is_being_deleted_comes_back_empty_and_that_is_said() {
    let Some(project) = Project::behind_proxy("claim goes", WEB) else { return };
    project.apply(&[]);
    let before = uid(&project, "pvc/data");
    // Pods of a cluster with controllers hold it in the same way.
    project.here(&["delete", "pvc", "data", "--wait=false"]);
    assert!(project.get("pvc/data")["metadata"]["deletionTimestamp"].is_string(), "it is protected");
    let shown = project.live(&["diff"]);
    assert_eq!(shown.code, Some(2), "{}", shown.stderr);
    assert!(shown.stdout.contains(&format!("{OLD}: comes back empty")), "{}", shown.stdout);
    let run = project.start(&["apply", "--yes", "-o", "json"]);
    until("the record of the project", || state(&project)["phase"] == "applying");
    let_go(&project, "pvc/data");
    let run = run.end();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(uid(&project, "pvc/data").is_string() && uid(&project, "pvc/data") != before);
    project.nothing_to_change(&[]);
}

#[test]
fn t21_what_would_be_refused_in_its_place_is_known_before() {
    let Some(project) = Project::behind_proxy("refused in place", WEB) else { return };
    project.apply(&[]);
    hold(&project, "deployment/web");
    let patch = "{target: {kind: Deployment}, merge: {spec: {template: {spec: {restartPolicy: Never}}}}}";
    project.write(&WEB.replace(
        "volumes: ['data:/data']",
        &format!("volumes: ['data:/data'], x-rcompose: {{patches: [{patch}]}}"),
    ));
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("object-rejected") && run.stderr.contains("restartPolicy"), "{}", run.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    assert!(project.requests().iter().skip(seen).all(|request| {
        !request["url"].as_str().is_some_and(|url| url.ends_with(MEMBER.trim_end_matches('$')))
    }));
    let_go(&project, "deployment/web");
    assert_eq!(json!(null), project.get("deployment/web"), "nothing stands in its place");
}
