//! Live commands against a real API server, straight or through the proxy that breaks things. What each test is, `T1` to `T30` and
//! the rows of the failure table, stands in docs/design/apply-tests.md.

#![expect(
    clippy::disallowed_methods,
    reason = "starts the server and runs kubectl; `host` is for the program"
)]

#[expect(dead_code, reason = "the dry-run is for another runner")]
#[path = "support/bed.rs"]
mod bed;
#[expect(dead_code, reason = "goldens are compared by another runner")]
#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/schema_script.rs"]
mod schema_script;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

#[path = "live/adopt.rs"]
mod adopt;
#[path = "live/applications.rs"]
mod applications;
#[path = "live/autoscaler.rs"]
mod autoscaler;
#[path = "live/bootstrap.rs"]
mod bootstrap;
#[path = "live/canonical.rs"]
mod canonical;
#[path = "live/conflict.rs"]
mod conflict;
#[path = "live/denial.rs"]
mod denial;
#[path = "live/diff.rs"]
mod diff;
#[path = "live/faults.rs"]
mod faults;
#[path = "live/first.rs"]
mod first;
#[path = "live/guards.rs"]
mod guards;
#[path = "live/kept.rs"]
mod kept;
#[path = "live/keys.rs"]
mod keys;
#[path = "live/killed.rs"]
mod killed;
#[path = "live/ports.rs"]
mod ports;
#[path = "live/project.rs"]
mod project;
#[path = "live/prune.rs"]
mod prune;
#[path = "live/reading.rs"]
mod reading;
#[path = "live/refused.rs"]
mod refused;
#[path = "live/rows.rs"]
mod rows;
#[path = "live/running.rs"]
mod running;
#[path = "live/safety.rs"]
mod safety;
#[path = "live/screens.rs"]
mod screens;
#[path = "live/secrets.rs"]
mod secrets;
#[path = "live/storm.rs"]
mod storm;
#[path = "live/terminating.rs"]
mod terminating;
#[path = "live/together.rs"]
mod together;

/// What a bed is started with here: its API server alone.
const BED: &[&str] = &[];
