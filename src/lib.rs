//! Translates Docker Compose projects to Kubernetes manifests and Swarm stack files.

pub mod backend;
mod cli;
mod compose;
pub mod diag;
mod emit;
pub mod host;
pub mod model;
#[expect(dead_code, reason = "its parts come before the whole")]
mod normalise;
mod yaml;
