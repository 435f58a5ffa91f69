//! How time and memory grow with a project: 100, 1,000 and 10,000 services of ten keys each.
//!
//! Prints figures; asserts nothing. Each run is started by a copy of this bench, so that the system counts that run alone.
//! `benches/README.md` says how to read it.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time, runs the program and prints what it measured"
)]

#[path = "support/usage.rs"]
mod usage;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use usage::Usage;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const RUNS: usize = 3;
const COMMANDS: [&[&str]; 3] =
    [&["config", "--format", "json"], &["convert", "--to", "k8s"], &["convert", "--to", "swarm"]];

fn main() {
    if usage::is_helper() {
        return usage::help();
    }
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    println!(
        "services  command                elapsed      CPU  CPU/service    memory   (median of {RUNS} runs)"
    );
    for (label, password, sizes) in [("", false, &SIZES[..]), (", a password each", true, &SIZES[1..2])] {
        for &size in sizes {
            let directory = scratch.path().join(format!("shop-{size}-{password}"));
            fs::create_dir(&directory).expect("a scratch directory can be written");
            fs::write(directory.join("compose.yaml"), project(size, password))
                .expect("a project can be written");
            for command in COMMANDS {
                report(&directory, size, command, label);
            }
        }
    }
}

fn report(directory: &Path, size: usize, command: &[&str], label: &str) {
    let program = env!("CARGO_BIN_EXE_rcompose");
    let mut runs: Vec<Usage> = (0..RUNS).map(|_| usage::of(program, command, directory, &[])).collect();
    runs.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
    let median = &runs[RUNS / 2];
    println!(
        "{size:>8}  {:<20} {:6.0} ms {:5.0} ms  {:8.1} µs {:6.0} MB{label}",
        command.join(" ").replace(" --format", "").replace(" --to", ""),
        median.elapsed * 1e3,
        median.cpu * 1e3,
        median.cpu * 1e6 / f64::from(u32::try_from(size).expect("a small number")),
        median.memory / 1e6,
    );
}

/// A project in groups of ten: nine services wait for the first of their group.
fn project(size: usize, password: bool) -> String {
    let mut text = String::from("services:\n");
    for index in 0..size {
        let (group, port) = (index / 10, 10_000 + index);
        let wait = if index % 10 == 0 {
            String::new()
        } else {
            format!("    depends_on: [service-{}]\n", group * 10)
        };
        let secret = if password { "      - DB_PASSWORD=correct horse\n" } else { "" };
        let _ = write!(
            text,
            "  service-{index}:
    image: registry.example/team/service:{index}.0
    command: [serve, --port, \"8080\"]
    environment:
      - LOG_LEVEL=info
      - UPSTREAM=http://service-{upstream}:8080
      - REGION=${{REGION:-north}}
{secret}    ports: [\"{port}:8080\"]
    volumes: [\"data-{index}:/var/lib/service\"]
    healthcheck:
      test: [CMD, wget, -q, http://localhost:8080/healthz]
      interval: 10s
    deploy:
      replicas: 2
      update_config: {{order: start-first}}
    networks: [front, back-{group}]
    labels: [team=shop]
{wait}",
            upstream = group * 10,
        );
    }
    text.push_str("networks:\n  front:\n");
    for group in 0..size.div_ceil(10) {
        let _ = writeln!(text, "  back-{group}:");
    }
    text.push_str("volumes:\n");
    for index in 0..size {
        let _ = writeln!(text, "  data-{index}:");
    }
    text
}
