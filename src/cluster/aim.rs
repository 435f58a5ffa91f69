//! What a run is for: the project as objects, the place it goes to, and what the user allows. A value; made by `cli`.

use std::collections::BTreeSet;

use super::object::Desired;
use super::plan::flags::{Flags, Removal};

/// What a run is for.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own that users set or leave")]
pub(crate) struct Aim {
    /// Name of the context, as the user knows it.
    pub(crate) context: String,
    /// The server, such as `https://10.0.0.1:6443`.
    pub(crate) server: String,
    /// Namespace of the project.
    pub(crate) namespace: String,
    /// Name of the project.
    pub(crate) project: String,
    /// Value of the label that its pods share (A13).
    pub(crate) instance: String,
    /// The objects of the selected services, in the order of the backend.
    pub(crate) desired: Vec<Desired>,
    /// The labels of all services of the model, those too that a profile leaves out or that were not selected (A93).
    pub(crate) services: BTreeSet<String>,
    /// Services were named, so nothing is pruned (A90).
    pub(crate) is_part: bool,
    /// Where the project comes from.
    pub(crate) source: Option<Source>,
    /// UID of kube-system that settings ask for (A60).
    pub(crate) cluster_id: Option<String>,
    /// What may happen to single objects.
    pub(crate) flags: Flags,
    /// What may be deleted.
    pub(crate) removal: Removal,
    /// `--create-namespace`.
    pub(crate) create_namespace: bool,
    /// `--same-project`.
    pub(crate) same_project: bool,
    /// `--read-only`: no dry-run.
    pub(crate) read_only: bool,
    /// The plan is to be carried out.
    pub(crate) writes: bool,
    /// `--show-defaults`.
    pub(crate) show_defaults: bool,
    /// `down`: nothing is wanted any more.
    pub(crate) is_down: bool,
    /// `user@host/pid/random`: who holds the lock.
    pub(crate) holder: String,
    /// Who is told to run it, in the parent.
    pub(crate) by: String,
}

/// Where a project comes from (A14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Hash of repository and path.
    pub(crate) id: String,
    /// The same for readers: `example.org/shop compose.yaml`.
    pub(crate) shown: String,
}
