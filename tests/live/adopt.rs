//! T6, T7: what others made is taken over only when the user says so, and then entirely: no field and no manager stays behind.

use serde_json::{Value, json};

use crate::project::{Project, actions, fields, first_plan};
use crate::reading::{find, managers};
use crate::running::{ending, objects};

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', environment: {LOG: info}}
";

/// A Deployment as somebody wrote it before rcompose came: the same Pods, and more than the Compose file says.
fn before(name: &str, metadata: &Value) -> Value {
    let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "shop"});
    let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": name, "labels": {"old": "yes"}},
    "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": [
        {"name": name, "image": "shop/web:1.3", "env": [{"name": "LOG", "value": "info"}, {"name": "EXTRA", "value": "1"}]},
    ]}}}});
    for (key, value) in metadata.as_object().expect("a map") {
        object["metadata"][key] = value.clone();
    }
    object
}

/// Takes over what kubectl made, under its name there, and looks whether nothing of it is left.
fn taken_from_kubectl(test: &str, kubectl: &[&str], manager: &str) {
    let Some(project) = Project::behind_proxy(test, WEB) else { return };
    project.put(&before("web", &json!({})), kubectl);
    let uid = project.get("deployment/web")["metadata"]["uid"].clone();
    refused(&project);
    announced(&project, manager);

    let run = project.apply(&["--adopt", "-o", "json"]);
    assert_eq!(actions(&first_plan(&run))["Deployment/web"], "adopt");
    assert_eq!((ending(&run).as_str(), objects(&run, "written").len()), ("reached", 2));
    let web = project.get("deployment/web");
    assert_eq!(managers(&web), ["rcompose Apply"], "{web:#}");
    assert_eq!(web["metadata"]["uid"], uid, "it is the same object");
    assert_eq!(web["metadata"]["labels"]["old"], Value::Null);
    let annotation = "kubectl.kubernetes.io/last-applied-configuration";
    assert_eq!(web["metadata"]["annotations"][annotation], Value::Null);
    let env = &web["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(env, &json!([{"name": "LOG", "value": "info"}]));
    project.nothing_to_change(&[]);
    let (plan, code) = project.plan(&[]);
    assert_eq!((code, &plan["summary"]), (Some(0), &json!({"unchanged": 2})), "{plan:#}");
}

/// Without a flag it is somebody's decision, and the ways out are named.
fn refused(project: &Project) {
    let refused = project.live(&["apply", "--yes", "-o", "json"]);
    assert_eq!(refused.code, Some(7), "{}", refused.stderr);
    for word in ["object-foreign", "--adopt"] {
        assert!(refused.stderr.contains(word), "{word} is missing: {}", refused.stderr);
    }
    let plan: Value = serde_json::from_str(&refused.stdout).expect("a plan and nothing else");
    let web = find(&plan, "Deployment/web");
    assert_eq!((&web["action"], &web["reason"]), (&json!("foreign"), &json!("belongs to nobody")));
    let problem = &web["problem"];
    let said = ["code", "needs", "message"].map(|key| problem[key].as_str().unwrap_or_default());
    assert_eq!(said, ["object-foreign", "decision", "`Deployment/web` exists and belongs to nobody"]);
    assert_eq!(problem["help"][0], "take it over: `--adopt`");
    assert_eq!(
        (fields(&plan, "Deployment/web"), &plan["summary"]),
        (vec![], &json!({"create": 1, "foreign": 1}))
    );
    assert_eq!(project.writes(0), Vec::<String>::new());
}

/// With it the plan says what will vanish, and whose it was.
fn announced(project: &Project, manager: &str) {
    let shown = project.apply(&["--adopt", "--dry-run", "-o", "json"]);
    let plan: Value = serde_json::from_str(&shown.stdout).expect("a plan");
    assert_eq!(plan["summary"], json!({"adopt": 1, "create": 1}), "{plan:#}");
    let web = find(&plan, "Deployment/web");
    assert_eq!(web["reason"], format!("fields of {manager} become ours"));
    assert_eq!((&web["problem"], &web["conflicts"]), (&Value::Null, &json!([])));
    let all = fields(&plan, "Deployment/web");
    let gone: Vec<&String> = all.iter().filter(|field| field.starts_with("remove ")).collect();
    let expected = [
        format!("remove metadata.labels.old: \"yes\" → null, of {manager}"),
        format!("remove spec.template.spec.containers[web].env[EXTRA].value: \"1\" → null, of {manager}"),
    ];
    assert_eq!(gone, expected.iter().collect::<Vec<_>>());
    let image = format!(
        "replace spec.template.spec.containers[web].image: \"shop/web:1.3\" → \"shop/web:1.4\", of {manager}"
    );
    assert!(all.contains(&image), "{all:#?}");
    assert_eq!(project.writes(0), Vec::<String>::new());
}

#[test]
fn t6_row_8_an_object_of_kubectl_apply_is_taken_over_with_all_its_fields() {
    taken_from_kubectl("from apply", &["apply"], "kubectl-client-side-apply");
}

#[test]
fn t6_row_8_an_object_of_kubectl_create_is_taken_over_with_all_its_fields() {
    taken_from_kubectl("from create", &["create"], "kubectl-create");
}

#[test]
fn t7_row_7_each_flag_takes_over_what_it_names_and_nothing_else() {
    let compose = "
services:
  nobody: {image: 'shop/web:1.4'}
  helm: {image: 'shop/web:1.4'}
  owned: {image: 'shop/web:1.4'}
";
    let Some(project) = Project::behind_proxy("adopt", compose) else { return };
    let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}});
    project.put(&owner, &["create"]);
    let uid = project.get("configmap/owner")["metadata"]["uid"].clone();
    let helm = json!({"annotations": {"meta.helm.sh/release-name": "r"}});
    let references = json!({"ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid, "controller": true},
    ]});
    for (name, metadata) in [("nobody", json!({})), ("helm", helm), ("owned", references)] {
        project.put(&before(name, &metadata), &["create"]);
    }
    let found = |words: &[&str]| {
        let run = project.live(&[&["apply", "--dry-run", "-o", "json"], words].concat());
        let plan: Value = serde_json::from_str(&run.stdout).expect("a plan");
        let actions = actions(&plan);
        assert_eq!(run.code, Some(7), "{plan:#}");
        ["nobody", "helm", "owned"].map(|name| actions[&format!("Deployment/{name}")].clone())
    };
    assert_eq!(found(&[]), ["foreign", "foreign", "foreign"]);
    assert_eq!(found(&["--adopt"]), ["adopt", "foreign", "foreign"]);
    assert_eq!(found(&["--adopt=helm"]), ["foreign", "adopt", "foreign"]);
    assert_eq!(found(&["--adopt", "--adopt=helm"]), ["adopt", "adopt", "foreign"]);
    let run = project.live(&["apply", "--yes", "--adopt", "--adopt=helm"]);
    assert_eq!(run.code, Some(7), "what a controller owns is never taken: {}", run.stderr);
    assert!(run.stderr.contains("ConfigMap/owner"), "{}", run.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());

    project.write(&compose.replace("  owned: {image: 'shop/web:1.4'}\n", ""));
    project.apply(&["--adopt", "--adopt=helm"]);
    assert_eq!(project.members(), ["Deployment/helm", "Deployment/nobody", "Service/helm", "Service/nobody"]);
}
