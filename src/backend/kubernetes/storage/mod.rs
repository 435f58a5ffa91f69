//! Volumes of pods and claims of the project: one file per subject.

pub(crate) mod access;
pub(crate) mod paths;
pub(crate) mod pod;

use super::object::Object;
use super::plan::Plan;
use crate::diag::Sink;

/// Makes claims and `PersistentVolumes` of volumes that selected services use (N61, N70, N83).
pub(crate) fn objects(_plan: &Plan<'_>, _sink: &mut Sink) -> Vec<Object> {
    Vec::new()
}
