//! The sixteen applications that rcompose was asked for go through a whole life: they are applied, again without a single write,
//! changed, looked at, pruned, and taken down, with nothing left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::parallel;
use crate::program::Stage;
use crate::project::{Project, actions};
use crate::shared::shared;

/// One service and its configuration more, and another variable of a service that is there.
const MORE: &str = "more.yaml";

#[test]
fn the_sixteen_applications_live_through_all_of_it() {
    let Some(examples) = shared("live: applications", "examples") else { return };
    let mut directories: Vec<_> = fs::read_dir(&examples)
        .expect("the examples can be listed")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    directories.sort();
    assert_eq!(directories.len(), 16, "there are sixteen examples");
    parallel::each(&directories, |directory| life(directory));
}

fn life(directory: &Path) {
    let name = directory.file_name().expect("an example has a name").to_string_lossy().into_owned();
    let stage = Stage::of(directory, &name, &[]);
    let Some(project) = Project::copied(&name, stage, &name, BTreeMap::new()) else { return };
    let files = files(&name, directory);
    more(&project, &files);
    let changed: Vec<&str> = files.iter().copied().chain(["-f", MORE]).collect();

    let first = first_apply(&name, &project, &files);
    nothing_is_written(&name, &project, &files);
    nothing_differs(&name, &project, &files);
    change(&name, &project, &changed);
    nothing_is_written(&name, &project, &changed);
    prune(&name, &project, &files);
    assert_eq!(project.members(), first, "{name}: it is as it was");
    nothing_is_written(&name, &project, &files);
    down(&name, &project, &files);
}

/// What a user would write to name the files.
fn files(name: &str, directory: &Path) -> Vec<&'static str> {
    if name == "dev-prod-override" {
        return vec!["-f", "docker-compose.yml", "-f", "docker-compose.prod.yml"];
    }
    let all = ["docker-compose.yml", "docker-compose.yaml"];
    let file = all.into_iter().find(|file| directory.join(file).exists());
    vec!["-f", file.expect("it has a Compose file")]
}

fn more(project: &Project, files: &[&str]) {
    let run = project.run(&[files, &["config", "--format", "json"]].concat());
    let config: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let services = config["services"].as_object().expect("it has services");
    let (service, first) = services.iter().next().expect("it has a service");
    // On the same networks as that one, so that it brings no policies of its own.
    let networks: Vec<&String> =
        first["networks"].as_object().into_iter().flat_map(|all| all.keys()).collect();
    let more = json!({
        "services": {
            service: {"environment": {"MORE": "yes"}},
            "extra": {"image": "example.org/extra:1", "configs": ["more"], "networks": networks},
        },
        "configs": {"more": {"content": "a text"}},
    });
    project.file(MORE, &more.to_string());
}

/// Applies, and returns what is there then.
fn first_apply(name: &str, project: &Project, files: &[&str]) -> Vec<String> {
    let (plan, code) = project.plan(files);
    assert_eq!(code, Some(2), "{name}: {plan:#}");
    assert!(actions(&plan).values().all(|action| action == "create"), "{name}: {plan:#}");
    assert_eq!(project.writes(0), Vec::<String>::new(), "{name}: a diff writes nothing");
    project.apply(files);
    let members = project.members();
    let planned: Vec<String> = actions(&plan).into_keys().collect();
    assert_eq!(members, planned, "{name}: what was shown is there");
    members
}

fn nothing_is_written(name: &str, project: &Project, files: &[&str]) {
    let seen = project.requests().len();
    let run = project.apply(files);
    assert!(run.stderr.contains("nothing to change"), "{name}: {}", run.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new(), "{name}");
}

fn nothing_differs(name: &str, project: &Project, files: &[&str]) {
    let diff = project.live(&[&["diff"], files].concat());
    assert_eq!((diff.code, diff.stdout.as_str()), (Some(0), ""), "{name}: {}", diff.stderr);
}

fn change(name: &str, project: &Project, files: &[&str]) {
    let diff = project.live(&[&["diff"], files].concat());
    assert_eq!(diff.code, Some(2), "{name}: {}", diff.stderr);
    for word in ["MORE", "Deployment/extra"] {
        assert!(diff.stdout.contains(word), "{name}: {word} is missing: {}", diff.stdout);
    }
    project.apply(files);
    let extra = project.get("deployment/extra");
    assert_eq!(extra.pointer("/spec/template/spec/containers/0/image"), Some(&json!("example.org/extra:1")));
    assert!(project.here(&["get", "deployments,daemonsets", "-o", "yaml"]).contains("name: MORE"), "{name}");
}

fn prune(name: &str, project: &Project, files: &[&str]) {
    let mut words = [&["apply", "--yes", "--prune"], files].concat();
    let seen = project.requests().len();
    let mut run = project.live(&words);
    if run.stderr.contains("mass-delete") {
        // Where the application is one service, what was added is more than half: that needs a word of its own.
        assert_eq!((run.code, project.writes(seen)), (Some(7), vec![]), "{name}: {}", run.stderr);
        words.push("--allow-mass-delete");
        run = project.live(&words);
    }
    assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
    assert!(run.stderr.contains("Deployment/extra"), "{name}: {}", run.stderr);
    assert_eq!(project.get("deployment/extra"), Value::Null, "{name}");
    let live = project.here(&["get", "deployments,daemonsets", "-o", "yaml"]);
    assert!(!live.contains("name: MORE"), "{name}: the variable goes with the file that had it");
}

fn down(name: &str, project: &Project, files: &[&str]) {
    let run = project.live(&[&["down", "--yes"], files].concat());
    assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
    let left = project.versions();
    assert!(left.iter().all(|object| object.starts_with("PersistentVolumeClaim/")), "{name}: {left:?}");
    // No controller is here to let go of claims that nobody uses.
    for claim in project.members() {
        let free = r#"{"metadata":{"finalizers":null}}"#;
        project.here(&["patch", &claim, "--type=merge", "-p", free]);
    }
    let run = project.live(&[&["down", "--yes", "--volumes"], files].concat());
    assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
    assert_eq!((project.versions(), project.members()), (vec![], vec![]), "{name}: nothing is left");
    let rest = project.live(&[&["status"], files].concat());
    assert!(rest.stdout.contains("not there"), "{name}: {}{}", rest.stdout, rest.stderr);
}
