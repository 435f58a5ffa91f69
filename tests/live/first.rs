//! T1, T2, T3: a first apply puts in what the project says and nothing else; the next writes nothing; what the file lets go of goes.

use serde_json::{Value, json};

use crate::project::{Project, actions};
use crate::running::{ending, objects};

const SHOP: &str = "
services:
  web:
    image: shop/web:1.4
    ports: ['8080:80', '8443:443']
    environment: {LOG: info, API_TOKEN: hunter2hunter2}
    configs: [nginx]
    labels: {team: red}
  db:
    image: postgres:15
    volumes: ['data:/var/lib/postgresql/data']
    environment: {POSTGRES_PASSWORD: verysecretpw}
  cache: {image: 'redis:7'}
  worker: {image: 'shop/web:1.4', command: work, depends_on: [db]}
configs: {nginx: {content: 'worker_processes 1;'}}
volumes: {data: {}}
";

fn managers(object: &Value) -> Vec<(String, String)> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array).expect("it is managed");
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let main = entries.iter().filter(|entry| entry["subresource"].is_null());
    main.map(|entry| (text(entry, "manager"), text(entry, "operation"))).collect()
}

#[test]
fn t1_a_first_apply_puts_in_what_the_project_says() {
    let Some(project) = Project::behind_proxy("first apply", SHOP) else { return };
    let run = project.apply(&[]);
    assert!(run.stderr.contains("written, not waited for"), "{}", run.stderr);
    for object in ["deployment/web", "deployment/cache", "deployment/worker", "service/web", "pvc/data"] {
        let found = project.get(object);
        assert_eq!(managers(&found), [("rcompose".to_owned(), "Apply".to_owned())], "{object}: {found:#}");
        assert_eq!(found["metadata"]["labels"]["app.kubernetes.io/managed-by"], "rcompose", "{object}");
    }
    let parent = project.get("configmap/rcompose.shop");
    let id = parent["metadata"]["labels"]["applyset.kubernetes.io/id"].clone();
    assert!(id.as_str().is_some_and(|id| id.starts_with("applyset-") && id.ends_with("-v1")), "{parent:#}");
    assert_eq!(project.get("deployment/web")["metadata"]["labels"]["applyset.kubernetes.io/part-of"], id);
    let template = &project.get("deployment/web")["spec"]["template"]["metadata"]["labels"];
    assert_eq!(template["applyset.kubernetes.io/part-of"], Value::Null, "replica sets would be members");
    let state: Value =
        serde_json::from_str(parent["data"]["state.json"].as_str().expect("a state")).expect("JSON");
    assert_eq!(
        (&state["phase"], &state["revision"], &state["deployed"]),
        (&json!("idle"), &json!(1), &json!(1))
    );
    let strict = project.writes(0);
    let members = strict.iter().filter(|write| write.contains("fieldManager=rcompose&"));
    assert!(
        members.clone().count() > 4 && members.clone().all(|write| write.contains("fieldValidation=Strict"))
    );
    assert!(!strict.iter().any(|write| write.contains("fieldManager=rcompose&") && write.contains("force=")));
}

#[test]
fn t2_the_next_apply_writes_nothing() {
    let Some(project) = Project::behind_proxy("no op", SHOP) else { return };
    project.apply(&[]);
    let status = json!({"status": {"observedGeneration": 1, "replicas": 1, "readyReplicas": 0}});
    project.here(&[
        "patch",
        "deployment",
        "web",
        "--subresource=status",
        "--type=merge",
        "-p",
        &status.to_string(),
    ]);
    // What the controllers of a whole cluster add to it.
    let revision = json!({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}});
    let bound = json!({"metadata": {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}, "spec": {"volumeName": "pv-1"}});
    let address = json!({"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}}});
    for (object, patch, more) in [
        ("deployment/web", revision, &["--field-manager=kube-controller-manager"][..]),
        ("pvc/data", bound, &["--field-manager=kube-controller-manager"]),
        ("service/web-published", address, &["--field-manager=cloud-controller", "--subresource=status"]),
    ] {
        project.here(&[&["patch", object, "--type=merge", "-p", &patch.to_string()], more].concat());
    }
    let (before, seen) = (project.versions(), project.requests().len());
    let run = project.apply(&["--format", "json"]);
    assert!(run.stderr.contains("nothing to change"), "{}", run.stderr);
    assert_eq!((ending(&run).as_str(), objects(&run, "written").len()), ("reached", 0));
    let urls = project.requests().into_iter().skip(seen).map(|request| request["url"].to_string());
    assert!(!urls.into_iter().any(|url| url.contains("/leases")), "who writes nothing needs no lock");
    assert_eq!(project.writes(seen), Vec::<String>::new());
    assert_eq!(project.versions(), before);
    let asked = project.requests().len() - seen;
    let parent = project.get("configmap/rcompose.shop");
    let kinds = &parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"];
    let kinds = kinds.as_str().expect("kinds").split(',').count();
    let urls: Vec<Value> =
        project.requests().into_iter().skip(seen).map(|request| request["url"].clone()).collect();
    assert!(asked <= kinds + 4, "{asked} requests for {kinds} kinds: {urls:#?}");
    let (plan, code) = project.plan(&[]);
    assert_eq!(code, Some(0));
    assert!(actions(&plan).values().all(|action| action == "unchanged"), "{plan:#}");
}

#[test]
fn t3_what_the_file_lets_go_of_goes() {
    let shop = SHOP.replace("{team: red}", "{team: red, shift: night}");
    let Some(project) = Project::behind_proxy("removal", &shop) else { return };
    project.apply(&[]);
    let other = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"metadata": {"annotations": {"team": "red"}}}}});
    project.put(&other, &["apply", "--server-side", "--field-manager=other"]);
    let less =
        SHOP.replace(", '8443:443'", "").replace("LOG: info, ", "").replace("    labels: {team: red}\n", "");
    project.write(&less);
    let seen = project.requests().len();
    let run = project.apply(&["--format", "json"]);
    assert_eq!(objects(&run, "written"), ["Deployment/web", "Service/web", "Service/web-published"]);
    let members = project.writes(seen).into_iter().filter(|write| write.contains("fieldManager=rcompose&"));
    assert_eq!(members.count(), 3, "nothing else is written");
    let web = project.get("deployment/web");
    assert_eq!(
        web["spec"]["template"]["metadata"]["annotations"]["shift"],
        Value::Null,
        "nobody else owns it"
    );
    let names: Vec<&Value> = web
        .pointer("/spec/template/spec/containers/0/env")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|variable| &variable["name"])
        .collect();
    assert!(!names.contains(&&json!("LOG")), "{names:?}");
    let ports = project.get("service/web-published")["spec"]["ports"].as_array().map(Vec::len);
    assert_eq!(ports, Some(1));
    assert_eq!(web["spec"]["template"]["metadata"]["annotations"]["team"], "red", "another owns it, too");
    assert!(run.stderr.contains("field-kept") && run.stderr.contains("other"), "{}", run.stderr);
}
