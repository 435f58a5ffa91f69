//! T11, rows 9 and 10: what cannot change is deleted and made anew only when the user says so, guarded by its UID, proven twice before,
//! and put back where the new one is refused all the same.

use serde_json::{Value, json};

use crate::denial::{self, WORDS, deployment};
use crate::program::Run;
use crate::project::{Project, actions};
use crate::reading::{find, managers, outcomes, result, state};

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', environment: {LOG: info}}
";

const FLAG: &str = "--allow-recreate=Deployment/web";

/// Ours, as a policy that is there before sees it: without the label that the one in its place is selected by.
const NOT_OURS: &str = "'tier' in object.spec.selector.matchLabels";

/// Makes a project whose Deployment, a member, selects by one label more than the project says.
fn selected_otherwise(test: &str) -> Option<(Project, Value)> {
    let project = Project::behind_proxy(test, WEB)?;
    project.apply(&[]);
    let mut web = project.get("deployment/web");
    project.here(&["delete", "deployment", "web", "--wait"]);
    for place in ["/spec/selector/matchLabels", "/spec/template/metadata/labels"] {
        web.pointer_mut(place).expect("it has labels")["tier"] = json!("old");
    }
    let (labels, spec) = (web["metadata"]["labels"].clone(), web["spec"].clone());
    let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": labels}, "spec": spec});
    project.put(&web, &["apply", "--server-side", "--field-manager=rcompose"]);
    let label = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"by-hand": "yes"}}});
    project.put(&label, &["apply", "--server-side", "--field-manager=somebody"]);
    let live = project.get("deployment/web");
    Some((project, live))
}

fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().expect("it has a UID")
}

#[test]
fn t11_row_9_what_cannot_change_is_made_anew_only_when_asked_for() {
    let Some((project, before)) = selected_otherwise("recreate") else { return };
    let seen = project.requests().len();
    let asked = project.live(&["apply", "--yes", "-o", "json"]);
    assert_eq!(asked.code, Some(1), "{}", asked.stderr);
    let plan: Value = serde_json::from_str(&asked.stdout).expect("a plan and nothing else");
    assert_eq!(actions(&plan)["Deployment/web"], "recreate", "{plan:#}");
    let problem = &find(&plan, "Deployment/web")["problem"];
    assert_eq!(
        (problem["code"].as_str(), problem["needs"].as_str()),
        (Some("object-recreate"), Some("change"))
    );
    assert!(asked.stderr.contains(FLAG) && asked.stderr.contains("selector"), "{}", asked.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());

    let run = project.apply(&[FLAG, "-o", "json"]);
    assert_eq!(outcomes(&result(&run))["Deployment/web"], "written");
    let after = project.get("deployment/web");
    assert_ne!(uid(&after), uid(&before));
    assert_eq!(after["spec"]["selector"]["matchLabels"].get("tier"), None);
    assert_eq!(managers(&after), ["rcompose Apply"], "{after:#}");
    let deleted: Vec<String> =
        project.writes(seen).into_iter().filter(|write| write.starts_with("DELETE")).collect();
    assert_eq!(deleted.len(), 1, "{deleted:?}");
    project.nothing_to_change(&[]);
}

/// What every run here must say that was stopped: the object, the words of who refused it, and that the run is not at its end.
fn stopped(project: &Project, run: &Run, words: &str) {
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    for word in ["Deployment/web", words, "stopped-midway"] {
        assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
    }
    let result = result(run);
    assert_eq!(
        (result["ending"].as_str(), outcomes(&result)["Deployment/web"].as_str()),
        (Some("part-way"), "failed")
    );
    assert_eq!(state(project)["phase"], "failed");
}

#[test]
fn t11_the_delete_takes_the_object_that_was_seen_and_no_other() {
    let Some((mut project, before)) = selected_otherwise("recreate other") else { return };
    let run = project.meanwhile(&["apply", "--yes", FLAG, "-o", "json"], "deployments/web$", |project| {
        project.here(&["delete", "deployment", "web", "--wait"]);
        project.here(&["create", "deployment", "web", "--image=theirs:1"]);
    });
    stopped(&project, &run, "UID");
    let after = project.get("deployment/web");
    assert_ne!(uid(&after), uid(&before));
    assert_eq!(after["spec"]["template"]["spec"]["containers"][0]["image"], "theirs:1");
    assert_eq!(after["metadata"]["deletionTimestamp"], Value::Null);
}

#[test]
fn t11_what_is_refused_by_now_is_not_deleted() {
    let Some((mut project, before)) = selected_otherwise("recreate refused") else { return };
    let run =
        project.meanwhile(&["apply", "--yes", FLAG, "-o", "json"], "configmaps/rcompose.shop", |project| {
            denial::deny(project, NOT_OURS, &deployment("probe", &json!({})));
        });
    stopped(&project, &run, WORDS);
    let after = project.get("deployment/web");
    assert_eq!(uid(&after), uid(&before), "it was never touched");
    assert!(!project.writes(0).iter().any(|write| write.starts_with("DELETE")));
}

#[test]
fn t11_row_10_what_was_deleted_is_put_back_when_the_new_one_is_refused() {
    let Some((mut project, before)) = selected_otherwise("recreate restored") else { return };
    let run = project.meanwhile(&["apply", "--yes", FLAG, "-o", "json"], "deployments/web$", |project| {
        denial::deny(project, NOT_OURS, &deployment("probe", &json!({})));
    });
    stopped(&project, &run, WORDS);
    assert!(run.stderr.contains("put back"), "{}", run.stderr);
    let entry = result(&run)["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .find(|object| object["state"] == "failed")
        .cloned();
    let entry = entry.expect("it failed");
    assert!(entry["error"].as_str().is_some_and(|error| error.contains(WORDS)), "{entry}");
    assert!(entry["restored"].as_str().is_some_and(|restored| restored.contains("put back")), "{entry}");
    let after = project.get("deployment/web");
    assert_ne!(uid(&after), uid(&before), "it went, and is there again");
    assert_eq!(after["spec"], before["spec"]);
    assert_eq!(after["metadata"]["labels"], before["metadata"]["labels"]);
    let mut owners = managers(&after);
    owners.sort();
    assert_eq!(owners, ["rcompose Apply", "somebody Apply"], "all is whose it was: {after:#}");
    both_refused(&mut project);
    goes_on(&project);
}

/// Where nothing at all is taken any more, both errors are told, and the object is gone: the next run makes it.
fn both_refused(project: &mut Project) {
    denial::allow(project);
    let run = project.meanwhile(&["apply", "--yes", FLAG, "-o", "json"], "deployments/web$", |project| {
        // Whoever takes the finalizer off may still do so.
        let tier = json!({"tier": "old"});
        denial::deny(project, "request.operation != 'CREATE'", &deployment("probe", &tier));
    });
    stopped(project, &run, WORDS);
    assert!(run.stderr.contains("could not be put back"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("could not be put back").count(), 1, "{}", run.stderr);
    assert_eq!(project.get("deployment/web"), Value::Null);
    denial::allow(project);
}

fn goes_on(project: &Project) {
    project.apply(&[]);
    let web = project.get("deployment/web");
    assert_eq!(managers(&web), ["rcompose Apply"], "{web:#}");
    assert_eq!(state(project)["phase"], "idle");
    assert_eq!(project.plan(&[]).1, Some(0));
}
