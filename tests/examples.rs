//! The sixteen applications that rcompose was asked for: loaded as Docker Compose loads them, converted to what a reader expects.
//!
//! They are not ours and lie outside the repository; what is expected of them stands in `fixtures/examples`.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/directories.rs"]
mod directories;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/reader/mod.rs"]
mod reader;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use directories::directories;
use program::Stage;
use serde_json::Value;

#[test]
fn examples_work_as_a_reader_would_expect() {
    let Some(examples) = shared::shared("examples", "examples") else { return };
    let expectations = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/examples");
    judge(&examples, |name, stage| {
        reader::check(stage, &arguments(name), &expectations.join(format!("{name}.txt")))
    });
}

#[test]
fn examples_load_as_docker_compose_loads_them() {
    let Some(examples) = shared::shared("examples as loaded", "examples") else { return };
    let Some(expected) = shared::shared("examples as loaded", "examples-expected") else { return };
    judge(&examples, |name, stage| {
        let arguments = arguments(name);
        let words = arguments.iter().map(String::as_str).chain(["config", "--format", "json"]);
        let run = stage.run(".", &BTreeMap::new(), &words.collect::<Vec<_>>());
        let above = stage.directory.parent().expect("a copy lies in a directory").display().to_string();
        let ours: Value = serde_json::from_str(&run.stdout.replace(&above, "/srv/corpus"))
            .map_err(|error| format!("{error}\n{}", run.stderr))?;
        let text =
            fs::read_to_string(expected.join(format!("{name}.json"))).map_err(|error| error.to_string())?;
        let theirs: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if ours == theirs { Ok(()) } else { Err(format!("expected {theirs:#}\ngot {ours:#}")) }
    });
}

fn judge(examples: &Path, work: impl Fn(&str, &Stage) -> Result<(), String> + Sync) {
    let examples = directories(examples);
    assert_eq!(examples.len(), 16, "there are sixteen examples");
    let faults: Vec<String> = parallel::each(&examples, |example| {
        let name = example.file_name().expect("an example has a name").to_string_lossy().into_owned();
        work(&name, &Stage::of(example, &name, &[])).err().map(|fault| format!("{name}\n{fault}"))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} of {} examples:\n{}", faults.len(), examples.len(), faults.join("\n"));
}

/// Returns what a user would write before the command.
fn arguments(name: &str) -> Vec<String> {
    let files: &[&str] =
        if name == "dev-prod-override" { &["docker-compose.yml", "docker-compose.prod.yml"] } else { &[] };
    files.iter().flat_map(|file| ["-f".to_owned(), (*file).to_owned()]).collect()
}
