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

/// Where the check asks for more than the client: words that its faults begin with, and who refuses then.
const STRICTER: &[(&str, &str)] = &[
    ("is no text", "one spelling of several: the client makes text of numbers, and of nothing"),
    ("is no mapping", "one spelling of several: short forms, lists of `key=value`"),
    ("is no list", "one spelling of several: the client splits text into words"),
    ("is missing", "an item without what it is for: the client sends zeros"),
    ("has equal items", "one spelling of several: short forms are not compared by the client"),
    ("is no number of things", "the client cuts fractions off, and sends negative numbers"),
    ("is no integer", "the client cuts fractions off"),
    ("is not true or false", "one spelling of several: `external` with a name below it"),
    ("is no word that Swarm knows", "the daemon refuses the word, or takes it for another"),
    ("have the relative target", "the task is rejected"),
    ("have one that swarmkit refuses", "the daemon refuses the service"),
    ("is not between 0 and 1", "the daemon refuses the service"),
    ("is no number that the engine takes", "the daemon refuses the service, or means no limit"),
    ("has no legal name", "the daemon refuses the config or secret"),
    ("has no name of a network", "the daemon refuses the network"),
    ("is no name of a service", "the daemon refuses the service"),
    ("is a template that swarmkit refuses", "the daemon refuses the service"),
    ("which is not defined", "`depends_on` of nobody: the client drops the key, whatever it says"),
    ("has a `$` that the CLI would interpolate", "the client takes it, and it means something else (S12)"),
];

#[test]
fn the_check_refuses_nothing_that_client_and_daemon_take() {
    let Some((scratch, stand_in)) = super::start("swarm check of refusals") else { return };
    let refused: Vec<(String, Value)> = mutations(&full())
        .into_iter()
        .filter_map(|(path, value)| {
            let mut tree = full();
            *tree.pointer_mut(&path).expect("the place is there") = value.clone();
            (!breaches("demo", &tree).is_empty()).then(|| (format!("{path} = {value}"), tree))
        })
        .collect();
    assert!(refused.len() > 500, "nearly nothing is refused: {}", refused.len());
    let faults: Vec<String> = parallel::each(&refused, |(what, tree)| {
        let is_taken = ask(&stand_in, scratch.path(), tree).is_silent;
        let unknown = is_taken.then(|| unexplained(tree)).flatten();
        unknown.map(|fault| format!("{what}: the client takes it, the check says {fault}"))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), refused.len(), faults.join("\n"));
}

/// Checks that client and check agree on a stack file of a project, and on one mutation of it, chosen by the project's name.
pub(super) fn agree(stand_in: &StandIn, directory: &Path, stack: &str) -> Result<(), String> {
    let text = fs::read_to_string(directory.join("stack.yaml")).map_err(|error| error.to_string())?;
    let mut tree: Value = serde_saphyr::from_str(&text).map_err(|error| error.to_string())?;
    read_octal(&mut tree);
    if let Some(breach) = breaches(stack, &tree).first() {
        return Err(format!("the client takes it, the check says `{}` {}", breach.path, breach.fault));
    }
    let all = mutations(&tree);
    let seed = stack.bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let (path, value) = &all[seed % all.len()];
    let mut mutant = tree.clone();
    *mutant.pointer_mut(path).expect("the place is there") = value.clone();
    fs::write(directory.join("mutant.json"), mutant.to_string()).map_err(|error| error.to_string())?;
    let verdict = client::check_and_deploy(stand_in, directory, "mutant.json", stack, &BTreeMap::new());
    match (breaches(stack, &mutant).is_empty(), verdict.is_silent) {
        (true, false) => {
            Err(format!("{path} = {value}: the check takes it, the client says {}", verdict.stderr))
        }
        (false, true) => unexplained(&mutant).map_or(Ok(()), |fault| {
            Err(format!("{path} = {value}: the client takes it, the check says {fault}"))
        }),
        _ => Ok(()),
    }
}

/// Reads `0440` as the client does: this reader of YAML takes it for something else.
fn read_octal(tree: &mut Value) {
    for (_, service) in tree["services"].as_object_mut().into_iter().flatten() {
        for kind in ["configs", "secrets"] {
            for grant in service.get_mut(kind).and_then(Value::as_array_mut).into_iter().flatten() {
                let Some(mode) = grant.get("mode").map(Value::to_string) else { continue };
                let digits = mode.trim_matches('"').trim_end_matches(".0");
                grant["mode"] = json!(u32::from_str_radix(digits, 8).expect("a mode is written in octal"));
            }
        }
    }
}

/// A fault of which nobody has said why it is one.
fn unexplained(tree: &Value) -> Option<String> {
    let found = breaches("demo", tree);
    let known = |fault: &str| STRICTER.iter().any(|(words, _)| fault.contains(words));
    let is_known = found.iter().any(|breach| known(&breach.fault));
    let first = found.first().filter(|_| !is_known)?;
    Some(format!("`{}` {}", first.path, first.fault))
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
                    let key = key.replace('~', "~0").replace('/', "~1");
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
