//! T9: the cases of keys, as far as they are for a cluster, are applied once and never again. Each has a namespace of its own; all that
//! takes time is two runs of the program, so a few go side by side, each with a proxy that counts what it writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::bed::{Bed, bed};
use crate::fixture::{Case, sources};
use crate::parallel;
use crate::program::Run;
use crate::proxy::Proxy;

/// How many go side by side: most of the time one waits for the server.
const BESIDE: usize = 4;

/// One case, and where it goes.
struct Task {
    source: PathBuf,
    /// `services.ports/two-protocols`.
    name: String,
    namespace: String,
}

#[test]
fn t9_cases_of_keys_are_applied_once_and_never_again() {
    let Some(bed) = bed("live: keys", crate::BED) else { return };
    let tasks: Vec<Task> = sources("keys", 2)
        .into_iter()
        .filter(|source| source.join("kubernetes.yaml").exists())
        .enumerate()
        .map(|(number, source)| Task {
            name: shown(&source),
            source,
            namespace: format!("k-{}-{number}", std::process::id()),
        })
        .collect();
    assert!(tasks.len() > 250, "the cases were not read: {}", tasks.len());
    make_namespaces(bed, &tasks);
    let results = parallel::beside(&shares(&tasks), BESIDE, |share| {
        let proxy = Proxy::start(bed);
        share.iter().filter_map(|task| twice(bed, &proxy, task)).collect::<Vec<String>>()
    });
    let refused: BTreeSet<String> = results.into_iter().flatten().collect();
    let ledger = ledger();
    let changed: Vec<&String> = refused.symmetric_difference(&ledger).collect();
    assert!(
        changed.is_empty(),
        "what is refused and fixtures/cluster/keys.txt differ in these: {changed:#?}"
    );
}

/// Parts the cases into shares of a dozen or more, which the record of one proxy holds; those of one key stay together, since what the
/// cluster has only once, a port of its nodes, is taken by one of them after the other.
fn shares(tasks: &[Task]) -> Vec<&[Task]> {
    let key = |task: &Task| task.name.split('/').next().unwrap_or_default().to_owned();
    let mut shares = Vec::new();
    let mut rest = tasks;
    while !rest.is_empty() {
        let ends = (12..rest.len()).find(|at| key(&rest[*at]) != key(&rest[*at - 1]));
        let (share, others) = rest.split_at(ends.unwrap_or(rest.len()));
        shares.push(share);
        rest = others;
    }
    shares
}

/// Returns `key/case`.
fn shown(source: &Path) -> String {
    let mut parts = source.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
    let (case, key) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{key}/{case}")
}

fn make_namespaces(bed: &Bed, tasks: &[Task]) {
    let namespace =
        |task: &Task| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": task.namespace}});
    let list =
        json!({"apiVersion": "v1", "kind": "List", "items": tasks.iter().map(namespace).collect::<Vec<_>>()});
    let folder = tempfile::tempdir().expect("a scratch directory can be made");
    let file = folder.path().join("namespaces.json");
    fs::write(&file, list.to_string()).expect("a scratch file can be written");
    let made = bed.kubectl(None, &["create", "-f", &file.display().to_string()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Applies a case twice; returns `key/case: codes` of one that is refused.
fn twice(bed: &Bed, proxy: &Proxy, task: &Task) -> Option<String> {
    let case = Case::of(&task.source, "keys");
    let flags = case.lines("case.flags");
    // The case has its own place here.
    let at = flags.iter().position(|flag| flag == "-n").unwrap_or(flags.len());
    let flags = flags.iter().enumerate().filter(|(number, _)| *number != at && *number != at + 1);
    let kubeconfig = proxy.kubeconfig.display().to_string();
    let place = ["--yes", "--kubeconfig", &kubeconfig, "--context", "testbed", "-n", &task.namespace];
    let mut words = [&["apply", "--allow-cluster-scoped"], &place[..]].concat();
    words.extend(flags.map(|(_, flag)| flag.as_str()));
    let begun = now();
    let mut first = case.run(&words).expect("it ends");
    if codes(&first) == "external-missing" {
        assert_eq!(writes(proxy, begun), Vec::<String>::new(), "{}", task.name);
        give(bed, &case, task, &first.stderr);
        first = case.run(&words).expect("it ends");
    }
    let written = writes(proxy, begun);
    if first.code != Some(0) {
        assert_eq!(written, Vec::<String>::new(), "{} is refused: {}", task.name, first.stderr);
        return Some(format!("{}: {}", task.name, codes(&first)));
    }
    assert!(!written.is_empty(), "{}: {}", task.name, first.stderr);
    let begun = now();
    let again = case.run(&words).expect("it ends");
    let is_same = again.code == Some(0) && again.stderr.contains("nothing to change");
    assert!(is_same, "{}: {}", task.name, again.stderr);
    assert_eq!(writes(proxy, begun), Vec::<String>::new(), "{}", task.name);
    if case.lines("kubernetes.yaml").iter().any(|line| line.trim_start().starts_with("nodePort: ")) {
        let down = case.run(&[&["down"], &place[..]].concat()).expect("it ends");
        assert_eq!(down.code, Some(0), "{}: {}", task.name, down.stderr);
    }
    None
}

/// Makes what a project takes as given, and a message names as missing.
fn give(bed: &Bed, case: &Case, task: &Task, said: &str) {
    let named = said.split("not made by the project: ").nth(1).and_then(|rest| rest.lines().next());
    let named = named.unwrap_or_default().split('`').filter_map(|part| part.split_once('/'));
    let objects = named.map(|(kind, name)| {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
        if kind == "PersistentVolumeClaim" {
            object["spec"] =
                json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
        }
        object
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects.collect::<Vec<_>>()});
    let file = case.stage.directory.join("given.json");
    fs::write(&file, list.to_string()).expect("a copy can be written");
    let made = bed.kubectl(None, &["-n", &task.namespace, "create", "-f", &file.display().to_string()]);
    assert!(made.status.success(), "{}: {}", task.name, String::from_utf8_lossy(&made.stderr));
}

/// Returns the codes of the errors.
fn codes(run: &Run) -> String {
    let codes = run.stderr.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
    let codes: BTreeSet<&str> = codes.map(|(code, _)| code).collect();
    assert!(run.code == Some(0) || !codes.is_empty(), "it fails without a code: {}", run.stderr);
    codes.into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns the time as the proxy writes it down: a request that has ended may stand there only after its run has.
fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than that").as_micros()
}

/// Returns `METHOD url` of what could leave something behind, of the requests since then.
fn writes(proxy: &Proxy, since: u128) -> Vec<String> {
    let requests = proxy.requests().into_iter();
    let is_write = |method: &str, url: &str| {
        method != "GET" && !url.contains("dryRun=All") && !url.contains("authorization.k8s.io")
    };
    requests
        .filter(|request| request["at"].as_u64().is_some_and(|at| u128::from(at) >= since))
        .map(|request| ["method", "url"].map(|key| request[key].as_str().unwrap_or_default().to_owned()))
        .filter(|[method, url]| is_write(method, url))
        .map(|[method, url]| format!("{method} {url}"))
        .collect()
}

/// Reads `key/case: codes` from the ledger, whose lines go on with the reason.
fn ledger() -> BTreeSet<String> {
    let text = include_str!("../../fixtures/cluster/keys.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (refused, reason) = line.split_once(" # ").expect("a line says why");
            assert!(!reason.trim().is_empty(), "{line}");
            refused.trim().to_owned()
        })
        .collect()
}
