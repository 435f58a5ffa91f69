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
    let taken_out = project.live(&["down"]);
    assert!(!taken_out.stderr.contains("--yes"), "nothing is there to take out: {}", taken_out.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());
    project.apply(&[]);
    let seen = project.requests().len();
    let taken_out = project.live(&["down"]);
    assert_eq!(taken_out.code, Some(1), "{}", taken_out.stderr);
    assert!(taken_out.stderr.contains("--yes"), "{}", taken_out.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
}

#[test]
fn t17_what_is_protected_takes_more_than_a_flag() {
    let protected = |glob: &str| format!("{WEB}x-rcompose: {{protected: ['{glob}']}}\n");
    let Some(project) = Project::behind_proxy("protected", WEB) else { return };
    project.apply(&[]);
    let seen = project.requests().len();
    for glob in ["test*", "t-protected-*"] {
        project.write(&protected(glob).replace("1.4", "1.5"));
        for words in [&["apply", "--yes"][..], &["apply"], &["down", "--yes"]] {
            let run = project.live(words);
            assert_eq!(run.code, Some(7), "{glob} {words:?}: {}", run.stderr);
            assert!(run.stderr.contains("error[context-protected]"), "{glob} {words:?}: {}", run.stderr);
        }
        assert_eq!(project.live(&["diff"]).code, Some(2), "who only looks needs no permit");
        assert_eq!(project.live(&["apply", "--dry-run"]).code, Some(0));
    }
    assert_eq!(project.writes(seen), Vec::<String>::new());
    project.write(&protected("prod-*").replace("1.4", "1.5"));
    project.apply(&[]);
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
fn t17_row_16_settings_say_which_cluster_is_meant() {
    let Some(project) = Project::behind_proxy("which cluster", WEB) else { return };
    let uid = project.kubectl(&["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    let meant = |id: &str| format!("{WEB}x-rcompose: {{contexts: {{testbed: {{cluster-id: '{id}'}}}}}}\n");
    project.write(&meant("another"));
    for words in [&["apply", "--yes"][..], &["down", "--yes"]] {
        let run = project.live(words);
        assert_eq!(run.code, Some(7), "{}", run.stderr);
        assert!(run.stderr.contains("context-changed"), "{}", run.stderr);
    }
    assert_eq!(project.writes(0), Vec::<String>::new());
    project.write(&meant(&uid));
    project.apply(&[]);
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
    without_patch_on_services(&project, &user);
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
    all_with_the_printed_role(&project, &user);
    project.kubectl(&["delete", "clusterrolebinding", &binding]);
}

/// Takes one verb from the role for a while: what is lacking is named before the first write, and nothing else is.
fn without_patch_on_services(project: &Project, user: &str) {
    let whole = project.get("role/rcompose.shop");
    let mut less = whole.clone();
    let rules = less["rules"].as_array_mut().expect("a role has rules");
    let of_services =
        |rule: &&mut Value| rule["resources"].as_array().is_some_and(|all| all.contains(&json!("services")));
    let rule = rules.iter_mut().find(of_services).expect("services are among them");
    let mut own = rule.clone();
    rule["resources"].as_array_mut().expect("a list").retain(|resource| resource != "services");
    own["resources"] = json!(["services"]);
    own["verbs"].as_array_mut().expect("a list").retain(|verb| verb != "patch");
    rules.push(own);
    let rules = |role: &Value| json!({"rules": role["rules"]}).to_string();
    project.here(&["patch", "role", "rcompose.shop", "--type=merge", "-p", &rules(&less)]);
    let before = project.requests().len();
    let run = project.live(&["apply", "--yes", "--as", user]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let said = run.stderr.lines().find(|line| line.contains("error[permission-missing]"));
    assert!(said.is_some_and(|said| said.ends_with(": patch services")), "{}", run.stderr);
    assert_eq!(project.writes(before), Vec::<String>::new());
    project.here(&["patch", "role", "rcompose.shop", "--type=merge", "-p", &rules(&whole)]);
}

/// First apply, no change, removal and end (T1, T2, T21), with the rights that `role` prints and no others.
fn all_with_the_printed_role(project: &Project, user: &str) {
    let rich = format!(
        "{WEB}  old: {{image: 'a:1', ports: ['9090:90'], volumes: ['data:/data'], configs: [c], environment: {{API_TOKEN: hunter2hunter2}}}}
configs: {{c: {{content: x}}}}
volumes: {{data: {{}}}}
"
    );
    project.write(&rich);
    let as_user = |words: &[&str]| {
        let run = project.live(&[words, &["--as", user]].concat());
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
        assert!(!run.stderr.contains("permission-"), "{words:?}: {}", run.stderr);
        run
    };
    // The role is that of the whole project.
    let printed = project.live(&["role"]).stdout;
    project.file(
        "role.yaml",
        &printed.replace("namespace: default", &format!("namespace: {}", project.namespace)),
    );
    project.here(&["delete", "role", "rcompose.shop"]);
    project.put_file("role.yaml");
    as_user(&["apply", "--yes"]);
    let seen = project.requests().len();
    let again = as_user(&["apply", "--yes"]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    // No controller takes the protection off.
    project.here(&["patch", "pvc", "data", "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#]);
    project.write(WEB);
    as_user(&["apply", "--yes", "--prune", "--prune-volumes", "--allow-mass-delete"]);
    assert!(project.get("deployment/old").is_null() && project.get("pvc/data").is_null());
    as_user(&["diff"]);
    as_user(&["status"]);
    as_user(&["down", "--yes"]);
    assert_eq!(project.versions(), Vec::<String>::new());
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
