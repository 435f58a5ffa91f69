//! Our own applications, converted to both targets, say what `expect.txt` says: names that answer, ports, walls, what stays.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/reader/mod.rs"]
mod reader;

use std::fs;
use std::path::{Path, PathBuf};

use program::Stage;
use reader::{Objects, parse};

#[test]
fn projects_work_as_a_reader_would_expect() {
    let projects = projects();
    assert!(projects.len() >= 16, "the projects were not found");
    let faults: Vec<String> = parallel::each(&projects, |project| {
        let name = project.file_name().expect("a project has a name").to_string_lossy().into_owned();
        let stage = Stage::of(project, &name, &["kubernetes", "swarm", "problems.txt", "expect.txt"]);
        let arguments = fs::read_to_string(project.join("case.args")).unwrap_or_default();
        let arguments: Vec<String> = arguments.lines().map(str::to_owned).collect();
        reader::check(&stage, &arguments, &project.join("expect.txt"))
            .err()
            .map(|fault| format!("{name}\n{fault}"))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} of {} projects:\n{}", faults.len(), projects.len(), faults.join("\n"));
}

#[test]
fn the_reader_sees_what_policies_hide() {
    // The matrix of docs/design/kubernetes-network.md, 7.2.
    let example =
        concat!(env!("CARGO_MANIFEST_DIR"), "/docs/design/kubernetes-network-examples/isolation.yaml");
    let objects =
        Objects::read(&fs::read_to_string(example).expect("the example is in the repository")).expect("YAML");
    let holds = |text: &str| {
        let line = parse(text).expect("a sentence").expect("not blank");
        objects.answer(&line.sentence).is_ok()
    };
    for (text, expected) in [
        ("web cannot reach db", true),
        ("db cannot reach web", true),
        ("api cannot reach db", false),
        ("web reaches db on 5432", false),
        ("api reaches db on 5432", true),
        ("db resolves", true),
        ("nobody resolves", false),
        ("outside reaches web on 8080 as 80", true),
        ("outside reaches web on 80", false),
        ("outside cannot reach db", true),
        ("outside cannot reach web", false),
    ] {
        assert_eq!(holds(text), expected, "{text}");
    }
}

fn projects() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
    let entries = fs::read_dir(directory).expect("projects are in the repository");
    let mut found: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
