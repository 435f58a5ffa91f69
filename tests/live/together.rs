//! T24: two runs do not write at once, and a dead one holds nobody up.

use serde_json::{Value, json};

use crate::project::Project;

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

/// Makes the lock of somebody, heard of so many seconds ago by the clock of this machine, which is the server's too.
fn lock(project: &Project, renewed: &str) {
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "rcompose.shop"}, "spec": {
        "holderIdentity": "ann@laptop/1/abc", "leaseDurationSeconds": 30, "renewTime": renewed, "acquireTime": renewed,
        "leaseTransitions": 0,
    }});
    project.put(&lease, &["create"]);
}

#[test]
fn t24_row_17_the_second_run_says_who_was_first() {
    let Some(project) = Project::behind_proxy("locked", WEB) else { return };
    lock(&project, "2999-01-01T00:00:00.000000Z");
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    assert!(run.stderr.contains("lock-held") && run.stderr.contains("ann@laptop/1/abc"), "{}", run.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());
}

#[test]
fn t24_a_lock_whose_holder_is_silent_lapses() {
    let Some(project) = Project::new("lapsed", WEB) else { return };
    lock(&project, "2020-01-01T00:00:00.000000Z");
    project.apply(&[]);
    let lease = project.get("lease/rcompose.shop");
    let holder = lease["spec"]["holderIdentity"].as_str().unwrap_or_default();
    assert_eq!((holder, &lease["spec"]["leaseTransitions"]), ("", &Value::from(1)), "it is given back");
}

#[test]
fn t24_of_two_at_once_one_writes() {
    let Some(mut project) = Project::behind_proxy("at once", WEB) else { return };
    let delay =
        json!([{"method": "PATCH", "url": "deployments/web\\?", "fault": "delay", "milliseconds": 1500}]);
    project.proxy.as_mut().expect("a proxy").faults(&delay);
    let codes = std::thread::scope(|scope| {
        let runs = [(), ()].map(|()| scope.spawn(|| project.live(&["apply", "--yes"]).code));
        let mut codes = runs.map(|run| run.join().expect("it ends"));
        codes.sort_unstable();
        codes
    });
    assert_eq!(codes, [Some(0), Some(7)]);
    let writes = project.writes(0);
    let of_web = writes.iter().filter(|write| write.contains("PATCH") && write.contains("deployments/web?"));
    assert_eq!(of_web.count(), 1, "{writes:#?}");
}
