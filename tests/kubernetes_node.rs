//! Applications on a cluster with a real node, put there by `rcompose apply`: containers run, with images made of Debian's packages.
//!
//! Skipped by name unless `RCOMPOSE_ENGINE` names a directory that `tests/debian/prepare.sh` has filled, and on a machine that lacks
//! what a node takes; `tests/README.md` says what that is.

#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "starts a cluster, runs kubectl, and changes files of projects; `host` is for the program"
)]

#[path = "kubernetes_node/application.rs"]
mod application;
#[path = "kubernetes_node/applications.rs"]
mod applications;
#[expect(dead_code, reason = "the dry-run is for another runner")]
#[path = "support/bed.rs"]
mod bed;
#[path = "support/eventually.rs"]
mod eventually;
#[path = "kubernetes_node/images.rs"]
mod images;
#[path = "kubernetes_node/isolation.rs"]
mod isolation;
#[path = "kubernetes_node/node.rs"]
mod node;
#[path = "support/program.rs"]
mod program;
#[path = "kubernetes_node/rolling.rs"]
mod rolling;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;
#[path = "kubernetes_node/trace.rs"]
mod trace;
