//! Services: `S`, `S-published`, aliases, `S-ready` (N21 to N31, K61).

use std::collections::BTreeSet;

use super::object::Object;
use super::plan::{Facts, Plan};
use crate::diag::Sink;
use crate::model::ServiceName;

/// Makes all Services of selected services. `waited_by_name`: those whose readiness others look up by name; they need
/// `S-ready` (K61).
pub(crate) fn services(
    _plan: &Plan<'_>,
    _waited_by_name: &BTreeSet<&ServiceName>,
    _sink: &mut Sink,
) -> Vec<Object> {
    Vec::new()
}

/// Tells whether a connection to `S` proves that a pod is ready: it has an address of its own, ports, and hides pods
/// that are not ready (K61, N21, N29).
pub(crate) fn hides_unready_pods(facts: &Facts<'_>) -> bool {
    !facts.shape.headless && !facts.shape.unready_too
}
