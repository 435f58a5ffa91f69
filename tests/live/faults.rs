//! T29: networks and servers fail, and the state that was asked for is reached all the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::project::{MEMBER, Project, services};
use crate::running::{Write, ending, objects, until, writes};

pub(crate) const EACH: &str = "{image: 'a:1', ports: ['80']}";
pub(crate) const APPLY: &[&str] = &["apply", "--yes", "--format", "json"];

/// Returns the requests that wrote members, or would have.
pub(crate) fn member_writes(project: &Project) -> Vec<Write> {
    let all = writes(project.proxy.as_ref().expect("a proxy"));
    all.into_iter().filter(|write| write.url.contains("fieldManager=rcompose&")).collect()
}

/// Holds that each member was written once, and again only where no answer said that it was, in the same words; and that the parent
/// lists just what is there.
pub(crate) fn written_once(project: &Project) {
    let mut by_object: BTreeMap<String, Vec<Write>> = BTreeMap::new();
    for write in member_writes(project) {
        by_object.entry(write.url.clone()).or_default().push(write);
    }
    for (object, writes) in &by_object {
        let bodies: BTreeSet<&str> = writes.iter().map(|write| write.body.as_str()).collect();
        assert_eq!(bodies.len(), 1, "{object} is not written in two ways: {writes:#?}");
        let answered = writes.iter().filter(|write| write.fault.is_none()).count();
        // One whose answer was lost is found by the next run, which then has no reason to write it.
        let is_found = writes.iter().any(|write| write.fault.as_deref() == Some("lost"));
        assert!(
            answered == 1 || answered == 0 && is_found,
            "{object} is not written again without a reason: {writes:#?}"
        );
    }
    assert_eq!(project.listed(), project.identified(), "the list of the parent is true");
}

/// Applies while something happens, and looks whether all is as if nothing had. Returns what was said on standard error.
fn survives(test: &str, rules: &Value, words: &[&str]) -> Option<String> {
    let mut project = Project::behind_proxy(test, &services(6, EACH))?;
    project.proxy().faults(rules);
    let run = project.live(&[APPLY, words].concat());
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
    project.proxy().faults(&json!([]));
    // A request that was given up is written down when its time is over.
    until("broken request", || project.requests().iter().any(|request| request["fault"].is_string()));
    assert_eq!(objects(&run, "written"), project.members());
    assert_eq!(project.members().len(), 12);
    written_once(&project);
    let state = project.state();
    assert_eq!((&state["phase"], &state["deployed"]), (&json!("idle"), &json!(1)));
    let seen = project.requests().len();
    let (plan, code) = project.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    let again = project.apply(&[]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    Some(run.stderr)
}

/// An answer of the API server, as a fault.
fn answer(code: u16, reason: &str, message: &str) -> Value {
    let body = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message});
    json!({"fault": "status", "status": code, "body": body.to_string(), "headers": {"Content-Type": "application/json"}})
}

/// The same for some requests.
fn answers(method: &str, url: &str, times: usize, said: Value) -> Value {
    let mut rule = said;
    for (key, value) in [("method", json!(method)), ("url", json!(url)), ("times", json!(times))] {
        rule[key] = value;
    }
    rule
}

#[test]
fn t29_row_21_a_busy_server_is_given_time_and_that_is_said() {
    let busy = json!({"fault": "status", "status": 429, "body": "", "headers": {"Retry-After": "3"}});
    let rules = json!([answers("PATCH", &format!("deployments/s1.*{MEMBER}"), 2, busy)]);
    let Some(said) = survives("busy", &rules, &[]) else { return };
    assert!(said.contains("asking again: PATCH") && said.contains("deployments/s1"), "{said}");
}

#[test]
fn t29_row_20_a_server_that_comes_up_again_is_waited_for() {
    let rules = json!([{"fault": "status", "status": 503, "body": "", "after": 9, "times": 5}]);
    survives("restart", &rules, &[]);
}

#[test]
fn t29_row_25_an_answer_that_was_lost_after_the_write_does_no_harm() {
    let rules = json!([
        {"method": "PATCH", "url": format!("deployments/.*{MEMBER}"), "fault": "lost", "times": 2},
        {"method": "POST", "url": "/leases", "fault": "lost", "times": 1},
        {"method": "PUT", "url": "/leases", "fault": "lost", "times": 1},
        {"method": "PATCH", "url": "services/", "fault": "reset", "times": 2},
        {"method": "GET", "url": "deployments", "fault": "cut", "bytes": 20, "times": 1},
    ]);
    survives("lost", &rules, &[]);
}

#[test]
fn t29_row_25_the_parent_is_ours_although_no_answer_said_so() {
    // Its first write makes it; the second says which state it replaces, and cannot be repeated blindly.
    for after in [0, 1] {
        let rules = json!([{"method": "PATCH", "url": "configmaps/rcompose.shop", "fault": "lost", "after": after, "times": 1}]);
        survives(&format!("lost parent {after}"), &rules, &[]);
    }
}

#[test]
fn t29_row_25_a_deletion_whose_answer_was_lost_is_one() {
    let Some(mut project) = Project::behind_proxy("lost deletion", &services(4, EACH)) else { return };
    project.apply(&[]);
    project.write(&services(3, EACH));
    project.proxy().faults(&json!([{"method": "DELETE", "fault": "lost", "times": 2}]));
    let run = project.live(&[APPLY, &["--prune"]].concat());
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
    assert_eq!(objects(&run, "deleted"), ["Deployment/s3", "Service/s3"]);
    assert_eq!(project.listed(), project.identified());
    assert_eq!(project.members().len(), 6);
    assert!(project.apply(&[]).stderr.contains("nothing to change"));
}

#[test]
fn t29_row_23_a_hung_connection_is_given_up() {
    let rules = json!([{"method": "PATCH", "url": "services/s1", "fault": "delay", "milliseconds": 4000, "times": 1}]);
    survives("hung", &rules, &["--request-timeout", "1s"]);
}

#[test]
fn t29_row_22_a_race_is_run_again() {
    let race = answer(
        409,
        "Conflict",
        "Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified",
    );
    survives("race", &json!([answers("PATCH", &format!("deployments/.*{MEMBER}"), 2, race)]), &[]);
}

#[test]
fn t29_row_04_a_webhook_that_comes_up_again_is_waited_for() {
    let down = answer(
        500,
        "InternalError",
        "Internal error occurred: failed calling webhook \"guard.example.org\": refused",
    );
    survives("webhook up", &json!([answers("PATCH", &format!("deployments/.*{MEMBER}"), 3, down)]), &[]);
}

#[test]
fn t29_a_server_that_fails_is_asked_three_times_and_no_more() {
    let failing = answer(500, "InternalError", "boom");
    survives(
        "fails thrice",
        &json!([answers("PATCH", &format!("deployments/s1.*{MEMBER}"), 3, failing.clone())]),
        &[],
    );
    let Some(mut project) = Project::behind_proxy("fails", &services(2, EACH)) else { return };
    project.proxy().faults(&json!([answers("PATCH", &format!("deployments/s1.*{MEMBER}"), 0, failing)]));
    let run = project.live(APPLY);
    assert_eq!((run.code, ending(&run).as_str()), (Some(3), "part-way"), "{}", run.stderr);
    assert_eq!(objects(&run, "failed"), ["Deployment/s1"]);
    let asked = member_writes(&project).into_iter().filter(|write| write.url.contains("deployments/s1"));
    assert_eq!(asked.count(), 4);
    assert_eq!(project.listed(), project.identified());
}

#[test]
fn t29_row_02_what_is_refused_only_when_written_stops_the_run() {
    let Some(mut project) = Project::behind_proxy("late", &services(6, EACH)) else { return };
    let quota =
        answer(403, "Forbidden", "exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3");
    project.proxy().faults(&json!([answers("PATCH", &format!("deployments/s3.*{MEMBER}"), 0, quota)]));
    let run = project.live(APPLY);
    assert_eq!((run.code, ending(&run).as_str()), (Some(3), "part-way"), "{}", run.stderr);
    assert!(run.stderr.contains("stopped-midway") && run.stderr.contains("exceeded quota"), "{}", run.stderr);
    assert_eq!(objects(&run, "failed"), ["Deployment/s3"]);
    assert_eq!(objects(&run, "written"), project.members(), "what is said to be written is");
    assert_eq!(project.listed(), project.identified());
    assert_eq!(project.state()["phase"], "failed");
    let parent = project.get("configmap/rcompose.shop");
    let kinds = parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].clone();
    assert!(
        kinds.as_str().is_some_and(|kinds| kinds.contains("Deployment.apps")),
        "the parent covers all that may be there"
    );

    project.proxy().faults(&json!([]));
    let (seen, before) = (project.requests().len(), project.members());
    let run = project.live(APPLY);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let rest = objects(&run, "written");
    assert!(
        rest.contains(&"Deployment/s3".to_owned()) && rest.iter().all(|object| !before.contains(object)),
        "{rest:?}"
    );
    let written = project.writes(seen).into_iter().filter(|write| write.contains("fieldManager=rcompose&"));
    assert_eq!(written.count(), rest.len(), "what was written is not written again");
    assert_eq!(project.listed(), project.identified());
}

#[cfg(unix)]
mod interrupted {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn t29_row_19_ctrl_c_ends_what_is_under_way_and_begins_nothing_more() {
        let Some(mut project) = Project::behind_proxy("interrupted", &services(4, EACH)) else { return };
        project
            .proxy()
            .faults(&json!([{"method": "PATCH", "fault": "delay", "milliseconds": 3000, "url": MEMBER}]));
        let run = project.start(APPLY);
        until("parent", || project.state()["phase"] == "applying");
        run.signal("INT");
        let run = run.end();
        assert_eq!((run.code, ending(&run).as_str()), (Some(130), "interrupted"), "{}", run.stderr);
        assert!(
            run.stderr.contains("interrupted") && run.stderr.contains("untouched Deployment/s0"),
            "{}",
            run.stderr
        );
        assert_eq!(objects(&run, "untouched").len() + objects(&run, "written").len(), 8, "{}", run.stdout);
        assert_eq!(objects(&run, "written"), project.members(), "what is under way is ended and told");
        assert_eq!(project.listed(), project.identified());
        assert_eq!(project.state()["phase"], "interrupted");
        let lease = project.get("lease/rcompose.shop");
        assert!(
            lease["spec"]["holderIdentity"].as_str().is_none_or(str::is_empty),
            "the lock is given back: {lease:#}"
        );
        assert!(project.get("deployment/s0").is_null(), "nothing more is begun");
        project.proxy().faults(&json!([]));
        project.apply(&[]);
        assert_eq!(project.plan(&[]).1, Some(0));
    }

    #[test]
    fn t29_row_19_ctrl_c_does_not_wait_for_who_never_answers() {
        let Some(mut project) = Project::behind_proxy("interrupted hung", &services(4, EACH)) else { return };
        project.proxy().faults(&json!([
            {"method": "PATCH", "fault": "delay", "milliseconds": 60_000, "url": format!("services/s0.*{MEMBER}")},
            {"method": "PATCH", "fault": "status", "status": 503, "body": "", "url": format!("services/s1.*{MEMBER}")},
        ]));
        let run = project.start(APPLY);
        until("member", || project.get("service/s3").is_object());
        let asked = Instant::now();
        run.signal("INT");
        let run = run.end();
        assert!(asked.elapsed() < Duration::from_secs(9), "{:?}", asked.elapsed());
        assert_eq!((run.code, ending(&run).as_str()), (Some(130), "interrupted"), "{}", run.stderr);
        assert_eq!(objects(&run, "written"), ["Service/s2", "Service/s3"], "{}", run.stderr);
        assert_eq!(objects(&run, "failed"), ["Service/s0", "Service/s1"]);
        assert_eq!(objects(&run, "untouched").len(), 4);
        assert_eq!(
            (project.listed(), project.state()["phase"].clone()),
            (project.identified(), json!("interrupted"))
        );
        project.proxy().faults(&json!([]));
        project.apply(&[]);
        assert_eq!(project.plan(&[]).1, Some(0));
    }

    #[test]
    fn t29_row_19_a_second_ctrl_c_leaves_at_once() {
        let Some(mut project) = Project::behind_proxy("interrupted twice", &services(2, EACH)) else {
            return;
        };
        project
            .proxy()
            .faults(&json!([{"method": "PATCH", "fault": "delay", "milliseconds": 60_000, "url": MEMBER}]));
        let run = project.start(APPLY);
        until("parent", || project.state()["phase"] == "applying");
        let asked = Instant::now();
        run.signal("INT");
        std::thread::sleep(Duration::from_millis(500));
        run.signal("INT");
        let run = run.end();
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
        assert_eq!(run.code, Some(130), "{}", run.stderr);
    }

    #[test]
    fn t29_row_19_ctrl_c_while_pruning_deletes_nothing_more() {
        let Some(mut project) = Project::behind_proxy("interrupted prune", &services(4, EACH)) else {
            return;
        };
        project.apply(&[]);
        project.write(&services(2, EACH));
        // Long enough that the first group is still under way, short enough that it ends with the run (A39).
        project.proxy().faults(&json!([{"method": "DELETE", "fault": "delay", "milliseconds": 4000}]));
        let seen = project.requests().len();
        let run = project.start(&[APPLY, &["--prune"]].concat());
        until("parent", || project.state()["phase"] == "applying");
        std::thread::sleep(Duration::from_millis(700));
        run.signal("INT");
        let run = run.end();
        assert_eq!((run.code, ending(&run).as_str()), (Some(130), "interrupted"), "{}", run.stderr);
        let gone = objects(&run, "deleted");
        let deletions = project.writes(seen).into_iter().filter(|write| write.starts_with("DELETE"));
        assert_eq!(
            (gone.len(), deletions.count()),
            (2, 2),
            "the next group is not begun: {gone:?} {}",
            run.stderr
        );
        assert_eq!(objects(&run, "untouched").len(), 2, "{}", run.stdout);
        assert_eq!(
            (project.listed(), project.state()["phase"].clone()),
            (project.identified(), json!("interrupted"))
        );
        assert_eq!(project.members().len(), 6);
        project.proxy().faults(&json!([]));
        project.apply(&["--prune"]);
        assert_eq!(project.members().len(), 4);
    }
}
