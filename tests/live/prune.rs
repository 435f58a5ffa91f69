//! T20, T21: what the project no longer has is deleted when asked for, and only that; a lost parent loses nothing.

use serde_json::{Value, json};

use crate::project::Project;

const TWO: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
  old: {image: 'shop/old:1', ports: ['9090:90'], volumes: ['data:/data'], configs: [c]}
configs: {c: {content: 'x'}}
volumes: {data: {}}
";

const ONE: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

#[test]
fn t21_only_what_was_asked_for_is_deleted() {
    let Some(project) = Project::behind_proxy("prune", TWO) else { return };
    project.apply(&[]);
    project
        .put(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "foreign"}}), &["create"]);
    project.write(ONE);
    let kept = project.apply(&[]);
    assert!(kept.stderr.contains("orphans-kept") && kept.stderr.contains("--prune"), "{}", kept.stderr);
    assert!(project.get("deployment/old").is_object());

    let pruned = project.live(&["apply", "--yes", "--prune", "--allow-mass-delete"]);
    assert_eq!(pruned.code, Some(0), "{}", pruned.stderr);
    assert_eq!((project.get("deployment/old"), project.get("service/old")), (Value::Null, Value::Null));
    assert!(project.get("pvc/data").is_object(), "a volume needs a flag of its own");
    assert!(pruned.stderr.contains("prune-retained"), "{}", pruned.stderr);
    assert!(project.get("configmap/foreign").is_object() && project.get("deployment/web").is_object());
    let deleted: Vec<String> =
        project.writes(0).into_iter().filter(|write| write.starts_with("DELETE")).collect();
    let at = |word: &str| deleted.iter().position(|write| write.contains(word)).expect("it was deleted");
    assert!(at("deployments/old") < at("configmaps/"), "workloads before their config: {deleted:?}");

    let volumes = project.live(&["apply", "--yes", "--prune", "--prune-volumes", "--timeout", "3s"]);
    // No controller is there to take the protection off.
    assert_eq!(volumes.code, Some(4), "{}", volumes.stderr);
    assert!(volumes.stderr.contains("kubernetes.io/pvc-protection"), "{}", volumes.stderr);
    assert!(project.get("pvc/data")["metadata"]["deletionTimestamp"].is_string());
}

#[test]
fn t21_row_44_a_finalizer_that_never_ends_is_named() {
    let Some(project) = Project::new("stuck", TWO) else { return };
    project.apply(&[]);
    let hold = r#"{"metadata":{"finalizers":["example.org/hold"]}}"#;
    project.here(&["patch", "deployment", "old", "--type=merge", "-p", hold]);
    project.write(ONE);
    let run = project.live(&["apply", "--yes", "--prune", "--allow-mass-delete", "--timeout", "4s"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(
        run.stderr.contains("finalizer-stuck") && run.stderr.contains("example.org/hold"),
        "{}",
        run.stderr
    );
    project.here(&[
        "patch",
        "deployment",
        "old",
        "--type=merge",
        "-p",
        r#"{"metadata":{"finalizers":null}}"#,
    ]);
}

#[test]
fn t21_down_leaves_nothing_but_volumes() {
    let Some(project) = Project::new("down", TWO) else { return };
    project.apply(&[]);
    let run = project.live(&["down", "--yes"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let left = project.versions();
    assert!(
        left.iter().all(|object| object.starts_with("PersistentVolumeClaim/data@")) && left.len() == 1,
        "{left:?}"
    );
    project.apply(&[]);
    let all = project.live(&["down", "--yes", "--volumes", "--timeout", "3s"]);
    assert_eq!(all.code, Some(4), "no controller takes the protection off: {}", all.stderr);
    project.here(&["patch", "pvc", "data", "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#]);
    let all = project.live(&["down", "--yes", "--volumes"]);
    assert_eq!(all.code, Some(0), "{}{:?}", all.stderr, project.versions());
    assert_eq!(project.versions(), Vec::<String>::new());
}

#[test]
fn t20_row_41_a_parent_that_was_deleted_is_made_again() {
    let Some(project) = Project::new("parent lost", TWO) else { return };
    project.apply(&[]);
    let before = project.get("configmap/rcompose.shop");
    project.here(&["delete", "configmap", "rcompose.shop"]);
    project.write(ONE);
    let run = project.apply(&[]);
    assert!(run.stderr.contains("orphans-kept"), "its members are found by their label: {}", run.stderr);
    let after = project.get("configmap/rcompose.shop");
    assert_eq!(after["metadata"]["labels"], before["metadata"]["labels"]);
    assert_eq!(after["metadata"]["annotations"], before["metadata"]["annotations"]);
    assert_eq!(project.listed(), project.identified(), "orphans are members, too");

    project.here(&["delete", "configmap", "rcompose.shop"]);
    project.apply(&["--prune", "--allow-mass-delete"]);
    assert_eq!(project.listed(), project.identified());
    assert_eq!(project.plan(&["--prune"]).1, Some(0));
    assert!(project.get("deployment/old").is_null() && project.get("deployment/web").is_object());
}

#[test]
fn t20_row_42_kubectl_leaves_our_set_alone() {
    let Some(project) = Project::new("kubectl prune", ONE) else { return };
    project.apply(&[]);
    project.file("empty.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n");
    let before = project.versions();
    let words = ["apply", "--prune", "--applyset=configmap/rcompose.shop", "--server-side"];
    let (is_taken, said) = project.kubectl_with(&words, "empty.yaml");
    assert!(!is_taken, "kubectl took our set: {said}");
    assert!(said.contains("managed by tooling \"rcompose\""), "it says whose it is: {said}");
    assert_eq!(project.versions(), before);
}

#[test]
fn t21_what_cannot_be_deleted_is_named_and_the_rest_is_deleted() {
    let Some(mut project) = Project::behind_proxy("denied", TWO) else { return };
    project.apply(&[]);
    project.write(ONE);
    let body = json!({"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403,
        "message": "admission webhook \"guard\" denied the request: old stays"});
    project
        .proxy
        .as_mut()
        .expect("a proxy")
        .faults(&json!([{"method": "DELETE", "url": "deployments/old", "fault": "status",
        "status": 403, "body": body.to_string(), "headers": {"Content-Type": "application/json"}}]));
    let run = project.live(&["apply", "--yes", "--prune", "--allow-mass-delete"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(run.stderr.contains("prune-failed") && run.stderr.contains("old stays"), "{}", run.stderr);
    assert_eq!(project.get("service/old"), Value::Null);
}

#[test]
fn what_a_pod_of_a_hinted_instance_names_stays() {
    let with = |content: &str| {
        format!(
            "x-rcompose: {{instance: former}}
services:
  web: {{image: 'shop/web:1', configs: [c]}}
configs: {{c: {{content: '{content}'}}}}
"
        )
    };
    let Some(project) = Project::new("instance", &with("one")) else { return };
    project.apply(&[]);
    let deployment = project.get("deployment/web");
    let volume = &deployment["spec"]["template"]["spec"]["volumes"][0];
    let config = volume["configMap"]["name"].as_str().expect("the config is mounted").to_owned();
    let labels = deployment["spec"]["template"]["metadata"]["labels"].clone();
    assert_eq!(labels["app.kubernetes.io/instance"], "former");
    // No controller makes accounts or pods here.
    project.here(&["create", "serviceaccount", "default"]);
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "labels": labels},
        "spec": {"containers": [{"name": "web", "image": "shop/web:1"}], "volumes": [volume]}});
    project.put(&pod, &["create"]);
    project.write(&with("two"));
    let pruned = project.live(&["apply", "--yes", "--prune"]);
    assert_eq!(pruned.code, Some(0), "{}", pruned.stderr);
    assert!(project.get(&format!("configmap/{config}")).is_object(), "a living pod names it");
}

#[test]
fn a_service_that_sleeps_stays_whatever_its_name_becomes() {
    let with = |profile: &str| {
        format!("services:\n  web: {{image: 'shop/web:1'}}\n  aid_: {{image: 'shop/aid:1'{profile}}}\n")
    };
    let Some(project) = Project::new("sleeps", &with("")) else { return };
    project.apply(&[]);
    project.write(&with(", profiles: [extra]"));
    let pruned = project.live(&["apply", "--yes", "--prune", "--allow-mass-delete"]);
    assert_eq!(pruned.code, Some(0), "{}", pruned.stderr);
    let left = project.versions();
    assert!(left.iter().any(|name| name.contains("aid")), "{left:?}");
}

#[test]
fn a_new_namespace_lacks_no_certificate() {
    let text = "
services:
  web: {image: 'shop/web:1', depends_on: {migrate: {condition: service_completed_successfully}}}
  migrate: {image: 'shop/migrate:1', restart: 'no'}
";
    let Some(project) = Project::without_namespace("certificate", text) else { return };
    let run = project.live(&["apply", "--yes", "--create-namespace"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let deployment = project.get("deployment/web").to_string();
    assert!(deployment.contains("kube-root-ca.crt"), "the wait names it: {deployment}");
}
