//! T15, rows 12 to 14: what must be there first, namespaces and kinds, is made first or named, and what needs it comes right at the
//! first apply.

use serde_json::{Value, json};

use crate::project::{MEMBER, Project, actions};
use crate::reading::{find, outcomes, result, state};

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

#[test]
fn t15_row_12_a_namespace_is_made_only_when_asked_for() {
    let Some(project) = Project::without_namespace("bootstrap", WEB) else { return };
    let project = project.with_proxy();
    let run = project.live(&["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("namespace-missing") && run.stderr.contains("--create-namespace"),
        "{}",
        run.stderr
    );
    assert_eq!(project.writes(0), Vec::<String>::new());
    let seen = project.requests().len();
    let run = project.apply(&["--create-namespace", "-o", "json"]);
    let result = result(&run);
    assert_eq!(result["ending"], "reached", "{result:#}");
    assert!(outcomes(&result).values().all(|outcome| outcome == "written"), "{result:#}");
    let writes = project.writes(seen);
    assert_eq!(writes.first().map(String::as_str), Some("POST /api/v1/namespaces"), "{writes:?}");
    assert_eq!(
        project.get("deployment/web")["spec"]["template"]["spec"]["containers"][0]["image"],
        "shop/web:1.4"
    );
    project.nothing_to_change(&["--create-namespace"]);
}

/// A kind and an object of it, as a template of the user brings them; the object stands first.
fn definition(group: &str) -> String {
    format!(
        "apiVersion: {group}/v1
kind: Widget
metadata: {{name: small}}
spec: {{size: 3}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.{group}}}
spec:
  group: {group}
  names: {{kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {{spec: {{type: object, properties: {{size: {{type: integer, minimum: 1}}}}}}}}
"
    )
}

#[test]
fn t15_row_14_a_kind_and_an_object_of_it_come_in_one_run() {
    let Some(project) = Project::behind_proxy("kind", WEB) else { return };
    let group = format!("{}.example.org", project.namespace);
    project.file("templates/widget.yaml.jinja", &definition(&group));
    let words = ["--templates", "templates", "--allow-cluster-scoped"];
    let refused = project.live(&["apply", "--yes", "--templates", "templates"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("--allow-cluster-scoped"), "{}", refused.stderr);
    assert_eq!(project.writes(0), Vec::<String>::new());

    // Who looks may say so, too, and sees the plan of that apply.
    let (plan, code) = project.plan(&["--templates", "templates"]);
    assert_eq!(
        (code, actions(&plan)[&format!("CustomResourceDefinition/widgets.{group}")].as_str()),
        (Some(1), "rejected")
    );
    let (plan, code) = project.plan(&words);
    assert!(code == Some(2) && actions(&plan).values().all(|action| action == "create"), "{plan:#}");

    let shown = project.apply(&[&words[..], &["--dry-run", "-o", "json"]].concat());
    let plan: Value = serde_json::from_str(&shown.stdout).expect("a plan");
    assert!(actions(&plan).values().all(|action| action == "create"), "{plan:#}");
    assert_eq!(find(&plan, "Widget/small")["check"], "later", "nobody could judge it yet");
    assert_eq!(project.writes(0), Vec::<String>::new());

    let run = project.apply(&[&words[..], &["-o", "json"]].concat());
    let result = result(&run);
    assert!(outcomes(&result).values().all(|outcome| outcome == "written"), "{result:#}");
    assert_eq!(outcomes(&result).len(), actions(&plan).len(), "{result:#}");
    let widget = project.get(&format!("widgets.{group}/small"));
    assert_eq!(widget["spec"]["size"], 3, "{widget:#}");
    // It was put to the server in a dry-run once its kind was there, and before any other member was written.
    let documents = project.run(&["convert", "--templates", "templates"]).stdout;
    let place = |kind: &str| {
        documents.find(&format!("kind: {kind}\n")).unwrap_or_else(|| panic!("no {kind}: {documents}"))
    };
    assert!(place("CustomResourceDefinition") < place("Widget"), "{documents}");
    let requests = project.requests();
    let at = |url: &str, dry: bool| {
        let is_it = |request: &&Value| {
            let shown = request["url"].as_str().unwrap_or_default();
            request["method"] == "PATCH" && shown.contains(url) && shown.contains("dryRun") == dry
        };
        let found = requests.iter().rposition(|request| is_it(&request));
        found.unwrap_or_else(|| panic!("no {url}: {requests:#?}"))
    };
    let order = [at("customresourcedefinitions/", false), at("widgets/", true), at("deployments/web", false)];
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(requests[order[1]]["status"], 201);

    project.nothing_to_change(&words);
    let kinds = project.get("configmap/rcompose.shop")["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].clone();
    assert!(kinds.as_str().is_some_and(|kinds| kinds.contains(&format!("Widget.{group}"))), "{kinds}");
    goes_without_its_kind(&project, &group);
}

/// The object goes with the template; the kind, which others may use, never (A91).
fn goes_without_its_kind(project: &Project, group: &str) {
    let pruned = project.apply(&["--prune"]);
    assert!(pruned.stderr.contains("prune-retained"), "{}", pruned.stderr);
    assert_eq!(project.get(&format!("widgets.{group}/small")), Value::Null);
    let definition = project.get(&format!("customresourcedefinition/widgets.{group}"));
    assert_eq!(definition["metadata"]["deletionTimestamp"], Value::Null);
    assert!(definition["metadata"]["uid"].is_string(), "{definition:#}");
    project.kubectl(&["delete", "customresourcedefinition", &format!("widgets.{group}"), "--wait=false"]);
}

#[test]
fn t15_row_14_what_the_new_kind_refuses_stops_the_run_before_any_other_member() {
    let Some(project) = Project::behind_proxy("kind refuses", WEB) else { return };
    let group = format!("{}.example.org", project.namespace);
    project.file("templates/widget.yaml.jinja", &definition(&group).replace("size: 3", "size: 0"));
    let run =
        project.live(&["apply", "--yes", "--templates", "templates", "--allow-cluster-scoped", "-o", "json"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("Widget/small") && run.stderr.contains("spec.size"), "{}", run.stderr);
    assert_eq!(project.members(), Vec::<String>::new(), "only the kind is there");
    assert_eq!(result(&run)["ending"], "part-way");
    assert_eq!(state(&project)["phase"], "failed");
    project.kubectl(&["delete", "customresourcedefinition", &format!("widgets.{group}"), "--wait=false"]);
}

#[test]
fn t15_row_14_a_kind_that_nobody_defines_is_named_at_once() {
    let Some(project) = Project::without_namespace("kind unknown", WEB) else { return };
    let project = project.with_proxy();
    let widget = definition("nobody.example.org");
    let widget = widget.split("---").next().expect("the object stands first");
    project.file("templates/widget.yaml.jinja", widget);
    let words = ["apply", "--yes", "--create-namespace", "--templates", "templates", "-o", "json"];
    let run = project.live(&words);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("Widget.nobody.example.org"), "{}", run.stderr);
    let plan: Value = serde_json::from_str(&run.stdout).expect("a plan and nothing else");
    assert_eq!(actions(&plan)["Widget/small"], "rejected");
    assert_eq!(find(&plan, "Deployment/web")["check"], "later", "the namespace is still to come");
    assert_eq!(project.writes(0), Vec::<String>::new());
}

fn on_its_way_out(project: &Project) {
    let keep = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stays", "finalizers": ["example.org/stay"]}});
    project.put(&keep, &["create"]);
    project.kubectl(&["delete", "namespace", &project.namespace, "--wait=false"]);
}

fn let_go(project: &Project) {
    let free = r#"{"metadata":{"finalizers":null}}"#;
    project.here(&["patch", "configmap", "stays", "--type=merge", "-p", free]);
}

#[test]
fn t15_row_13_a_namespace_on_its_way_out_is_named() {
    let Some(project) = Project::behind_proxy("terminating", WEB) else { return };
    on_its_way_out(&project);
    for words in [&["apply", "--yes"][..], &["apply", "--yes", "--create-namespace"]] {
        let run = project.live(words);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stderr.contains("namespace-terminating"), "{}", run.stderr);
        assert!(run.stderr.contains(&project.namespace), "{}", run.stderr);
    }
    // Who asks for a namespace is told that it is there by the answer to asking for it.
    let writes = project.writes(0);
    assert!(writes.iter().all(|write| write == "POST /api/v1/namespaces"), "{writes:?}");
    let_go(&project);
}

#[test]
fn t15_row_13_a_namespace_that_goes_while_we_write_is_named() {
    let Some(mut project) = Project::behind_proxy("terminating late", WEB) else { return };
    // The parent is there and the lock, when the namespace goes.
    let run = project.meanwhile(&["apply", "--yes", "-o", "json"], MEMBER, on_its_way_out);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("namespace-terminating"), "{}", run.stderr);
    assert_eq!((result(&run)["ending"].as_str(), project.members()), (Some("part-way"), vec![]));
    let_go(&project);
}
