//! Workload objects of the selected services, Jobs in order of dependency (N146, step 7).

use super::content::Contents;
use super::object::Object;
use super::plan::Plan;
use crate::diag::Sink;

/// Makes the workloads, and the accounts of those that wait for Jobs.
pub(crate) fn workloads(_plan: &Plan<'_>, _contents: &Contents<'_>, _sink: &mut Sink) -> Vec<Object> {
    Vec::new()
}
