//! How long a conversion takes: the whole program, from its start to its end, on projects of two services.
//!
//! Prints medians; asserts nothing, because a figure is no gate. `benches/README.md` says how to read it.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time, runs the program and prints what it measured"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROJECT: &str = "fixtures/projects/guestbook";
const RUNS: usize = 300;
/// Two services with a password each: the names of their Secrets are dear to guess from, and to make (N92).
const WITH_PASSWORDS: &str = "services:
  web:
    image: example/web:1
    environment: {DB_HOST: db, DB_PASSWORD: correct horse}
    ports: [\"8080:80\"]
  db:
    image: example/db:1
    environment: {DB_PASSWORD: battery staple}
    volumes: [\"data:/data\"]
volumes: {data: {}}
";

fn main() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join(PROJECT);
    assert!(project.exists(), "the project of the bench is in the repository");
    println!("{PROJECT}, {RUNS} runs each, median (fastest, slowest of the middle nine tenths)");
    for (name, words) in [
        ("start and --version", &["--version"] as &[&str]),
        ("config", &["config"]),
        ("check", &["check"]),
        ("convert --to k8s", &["convert"]),
        ("convert --to swarm", &["convert", "--to", "swarm"]),
    ] {
        println!("{name:<22} {}", measured(|| run(&project, words)));
    }
    let passwords = tempfile::tempdir().expect("a scratch directory can be made");
    fs::write(passwords.path().join("compose.yaml"), WITH_PASSWORDS).expect("a project can be written");
    println!(
        "{:<22} {}",
        "convert, two Secrets",
        measured(|| run(passwords.path(), &["-p", "shop", "convert"]))
    );
    let output = tempfile::tempdir().expect("a scratch directory can be made");
    let directory = format!("{}/", output.path().join("k8s").display());
    println!("{:<22} {}", "convert -o DIR/", measured(|| run(&project, &["convert", "-o", &directory])));
    fs::remove_dir_all(output.path()).expect("a scratch directory can be removed");
}

fn run(project: &Path, words: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rcompose"));
    command.args(words).current_dir(project).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("the program can be started");
    assert!(status.success(), "{words:?} ended with {status}");
}

/// Runs something many times, and says how long it took.
fn measured(mut work: impl FnMut()) -> String {
    work();
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    format!("{:7.2} ms  ({:.2}, {:.2})", at(50), at(5), at(95))
}
