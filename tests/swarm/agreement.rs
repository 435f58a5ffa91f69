//! The check of stack files and the docker client agree: what the check takes, the client takes in silence.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rcompose::backend::swarm::breaches;
use serde_json::{Value, json};

use super::parallel;
use super::stand_in::StandIn;
use super::stand_in::client::{self, Verdict};

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
    client::check_and_deploy(stand_in, directory.path(), "stack.json", "demo", &BTreeMap::new())
}

#[test]
fn the_check_takes_what_the_client_takes() {
    let Some((scratch, stand_in)) = super::start("swarm check") else { return };
    let verdict = ask(&stand_in, scratch.path(), &full());
    assert!(verdict.is_silent, "{}", verdict.stderr);
    assert_eq!(breaches("demo", &full()), []);
}

#[test]
fn the_check_refuses_what_the_client_refuses() {
    let Some((scratch, stand_in)) = super::start("swarm check of faults") else { return };
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
    let Some((scratch, stand_in)) = super::start("swarm faults") else { return };
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
