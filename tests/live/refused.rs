//! T14, rows 1 to 4: of many objects one that is not taken means that nothing is written; what is refused only when it is written
//! stops the run where it is.

use serde_json::{Value, json};

use crate::denial::{self, WORDS, deployment};
use crate::faults::EACH;
use crate::program::Run;
use crate::project::{Project, actions, services};
use crate::reading::{find, outcomes, result, state};

/// What no check before the server finds: a Deployment whose pods are to end, and a value of another type.
const INVALID: &str = "{image: 'a:1', x-rcompose: {patches: [{target: {kind: Deployment},
      merge: {spec: {template: {spec: {restartPolicy: Never}}}}}]}}";
const WRONG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wrong}\ndata: {size: 5}\n";

#[test]
fn t14_row_1_2_3_of_fifty_objects_three_are_not_taken_and_none_is_written() {
    let compose = services(25, EACH).replace(&format!("s1: {EACH}"), &format!("s1: {INVALID}"));
    let Some(mut project) = Project::behind_proxy("all or nothing", &compose) else { return };
    project.file("templates/wrong.yaml.jinja", WRONG);
    denial::deny(&project, "object.metadata.name != 's2'", &deployment("s2", &json!({})));
    let old = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 400, "reason": "BadRequest",
        "message": "admission webhook \"old.example.org\" does not support dry run"});
    // A server of today takes no such webhook any more, so the proxy answers for it.
    project.proxy.as_mut().expect("a proxy").faults(&json!([{"method": "PATCH", "url": "deployments/s3\\?.*dryRun",
        "fault": "status", "status": 400, "body": old.to_string(), "headers": {"Content-Type": "application/json"}}]));

    let run = project.live(&["apply", "--yes", "--templates", "templates", "-o", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());
    assert_eq!((project.members(), project.versions()), (vec![], vec![]), "nothing is there");
    let plan: Value = serde_json::from_str(&run.stdout).expect("a plan and nothing else");
    let mut actions = actions(&plan);
    assert!(actions.len() >= 50, "{} objects", actions.len());
    for (object, words) in
        [("Deployment/s1", "restartPolicy"), ("Deployment/s2", WORDS), ("ConfigMap/wrong", "expected string")]
    {
        assert_eq!(actions.remove(object).as_deref(), Some("rejected"), "{object}");
        let reason = find(&plan, object)["reason"].clone();
        assert!(reason.as_str().is_some_and(|reason| reason.contains(words)), "{object}: {reason}");
        for word in [object, words] {
            assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
        }
    }
    assert!(actions.values().all(|action| action == "create"), "all others could be: {actions:#?}");
    let notes = find(&plan, "Deployment/s3")["notes"].clone();
    assert_eq!(notes[0]["code"], "object-not-previewed", "{notes:#}");
    assert!(run.stderr.contains("not previewed") && run.stderr.contains("old.example.org"), "{}", run.stderr);
}

/// What a late refusal must leave: the cluster says what was written, the report says the same, and the parent tells of both.
fn stopped_midway(project: &Project, run: &Run, refused: &str) {
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("stopped-midway"), "{}", run.stderr);
    let result = result(run);
    assert_eq!(result["ending"], "part-way", "{result:#}");
    let outcomes = outcomes(&result);
    assert_eq!(outcomes[refused], "failed", "{result:#}");
    let there = project.members();
    for (object, outcome) in &outcomes {
        assert_eq!(there.contains(object), outcome == "written", "{object}: {outcome}, there is {there:?}");
    }
    let state = state(project);
    assert_eq!(state["phase"], "failed", "{state}");
    let lease = project.get("lease/rcompose.shop")["spec"]["holderIdentity"].clone();
    assert!(lease.as_str().is_none_or(str::is_empty), "the lock is given back: {lease}");
}

/// The rest comes with the same command, and nothing comes twice.
fn goes_on(project: &Project, there: &[String]) {
    let seen = project.requests().len();
    project.apply(&[]);
    let writes = project.writes(seen);
    for object in there {
        let (kind, name) = object.split_once('/').expect("a kind and a name");
        let url = format!("{}s/{name}?", kind.to_lowercase());
        assert!(!writes.iter().any(|write| write.contains(&url)), "{object} is written again: {writes:?}");
    }
    assert_eq!(state(project)["phase"], "idle");
    assert_eq!(project.plan(&[]).1, Some(0));
}

#[test]
fn row_02_what_a_policy_denies_only_when_it_is_written_stops_the_run() {
    let Some(mut project) = Project::behind_proxy("late denial", &services(4, EACH)) else { return };
    let run = project.meanwhile(&["apply", "--yes", "-o", "json"], "leases", |project| {
        denial::deny(project, "object.metadata.name != 's2'", &deployment("s2", &json!({})));
    });
    stopped_midway(&project, &run, "Deployment/s2");
    assert!(run.stderr.contains("Deployment/s2") && run.stderr.contains(WORDS), "{}", run.stderr);
    let tried = project.requests().iter().filter(|request| request["status"] == 422).count();
    assert_eq!(tried, 1, "who says no is not asked again");
    denial::allow(&project);
    goes_on(&project, &project.members());
}

#[test]
fn row_04_a_webhook_that_does_not_answer_is_named_when_patience_ends() {
    let Some(mut project) = Project::behind_proxy("webhook down", &services(2, EACH)) else { return };
    // Asked from the beginning, it keeps everything from being written; the minute of A110 is a matter of unit tests.
    let run = project.meanwhile(&["apply", "--yes", "-o", "json", "--timeout", "16s"], "leases", |project| {
        denial::ask_nobody(project, "guard.example.org");
    });
    stopped_midway(&project, &run, "Deployment/s0");
    assert!(run.stderr.contains("guard.example.org"), "{}", run.stderr);
    assert!(run.stderr.contains("asking again"), "somebody who waits is told for what: {}", run.stderr);
    let tried = project.requests().iter().filter(|request| request["status"] == 500).count();
    assert!(tried > 2, "it was asked again: {tried}");

    let seen = project.requests().len();
    let before = project.live(&["apply", "--yes", "--timeout", "2s"]);
    assert_eq!(before.code, Some(1), "{}", before.stderr);
    assert!(before.stderr.contains("guard.example.org"), "{}", before.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    project.kubectl(&["delete", "validatingwebhookconfiguration", &format!("nobody-{}", project.namespace)]);
    denial::until("nobody is asked", || {
        project.kubectl_with(&["create", "--dry-run=server"], "probe.json").0
    });
    goes_on(&project, &project.members());
}
