//! Finds Docker Compose 2.40, the program whose loading ours must equal.

use std::env;
use std::process::Command;

/// Where packages put it.
const PLACES: [&str; 3] = [
    "/usr/libexec/docker/cli-plugins/docker-compose",
    "/usr/local/lib/docker/cli-plugins/docker-compose",
    "/usr/lib/docker/cli-plugins/docker-compose",
];

/// Why a test or a bench is skipped without it.
pub(crate) const ABSENT: &str = "no Docker Compose 2.40 here, and none named in $RCOMPOSE_DOCKER_COMPOSE";

/// Returns its path.
pub(crate) fn find() -> Option<String> {
    let named = env::var("RCOMPOSE_DOCKER_COMPOSE").ok();
    named.into_iter().chain(PLACES.map(str::to_owned)).find(|program| {
        let answer = Command::new(program).args(["version", "--short"]).output();
        answer.is_ok_and(|answer| answer.stdout.starts_with(b"2.40"))
    })
}
