//! A thousand objects on a real API server: first apply, unchanged apply, beside `kubectl apply --server-side` in the same run.
//!
//! Prints figures; asserts nothing. The fault proxy stands between, adds the milliseconds that a server elsewhere takes, and counts
//! requests. Needs what `tests/cluster/build` needs; says so where that is missing. `benches/README.md` says how to read it.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time, runs the program and prints what it measured"
)]

#[expect(dead_code, reason = "the dry-run is for tests")]
#[path = "../tests/support/bed.rs"]
mod bed;
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[path = "../tests/support/skip.rs"]
mod skip;
#[path = "support/usage.rs"]
mod usage;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use bed::Bed;
use proxy::Proxy;
use serde_json::{Value, json};
use usage::Usage;

/// Services of the project: each is a Deployment, a Service, a claim and a `ConfigMap`.
const SERVICES: usize = 250;
/// How many of them get another image in the end.
const CHANGED: usize = 10;
/// What the server takes longer, in milliseconds.
const DELAYS: [u64; 3] = [10, 5, 0];
const PROGRAM: &str = env!("CARGO_BIN_EXE_rcompose");

fn main() {
    if usage::is_helper() {
        return usage::help();
    }
    let Some(bed) = bed::bed("apply", &[]) else { return };
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    warm(bed, scratch.path());
    println!(
        "delay  command                     elapsed      CPU  memory  requests  of them written  at most under way"
    );
    for delay in DELAYS {
        let mut proxy = Proxy::start(bed);
        proxy.faults(&json!([{"fault": "delay", "milliseconds": delay}]));
        compare(bed, &proxy, scratch.path(), delay);
    }
}

/// Has the server take the whole load of each client once: what it learns of kinds, how large it grows, and for how many at
/// once, nobody's figure is to hold.
fn warm(bed: &Bed, directory: &Path) {
    for namespace in ["warm-ours", "warm-theirs"] {
        make_namespace(bed, namespace);
    }
    let manifest = convert(directory, &project(SERVICES, 0));
    let applied = bed.kubectl(None, &["apply", "--server-side", "-n", "warm-theirs", "-f", &manifest]);
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let apply = ["apply", "--yes", "-q", "--context", "testbed", "-n", "warm-ours", "-p", "shop"];
    let environment = [("KUBECONFIG".to_owned(), bed.kubeconfig.to_string_lossy().into_owned())];
    usage::of(PROGRAM, &apply, directory, &environment);
}

fn make_namespace(bed: &Bed, name: &str) {
    let made = bed.kubectl(None, &["create", "namespace", name]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn compare(bed: &Bed, proxy: &Proxy, directory: &Path, delay: u64) {
    let (ours, theirs) = (format!("ours-{delay}"), format!("theirs-{delay}"));
    for namespace in [&ours, &theirs] {
        make_namespace(bed, namespace);
    }
    let manifest = convert(directory, &project(SERVICES, 0));
    let apply = ["apply", "--yes", "-q", "--context", "testbed", "-n", &ours, "-p", "shop"];
    let kubectl = ["kubectl", "apply", "--server-side", "-n", &theirs, "-f", &manifest];
    let kubectl_program = bed.program.to_string_lossy().into_owned();
    let run = |label: &str, program: &str, words: &[&str]| {
        let before = proxy.requests().len();
        let environment = [("KUBECONFIG".to_owned(), proxy.kubeconfig.to_string_lossy().into_owned())];
        let used = usage::of(program, words, directory, &environment);
        let requests: Vec<Value> = proxy.requests().split_off(before);
        report(delay, label, &used, &requests);
        used.elapsed
    };
    let first = run("rcompose apply, first", PROGRAM, &apply);
    let first_theirs = run("kubectl apply, first", &kubectl_program, &kubectl);
    let again = run("rcompose apply, unchanged", PROGRAM, &apply);
    let again_theirs = run("kubectl apply, unchanged", &kubectl_program, &kubectl);
    fs::write(directory.join("compose.yaml"), project(SERVICES, CHANGED)).expect("a project can be written");
    run("rcompose apply, ten changed", PROGRAM, &apply);
    println!(
        "{delay:>2} ms  first: {:.1} times as fast, unchanged: {:.0} times",
        first_theirs / first,
        again_theirs / again
    );
}

fn report(delay: u64, label: &str, used: &Usage, requests: &[Value]) {
    let text = |request: &Value, key: &str| request[key].as_str().unwrap_or_default().to_owned();
    let writes = requests.iter().filter(|request| {
        let url = text(request, "url");
        text(request, "method") != "GET"
            && !url.contains("dryRun=All")
            && !url.contains("authorization.k8s.io")
    });
    let under_way = requests.iter().filter_map(|request| request["under_way"].as_u64()).max();
    println!(
        "{delay:>2} ms  {label:<26} {:6.0} ms {:5.0} ms {:4.0} MB {:>9} {:>16} {:>18}",
        used.elapsed * 1e3,
        used.cpu * 1e3,
        used.memory / 1e6,
        requests.len(),
        writes.count(),
        under_way.unwrap_or_default(),
    );
}

/// Writes a project, and what both are to apply of it; returns where.
fn convert(directory: &Path, project: &str) -> String {
    fs::write(directory.join("compose.yaml"), project).expect("a project can be written");
    let output = Command::new(PROGRAM)
        .args(["-p", "shop", "convert"])
        .current_dir(directory)
        .stderr(Stdio::null())
        .output()
        .expect("the program can be started");
    assert!(output.status.success(), "the project converts");
    let manifest = directory.join("all.yaml");
    fs::write(&manifest, output.stdout).expect("a scratch file can be written");
    manifest.to_string_lossy().into_owned()
}

/// A project of so many services, the first of which have another image than before.
fn project(services: usize, changed: usize) -> String {
    let mut text = String::from("services:\n");
    for number in 0..services {
        let version = u8::from(number < changed);
        let _ = write!(
            text,
            "  service-{number}:
    image: registry.example/team/service:{number}.{version}
    environment: {{LOG_LEVEL: info, REGION: north}}
    expose: [\"8080\"]
    volumes: [\"data-{number}:/var/lib/service\"]
    configs: [page-{number}]
",
        );
    }
    text.push_str("volumes:\n");
    for number in 0..services {
        let _ = writeln!(text, "  data-{number}:");
    }
    text.push_str("configs:\n");
    for number in 0..services {
        let _ = writeln!(text, "  page-{number}: {{content: \"page {number}\\n\"}}");
    }
    text
}
