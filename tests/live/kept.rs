//! T21: what a prune leaves where it is: what somebody marked, what a controller owns, what was given; and in which order the rest goes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::project::{Project, services};
use crate::reading::{outcomes, result};
use crate::running::writes;

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4'}
";

/// Marks of authors that an object is to stay (A92), as they are written on objects.
const MARKS: &[(&str, &str)] = &[
    ("rcompose/prune", "keep"),
    ("helm.sh/resource-policy", "keep"),
    ("argocd.argoproj.io/sync-options", "Validate=false,Prune=false"),
    ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
    ("cli-utils.sigs.k8s.io/on-remove", "keep"),
    ("client.lifecycle.config.k8s.io/deletion", "detach"),
];

/// Returns what a plan says of orphans: action and reason by object.
fn orphans(plan: &Value) -> BTreeMap<String, (String, String)> {
    let text = |orphan: &Value, key: &str| orphan[key].as_str().unwrap_or_default().to_owned();
    let orphans = plan["orphans"].as_array().expect("a plan has orphans").iter();
    let named = |orphan: &Value| format!("{}/{}", text(orphan, "kind"), text(orphan, "name"));
    orphans.map(|orphan| (named(orphan), (text(orphan, "action"), text(orphan, "reason")))).collect()
}

#[test]
fn t21_what_is_marked_stays_and_it_is_said_why() {
    let before =
        format!("{WEB}{}", services(MARKS.len() + 1, "{image: 'a:1'}").trim_start_matches("services:\n"));
    let Some(project) = Project::behind_proxy("marked", &before) else { return };
    project.apply(&[]);
    for (number, (key, value)) in MARKS.iter().enumerate() {
        project.here(&["annotate", &format!("deployment/s{number}"), &format!("{key}={value}")]);
    }
    let unmarked = format!("s{}", MARKS.len());
    project.here(&[
        "annotate",
        &format!("deployment/{unmarked}"),
        "argocd.argoproj.io/sync-options=Prune=true",
    ]);
    project.write(WEB);
    let (plan, code) = project.plan(&["--prune"]);
    assert_eq!(code, Some(2), "{plan:#}");
    let orphans = orphans(&plan);
    for (number, (key, value)) in MARKS.iter().enumerate() {
        let why = ("retained".to_owned(), format!("kept by its annotation `{key}: {value}`"));
        assert_eq!(orphans[&format!("Deployment/s{number}")], why);
        assert_eq!(orphans[&format!("Service/s{number}")].0, "delete");
    }
    assert_eq!(orphans[&format!("Deployment/{unmarked}")].0, "delete");

    let run = project.apply(&["--prune"]);
    for (number, (key, value)) in MARKS.iter().enumerate() {
        assert!(project.get(&format!("deployment/s{number}")).is_object(), "{key}");
        assert!(project.get(&format!("service/s{number}")).is_null(), "{key}");
        let why = format!("`Deployment/s{number}` stays: kept by its annotation `{key}: {value}`");
        assert!(run.stderr.contains(&why), "{why} is missing: {}", run.stderr);
    }
    assert!(project.get(&format!("deployment/{unmarked}")).is_null());
    assert_eq!(project.listed(), project.identified(), "what stays is a member as before");
    // It stays the next time, too, and that is no reason to write.
    project.nothing_to_change(&["--prune"]);
}

#[test]
fn t21_what_a_controller_owns_and_what_was_given_stays() {
    let before = format!(
        "{WEB}  old: {{image: 'a:1', secrets: [given], volumes: ['data:/data']}}
  owned: {{image: 'a:1'}}
secrets: {{given: {{external: true}}}}
volumes: {{data: {{}}}}
"
    );
    let Some(project) = Project::behind_proxy("owned", &before) else { return };
    project.here(&["create", "secret", "generic", "given", "--from-literal=given=hunter2hunter2"]);
    project
        .put(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}}), &["create"]);
    project.apply(&[]);
    let uid = project.get("configmap/owner")["metadata"]["uid"].clone();
    let owner = json!({"metadata": {"ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid, "controller": true},
    ]}});
    project.here(&["patch", "deployment", "owned", "--type=merge", "-p", &owner.to_string()]);
    let kept = ["deployment/owned", "secret/given", "pvc/data", "configmap/owner", "deployment/web"];
    let uids = || kept.map(|object| project.get(object)["metadata"]["uid"].clone());
    let (before, seen) = (uids(), project.requests().len());
    project.write(WEB);
    let (plan, _) = project.plan(&["--prune"]);
    let orphans = orphans(&plan);
    assert!(
        !orphans.contains_key("Deployment/owned") && !orphans.contains_key("Secret/given"),
        "{orphans:?}"
    );
    assert_eq!(orphans["PersistentVolumeClaim/data"].0, "retained");
    project.apply(&["--prune", "--allow-mass-delete"]);
    assert_eq!(uids(), before);
    assert!(project.get("deployment/old").is_null() && project.get("service/owned").is_null());
    let deleted: Vec<String> =
        project.writes(seen).into_iter().filter(|write| write.starts_with("DELETE")).collect();
    assert!(deleted.iter().all(|write| !write.contains("given") && !write.contains("claims")), "{deleted:?}");
    let gone = project.live(&["down", "--yes", "--volumes", "--timeout", "3s"]);
    assert_eq!(gone.code, Some(4), "no controller takes the protection off: {}", gone.stderr);
    for object in ["deployment/owned", "secret/given", "configmap/owner"] {
        assert!(project.get(object).is_object(), "{object} is not ours to delete");
    }
}

#[test]
fn t21_what_goes_goes_backwards_and_each_part_before_the_next() {
    let before = format!(
        "{WEB}  old:
    image: a:1
    ports: ['9090:90']
    configs: [c]
    environment: {{API_TOKEN: hunter2hunter2}}
    deploy: {{replicas: 2}}
configs: {{c: {{content: x}}}}
"
    );
    let Some(project) = Project::behind_proxy("backwards", &before) else { return };
    project.apply(&["--pdb", "--expose", "ingress"]);
    project.write(WEB);
    let run = project.apply(&["--pdb", "--prune", "--allow-mass-delete", "-o", "json"]);
    let gone: Vec<String> = outcomes(&result(&run))
        .into_iter()
        .filter(|(_, outcome)| outcome == "deleted")
        .map(|(object, _)| object.split('/').next().unwrap_or_default().to_owned())
        .collect();
    for kind in ["ConfigMap", "Deployment", "PodDisruptionBudget", "Service"] {
        assert!(gone.iter().any(|gone| gone == kind), "no {kind} in {gone:?}");
    }
    let place = |url: &str| match url {
        url if url.contains("poddisruptionbudgets") || url.contains("ingresses") => 0,
        url if url.contains("deployments") => 1,
        _ => 2,
    };
    let all = writes(project.proxy.as_ref().expect("a proxy"));
    let deletions: Vec<_> = all.iter().filter(|write| write.method == "DELETE" && write.is_done()).collect();
    for earlier in &deletions {
        for later in deletions.iter().filter(|later| place(&later.url) > place(&earlier.url)) {
            assert!(earlier.end <= later.at, "{} began before {} had ended", later.url, earlier.url);
        }
    }
    assert_eq!(deletions.len(), gone.len());
}
