//! `rcompose config` and `docker compose config`, side by side in one run over the corpus: processor time of each case.
//!
//! Prints figures; asserts nothing. Wants the corpus (`RCOMPOSE_SHARED`, or beside the repository) and Docker Compose
//! (`RCOMPOSE_DOCKER_COMPOSE`, or where packages put it), and says so where one is absent.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time, runs programs and prints what it measured"
)]

#[path = "../tests/support/case.rs"]
mod case;
#[path = "../tests/support/directories.rs"]
mod directories;
#[path = "../tests/support/docker_compose.rs"]
mod docker_compose;
#[path = "../tests/support/shared.rs"]
mod shared;
#[path = "../tests/support/skip.rs"]
mod skip;
#[path = "support/usage.rs"]
mod usage;

use std::fmt;

use case::{Case, cases};
use usage::Usage;

fn main() {
    if usage::is_helper() {
        return usage::help();
    }
    let Some(corpus) = shared::shared("compared", "corpus") else { return };
    let Some(oracle) = docker_compose::find() else {
        return skip::skipped("compared", docker_compose::ABSENT);
    };
    let mut ratios = Vec::new();
    let (mut theirs, mut ours) = (Sum::default(), Sum::default());
    for case in cases(&corpus).iter().filter(|case| case.expected("compose-config.json").is_some()) {
        let (slow, fast) = (run(&oracle, case), run(env!("CARGO_BIN_EXE_rcompose"), case));
        ratios.push((fast.cpu / slow.cpu, case.name.clone()));
        theirs.add(&slow);
        ours.add(&fast);
    }
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    println!("{} cases, `config --format json`      processor   elapsed   largest", ratios.len());
    println!("docker compose, a case            {theirs}");
    println!("rcompose, a case                  {ours}");
    println!(
        "share of processor time           {:6.3}, median case {:.3}",
        ours.cpu / theirs.cpu,
        ratios[ratios.len() / 2].0
    );
    for (ratio, name) in ratios.iter().rev().take(3) {
        println!("  largest                         {ratio:6.3} {name}");
    }
}

#[derive(Default)]
struct Sum {
    cases: f64,
    cpu: f64,
    elapsed: f64,
    memory: f64,
}

impl Sum {
    fn add(&mut self, run: &Usage) {
        self.cases += 1.0;
        self.cpu += run.cpu;
        self.elapsed += run.elapsed;
        self.memory = self.memory.max(run.memory);
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = |seconds: f64| seconds / self.cases * 1e3;
        write!(
            formatter,
            "{:6.1} ms {:6.1} ms {:6.0} MB",
            each(self.cpu),
            each(self.elapsed),
            self.memory / 1e6
        )
    }
}

fn run(program: &str, case: &Case) -> Usage {
    let directory = case.directory.join("project").join(&case.below);
    let environment: Vec<(String, String)> = case.environment.clone().into_iter().collect();
    usage::of(program, &case.command(&["config", "--format", "json"]), &directory, &environment)
}
