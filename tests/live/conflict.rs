//! T4, T7: fields and objects of others are named and left alone, until the user says otherwise.

use serde_json::{Value, json};

use crate::project::{Project, actions};
use crate::reading::find;

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
    project.edit(&edit);
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

/// A Deployment of others for the same pods.
fn deployment(name: &str, metadata: &Value) -> Value {
    let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "shop"});
    let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": "x:1"}]}},
    }});
    for (key, value) in metadata.as_object().expect("a map") {
        object["metadata"][key] = value.clone();
    }
    object
}

#[test]
fn t7_row_7_objects_of_others_are_named_and_left_alone() {
    // Name, what marks it, and whose it is then said to be.
    let marks = [
        ("nobody", json!({}), "nobody"),
        (
            "helm",
            json!({"annotations": {"meta.helm.sh/release-name": "web-prod"}}),
            "the Helm release `web-prod`",
        ),
        ("flux", json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}), "Flux (`apps`)"),
        (
            "argo",
            json!({"annotations": {"argocd.argoproj.io/tracking-id": "store:apps/Deployment:x/argo"}}),
            "the Argo CD application `store`",
        ),
        ("kapp", json!({"labels": {"kapp.k14s.io/app": "17"}}), "the kapp app `17`"),
        (
            "other",
            json!({"labels": {"applyset.kubernetes.io/part-of": "applyset-x-v1"}}),
            "another set (`applyset-x-v1`)",
        ),
        ("owned", json!({}), "its controller `ConfigMap/owner`"),
    ];
    let services: Vec<String> =
        marks.iter().map(|(name, ..)| format!("  {name}: {{image: 'a:1'}}\n")).collect();
    let Some(project) = Project::behind_proxy("ownership", &format!("services:\n{}", services.concat()))
    else {
        return;
    };
    let owner = owned_by(&project);
    for (name, metadata, _) in &marks {
        let metadata = if *name == "owned" { &owner } else { metadata };
        project.put(&deployment(name, metadata), &["create"]);
    }
    // Argo CD tells by its manager alone, too: its label is the one that we select by.
    let synced = json!({"labels": {"app.kubernetes.io/instance": "desk"}});
    project.write(&format!("services:\n{}  synced: {{image: 'a:1'}}\n", services.concat()));
    project.put(&deployment("synced", &synced), &["create", "--field-manager=argocd-controller"]);
    let before = project.versions();

    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes", "--format", "json"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    let plan: Value = serde_json::from_str(&run.stdout).expect("a plan and nothing else");
    let synced = ("synced", json!({}), "the Argo CD application `desk`");
    for (name, _, owner) in marks.iter().chain([&synced]) {
        let words = format!("`Deployment/{name}` exists and belongs to {owner}");
        assert!(run.stderr.contains(&words), "{words}: {}", run.stderr);
        let change = find(&plan, &format!("Deployment/{name}"));
        let said = (change["action"].as_str(), change["reason"].as_str());
        assert_eq!(said, (Some("foreign"), Some(&*format!("belongs to {owner}"))), "{change:#}");
        assert_eq!(change["problem"]["code"], "object-foreign", "{change:#}");
    }
    assert_eq!(project.writes(seen), Vec::<String>::new());
    assert_eq!((project.versions(), project.members()), (before, vec!["Deployment/other".to_owned()]));
    // A look says the same, and no flag takes what a controller or another set has.
    assert_eq!(project.live(&["diff"]).code, Some(1));
    let (plan, _) = project.plan(&[]);
    assert!(actions(&plan).iter().all(|(object, action)| {
        action == if object.starts_with("Deployment/") { "foreign" } else { "create" }
    }));
    let run =
        project.live(&["apply", "--yes", "--adopt", "--adopt=helm,flux,argocd,kapp", "--format", "json"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    let plan: Value = serde_json::from_str(&run.stdout).expect("a plan and nothing else");
    let actions = actions(&plan);
    let left: Vec<&String> =
        actions.iter().filter(|(_, action)| *action == "foreign").map(|(object, _)| object).collect();
    assert_eq!(left, ["Deployment/other", "Deployment/owned"]);
    assert_eq!(project.writes(seen), Vec::<String>::new());
}

/// Returns what names an object of the project's namespace as the controller.
fn owned_by(project: &Project) -> Value {
    let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}});
    project.put(&owner, &["create"]);
    let uid = project.get("configmap/owner")["metadata"]["uid"].clone();
    json!({"ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid, "controller": true},
    ]})
}
