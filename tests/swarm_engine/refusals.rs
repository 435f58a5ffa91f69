//! What the check of stack files calls illegal, the engine refuses (S11): a check that asks for more than the engine would cost users their stacks.

use std::fs;

use rcompose::backend::swarm::breaches;
use serde_json::{Value, json};

use crate::engine::{Engine, engine};
use crate::eventually::eventually;

/// A legal stack of two services.
fn legal() -> Value {
    let service = json!({"image": "python:3.13-slim", "command": ["sleep", "3600"], "init": true});
    json!({
        "version": "3.8",
        "services": {"one": service, "two": service},
        "configs": {"c": {"file": "./data"}, "d": {"file": "./data"}},
        "secrets": {"s": {"file": "./data"}},
    })
}

/// A stack that differs from the legal one in one place.
fn with(path: &str, value: &Value) -> Value {
    let mut tree = legal();
    let mut place = &mut tree;
    for key in path.split('/') {
        place = &mut place[key];
    }
    *place = value.clone();
    tree
}

/// Deploys a tree under a name of its own; returns what was said where it was refused.
fn deploy(engine: &Engine, name: &str, tree: &Value) -> Result<(), String> {
    let directory = tempfile::tempdir().expect("a scratch directory can be made");
    for (file, text) in [("data", "x"), ("stack.json", &tree.to_string())] {
        fs::write(directory.path().join(file), text).expect("a scratch directory can be written");
    }
    let words = ["stack", "deploy", "--detach", "--resolve-image", "never", "-c", "stack.json", name];
    let output = engine.client(&words).current_dir(directory.path()).output();
    let output = output.expect("the docker client can be run");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn the_engine_refuses_what_the_check_refuses() {
    let Some(engine) = engine("swarm engine: refusals") else { return };
    assert_eq!(breaches("legal", &legal()), []);
    assert_eq!(deploy(engine, "legal", &legal()), Ok(()));
    engine.done(&["stack", "rm", "legal"]);
    let port = |published: u16, mode: &str| json!({"target": 80, "published": published, "protocol": "tcp", "mode": mode});
    let mut faults = Vec::new();
    let cases = [
        ("services/a.b", json!({"image": "python:3.13-slim"})),
        ("services/end-", json!({"image": "python:3.13-slim"})),
        ("configs/c/name", json!("-c")),
        ("configs/c/name", json!("c".repeat(65))),
        ("secrets/s/name", json!("s_")),
        ("services/one/configs", json!([{"source": "c", "target": "/x"}, {"source": "d", "target": "/x"}])),
        ("services/one/ports", json!([port(7001, "ingress"), port(7001, "host")])),
        ("services/one/healthcheck", json!({"test": ["CMD", "true"], "interval": "10us"})),
        ("services/one/deploy/resources/limits/memory", json!("1M")),
        ("services/one/deploy/resources/limits/cpus", json!("0.0001")),
        ("services/one/deploy/resources/limits/cpus", json!("0.1234567891")),
        ("services/one/deploy/update_config", json!({"max_failure_ratio": 1.5})),
        ("services/one/deploy/update_config", json!({"failure_action": "shrug"})),
        ("services/one/deploy/restart_policy/condition", json!("sometimes")),
        ("services/one/deploy/restart_policy/condition", json!("unless-stopped")),
        ("services/one/deploy", json!({"mode": "sometimes"})),
        ("services/one/deploy", json!({"mode": "global", "replicas": 2})),
        ("services/one/deploy", json!({"mode": "replicated-job", "update_config": {"parallelism": 1}})),
        ("services/one/deploy/endpoint_mode", json!("round")),
        ("services/one/deploy/placement/constraints", json!(["node.role=manager"])),
        ("services/one/deploy/placement/constraints", json!(["node.labels.a==b,c"])),
        ("services/one/environment", json!({"A": "{{.Level}}"})),
        ("services/one/environment", json!({"A": "{{.Service.Labels.zone}}"})),
        ("services/one/hostname", json!("{{ what")),
    ];
    for (index, (path, value)) in cases.iter().enumerate() {
        let name = format!("refused{index}");
        let tree = with(path, value);
        if breaches(&name, &tree).is_empty() {
            faults.push(format!("the check takes {path} = {value}"));
        }
        if deploy(engine, &name, &tree).is_ok() {
            faults.push(format!("the engine takes {path} = {value}"));
        }
        engine.docker(&["stack", "rm", &name]);
    }
    let mut network = with("services/one/networks", &json!(["n"]));
    network["networks"]["n"]["name"] = json!("a.b");
    assert_ne!(breaches("network", &network), []);
    assert!(deploy(engine, "network", &network).is_err());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn ports_that_are_taken_are_refused() {
    let Some(engine) = engine("swarm engine: taken ports") else { return };
    let port = |mode: &str| json!([{"target": 80, "published": 7002, "protocol": "tcp", "mode": mode}]);
    for (name, one, other, is_legal) in [
        ("twice", "ingress", "ingress", false),
        ("mixed", "ingress", "host", false),
        ("hosts", "host", "host", true),
    ] {
        let mut tree = with("services/one/ports", &port(one));
        tree["services"]["two"]["ports"] = port(other);
        assert_eq!(breaches(name, &tree).is_empty(), is_legal, "the check: {name}");
        assert_eq!(deploy(engine, name, &tree).is_ok(), is_legal, "the engine: {name}");
        engine.done(&["stack", "rm", "--detach=false", name]);
    }
    let mut tree = with("services/one/ports", &port("ingress"));
    tree["services"]["one"]["deploy"] = json!({"endpoint_mode": "dnsrr"});
    assert_ne!(breaches("robin", &tree), []);
    assert!(deploy(engine, "robin", &tree).is_err(), "the mesh needs an address");
    engine.docker(&["stack", "rm", "robin"]);
}

/// The manager takes these; the node then cannot start a task (S11).
#[test]
fn mounts_that_no_task_can_have_are_refused() {
    let Some(engine) = engine("swarm engine: mounts") else { return };
    for (index, targets) in [["/a", "/a/"], ["/a", "relative"]].into_iter().enumerate() {
        let name = format!("mounts{index}");
        let mounts = targets.map(|target| json!({"type": "tmpfs", "target": target}));
        let tree = with("services/one/volumes", &json!(mounts));
        assert_ne!(breaches(&name, &tree), [], "{targets:?}");
        if deploy(engine, &name, &tree).is_ok() {
            let service = format!("{name}_one");
            eventually("the task is rejected", || {
                let states = engine.done(&["service", "ps", "--format", "{{.CurrentState}}", &service]);
                if states.contains("Rejected") { Ok(()) } else { Err(states) }
            });
        }
        engine.docker(&["stack", "rm", &name]);
    }
}
