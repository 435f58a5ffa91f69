//! Live commands where controllers are at work: what is deleted in the foreground goes, and Deployments roll out. The other tests of
//! live commands, `tests/live.rs`, have an API server alone; the rules of the tests are in docs/design/apply-tests.md.

#![expect(
    clippy::disallowed_methods,
    reason = "starts the server and runs kubectl; `host` is for the program"
)]

#[expect(dead_code, reason = "the dry-run is for another runner")]
#[path = "support/bed.rs"]
mod bed;
#[path = "support/program.rs"]
mod program;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/skip.rs"]
mod skip;

#[expect(dead_code, reason = "webhooks are for another runner")]
#[path = "live/denial.rs"]
mod denial;
#[expect(dead_code, reason = "some of it is for another runner")]
#[path = "live/project.rs"]
mod project;
#[path = "live/reading.rs"]
mod reading;
#[path = "live/recreate.rs"]
mod recreate;
#[expect(dead_code, reason = "runs are stopped by another runner")]
#[path = "live/running.rs"]
mod running;
#[path = "live/strategy.rs"]
mod strategy;

/// What a bed is started with here.
const BED: &[&str] = &["--controllers"];
