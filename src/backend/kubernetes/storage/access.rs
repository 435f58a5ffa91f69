//! Access modes of claims, from all users of each (N63).

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::options::Options;
use crate::diag::Sink;
use crate::model::{Project, ServiceName};

/// Claims of the project.
#[derive(Default)]
pub(crate) struct Claims {
    /// Services that use a claim which one pod alone may mount: their update must stop the old pod first (K32).
    pub(crate) single_writers: BTreeSet<ServiceName>,
}

/// Decides access modes.
pub(crate) fn of_volumes<'a>(
    _project: &'a Project,
    _options: &Options,
    _kinds: &BTreeMap<&'a ServiceName, WorkloadKind>,
    _sink: &mut Sink,
) -> Claims {
    Claims::default()
}
