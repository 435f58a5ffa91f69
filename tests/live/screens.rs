//! What people read: short where nothing changes, ages as people say them, nothing of the translation where it is not asked for.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use crate::program::Stage;
use crate::project::Project;

/// With a warning and notes of the translation.
const WEB: &str = "
services:
  web: {build: ., ports: ['8080:80']}
";

#[test]
fn what_the_translation_found_is_told_once_and_only_where_it_matters() {
    let Some(project) = Project::new("findings", WEB) else { return };
    let first = project.apply(&[]);
    assert!(first.stderr.contains("warning[image-must-be-pushed]"), "{}", first.stderr);
    assert!(first.stderr.contains("\nshop: 3 written, not waited for\n"), "{}", first.stderr);
    let again = project.apply(&[]);
    assert_eq!(again.stderr.lines().count(), 1, "{}", again.stderr);
    assert!(again.stderr.starts_with("shop: nothing to change (1 warning, "), "{}", again.stderr);
    let in_full = project.apply(&["-v"]);
    assert!(in_full.stderr.contains("warning[image-must-be-pushed]"), "{}", in_full.stderr);
    let diff = project.live(&["diff"]);
    assert!(diff.stdout.is_empty() && diff.stderr.starts_with("shop: no difference ("), "{}", diff.stderr);
    let status = project.live(&["status"]);
    assert_eq!((status.code, status.stderr.as_str()), (Some(0), ""));
    let down = project.live(&["down", "--yes"]);
    assert_eq!(down.code, Some(0), "{}", down.stderr);
    for word in ["warning", "note", "orphan"] {
        assert!(!down.stderr.contains(word), "{word}: {}", down.stderr);
    }
    let nothing = project.live(&["down", "--yes"]);
    assert_eq!((nothing.code, nothing.stderr.as_str()), (Some(0), "shop: nothing is there\n"));
    let status = project.live(&["status"]);
    assert!(status.stdout.ends_with("· not there\n"), "{}", status.stdout);
}

#[test]
fn a_file_that_cannot_be_applied_any_more_can_be_looked_at_and_taken_down() {
    let Some(project) = Project::new("unset", "services: {web: {image: 'shop/web:1'}}\n") else { return };
    project.apply(&[]);
    project.write("services: {web: {image: 'shop/web:${RELEASE}'}}\n");
    let refused = project.live(&["apply", "--yes"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("error[unset-variable]"), "{}", refused.stderr);
    let status = project.live(&["status"]);
    assert!(
        status.code == Some(0) && status.stdout.contains("shop/web:1 "),
        "{}{}",
        status.stdout,
        status.stderr
    );
    let down = project.live(&["down", "--yes"]);
    assert_eq!(down.code, Some(0), "{}", down.stderr);
    assert_eq!(project.members(), Vec::<String>::new());
}

#[test]
fn a_conflict_says_since_when_and_is_seen_without_a_dry_run_too() {
    let Some(project) = Project::new("since", "services: {web: {image: 'shop/web:1'}}\n") else { return };
    project.apply(&[]);
    let edit = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "shop/web:hotfix"}]}}}});
    project.edit(&edit);
    for words in [&["diff"][..], &["diff", "--read-only"]] {
        let run = project.live(words);
        assert_eq!(run.code, Some(1), "{words:?}: {}", run.stderr);
        let line = run.stdout.lines().find(|line| line.starts_with("! Deployment/web"));
        let line = line.unwrap_or_else(|| panic!("{words:?}: {}", run.stdout));
        assert!(line.contains("image is shop/web:hotfix, ours shop/web:1; kubectl-edit, "), "{line}");
        let age = line.rsplit(", ").next().unwrap_or_default();
        assert!(age.ends_with("s ago") || age.ends_with("m ago"), "{line}");
    }
}

#[test]
fn defaults_of_the_server_are_shown_on_demand() {
    let Some(project) = Project::new("defaults", "services: {web: {image: 'shop/web:1'}}\n") else { return };
    // `dnsPolicy`.
    let field = "+ \"ClusterFirst\"";
    let plain = project.live(&["diff"]);
    assert!(plain.stdout.contains("+ Deployment/web") && !plain.stdout.contains(field), "{}", plain.stdout);
    let shown = project.live(&["diff", "--show-defaults"]);
    assert!(shown.stdout.contains(field), "{}", shown.stdout);
    let plain = project.live(&["diff", "--format", "unified"]);
    assert!(!plain.stdout.contains("ClusterFirst"), "{}", plain.stdout);
    let shown = project.live(&["diff", "--format", "unified", "--show-defaults"]);
    assert!(shown.stdout.contains("ClusterFirst"), "{}", shown.stdout);
}

#[test]
fn a_console_without_utf_8_gets_plain_signs() {
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    fs::write(scratch.path().join("compose.yaml"), "services: {web: {image: 'shop/web:1'}}\n")
        .expect("a scratch file can be written");
    let environment = BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]);
    let stage = Stage::of(scratch.path(), "shop", &[]);
    let Some(project) = Project::copied("plain", stage, "shop", environment) else { return };
    let said = [project.live(&["diff"]), project.apply(&[]), project.live(&["status"])];
    for run in &said {
        assert!(run.stdout.is_ascii() && run.stderr.is_ascii(), "{}{}", run.stdout, run.stderr);
    }
    assert!(said[0].stdout.starts_with("shop -> testbed "), "{}", said[0].stdout);
    assert!(said[1].stderr.contains("\nok Deployment/web  created\n"), "{}", said[1].stderr);
}

#[test]
fn words_of_roles_come_from_the_server_where_one_is_named() {
    let Some(project) = Project::new("plurals", "services: {web: {image: 'shop/web:1'}}\n") else { return };
    let group = format!("{}.example.org", project.namespace);
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("oxen.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Ox", "plural": "oxen", "singular": "ox"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]},
    });
    project.put(&definition, &["apply", "--server-side"]);
    project.kubectl(&["wait", "--for=condition=Established", "crd", &format!("oxen.{group}")]);
    project.directory("more");
    let ox = json!({"apiVersion": format!("{group}/v1"), "kind": "Ox", "metadata": {"name": "big"}});
    project.file("more/ox.yaml.jinja", &ox.to_string());
    let words = ["role", "-n", &project.namespace, "-p", "shop", "--templates", "more"];
    let guessed = project.run(&words);
    assert_eq!(guessed.code, Some(0), "{}", guessed.stderr);
    assert!(guessed.stdout.contains("- oxes\n"), "{}", guessed.stdout);
    let said = "`Ox` of ";
    assert!(guessed.stderr.contains(said) && guessed.stderr.contains("`oxes`"), "{}", guessed.stderr);
    let known = project.live(&["role", "--templates", "more"]);
    assert_eq!((known.code, known.stderr.as_str()), (Some(0), ""));
    assert!(known.stdout.contains("- oxen\n") && !known.stdout.contains("oxes"), "{}", known.stdout);
    project.kubectl(&["delete", "crd", &format!("oxen.{group}")]);
}

#[test]
fn plans_say_where_a_service_stands_and_down_which_flag_takes_volumes() {
    let compose =
        "services:\n  db:\n    volumes: ['data:/data']\n    image: 'shop/db:1'\nvolumes: {data: {}}\n";
    let Some(project) = Project::new("places", compose) else { return };
    let applied = project.apply(&[]);
    let beside = |run: &str, name: &str| {
        let line = run.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {run}"));
        line.split("  ").last().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(beside(&applied.stderr, "+ Deployment/db"), "compose.yaml:2");
    assert_eq!(beside(&applied.stderr, "+ PersistentVolumeClaim/data"), "compose.yaml:5");
    let down = project.live(&["down", "--yes"]);
    assert_eq!(beside(&down.stderr, "- Deployment/db"), "deleted");
    let kept = "kept: holds data (`--volumes` removes it)";
    assert_eq!(beside(&down.stderr, "- PersistentVolumeClaim/data"), kept);
}
