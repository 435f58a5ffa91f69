//! Converted applications on a real engine: a Swarm of one node, with images made of Debian's packages (ST4).
//!
//! Skipped by name unless `RCOMPOSE_ENGINE` names a directory that `tests/debian/prepare.sh` has filled; if it does,
//! the engine must start.

#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "runs an engine and its client, and changes files of projects; `host` is for the program"
)]

#[path = "swarm_engine/applications.rs"]
mod applications;
#[path = "swarm_engine/engine.rs"]
mod engine;
#[path = "support/eventually.rs"]
mod eventually;
#[path = "swarm_engine/images.rs"]
mod images;
#[path = "support/program.rs"]
mod program;
#[path = "swarm_engine/refusals.rs"]
mod refusals;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;
#[path = "swarm_engine/stack.rs"]
mod stack;
#[path = "swarm_engine/updates.rs"]
mod updates;
#[path = "swarm_engine/values.rs"]
mod values;
