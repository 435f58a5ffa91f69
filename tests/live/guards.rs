//! T22, T23: nothing is deleted by mistake, and a project is not taken for another.

use serde_json::json;

use crate::project::{MEMBER, Project, services};

const EACH: &str = "{image: 'a:1'}";

#[test]
fn t22_a_mass_deletion_needs_a_flag_of_its_own() {
    let Some(project) = Project::behind_proxy("mass delete", &services(20, EACH)) else { return };
    project.apply(&[]);
    let before = project.members();
    project.write(&services(9, EACH));
    let seen = project.requests().len();
    for words in [&["apply", "--yes", "--prune"][..], &["apply", "--prune", "--dry-run"]] {
        let run = project.live(words);
        assert_eq!(run.code, Some(7), "{}", run.stderr);
        for word in ["mass-delete", "22 of 40 objects", "--allow-mass-delete"] {
            assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
        }
    }
    let (plan, code) = project.plan(&["--prune"]);
    assert_eq!((code, plan["problems"][0]["code"].as_str()), (Some(1), Some("mass-delete")), "{plan:#}");
    assert_eq!((project.writes(seen), project.members()), (vec![], before));
    // Without `--prune` nothing is asked, since nothing goes.
    let kept = project.apply(&[]);
    assert!(kept.stderr.contains("22 orphans kept"), "{}", kept.stderr);
    assert_eq!(project.members().len(), 40);
    // Half is not most.
    project.write(&services(10, EACH));
    project.apply(&["--prune"]);
    assert_eq!(project.members().len(), 20);
}

#[test]
fn t22_a_part_or_a_look_deletes_nothing() {
    let Some(project) = Project::behind_proxy("part", &services(3, EACH)) else { return };
    project.apply(&[]);
    project.write(&services(2, EACH).replace("s0: {image: 'a:1'}", "s0: {image: 'a:2'}"));
    let refused = project.live(&["apply", "--yes", "--prune", "s0"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("`--prune` does not go with `SERVICE`"), "{}", refused.stderr);
    let seen = project.requests().len();
    let looked = project.live(&["apply", "--prune", "--dry-run"]);
    assert_eq!(project.writes(seen), Vec::<String>::new(), "{}", looked.stderr);
    assert!(looked.stdout.contains("Deployment/s2"), "{}", looked.stdout);
    project.apply(&["s0"]);
    assert!(project.get("deployment/s2").is_object() && project.get("deployment/s1").is_object());
}

#[test]
fn t22_row_40_an_empty_project_deletes_nothing() {
    let Some(project) = Project::behind_proxy("empty", &services(3, EACH)) else { return };
    project.apply(&[]);
    let (before, seen) = (project.members(), project.requests().len());
    let whole = services(3, EACH);
    // An object of no service, that the project would still have.
    let note = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\ndata: {a: b}\n";
    project.file("templates/note.yaml.jinja", note);
    // Nothing, what is left of a file that was cut, and files in which no service is on.
    let cut = &whole[..whole.find("s0").expect("a service")];
    let asleep = "services:\n  s0: {image: 'a:1', profiles: [off]}\n";
    for (text, code) in [
        ("", "empty-file"),
        (cut, "not-a-mapping"),
        ("services: {}\n", "empty-project"),
        ("name: shop\n", "empty-project"),
        (asleep, "empty-project"),
    ] {
        project.write(text);
        let flags = [
            &["--prune", "--allow-mass-delete"][..],
            &["--prune"],
            &["--allow", "empty-project"],
            &["--dry-run"],
            &["--templates", "templates", "--prune", "--allow-mass-delete"],
        ];
        for words in flags {
            let run = project.live(&[&["apply", "--yes"], words].concat());
            assert_eq!(run.code, Some(1), "{text:?} {words:?}: {}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains(&format!("error[{code}]")), "{text:?} {words:?}: {}", run.stderr);
            let is_named = run.stderr.contains("`rcompose down`");
            assert_eq!(is_named, code == "empty-project", "the way out: {}", run.stderr);
        }
        assert_eq!(project.live(&["diff"]).code, Some(1), "{text:?}");
    }
    assert_eq!((project.writes(seen), project.members()), (vec![], before));
}

#[test]
fn t22_what_sleeps_keeps_all_that_it_has() {
    let each = "{image: 'a:1', ports: ['8080:80'], configs: [c], volumes: ['data:/data'], environment: {API_TOKEN: hunter2hunter2}";
    let rest = "configs: {c: {content: x}}\nvolumes: {data: {}}\n";
    let with = |profile: &str| format!("services:\n  s0: {EACH}\n  s1: {each}{profile}}}\n{rest}");
    let Some(project) = Project::behind_proxy("off by profile", &with("")) else { return };
    project.apply(&[]);
    let before = project.identified();
    project.write(&with(", profiles: [extra]"));
    let seen = project.requests().len();
    let run = project.apply(&["--prune", "--prune-volumes"]);
    assert!(run.stderr.contains("nothing to change"), "{}", run.stderr);
    assert_eq!((project.writes(seen), project.identified()), (vec![], before));
}

#[test]
fn t22_a_failed_apply_deletes_nothing() {
    let Some(mut project) = Project::behind_proxy("failed", &services(3, EACH)) else { return };
    project.apply(&[]);
    project.write(&services(2, EACH).replace("s0: {image: 'a:1'}", "s0: {image: 'a:2'}"));
    let rule = json!([{"method": "PATCH", "url": format!("deployments/s0\\?{MEMBER}"), "fault": "status", "status": 403,
        "body": r#"{"kind":"Status","code":403,"reason":"Forbidden","message":"not on Sundays"}"#}]);
    project.proxy().faults(&rule);
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes", "--prune"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("not on Sundays"), "{}", run.stderr);
    assert!(!project.writes(seen).iter().any(|write| write.starts_with("DELETE")));
    assert!(project.get("deployment/s2").is_object());
}

#[test]
fn t22_another_project_beside_keeps_what_it_has() {
    let Some(project) = Project::behind_proxy("beside", &services(2, EACH)) else { return };
    project.apply(&[]);
    let other = "services:\n  other: {image: 'b:1'}\n  gone: {image: 'b:1'}\n";
    let beside = |words: &[&str]| {
        let here = ["--context", "testbed", "-n", &project.namespace, "-p", "store"];
        let run = project.run(&[words, &here].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    };
    project.write(other);
    beside(&["apply", "--yes"]);
    // Of nobody, of another set, and one that looks like ours but for the label of the set.
    let ours = json!({"app.kubernetes.io/name": "s9", "app.kubernetes.io/instance": "store", "app.kubernetes.io/part-of": "store",
        "app.kubernetes.io/managed-by": "rcompose"});
    let set =
        json!({"applyset.kubernetes.io/part-of": "applyset-x-v1", "app.kubernetes.io/instance": "store"});
    for (name, labels) in [("nobodys", json!({})), ("another-sets", set), ("s9", ours)] {
        let object =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels}});
        project.put(&object, &["create"]);
    }
    project.write("services:\n  other: {image: 'b:1'}\n");
    let foreign = || ["nobodys", "another-sets", "s9"].map(|name| project.get(&format!("configmap/{name}")));
    let (before, seen) = (foreign(), project.requests().len());
    beside(&["apply", "--yes", "--prune"]);
    let there = |name: &str| project.get(&format!("deployment/{name}")).is_object();
    assert_eq!([there("s0"), there("s1"), there("other"), there("gone")], [true, true, true, false]);
    beside(&["down", "--yes"]);
    assert_eq!([there("s0"), there("s1"), there("other")], [true, true, false]);
    assert_eq!(foreign(), before);
    let touched = project
        .writes(seen)
        .into_iter()
        .filter(|write| ["nobodys", "another", "s9"].iter().any(|name| write.contains(name)));
    assert_eq!(touched.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn t23_row_38_39_a_project_is_known_by_where_it_comes_from() {
    let Some(project) = Project::behind_proxy("identity", &services(2, EACH)) else { return };
    project.repository("https://example.org/team/shop.git");
    project.apply(&[]);
    let seen = project.requests().len();
    let renamed =
        project.run(&["apply", "--yes", "--context", "testbed", "-n", &project.namespace, "-p", "store"]);
    assert_eq!(renamed.code, Some(7), "{}", renamed.stderr);
    assert!(
        renamed.stderr.contains("project-renamed") && renamed.stderr.contains("shop"),
        "{}",
        renamed.stderr
    );
    project.repository("https://example.org/others/shop.git");
    let other = project.live(&["apply", "--yes"]);
    assert_eq!(other.code, Some(7), "{}", other.stderr);
    assert!(other.stderr.contains("project-collision"), "{}", other.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    project.apply(&["--same-project"]);
}
