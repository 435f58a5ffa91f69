//! Stack files through the real docker client, which talks to a stand-in for its daemon (ST1, ST2).
//!
//! Skipped by name where there is no docker client, or no Unix sockets.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "runs the docker client and reads goldens; `host` is for the program"
)]

#[path = "swarm/agreement.rs"]
mod agreement;
#[path = "support/directories.rs"]
mod directories;
#[path = "swarm/native.rs"]
mod native;
#[path = "support/parallel.rs"]
mod parallel;
#[expect(dead_code, reason = "what the program prints is looked at by other runners")]
#[path = "support/program.rs"]
mod program;
#[path = "swarm/projects.rs"]
mod projects;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;
mod stand_in;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use directories::directories;
use serde_json::{Value, json};
use stand_in::{Recorded, StandIn, client};

/// Returns a stand-in in a scratch directory, or says that the test is skipped.
fn start(test: &str) -> Option<(tempfile::TempDir, StandIn)> {
    if !client::is_there() {
        skip::skipped(test, "no docker client with `stack config`");
        return None;
    }
    let directory = tempfile::tempdir().expect("a scratch directory can be made");
    let stand_in = StandIn::start(directory.path());
    Some((directory, stand_in))
}

#[test]
fn examples_of_the_rule_book_deploy_silently() {
    let Some((_scratch, stand_in)) = start("swarm examples") else { return };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/swarm-examples");
    for directory in directories(&examples) {
        let name = directory.file_name().expect("a directory has a name").to_string_lossy().into_owned();
        let verdict = client::check_and_deploy(&stand_in, &directory, "stack.yaml", &name, &BTreeMap::new());
        assert!(verdict.is_silent, "{name}: {}", verdict.stderr);
        let hostile =
            client::check_and_deploy(&stand_in, &directory, "stack.yaml", &name, &hostile(&directory));
        assert_eq!(without_empty(hostile.recorded), without_empty(verdict.recorded), "{name}");
    }
}

#[test]
fn what_arrives_is_what_was_meant() {
    let Some((_scratch, stand_in)) = start("swarm values") else { return };
    let modern = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/swarm-examples/modern");
    let recorded =
        client::check_and_deploy(&stand_in, &modern, "stack.yaml", "shop", &BTreeMap::new()).recorded;
    let api = &recorded["services"]["shop_api"]["TaskTemplate"];
    // `{{"{{"}}` is for swarmkit, behind the client.
    assert_eq!(
        api["ContainerSpec"]["Env"],
        json!([
            "DSN=postgres://db/shop?opt=a$b",
            r#"LOG_FORMAT={{"{{"}}.Level}} {{"{{"}}.Msg}}"#,
            "PRICE=$5",
            "PROXY="
        ])
    );
    assert_eq!(api["ContainerSpec"]["Configs"][0]["File"]["Mode"], 0o440);
    assert_eq!(api["Resources"]["Limits"], json!({"NanoCPUs": 500_000_000, "MemoryBytes": 536_870_912}));
    assert_eq!(api["Networks"][0]["Aliases"], json!(["shop-api", "api"]));
    assert_eq!(recorded["services"]["shop_migrate"]["Mode"], json!({"ReplicatedJob": {}}));
    let db = &recorded["services"]["shop_db"]["TaskTemplate"]["ContainerSpec"];
    assert_eq!(db["Healthcheck"]["StartInterval"], 2_000_000_000);
    assert_eq!(recorded["secrets"].keys().collect::<Vec<_>>(), ["shop_db_password_b27af0daf8"]);
}

/// Returns an environment that has a value for every word of a stack file.
fn hostile(directory: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(directory.join("stack.yaml")).expect("an example has a stack file");
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| word.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_'))
        .map(|word| (word.to_owned(), "hostile".to_owned()))
        .collect()
}

/// Leaves out the variables that no stack file can keep empty (S13).
fn without_empty(mut recorded: Recorded) -> Recorded {
    for service in recorded.get_mut("services").into_iter().flat_map(BTreeMap::values_mut) {
        if let Some(Value::Array(lines)) = service.pointer_mut("/TaskTemplate/ContainerSpec/Env") {
            lines.retain(|line| {
                line.as_str().is_some_and(|line| !line.ends_with('=') && !line.ends_with("=hostile"))
            });
        }
    }
    recorded
}
