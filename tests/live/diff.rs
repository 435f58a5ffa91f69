//! T18: `diff` says what would be, ends as it should, and writes nothing.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::program::Stage;
use crate::project::{Project, actions};
use crate::schema_script;
use crate::skip::skipped;

const WEB: &str = "
services:
  web:
    image: 'shop/web:1.4'
    ports: ['8080:80']
    environment: {LOG: info, API_TOKEN: hunter2hunter2}
    secrets: [key]
secrets: {key: {environment: KEY_OF_SHOP}}
";

#[test]
fn t18_diff_ends_with_what_it_found() {
    let Some(project) = Project::behind_proxy("diff", WEB) else { return };
    project.file(".env", "KEY_OF_SHOP=correct-horse-battery\n");
    let (plan, code) = project.plan(&[]);
    assert_eq!(code, Some(2));
    assert!(actions(&plan).values().all(|action| action == "create"), "{plan:#}");
    assert_eq!(project.writes(0), Vec::<String>::new());
    project.apply(&[]);

    let none = project.live(&["diff"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{}", none.stderr);
    project.write(&WEB.replace("1.4", "1.5").replace("LOG: info", "LOG: debug"));
    let changed = project.live(&["diff"]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    for word in ["Deployment/web", "shop/web:1.4", "shop/web:1.5", "debug", "compose.yaml:"] {
        assert!(changed.stdout.contains(word), "{word} is missing: {}", changed.stdout);
    }
    let only_read = project.live(&["diff", "--read-only"]);
    assert_eq!(only_read.code, Some(2), "{}", only_read.stderr);
    assert!(only_read.stdout.contains("approximate"), "{}", only_read.stdout);
    let names = project.live(&["diff", "--format", "name"]);
    assert!(
        names.stdout.contains("Deployment/web") && !names.stdout.contains("shop/web:1.5"),
        "{}",
        names.stdout
    );
}

#[test]
fn t18_diff_tells_a_conflict_and_a_refusal_from_a_difference() {
    let Some(project) = Project::behind_proxy("diff ends", WEB) else { return };
    project.file(".env", "KEY_OF_SHOP=correct-horse-battery\n");
    project.apply(&[]);
    // A restart and what controllers write are no difference.
    project.here(&["rollout", "restart", "deployment/web"]);
    let status = r#"{"status": {"observedGeneration": 2, "replicas": 1}, "metadata": {"annotations": {"deployment.kubernetes.io/revision": "2"}}}"#;
    project.here(&["patch", "deployment", "web", "--subresource=status", "--type=merge", "-p", status]);
    let none = project.live(&["diff"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{}", none.stderr);

    project.here(&["set", "image", "deployment/web", "web=shop/web:hotfix"]);
    let conflict = project.live(&["diff"]);
    assert_eq!(conflict.code, Some(1), "{}{}", conflict.stdout, conflict.stderr);
    assert!(conflict.stderr.contains("field-conflict"), "{}", conflict.stderr);
    valid(&[conflict_as_json(&project)]);
    project.here(&["set", "image", "deployment/web", "web=shop/web:1.4"]);

    project.write(&WEB.replace("1.4", "1.5"));
    let guarded = json!({"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden",
        "message": "admission webhook \"guard\" denied the request: not on Fridays"});
    let mut project = project;
    project
        .proxy()
        .faults(&json!([{"method": "PATCH", "url": "deployments/web", "fault": "status", "status": 403,
        "body": guarded.to_string(), "headers": {"Content-Type": "application/json"}}]));
    let refused = project.live(&["diff"]);
    assert_eq!(refused.code, Some(1), "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("not on Fridays"), "{}", refused.stderr);
    let (plan, _) = project.plan(&[]);
    valid(&[plan]);
}

fn conflict_as_json(project: &Project) -> Value {
    let (plan, code) = project.plan(&[]);
    assert_eq!(code, Some(1));
    plan
}

#[test]
fn t18_who_may_only_look_sees_a_difference_that_says_it_is_approximate() {
    let Some(project) = Project::behind_proxy("only look", WEB) else { return };
    project.file(".env", "KEY_OF_SHOP=correct-horse-battery\n");
    project.apply(&[]);
    let user = format!("system:serviceaccount:{}:reader", project.namespace);
    let kinds = "--resource=deployments.apps,services,configmaps,secrets,persistentvolumeclaims,networkpolicies.networking.k8s.io,serviceaccounts";
    project.here(&["create", "role", "reader", "--verb=get,list", kinds]);
    project.here(&["create", "rolebinding", "reader", "--role=reader", &format!("--user={user}")]);
    let seen = project.requests().len();
    let none = project.live(&["diff", "--as", &user]);
    assert_eq!(none.code, Some(0), "{}{}", none.stdout, none.stderr);
    project.write(&WEB.replace("1.4", "1.5"));
    let changed = project.live(&["diff", "--as", &user]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    assert!(
        changed.stdout.contains("approximate") && changed.stdout.contains("shop/web:1.5"),
        "{}",
        changed.stdout
    );
    assert!(changed.stderr.contains("permission-degraded"), "{}", changed.stderr);
    let (plan, code) = project.plan(&["--as", &user]);
    assert_eq!((code, &plan["approximate"]), (Some(2), &json!(true)));
    let asked: Vec<String> =
        project.requests().into_iter().skip(seen).map(|request| request["url"].to_string()).collect();
    assert!(!asked.iter().any(|url| url.contains("dryRun")), "it is not even tried: {asked:#?}");
    let (read_only, code) = project.plan(&["--read-only"]);
    assert_eq!((code, &read_only["approximate"]), (Some(2), &json!(true)));
    valid(&[plan, read_only]);
}

/// Holds that plans are as `rcompose schema plan` says.
fn valid(plans: &[Value]) {
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let schema = scratch.path().join("schema.json");
    let stage = Stage::of(scratch.path(), "schema", &[]);
    let printed = stage.run(".", &BTreeMap::new(), &["schema", "plan"]);
    fs::write(&schema, printed.stdout).expect("a scratch file can be written");
    let files: Vec<_> = plans
        .iter()
        .enumerate()
        .map(|(at, plan)| {
            let file = scratch.path().join(format!("plan-{at}.json"));
            fs::write(&file, plan.to_string()).expect("a scratch file can be written");
            file
        })
        .collect();
    match schema_script::faults("tests/json_schema.py", &[&schema.display().to_string()], &files) {
        Ok(faults) => assert_eq!(faults, Vec::<String>::new(), "{plans:#?}"),
        Err(reason) => skipped("live: plans are as their schema says", &reason),
    }
}
