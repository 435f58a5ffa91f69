//! Network policies, and the labels of pods that they and shared aliases select by (N31, N40 to N48).

use super::labels::Labels;
use super::object::Object;
use super::options::Options;
use super::plan::{Facts, Plan, Pod};
use crate::diag::Sink;
use crate::model::Project;

/// Decides whether policies are written (N40).
pub(crate) fn wanted(_project: &Project, _options: &Options, _sink: &mut Sink) -> bool {
    false
}

/// Makes the policies. `waits_for_jobs`: services whose pods ask the API server (K63).
pub(crate) fn policies(_plan: &Plan<'_>, _waits_for_jobs: &[&Facts<'_>], _sink: &mut Sink) -> Vec<Object> {
    Vec::new()
}

/// Returns the labels that pods carry beside N10's four: `rcompose/network.*`, `rcompose/alias.*`.
pub(crate) fn pod_labels(_plan: &Plan<'_>, _pod: &Pod<'_, '_>) -> Labels {
    Labels::new()
}

/// Tells whether two services have a network in common, so that policies let one reach the other (K61).
pub(crate) fn share_a_network(_plan: &Plan<'_>, _one: &Facts<'_>, _other: &Facts<'_>) -> bool {
    true
}
