//! T22, T23: nothing is deleted by mistake, and a project is not taken for another.

use serde_json::json;

use crate::project::{MEMBER, Project, services};

const EACH: &str = "{image: 'a:1'}";

#[test]
fn t22_a_mass_deletion_needs_a_flag_of_its_own() {
    let Some(project) = Project::behind_proxy("mass delete", &services(12, EACH)) else { return };
    project.apply(&[]);
    project.write(&services(2, EACH));
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes", "--prune"]);
    assert_eq!(run.code, Some(7), "{}", run.stderr);
    assert!(
        run.stderr.contains("mass-delete") && run.stderr.contains("--allow-mass-delete"),
        "{}",
        run.stderr
    );
    assert_eq!(project.writes(seen), Vec::<String>::new());
}

#[test]
fn t22_a_part_or_a_look_deletes_nothing() {
    let Some(project) = Project::behind_proxy("part", &services(3, EACH)) else { return };
    project.apply(&[]);
    project.write(&services(2, EACH).replace("s0: {image: 'a:1'}", "s0: {image: 'a:2'}"));
    let refused = project.live(&["apply", "--yes", "--prune", "s0"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("--prune"), "{}", refused.stderr);
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
    project.write("services:\n  s0: {image: 'a:1', profiles: [off]}\n");
    let seen = project.requests().len();
    let run = project.live(&["apply", "--yes", "--prune", "--allow-mass-delete"]);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
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
    project.write("services:\n  other: {image: 'b:1'}\n");
    beside(&["apply", "--yes", "--prune"]);
    let there = |name: &str| project.get(&format!("deployment/{name}")).is_object();
    assert_eq!([there("s0"), there("s1"), there("other"), there("gone")], [true, true, true, false]);
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
