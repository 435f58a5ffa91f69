//! T14, T15, T17: all or nothing; what must be there first; who may, and where to.

use serde_json::{Value, json};

use crate::project::{Project, services};

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

#[test]
fn t14_row_1_one_bad_object_means_nothing_is_written() {
    let Some(project) =
        Project::behind_proxy("all or nothing", &services(20, "{image: 'a:1', ports: ['80']}"))
    else {
        return;
    };
    let denied = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden",
        "message": "admission webhook \"guard.example.org\" denied the request: not on Fridays"});
    let wrong = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 500,
        "message": "failed to create typed patch object (x/s2; apps/v1, Kind=Deployment): .spec.x: field not declared in schema"});
    let old = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 400, "reason": "BadRequest",
        "message": "admission webhook \"old.example.org\" does not support dry run"});
    let rule = |url: &str, body: &Value| {
        json!({"method": "PATCH", "url": url, "fault": "status", "status": body["code"], "body": body.to_string(),
            "headers": {"Content-Type": "application/json"}})
    };
    let mut project = project;
    project.proxy.as_mut().expect("a proxy").faults(&json!([
        rule("deployments/s1\\?.*dryRun", &denied),
        rule("deployments/s2\\?.*dryRun", &wrong),
        rule("deployments/s3\\?.*dryRun", &old),
    ]));
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for word in ["Deployment/s1", "not on Fridays", "Deployment/s2", "Deployment/s3", "object-not-previewed"]
    {
        assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
    }
    assert_eq!(project.writes(0), Vec::<String>::new());
}

#[test]
fn t15_row_12_a_namespace_is_made_only_when_asked_for() {
    let Some(project) = Project::without_namespace("bootstrap", WEB) else { return };
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("namespace-missing") && run.stderr.contains("--create-namespace"),
        "{}",
        run.stderr
    );
    project.apply(&["--create-namespace"]);
    assert_eq!(
        project.get("deployment/web")["spec"]["template"]["spec"]["containers"][0]["image"],
        "shop/web:1.4"
    );
    let again = project.apply(&["--create-namespace"]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
}

#[test]
fn t15_row_13_a_namespace_on_its_way_out_is_named() {
    let Some(project) = Project::new("terminating", WEB) else { return };
    let keep = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stays", "finalizers": ["example.org/stay"]}});
    project.put(&keep, &["create"]);
    project.kubectl(&["delete", "namespace", &project.namespace, "--wait=false"]);
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("namespace-terminating"), "{}", run.stderr);
    project.here(&[
        "patch",
        "configmap",
        "stays",
        "--type=merge",
        "-p",
        r#"{"metadata":{"finalizers":null}}"#,
    ]);
}

#[test]
fn t17_nothing_is_written_to_a_cluster_that_was_not_named() {
    let Some(project) = Project::behind_proxy("not named", WEB) else { return };
    let unnamed = project.run(&["apply", "--yes", "-n", &project.namespace]);
    assert_eq!(unnamed.code, Some(7), "{}", unnamed.stderr);
    assert!(unnamed.stderr.contains("context-not-named"), "{}", unnamed.stderr);
    let silent = project.live(&["apply"]);
    assert_eq!(silent.code, Some(1), "{}", silent.stderr);
    assert!(silent.stderr.contains("--yes"), "{}", silent.stderr);
    let nowhere = project.run(&["apply", "--yes", "--context", "testbed"]);
    assert!(nowhere.stderr.contains("namespace-refused"), "{}", nowhere.stderr);
    let system = project.run(&["apply", "--yes", "--context", "testbed", "-n", "kube-system"]);
    assert!(system.stderr.contains("namespace-refused"), "{}", system.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());
}

#[test]
fn t17_row_16_another_cluster_behind_the_context_is_noticed() {
    let Some(project) = Project::new("other cluster", WEB) else { return };
    project.apply(&[]);
    let parent = project.get("configmap/rcompose.shop");
    let state = parent["data"]["state.json"].as_str().expect("a state");
    let mut state: Value = serde_json::from_str(state).expect("JSON");
    state["cluster"] = "another".into();
    let patch = json!({"data": {"state.json": state.to_string()}});
    project.here(&["patch", "configmap", "rcompose.shop", "--type=merge", "-p", &patch.to_string()]);
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    assert!(run.stderr.contains("context-changed"), "{}", run.stderr);
}

#[test]
fn t17_row_15_rights_that_are_lacking_are_named_before_the_first_write() {
    let Some(project) = Project::behind_proxy("rights", WEB) else { return };
    let printed = project.live(&["role"]);
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    project.file(
        "role.yaml",
        &printed.stdout.replace("namespace: default", &format!("namespace: {}", project.namespace)),
    );
    let user = format!("system:serviceaccount:{}:ci", project.namespace);
    let poor = project.live(&["apply", "--yes", "--as", &user]);
    assert_eq!(poor.code, Some(1), "{}", poor.stderr);
    assert!(
        poor.stderr.contains("permission-missing") && poor.stderr.contains("deployments.apps"),
        "{}",
        poor.stderr
    );
    assert_eq!(project.writes(0), Vec::<String>::new());

    project.put_file("role.yaml");
    project.here(&["create", "rolebinding", "ci", "--role=rcompose.shop", &format!("--user={user}")]);
    let seen = project.live(&["diff", "--as", &user]);
    assert!(seen.stderr.contains("permission-degraded"), "kube-system may not be read yet: {}", seen.stderr);
    let binding = format!("ci-{}", project.namespace);
    project.kubectl(&[
        "create",
        "clusterrolebinding",
        &binding,
        &format!("--clusterrole=rcompose.shop.{}", project.namespace),
        &format!("--user={user}"),
    ]);
    let run = project.live(&["apply", "--yes", "--as", &user]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let again = project.live(&["apply", "--yes", "--as", &user]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    let gone = project.live(&["down", "--yes", "--as", &user]);
    assert_eq!(gone.code, Some(0), "{}", gone.stderr);
}

#[test]
fn what_is_external_must_be_there_before_anything_is_written() {
    let compose = "
services:
  web: {image: 'shop/web:1.4', volumes: ['given:/data']}
volumes: {given: {external: true}}
";
    let Some(project) = Project::behind_proxy("external", compose) else { return };
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("external-missing") && run.stderr.contains("given"), "{}", run.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());
}

#[test]
fn warnings_of_the_server_are_told() {
    let Some(project) = Project::new("warning", WEB) else { return };
    project.kubectl(&[
        "label",
        "namespace",
        &project.namespace,
        "pod-security.kubernetes.io/warn=restricted",
    ]);
    let run = project.apply(&[]);
    assert!(run.stderr.contains("api-warning") && run.stderr.contains("PodSecurity"), "{}", run.stderr);
}
