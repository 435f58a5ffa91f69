//! The real docker client, run against the stand-in.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{Recorded, StandIn};

/// What the client said of a stack file.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// It exited with 0.
    pub(crate) is_accepted: bool,
    /// It said nothing on stderr, either.
    pub(crate) is_silent: bool,
    /// What it said.
    pub(crate) stderr: String,
    /// What it sent.
    pub(crate) recorded: Recorded,
}

/// Tells whether there is a docker client that can check stack files.
pub(crate) fn is_there() -> bool {
    let tried = Command::new("docker").args(["stack", "config", "--help"]).output();
    tried.is_ok_and(|output| output.status.success())
}

/// Checks a file with `stack config` (ST1), and deploys it on the stand-in (ST2), from the directory it lies in.
pub(crate) fn check_and_deploy(
    stand_in: &StandIn,
    directory: &Path,
    file: &str,
    stack: &str,
    environment: &BTreeMap<String, String>,
) -> Verdict {
    let config = run(stand_in, directory, environment, &["stack", "config", "-c", file]);
    let deployed = deploy(stand_in, directory, file, stack, environment);
    let stderr = format!("{}{}", String::from_utf8_lossy(&config.stderr), deployed.stderr);
    let is_accepted = config.status.success() && deployed.is_accepted;
    Verdict { is_accepted, is_silent: is_accepted && stderr.is_empty(), stderr, recorded: deployed.recorded }
}

/// Deploys a file on the stand-in, from the directory it lies in.
pub(crate) fn deploy(
    stand_in: &StandIn,
    directory: &Path,
    file: &str,
    stack: &str,
    environment: &BTreeMap<String, String>,
) -> Verdict {
    deploy_files(stand_in, directory, &[file], stack, environment)
}

/// Deploys several files, which the client merges.
pub(crate) fn deploy_files(
    stand_in: &StandIn,
    directory: &Path,
    files: &[&str],
    stack: &str,
    environment: &BTreeMap<String, String>,
) -> Verdict {
    let mut words = vec!["stack", "deploy", "--detach", "--resolve-image", "never"];
    words.extend(files.iter().flat_map(|file| ["-c", *file]));
    words.push(stack);
    let output = run(stand_in, directory, environment, &words);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_accepted = output.status.success();
    Verdict { is_accepted, is_silent: is_accepted && stderr.is_empty(), stderr, recorded: stand_in.take() }
}

fn run(
    stand_in: &StandIn,
    directory: &Path,
    environment: &BTreeMap<String, String>,
    words: &[&str],
) -> Output {
    Command::new("docker")
        .env_clear()
        .envs(environment)
        .env("PATH", "/usr/bin:/bin:/usr/local/bin")
        .env("HOME", "/nonexistent")
        .env("DOCKER_HOST", stand_in.host())
        .args(words)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("the docker client can be run")
}
