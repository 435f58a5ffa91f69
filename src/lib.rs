//! Translates Docker Compose projects to Kubernetes manifests and Swarm stack files.

pub mod backend;
pub mod diag;
pub mod host;
pub mod model;
mod yaml;
