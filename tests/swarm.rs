//! Stack files through the real docker client, which talks to a stand-in for its daemon (ST1, ST2).
//!
//! Skipped by name where there is no docker client, or no Unix sockets.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "runs the docker client and reads goldens; `host` is for the program"
)]

#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/skip.rs"]
mod skip;
mod stand_in;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rcompose::backend::swarm::breaches;
use serde_json::{Value, json};
use stand_in::client::{self, Verdict};
use stand_in::{Recorded, StandIn};

/// Returns a stand-in in a scratch directory, or says that the test is skipped.
fn stand_in(test: &str) -> Option<(tempfile::TempDir, StandIn)> {
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
    let Some((_scratch, stand_in)) = stand_in("swarm examples") else { return };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/swarm-examples");
    for directory in directories(&examples) {
        let name = directory.file_name().expect("a directory has a name").to_string_lossy().into_owned();
        let verdict = client::deploy(&stand_in, &directory, "stack.yaml", &name, &BTreeMap::new());
        assert!(verdict.is_silent, "{name}: {}", verdict.stderr);
        let hostile = client::deploy(&stand_in, &directory, "stack.yaml", &name, &hostile(&directory));
        assert_eq!(without_empty(hostile.recorded), without_empty(verdict.recorded), "{name}");
    }
}

#[test]
fn what_arrives_is_what_was_meant() {
    let Some((_scratch, stand_in)) = stand_in("swarm values") else { return };
    let modern = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/swarm-examples/modern");
    let recorded = client::deploy(&stand_in, &modern, "stack.yaml", "shop", &BTreeMap::new()).recorded;
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

/// A stack with every kind of key that is written, legal for client and daemon.
fn full() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/swarm/full.json");
    let text = fs::read_to_string(path).expect("the fixture is in the repository");
    serde_json::from_str(&text).expect("the fixture is JSON")
}

/// Asks the client about a tree; JSON is YAML too.
fn ask(stand_in: &StandIn, scratch: &Path, tree: &Value) -> Verdict {
    let directory = tempfile::tempdir_in(scratch).expect("a scratch directory can be made");
    for (name, text) in [("data", "x"), ("x", "x"), ("stack.json", &tree.to_string())] {
        fs::write(directory.path().join(name), text).expect("a scratch directory can be written");
    }
    client::deploy(stand_in, directory.path(), "stack.json", "demo", &BTreeMap::new())
}

#[test]
fn the_check_takes_what_the_client_takes() {
    let Some((scratch, stand_in)) = stand_in("swarm check") else { return };
    let verdict = ask(&stand_in, scratch.path(), &full());
    assert!(verdict.is_silent, "{}", verdict.stderr);
    assert_eq!(breaches("demo", &full()), []);
}

#[test]
fn the_check_refuses_what_the_client_refuses() {
    let Some((scratch, stand_in)) = stand_in("swarm check of faults") else { return };
    let accepted: Vec<(String, Value)> = mutations(&full())
        .into_iter()
        .filter_map(|(path, value)| {
            let mut tree = full();
            *tree.pointer_mut(&path).expect("the place is there") = value.clone();
            // The daemon's own rules are in the check too, so it may refuse what the client takes.
            breaches("demo", &tree).is_empty().then(|| (format!("{path} = {value}"), tree))
        })
        .collect();
    assert!(accepted.len() > 100, "nearly nothing is taken: {}", accepted.len());
    let faults: Vec<String> = parallel::each(&accepted, |(what, tree)| {
        let verdict = ask(&stand_in, scratch.path(), tree);
        (!verdict.is_silent).then(|| format!("{what}: the client says {}", verdict.stderr))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn faults_that_only_the_client_knows_are_refused_by_both() {
    let Some((scratch, stand_in)) = stand_in("swarm faults") else { return };
    for (path, value) in [
        ("/services/web/container_name", json!("x")),
        ("/services/web/build", json!(".")),
        ("/services/web/privileged", json!(true)),
        ("/services/web/restart", json!("always")),
        ("/services/web/expose", json!(["80"])),
        ("/services/web/network_mode", json!("host")),
        ("/services/web/platform", json!("linux/amd64")),
        ("/services/web/mem_limit", json!("1G")),
        ("/services/web/pull_policy", json!("always")),
        ("/services/web/nonsense", json!(1)),
        ("/services/web/deploy/nonsense", json!(1)),
        ("/networks/n/enable_ipv6", json!(true)),
        ("/networks/n/ipam/options", json!({})),
        ("/configs/c/content", json!("x")),
        ("/secrets/s/environment", json!("X")),
        ("/name", json!("demo")),
    ] {
        let mut tree = full();
        let (above, key) = path.rsplit_once('/').expect("a path has a last part");
        tree.pointer_mut(above).expect("the place is there")[key] = value;
        assert!(!ask(&stand_in, scratch.path(), &tree).is_silent, "the client takes {path}");
        assert_ne!(breaches("demo", &tree), [], "the check takes {path}");
    }
}

/// Returns other values for each place of a tree: of other types, and a few that look right.
fn mutations(tree: &Value) -> Vec<(String, Value)> {
    let others = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1),
        json!(0.5),
        json!("x"),
        json!(""),
        json!([]),
        json!({}),
        json!("$X"),
        json!(["x", "x"]),
    ];
    let mut found = Vec::new();
    let mut open = vec![(String::new(), tree)];
    while let Some((path, value)) = open.pop() {
        if !path.is_empty() {
            found.extend(
                others.iter().filter(|other| *other != value).map(|other| (path.clone(), other.clone())),
            );
        }
        match value {
            Value::Object(fields) => {
                for (key, field) in fields {
                    open.push((format!("{path}/{key}"), field));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    open.push((format!("{path}/{index}"), item));
                }
            }
            _ => {}
        }
    }
    found
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

fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("the directory can be listed");
    let mut found: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
