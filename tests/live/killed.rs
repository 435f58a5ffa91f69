//! T20, row 18: a run that is killed at whatever moment leaves nothing that cannot be found, and the same command ends the work.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::{MEMBER, Project};

const BEFORE: &str = "
services:
  web: {image: 'shop/web:1', ports: ['8080:80']}
  old: {image: 'shop/old:1', configs: [c]}
configs: {c: {content: 'x'}}
";

/// One more, one other, one less; and another kind.
const AFTER: &str = "
services:
  web: {image: 'shop/web:2', ports: ['8081:80'], volumes: ['data:/data']}
  new: {image: 'shop/new:1', environment: {API_TOKEN: hunter2hunter2}}
volumes: {data: {}}
";

const APPLY: &[&str] = &["apply", "--yes", "--prune", "--allow-mass-delete"];

/// Where a run is held up: method, pattern, and how many pass before.
type Step = (&'static str, &'static str, usize);

#[test]
fn t20_row_18_before_the_first_write() {
    killed_at("killed early", &[("PUT", "leases", 0), ("PATCH", "configmaps/rcompose.shop", 0)]);
}

#[test]
fn t20_row_18_between_two_members() {
    killed_at("killed writing", &[("PATCH", MEMBER, 0), ("PATCH", MEMBER, 2), ("PATCH", MEMBER, 4)]);
}

#[test]
fn t20_row_18_while_pruning_and_at_the_end() {
    killed_at(
        "killed late",
        &[
            ("DELETE", "", 0),
            ("DELETE", "", 1),
            ("PATCH", "configmaps/rcompose.shop", 1),
            ("PUT", "leases", 1),
        ],
    );
}

fn killed_at(test: &str, steps: &[Step]) {
    let Some(mut project) = Project::behind_proxy(test, BEFORE) else { return };
    project.apply(APPLY.get(2..).expect("flags"));
    let before = project.members();
    for step in steps {
        project.write(AFTER);
        let is_met = kill_at(&mut project, *step);
        findable(&project, *step);
        lapse(&project);
        let run = project.live(APPLY);
        assert_eq!(run.code, Some(0), "{step:?}: {}", run.stderr);
        arrived(&project, *step, is_met);
        // The way back is an ordinary run, and the volume goes so that the next step has all to do again.
        project.write(BEFORE);
        project.apply(APPLY.get(2..).expect("flags"));
        let claim = r#"{"metadata":{"finalizers":null}}"#;
        project.here(&["patch", "pvc", "data", "--type=merge", "-p", claim]);
        project.apply(&["--prune", "--prune-volumes", "--allow-mass-delete"]);
        assert_eq!(project.members(), before, "{step:?}");
    }
}

/// Starts a run, holds it up at a request, kills it there. Tells whether it came to the request at all.
fn kill_at(project: &mut Project, (method, url, after): Step) -> bool {
    let rule =
        json!([{"method": method, "url": url, "after": after, "fault": "delay", "milliseconds": 60_000}]);
    project.proxy.as_mut().expect("a proxy").faults(&rule);
    let seen = project.requests().len();
    let mut run = project.begin(APPLY);
    let end = Instant::now() + Duration::from_secs(60);
    // What is held up is written down when it ends: the proxy is silent once all others have their answers.
    let (mut last, mut since) = (seen, Instant::now());
    while Instant::now() < end && run.try_wait().expect("a child can be asked").is_none() {
        let now = project.requests().len();
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if now > seen + 8 && since.elapsed() > Duration::from_millis(1500) {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let is_held = run.try_wait().expect("a child can be asked").is_none();
    run.kill().expect("a child can be killed");
    run.wait().expect("a child can be waited for");
    project.proxy.as_mut().expect("a proxy").faults(&json!([]));
    is_held
}

/// Whatever is there, the parent names its kind.
fn findable(project: &Project, step: Step) {
    let parent = project.get("configmap/rcompose.shop");
    let kinds = parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].as_str();
    let kinds: Vec<&str> = kinds.expect("the parent names kinds").split(',').collect();
    for member in project.members() {
        let kind = member.split('/').next().unwrap_or_default();
        let named = kinds.iter().any(|named| named.split('.').next() == Some(kind));
        assert!(named, "{step:?}: {member} is not found by {kinds:?}");
    }
}

/// Puts the last word of the dead holder back in time: half a minute of waiting for each step is too much.
fn lapse(project: &Project) {
    let lease = project.get("lease/rcompose.shop");
    if lease["spec"]["holderIdentity"].as_str().is_none_or(str::is_empty) {
        return;
    }
    let renewed = json!({"spec": {"renewTime": "2020-01-01T00:00:00.000000Z"}}).to_string();
    project.here(&["patch", "lease", "rcompose.shop", "--type=merge", "-p", &renewed]);
}

/// What the file says is there, nothing else is, and the parent says just that.
fn arrived(project: &Project, step: Step, is_met: bool) {
    assert!(is_met, "{step:?}: the run ended before it");
    let (plan, code) = project.plan(&["--prune"]);
    assert_eq!(code, Some(0), "{step:?}: {plan:#}");
    let members = project.members();
    let kinds: Vec<&str> = members.iter().filter_map(|member| member.split('/').next()).collect();
    assert!(!members.iter().any(|member| member.ends_with("/old")), "{step:?}: {members:?}");
    for member in ["Deployment/new", "Deployment/web", "PersistentVolumeClaim/data", "Service/web-published"]
    {
        assert!(members.iter().any(|found| found == member), "{step:?}: {member} in {members:?}");
    }
    let web = project.get("deployment/web");
    assert_eq!(web["spec"]["template"]["spec"]["containers"][0]["image"], "shop/web:2", "{step:?}");
    let parent = project.get("configmap/rcompose.shop");
    let named = parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].as_str();
    let mut named: Vec<&str> =
        named.unwrap_or_default().split(',').filter_map(|kind| kind.split('.').next()).collect();
    let mut there = kinds;
    named.sort_unstable();
    there.sort_unstable();
    there.dedup();
    assert_eq!(named, there, "{step:?}: the parent is exact again");
    let state: Value = parent["data"]["state.json"]
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok())
        .expect("the parent has a state");
    assert_eq!(state["phase"], "idle", "{step:?}");
    assert_eq!(project.listed(), project.identified(), "{step:?}: the list of the parent is true");
    // Where only the lock was left to give back, the next run has nothing to write and needs none: that lock lapses by itself.
    if step != ("PUT", "leases", 1) {
        let lease = project.get("lease/rcompose.shop");
        let holder = lease["spec"]["holderIdentity"].as_str();
        assert!(holder.is_none_or(str::is_empty), "{step:?}: the lock is free");
    }
}
