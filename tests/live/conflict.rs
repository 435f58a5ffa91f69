//! T4, T7: fields and objects of others are named and left alone, until the user says otherwise.

use serde_json::{Value, json};

use crate::project::{Project, actions};

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

#[test]
fn t4_row_5_a_field_of_somebody_else_is_named_and_nothing_is_written() {
    let Some(project) = Project::behind_proxy("conflict", WEB) else { return };
    project.apply(&[]);
    let edit = json!({"metadata": {"labels": {"by-hand": "yes"}}, "spec": {"template": {"spec": {"containers": [
        {"name": "web", "image": "shop/web:hotfix"},
    ]}}}});
    let patch = edit.to_string();
    project.here(&[
        "patch",
        "deployment",
        "web",
        "--field-manager=kubectl-edit",
        "--type=strategic",
        "-p",
        &patch,
    ]);
    project.write(&WEB.replace("1.4", "1.5"));
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    for word in ["shop/web:hotfix", "shop/web:1.5", "kubectl-edit", "field-conflict", "--force-conflicts"] {
        assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
    }
    assert_eq!(project.writes(seen), Vec::<String>::new());
    let (plan, code) = project.plan(&[]);
    assert_eq!((code, actions(&plan)["Deployment/web"].as_str()), (Some(1), "conflict"), "{plan:#}");
    let changes = plan["changes"].as_array().expect("changes");
    let conflicts =
        changes.iter().find_map(|change| change["conflicts"].as_array().filter(|all| !all.is_empty()));
    let conflict = &conflicts.expect("it is told")[0];
    let told = ["manager", "operation", "live", "ours"].map(|key| conflict[key].as_str().unwrap_or_default());
    assert_eq!(told, ["kubectl-edit", "Update", "shop/web:hotfix", "shop/web:1.5"], "{conflict:#}");
    assert!(conflict["path"].as_str().is_some_and(|path| path.ends_with("image")), "{conflict:#}");
    let since = managed(&project, "kubectl-edit")["time"].clone();
    assert!(since.is_string() && conflict["since"] == since, "{conflict:#}");
    assert!(run.stderr.contains(" ago"), "it is said since when: {}", run.stderr);

    let seen = project.requests().len();
    project.apply(&["--force-conflicts=kubectl-edit"]);
    let forced: Vec<String> =
        project.writes(seen).into_iter().filter(|write| write.contains("fieldManager=rcompose&")).collect();
    assert!(
        matches!(&forced[..], [one] if one.contains("deployments/web") && one.contains("force=true")),
        "{forced:?}"
    );
    let theirs = managed(&project, "kubectl-edit");
    assert_eq!(
        theirs["fieldsV1"],
        json!({"f:metadata": {"f:labels": {"f:by-hand": {}}}}),
        "the rest is theirs"
    );
    let web = project.get("deployment/web");
    assert_eq!(web["spec"]["template"]["spec"]["containers"][0]["image"], "shop/web:1.5");
    assert_eq!(web["metadata"]["labels"]["by-hand"], "yes", "a foreign label stays");
}

/// Returns what a manager owns of the Deployment.
fn managed(project: &Project, manager: &str) -> Value {
    let web = project.get("deployment/web");
    let entries = web["metadata"]["managedFields"].as_array().expect("it is managed");
    entries.iter().find(|entry| entry["manager"] == manager).cloned().unwrap_or_default()
}

fn config(name: &str, metadata: &Value) -> Value {
    let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": "x:1"}]}},
    }});
    for (key, value) in metadata.as_object().expect("a map") {
        object["metadata"][key] = value.clone();
    }
    object
}

#[test]
fn t7_row_7_objects_of_others_are_named_and_left_alone() {
    let compose = "
services:
  nobody: {image: 'a:1'}
  helm: {image: 'a:1'}
  flux: {image: 'a:1'}
  argo: {image: 'a:1'}
  kapp: {image: 'a:1'}
  other: {image: 'a:1'}
";
    let Some(project) = Project::behind_proxy("ownership", compose) else { return };
    for (name, metadata) in [
        ("nobody", json!({})),
        ("helm", json!({"annotations": {"meta.helm.sh/release-name": "r"}})),
        ("flux", json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}})),
        ("argo", json!({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:x/argo"}})),
        ("kapp", json!({"labels": {"kapp.k14s.io/app": "1"}})),
        ("other", json!({"labels": {"applyset.kubernetes.io/part-of": "applyset-x-v1"}})),
    ] {
        project.put(&config(name, &metadata), &["create"]);
    }
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    for word in ["Helm", "Flux", "Argo", "kapp"] {
        assert!(run.stderr.contains(word), "{word} is not named: {}", run.stderr);
    }
    let (plan, _) = project.plan(&[]);
    let actions = actions(&plan);
    for name in ["nobody", "helm", "flux", "argo", "kapp", "other"] {
        assert_eq!(actions[&format!("Deployment/{name}")], "foreign", "{plan:#}");
    }
}
