//! What one run of a program uses. The system counts all children of a process together, so each run has a helper of its
//! own: this bench, started again.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// First word of a helper's command line.
const HELPER: &str = "--measure";

/// What a run used.
pub(crate) struct Usage {
    /// Seconds from start to end.
    pub(crate) elapsed: f64,
    /// Seconds of all processors, user's and system's.
    pub(crate) cpu: f64,
    /// Bytes that it held at most.
    pub(crate) memory: f64,
}

/// Tells whether this process measures one run for another.
pub(crate) fn is_helper() -> bool {
    env::args().nth(1).is_some_and(|word| word == HELPER)
}

/// Runs the command line that follows, and prints what it used.
pub(crate) fn help() {
    let words: Vec<String> = env::args().skip(2).collect();
    let (program, words) = words.split_first().expect("a helper is told what to run");
    let start = Instant::now();
    let status = quiet(Command::new(program).args(words)).status().expect("the program can be started");
    let elapsed = start.elapsed().as_secs_f64();
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let micros = [used.user_time(), used.system_time()]
        .map(|time| time.tv_sec().unsigned_abs() * 1_000_000 + time.tv_usec().unsigned_abs());
    let cpu = Duration::from_micros(micros.iter().sum()).as_secs_f64();
    assert!(status.success(), "{program} {words:?} ended with {status}");
    println!("{elapsed} {cpu} {}", used.max_rss() * 1024);
}

/// Runs a program in a directory and returns what it used.
pub(crate) fn of(program: &str, words: &[&str], directory: &Path, environment: &[(String, String)]) -> Usage {
    let bench = env::current_exe().expect("a bench knows itself");
    let mut command = Command::new(bench);
    command.arg(HELPER).arg(program).args(words).current_dir(directory);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/nonexistent")
        .envs(environment.iter().cloned());
    let output = command.output().expect("a helper can be started");
    let text = String::from_utf8(output.stdout).expect("a helper prints numbers");
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let &[elapsed, cpu, memory] = numbers.as_slice() else {
        panic!("a helper failed: {}", String::from_utf8_lossy(&output.stderr))
    };
    Usage { elapsed, cpu, memory }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
