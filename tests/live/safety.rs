//! T17: who may, and where to.

use serde_json::{Value, json};

use crate::project::Project;

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

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
