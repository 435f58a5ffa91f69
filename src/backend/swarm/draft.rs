//! What is gathered while services are written: facts for messages that list several, and what top-level keys must hold.

use std::collections::BTreeSet;

use super::data::Data;
use super::plan::Plan;
use super::report::{Place, Report};
use crate::model::VolumeName;

/// One stack file while it is written.
#[derive(Debug)]
pub(crate) struct Draft<'a, 'b> {
    /// What is known of the whole project.
    pub(crate) plan: &'b Plan<'a>,
    /// Takes findings.
    pub(crate) report: Report<'b>,
    /// Configs and secrets that services use.
    pub(crate) data: Data<'a>,
    /// Volumes that services use, each with the places where.
    pub(crate) volumes: Vec<VolumeMount<'a>>,
    /// Predefined networks that services use (S85).
    pub(crate) predefined: BTreeSet<&'static str>,
    /// Services that get an empty network of their own (S85): its key.
    pub(crate) closed: Vec<String>,
    /// What messages about several services list.
    pub(crate) gathered: Gathered,
}

/// One mount of a named volume.
#[derive(Clone, Debug)]
pub(crate) struct VolumeMount<'a> {
    /// The volume.
    pub(crate) volume: &'a VolumeName,
    /// Where.
    pub(crate) place: Place,
    /// The service is kept on one node by a constraint.
    pub(crate) pinned: bool,
}

/// Places for messages that are given once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    /// Services that wait for another to be started (S30).
    pub(crate) order: Vec<Place>,
    /// Services with a health check (S31).
    pub(crate) unhealthy: Vec<Place>,
    /// Images that are built here, with whether the author named the image (K11, K12).
    pub(crate) built: Vec<(Place, bool)>,
    /// Empty and unset variables (S13), as `NAME (service)`.
    pub(crate) empty: Vec<Place>,
    /// Services with secret values of the environment from outside the Compose files (S7).
    pub(crate) outside: Vec<Place>,
}
